"""Judging a trace on DuckDB: the plan's steps one after another, then the outcome read off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from tosrules.engines.duckdb.emit import TYPES, query, quoted
from tosrules.engines.outcome import Outcome
from tosrules.engines.planning import plan_of
from tosrules.engines.readout import Readout
from tosrules.errors import EvaluationError
from tosrules.plan.clauses import ClausePlan
from tosrules.plan.planner import Make, Planner, Resolve, needed_columns
from tosrules.plan.relation import Relation, Table
from tosrules.plan.running import Execute, Running
from tosrules.policy.model import Clause, Policy
from tosrules.trace.event import Event

if TYPE_CHECKING:
    from tosrules.engines.columns import ColumnTrace
    from tosrules.engines.duckdb.session import Session
    from tosrules.trace.trace import Trace


def evaluate(
    policy: Policy,
    trace: Trace,
    clauses: Sequence[Clause] | None = None,
    evidence: int | None = None,
) -> Outcome:
    """Judge a trace in memory, as the reference evaluator does; `evidence` as for `judge`."""
    from tosrules.engines.duckdb.memory import load_events
    from tosrules.engines.duckdb.session import Session

    chosen = policy.judged() if clauses is None else tuple(clauses)
    with Session() as session:
        columns = load_events(session, trace, needed_columns(policy, chosen), policy.vocabulary)
        return judge(session, policy, columns, chosen, evidence)


def judge(
    session: Session,
    policy: Policy,
    trace: ColumnTrace,
    clauses: Sequence[Clause],
    evidence: int | None = None,
) -> Outcome:
    """Judge the events in a session's table by some clauses. Of each finding's events only the
    first and last `evidence` are read whole, others while the session is open; None: all.

    Raises EvaluationError where the rules cannot be evaluated on this trace."""
    planner, plans = planned(session, policy, trace, clauses, None if evidence is None else 3)
    limit = None if trace.at_hand else evidence
    return Readout(_Tables(session, planner, trace), planner, limit).outcome(plans)


def planned(
    session: Session,
    policy: Policy,
    trace: ColumnTrace,
    clauses: Sequence[Clause],
    examples: int | None = 3,
) -> tuple[Planner, list[ClausePlan]]:
    """The plan for some clauses on the events in a session's table."""
    return plan_of(policy, trace, span(session), clauses, examples)


def span(session: Session) -> tuple[int, int]:
    """First and last instant of the table, microseconds; of an empty one, both 0."""
    row = session.connection.execute("SELECT min(t), max(t) FROM ev").fetchone()
    return (0, 0) if row is None or row[0] is None else (row[0], row[1])


def executor(session: Session) -> Execute:
    """Makes one table of a plan in the session."""
    import duckdb

    def execute(step: Make | Resolve) -> int:
        try:
            if isinstance(step, Resolve):
                rows = session.connection.execute(query(step.source)).fetchall()
                return put(session, step.table, step.columns, list(step.function(rows)))
            made = f"CREATE TABLE {quoted(step.table)} AS {query(step.relation)}"
            row = session.connection.execute(made).fetchone()
            return int(row[0]) if row is not None else 0
        except duckdb.OutOfRangeException as error:
            raise EvaluationError(
                "a sum or product has more than 38 digits, so it cannot be held exactly; "
                "leave out the events with such numbers, or scale the attribute"
            ) from error

    return execute


def put(
    session: Session,
    table: str,
    columns: Sequence[tuple[str, str]],
    found: Sequence[tuple[Any, ...]],
) -> int:
    """Makes a table with columns of some kinds of rows; their number."""
    named = ", ".join(f"{quoted(n)} {TYPES[kind]}" for n, kind in columns)
    session.connection.execute(f"CREATE TABLE {quoted(table)} ({named})")
    parts = ", ".join(f"unnest(${n}::{TYPES[kind]}[])" for n, (_, kind) in enumerate(columns, 1))
    for first in range(0, len(found), 50_000):
        some = found[first : first + 50_000]
        lists = [list(column) for column in zip(*some, strict=True)]
        session.connection.execute(f"INSERT INTO {quoted(table)} SELECT {parts}", lists)
    return len(found)


def ordered(relation: Relation, order: Sequence[str]) -> str:
    """The query of a relation in ascending order of some of its columns."""
    return f"SELECT * FROM ({query(relation)}) ORDER BY {', '.join(map(quoted, order))}"


class _Tables:
    """The tables of a plan in a session, each made when it is first read."""

    def __init__(self, session: Session, planner: Planner, trace: ColumnTrace) -> None:
        self.session = session
        self.trace = trace
        self.running = Running(planner.steps, planner.scan, planner.scan_kinds, executor(session))

    def rows(
        self, table: Table, columns: Sequence[str], order: Sequence[str] = ()
    ) -> list[tuple[Any, ...]]:
        if not self.running.rows(table):
            return []
        ordered = f" ORDER BY {', '.join(map(quoted, order))}" if order else ""
        text = f"SELECT {', '.join(map(quoted, columns))} FROM {quoted(table.name)}{ordered}"
        return self.session.connection.execute(text).fetchall()

    def size(self, table: Table) -> int:
        return self.running.rows(table)

    def kinds(self, table: Table) -> Mapping[str, str]:
        return self.running.kinds(table.name)

    def ask(self, relation: Relation, order: Sequence[str]) -> list[tuple[Any, ...]]:
        return self.session.connection.execute(ordered(relation, order)).fetchall()

    def events(self, positions: Sequence[int]) -> Mapping[int, Event]:
        return self.trace.fetch(positions)

    def outlined(self, positions: Set[int], columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        connection = self.session.connection
        connection.execute(
            "CREATE OR REPLACE TABLE outlined AS SELECT unnest($1::BIGINT[]) AS pos",
            [list(positions)],
        )
        listed = ", ".join(f"ev.{quoted(c)}" for c in columns)
        found = connection.execute(f"SELECT {listed} FROM ev SEMI JOIN outlined USING (pos)")
        while rows := found.fetchmany(50_000):
            yield from rows

    def hashed(self, secret: str) -> str:
        return self.session.hashed(secret)
