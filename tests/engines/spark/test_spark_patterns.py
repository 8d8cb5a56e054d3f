"""A regular expression means on Spark what RE2 says: patterns that tell implementations apart, on
texts that do, asked as the engine asks them."""

from __future__ import annotations

from random import Random

import pytest

from tests.engines.duckdb.test_regular_expressions import PATTERNS, REFUSED, TEXTS, accepted
from tosrules.engines.reference.functions import search
from tosrules.engines.spark.emit import scalar
from tosrules.engines.spark.patterns import java_pattern
from tosrules.engines.spark.session import Session
from tosrules.errors import EvaluationError
from tosrules.plan.expr import col, lit, op

UNSAID = ("\\C?a", "(a|aa)+$")
"""What Java cannot say, or only in a time that doubles with each character."""
SAID = [p for p in PATTERNS if p not in REFUSED and p not in UNSAID]


def differences(session: Session, patterns: list[str]) -> list[tuple[object, ...]]:
    """Where Spark and RE2 differ, over all texts, letters told apart or not."""
    asked = [(p, i) for p in patterns for i in (False, True)]
    items = [scalar(op("matches any case" if i else "matches", col("t"), lit(p))) for p, i in asked]
    session.spark.createDataFrame([(t,) for t in TEXTS], "t STRING").createOrReplaceTempView(
        "texts"
    )
    named = ", ".join(f"{item} AS c{n}" for n, item in enumerate(items))
    found = []
    for row in session.sql(f"SELECT t, {named} FROM texts").collect():
        for (pattern, ignore_case), came in zip(asked, row[1:], strict=True):
            wanted = search(pattern, ignore_case)(row[0])
            if came != wanted:
                found.append((pattern, ignore_case, row[0], wanted))
    return found


def test_patterns_mean_the_same(session: Session) -> None:
    assert differences(session, SAID) == []


def test_random_patterns_mean_the_same(session: Session) -> None:
    draw = Random("tosrules patterns on Spark")
    pieces = [p for p in SAID if p]
    drawn: list[str] = []
    unsaid = 0
    while len(drawn) < 150:
        some = [draw.choice(pieces) for _ in range(draw.randint(2, 4))]
        pattern = "".join(f"(?:{p})" if draw.random() < 0.3 else p for p in some)
        pattern += draw.choice(("", "", "*", "?", "|"))
        if not accepted(pattern):
            continue
        try:
            java_pattern(pattern), java_pattern(pattern, ignore_case=True)
        except EvaluationError:
            unsaid += 1
            continue
        drawn.append(pattern)
    assert differences(session, drawn) == []
    assert unsaid < 20


@pytest.mark.parametrize(
    "pattern",
    ["(a|aa)+$", "(?:a+b?)+c", "(?:a?b?)*c", "(x+y*)+z", "(a{1,3}b?){2,}c", "(.*a)+b", "\\C"],
)
def test_what_cannot_be_said_is_an_error(pattern: str) -> None:
    with pytest.raises(EvaluationError, match=r"which cannot be said on Spark"):
        java_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a*)*b", "(?:ab)*c", r"^(?:[a-z]+\.)+com$"])
def test_what_repeats_in_one_way_is_said(pattern: str) -> None:
    assert java_pattern(pattern)


def test_groups_hold_what_they_hold_in_re2(session: Session) -> None:
    asked = op("extract", col("t"), lit("^(a+)(é|b)?"), lit(2))
    frame = session.spark.createDataFrame([("aaé",), ("ab",), ("a",), ("x",)], "t STRING")
    frame.createOrReplaceTempView("texts")
    rows = session.sql(f"SELECT {scalar(asked)} FROM texts").collect()
    assert [row[0] for row in rows] == ["é", "b", "", ""]
