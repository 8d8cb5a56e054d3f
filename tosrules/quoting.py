"""User input inside messages: cut, harmless, and the known word that was meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def printable(text: str, limit: int = 60) -> str:
    """`text` cut to `limit` code points, with nothing in it that could act on a terminal.

    Control, format (bidirectional), separator, private and unassigned characters become
    `\\u{…}`; a backtick, which would end the quotation, too.
    """
    cut = text[: limit - 1] + "…" if len(text) > limit else text
    if cut.isascii() and cut.isprintable() and "`" not in cut:
        return cut
    return "".join(
        f"\\u{{{ord(char):x}}}" if char == "`" or unicodedata.category(char) in _ACTING else char
        for char in cut
    )


_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def quoted(text: str, limit: int = 60) -> str:
    """User input as it stands in a message: cut, harmless, in backticks."""
    return f"`{printable(text, limit)}`" if text else '`""`'


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None. Cheap for hostile input: long words are cut."""
    import difflib

    found = difflib.get_close_matches(word[:80], list(known), n=1, cutoff=0.6)
    return found[0] if found else None
