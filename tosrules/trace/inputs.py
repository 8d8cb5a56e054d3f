"""Which files the user means: files, folders, globs and standard input, each read once."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from tosrules.late import pattern
from tosrules.record import Record
from tosrules.trace.problems import TraceProblem, quoted
from tosrules.trace.trace import Note

STDIN = "-"

_TRACE_NAME = pattern(
    r".+\.(?:json|jsonl|ndjson|csv|har|log)(?:[.-]\d+)?(?:\.gz|\.zst)?|.+\.parquet",
    re.I | re.A | re.S,  # a name may have line breaks
)
_NAMED = 5
"""Files that a note names; the others are counted."""


class InputFile(Record):
    """One file to read."""

    path: str
    """To open it; `-` for standard input."""
    name: str
    """For people and for the order: relative to the inputs' common folder."""
    opened: Callable[[], BinaryIO] | None = None
    """Gives its bytes, where they do not lie in a file of their own."""


class Inputs:
    def __init__(self, files: Iterable[InputFile] = ()) -> None:
        self.files: list[InputFile] = list(files)
        """By code points of their names."""
        self.notes: list[Note] = []
        self.problems: list[TraceProblem] = []


def resolve(inputs: Sequence[str]) -> Inputs:
    """The files that `inputs` name. The order of `inputs` changes nothing.

    A folder gives the files below it whose names end like a trace's (`.json`, `.jsonl`,
    `.ndjson`, `.csv`, `.parquet`, `.har`, `.log`, also rotated or with `.gz` or `.zst`),
    without links and hidden files; what it passes over is noted.
    """
    found = Inputs()
    paths: set[str] = set()
    folders: set[str] = set()
    if not inputs:
        found.problems.append(TraceProblem("trace-no-input", "no trace is named"))
    for given in sorted(set(inputs)):
        if given == STDIN:
            found.files.append(InputFile(STDIN, STDIN))
            continue
        try:
            named = _named(given)
            odd = [path for path in named if not _add(path, given, paths, folders, found)]
            if odd and odd != [given]:
                whole = [os.path.abspath(path) for path in odd]
                found.notes += _ignored(os.path.dirname(whole[0]), whole)
            elif odd:
                found.problems.append(_not_a_file(given))
        except (OSError, ValueError) as error:
            found.problems.append(_unreadable(given, error))
    names = _relative(_once(paths, found), folders)
    found.files.extend(InputFile(path, name) for path, name in names.items())
    found.files.sort(key=lambda file: file.name)
    return found


def visible_name(path: str) -> str:
    """A path as text that can be written as UTF-8; bytes that are none become `\\xff`."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = path.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def _named(given: str) -> list[str]:
    """The paths of one input; several for a glob."""
    if os.path.lexists(given):
        return [given]
    import glob  # few runs name one

    if not glob.has_magic(given):
        return [given]
    matched = sorted(glob.glob(given, recursive=True))
    if not matched:
        raise FileNotFoundError
    return matched


def _add(path: str, given: str, paths: set[str], folders: set[str], found: Inputs) -> bool:
    """Adds a file, or the traces of a folder; False if the path is neither."""
    mode = os.stat(path).st_mode
    whole = os.path.abspath(path)
    if stat.S_ISDIR(mode):
        below, ignored = _below(whole)
        if below:
            paths.update(below)
            folders.add(whole)
        else:
            found.problems.append(
                TraceProblem(
                    "trace-no-file",
                    f"no trace is in the folder {quoted(given, 200)}",
                    "traces end in `.json`, `.jsonl`, `.ndjson`, `.csv`, `.har` or `.log`, each "
                    "also with `.gz` or `.zst`, or in `.parquet`; name a file to read it whatever "
                    "its ending",
                    visible_name(given),
                )
            )
        found.notes += _ignored(whole, ignored)
    elif stat.S_ISREG(mode):
        with open(path, "rb"):
            pass  # so that a file that may not be read is told with the others
        paths.add(whole)
        folders.add(os.path.dirname(whole))
    else:
        return False
    return True


def _not_a_file(given: str) -> TraceProblem:
    return TraceProblem(
        "trace-not-a-file",
        f"{quoted(visible_name(given), 200)} is neither a file nor a folder",
        "a pipe or a device is read from standard input: name it `-`",
        visible_name(given),
    )


def _below(folder: str) -> tuple[list[str], list[str]]:
    """(traces below a folder, other files that were passed over)."""
    traces, ignored = [], []

    def fail(error: OSError) -> None:
        raise error

    for place, inner, names in os.walk(folder, onerror=fail):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in list(inner):
            path = os.path.join(place, name)
            if os.path.islink(path):
                ignored.append(path)
                inner.remove(name)
        for name in names:
            path = os.path.join(place, name)
            regular = stat.S_ISREG(os.lstat(path).st_mode)
            if regular and _TRACE_NAME.fullmatch(name) and not name.startswith("."):
                traces.append(path)
            else:
                ignored.append(path)
    return sorted(traces), sorted(ignored)


def _once(paths: set[str], found: Inputs) -> list[str]:
    """The paths without other names of the same file: the one with the fewest parts stays, of
    these the least."""
    kept: dict[tuple[int, int], str] = {}
    other: list[tuple[str, str]] = []
    for path in sorted(paths, key=lambda path: (path.count(os.sep), path)):
        try:
            status = os.stat(path)
        except OSError as error:
            found.problems.append(_unreadable(path, error))
            continue
        first = kept.setdefault((status.st_dev, status.st_ino), path)
        if first != path:
            other.append((path, first))
    if other:
        said = "; ".join(_alias(path, first) for path, first in other[:_NAMED])
        more = f"; and {len(other) - _NAMED} more" if len(other) > _NAMED else ""
        found.notes.append(
            Note("note-same-file", f"Files named twice were read once: {said}{more}.")
        )
    return sorted(kept.values())


def _relative(paths: Iterable[str], folders: set[str]) -> dict[str, str]:
    """Path → name relative to the common folder of the inputs, `/` between parts."""
    listed = list(paths)
    try:
        common = os.path.commonpath(folders) if folders else ""
    except ValueError:  # on two drives there is none
        return {path: visible_name(path.replace(os.sep, "/")) for path in listed}
    return {
        path: visible_name(os.path.relpath(path, common).replace(os.sep, "/")) for path in listed
    }


def _ignored(folder: str, ignored: list[str]) -> list[Note]:
    """A note of files in a folder that were not read, but for those nobody takes for traces."""
    ignored = [path for path in ignored if not _obvious(os.path.basename(path))]
    if not ignored:
        return []
    shown = ", ".join(
        quoted(visible_name(os.path.relpath(path, folder)), 100) for path in ignored[:_NAMED]
    )
    more = f" and {len(ignored) - _NAMED} more" if len(ignored) > _NAMED else ""
    return [Note("note-ignored-files", f"In {_short(folder)} these were not read: {shown}{more}.")]


def _obvious(name: str) -> bool:
    """Rules, settings and what is written for people: `rules.tos`, `tosrules.toml`, `README.md`."""
    return name.lower().endswith((".tos", ".toml", ".md")) or name in ("LICENSE", "NOTICE")


def _alias(path: str, first: str) -> str:
    common = os.path.commonpath([path, first])
    names = [quoted(visible_name(os.path.relpath(name, common)), 100) for name in (path, first)]
    return f"{names[0]} is {names[1]}"


def _short(path: str) -> str:
    return quoted(visible_name(os.path.basename(path) or path), 100)


def _unreadable(given: str, error: OSError | ValueError) -> TraceProblem:
    import glob

    name = quoted(visible_name(given), 200)
    code, help = "trace-unreadable", ""
    if isinstance(error, FileNotFoundError):
        code, message = "trace-no-file", f"there is no {name}"
        if glob.has_magic(given):
            message = f"no file matches {name}"
    elif isinstance(error, PermissionError):
        message = f"{name} may not be read by this user"
    elif isinstance(error, ValueError):
        message = f"{name} cannot be the name of a file"
    else:
        reason = (error.strerror or "it gives no data").lower()
        message = f"{name} cannot be read: {reason}"
    return TraceProblem(code, message, help, visible_name(given))
