"""Exact numbers and durations."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tosrules.trace.durations import DurationError, from_seconds, parse_duration
from tosrules.trace.numbers import Inexact, decimal_text, exact, integer


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("-0.0e5", 0),
        ("0e999999999999999", 0),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("1.0", 1),
        ("1.5000000000", Fraction(3, 2)),
        ("-0.000001", Fraction(-1, 10**6)),
        ("1000000e-6", 1),
        ("999999999999999999", 10**18 - 1),
        ("-999999999999999999", 1 - 10**18),
        ("999999999999.999999", Fraction(10**18 - 1, 10**6)),
    ],
)
def test_exact(numeral, value):
    found = exact(numeral)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("numeral", "why"),
    [
        ("1000000000000000000", "large"),
        ("1e400", "large"),
        ("1e99999999999999999999999", "large"),
        ("9999999999999.999999", "large"),
        ("0.0000001", "fine"),
        ("1e-7", "fine"),
        ("1e-99999999999999999999999", "fine"),
    ],
)
def test_inexact(numeral, why):
    with pytest.raises(Inexact) as caught:
        exact(numeral)
    assert caught.value.why == why
    assert numeral not in str(caught.value)


def test_no_numeral():
    with pytest.raises(ValueError, match="is not a number"):
        exact("0x10")


@given(st.integers(1 - 10**18, 10**18 - 1), st.integers(0, 6))
def test_decimal_text_is_the_way_back(coefficient, places):
    numeral = str(Decimal(coefficient).scaleb(-places))
    value = exact(numeral)
    assert value == Fraction(coefficient, 10**places)
    assert exact(decimal_text(value)) == value


@given(st.integers())
def test_integer_agrees_with_exact(number):
    numeral = str(number)
    if abs(number) < 10**18:
        assert integer(numeral) == number
    else:
        with pytest.raises(Inexact):
            integer(numeral)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("10 minutes", 600_000_000),
        ("1 day", 86_400_000_000),
        ("1.5 hours", 5_400_000_000),
        ("-2 weeks", -1_209_600_000_000),
        ("3 microseconds", 3),
        ("250 milliseconds", 250_000),
        ("PT10M", 600_000_000),
        ("P1DT1H30M1.5S", 91_801_500_000),
        ("P2W", 1_209_600_000_000),
        ("-PT0.000001S", -1),
    ],
)
def test_durations(text, micros):
    assert parse_duration(text) == micros


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("2 months", "is in months or years, which have no fixed length"),
        ("P1Y", "is in months or years, which have no fixed length"),
        ("P", "is not a duration such as `10 minutes` or `PT10M`"),
        ("PT", "is not a duration such as `10 minutes` or `PT10M`"),
        ("P1DT", "is not a duration such as `10 minutes` or `PT10M`"),
        ("soon", "is not a duration such as `10 minutes` or `PT10M`"),
        ("1" * 200, "is not a duration such as `10 minutes` or `PT10M`"),
        ("0.5 microseconds", "is finer than a microsecond"),
        ("PT0.0000001S", "has more than 6 digits after the point"),
        ("99999999999999 weeks", "is longer than 31,000 years"),
    ],
)
def test_no_durations(text, predicate):
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value) == predicate


def test_seconds():
    assert from_seconds(Fraction(3, 2)) == 1_500_000
    with pytest.raises(DurationError):
        from_seconds(10**13)
