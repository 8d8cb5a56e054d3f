"""Numbers, periods, dates and zones as an author writes them → exact values."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from fractions import Fraction

from tosrules.language import syntax as s
from tosrules.language.reporting import Report
from tosrules.policy.expressions import (
    BusinessPeriod,
    CalendarPeriod,
    FixedPeriod,
)
from tosrules.span import Span

SECOND = 1_000_000
MICROS = {
    "second": SECOND,
    "minute": 60 * SECOND,
    "hour": 3_600 * SECOND,
    "day": 86_400 * SECOND,
    "week": 7 * 86_400 * SECOND,
}
"""Microseconds of each unit that has a fixed length."""
LONGEST = 1_000 * 366 * MICROS["day"]
"""No period is longer than about a thousand years, so that instants stay in 64 bits."""


def number(node: s.Number, report: Report) -> int | Fraction | None:
    """An exact number of at most 18 digits, 6 after the point (semantics C5)."""
    whole, _, decimals = node.text.lstrip("-").partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > 6 or len(whole.lstrip("0")) + len(decimals) > 18:
        report.error(
            "number-too-long",
            f"`{node.text}` has too many digits to be held exactly",
            node.span,
            help="numbers have at most 18 digits, 6 of them after the point",
        )
        return None
    # Zeros that say nothing are left out: there may be thousands.
    sign = "-" if node.text.startswith("-") else ""
    value = Fraction(f"{sign}{whole.lstrip('0') or '0'}.{decimals or '0'}")
    return value.numerator if value.denominator == 1 else value


def plural(amount: str, unit: str) -> str:
    return f"{amount} {unit}" if amount == "1" else f"{amount} {unit}s"


def duration(node: s.Duration, report: Report) -> FixedPeriod | None:
    """A fixed length; months and years have none."""
    text = plural(node.amount, node.unit)
    if node.unit not in MICROS:
        report.error(
            "no-fixed-length",
            f"`{text}` has no fixed length: months and years differ",
            node.span,
            help="write the days: `30 days`, `365 days`; a deadline may also be "
            f"`{node.amount} calendar {plural(node.amount, node.unit)[len(node.amount) + 1 :]} in "
            '"Area/City"`',
        )
        return None
    # A number of thousands of digits is as good as one that is merely too large.
    amount = node.amount if len(node.amount) <= 40 else "1" + "0" * 30
    micros = Fraction(amount) * MICROS[node.unit]
    if micros.denominator != 1:
        report.error(
            "too-fine",
            f"`{text}` is no whole number of microseconds",
            node.span,
            help="use a smaller unit",
        )
        return None
    if micros > LONGEST:
        report.error(
            "period-too-long",
            f"`{text}` is longer than a thousand years",
            node.span,
            help="write a shorter one; where the text sets no limit, a sequence says `later` and a "
            "count `in total`",
        )
        return None
    return FixedPeriod(micros.numerator, text, span=node.span)


def whole(text: str) -> int:
    """A whole number as written; one of many digits is as good as a billion, which is beyond
    every limit, and is not worked out."""
    return int(text) if len(text) <= 9 else 10**9


def whole_amount(amount: str, text: str, span: Span, report: Report) -> int | None:
    if "." in amount or not 1 <= whole(amount) <= 100_000:
        report.error(
            "period-amount",
            f"`{text}` is not a whole number of them, from 1 to 100_000",
            span,
            help="calendar and business periods count whole days, weeks, months or years",
        )
        return None
    return whole(amount)


def calendar_period(node: s.CalendarPeriod, report: Report) -> CalendarPeriod | None:
    text = f'{node.amount} calendar {plural("2", node.unit)[2:]} in "{node.zone.value}"'
    if node.amount == "1":
        text = f'1 calendar {node.unit} in "{node.zone.value}"'
    known = zone(node.zone, report) is not None
    if node.unit not in ("day", "week", "month", "year"):
        report.error(
            "period-unit",
            f"a calendar period counts days, weeks, months or years, not {node.unit}s",
            node.span,
            help=f"write `{plural(node.amount, node.unit)}` for a fixed length",
        )
        return None
    amount = whole_amount(node.amount, text, node.span, report)
    if amount is None or not known:
        return None
    return CalendarPeriod(amount, node.unit, node.zone.value, text, span=node.span)


def business_period(
    node: s.BusinessPeriod, calendar: str | None, report: Report
) -> BusinessPeriod | None:
    """`calendar` is the qualified name, or None if it is unknown (already reported)."""
    text = f"{node.amount} business {plural(node.amount, 'day')[len(node.amount) + 1 :]}"
    if node.unit != "day":
        report.error(
            "period-unit",
            f"a business period counts days, not {node.unit}s",
            node.span,
            help=f"write the days, as in `10 business days of {node.calendar.text}`",
        )
        return None
    amount = whole_amount(node.amount, text, node.span, report)
    if amount is None or calendar is None:
        return None
    return BusinessPeriod(amount, calendar, f"{text} of {node.calendar.text}", span=node.span)


def zone(node: s.Text, report: Report) -> tzinfo | None:
    from tosrules.zones import load_zone

    try:
        return load_zone(node.value)
    except ValueError as error:
        report.error(
            "unknown-zone",
            f"unknown time zone `{node.value}`",
            node.span,
            help=_zone_help(str(error)),
        )
        return None


def _zone_help(message: str) -> str:
    _, found, near = message.partition("did you mean")
    if found:
        return "did you mean" + near
    return 'zones are named after large cities, as in "Europe/Madrid" or "America/New_York"'


def day(node: s.Date, report: Report) -> date | None:
    try:
        return date.fromisoformat(node.text)
    except ValueError:
        report.error(
            "no-such-date",
            f"there is no date `{node.text}`",
            node.span,
            help="dates are written year, month, day: `2020-06-30`",
        )
        return None


def midnight(node: s.Date, local: tzinfo | None, report: Report) -> int | None:
    """The first instant of a local day, microseconds since the epoch; UTC without a zone."""
    from tosrules.policy.deadlines import first_instant

    found = day(node, report)
    return None if found is None else first_instant(found, local or UTC)


def moment(node: s.Moment, report: Report) -> int | None:
    from tosrules.trace.instants import InstantError, parse_instant

    try:
        return parse_instant(node.text)
    except InstantError as error:
        report.error("no-such-time", f"`{node.text}` {error}", node.span, help=error.mend)
        return None
