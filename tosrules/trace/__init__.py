"""Traces: recorded events with exact provenance, read from the formats that people have.

`read_traces` is loaded when it is first asked for: importing this package alone is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tosrules.trace.problems import TraceError, TraceProblem, describe
    from tosrules.trace.read import read_traces
    from tosrules.trace.trace import Note, Trace, TraceFile

__all__ = [
    "Note",
    "Trace",
    "TraceError",
    "TraceFile",
    "TraceProblem",
    "describe",
    "read_traces",
]

_HOMES = {
    "Note": "trace",
    "Trace": "trace",
    "TraceError": "problems",
    "TraceFile": "trace",
    "TraceProblem": "problems",
    "describe": "problems",
    "read_traces": "read",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)
