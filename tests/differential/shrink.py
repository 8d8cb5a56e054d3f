"""Making a case smaller while what is wrong with it stays.

Rules are shrunk on their syntax: every declaration, item and condition is left out in turn, and
what the checker then refuses is put back. Traces are shrunk by lines and by attributes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.differential.case import Case
from tosrules.language import syntax as s
from tosrules.language.parser import parse
from tosrules.language.printer import format_file
from tosrules.record import Record, replace

Rebuilt = Callable[[Any], Any]
Fails = Callable[[Case], bool]
"""Whether what was wrong is still wrong; False too if the case cannot be run any more."""


def shrunk(case: Case, fails: Fails, patience: int = 2000) -> Case:
    """The smallest case found in at most `patience` tries."""
    left = [patience]

    def still(other: Case) -> bool:
        if left[0] <= 0 or other == case:
            return False
        left[0] -= 1
        return fails(other)

    while True:
        smaller = _trace(case, still)
        smaller = _rules(smaller, still)
        if smaller == case or left[0] <= 0:
            return smaller
        case = smaller


# ---- traces -------------------------------------------------------------------------------------


def _trace(case: Case, still: Fails) -> Case:
    lines = case.trace.splitlines(keepends=True)
    size = len(lines)
    while size:
        place = 0
        while place < len(lines):
            fewer = lines[:place] + lines[place + size :]
            if still(case.with_trace(fewer)):
                lines = fewer
            else:
                place += size
        size //= 2
    for place in range(len(lines)):
        for name in list(json.loads(lines[place])):
            record = json.loads(lines[place])
            del record[name]
            less = [*lines[:place], _line(record), *lines[place + 1 :]]
            if still(case.with_trace(less)):
                lines = less
    return case.with_trace(lines)


def _line(record: Any) -> bytes:
    return (json.dumps(record, ensure_ascii=False) + "\n").encode()


# ---- rules --------------------------------------------------------------------------------------


def _rules(case: Case, still: Fails) -> Case:
    """Tries what is outermost first, and goes on from every success."""
    parsed = parse(case.rules, "rules.tos")
    assert not parsed.diagnostics, "the rules of a case can be parsed"
    file = parsed.file
    place = 0
    while True:
        candidates = list(_smaller(file))
        for at in range(place, len(candidates)):
            text = _written(candidates[at])
            if text is None:
                continue
            other = Case(text, case.trace, case.name)
            if still(other):
                case, file, place = other, candidates[at], at
                break
        else:
            return case


def _written(file: s.File) -> str | None:
    """The text; None if something is left out without which there is none."""
    try:
        return format_file(file)
    except (AttributeError, IndexError, AssertionError):
        return None


def _smaller(record: Any) -> Iterator[Any]:
    """The record with one thing less, the largest things first."""
    waiting: list[tuple[Record, Rebuilt]] = [(record, lambda x: x)]
    while waiting:
        deeper: list[tuple[Record, Rebuilt]] = []
        for found, rebuilt in waiting:
            for other in _without_a_part(found):
                yield rebuilt(other)
            deeper += _inside(found, rebuilt)
        waiting = deeper


def _inside(record: Record, rebuilt: Rebuilt) -> Iterator[tuple[Record, Rebuilt]]:
    """What stands directly inside, and how to put another in its place."""

    def put(name: str, place: int | None) -> Rebuilt:
        def rebuild(other: Any) -> Any:
            inner = getattr(record, name)
            if place is not None:
                other = (*inner[:place], other, *inner[place + 1 :])
            return rebuilt(replace(record, **{name: other}))

        return rebuild

    for name in record.field_names:
        inner = getattr(record, name)
        if isinstance(inner, Record):
            yield inner, put(name, None)
        elif isinstance(inner, tuple):
            for place, item in enumerate(inner):
                if isinstance(item, Record):
                    yield item, put(name, place)


def _without_a_part(record: Record) -> Iterator[Record]:
    match record:
        case s.And() | s.Or():
            yield from record.operands
        case s.Not():
            yield record.operand
        case s.Parenthesised() if not isinstance(record.inner, s.And | s.Or | s.Not):
            yield record.inner
        case s.Arithmetic():
            yield record.left
            yield record.right
        case s.Choice():
            yield from record.operands
        case s.Duration() if (record.amount, record.unit) != ("10", "minute"):
            yield s.Duration("10", "minute")
        case s.Number() if record.text != "1":
            yield s.Number("1")
    for name in record.field_names:
        inner = getattr(record, name)
        if isinstance(inner, tuple):
            for place in range(len(inner)):
                yield replace(record, **{name: (*inner[:place], *inner[place + 1 :])})
        elif inner is not None and type(record).__annotations__[name].endswith("| None"):
            yield replace(record, **{name: None})
