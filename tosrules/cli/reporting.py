"""Which reports a command writes and where, and the writing of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tosrules.cli.console import colored, width
from tosrules.cli.exits import Unusable
from tosrules.cli.files import put, writable
from tosrules.cli.settings import format_of, reports
from tosrules.record import Record
from tosrules.reports import BINARY, FORMATS, Options, rendered
from tosrules.result.model import Result

FORMAT_HELP = f"Report: {', '.join(FORMATS)}.  [default: text]"
WIDE = 100
"""Columns of a text report in a file."""


class Wanted(Record):
    """The reports of one command, known to be writable before anything is judged."""

    reports: tuple[tuple[str, str], ...]
    """(format, file); the file `-` is standard output."""
    all: bool
    quiet: bool
    """Of the main report, on the screen or in `output`; others are written whole."""
    color: str
    output: str = "-"
    """Where the main report goes."""

    @property
    def format(self) -> str:
        """Of the report on standard output; empty: there is none."""
        return next((name for name, file in self.reports if file == "-"), "")


def wanted(
    form: str | None,
    configured: str | None,
    others: Sequence[str],
    output: str | None,
    *,
    all: bool,
    quiet: bool,
    color: str,
) -> Wanted:
    """What `--format`, `--report` and `--output` ask for. Raises Unusable."""
    listed = reports(others)
    if output is not None or form is not None or not any(file == "-" for _, file in listed):
        listed.insert(0, (format_of(form or configured or "text"), output or "-"))
    files = [file for _, file in listed]
    for name, file in listed:
        if files.count(file) > 1:
            where = "standard output" if file == "-" else f"`{file}`"
            raise Unusable(f"two reports cannot both go to {where}", "name another file")
        if name in BINARY and file == "-" and sys.stdout.isatty():
            raise Unusable(
                f"{name} is binary, and standard output is a terminal",
                f"write it to a file with -o FILE or --report {name}=FILE",
            )
        writable(file)
    return Wanted(tuple(listed), all, quiet, color, output or "-")


def deliver(
    of: Wanted, result: Result, *, status: int | None = None, why: str = "", base: str = ""
) -> None:
    """Writes every report. Raises Unusable where a file takes no data."""
    for name, file in of.reports:
        screen = file == "-"
        options = Options(
            width=width() if screen else WIDE,
            color=screen and colored(of.color),
            all=of.all,
            quiet=of.quiet and (screen or file == of.output),
            closing="" if status is None else f"Exit status {status}: {why}.",
            status=status,
            why=why,
            base=base,
        )
        put(file, rendered(name, result, options))


def common_folder(traces: Sequence[str], names: Sequence[str]) -> str:
    """The folder that the names of traces are relative to, from the working folder; empty if it
    is the working folder, or cannot be told."""
    folders = []
    for given in traces:
        path = os.path.abspath(given)
        folders.append(path if os.path.isdir(path) else os.path.dirname(path))
    try:
        common = os.path.commonpath(folders)
    except ValueError:
        return ""
    if not all(os.path.isfile(os.path.join(common, name)) for name in names):
        return ""  # a glob over several folders, standard input
    found = os.path.relpath(common).replace(os.sep, "/")
    return "" if found == "." else found
