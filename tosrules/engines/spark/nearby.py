"""The tables of a plan on Spark, of many events: those with few rows lie on the driver, and what
is made of such tables alone is made there; the cluster makes and holds the others.

To plan a statement and to start its tasks takes a cluster longer than a table of some thousand
rows is worth, and most tables of a plan are no larger: they hold what is left after a condition.
On the driver DuckDB makes them, by the same plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tosrules.engines.duckdb import emit as near
from tosrules.engines.duckdb.evaluate import executor
from tosrules.engines.duckdb.session import Session as Nearest
from tosrules.engines.spark.emit import TYPES, query, quoted
from tosrules.engines.spark.tables import Step, as_held, local, rows_of
from tosrules.plan.expr import Aggregate, Expr, Over
from tosrules.plan.planner import Resolve
from tosrules.plan.relation import Explode, Filter, Group, Join, Project, Relation, Table, Union
from tosrules.plan.waves import tables_of

if TYPE_CHECKING:
    from tosrules.engines.spark.session import Session

NEAR = 100_000
"""Rows up to which a table comes to the driver."""
LEAST = 1_000
"""Rows of each part that are looked at in any case, to see whether they are few."""
_AT_ONCE = 50_000
_PART = "part!"


class Nearby:
    """`kinds`: table → the kinds of its columns."""

    def __init__(self, session: Session, kinds: Callable[[str], Mapping[str, str]]) -> None:
        self.session = session
        self.kinds = kinds
        self.near = Nearest()
        self._execute = executor(self.near)
        self._here: set[str] = set()
        """Tables on the driver."""
        self._sent: set[str] = set()
        """Those of them that the cluster has, too."""
        self._held: dict[str, Any] = {}
        """Tables of the cluster."""
        parts = int(session.spark.conf.get("spark.sql.shuffle.partitions", "200") or 200)
        self._most = max(LEAST, 4 * NEAR // parts)

    def close(self) -> None:
        self.near.close()

    def release(self, tables: Iterable[str]) -> None:
        """Lets go of tables from which nothing is made any more."""
        for name in tables:
            frame = self._held.pop(name, None)
            if frame is not None:
                self.session.release(frame)

    def make(self, steps: Sequence[Step]) -> Sequence[int]:
        """Of tables that the cluster holds it is only known that they have rows."""
        return [self._one(step) for step in steps]

    def rows(
        self, table: str, columns: Sequence[str], order: Sequence[str]
    ) -> Sequence[tuple[Any, ...]]:
        if table not in self._here:
            return rows_of(self.session.spark.table(quoted(table)), columns, order)
        ordered = f" ORDER BY {', '.join(map(near.quoted, order))}" if order else ""
        listed = ", ".join(map(near.quoted, columns))
        asked = f"SELECT {listed} FROM {near.quoted(table)}{ordered}"
        return self.near.connection.execute(asked).fetchall()

    # ---- making ------------------------------------------------------------------------------
    def _one(self, step: Step) -> int:
        source = step.source if isinstance(step, Resolve) else step.relation
        sources = tables_of(source)
        if sources <= self._here:
            self._here.add(step.table)
            return self._execute(step)
        for name in sorted(sources & self._here - self._sent):
            self._send(name)
        frame = self.session.sql(query(source))
        if isinstance(step, Resolve):
            given = (tuple(row) for row in frame.collect())
            return self._take(step.table, list(step.function(given)))
        held = None
        if gathers(source):
            # Its first rows cost as much as all of them.
            held = frame = self.session.keep(frame)
        found = self._few(frame)
        if found is not None:
            if held is not None:
                self.session.release(held)
            return self._take(step.table, found)
        if held is None:
            held = self.session.keep(frame)
        self._held[step.table] = held
        as_held(self.session.spark, held).createOrReplaceTempView(quoted(step.table))
        return 1

    def _few(self, frame: Any) -> list[tuple[Any, ...]] | None:
        """The rows of a frame if they are few. Of each part only so many are looked at."""
        from pyspark.sql import DataFrame, functions

        spark = self.session.spark
        told = frame.withColumn(_PART, functions.spark_partition_id())
        jvm: Any = spark._jvm
        # Of the two halves of a limit the one for each part, which brings nothing together.
        plan = told.limit(self._most)._jdf.queryExecution().analyzed().child()
        cut = jvm.org.apache.spark.sql.classic.Dataset.ofRows(spark._jsparkSession, plan)
        found = [tuple(row) for row in DataFrame(cut, spark).collect()]
        of_parts = Counter(row[-1] for row in found)
        if len(found) > NEAR or max(of_parts.values(), default=0) >= self._most:
            return None
        return [row[:-1] for row in found]

    def _take(self, table: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Makes a table on the driver of its rows."""
        kinds = list(self.kinds(table).items())
        named = ", ".join(f"{near.quoted(name)} {near.TYPES[kind]}" for name, kind in kinds)
        connection = self.near.connection
        connection.execute(f"CREATE TABLE {near.quoted(table)} ({named})")
        parts = ", ".join(f"unnest(${n}::{near.TYPES[k]}[])" for n, (_, k) in enumerate(kinds, 1))
        wide = [n for n, (_, kind) in enumerate(kinds) if kind == "wide"]
        for start in range(0, len(rows), _AT_ONCE):
            lists = [list(column) for column in zip(*rows[start : start + _AT_ONCE], strict=True)]
            for place in wide:
                lists[place] = [None if v is None else int(v) for v in lists[place]]
            connection.execute(f"INSERT INTO {near.quoted(table)} SELECT {parts}", lists)
        self._here.add(table)
        return len(rows)

    def _send(self, table: str) -> None:
        """Gives the cluster a table of the driver."""
        kinds = list(self.kinds(table).items())
        wide = [n for n, (_, kind) in enumerate(kinds) if kind == "wide"]

        def rows() -> Iterator[tuple[Any, ...]]:
            for row in self.rows(table, [name for name, _ in kinds], ()):
                values = list(row)
                for place in wide:
                    values[place] = None if row[place] is None else Decimal(row[place])
                yield tuple(values)

        schema = ", ".join(f"{quoted(name)} {TYPES[kind]}" for name, kind in kinds)
        spark = self.session.spark
        made = spark.createDataFrame(list(rows()), schema, verifySchema=False)
        local(spark, made).createOrReplaceTempView(quoted(table))
        self._sent.add(table)


def gathers(relation: Relation) -> bool:
    """Whether rows have to be brought together before the first of them is known."""
    match relation:
        case Table():
            return False
        case Filter(source=source, condition=condition):
            return _window(condition) or gathers(source)
        case Project(source=source, items=items):
            return any(_window(e) for _, e in items) or gathers(source)
        case Explode(source=source):
            return gathers(source)
        case Union(sources=sources):
            return any(map(gathers, sources))
        case Group() | Join():
            return True
    raise TypeError(f"no relation: {relation!r}")


def _window(expr: Expr) -> bool:
    return isinstance(expr, Over | Aggregate) or any(
        _window(part) for part in getattr(expr, "args", ())
    )
