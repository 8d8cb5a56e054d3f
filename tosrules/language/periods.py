"""Periods where they are used: written out, or a parameter that is one."""

from __future__ import annotations

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.scope import Scope
from tosrules.language.values import article
from tosrules.policy import expressions as p
from tosrules.vocabulary import DURATION, Type


def period(node: s.Period, scope: Scope) -> p.PeriodValue | None:
    """Any period: fixed, calendar or business."""
    context = scope.context
    match node:
        case s.Duration():
            return constants.duration(node, context.report)
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
    """A fixed length, which windows and sequences need."""
    if isinstance(node, s.Duration):
        return constants.duration(node, scope.report)
    return _named(node, scope, (DURATION,))


def _named(node: s.Name, scope: Scope, accepted: tuple[Type, ...]) -> p.ParamValue | None:
    entry = scope.context.find(scope.pack, node, "param", "parameter")
    param = scope.context.params.get(entry.qualified) if entry is not None else None
    if entry is None or param is None:
        return None
    if param.type not in accepted:
        whole = param.type == Type("period")
        scope.report.error(
            "wrong-type",
            f"parameter `{node.text}` is {article(param.type)}"
            + (", and a fixed length is needed here" if whole else ", not a period"),
            node.span,
            help="calendar and business periods may be deadlines of obligations only"
            if whole
            else f"give it a unit: `param {node.text} = {param.text} days …`",
        )
        return None
    return p.ParamValue(entry.qualified, param.type, span=node.span)
