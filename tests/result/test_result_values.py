"""Values as results write them, and as sentences say them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tosrules.result.values import (
    about,
    count,
    duration_text,
    listed,
    number_text,
    plain,
    subject_words,
    value_words,
)
from tosrules.trace.durations import parse_duration
from tosrules.vocabulary import DURATION, NUMBER, TEXT, TIME, list_of

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("value", "of", "expected"),
    [
        ("a", TEXT, "a"),
        (True, None, True),
        (61, NUMBER, 61),
        (2**53, NUMBER, "9007199254740992"),
        (Fraction(1, 2), NUMBER, 0.5),
        (Fraction(123456789012345678, 10), NUMBER, "12345678901234567.8"),
        (Fraction(1, 10**6), NUMBER, 1e-06),
        (0, TIME, "1970-01-01T00:00:00Z"),
        (90 * 60 * SECOND, DURATION, "90 minutes"),
        (("a", "b"), list_of(TEXT), ("a", "b")),
        ((0,), list_of(TIME), ("1970-01-01T00:00:00Z",)),
    ],
)
def test_a_value_is_json_without_becoming_another(value, of, expected):
    found = plain(value, of)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "micros", [0, 1, 999, 1000, SECOND, 61 * SECOND, 86_400 * SECOND, 30 * 86_400 * SECOND, -SECOND]
)
def test_a_duration_reads_back(micros):
    assert parse_duration(duration_text(micros)) == micros


def test_numbers_in_words():
    assert number_text(1_200_000, grouped=True) == "1,200,000"
    assert number_text(Fraction(1, 3)) == "0.333333…"
    assert number_text(Fraction(-5, 2)) == "-2.5"
    assert value_words(1e-06) == "0.000001"
    assert value_words(("a", 1)) == '["a", 1]'
    assert value_words(None) == "unknown"


def test_lengths_of_time():
    assert about(0) == "no time"
    assert about(86_400 * SECOND) == "1 day"
    assert about(-(90_061 * SECOND)) == "1 day and 1 hour"
    assert about(3_600 * SECOND + 5 * SECOND) == "1 hour"


def test_lists_and_counts():
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d"], limit=2) == "a, b and 2 others"
    assert count(1, "duty", "duties") == "1 duty"
    assert count(1204, "event") == "1,204 events"


def test_who_that_is():
    assert subject_words(None) == "unknown party"
    assert subject_words({"actor": "svc"}) == "svc"
    assert subject_words({"account": "a-1"}) == "account a-1"
    assert subject_words({"name": "Meta"}) == "Meta"
