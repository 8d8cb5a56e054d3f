"""Bytes of a rule file → text that may be parsed, or why not."""

from __future__ import annotations

import re
from typing import NamedTuple

from tosrules.language.diagnostics import Diagnostic
from tosrules.span import Span

MAX_BYTES = 4 * 1024 * 1024
"""The largest rule file read; the largest shipped one has some hundred lines."""
MAX_ERRORS = 20
"""More syntax errors of one file than this are not shown at once."""

# Controls, a carriage return on its own, marks that reorder what a reader sees, halves of
# surrogate pairs, and a byte order mark that is not the first character.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]|\r(?!\n)"
)
_NAMED = {
    "\x00": "a NUL character",
    "\r": "a carriage return without a line feed",
    "\x0c": "a form feed",
    "\x1b": "an escape character",
    "\ufeff": "a byte order mark",
}


class Read(NamedTuple):
    """The text to parse, what is wrong with its characters, and where those stood."""

    text: str
    errors: list[Diagnostic]
    stray: frozenset[int]


def read(data: str | bytes, file: str) -> Read | Diagnostic:
    """The text, as long as the original so that places hold, with what is wrong in it; or
    the one thing that keeps the file from being read at all. A leading byte order mark is
    dropped."""
    start = Span(file, 1, 1, 1, 1)
    if len(data) > MAX_BYTES:
        return Diagnostic(
            "file-too-large",
            f"this file is larger than {MAX_BYTES // 1024 // 1024} MB",
            start,
            "split the pack into several files; keep long lists in text files beside it",
        )
    found: list[Diagnostic] = []
    if isinstance(data, bytes):
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return Diagnostic(
                "not-utf-8", "this file is UTF-16, not UTF-8", start, "save it as UTF-8"
            )
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
            text = data.decode("utf-8", "replace")
            line = before.count("\n") + 1
            column = len(before) - (before.rfind("\n") + 1) + 1
            found.append(
                Diagnostic(
                    "not-utf-8",
                    f"the byte 0x{data[error.start]:02X} here is not UTF-8",
                    Span(file, line, column, line, column + 1),
                    "save the file as UTF-8",
                )
            )
    else:
        text = data
    text = text.removeprefix("\ufeff")
    stray = list(FORBIDDEN.finditer(text))
    if stray:
        found += _controls(text, stray, file)
        text = FORBIDDEN.sub(" ", text)
    return Read(text, found, frozenset(m.start() for m in stray))


def _controls(text: str, stray: list[re.Match[str]], file: str) -> list[Diagnostic]:
    found = []
    line, done, last = 1, 0, -1
    for match in stray:
        line += text.count("\n", done, match.start())
        done = match.start()
        if line == last:
            continue  # a line of rubbish is one mistake
        last = line
        column = done - (text.rfind("\n", 0, done) + 1) + 1
        character = match.group()
        code = ord(character)
        if code >= 0x2000 and character != "\ufeff":
            name = f"the hidden character U+{code:04X}"
            help = f"leave it out; where a text needs it, write `\\u{code:04x}`"
        else:
            name = _NAMED.get(character, f"the control character U+{code:04X}")
            help = "leave it out"
        found.append(
            Diagnostic(
                "control-character",
                f"{name} cannot stand in a rule file",
                Span(file, line, column, line, column + 1),
                help,
            )
        )
    return found
