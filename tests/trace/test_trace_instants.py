"""Instants: every accepted shape, every refusal, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tosrules.trace.instants import (
    EARLIEST,
    LATEST,
    InstantError,
    format_instant,
    load_zone,
    parse_instant,
)

NINE = 1_585_904_400_000_000


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2020-04-03T09:00:00Z", NINE),
        ("2020-04-03t09:00:00z", NINE),
        ("2020-04-03 09:00:00Z", NINE),
        ("2020-04-03T09:00:00 +00:00", NINE),
        ("2020-04-03T09:00Z", NINE),
        ("2020-04-03T09:00:00-00:00", NINE),
        ("2020-04-03T11:00:00+02:00", NINE),
        ("2020-04-03T11:00:00+0200", NINE),
        ("2020-04-03T11:00:00+02", NINE),
        ("2020-04-02T23:30:00-09:30", NINE),
        ("2020-04-03T09:00:00.5Z", NINE + 500_000),
        ("2020-04-03T09:00:00,000001Z", NINE + 1),
        ("2020-04-03T09:00:00.0000019999999999Z", NINE + 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("0001-01-01T00:00:00Z", EARLIEST),
        ("9999-12-31T23:59:59.999999Z", LATEST),
    ],
)
def test_shapes(text, micros):
    assert parse_instant(text) == micros


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("2020-04-03T09:00:00", "has no offset from UTC"),
        ("2020-04-03", "is a day without a time of day"),
        ("1585904400", "is not a time such as `2020-04-03T09:00:00Z`"),
        ("", "is not a time such as `2020-04-03T09:00:00Z`"),
        ("٢٠٢٠-04-03T09:00:00Z", "is not a time such as `2020-04-03T09:00:00Z`"),
        ("2020-W14-5T09:00:00Z", "is not a time such as `2020-04-03T09:00:00Z`"),
        ("2020-02-30T09:00:00Z", "names a day that no calendar has"),
        ("0000-01-01T09:00:00Z", "names a day that no calendar has"),
        ("2020-04-03T24:00:00Z", "has the hour 24"),
        ("2020-04-03T25:00:00Z", "names a time of day that no clock has"),
        ("2016-12-31T23:59:60Z", "is a leap second, which this order of time does not have"),
        ("2020-04-03T09:00:00+24:00", "has an offset from UTC of a day or more"),
        ("0001-01-01T00:00:00+01:00", "lies outside the years 1 to 9999"),
        ("9999-12-31T23:00:00-01:00", "lies outside the years 1 to 9999"),
    ],
)
def test_refusals(text, predicate):
    with pytest.raises(InstantError) as caught:
        parse_instant(text)
    assert str(caught.value) == predicate
    assert caught.value.naive == (predicate == "has no offset from UTC")


def test_epoch_numbers_come_with_their_mend():
    with pytest.raises(InstantError) as caught:
        parse_instant("1585904400123")
    assert caught.value.mend == (
        'if it counts milliseconds since 1970, write `"2020-04-03T09:00:00.123Z"`'
    )


def test_zone_is_used_only_without_an_offset():
    madrid = load_zone("Europe/Madrid")
    assert parse_instant("2020-04-03T11:00:00", madrid) == NINE
    assert parse_instant("2020-04-03T09:00:00Z", madrid) == NINE


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        (
            "2020-03-29T02:30:00",
            "does not exist in `Europe/Madrid`, where the clocks change",
        ),
        ("2020-10-25T02:30:00", "happens twice in `Europe/Madrid`, where the clocks change"),
    ],
)
def test_local_times_around_a_clock_change(text, predicate):
    with pytest.raises(InstantError) as caught:
        parse_instant(text, load_zone("Europe/Madrid"))
    assert str(caught.value) == predicate
    assert not caught.value.naive


def test_edges_of_a_clock_change_are_plain():
    madrid = load_zone("Europe/Madrid")
    before = parse_instant("2020-03-29T01:59:59.999999", madrid)
    assert parse_instant("2020-03-29T03:00:00", madrid) == before + 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("europe/madrid", "unknown time zone `europe/madrid`; did you mean `Europe/Madrid`?"),
        ("New York", "unknown time zone `New York`; did you mean `America/New_York`?"),
        ("../../etc/passwd", "unknown time zone `../../etc/passwd`"),
        ("", 'unknown time zone `""`'),
    ],
)
def test_unknown_zones(name, message):
    with pytest.raises(ValueError, match="unknown time zone") as caught:
        load_zone(name)
    assert str(caught.value) == message


def test_zones_come_from_the_pinned_package(monkeypatch, tmp_path):
    import zoneinfo

    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    load_zone.cache_clear()
    assert parse_instant("2020-07-01T12:00:00", load_zone("Asia/Tokyo")) == parse_instant(
        "2020-07-01T03:00:00Z"
    )


def test_format():
    assert format_instant(NINE) == "2020-04-03T09:00:00Z"
    assert format_instant(NINE + 500_000) == "2020-04-03T09:00:00.5Z"
    assert format_instant(NINE + 1) == "2020-04-03T09:00:00.000001Z"


@given(st.integers(EARLIEST, LATEST))
def test_round_trip(micros):
    assert parse_instant(format_instant(micros)) == micros


@given(st.integers(EARLIEST + 10**12, LATEST - 10**12), st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_offsets_move_the_text_and_not_the_instant(micros, minutes):
    local = format_instant(micros + minutes * 60_000_000).removesuffix("Z")
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert parse_instant(local + offset) == micros
