"""Periods where they are used: written out, or a parameter that is one."""

from __future__ import annotations

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.scope import Scope
from tosrules.policy import expressions as p
from tosrules.vocabulary import DURATION, NUMBER, Type


def period(node: s.Period, scope: Scope) -> p.PeriodValue | None:
    """Any period: fixed, calendar or business."""
    context = scope.context
    match node:
        case s.Duration():
            return _some(constants.duration(node, context.report), node, scope)
        case s.CalendarPeriod():
            return constants.calendar_period(node, context.report)
        case s.BusinessPeriod():
            entry = context.find(scope.pack, node.calendar, "calendar")
            known = entry is not None and entry.qualified in context.calendars
            qualified = entry.qualified if entry is not None and known else None
            return constants.business_period(node, qualified, context.report)
        case s.Name():
            return _named(node, scope, (DURATION, Type("period")))


def fixed(node: s.Duration | s.Name, scope: Scope) -> p.PeriodValue | None:
    """A fixed length of some time, which windows and sequences need."""
    if isinstance(node, s.Duration):
        return _some(constants.duration(node, scope.report), node, scope)
    return _named(node, scope, (DURATION,))


def _some(length: p.FixedPeriod | None, node: s.Node, scope: Scope) -> p.FixedPeriod | None:
    """The length, unless it is none at all."""
    if length is None or length.micros > 0:
        return length
    scope.report.error(
        "no-time-at-all",
        f"`{length.text}` is no time at all",
        node.span,
        help="write a length of time: `1 second`, `30 days`",
    )
    return None


def _named(node: s.Name, scope: Scope, accepted: tuple[Type, ...]) -> p.ParamValue | None:
    entry = scope.context.find(scope.pack, node, "param", "parameter")
    param = scope.context.params.get(entry.qualified) if entry is not None else None
    if entry is None or param is None:
        return None
    if param.type not in accepted:
        whole = param.type == Type("period")
        scope.report.error(
            "wrong-type",
            f"parameter `{node.text}` is `{param.text}`, and "
            + ("a fixed length is needed here" if whole else "a length of time is needed here"),
            node.span,
            help="calendar and business periods may only be deadlines: `require … within "
            f"{node.text}`"
            if whole
            else f"give it a unit where it is declared: `{param.text} hours`, `{param.text} days`"
            if param.type == NUMBER
            else "name a parameter such as `30 days`",
        )
        return None
    if isinstance(param.value, p.FixedPeriod) and _some(param.value, node, scope) is None:
        return None
    return p.ParamValue(entry.qualified, param.type, span=node.span)
