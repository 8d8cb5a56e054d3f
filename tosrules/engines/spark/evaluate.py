"""Judging a trace on Spark: the plan's tables in waves, then the outcome read off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from tosrules.engines.columns import TABLE
from tosrules.engines.planning import plan_of
from tosrules.engines.readout import Readout
from tosrules.engines.spark import nearby, rare
from tosrules.engines.spark.emit import quoted
from tosrules.engines.spark.nearby import Nearby
from tosrules.engines.spark.rows import frame_of
from tosrules.engines.spark.tables import Inlined, Making, translated
from tosrules.plan.planner import Resolve
from tosrules.plan.waves import Waves

if TYPE_CHECKING:
    from tosrules.engines.columns import ColumnTrace
    from tosrules.engines.outcome import Outcome
    from tosrules.engines.spark.session import Session
    from tosrules.plan.clauses import ClausePlan
    from tosrules.plan.planner import Planner
    from tosrules.plan.relation import Relation, Table
    from tosrules.policy.model import Clause, Policy
    from tosrules.trace.event import Event

FEW = 5_000
"""Events up to which every table of a plan is small enough to be a part of the statements that
read it."""


SMALL = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.leafNodeDefaultParallelism": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
}
"""Of sessions that judge few events: to compile a statement takes longer than to run it."""

LARGE = {
    "spark.sql.autoBroadcastJoinThreshold": str(32 * 2**20),
    "spark.sql.codegen.useIdInClassName": "false",
}
"""Of sessions that judge many. What the driver hands over is sent everywhere whole; code that was
compiled for one statement serves others."""


def judge(
    session: Session,
    policy: Policy,
    trace: ColumnTrace,
    clauses: Sequence[Clause],
    evidence: int | None = None,
) -> Outcome:
    """Judge the events in a session's view `ev` by some clauses. Of each finding's events only
    the first and last `evidence` are read whole, others while the session is open and judges
    nothing else; None: all.

    Raises EvaluationError where the rules cannot be evaluated on this trace."""
    with translated():
        planner, plans = plan_of(
            policy,
            trace,
            span(session, trace),
            clauses,
            None if evidence is None else 3,
            merged=True,
        )
        tables = _Tables(session, planner, trace)
        session.hold(tables.making.close)
        tables.make(plans)
        limit = None if trace.at_hand else evidence
        outcome = Readout(tables, planner, limit).outcome(plans)
        trace.unchanged()
        return outcome


def span(session: Session, trace: ColumnTrace) -> tuple[int, int]:
    """First and last instant of the trace, microseconds; of an empty one, both 0."""
    if trace.stretches:
        spans = trace.stretches.values()
        return min(s.first for s in spans), max(s.last for s in spans)
    row = session.spark.sql(f"SELECT min(t) AS one, max(t) AS other FROM {TABLE}").first()
    return (0, 0) if row is None or row[0] is None else (row[0], row[1])


class _Tables:
    """The tables of a plan in a session."""

    def __init__(self, session: Session, planner: Planner, trace: ColumnTrace) -> None:
        self.session = session
        self.trace = trace
        self.planner = planner
        self.making: Making
        few = trace.count <= FEW
        if few:
            self.making = Inlined(session)
        else:
            relations = [s.source if isinstance(s, Resolve) else s.relation for s in planner.steps]
            self.making = Nearby(
                session,
                lambda name: self.waves.kinds(name),
                rare.of(relations, trace.of_type, nearby.EVENTS_NEAR),
                trace.of_type,
                {planner.numbers().name: [*trace.of_type.items()]} if trace.of_type else {},
            )
        for name, value in (SMALL if few else LARGE).items():
            session.spark.conf.set(name, value)
        self.waves = Waves(planner.steps, planner.scan, planner.scan_kinds, self.making.make)

    def make(self, plans: Sequence[ClausePlan]) -> None:
        """Makes all that an outcome is read from."""
        wanted: list[Table] = []
        for plan in plans:
            wanted += plan.tables()
        for planned in (self.planner.statuses.planned(), self.planner.links.planned()):
            wanted += (tables.keyless for tables in planned.values())
        self.waves.make(wanted, self.making.release)

    def rows(
        self, table: Table, columns: Sequence[str], order: Sequence[str] = ()
    ) -> Sequence[tuple[Any, ...]]:
        if not self.waves.rows(table):
            return []
        return self.making.rows(table.name, columns, order)

    def size(self, table: Table) -> int:
        return self.making.size(table.name) if self.waves.rows(table) else 0

    def kinds(self, table: Table) -> Mapping[str, str]:
        return self.waves.kinds(table.name)

    def ask(self, relation: Relation, order: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        return self.making.ask(relation, order)

    def events(self, positions: Sequence[int]) -> Mapping[int, Event]:
        return self.trace.fetch(positions)

    def outlined(self, positions: Set[int], columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        spark = self.session.spark
        wanted = frame_of(spark, ((p,) for p in positions), "`pos!` BIGINT")
        joined = spark.table(TABLE).join(wanted, _column("pos") == _column("pos!"), "left_semi")
        for row in joined.select(*map(quoted, columns)).toLocalIterator():
            yield tuple(row)

    def hashed(self, secret: str) -> str:
        return self.session.hashed(secret)


def _column(name: str) -> Any:
    from pyspark.sql import functions

    return functions.col(quoted(name))
