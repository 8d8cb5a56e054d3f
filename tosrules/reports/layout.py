"""Lines of a text report: wrapped, aligned, coloured only where that was asked for.

Whatever is put in passes `visible` on its way out; nothing else writes escape sequences.
"""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.reports.safe import columns, visible

STYLES = {
    "strong": "1",
    "faint": "2",
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "good": "32",
}
COLUMN = 30
"""Columns that text needs to be wrapped beside other cells; with less it goes below them."""
SHORT = 14
"""Text so short stands beside the cells wherever it fits."""
LABEL = 10
"""Columns of the labels at the left of a finding."""


class Page:
    """Collects the lines of one report."""

    def __init__(self, width: int, color: bool) -> None:
        self.width = max(40, width)
        self._color = color
        self._lines: list[str] = []

    def text(self) -> str:
        return "\n".join(self._lines).strip("\n") + "\n"

    def gap(self) -> None:
        """One empty line, never two."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def say(self, text: str, indent: int = 0, hanging: int | None = None, style: str = "") -> None:
        """A paragraph; lines after the first stand at `hanging`."""
        after = indent if hanging is None else hanging
        shown = visible(text)
        for place, line in enumerate(wrap(shown, self.width, indent, after)):
            self._put(" " * (indent if place == 0 else after), line, style)

    def labelled(self, label: str, text: str, indent: int = 2, style: str = "") -> None:
        """A paragraph with a label at its left."""
        start = indent + LABEL
        lines = wrap(visible(text), self.width, start, start)
        for place, line in enumerate(lines):
            head = label.ljust(LABEL) if place == 0 else " " * LABEL
            self._lines.append(
                (" " * indent + self._styled(head, "faint") + self._styled(line, style)).rstrip()
            )

    def heading(self, parts: Sequence[tuple[str, str]], hanging: int = 0) -> None:
        """One line of (text, style) two spaces apart, or several where they do not fit."""
        line, used = "", 0
        for text, style in parts:
            shown = visible(text)
            size = columns(shown)
            if used and used + 2 + size > self.width:
                self._lines.append(line.rstrip())
                line, used = " " * hanging, hanging
            elif used:
                line, used = line + "  ", used + 2
            # What no line holds alone goes on below; its last line takes what follows.
            *above, last = wrap(shown, self.width, used, hanging)
            for part in above:
                self._lines.append((line + self._styled(part, style)).rstrip())
                line, used = " " * hanging, hanging
            line += self._styled(last, style)
            used += columns(last)
        self._lines.append(line.rstrip())

    def row(
        self,
        cells: Sequence[tuple[str, int]],
        rest: str,
        indent: int,
        hang: int,
        style: str = "",
    ) -> None:
        """Cells padded to their widths, then `rest`: in a column of its own where there is room
        for one, else below, from the column `hang` on."""
        line = " " * indent
        for text, size in cells:
            shown = visible(text)
            line += shown + " " * max(0, size - columns(shown)) + "  "
        tail = visible(rest)
        start, size = columns(line), columns(tail)
        if size <= min(SHORT, self.width - start) or self.width - start >= COLUMN:
            lines = wrap(tail, self.width, start, start)
            self._lines.append(self._styled((line + lines[0]).rstrip(), style))
            self._lines.extend(" " * start + part for part in lines[1:])
            return
        self._lines.append(self._styled(line.rstrip(), style))
        self.say(rest, hang, style=style)

    def _put(self, indent: str, line: str, style: str) -> None:
        self._lines.append((indent + self._styled(line, style)).rstrip())

    def _styled(self, text: str, style: str) -> str:
        if not self._color or not style or not text.strip():
            return text
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def wrap(text: str, width: int, first: int, after: int) -> list[str]:
    """`text` in lines that fit between the indents and `width`; a word too long for any line is
    left whole, since a broken address is of no use to anybody."""
    lines: list[str] = []
    line, used = "", 0
    room = width - first
    for word in text.split(" "):
        size = columns(word)
        if line and used + 1 + size > room:
            lines.append(line)
            line, used, room = word, size, width - after
        elif line:
            line, used = f"{line} {word}", used + 1 + size
        else:
            line, used = word, size
    lines.append(line)
    return lines


def widest(texts: Sequence[str], limit: int) -> int:
    """Columns of the widest text, as a column's width, at most `limit`."""
    return min(limit, max((columns(visible(text)) for text in texts), default=0))
