"""Expressions, patterns and the items of declarations, laid out: where each may be broken."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language import written as w
from tosrules.language.layout import (
    Doc,
    Group,
    Part,
    Piece,
    group,
    piece,
    prefixed,
    suffixed,
)
from tosrules.span import Span

HEAD_WIDTH = len("severity")
"""Citations, laws, severities and `binds` of a clause are written one under the other."""


# ---- expressions and patterns -------------------------------------------------------------------


def expression(node: s.Node) -> Doc:
    """An expression, breakable before `and` and `or` and inside parentheses."""
    match node:
        case s.Or() | s.And():
            word = "or " if isinstance(node, s.Or) else "and "
            head, *rest = (expression(o) for o in node.operands)
            parts = (Part(head, "", 0), *(Part(prefixed(word, d), " ", 0) for d in rest))
            return Group(parts)
        case s.Parenthesised() if isinstance(node.inner, s.Or | s.And):
            inner = expression(node.inner)
            span = node.span
            opening = piece("(", span._replace(end_line=span.line, end_column=span.column + 1))
            closing = piece(
                ")", span._replace(line=span.end_line, column=max(0, span.end_column - 1))
            )
            return Group((Part(opening, "", 0), Part(inner, "", 2), Part(closing, "", 0)))
        case s.Not():
            start = (node.span.line, node.span.column)
            return prefixed("not ", expression(node.operand), start)
        case _:
            return piece(w.expression(node), node.span)


def condition(word: str, node: s.Node | None) -> Doc | None:
    """A condition after the word that begins it; None where there is none."""
    return None if node is None else _said(word, node)


def _said(word: str, node: s.Node) -> Doc:
    doc = expression(node)
    if isinstance(doc, Group) and isinstance(node, s.Or | s.And):
        # Further operands stand two columns in from the word that begins the condition.
        head, *rest = doc.parts
        doc = doc._replace(parts=(head, *(p._replace(indent=2) for p in rest)))
    return prefixed(word + " ", doc)


def events(before: str, node: s.EventSet, alias: s.Name | None) -> Doc:
    docs: list[Doc] = [piece(w.event_name(n), n.span) for n in node.names]
    docs = [docs[0], *(prefixed("or ", d) for d in docs[1:])]
    doc = prefixed(before, group(docs, fill=True))
    return doc if alias is None else suffixed(doc, f" as {alias.text}", end_of(alias.span))


def end_of(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def start_of(span: Span) -> tuple[int, int]:
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


def pattern(before: str, node: s.Pattern, start: tuple[int, int], tail: Doc | None = None) -> Doc:
    """A rule's pattern after `before`, which stands at `start`."""
    if node.quantity is None:
        head = events(before, node.events, node.alias)
    elif node.quantity.distinct is None:
        head = events(f"{before}{_quantity(node.quantity)} ", node.events, node.alias)
    else:
        distinct = node.quantity.distinct
        what = f"{before}{_quantity(node.quantity)} distinct {w.expression(distinct)}"
        counted = events("in ", node.events, node.alias)
        head = group([piece(what, distinct.span), counted])
    head = prefixed("", head, start)
    windowed = group([head, _window(node.window)])
    step = group([windowed, condition("where", node.where), condition("with", node.having)])
    thens = [_then(t) for t in node.then]
    return group([step, *thens, tail], always=bool(thens))


def _then(node: s.Then) -> Doc:
    reach = "later" if node.within is None else f"within {w.expression(node.within)}"
    end = end_of(node.within.span) if node.within is not None else None
    head = suffixed(events("then ", node.events, node.alias), f" {reach}", end)
    head = prefixed("", head, start_of(node.span))
    step = group([head, condition("where", node.where)])
    without = [
        group([
            prefixed("", events("without ", x.events, x.alias), start_of(x.span)),
            condition("where", x.where),
        ])
        for x in node.without
    ]  # fmt: skip
    return group([step, *without])


# ---- items --------------------------------------------------------------------------------------


def change(node: s.Node) -> Doc:
    match node:
        case s.StatusChange() | s.LinkChange():
            word = "begins on " if node.begins else "ends on "
            head = prefixed("", events(word, node.events, None), start_of(node.span))
            if isinstance(node, s.StatusChange):
                last = node.keys[-1].span
                tail = Piece(f"for {w.keys(node.keys)}", start_of(node.keys[0].span), end_of(last))
            else:
                tie = node.tie
                words = ("from", "to") if tie.directed else ("between", "and")
                tail = piece(f"{words[0]} {tie.first.text} {words[1]} {tie.second.text}", tie.span)
            return group([head, condition("where", node.where), tail])
        case s.ExpiresAfter():
            return piece(f"expires after {w.expression(node.duration)}", node.span)
        case s.ExpiresAt():
            start = start_of(node.span)
            return prefixed("expires at ", expression(node.expression), start)
        case _:
            return piece("initially unknown", node.span)


def clause_item(node: s.Node) -> Doc:
    match node:
        case s.Cite():
            quote = f" quote {w.text(node.quote.value)}" if node.quote is not None else ""
            what = f"{node.source.text}{_section(node.section)}{quote}"
            word = "modelled on" if node.modelled else f"{'cite':<{HEAD_WIDTH}}"
            return piece(f"{word} {what}", node.span)
        case s.Law():
            head = f"{'law':<{HEAD_WIDTH}} {node.source.text}{_section(node.section)}"
            last = node.section or node.source
            start = Piece(head, start_of(node.span), end_of(last.span))
            return group([start, condition("when", node.when)])
        case s.Severity():
            start = Piece(
                f"severity {node.level.text}", start_of(node.span), end_of(node.level.span)
            )
            return group([start, condition("when", node.when)])
        case s.Binds():
            each = "each of " if node.each else ""
            before = f"{'binds':<{HEAD_WIDTH}} {each}"
            return prefixed(before, expression(node.who), start_of(node.span))
        case s.Applies():
            return prefixed("", _said("applies when", node.when), start_of(node.span))
        case s.Effective():
            return effective(node)
        case s.Together():
            return piece(f"together within {w.expression(node.duration)}", node.span)
        case s.SameRules():
            return piece(f"same rules as {w.expression(node.clause)}", node.span)
        case s.Forbid():
            return pattern("forbid ", node.pattern, start_of(node.span))
        case s.Require():
            return _require(node)
        case s.Unless():
            return _unless(node, None)
        case s.Remedy():
            return piece(f"remedy {w.text(node.text.value)}", node.span)
        case _:
            raise TypeError(f"no item of a clause: {type(node).__name__}")


def _require(node: s.Require) -> Doc:
    trigger = events("after ", node.trigger, node.trigger_alias)
    trigger = prefixed("", trigger, start_of(node.span))
    fulfilment = events("require ", node.fulfilment, node.fulfilment_alias)
    due: Doc | None = None
    if node.within is not None:
        due = prefixed("within ", piece(w.expression(node.within), node.within.span))
    elif node.by is not None:
        due = prefixed("by ", expression(node.by))
    after = group([trigger, condition("where", node.trigger_where)])
    duty = group([group([fulfilment, due]), condition("where", node.fulfilment_where)])
    long = node.trigger_where is not None or node.fulfilment_where is not None
    return Group((Part(after, "", 0), Part(duty, " ", 0)), always=long)


def _unless(node: s.Unless, until: s.Date | None) -> Doc:
    if node.under is not None:
        head = f"unless under {node.under.source.text}{_section(node.under.section)}"
        start = Piece(head, start_of(node.span), end_of(node.under.span))
        doc = group([start, expression(node.condition)])
    else:
        doc = prefixed("", _said("unless", node.condition), start_of(node.span))
    end = prefixed("until ", piece(until.text, until.span)) if until is not None else None
    return group([doc, condition("but not if", node.but_not), end])


def overlay_item(node: s.Node) -> Doc:
    match node:
        case s.OverlaySet():
            head = f"set {node.name.text} = {w.expression(node.value)}"
            start = Piece(head, start_of(node.span), end_of(node.value.span))
            return group([start, origin(node.origin)])
        case s.OverlayUnless():
            return _unless(node.unless, node.until)
        case s.OverlayOff():
            until = f" until {node.until.text}" if node.until is not None else ""
            return piece(f"off{until}", node.span)
        case _:
            return clause_item(node)


def test_item(node: s.Node) -> Doc:
    match node:
        case s.TestObserved():
            return piece(f"observed from {node.start.text} until {node.until.text}", node.span)
        case s.TestSet():
            return piece(f"set {node.name.text} = {w.expression(node.value)}", node.span)
        case s.Given():
            return _given(node)
        case s.Expect():
            head = f"expect {w.expression(node.clause)} {node.verdict}"
            start = Piece(head, start_of(node.span), end_of(node.clause.span))
            return group([start, *(piece(_told(t), t.span) for t in node.told)], 6, fill=True)
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
        f"given {count}{node.type.text}{alias} {when}", start_of(node.span), end_of(node.start.span)
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


def effective(node: s.Effective) -> Doc:
    until = f" until {node.until.text}" if node.until is not None else ""
    zone = f" in {w.text(node.zone.value)}" if node.zone is not None else ""
    return piece(f"effective from {node.start.text}{until}{zone}", node.span)


def origin(node: s.ChosenBecause | s.StatedIn) -> Doc:
    if isinstance(node, s.ChosenBecause):
        return piece(f"chosen because {w.text(node.reason.value)}", node.span)
    return piece(f"stated in {node.source.text}{_section(node.section)}", node.span)


def _section(node: s.Text | None) -> str:
    return f" section {w.text(node.value)}" if node is not None else ""
