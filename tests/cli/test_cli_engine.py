"""The evaluators on the command line: the same answer from either, and clear words where the
columnar one cannot go on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tosrules.cli.judging import LARGE, Request, engine_for

ROOT = Path(__file__).resolve().parents[2]
TRACE = ROOT / "examples" / "massroot8" / "trace.json"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tosrules", "check", str(TRACE), "--rules", "core"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=ROOT)


def request(*traces: str, engine: str = "auto") -> Request:
    return Request(
        traces=traces,
        rules=("core",),
        settings={},
        select=(),
        ignore=(),
        jurisdictions=(),
        zone=None,
        observed=None,
        skip_invalid=False,
        allow_empty=False,
        trace_format=None,
        engine=engine,
        all=False,
        quiet=True,
    )


def test_both_engines_write_the_same_result_but_for_the_engines_name() -> None:
    results = []
    for engine in ("reference", "duckdb"):
        done = run("--select", "no-*-collection", "--engine", engine, "--format", "json")
        assert done.returncode == 1, done.stderr
        result = json.loads(done.stdout)
        assert result["run"].pop("engine") == engine
        result["run"].pop("time")
        result.pop("sha256")  # over all of it, the name of the engine too
        results.append(result)
    assert results[0] == results[1]


def test_auto_goes_by_size(tmp_path: Path) -> None:
    small, large = tmp_path / "small.jsonl", tmp_path / "large.jsonl"
    small.write_bytes(b"{}\n")
    with large.open("wb") as file:
        file.truncate(LARGE + 1)
    assert engine_for(request(str(small))) == "reference"
    assert engine_for(request(str(large))) == "duckdb"
    assert engine_for(request(str(small), engine="duckdb")) == "duckdb"
    assert engine_for(request("-")) == "reference"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--memory-limit", "plenty"), "--memory-limit: `plenty` is no amount of memory"),
        (("--memory-limit", "1MB"), "--memory-limit"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_told(arguments: tuple[str, ...], said: str) -> None:
    done = run("--engine", "duckdb", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_plan_is_printed_and_nothing_judged() -> None:
    done = run("--select", "no-fake-engagement", "--explain-plan")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ev: the events, of ")
    assert "finding" not in done.stderr
    assert "table ev" in done.stdout
