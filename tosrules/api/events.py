"""Events that a program gives as Python values, written as the trace that a file would hold.

They go through the same reader as a file, so that nothing is accepted here that is refused
there; only their places are told as `events[3]`, not by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from tosrules.record import replace
from tosrules.trace.problems import TraceError, TraceProblem, quoted
from tosrules.trace.reading import VERSION
from tosrules.trace.strict import DEPTH

EVENTS = "events"
"""What the input is called in places."""

_HUGE = "1e99"
"""Stands for an integer that is refused for its size, and would take long to write."""


def written(given: Iterable[object] | Mapping[str, object]) -> str:
    """The JSON of a whole trace, or of a trace with these events. Raises TraceError."""
    if isinstance(given, Mapping):
        return _json(given, None, "", 0)
    events = (_json(event, index, "", 1) for index, event in enumerate(given))
    return f'{{"trace": "{VERSION}", "events": [' + ",\n".join(events) + "]}"


def unplaced(error: TraceError) -> TraceError:
    """The same problems, without the lines of the text in between."""
    problems = []
    for problem in error.problems:
        inside = problem.file == "-"
        other = problem.other
        if other is not None:
            other = replace(other, file=EVENTS, line=None)
        problems.append(
            replace(problem, file=EVENTS, line=None, column=None, other=other)
            if inside
            else problem
        )
    same = TraceError(problems)
    same.more = error.more
    return same


def _json(value: object, index: int | None, name: str, depth: int) -> str:
    """`value` as JSON text. Numbers keep every digit; times and durations become text."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(str.__str__(value))
    if isinstance(value, int):
        return int.__repr__(value) if value.bit_length() < 256 else _HUGE
    if isinstance(value, float):
        return json.dumps(float(value))
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else "NaN"
    if isinstance(value, datetime | date):
        return json.dumps(value.isoformat())
    if isinstance(value, timedelta):
        return f'"{value // timedelta(microseconds=1)} microseconds"'
    if isinstance(value, Mapping | list | tuple):
        if depth > DEPTH + 2:
            raise _problem(
                "trace-too-deep",
                f"objects and lists are nested more than {DEPTH} deep",
                "",
                index,
            )
        if isinstance(value, Mapping):
            return _object(value, index, name, depth)
        parts = (
            _json(part, i if depth == 1 and name == "events" else index, name, depth + 1)
            for i, part in enumerate(value)
        )
        return f"[{', '.join(parts)}]"
    raise _problem(
        "trace-ill-typed",
        f"{quoted(name) if name else 'the event'} is a Python {quoted(type(value).__name__)}, "
        "which a trace cannot hold",
        "give text, a number, true or false, a time, a list, or an object of these",
        index,
    )


def _object(value: Mapping[object, object], index: int | None, name: str, depth: int) -> str:
    parts = []
    for key, inner in value.items():
        if not isinstance(key, str):
            raise _problem(
                "trace-ill-typed",
                f"a name of {quoted(name) if name else 'the event'} must be text, not a Python "
                f"{quoted(type(key).__name__)}",
                "",
                index,
            )
        whole = f"{name}.{key}" if name else key
        parts.append(f"{json.dumps(key)}: {_json(inner, index, whole, depth + 1)}")
    return f"{{{', '.join(parts)}}}"


def _problem(code: str, message: str, help: str, index: int | None) -> TraceError:
    return TraceError([TraceProblem(code, message, help, EVENTS, index=index)])
