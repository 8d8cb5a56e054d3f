"""Each operation of the allow-list on Spark: its value is the one that DuckDB gives."""

from __future__ import annotations

import duckdb
import pytest

from tests.plan.test_plan_operations import ARGUMENTS, ONE
from tosrules.engines.duckdb.emit import scalar as in_duckdb
from tosrules.engines.spark.emit import scalar
from tosrules.engines.spark.session import Session
from tosrules.plan.expr import OPERATIONS, Expr, Lambda, Operation, col, lit, null, op

TEXTS = ("it's", 'a "b"', "\x00\x07nul", "-- x; DROP TABLE ev", "é\n", "${env:HOME}", "\\u0041")
LIST = op("make list", lit(""), "x", "y")
UNKNOWN = op("make list", lit(""), "x", null("text"))
FURTHER: list[Expr] = [
    *(op("floor div", lit(n), lit(10)) for n in (-21, -20, -1, 0, 9, 10)),
    *(op("trunc div", lit(n), lit(10)) for n in (-21, 21)),
    *(op("mod", lit(n), lit(10)) for n in (-21, 21)),
    *(op("differs", a, b) for a in (ONE, null("integer")) for b in (lit(2), null("integer"))),
    *(op("range", lit(a), lit(b)) for a, b in ((3, 3), (5, 2), (1, 4))),
    *(op("date of day", lit(n)) for n in (-719_162, -1, 0, 18_321, 2_932_896)),
    *(op("month of day", lit(n)) for n in (-719_162, -1, 59)),
    op("*", lit(10**18, "wide"), lit(-(10**19), "wide")),
    op("unscaled", lit(-1_234_567, "wide"), lit(6)),
    op("to text", lit(0, "number")),
    op("length", lit("é😀e\u0301")),
    op("lower", lit("ÉAİ")),
    op("part", lit("a.b.c"), lit("."), lit(4)),
    op("list any", LIST, Lambda("v", op("=", col("v"), "y"))),
    op("list any", UNKNOWN, Lambda("v", op("=", col("v"), "y"))),
    op("list any", UNKNOWN, Lambda("v", op("=", col("v"), "x"))),
    op("list any", op("make list", lit("")), Lambda("v", op("=", col("v"), "x"))),
    op("in", null("text"), lit("x")),
    op("greatest", lit(1), null("integer"), lit(3)),
    *map(lit, TEXTS),
]


def test_each_operation_has_the_same_value(session: Session) -> None:
    made = [Operation(name, ARGUMENTS.get(name, (ONE, lit(2)))) for name in sorted(OPERATIONS)]
    asked = [*made, *FURTHER]
    items = ", ".join(f"{scalar(e)} AS c{n}" for n, e in enumerate(asked))
    came = tuple(session.sql(f"SELECT {items}").collect()[0])
    wanted = duckdb.execute(f"SELECT {', '.join(map(in_duckdb, asked))}").fetchone()
    assert wanted is not None
    differing = [
        (expr, one, other)
        for expr, one, other in zip(asked, wanted, came, strict=True)
        if one != other
    ]
    assert differing == []


def test_what_is_not_listed_cannot_be_planned() -> None:
    with pytest.raises(ValueError, match="no operation"):
        Operation("asof", (ONE, ONE))
