"""The tables of a plan on Spark, of few events: parts of the statements that read them. And what
all ways to make tables share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

from tosrules.engines.columns import TABLE as EVENTS
from tosrules.engines.spark.emit import TYPES, query, quoted
from tosrules.engines.spark.exhaustion import text_of
from tosrules.engines.spark.rows import frame_of
from tosrules.errors import EvaluationError
from tosrules.plan.planner import Make, Resolve

if TYPE_CHECKING:
    from tosrules.engines.spark.session import Session
    from tosrules.plan.relation import Relation

Step = Make | Resolve
_WIDE = TYPES["wide"].lower()
_PART = 50_000
"""Rows handed over to Spark at once."""


class Making(Protocol):
    """How tables are made."""

    def make(self, steps: Sequence[Step]) -> Sequence[int]:
        """Makes some tables, none of them from another; the number of rows of each."""

    def release(self, tables: Iterable[str]) -> None:
        """Nothing is made from these any more, and nobody reads them."""

    def rows(
        self, table: str, columns: Sequence[str], order: Sequence[str]
    ) -> Sequence[tuple[Any, ...]]:
        """Some columns of a table that was made, in ascending order of some of its columns."""

    def size(self, table: str) -> int:
        """The number of rows of a table that was made."""

    def ask(self, relation: Relation, order: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        """The rows of a relation over such tables and the events, ascending by some columns."""

    def close(self) -> None:
        """Lets go of everything."""


class Inlined:
    """Tables that are collected as they are made, and stand in the statements that read them.
    What is asked of few rows takes Spark no time; that it is asked does."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._rows: dict[str, int] = {}
        together(session.spark.table(EVENTS)).createOrReplaceTempView(EVENTS)

    def make(self, steps: Sequence[Step]) -> Sequence[int]:
        return [self._one(step) for step in steps]

    def release(self, tables: Iterable[str]) -> None:
        """They are small, and nowhere but in statements."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def _one(self, step: Step) -> int:
        spark = self.session.spark
        if isinstance(step, Resolve):
            made = resolved(spark, step)
        else:
            made = spark.sql(query(step.relation))
        made, number = _collected(spark, made)
        together(made).createOrReplaceTempView(quoted(step.table))
        self._rows[step.table] = number
        return number

    def rows(
        self, table: str, columns: Sequence[str], order: Sequence[str]
    ) -> Sequence[tuple[Any, ...]]:
        return rows_of(self.session.spark.table(quoted(table)), columns, order)

    def size(self, table: str) -> int:
        return self._rows[table]

    def ask(self, relation: Relation, order: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        return rows_of(self.session.sql(query(relation)), relation.columns, order)


def rows_of(frame: Any, columns: Sequence[str], order: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    wanted = list(dict.fromkeys((*columns, *order)))
    chosen = frame.select(*map(quoted, wanted))
    found = [tuple(row) for row in chosen.collect()]
    wide = [n for n, field in enumerate(chosen.schema) if field.dataType.simpleString() == _WIDE]
    if wide:
        found = [_whole(row, wide) for row in found]
    if order:
        found.sort(key=itemgetter(*map(wanted.index, order)))
    return found if len(wanted) == len(columns) else [row[: len(columns)] for row in found]


def _whole(row: tuple[Any, ...], places: Sequence[int]) -> tuple[Any, ...]:
    """A row with whole numbers where Spark has decimals without places."""
    values = list(row)
    for place in places:
        if values[place] is not None:
            values[place] = int(values[place])
    return tuple(values)


def resolved(spark: Any, step: Resolve) -> Any:
    given = (tuple(row) for row in spark.sql(query(step.source)).collect())
    found = list(step.function(given))
    schema = ", ".join(f"{quoted(name)} {TYPES[kind]}" for name, kind in step.columns)
    made = frame_of(spark, found, schema)
    if len(found) > _PART:
        return made
    return local(spark, made)


def local(spark: Any, frame: Any) -> Any:
    """The same rows as a part of the plan, so that Spark knows how few they are."""
    return _collected(spark, frame)[0]


def _collected(spark: Any, frame: Any) -> tuple[Any, int]:
    """The same rows as a part of the plan, and how many they are. They stay in Spark's process."""
    from pyspark.sql import DataFrame

    rows = frame._jdf.collectAsList()
    made = spark._jsparkSession.createDataFrame(rows, frame._jdf.schema())
    return DataFrame(made, spark), int(rows.size())


def together(frame: Any) -> Any:
    """The same rows, in one part, of which Spark knows it: it then brings nothing together."""
    return frame.coalesce(1)


_UNHELD = frozenset(
    {
        "ARITHMETIC_OVERFLOW",
        "BINARY_ARITHMETIC_OVERFLOW",
        "CAST_OVERFLOW",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        "NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION",
    }
)


@contextmanager
def translated() -> Iterator[None]:
    """Turns Spark's errors about what the rules compute into the project's own."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        said = _in_words(error)
        if said is None:
            raise
        raise EvaluationError(said) from error


def _in_words(error: Any) -> str | None:
    text = text_of(error)
    condition = error.getCondition() if text and hasattr(error, "getCondition") else None
    if condition in _UNHELD or any(f"[{name}" in text for name in _UNHELD):
        return (
            "a sum or product has more than 38 digits, so it cannot be held exactly; "
            "leave out the events with such numbers, or scale the attribute"
        )
    if "java.lang.StackOverflowError" in text and "java.util.regex" in text:
        return (
            "a text is too long for a pattern that repeats a group; write the pattern with "
            "repeated characters, or use another engine"
        )
    if "FAILED_READ_FILE" in text or "ParquetDecodingException" in text:
        return "a file cannot be read to its end: it is damaged, or has changed meanwhile"
    return None
