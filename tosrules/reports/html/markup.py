"""Text of a trace or of a stranger's rules as markup that shows everything and does nothing.

Whatever a template puts in passes `shown`, unless it is markup already: escaping cannot be
forgotten. Markup made here has no quotation marks, so that it could not even end an attribute.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

from tosrules.reports.safe import visible
from tosrules.result.values import cut

LONGEST = 2_000
"""Code points of any one text that is put in."""

_PLAIN = re.compile(r"[ -~]*")
_NAME = re.compile(r"`([^`<>\n]{1,200})`")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


@lru_cache(maxsize=65536)
def shown(text: str) -> Markup:
    """`text`, escaped; what acts or hides stands as a framed `\\u{202e}`, and what is written
    from right to left is kept from reordering what stands beside it."""
    if _PLAIN.fullmatch(text):
        return escape(text)
    return Markup("").join(_part(char_run) for char_run in _runs(text))


def value(text: str) -> Markup:
    """A whole value: it decides its own direction."""
    if _PLAIN.fullmatch(text):
        return shown(cut(text, LONGEST))
    parts = (_part(run, isolated=True) for run in _runs(cut(text, LONGEST)))
    return Markup("<bdi>{}</bdi>").format(Markup("").join(parts))


def plain(text: str) -> Markup:
    """For attributes, where markup has no place."""
    return escape(visible(cut(text, LONGEST)))


def output(said: object) -> Markup:
    """What a template puts in, made safe."""
    if isinstance(said, Markup):
        return said
    assert isinstance(said, str | int), f"a template puts in {said!r}"
    if not isinstance(said, str):
        return Markup(f"{said:,}")
    # Sentences of a result write names as `name`.
    return Markup(_NAME.sub(r"<code>\1</code>", shown(cut(said, LONGEST))))


def _runs(text: str) -> list[tuple[str, str]]:
    """`text` in parts of (kind, part): `acting` characters, `rtl` runs, and the `rest`."""
    runs: list[tuple[str, str]] = []
    for char in text:
        kind = _kind(char)
        if kind == "neutral":
            kind = runs[-1][0] if runs and runs[-1][0] == "rtl" else "rest"
        if runs and runs[-1][0] == kind != "acting":
            runs[-1] = (kind, runs[-1][1] + char)
        else:
            runs.append((kind, char))
    return runs


def _kind(char: str) -> str:
    if " " <= char <= "~":
        return "rest" if char.isalnum() else "neutral"
    if visible(char) != char:
        return "acting"
    direction = unicodedata.bidirectional(char)
    if direction in _RIGHT_TO_LEFT:
        return "rtl"
    return "rest" if direction == "L" else "neutral"


def _part(run: tuple[str, str], isolated: bool = False) -> Markup:
    kind, text = run
    if kind == "acting":
        return Markup("<code class=acting>{}</code>").format(visible(text))
    if kind == "rtl" and not isolated:
        kept = text.rstrip(" .,:;()[]")
        return Markup("<bdi>{}</bdi>{}").format(kept, text[len(kept) :])
    return escape(text)
