"""What is wrong with a trace: problems as data, and how they are said to a reader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from tosrules.quoting import nearest, printable, quoted
from tosrules.record import Record, replace
from tosrules.trace.event import Origin

__all__ = [
    "SHOWN", "Refused", "Scope", "TraceError", "TraceProblem", "describe", "nearest", "printable",
    "quoted",
]  # fmt: skip

Scope = Literal["record", "rest", "file"]

SHOWN = 20
"""Problems that one error carries; the others are counted."""


class TraceProblem(Record):
    """One thing that is wrong with the input. Never holds the value of a secret attribute."""

    code: str
    """Stable, `trace-…`."""
    message: str
    """One sentence, lower case, user input in backticks, safe to print."""
    help: str = ""
    """The mend, or empty."""
    file: str = ""
    """As in `Origin.file`; an input that is no file, as the user wrote it; may be empty."""
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based, in code points."""
    index: int | None = None
    """0-based position in the file's list of records."""
    other: Origin | None = None
    """The second place of a problem that has two (an id conflict)."""
    scope: Scope = "file"
    """What is lost: `record`, only this record (can be skipped); `rest`, everything from here
    to the end of the file (can be skipped); `file`, nothing can be made of it."""


class TraceError(Exception):
    """The input cannot be used. `problems` are the first SHOWN, `more` counts the others."""

    def __init__(self, problems: Iterable[TraceProblem]) -> None:
        every = tuple(problems)
        self.problems: tuple[TraceProblem, ...] = every[:SHOWN]
        self.more: int = len(every) - len(self.problems)
        super().__init__(every[0].message if every else "the trace cannot be read")

    def __str__(self) -> str:
        text = "\n".join(describe(problem) for problem in self.problems)
        return f"{text}\n… and {self.more} more" if self.more else text


class Refused(Exception):
    """Carries one problem from where it is found to where it is collected (internal)."""

    def __init__(self, problem: TraceProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem

    def at(self, line: int, column: int | None = None) -> Refused:
        """The same problem with its place."""
        return Refused(replace(self.problem, line=line, column=column))


def describe(problem: TraceProblem) -> str:
    """The problem as lines of text: `file:line:col: error[code]: message`, then its help."""
    place = printable(problem.file, 200)
    if problem.line is not None:
        place += f":{problem.line}"
        if problem.column is not None:
            place += f":{problem.column}"
    elif problem.index is not None:
        place += f"[{problem.index}]"
    lines = [f"{place}: " if place else ""]
    lines[0] += f"error[{problem.code}]: {problem.message}"
    if problem.other is not None:
        lines.append(f"  also: {printable(str(problem.other), 200)}")
    if problem.help:
        lines.append(f"  help: {problem.help}")
    return "\n".join(lines)
