"""A notice received in the last hours of the year 9999 has a deadline beyond the calendar."""

from __future__ import annotations

from tosrules.policy.deadlines import AFTER_ALL, deadline
from tosrules.policy.expressions import CalendarPeriod, FixedPeriod
from tosrules.trace.instants import LATEST, format_instant


def test_a_deadline_beyond_the_calendar_is_never_reached() -> None:
    days = CalendarPeriod(7, "day", "America/New_York", "7 calendar days")
    assert deadline(LATEST, days, {}) == AFTER_ALL > LATEST


def test_it_is_shown_as_the_end_of_the_calendar() -> None:
    late = deadline(LATEST, FixedPeriod(10**12, "some days"), {})
    assert format_instant(late) == "9999-12-31T23:59:59.999999Z"
