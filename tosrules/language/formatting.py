"""`tosrules fmt` of one file: canonical layout, checked by parsing it again."""

from __future__ import annotations

from typing import NamedTuple

from tosrules.language.diagnostics import Diagnostic
from tosrules.language.parser import parse
from tosrules.language.printer import format_file


class Formatted(NamedTuple):
    """The formatted text; None where the file has syntax errors."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


class MeaningChanged(Exception):
    """The formatter would have changed what a file says: a defect of tosrules."""


def format_text(text: str | bytes, file: str) -> Formatted:
    """The text of a rule file in canonical layout.

    The result is parsed again and must say the same with the same comments, and formatting
    it again must change nothing; `MeaningChanged` is raised otherwise.
    """
    parsed = parse(text, file)
    if parsed.diagnostics:
        return Formatted(None, parsed.diagnostics)
    written = format_file(parsed.file)
    again = parse(written, file)
    if again.diagnostics or again.file != parsed.file:
        raise MeaningChanged(f"the layout of `{file}` would change what it says")
    if sorted(c.text for c in again.file.comments) != sorted(c.text for c in parsed.file.comments):
        raise MeaningChanged(f"the layout of `{file}` would lose a comment")
    if format_file(again.file) != written:
        raise MeaningChanged(f"the layout of `{file}` would change when it is laid out again")
    return Formatted(written, ())
