"""Judging a trace on DuckDB: the plan's steps one after another, then the outcome read off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import isqrt
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from tosrules.engines.duckdb.emit import TYPES, query, quoted
from tosrules.engines.outcome import (
    ClauseOutcome,
    Computed,
    EvaluationError,
    Evidence,
    Finding,
    Match,
    Outcome,
    Pending,
    Subject,
    Undetermined,
)
from tosrules.plan.clauses import ClausePlan, clause_plans
from tosrules.plan.findings import FindingPlan
from tosrules.plan.planner import Facts, Make, Planner, Resolve, needed_columns
from tosrules.plan.reasons import Reason
from tosrules.plan.relation import Table
from tosrules.plan.rules import ComputedOf
from tosrules.plan.running import Execute, Running
from tosrules.policy.model import Clause, ObligationRule, Policy
from tosrules.trace.event import Event, Origin, Value

if TYPE_CHECKING:
    from tosrules.engines.duckdb.columns import ColumnTrace
    from tosrules.engines.duckdb.session import Session
    from tosrules.trace.trace import Trace

T = TypeVar("T")


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
    first and last `evidence` are read whole; None: all.

    Raises EvaluationError where the rules cannot be evaluated on this trace."""
    planner, plans = planned(session, policy, trace, clauses, None if evidence is None else 3)
    return _Reading(session, planner, trace, evidence).outcome(plans)


def planned(
    session: Session,
    policy: Policy,
    trace: ColumnTrace,
    clauses: Sequence[Clause],
    examples: int | None = 3,
) -> tuple[Planner, list[ClausePlan]]:
    """The plan for some clauses on the events in a session's table."""
    start, end = span(session)
    facts = Facts(trace.count, trace.observed, trace.types, start, end)
    planner = Planner(policy, facts, needed_columns(policy, clauses))
    for name in policy.order:
        if name in policy.statuses:
            planner.statuses.of(name)
        elif name in policy.links:
            planner.links.of(name)
    return planner, clause_plans(planner, clauses, examples)


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
                return _resolve(session, step)
            made = f"CREATE TABLE {quoted(step.table)} AS {query(step.relation)}"
            row = session.connection.execute(made).fetchone()
            return int(row[0]) if row is not None else 0
        except duckdb.OutOfRangeException as error:
            raise EvaluationError(
                "a sum or product has more than 38 digits, so it cannot be held exactly; "
                "leave out the events with such numbers, or scale the attribute"
            ) from error

    return execute


def _resolve(session: Session, step: Resolve) -> int:
    rows = session.connection.execute(query(step.source)).fetchall()
    found = list(step.function(rows))
    columns = ", ".join(f"{quoted(n)} {TYPES[kind]}" for n, kind in step.columns)
    session.connection.execute(f"CREATE TABLE {quoted(step.table)} ({columns})")
    parts = ", ".join(
        f"unnest(${n}::{TYPES[kind]}[])" for n, (_, kind) in enumerate(step.columns, 1)
    )
    for first in range(0, len(found), 50_000):
        some = found[first : first + 50_000]
        lists = [list(column) for column in zip(*some, strict=True)]
        session.connection.execute(f"INSERT INTO {quoted(step.table)} SELECT {parts}", lists)
    return len(found)


class _Reading:
    """Reads the tables of clauses into an outcome."""

    def __init__(
        self,
        session: Session,
        planner: Planner,
        trace: ColumnTrace,
        limit: int | None,
    ) -> None:
        self.limit = limit
        self.session = session
        self.planner = planner
        self.trace = trace
        self.running = Running(planner.steps, planner.scan, planner.scan_kinds, executor(session))
        self.events: dict[int, Event] = {}
        self.secret = planner.secret
        self.clear: dict[str, Value] = {}
        """Hashes of secrets → the secrets, of events that were read whole."""
        self.reasons = {number: reason for reason, number in planner.reasons.items()}
        self.notes = {number: name for name, number in planner.notes.items()}

    def rows(self, table: Table, columns: Iterable[str] = (), order: str = "") -> list[Any]:
        if not self.running.rows(table):
            return []
        names = ", ".join(map(quoted, columns)) or "*"
        ordered = f" ORDER BY {order}" if order else ""
        text = f"SELECT {names} FROM {quoted(table.name)}{ordered}"
        return self.session.connection.execute(text).fetchall()

    def number(self, table: Table) -> int:
        """Of a table that holds one count."""
        found = self.rows(table)
        return int(found[0][0]) if found else 0

    def fetch(self, positions: Iterable[int]) -> None:
        wanted = {p for p in positions if p not in self.events}
        if wanted:
            found = self.trace.fetch(sorted(wanted))
            self.events.update(found)
            self._remember(found.values())

    def _remember(self, events: Iterable[Event]) -> None:
        """What the hashes of secrets in tables stand for, of events that are at hand."""
        if not self.secret:
            return
        from tosrules.engines.duckdb.memory import spelled

        for event in events:
            for name in self.secret:
                value = event.attributes.get(name)
                if value is not None and not isinstance(value, tuple):
                    self.clear[self.session.hashed(spelled(value))] = value

    def _known(self, value: Value) -> Value:
        return self.clear.get(value, value) if isinstance(value, str) else value

    # ---- clauses ---------------------------------------------------------------------------
    def outcome(self, plans: Sequence[ClausePlan]) -> Outcome:
        outcomes = tuple(self._clause(plan) for plan in plans)
        keyless: dict[str, int] = {}
        for planned in (self.planner.statuses.planned(), self.planner.links.planned()):
            for name, tables in planned.items():
                number = self.number(tables.keyless)
                if number:
                    keyless[name] = number
        return Outcome(outcomes, dict(sorted(keyless.items())))

    def _clause(self, plan: ClausePlan) -> ClauseOutcome:
        found = [f for each in plan.findings for f in self._findings(plan.clause, each)]
        found.sort(key=_finding_order)
        under: dict[str, int] = {}
        for name, table in plan.under:
            number = self.number(table)
            if number:
                under[name] = under.get(name, 0) + number
        relevant = self.number(plan.relevant)
        undetermined = self.number(plan.undetermined)
        pending = self._pending(plan)
        verdict = "clean" if relevant else "not exercised"
        if found or under:
            verdict = "violated"
        elif undetermined:
            verdict = "undetermined"
        elif pending:
            verdict = "pending"
        return ClauseOutcome(
            plan.clause,
            verdict,
            tuple(found),
            sum(len(f.matches) for f in found),
            relevant,
            self.number(plan.waived),
            undetermined,
            pending,
            self._undetermined(plan),
            tuple(sorted(plan.reads - self.planner.facts.types)),
            dict(sorted(under.items())),
        )

    def _undetermined(self, plan: ClausePlan) -> tuple[Undetermined, ...]:
        places: dict[Reason, list[int]] = {}
        for reason, pos in self.rows(plan.examples, order="reason, pos"):
            places.setdefault(self.reasons[reason], []).append(pos)
        self.fetch(p for some in places.values() for p in some)
        counts = {self.reasons[reason]: n for reason, n in self.rows(plan.reasons)}
        return tuple(
            Undetermined(
                reason.reason,
                reason.attribute,
                tuple(self.events[p] for p in places[reason]),
                counts[reason],
            )
            for reason in sorted(places)
        )

    def _pending(self, plan: ClausePlan) -> tuple[Pending, ...]:
        rows = [
            row
            for table in plan.pending
            for row in self.rows(table, ("pos", "due", "skind", "sid"))
        ]
        self.fetch(row[0] for row in rows)
        made = [Pending(self.events[pos], _subject(kind, id), due) for pos, due, kind, id in rows]
        return tuple(sorted(made, key=lambda d: (d.due, d.trigger.position)))

    # ---- findings ----------------------------------------------------------------------------
    def _findings(self, clause: Clause, plan: FindingPlan) -> list[Finding]:
        bound = plan.rule.bound
        rows = self._matches(plan)
        if not rows:
            return []
        evidence = self.rows(plan.evidence, ("fid", "pos", "role"), "fid, pos")
        context = [] if plan.context is None else self.rows(plan.context, ("fid", "pos", "note"))
        tied = set() if plan.ties is None else {fid for (fid,) in self.rows(plan.ties, ("fid",))}
        self._read(rows, evidence, context)
        shown: dict[int, list[Evidence]] = {}
        for fid, pos, role in evidence:
            shown.setdefault(fid, []).append(Evidence(self.events[pos], plan.roles[role]))
        begun: dict[int, list[tuple[int, str]]] = {}
        for fid, pos, note in context:
            begun.setdefault(fid, []).append((pos, self.notes[note]))
        matches: dict[int, list[Match]] = {}
        for row in rows:
            matches.setdefault(row["fid"], []).append(self._match(plan, row))
            if row["tied"]:
                tied.add(row["fid"])
        return [
            Finding(
                clause,
                bound,
                made[0].subject,
                tuple(made),
                tuple(shown[fid]),
                tuple(
                    Evidence(self.events[pos], "begins", note)
                    for pos, note in sorted(begun.get(fid, ()))
                ),
                fid in tied,
            )
            for fid, made in matches.items()
        ]

    def _read(
        self,
        rows: Sequence[Mapping[str, Any]],
        evidence: Sequence[tuple[int, int, int]],
        context: Sequence[tuple[int, int, int]],
    ) -> None:
        """Reads the events of some findings: whole where a report shows them, else in outline."""
        if self.limit is None:
            whole = {pos for row in rows for pos in (row["pos"], row["fpos"])}
            whole |= {pos for _, pos, _ in (*evidence, *context)}
            self.fetch(whole)
            return
        whole = set()
        for some in (evidence, sorted(context)):
            for _, group in groupby(some, key=itemgetter(0)):
                whole.update(pos for _, pos, _ in shown_ends(list(group), self.limit))
        for _, matches in groupby(rows, key=itemgetter("fid")):
            every = list(matches)
            known = every if every[0]["skind"] is None else shown_ends(every, self.limit)
            whole.update(pos for row in known for pos in (row["pos"], row["fpos"]))
        self.fetch(whole)
        wanted = {pos for _, pos, _ in (*evidence, *context)}
        wanted |= {pos for row in rows for pos in (row["pos"], row["fpos"])}
        self._outline(wanted - self.events.keys())

    def _outline(self, positions: Set[int]) -> None:
        """Events from the table alone, with the attributes that the rules read."""
        if not positions:
            return
        columns = self.planner.scan.columns[3:]
        names = [c.rpartition("|")[0] for c in columns]
        connection = self.session.connection
        connection.execute(
            "CREATE OR REPLACE TABLE outlined AS SELECT unnest($1::BIGINT[]) AS pos",
            [list(positions)],
        )
        listed = ", ".join(f"ev.{quoted(c)}" for c in ("pos", "t", "type", *columns))
        found = connection.execute(f"SELECT {listed} FROM ev SEMI JOIN outlined USING (pos)")
        nowhere = Origin("")
        while rows := found.fetchmany(50_000):
            for pos, t, of, *values in rows:
                attributes = {
                    n: _value(v) for n, v in zip(names, values, strict=True) if v is not None
                }
                self.events[pos] = Event("", t, of, attributes, nowhere, "", pos)

    def _matches(self, plan: FindingPlan) -> list[dict[str, Any]]:
        names = plan.matches.columns
        rows = self.rows(plan.matches, names, "fid, nth")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _match(self, plan: FindingPlan, row: Mapping[str, Any]) -> Match:
        bound = plan.rule.bound
        computed = tuple(
            Computed(c.text, found, c.type)
            for c in plan.rule.computed
            if (found := _computed(c, row)) is not None or not _optional(c)
        )
        obligation = isinstance(bound.rule, ObligationRule)
        return Match(
            _subject(row["skind"], row["sid"]),
            self.events[row["pos"]],
            self.events[row["fpos"]],
            {name[2:]: self._known(_value(row[name])) for name in plan.rule.keys},
            bound.severities[row["sev"]],
            tuple(law for n, law in enumerate(bound.laws) if row["laws"] >> n & 1),
            tuple(e for n, e in enumerate(bound.exceptions) if row["unknown"] >> n & 1),
            tuple(e for n, e in enumerate(bound.exceptions) if row["false"] >> n & 1),
            computed,
            tuple(row["through"]),
            row["due"] if obligation else None,
        )


def shown_ends(items: Sequence[T], limit: int) -> Sequence[T]:
    """What a report may show of some items: the first and the last."""
    if len(items) <= 2 * limit:
        return items
    return [*items[:limit], *items[-limit:]]


def _optional(computed: ComputedOf) -> bool:
    """A late fulfilment, of which there may be none."""
    return computed.columns == ("latet",)


def _computed(of: ComputedOf, row: Mapping[str, Any]) -> Value | None:
    if not of.columns:
        return of.constant  # type: ignore[return-value]
    values = [row[name] for name in of.columns]
    if len(values) == 1:
        return None if values[0] is None else _scaled(values[0], of.places)
    n, total, squares = values
    if n < 2:
        return None
    variance = Fraction(n * squares - total * total, n * (n - 1)) / 10 ** (2 * of.places)
    scaled = variance * 10**12
    return _whole(Fraction(isqrt(scaled.numerator // scaled.denominator), 10**6))


def _scaled(value: Any, places: int) -> Value:
    if isinstance(value, Decimal):
        return _whole(Fraction(value))
    return _whole(Fraction(value, 10**places)) if places else value


def _whole(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def _value(value: Any) -> Value:
    if isinstance(value, Decimal):
        return _whole(Fraction(value))
    if isinstance(value, list):
        return tuple(_value(v) for v in value)
    return value  # type: ignore[no-any-return]


def _subject(kind: str | None, id: str | None) -> Subject | None:
    return None if kind is None or id is None else Subject(kind, id)


def _finding_order(found: Finding) -> tuple[int, int, int, str]:
    return (
        found.evidence[0].event.position,
        found.matches[0].completing.position,
        found.rule.ordinal,
        repr(found.subject),
    )
