"""Reading an outcome off the tables of a plan, whichever engine made them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tosrules.engines.columns import spelled
from tosrules.engines.outcome import (
    ClauseOutcome,
    Computed,
    Evidence,
    Finding,
    Match,
    Outcome,
    Pending,
    Undetermined,
)
from tosrules.engines.values import computed_value, is_optional, subject_of, value_of
from tosrules.policy.model import Clause, ObligationRule
from tosrules.trace.event import Event, Origin, Value

if TYPE_CHECKING:
    from tosrules.plan.clauses import ClausePlan
    from tosrules.plan.findings import FindingPlan
    from tosrules.plan.planner import Planner
    from tosrules.plan.relation import Table
    from tosrules.policy.unknown import Reason

T = TypeVar("T")


class Tables(Protocol):
    """What an engine must do, for a plan's tables to be read into an outcome."""

    def rows(
        self, table: Table, columns: Sequence[str], order: Sequence[str] = ()
    ) -> Sequence[tuple[Any, ...]]:
        """Some columns of a table of the plan, which is made first if need be."""

    def events(self, positions: Sequence[int]) -> Mapping[int, Event]:
        """The whole events at some positions, ascending."""

    def outlined(self, positions: Set[int], columns: Sequence[str]) -> Iterable[tuple[Any, ...]]:
        """Some columns of the scan for the events at some positions."""

    def hashed(self, secret: str) -> str:
        """What stands in the scan in place of a secret."""


class Readout:
    """Reads the tables of clauses into an outcome. Of each finding's events only the first and
    last `limit` are read whole; None: all."""

    def __init__(self, tables: Tables, planner: Planner, limit: int | None) -> None:
        self.tables = tables
        self.planner = planner
        self.limit = limit
        self.events: dict[int, Event] = {}
        self.secret = planner.secret
        self.clear: dict[str, Value] = {}
        """Hashes of secrets → the secrets, of events that were read whole."""
        self.reasons = {number: reason for reason, number in planner.reasons.items()}
        self.notes = {number: name for name, number in planner.notes.items()}

    def number(self, table: Table) -> int:
        """Of a table that holds one count."""
        found = self.tables.rows(table, table.columns[:1])
        return int(found[0][0]) if found else 0

    def fetch(self, positions: Iterable[int]) -> None:
        wanted = {p for p in positions if p not in self.events}
        if wanted:
            found = self.tables.events(sorted(wanted))
            self.events.update(found)
            self._remember(found.values())

    def _remember(self, events: Iterable[Event]) -> None:
        """What the hashes of secrets in tables stand for, of events that are at hand."""
        if not self.secret:
            return
        for event in events:
            for name in self.secret:
                value = event.attributes.get(name)
                if value is not None and not isinstance(value, tuple):
                    self.clear[self.tables.hashed(spelled(value))] = value

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
        for reason, pos in self.tables.rows(plan.examples, ("reason", "pos"), ("reason", "pos")):
            places.setdefault(self.reasons[reason], []).append(pos)
        self.fetch(p for some in places.values() for p in some)
        counts = {
            self.reasons[reason]: n for reason, n in self.tables.rows(plan.reasons, ("reason", "n"))
        }
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
            for row in self.tables.rows(table, ("pos", "due", "skind", "sid"))
        ]
        self.fetch(row[0] for row in rows)
        made = [Pending(self.events[pos], subject_of(kind, id), due) for pos, due, kind, id in rows]
        return tuple(sorted(made, key=lambda d: (d.due, d.trigger.position)))

    # ---- findings ----------------------------------------------------------------------------
    def _findings(self, clause: Clause, plan: FindingPlan) -> list[Finding]:
        bound = plan.rule.bound
        rows = self._matches(plan)
        if not rows:
            return []
        read = self.tables.rows
        evidence = read(plan.evidence, ("fid", "pos", "role"), ("fid", "pos"))
        context = [] if plan.context is None else read(plan.context, ("fid", "pos", "note"))
        tied = set() if plan.ties is None else {fid for (fid,) in read(plan.ties, ("fid",))}
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
        nowhere = Origin("")
        for pos, t, of, *values in self.tables.outlined(positions, ("pos", "t", "type", *columns)):
            attributes = {
                n: value_of(v) for n, v in zip(names, values, strict=True) if v is not None
            }
            self.events[pos] = Event("", t, of, attributes, nowhere, "", pos)

    def _matches(self, plan: FindingPlan) -> list[dict[str, Any]]:
        names = plan.matches.columns
        rows = self.tables.rows(plan.matches, names, ("fid", "nth"))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _match(self, plan: FindingPlan, row: Mapping[str, Any]) -> Match:
        bound = plan.rule.bound
        computed = tuple(
            Computed(c.text, found, c.type)
            for c in plan.rule.computed
            if (found := computed_value(c, row)) is not None or not is_optional(c)
        )
        obligation = isinstance(bound.rule, ObligationRule)
        return Match(
            subject_of(row["skind"], row["sid"]),
            self.events[row["pos"]],
            self.events[row["fpos"]],
            {name[2:]: self._known(value_of(row[name])) for name in plan.rule.keys},
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


def _finding_order(found: Finding) -> tuple[int, int, int, str]:
    return (
        found.evidence[0].event.position,
        found.matches[0].completing.position,
        found.rule.ordinal,
        repr(found.subject),
    )
