"""Reports: one file per format, all of the same result.

A format is a module with one function, `render(result, options) -> str | bytes`. It reads the
result and nothing else, so that a saved result can be rendered again, and several reports come
of one evaluation. Adding a format is adding a module and its line in `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from tosrules.record import Record
from tosrules.result.model import Result

FORMATS = {
    "text": "tosrules.reports.text",
    "json": "tosrules.reports.json",
    "html": "tosrules.reports.html",
    "jsonl": "tosrules.reports.jsonl",
    "csv": "tosrules.reports.csv",
    "markdown": "tosrules.reports.markdown",
    "sarif": "tosrules.reports.sarif",
    "junit": "tosrules.reports.junit",
    "github": "tosrules.reports.github",
    "parquet": "tosrules.reports.parquet",
}
"""Name of a format → its module, imported only when asked for."""

BINARY = frozenset({"parquet"})
"""Formats that are no text, and so nothing for a terminal."""


class Options(Record):
    """How a report is written. The first five are for people, the others for machine formats."""

    width: int = 80
    """Columns that a line may have."""
    color: bool = False
    all: bool = False
    """Every event of evidence, in place of the first and the last."""
    quiet: bool = False
    """The verdict and a line for each finding."""
    closing: str = ""
    """What a report for people ends with: what the exit status means."""
    status: int | None = None
    """The exit status of the run; None: it is not known, as where a saved result is rendered."""
    why: str = ""
    """What the exit status means."""
    base: str = ""
    """The folder that the names of traces are relative to, from the working folder, with `/`
    between parts: for readers that look at the files beside the report. Empty: not known, or
    the working folder."""


class Renderer(Protocol):
    def __call__(self, result: Result, options: Options) -> str | bytes: ...


def renderer(format: str) -> Renderer:
    """The function that renders a format of FORMATS."""
    return cast(Renderer, import_module(FORMATS[format]).render)


def rendered(format: str, result: Result, options: Options) -> bytes:
    """The report as bytes, text in UTF-8."""
    made = renderer(format)(result, options)
    return made.encode("utf-8", "backslashreplace") if isinstance(made, str) else made
