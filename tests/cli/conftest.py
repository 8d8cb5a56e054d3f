"""Running commands in this process, and a small project to run them in."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tosrules.cli.main import run


class Ended(NamedTuple):
    status: int
    out: str
    err: str


RULES = """pack house "House rules" version "2"

source terms { title "House Terms" version "2020-01-01" }
param burst = 3 chosen because "the terms name no number"

clause no-burst "No bursts of likes" {
  cite terms section "3"
  severity medium
  forbid more than burst engagement.like per actor within 1 hour where automated = true
}
clause no-shouting "Nobody shouts" {
  cite terms section "4"
  severity low
  forbid content.publish where purpose = "shouting"
}

test "four are too many" {
  given 4 engagement.like every 1 minute from 2020-06-01T10:00:00Z { actor: "bot", automated: true }
  expect no-burst violated by "bot" with 1 finding severity medium
}
test "three are allowed" {
  given 3 engagement.like every 1 minute from 2020-06-01T10:00:00Z { actor: "bot", automated: true }
  expect no-burst clean
}
"""


def likes(number: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": f"e{n}",
            "time": f"2020-06-01T10:{n:02d}:00Z",
            "type": "engagement.like",
            "actor": "bot",
            "automated": True,
            **more,
        }
        for n in range(number)
    ]


def trace(events: list[dict[str, Any]]) -> str:
    return json.dumps({"trace": "tosrules-trace/1", "events": events}, indent=1)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with rules, a trace that breaks them, and a configuration; one works in it."""
    (tmp_path / "house.tos").write_text(RULES)
    (tmp_path / "trace.json").write_text(trace(likes(4)))
    (tmp_path / "tosrules.toml").write_text('rules = ["house.tos"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tosrules(capsys, monkeypatch) -> Callable[..., Ended]:
    """Runs a command as the script does, in this process."""

    def call(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = run(arguments)
        captured = capsys.readouterr()
        return Ended(status, captured.out, captured.err)

    return call
