"""Small parts of sentences about a policy: periods, limits, where a number comes from."""

from __future__ import annotations

from fractions import Fraction

from tosrules.policy.expressions import (
    AttributeOf,
    BusinessPeriod,
    CalendarPeriod,
    Constant,
    Expression,
    FixedPeriod,
    ParamValue,
)
from tosrules.policy.model import CalendarWindow, Clause, Origin, Param, Policy, Quantity
from tosrules.result.model import Plain
from tosrules.result.values import count, moment_of, number_text, plain
from tosrules.trace.event import Event, Value


def bare(name: str) -> str:
    """A declared name without its pack: `core/burst` → `burst`."""
    return name.rpartition("/")[2]


def param_of(name: str, policy: Policy, clause: Clause | None) -> Param | None:
    """The parameter as it holds for the clause: an overlay may set it for one clause alone."""
    if clause is not None:
        own = clause.settings.get(name) or clause.settings.get(bare(name))
        if own is not None:
            return own
    return policy.params.get(name)


def period_text(period: Expression | None, policy: Policy, clause: Clause | None) -> str:
    """`30 days`, as the author wrote it; a parameter's value in place of its name."""
    if isinstance(period, FixedPeriod | CalendarPeriod | BusinessPeriod):
        return period.text
    if isinstance(period, ParamValue):
        found = param_of(period.name, policy, clause)
        return "" if found is None else found.text
    return ""


def zone_of(period: Expression | None, policy: Policy, clause: Clause | None) -> str:
    """The zone whose days a period counts; "" if it is of a fixed length."""
    value: object = period
    if isinstance(period, ParamValue):
        found = param_of(period.name, policy, clause)
        value = None if found is None else found.value
    if isinstance(value, CalendarPeriod):
        return value.zone
    if isinstance(value, BusinessPeriod):
        calendar = policy.calendars.get(value.calendar)
        return "" if calendar is None else calendar.zone
    return ""


def deadline_words(due: int, zone: str) -> str:
    """`by 2020-07-01 10:00:00Z`, or of whole days `by the end of 2019-12-06 (America/New_York)`."""
    if not zone:
        return f"by {moment_of(due)}"
    from datetime import UTC, datetime, timedelta

    from tosrules.trace.instants import load_zone

    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=due)
    return f"by the end of {instant.astimezone(load_zone(zone)).date()} ({zone})"


def number_of(expression: Expression, policy: Policy, clause: Clause | None) -> str:
    """A threshold as a number, or "" if it must be worked out."""
    value: object = None
    if isinstance(expression, Constant):
        value = expression.value
    elif isinstance(expression, ParamValue):
        found = param_of(expression.name, policy, clause)
        value = None if found is None else found.value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return number_text(value, grouped=True)
    return ""


def allowance(quantity: Quantity, policy: Policy, clause: Clause | None) -> str:
    """`the clause allows no more than 60`; "" if the limit must be worked out."""
    number = number_of(quantity.threshold, policy, clause)
    if not number:
        return ""
    said = "fewer than" if quantity.at_least else "no more than"
    if number == "0" and not quantity.at_least:
        return "the clause allows none"
    return f"the clause allows {said} {number}"


def window_text(window: CalendarWindow | None) -> str:
    """`each day in Europe/Madrid`, `in the whole trace`."""
    if window is None:
        return "in the whole trace"
    each = window.unit if window.amount == 1 else count(window.amount, window.unit)
    return f"each {each} in {window.zone}"


def param_plain(param: Param) -> Plain:
    """The parameter's value as JSON has it."""
    value = param.value
    if isinstance(value, FixedPeriod | CalendarPeriod | BusinessPeriod):
        return value.text
    return plain(value, param.type)


def origin_words(origin: Origin, policy: Policy) -> str:
    """`stated in Platform Terms, section 4.4`, `chosen because the terms name no number`."""
    if not origin.source:
        return f"chosen because {origin.reason}" if origin.reason else "of no stated origin"
    source = policy.sources.get(origin.source)
    title = source.title if source is not None else origin.source
    section = f", section {origin.section}" if origin.section else ""
    return f"stated in {title}{section}"


def attribute_value(expression: Expression, event: Event) -> Value | None:
    """What a plain attribute is on an event; None where it is missing or worked out."""
    if not isinstance(expression, AttributeOf):
        return None
    if expression.name == "time":
        return event.time
    if expression.name in ("id", "type"):
        return event.id if expression.name == "id" else event.type
    return event.attributes.get(expression.name)


def written(form: str, text: str) -> str:
    """A rule as it stands in its file: all but obligations begin with `forbid`."""
    return text if form == "obligation" or text.startswith("forbid ") else f"forbid {text}"
