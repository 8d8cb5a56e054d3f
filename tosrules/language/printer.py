"""Syntax → text, in the one canonical layout of `tosrules fmt`.

All comments are kept, and the author's parentheses and single blank lines between items;
everything else follows from what is said alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.language import syntax as s
from tosrules.language import written as w
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
from tosrules.language.span import Span

HEAD_WIDTH = len("severity")
"""Citations, laws, severities and `binds` of a clause are written one under the other."""


def format_file(file: s.File) -> str:
    """The text of a file in canonical layout. Parsing it gives `file` again."""
    layout = Layout(file.comments)
    lines: list[Line] = []
    for node in [file.pack, *file.declarations]:
        if node is not None:
            lines += _declaration(node, layout)
    return layout.text(lines)


# ---- expressions and patterns -------------------------------------------------------------------


def _expression(node: s.Node) -> Doc:
    """An expression, breakable before `and` and `or` and inside parentheses."""
    match node:
        case s.Or() | s.And():
            word = "or " if isinstance(node, s.Or) else "and "
            head, *rest = (_expression(o) for o in node.operands)
            parts = (Part(head, "", 0), *(Part(prefixed(word, d), " ", 0) for d in rest))
            return Group(parts)
        case s.Parenthesised() if isinstance(node.inner, s.Or | s.And):
            inner = _expression(node.inner)
            span = node.span
            opening = piece("(", span._replace(end_line=span.line, end_column=span.column + 1))
            closing = piece(
                ")", span._replace(line=span.end_line, column=max(0, span.end_column - 1))
            )
            return Group((Part(opening, "", 0), Part(inner, "", 2), Part(closing, "", 0)))
        case s.Not():
            start = (node.span.line, node.span.column)
            return prefixed("not ", _expression(node.operand), start)
        case _:
            return piece(w.expression(node), node.span)


def _condition(word: str, node: s.Node | None) -> Doc | None:
    if node is None:
        return None
    doc = _expression(node)
    if isinstance(doc, Group) and isinstance(node, s.Or | s.And):
        # Further operands stand two columns in from the word that begins the condition.
        head, *rest = doc.parts
        doc = doc._replace(parts=(head, *(p._replace(indent=2) for p in rest)))
    return prefixed(word + " ", doc)


def _events(before: str, node: s.EventSet, alias: s.Name | None) -> Doc:
    docs: list[Doc] = [piece(w.event_name(n), n.span) for n in node.names]
    docs = [docs[0], *(prefixed("or ", d) for d in docs[1:])]
    doc = prefixed(before, group(docs, fill=True))
    return doc if alias is None else suffixed(doc, f" as {alias.text}", _end(alias.span))


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _quantity(node: s.Quantity) -> str:
    bound = "at least" if node.at_least else "more than"
    threshold = node.threshold
    if isinstance(threshold, s.Scaled):
        count = f"{w.number(threshold.factor.text)} * {threshold.param.text}"
    else:
        count = w.expression(threshold)
    return f"{bound} {count}"


def _window(node: s.Window | None) -> Doc | None:
    if node is None:
        return None
    match node.reach:
        case s.Within():
            reach = f"within {w.expression(node.reach.duration)}"
        case s.Each():
            own = node.reach
            unit = own.unit if own.amount == "1" else w.amount(own.amount, own.unit)
            reach = f"each {unit} in {w.text(own.zone.value)}"
        case _:
            reach = "in total"
    return piece(f"per {w.keys(node.keys)} {reach}", node.span)


def _pattern(before: str, node: s.Pattern, start: tuple[int, int], tail: Doc | None = None) -> Doc:
    """A rule's pattern after `before`, which stands at `start`."""
    if node.quantity is None:
        head = _events(before, node.events, node.alias)
    elif node.quantity.distinct is None:
        head = _events(f"{before}{_quantity(node.quantity)} ", node.events, node.alias)
    else:
        distinct = node.quantity.distinct
        what = f"{before}{_quantity(node.quantity)} distinct {w.expression(distinct)}"
        events = _events("in ", node.events, node.alias)
        head = group([piece(what, distinct.span), events])
    head = prefixed("", head, start)
    counted = group([head, _window(node.window)])
    step = group([counted, _condition("where", node.where), _condition("with", node.having)])
    thens = [_then(t) for t in node.then]
    return group([step, *thens, tail], always=bool(thens))


def _then(node: s.Then) -> Doc:
    reach = "later" if node.within is None else f"within {w.expression(node.within)}"
    end = _end(node.within.span) if node.within is not None else None
    head = suffixed(_events("then ", node.events, node.alias), f" {reach}", end)
    head = prefixed("", head, _start(node.span))
    step = group([head, _condition("where", node.where)])
    without = [
        group([
            prefixed("", _events("without ", x.events, x.alias), _start(x.span)),
            _condition("where", x.where),
        ])
        for x in node.without
    ]  # fmt: skip
    return group([step, *without])


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
            items = [_change(i) for i in node.items]
            head = f"{word} {node.name.text}"
            return _short_block(head, node, node.name.span, items, items, layout)
        case s.Clause():
            head = f"clause {node.name.text} {w.text(node.title.value)}"
            items = [_clause_item(i) for i in node.items]
            return _block(head, node.span, node.title.span, items, layout)
        case s.Overlay():
            head = f"overlay {w.expression(node.clause)} because {w.text(node.because.value)}"
            items = [_overlay_item(i) for i in node.items]
            if len(items) == 1:
                return _short_block(head, node, node.because.span, items, items, layout)
            return _block(head, node.span, node.because.span, items, layout)
        case s.Test():
            items = [_test_item(i) for i in node.items]
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
    end = _end(head_end) if head_end is not span else _start(span)
    kind = head.split()[0]
    opening = Line(0, head + " {", _start(span), end, "declaration", kind)
    if not items and not layout.commented(_braces(opening, span)):
        return [opening._replace(text=head + " {}", end=_end(span))]
    closing = Line(0, "}", (span.end_line, span.end_column - 1), _end(span), closes=True)
    return [opening, *(line for item in items for line in layout.item(item, 2)), closing]


def _braces(opening: Line, span: Span) -> Doc:
    head = Piece("", opening.start, opening.end)
    return group([head, Piece("}", _end(span), _end(span))])


def _short_block(
    head: str,
    node: s.Node,
    head_end: Span,
    plain: Sequence[Doc],
    items: Sequence[Doc],
    layout: Layout,
) -> list[Line]:
    """A declaration whose items stand on its own line if they fit there."""
    opening = Piece(head + " {", _start(node.span), _end(head_end))
    closing = Piece("}", _end(node.span), _end(node.span))
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
        out.append(
            piece(f"{word:<{first}} {a.path.text:<{second}} {marks}{kind}", a.span)
        )
    return out


def _source_field(node: s.SourceField | s.Effective, width: int) -> Doc:
    if isinstance(node, s.Effective):
        return _effective(node)
    word = node.name
    if word == "unverified":
        word += " because"
    return piece(f"{word:<{width}} {w.expression(node.value)}", node.span)


def _effective(node: s.Effective) -> Doc:
    until = f" until {node.until.text}" if node.until is not None else ""
    zone = f" in {w.text(node.zone.value)}" if node.zone is not None else ""
    return piece(f"effective from {node.start.text}{until}{zone}", node.span)


def _list(node: s.List, layout: Layout) -> list[Line]:
    head = f"list {node.name.text} = ["
    if not node.items:
        return layout.item(piece(head + "]", node.span), 0, "declaration", "List")
    opening = Piece(head, _start(node.span), _end(node.name.span))
    items = [piece(w.expression(i) + ",", i.span) for i in node.items]
    closing = Piece("]", (node.span.end_line, node.span.end_column - 1), _end(node.span))
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
            start = Piece(head, _start(node.span), _end(node.value.span))
            return group([start, _origin(node.origin)])
        case s.Define():
            names = ", ".join(p.text for p in node.parameters)
            head = f"define {node.name.text}{f'({names})' if names else ''} ="
            last = node.parameters[-1] if node.parameters else node.name
            start = Piece(head, _start(node.span), _end(last.span))
            return group([start, _expression(node.body)])
        case s.Events():
            doc = _events(f"events {node.name.text} = ", node.events, None)
            return prefixed("", doc, _start(node.span))
        case s.Signal():
            carried = None
            if node.carrying:
                docs: list[Doc] = [
                    piece(f"{c.name.text} = {c.value.text}", c.span) for c in node.carrying
                ]
                docs = [*(suffixed(d, ",") for d in docs[:-1]), docs[-1]]
                carried = prefixed("carrying ", group(docs))
            head = f"signal {node.name.text} = "
            return _pattern(head, node.pattern, _start(node.span), carried)
        case _:
            raise TypeError(f"no declaration: {type(node).__name__}")


def _origin(node: s.ChosenBecause | s.StatedIn) -> Doc:
    if isinstance(node, s.ChosenBecause):
        return piece(f"chosen because {w.text(node.reason.value)}", node.span)
    return piece(f"stated in {node.source.text}{_section(node.section)}", node.span)


def _section(node: s.Text | None) -> str:
    return f" section {w.text(node.value)}" if node is not None else ""


# ---- items --------------------------------------------------------------------------------------


def _change(node: s.Node) -> Doc:
    match node:
        case s.StatusChange() | s.LinkChange():
            word = "begins on " if node.begins else "ends on "
            head = prefixed("", _events(word, node.events, None), _start(node.span))
            if isinstance(node, s.StatusChange):
                last = node.keys[-1].span
                tail = Piece(f"for {w.keys(node.keys)}", _start(node.keys[0].span), _end(last))
            else:
                tie = node.tie
                words = ("from", "to") if tie.directed else ("between", "and")
                tail = piece(
                    f"{words[0]} {tie.first.text} {words[1]} {tie.second.text}", tie.span
                )
            return group([head, _condition("where", node.where), tail])
        case s.ExpiresAfter():
            return piece(f"expires after {w.expression(node.duration)}", node.span)
        case s.ExpiresAt():
            start = _start(node.span)
            return prefixed("expires at ", _expression(node.expression), start)
        case _:
            return piece("initially unknown", node.span)


def _clause_item(node: s.Node) -> Doc:
    match node:
        case s.Cite():
            quote = f" quote {w.text(node.quote.value)}" if node.quote is not None else ""
            what = f"{node.source.text}{_section(node.section)}{quote}"
            return piece(f"{'cite':<{HEAD_WIDTH}} {what}", node.span)
        case s.Law():
            head = f"{'law':<{HEAD_WIDTH}} {node.source.text}{_section(node.section)}"
            last = node.section or node.source
            start = Piece(head, _start(node.span), _end(last.span))
            return group([start, _condition("when", node.when)])
        case s.Severity():
            start = Piece(f"severity {node.level.text}", _start(node.span), _end(node.level.span))
            return group([start, _condition("when", node.when)])
        case s.Binds():
            each = "each of " if node.each else ""
            before = f"{'binds':<{HEAD_WIDTH}} {each}"
            return prefixed(before, _expression(node.who), _start(node.span))
        case s.Applies():
            doc = _condition("applies when", node.when)
            assert doc is not None
            return prefixed("", doc, _start(node.span))
        case s.Effective():
            return _effective(node)
        case s.Together():
            return piece(f"together within {w.expression(node.duration)}", node.span)
        case s.SameRules():
            return piece(f"same rules as {w.expression(node.clause)}", node.span)
        case s.Forbid():
            return _pattern("forbid ", node.pattern, _start(node.span))
        case s.Require():
            return _require(node)
        case s.Unless():
            return _unless(node, None)
        case s.Remedy():
            return piece(f"remedy {w.text(node.text.value)}", node.span)
        case _:
            raise TypeError(f"no item of a clause: {type(node).__name__}")


def _require(node: s.Require) -> Doc:
    trigger = _events("after ", node.trigger, node.trigger_alias)
    trigger = prefixed("", trigger, _start(node.span))
    fulfilment = _events("require ", node.fulfilment, node.fulfilment_alias)
    due: Doc | None = None
    if node.within is not None:
        due = prefixed("within ", piece(w.expression(node.within), node.within.span))
    elif node.by is not None:
        due = prefixed("by ", _expression(node.by))
    after = group([trigger, _condition("where", node.trigger_where)])
    duty = group([group([fulfilment, due]), _condition("where", node.fulfilment_where)])
    return Group((Part(after, "", 0), Part(duty, " ", 0)), always=True)


def _unless(node: s.Unless, until: s.Date | None) -> Doc:
    condition: Doc
    if node.under is not None:
        head = f"unless under {node.under.source.text}{_section(node.under.section)}"
        start = Piece(head, _start(node.span), _end(node.under.span))
        condition = group([start, _expression(node.condition)])
    else:
        condition = _condition("unless", node.condition)  # type: ignore[assignment]
        condition = prefixed("", condition, _start(node.span))
    end = prefixed("until ", piece(until.text, until.span)) if until is not None else None
    return group([condition, _condition("but not if", node.but_not), end])


def _overlay_item(node: s.Node) -> Doc:
    match node:
        case s.OverlaySet():
            head = f"set {node.name.text} = {w.expression(node.value)}"
            start = Piece(head, _start(node.span), _end(node.value.span))
            return group([start, _origin(node.origin)])
        case s.OverlayUnless():
            return _unless(node.unless, node.until)
        case s.OverlayOff():
            until = f" until {node.until.text}" if node.until is not None else ""
            return piece(f"off{until}", node.span)
        case _:
            start = _clause_item(node)
            return start


def _test_item(node: s.Node) -> Doc:
    match node:
        case s.TestObserved():
            return piece(
                f"observed from {node.start.text} until {node.until.text}", node.span
            )
        case s.TestSet():
            return piece(f"set {node.name.text} = {w.expression(node.value)}", node.span)
        case s.Given():
            return _given(node)
        case s.Expect():
            head = f"expect {w.expression(node.clause)} {node.verdict}"
            start = Piece(head, _start(node.span), _end(node.clause.span))
            return group([start, *(piece(_told(t), t.span) for t in node.told)], indent=6)
        case _:
            raise TypeError(f"no item of a test: {type(node).__name__}")


def _given(node: s.Given) -> Doc:
    count = f"{w.number(node.number.text)} " if node.number is not None else ""
    alias = f" as {node.alias.text}" if node.alias is not None else ""
    if node.every is None:
        when = f"at {w.expression(node.start)}"
    else:
        when = f"every {w.expression(node.every)} from {w.expression(node.start)}"
    head = Piece(
        f"given {count}{node.type.text}{alias} {when}", _start(node.span), _end(node.start.span)
    )
    if not node.members:
        return head
    members: list[Doc] = [
        piece(f"{m.name.text}: {w.expression(m.value)}", m.span) for m in node.members
    ]
    # The brace stands under the event's type, attributes one under the other.
    inside = [prefixed("{ ", members[0]), *members[1:]]
    listed = [*(suffixed(d, ",") for d in inside[:-1]), suffixed(inside[-1], " }")]
    return group([head, group(listed, fill=True)], indent=len("given "))


def _told(node: s.Told) -> str:
    match node.what:
        case "findings" | "matches":
            amount = w.expression(node.value)
            singular = {"findings": "finding", "matches": "match"}[node.what]
            return f"with {amount} {singular if amount == '1' else node.what}"
        case what:
            return f"{what} {w.expression(node.value)}"
