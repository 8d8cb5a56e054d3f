"""Rule files changed at random: whatever is wrong with them is said, never raised."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rules import BAD, GOOD, place_is_in_text
from tests.thorough import times
from tosrules.language.diagnostics import render
from tosrules.language.load import Loaded, load

TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[\w.-]+\.\*|[\w.-]+|\s+|.')
WORDS = (
    "actor", "account", "time", "kind", "purposes", "items", "count", "gap", "event", "ask", "use",
    "barred", "acts_for", "automated", "burst", "text", "number", "list of text", "party", "any of",
    "not", "and", "or", "then", "within", "later", "without", "per", "with", "where", "in", "=",
    "!=", "<", "/", "+", "3", "2.5", "0", "30 days", "1 month", '"x"', "true", "2020-06-01",
    "2020-06-01T00:00:00Z", "api.call", "engagement.*", "core/no-fake-engagement", "{", "}", "(",
    ")", ",", "stddev(gap)", "sum(items)", "same rules as odd", "severity", "forbid api.call",
)  # fmt: skip


@cache
def texts() -> list[str]:
    """All rule files of the fixtures, the wrong ones too."""
    files = [*GOOD.glob("*.tos"), *BAD.glob("*.tos")]
    return [f.read_bytes().decode("utf-8", "replace") for f in sorted(files)]


@st.composite
def changed(draw: st.DrawFn) -> str:
    """A rule file with tokens or whole declarations left out, doubled, swapped or replaced."""
    text = draw(st.sampled_from(texts()))
    if draw(st.booleans()):
        other = draw(st.sampled_from(texts()))
        text += "\n" + other.partition("\n")[2]
    parts = re.split(r"(?m)^(?=\w)", text) if draw(st.integers(0, 3)) == 0 else TOKEN.findall(text)
    for _ in range(draw(st.integers(1, 4))):
        if len(parts) < 2:
            break
        at, to = draw(st.integers(0, len(parts) - 1)), draw(st.integers(0, len(parts) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "move", "word"])):
            case "drop":
                del parts[at]
            case "double":
                parts.insert(at, parts[at])
            case "swap":
                parts[at], parts[to] = parts[to], parts[at]
            case "move":
                parts.insert(to, parts[at])
            case _:
                parts[at] = f" {draw(st.sampled_from(WORDS))} "
    return "".join(parts)


def load_text(text: str, values: dict[str, str] | None = None) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.tos"
        path.write_text(text, encoding="utf-8")
        return load([str(path)], settings=values or {})


def check(found: Loaded) -> None:
    assert (found.policy is None) == bool(found.diagnostics)
    for diagnostic in found.diagnostics:
        assert diagnostic.span.file
        assert place_is_in_text(diagnostic, found.texts), diagnostic
        assert diagnostic.message.strip()
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", diagnostic.code)
        assert f"[{diagnostic.code}]" in render(diagnostic, found.texts)


@settings(max_examples=times(150))
@given(changed())
def test_a_changed_file_is_read_or_answered(text: str) -> None:
    check(load_text(text))


@settings(max_examples=times(60))
@given(st.sampled_from(["burst", "grace", "window", "x/burst", "brust", ""]), st.text(max_size=30))
def test_settings_are_read_or_answered(name: str, value: str) -> None:
    text = (GOOD / "settings.tos").read_text(encoding="utf-8")
    check(load_text(text, {name: value}))
