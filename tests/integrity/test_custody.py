"""The custody log: nothing in it can be changed without showing."""

from __future__ import annotations

import json

import pytest

from tosrules.integrity.custody import added, broken, told

SUMS = b"00  a\n"


def log() -> bytes:
    made = b""
    for number, who in enumerate(("A", "B", 'C "x"\n')):
        made = added(made, f"2026-11-2{number}T00:00:00Z", who, "had it", SUMS)
    return made


def test_a_sound_log():
    assert list(broken(log(), SUMS)) == []
    assert [who for _, who, _ in told(log())] == ["A", "B", 'C "x"\n']
    assert len(log().splitlines()) == 3
    assert [json.loads(line)["line"] for line in log().splitlines()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (lambda lines: [lines[0].replace(b'"A"', b'"Z"'), *lines[1:]], 2, "`previous`"),
        (lambda lines: lines[1:], 1, "`line`"),
        (lambda lines: [lines[0], lines[2]], 2, "`line`"),
        (lambda lines: [lines[1], lines[0], lines[2]], 1, "`line`"),
        (lambda lines: [*lines, b"{}"], 4, "the line"),
        (lambda lines: [*lines, b"[" * 100_000], 4, "the line"),
        (lambda _: [], 1, "the log"),
    ],
)
def test_a_change_shows(change, line, what):
    lines = change(log().splitlines())
    changed = b"".join(each + b"\n" for each in lines)
    first = next(broken(changed, SUMS))
    assert first[:2] == (line, what)


def test_it_is_about_one_bundle():
    assert [what for _, what, _, _ in broken(log(), b"11  a\n")] == ["`sums`"] * 3


def test_a_line_that_was_cut():
    assert next(broken(log()[:-5], SUMS))[1] == "the end of the log"
