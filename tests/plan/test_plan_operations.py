"""The allow-list of the plan: each operation has its spelling, and no other can be planned."""

from __future__ import annotations

import duckdb
import pytest

from tosrules.engines.duckdb.emit import scalar
from tosrules.plan.expr import (
    AGGREGATES,
    OPERATIONS,
    OVER,
    Aggregate,
    Expr,
    Lambda,
    Operation,
    Over,
    both,
    case,
    col,
    either,
    lit,
    null,
    op,
)
from tosrules.plan.printing import printed
from tosrules.plan.relation import Table
from tosrules.plan.values import Typed, compare, constant, wide
from tosrules.vocabulary import NUMBER

TRUE, TEXT, ONE = lit(True), lit("a.b"), lit(1)
TEXTS = op("make list", lit(""), "x", "y")
ARGUMENTS: dict[str, tuple[Expr, ...]] = {
    "and": (TRUE, TRUE),
    "or": (TRUE, TRUE),
    "not": (TRUE,),
    "is null": (ONE,),
    "is not null": (ONE,),
    "case": (TRUE, ONE, ONE),
    "coalesce": (ONE, ONE),
    "in": (TEXT, TEXT, TEXT),
    "negate": (ONE,),
    "null if": (TEXT, lit("")),
    "wide": (ONE,),
    "decimal": (lit(1, "number"),),
    "integer": (lit(1, "wide"),),
    "number": (ONE,),
    "unscaled": (lit(1500, "wide"), lit(3)),
    "lower": (TEXT,),
    "length": (TEXT,),
    "extract": (TEXT, lit("(a)"), ONE),
    "part": (TEXT, lit("."), ONE),
    "pad": (TEXT, lit(6), lit("0")),
    "remove": (TEXT, lit(".")),
    "to text": (ONE,),
    "list length": (TEXTS,),
    "list any": (TEXTS, Lambda("x", op("=", col("x"), "y"))),
    "list has": (TEXTS, lit("x")),
    "make list": (lit(""), TEXT),
    "range": (ONE, lit(4)),
    "month of day": (lit(18_000),),
    "year of day": (lit(18_000),),
    "date of day": (lit(18_000),),
}
TWO_TEXTS = (
    "contains",
    "starts with",
    "ends with",
    "matches",
    "matches any case",
    "concat",
)
ARGUMENTS |= dict.fromkeys(TWO_TEXTS, (TEXT, TEXT))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_operation_runs(name: str, connection: duckdb.DuckDBPyConnection) -> None:
    made = Operation(name, ARGUMENTS.get(name, (ONE, lit(2))))
    row = connection.execute(f"SELECT {scalar(made)}").fetchone()
    assert row is not None
    assert row[0] is not None


def test_what_is_not_listed_cannot_be_planned() -> None:
    with pytest.raises(ValueError, match="no operation"):
        Operation("asof", (ONE, ONE))
    with pytest.raises(ValueError, match="no aggregate"):
        Aggregate("arg_min", (ONE,))
    with pytest.raises(ValueError, match="no window function"):
        Over("nth_value", (ONE,), (), ())
    assert "count" in AGGREGATES & OVER


@pytest.mark.parametrize(
    ("one", "other", "conjunction", "disjunction"),
    [
        (True, None, None, True),
        (False, None, False, None),
        (None, None, None, None),
        (True, False, False, True),
    ],
)
def test_truth_is_kleenes(
    one: bool | None,
    other: bool | None,
    conjunction: bool | None,
    disjunction: bool | None,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    left, right = (null("boolean") if v is None else lit(v) for v in (one, other))
    said = f"SELECT {scalar(op('and', left, right))}, {scalar(op('or', left, right))}"
    assert connection.execute(said).fetchone() == (conjunction, disjunction)


@pytest.mark.parametrize("text", ["it's", 'a "b"', "\x00\x07nul", "-- x; DROP TABLE ev", "é\n"])
def test_texts_are_constants(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute(f"SELECT {scalar(lit(text))}").fetchone() == (text,)


def test_floor_division_is_downwards(connection: duckdb.DuckDBPyConnection) -> None:
    found = [
        connection.execute(f"SELECT {scalar(op('floor div', lit(n), lit(10)))}").fetchone()
        for n in (-21, -20, -1, 0, 9, 10)
    ]
    assert found == [(-3,), (-2,), (-1,), (0,), (0,), (1,)]


def test_numbers_are_exact(connection: duckdb.DuckDBPyConnection) -> None:
    third = wide(constant(1, NUMBER))
    assert third.places == 0
    tenth = Typed(op("wide", op("decimal", lit(1, "number"))), "wide", 6)
    same = compare("=", tenth, constant(1, NUMBER))
    assert connection.execute(f"SELECT {scalar(same)}").fetchone() == (True,)


def test_constants_fold() -> None:
    assert both(TRUE, lit(False), op("=", ONE, ONE)) == lit(False)
    assert either(lit(False), TRUE) == TRUE
    assert case((lit(False), ONE), otherwise=lit(2)) == lit(2)


def test_the_plan_is_readable() -> None:
    from tosrules.plan.planner import Make

    table = Table("ev", ("pos", "t"))
    made = table.where(op(">", col("t"), lit(5))).project("pos")
    assert printed([Make("late", made, "what came late")]) == (
        "late: what came late\n  project pos\n    filter (t > 5)\n      table ev\n"
    )
