"""Text from a trace or a stranger's rules, made unable to act on a terminal."""

from __future__ import annotations

import unicodedata

# Control, format (bidirectional overrides, zero-width), surrogates, private use, unassigned,
# line and paragraph separators.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """`text` with every character that acts or hides written as `\\u{1b}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{{{ord(char):x}}}" if unicodedata.category(char) in _ACTING else char for char in text
    )


def columns(text: str) -> int:
    """Columns that `text` takes on a terminal: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me")
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )
