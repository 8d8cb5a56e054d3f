"""Patterns → rules: which form a pattern has, and its parts checked."""

from __future__ import annotations

from fractions import Fraction

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.conditions import condition, number_or_param
from tosrules.language.context import Context
from tosrules.language.events import Selected, select
from tosrules.language.kinds import article
from tosrules.language.names import PackScope
from tosrules.language.periods import fixed
from tosrules.language.scope import Role, Scope
from tosrules.language.values import value
from tosrules.policy import expressions as p
from tosrules.policy.model import (
    CalendarWindow,
    EventRule,
    KeyPart,
    Quantity,
    QuotaRule,
    RateRule,
    Rule,
    Step,
)
from tosrules.policy.walk import joined
from tosrules.record import replace
from tosrules.vocabulary import NUMBER


def check_pattern(context: Context, pack: PackScope, node: s.Pattern) -> tuple[Rule, Scope] | None:
    """The rule, and the scope in which the clause's own conditions are asked of it."""
    if node.then:
        from tosrules.language.sequences import check_sequence

        return check_sequence(context, pack, node)
    selected = select(context, pack, node.events)
    if selected is None:
        return None
    scope = single_scope(context, pack, selected, node.alias)
    where = condition(node.where, scope) if node.where is not None else None
    failed = node.where is not None and where is None
    step = make_step("", selected, where, node)
    if node.window is None:
        if not _plain(node, context) or failed:
            return None
        return EventRule(step, context.written(node), span=node.span), scope
    rule = _windowed(node, node.window, step, scope)
    return None if rule is None or failed else (rule, scope)


def single_scope(
    context: Context, pack: PackScope, selected: Selected, alias: s.Name | None
) -> Scope:
    """The scope of a rule of one event: bare names are its attributes."""
    role = selected.role("")
    if alias is not None and alias.text == "event":
        reserved_alias(alias, context)
    roles: dict[str, Role] = {} if alias is None else {alias.text: role}
    return Scope(context, pack, roles, role)


def reserved_alias(alias: s.Name, context: Context) -> None:
    context.report.error(
        "reserved-name",
        "`event` always means the event that is judged and cannot name one",
        alias.span,
        help="give it another name: `as ask`",
    )


def make_step(role: str, selected: Selected, where: p.Expression | None, node: s.Node) -> Step:
    return Step(role, selected.types, selected.signals, where, selected.text, span=node.span)


def _plain(node: s.Pattern, context: Context) -> bool:
    """A pattern without a window: no quantity, no aggregates."""
    if node.quantity is not None:
        context.report.error(
            "no-window",
            "a number of events needs a key and a span of time",
            node.quantity.span,
            help="add `per actor within 1 hour`, or `per actor in total` for the whole trace",
        )
        return False
    if node.having is not None:
        context.report.error(
            "no-window",
            "`with` speaks of a window, and this rule has none",
            node.having.span,
            help="add `per actor within 1 hour` before it, or say `where` for a condition on "
            "each event",
        )
        return False
    return True


def _windowed(node: s.Pattern, window: s.Window, step: Step, scope: Scope) -> Rule | None:
    report = scope.report
    keys = [_key(key, scope) for key in window.keys]
    quantity = _quantity(node.quantity, scope) if node.quantity is not None else None
    having: list[p.Expression] = []
    sound = all(k is not None for k in keys)
    if node.quantity is None and node.having is None:
        report.error(
            "no-limit",
            "this rule counts events and sets no limit",
            window.span,
            help="say `more than 60 …` before the events, or `with count > 60` at the end",
        )
        return None
    if node.quantity is not None:
        if quantity is None:
            sound = False
        else:
            counted = (
                p.Aggregate("count", None, NUMBER)
                if quantity.distinct is None
                else p.Aggregate("distinct", quantity.distinct, NUMBER)
            )
            operator = ">=" if quantity.at_least else ">"
            having.append(p.Compare(operator, counted, quantity.threshold, span=node.quantity.span))
    if node.having is not None:
        found = condition(node.having, scope.within_window())
        if found is None:
            sound = False
        else:
            having.append(found)
    text = scope.context.written(node)
    holds = joined(having)
    parts = tuple(k for k in keys if k is not None)
    if isinstance(window.reach, s.Within):
        within = fixed(window.reach.duration, scope)
        if within is None or not sound or holds is None:
            return None
        return RateRule(step, parts, within, holds, quantity, text, span=node.span)
    calendar = _calendar_window(window.reach, scope)
    if calendar is False or not sound or holds is None:
        return None
    span = calendar if isinstance(calendar, CalendarWindow) else None
    return QuotaRule(step, parts, span, holds, quantity, text, span=node.span)


def _quantity(node: s.Quantity, scope: Scope) -> Quantity | None:
    threshold = number_or_param(node.threshold, scope)
    distinct = None
    if node.distinct is not None:
        distinct = value(node.distinct, scope)
        if distinct is None:
            return None
        if distinct.type.name in ("list", "set"):
            scope.report.error(
                "distinct-list",
                f"`distinct` counts single values, and this is {article(distinct.type)}",
                node.distinct.span,
                help="count by an attribute with one value in each event",
            )
            return None
    if threshold is None or not _whole(node, threshold, scope):
        return None
    return Quantity(node.at_least, threshold, distinct)


def _whole(node: s.Quantity, threshold: p.Expression, scope: Scope) -> bool:
    """Whether a limit is one that a number of events can be held against."""
    limit: object = None
    if isinstance(threshold, p.Constant):
        limit = threshold.value
    elif isinstance(threshold, p.ParamValue):
        limit = scope.context.params[threshold.name].value
    if isinstance(limit, Fraction):
        at = limit.numerator // limit.denominator
        exact = f"at least {at + 1}" if node.at_least else f"more than {at}"
        scope.report.error(
            "fractional-limit",
            "events are counted in whole numbers",
            node.threshold.span,
            help=f"`{exact}` says the same"
            if isinstance(threshold, p.Constant)
            else f"give parameter `{scope.context.written(node.threshold)}` a whole number",
        )
        return False
    if limit == 0 and node.at_least:
        scope.report.error(
            "limit-of-nothing",
            "`at least 0` is reached even where nothing happens",
            node.threshold.span,
            help="write `at least 1`, or leave the number out to forbid each event",
        )
        return False
    return True


def _key(node: s.Key, scope: Scope) -> KeyPart | None:
    found = value(node.expression, replace(scope, window=False))
    if found is None:
        return None
    text = scope.context.written(node.expression)
    if not isinstance(found, p.AttributeOf | p.GroupOf | p.Function):
        what = article(found.type)
        mend = "name an attribute, or a mutual link: `per same_kit(device)`"
        if isinstance(found, p.LinkMembers):
            what, mend = "a set of parties", "only a mutual link (`between … and …`) makes groups"
        scope.report.error(
            "bad-key",
            f"events are counted per value, and `{text}` is {what}",
            node.span,
            help=mend,
        )
        return None
    if found.type.name == "list":
        scope.report.error(
            "bad-key",
            f"events are counted per value, and `{text}` is a list",
            node.span,
            help="name an attribute with one value in each event",
        )
        return None
    name = found.name if isinstance(found, p.AttributeOf) else text
    if node.alias is not None:
        name = node.alias.text
    return KeyPart(name, found, found.type)


def _calendar_window(node: s.Each | s.InTotal | s.Within, scope: Scope) -> CalendarWindow | bool:
    """The window; True for `in total`, False after an error."""
    if not isinstance(node, s.Each):
        return True
    report = scope.report
    if constants.zone(node.zone, report) is None:
        return False
    if node.unit == "second":
        report.error(
            "window-unit",
            "windows of the clock are minutes or longer",
            node.span,
            help="say `within 1 second` for any stretch of one second",
        )
        return False
    if node.amount == "1":
        return CalendarWindow(1, node.unit, node.zone.value)
    if (
        node.unit != "minute"
        or "." in node.amount
        or not 0 < constants.whole(node.amount) <= 60
        or (60 % constants.whole(node.amount))
    ):
        report.error(
            "window-unit",
            f"`each {node.amount} {node.unit}s` does not fit the clock",
            node.span,
            help="only minutes take a number, one that divides 60; for any other span say "
            f"`within {node.amount} {node.unit}s`",
        )
        return False
    return CalendarWindow(constants.whole(node.amount), "minute", node.zone.value)
