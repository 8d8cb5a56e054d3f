"""Syntax → text, in the one canonical layout of `tosrules fmt`.

All comments are kept, and the author's parentheses and single blank lines between items;
everything else follows from what is said alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.language import syntax as s
from tosrules.language import written as w
from tosrules.language.items import (
    change,
    clause_item,
    effective,
    end_of,
    events,
    expression,
    origin,
    overlay_item,
    pattern,
    start_of,
    test_item,
)
from tosrules.language.layout import (
    Doc,
    Group,
    Layout,
    Line,
    Part,
    Piece,
    flat,
    group,
    piece,
    prefixed,
    suffixed,
)
from tosrules.span import Span


def format_file(file: s.File) -> str:
    """The text of a file in canonical layout. Parsing it gives `file` again."""
    layout = Layout(file.comments)
    lines: list[Line] = []
    for node in [file.pack, *file.declarations]:
        if node is not None:
            lines += _declaration(node, layout)
    return layout.text(lines)


# ---- declarations -------------------------------------------------------------------------------


def _declaration(node: s.Node, layout: Layout) -> list[Line]:
    kind = type(node).__name__
    match node:
        case s.Common():
            return _block("common", node.span, node.span, _attributes(node.attributes), layout)
        case s.EventDeclaration():
            title = f" {w.text(node.title.value)}" if node.title is not None else ""
            head = f"event {node.path.text}{title}"
            if not node.attributes:
                return layout.item(piece(head, node.span), 0, "declaration", kind)
            last = node.title.span if node.title is not None else node.path.span
            return _block(head, node.span, last, _attributes(node.attributes), layout)
        case s.Source():
            plain = [_source_field(f, 0) for f in node.fields]
            width = max(
                (len(f.name) for f in node.fields if isinstance(f, s.SourceField)), default=0
            )
            wide = [_source_field(f, width) for f in node.fields]
            head = f"source {node.name.text}"
            return _short_block(head, node, node.name.span, plain, wide, layout)
        case s.Status() | s.Link():
            word = "status" if isinstance(node, s.Status) else "link"
            items = [change(i) for i in node.items]
            head = f"{word} {node.name.text}"
            return _short_block(head, node, node.name.span, items, items, layout)
        case s.Clause():
            head = f"clause {node.name.text} {w.text(node.title.value)}"
            items = [clause_item(i) for i in node.items]
            return _block(head, node.span, node.title.span, items, layout)
        case s.Overlay():
            head = f"overlay {w.expression(node.clause)} because {w.text(node.because.value)}"
            items = [overlay_item(i) for i in node.items]
            if len(items) == 1:
                return _short_block(head, node, node.because.span, items, items, layout)
            return _block(head, node.span, node.because.span, items, layout)
        case s.Test():
            items = [test_item(i) for i in node.items]
            head = f"test {w.text(node.title.value)}"
            return _block(head, node.span, node.title.span, items, layout)
        case s.List() if node.file is None:
            return _list(node, layout)
        case _:
            return layout.item(_line(node), 0, "declaration", kind)


def _block(
    head: str, span: Span, head_end: Span, items: Sequence[Doc], layout: Layout
) -> list[Line]:
    """A declaration with its items between braces, one a line."""
    end = end_of(head_end) if head_end is not span else start_of(span)
    kind = head.split()[0]
    opening = Line(0, head + " {", start_of(span), end, "declaration", kind)
    if not items and not layout.commented(_braces(opening, span)):
        return [opening._replace(text=head + " {}", end=end_of(span))]
    closing = Line(0, "}", (span.end_line, span.end_column - 1), end_of(span), closes=True)
    return [opening, *(line for item in items for line in layout.item(item, 2)), closing]


def _braces(opening: Line, span: Span) -> Doc:
    head = Piece("", opening.start, opening.end)
    return group([head, Piece("}", end_of(span), end_of(span))])


def _short_block(
    head: str,
    node: s.Node,
    head_end: Span,
    plain: Sequence[Doc],
    items: Sequence[Doc],
    layout: Layout,
) -> list[Line]:
    """A declaration whose items stand on its own line if they fit there."""
    opening = Piece(head + " {", start_of(node.span), end_of(head_end))
    closing = Piece("}", end_of(node.span), end_of(node.span))
    glues = ["", " ", *("  " for _ in plain[1:]), " "]
    one = Group(tuple(map(Part, (opening, *plain, closing), glues)))
    if plain and len(flat(one) or " " * 101) <= 100 and not layout.commented(one):
        return layout.item(one, 0, "declaration", head.split()[0])
    return _block(head, node.span, head_end, items, layout)


def _attributes(nodes: Sequence[s.AttributeDeclaration]) -> list[Doc]:
    """Attributes in columns."""
    words = ["has" if a.required else "may have" for a in nodes]
    first = max(map(len, words), default=0)
    second = max((len(a.path.text) for a in nodes), default=0)
    out: list[Doc] = []
    for word, a in zip(words, nodes, strict=True):
        marks = ("secret " if a.secret else "") + ("personal " if a.personal else "")
        kind = ("list of " if a.is_list else "") + a.type.text
        out.append(piece(f"{word:<{first}} {a.path.text:<{second}} {marks}{kind}", a.span))
    return out


def _source_field(node: s.SourceField | s.Effective, width: int) -> Doc:
    if isinstance(node, s.Effective):
        return effective(node)
    word = node.name
    if word == "unverified":
        word += " because"
    return piece(f"{word:<{width}} {w.expression(node.value)}", node.span)


def _list(node: s.List, layout: Layout) -> list[Line]:
    head = f"list {node.name.text} = ["
    if not node.items:
        return layout.item(piece(head + "]", node.span), 0, "declaration", "List")
    opening = Piece(head, start_of(node.span), end_of(node.name.span))
    items = [piece(w.expression(i) + ",", i.span) for i in node.items]
    closing = Piece("]", (node.span.end_line, node.span.end_column - 1), end_of(node.span))
    one = head + ", ".join(w.expression(i) for i in node.items) + "]"
    whole = Group((Part(opening, "", 0), *(Part(i) for i in items), Part(closing, "", 0)))
    if len(one) <= 100 and not layout.commented(whole):
        return layout.item(piece(one, node.span), 0, "declaration", "List")
    return layout.item(whole._replace(always=True), 0, "declaration", "List")


def _line(node: s.Node) -> Doc:
    """A declaration without braces."""
    match node:
        case s.Pack():
            title = f" {w.text(node.title.value)}" if node.title is not None else ""
            version = f" version {w.text(node.version.value)}" if node.version is not None else ""
            language = f" language {w.number(node.language.text)}" if node.language else ""
            return piece(f"pack {node.name.text}{title}{version}{language}", node.span)
        case s.Import() if node.file is not None:
            return piece(f"import {w.text(node.file.value)}", node.span)
        case s.Import(pack=s.Name() as name):
            version = f" version {w.text(node.version.value)}" if node.version is not None else ""
            return piece(f"import {name.text}{version}", node.span)
        case s.List(file=s.Text() as path):
            return piece(f"list {node.name.text} = from {w.text(path.value)}", node.span)
        case s.Calendar():
            holidays = f" except {node.holidays.text}" if node.holidays is not None else ""
            inside = f"weekdays{holidays} in {w.text(node.zone.value)}"
            return piece(f"calendar {node.name.text} {{ {inside} }}", node.span)
        case s.Param():
            head = f"param {node.name.text} = {w.expression(node.value)}"
            start = Piece(head, start_of(node.span), end_of(node.value.span))
            return group([start, origin(node.origin)])
        case s.Define():
            names = ", ".join(p.text for p in node.parameters)
            head = f"define {node.name.text}{f'({names})' if names else ''} ="
            last = node.parameters[-1] if node.parameters else node.name
            start = Piece(head, start_of(node.span), end_of(last.span))
            return group([start, expression(node.body)])
        case s.Events():
            doc = events(f"events {node.name.text} = ", node.events, None)
            return prefixed("", doc, start_of(node.span))
        case s.Signal():
            carried = None
            if node.carrying:
                docs: list[Doc] = [
                    piece(f"{c.name.text} = {c.value.text}", c.span) for c in node.carrying
                ]
                docs = [*(suffixed(d, ",") for d in docs[:-1]), docs[-1]]
                carried = prefixed("carrying ", group(docs))
            head = f"signal {node.name.text} = "
            return pattern(head, node.pattern, start_of(node.span), carried)
        case _:
            raise TypeError(f"no declaration: {type(node).__name__}")
