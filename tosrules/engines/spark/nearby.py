"""The tables of a plan on Spark, of many events: those with few rows lie on the driver, and what
is made of such tables alone is made there; the cluster makes and holds the others.

To plan a statement and to start its tasks takes a cluster longer than a table of some thousand
rows is worth, and most tables of a plan are no larger: they hold what is left after a condition.
On the driver DuckDB makes them, by the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tosrules.engines.columns import TABLE as EVENTS
from tosrules.engines.duckdb import emit as near
from tosrules.engines.duckdb.evaluate import executor, ordered, put
from tosrules.engines.duckdb.session import Session as Nearest
from tosrules.engines.spark.emit import query, quoted, scalar, text
from tosrules.engines.spark.rare import Part, Rare, apart
from tosrules.engines.spark.rows import as_held, of_each_part
from tosrules.engines.spark.tables import Step
from tosrules.plan.expr import Aggregate, Expr, Over
from tosrules.plan.kinds import kinds_of
from tosrules.plan.planner import Resolve
from tosrules.plan.relation import Explode, Filter, Group, Join, Project, Relation, Table, Union
from tosrules.plan.waves import tables_of
from tosrules.record import replace

if TYPE_CHECKING:
    from tosrules.engines.spark.session import Session

NEAR = 4_000_000
"""Rows up to which a table comes to the driver."""
EVENTS_NEAR = 2_000_000
"""Events of rare types, and such as hardly any clause wants, that come there: they are wider."""
LEAST = 1_000
"""Rows of each part that are looked at in any case, to see whether they are few."""
_SAMPLE = 20_000
"""Events by which it is told how many meet a condition."""
_SAMPLED = 20
"""Of each part in any case."""
_PART, _GIVEN = "part!", "given!"
_SENT = {"wide": "DECIMAL(38,0)"}
"""What the driver holds otherwise than the cluster."""
_NEAR_EVENTS, _RARE_EVENTS = "ev_near", "ev_rare"


class Nearby:
    """`kinds`: table → the kinds of its columns; `rare`: what is read from tables of its own;
    `events`: type → number of its events; `known`: table → its rows, of tables that need not be
    made."""

    def __init__(
        self,
        session: Session,
        kinds: Callable[[str], Mapping[str, str]],
        rare: Rare,
        events: Mapping[str, int],
        known: Mapping[str, Sequence[tuple[Any, ...]]],
    ) -> None:
        self.session = session
        self._events = events
        self._kinds_of = kinds
        self._rare = rare
        self._known = known
        self._parts: list[Part] | None = None
        """Tables with events of rare types, smallest first; None: not made yet."""
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
            if name in self._here:
                self.near.connection.execute(f"DROP TABLE {near.quoted(name)}")
                self._here.discard(name)

    def make(self, steps: Sequence[Step]) -> Sequence[int]:
        """Of tables that the cluster holds it is only known that they have rows."""
        return [self._one(step) for step in steps]

    def rows(
        self, table: str, columns: Sequence[str], order: Sequence[str]
    ) -> Sequence[tuple[Any, ...]]:
        ordered = f" ORDER BY {', '.join(map(near.quoted, order))}" if order else ""
        listed = ", ".join(map(near.quoted, columns))
        if table in self._here:
            asked = f"SELECT {listed} FROM {near.quoted(table)}{ordered}"
            return self.near.connection.execute(asked).fetchall()
        wanted = dict.fromkeys((*columns, *order))
        frame = self.session.spark.table(quoted(table)).select(*map(quoted, wanted))
        return self._read(frame, {n: self.kinds(table)[n] for n in wanted}, columns, order)

    def size(self, table: str) -> int:
        if table in self._here:
            asked = f"SELECT count(*) FROM {near.quoted(table)}"
            ((number,),) = self.near.connection.execute(asked).fetchall()
            return int(number)
        return int(self.session.spark.table(quoted(table)).count())

    def ask(self, relation: Relation, order: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        sources = tables_of(relation)
        if sources <= self._here:
            return self.near.connection.execute(ordered(relation, order)).fetchall()
        for name in sorted(sources & self._here - self._sent):
            self._send(name)
        kinds = kinds_of(relation, {name: self.kinds(name) for name in sources})
        frame = self.session.sql(query(relation))
        return self._read(frame, kinds, relation.columns, order)

    def _read(
        self, frame: Any, kinds: Mapping[str, str], columns: Sequence[str], order: Sequence[str]
    ) -> Sequence[tuple[Any, ...]]:
        """The rows of a frame of the cluster, as a table on the driver would tell them."""
        listed = ", ".join(map(near.quoted, columns))
        by = ", ".join(map(near.quoted, order)) or "ALL"
        with self._given(frame.toArrow()):
            asked = f"SELECT {listed} FROM ({_typed(kinds)}) ORDER BY {by}"
            return self.near.connection.execute(asked).fetchall()

    # ---- handing over ------------------------------------------------------------------------
    @contextmanager
    def _given(self, rows: Any) -> Iterator[None]:
        """Rows in columns as Arrow has them, as a table that can be read on the driver."""
        self.near.connection.register(_GIVEN, rows)
        try:
            yield
        finally:
            self.near.connection.unregister(_GIVEN)

    def _take(self, table: str, rows: Any) -> int:
        """Makes a table on the driver of rows as Arrow has them."""
        with self._given(rows):
            self.near.connection.execute(
                f"CREATE TABLE {near.quoted(table)} AS {_typed(self.kinds(table))}"
            )
        self._here.add(table)
        return int(rows.num_rows)

    def _send(self, table: str) -> None:
        """Gives the cluster a table of the driver."""
        listed = (
            f"{near.quoted(n)}::{_SENT.get(kind, near.TYPES[kind])} AS {near.quoted(n)}"
            for n, kind in self.kinds(table).items()
        )
        asked = f"SELECT {', '.join(listed)} FROM {near.quoted(table)}"
        rows = self.near.connection.sql(asked).to_arrow_table()
        made = self.session.spark.createDataFrame(rows)
        made.createOrReplaceTempView(quoted(table))
        self._sent.add(table)

    def kinds(self, table: str) -> Mapping[str, str]:
        if table not in (_NEAR_EVENTS, _RARE_EVENTS):
            return self._kinds_of(table)
        return {n: k for n, k in self._kinds_of(EVENTS).items() if n in self._rare.columns}

    # ---- making ------------------------------------------------------------------------------
    def _one(self, step: Step) -> int:
        if step.table in self._known:
            self._here.add(step.table)
            columns = tuple(self.kinds(step.table).items())
            return put(self.near, step.table, columns, self._known[step.table])
        source = self._apart(step.source if isinstance(step, Resolve) else step.relation)
        sources = tables_of(source)
        if sources <= self._here:
            self._here.add(step.table)
            if isinstance(step, Resolve):
                return self._execute(replace(step, source=source))
            return self._execute(replace(step, relation=source))
        for name in sorted(sources & self._here - self._sent):
            self._send(name)
        frame = self.session.sql(query(source))
        if isinstance(step, Resolve):
            found = step.function(tuple(row) for row in frame.collect())
            self._here.add(step.table)
            return put(self.near, step.table, step.columns, list(found))
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

    def _apart(self, source: Relation) -> Relation:
        """The same rows; those of rare types are read from tables of their own."""
        if self._parts is None and EVENTS in tables_of(source):
            self._parts = self._set_apart()
        return apart(source, self._parts or ())

    def _set_apart(self) -> list[Part]:
        spark, rare = self.session.spark, self._rare
        made: list[Part] = []
        columns = [quoted(name) for name in self.kinds(_RARE_EVENTS)]
        if rare.near < rare.types:
            frame = spark.table(EVENTS).where(_of(rare.types)).select(*columns)
            held = self._held[_RARE_EVENTS] = self.session.keep(frame)
            as_held(spark, held).createOrReplaceTempView(_RARE_EVENTS)
            made.append(Part(_RARE_EVENTS, rare.types))
        hardly, found = self._hardly_met(columns), None
        if hardly:
            asked = [_of(rare.near)] if rare.near else []
            where = " OR ".join((*asked, *map(scalar, hardly)))
            found = self._few(spark.table(EVENTS).where(where).select(*columns))
            hardly = hardly if found is not None else ()
        if found is None and rare.near:
            frame = spark.table(_RARE_EVENTS if made else EVENTS).where(_of(rare.near))
            found = frame.select(*columns).toArrow()
        if found is not None:
            self._take(_NEAR_EVENTS, found)
            made.insert(0, Part(_NEAR_EVENTS, rare.near, frozenset(hardly)))
        return made

    def _hardly_met(self, columns: Sequence[str]) -> tuple[Expr, ...]:
        """Conditions that so few events meet that the driver holds all of them, by a sample of
        each part. A wrong guess costs a statement."""
        conditions = self._rare.conditions
        if not conditions:
            return ()
        events = self.session.spark.table(EVENTS).select(*columns)
        parts = events._jdf.queryExecution().toRdd().getNumPartitions()
        sample = of_each_part(
            self.session.spark, events, max(_SAMPLED, _SAMPLE // max(1, parts))
        ).toArrow()
        asked = ", ".join(f"count(*) FILTER (WHERE {near.scalar(c)})" for c in conditions)
        with self._given(sample):
            query = f"SELECT {asked} FROM ({_typed(self.kinds(_RARE_EVENTS))})"
            (row,) = self.near.connection.execute(query).fetchall()
        so_far = sum(self._events[name] for name in self._rare.near)
        chosen: list[Expr] = []
        for met, condition in sorted(zip(row, conditions, strict=True), key=itemgetter(0)):
            # Twice as many as the sample says: it stands for no more than the parts' beginnings.
            so_far += 2 * (met + 1) * sum(self._events.values()) // max(1, sample.num_rows)
            if so_far > EVENTS_NEAR:
                break
            chosen.append(condition)
        return tuple(chosen)

    def _few(self, frame: Any) -> Any:
        """The rows of a frame, as Arrow has them, if they are few; else None. Of each part only
        so many are looked at."""
        from pyspark.sql import functions

        told = frame.withColumn(_PART, functions.spark_partition_id())
        found = of_each_part(self.session.spark, told, self._most).toArrow()
        of_parts = found.column(_PART).value_counts().field("counts").to_pylist()
        if found.num_rows > NEAR or max(of_parts, default=0) >= self._most:
            return None
        return found.drop_columns([_PART])


def _typed(kinds: Mapping[str, str]) -> str:
    """The query of columns of what is given, of some kinds."""
    listed = (f"{near.quoted(n)}::{near.TYPES[k]} AS {near.quoted(n)}" for n, k in kinds.items())
    return f"SELECT {', '.join(listed)} FROM {near.quoted(_GIVEN)}"


def _of(types: Set[str]) -> str:
    """SQL of whether an event is of one of the types."""
    return f"type IN ({', '.join(map(text, sorted(types)))})"


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
