"""Layout: pieces of text, where lines may break between them, and comments put back.

A `Piece` is never broken. A `Group` is written on one line if it fits and no comment stands
inside it; else each of its parts begins a line. Every piece knows where in the source it
came from, so that comments return to what they were said of.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from tosrules.language import syntax as s
from tosrules.span import Span

WIDTH = 100
Position: TypeAlias = tuple[int, int]


class Piece(NamedTuple):
    """Text that stays on one line, and the stretch of source that it says."""

    text: str
    start: Position
    end: Position


class Part(NamedTuple):
    """A part of a group: how it is joined to the part before it when on one line, and how
    far it is moved in when it begins a line."""

    doc: Doc
    glue: str = " "
    indent: int = 2


class Group(NamedTuple):
    """Parts on one line, or each on its own. `always` breaks in any case; with `fill`, lines
    are broken only where the next part no longer fits."""

    parts: tuple[Part, ...]
    always: bool = False
    fill: bool = False


Doc: TypeAlias = "Piece | Group"


class Line(NamedTuple):
    """A line of the output. `begins` says what begins here: `declaration`, `item` or
    nothing; `kind` tells declarations apart; `closes` a brace."""

    indent: int
    text: str
    start: Position
    end: Position
    begins: str = ""
    kind: str = ""
    closes: bool = False


def piece(text: str, span: Span) -> Piece:
    return Piece(text, (span.line, span.column), (span.end_line, span.end_column))


def group(
    docs: Iterable[Doc | None], indent: int = 2, always: bool = False, fill: bool = False
) -> Doc:
    """A group of the docs that are not None, each but the first moved in."""
    kept = [d for d in docs if d is not None]
    if len(kept) == 1:
        return kept[0]
    parts = (Part(kept[0], "", 0), *(Part(d, " ", indent) for d in kept[1:]))
    return Group(parts, always, fill)


def first(doc: Doc) -> Piece:
    while isinstance(doc, Group):
        doc = doc.parts[0].doc
    return doc


def last(doc: Doc) -> Piece:
    while isinstance(doc, Group):
        doc = doc.parts[-1].doc
    return doc


def prefixed(before: str, doc: Doc, start: Position | None = None) -> Doc:
    """`doc` with text before its first piece; `start` is where that text stands in the
    source."""
    if isinstance(doc, Piece):
        return doc._replace(text=before + doc.text, start=doc.start if start is None else start)
    head = doc.parts[0]
    changed = head._replace(doc=prefixed(before, head.doc, start))
    return doc._replace(parts=(changed, *doc.parts[1:]))


def suffixed(doc: Doc, after: str, end: Position | None = None) -> Doc:
    """`doc` with text after its last piece."""
    if isinstance(doc, Piece):
        return doc._replace(text=doc.text + after, end=doc.end if end is None else end)
    tail = doc.parts[-1]
    changed = tail._replace(doc=suffixed(tail.doc, after, end))
    return doc._replace(parts=(*doc.parts[:-1], changed))


def flat(doc: Doc) -> str | None:
    """The doc on one line; None where it must be broken."""
    if isinstance(doc, Piece):
        return doc.text
    if doc.always:
        return None
    out = ""
    for part in doc.parts:
        text = flat(part.doc)
        if text is None:
            return None
        out += part.glue + text
    return out


class Layout:
    """Lays out docs, breaking where comments stand."""

    def __init__(self, comments: tuple[s.Comment, ...]) -> None:
        self.comments = sorted(comments, key=lambda c: (c.span.line, c.span.column))
        self.places = [(c.span.line, c.span.column) for c in self.comments]

    def commented(self, doc: Doc) -> bool:
        """Whether a comment stands inside: after the first piece (one within it goes before
        the whole line) and before the end."""
        start, end = first(doc).end, last(doc).end
        return bisect_left(self.places, start) < bisect_left(self.places, end)

    def lines(self, doc: Doc, indent: int) -> list[Line]:
        """The lines of `doc`, the first of them at `indent`."""
        text = flat(doc)
        commented = self.commented(doc)
        fits = text is not None and indent + len(text) <= WIDTH and not commented
        if isinstance(doc, Piece) or fits:
            assert text is not None
            return [Line(indent, text, first(doc).start, last(doc).end)]
        out: list[Line] = []
        for part in doc.parts:
            lines = self.lines(part.doc, indent + part.indent)
            joined = out[-1].text + part.glue + lines[0].text if out else ""
            if (
                doc.fill and out and not commented and len(lines) == 1
                and out[-1].indent + len(joined) <= WIDTH
            ):  # fmt: skip
                out[-1] = out[-1]._replace(text=joined, end=lines[0].end)
            else:
                out += lines
        return out

    def item(self, doc: Doc, indent: int, begins: str = "item", kind: str = "") -> list[Line]:
        head, *rest = self.lines(doc, indent)
        return [head._replace(begins=begins, kind=kind), *rest]

    # ---- comments -----------------------------------------------------------------------------
    def text(self, lines: list[Line]) -> str:
        """The lines with the comments and blank lines between them."""
        own, trailing = self._placed(lines)
        out: list[str] = []
        previous = 0
        """The last source line of what was written last."""
        before: Line | None = None
        for i, line in enumerate([*lines, None]):
            gap_from = len(out)
            breaks = line is None or bool(line.begins) or line.closes
            level = 0 if line is None else line.indent + (2 if line.text[0] in "}])" else 0)
            opened = before is not None and before.text.endswith("{")
            for comment in own.get(i, []):
                if breaks and out and comment.span.line - previous > 1 and not opened:
                    out.append("")
                out.append(" " * level + comment.text)
                previous = comment.span.line
                opened = False
            if line is None:
                break
            blank = bool(line.begins) and out and line.start[0] - previous > 1 and not opened
            if blank and out[-1] != "":
                out.append("")
            apart = line.begins == "declaration" and i > 0 and not self._beside(lines, i)
            if apart and "" not in out[gap_from:]:
                out.insert(gap_from, "")
            shown = " " * line.indent + line.text
            previous = line.end[0]
            if i in trailing:
                shown += "  " + trailing[i].text
                previous = max(previous, trailing[i].span.line)
            out.append(shown)
            before = line
        return "\n".join(out) + "\n" if out else ""

    def _beside(self, lines: list[Line], i: int) -> bool:
        """Whether the declaration at `i` and the one before are one line each, of a kind."""
        alone = i + 1 == len(lines) or lines[i + 1].begins == "declaration"
        before = lines[i - 1]
        return alone and before.begins == "declaration" and before.kind == lines[i].kind

    def _placed(self, lines: list[Line]) -> tuple[dict[int, list[s.Comment]], dict[int, s.Comment]]:
        """Comments on lines of their own by the line they come before, and those at the end
        of a line by that line."""
        own: dict[int, list[s.Comment]] = {}
        trailing: dict[int, s.Comment] = {}
        starts = [line.start for line in lines]
        for comment, place in zip(self.comments, self.places, strict=True):
            at = bisect_right(starts, place) - 1
            if at >= 0 and place < lines[at].end:
                own.setdefault(at, []).append(comment)
            elif at < 0 or comment.own_line or at in trailing:
                own.setdefault(at + 1, []).append(comment)
            else:
                trailing[at] = comment
        return own, trailing
