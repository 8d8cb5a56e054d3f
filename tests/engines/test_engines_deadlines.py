"""Calendar arithmetic against the definition: the last microsecond of a local day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tosrules.policy.deadlines import deadline, end_of_day, local_day
from tosrules.policy.expressions import CalendarPeriod, FixedPeriod
from tosrules.trace.instants import format_instant, load_zone, parse_instant

ZONES = [
    "UTC",
    "Europe/Madrid",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
HOUR = 3_600_000_000


@given(st.sampled_from(ZONES), st.dates(date(1985, 1, 1), date(2030, 1, 1)))
def test_no_later_instant_is_of_the_day(name: str, day: date) -> None:
    zone = load_zone(name)
    if name == "Pacific/Apia" and day == date(2011, 12, 30):
        return
    end = end_of_day(day, zone)
    assert local_day(end, zone) == day
    later = (end + 1 + n * HOUR // 4 for n in range(16))
    assert all(local_day(at, zone) > day for at in later)


@given(st.sampled_from(ZONES), st.integers(1, 400), st.integers(0, 2_000_000_000_000_000))
def test_calendar_days_end_with_a_local_day(name: str, days: int, time: int) -> None:
    zone = load_zone(name)
    period = CalendarPeriod(days, "day", name, "")
    wanted = local_day(time, zone) + timedelta(days=days)
    if name != "Pacific/Apia":
        assert local_day(deadline(time, period, {}), zone) == wanted


@pytest.mark.parametrize(
    ("amount", "unit", "begun", "due"),
    [
        (1, "month", "2024-01-31T00:00:00Z", "2024-02-29T23:59:59.999999Z"),
        (13, "month", "2023-12-31T00:00:00Z", "2025-01-31T23:59:59.999999Z"),
        (1, "month", "2024-12-05T00:00:00Z", "2025-01-05T23:59:59.999999Z"),
        (4, "year", "2024-02-29T00:00:00Z", "2028-02-29T23:59:59.999999Z"),
        (2, "week", "2024-02-20T00:00:00Z", "2024-03-05T23:59:59.999999Z"),
    ],
)
def test_units_of_the_calendar(amount: int, unit: str, begun: str, due: str) -> None:
    period = CalendarPeriod(amount, unit, "UTC", "")
    assert format_instant(deadline(parse_instant(begun), period, {})) == due


def test_a_skipped_day_has_ended_before_it_began() -> None:
    """Samoa had no 30 December 2011: what was due on it is due with the day before."""
    zone = load_zone("Pacific/Apia")
    assert format_instant(end_of_day(date(2011, 12, 30), zone)) == "2011-12-30T09:59:59.999999Z"


def test_a_fixed_period_is_a_number_of_microseconds() -> None:
    assert deadline(5, FixedPeriod(7, "7 microseconds"), {}) == 12
