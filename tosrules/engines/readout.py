"""Reading an outcome off the tables of a plan, whichever engine made them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tosrules.engines.columns import spelled
from tosrules.engines.cut import (
    Asking,
    Cut,
    Told,
    evidence_too_much,
    matches_too_many,
)
from tosrules.engines.lots import Events, EvidenceRows, MatchRows, Telling
from tosrules.engines.outcome import (
    ClauseOutcome,
    Evidence,
    Finding,
    Outcome,
    Pending,
    Undetermined,
    ends,
    in_order,
)
from tosrules.engines.values import subject_of
from tosrules.policy.model import Clause
from tosrules.trace.event import Event, Value

if TYPE_CHECKING:
    from tosrules.plan.clauses import ClausePlan
    from tosrules.plan.findings import FindingPlan
    from tosrules.plan.planner import Planner
    from tosrules.plan.relation import Table
    from tosrules.policy.unknown import Reason

T = TypeVar("T")


class Tables(Asking, Protocol):
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
    last `limit` are read whole; None: all. Of the others the tables are asked while somebody
    looks at the outcome."""

    def __init__(self, tables: Tables, planner: Planner, limit: int | None) -> None:
        self.tables = tables
        self.planner = planner
        self.limit = limit
        self.events = Events(planner.scan.columns[3:])
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
        found = [[self._found(plan.clause, each) for each in plan.findings] for plan in plans]
        others: set[int] = set()
        for plan in plans:
            others.update(row[1] for row in self._examples(plan))
            others.update(row[0] for row in self._due(plan))
        self._read([each for some in found for each in some], others)
        outcomes = tuple(self._clause(plan, some) for plan, some in zip(plans, found, strict=True))
        keyless: dict[str, int] = {}
        for planned in (self.planner.statuses.planned(), self.planner.links.planned()):
            for name, tables in planned.items():
                number = self.number(tables.keyless)
                if number:
                    keyless[name] = number
        return Outcome(outcomes, dict(sorted(keyless.items())))

    def _clause(self, plan: ClausePlan, several: Sequence[_Found]) -> ClauseOutcome:
        found = [f for each in several for f in self._findings(each)]
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
        for reason, pos in self._examples(plan):
            places.setdefault(self.reasons[reason], []).append(pos)
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
        rows = self._due(plan)
        return in_order(
            Pending(self.events[pos], subject_of(kind, id), due) for pos, due, kind, id in rows
        )

    def _examples(self, plan: ClausePlan) -> Sequence[tuple[Any, ...]]:
        return self.tables.rows(plan.examples, ("reason", "pos"), ("reason", "pos"))

    def _due(self, plan: ClausePlan) -> list[tuple[Any, ...]]:
        names = ("pos", "due", "skind", "sid")
        return [row for table in plan.pending for row in self.tables.rows(table, names)]

    # ---- findings ----------------------------------------------------------------------------
    def _found(self, clause: Clause, plan: FindingPlan) -> _Found:
        """What the tables say of the findings of one rule."""
        names = tuple(n for n in plan.matches.columns if n != "nth")
        found = _Found(clause, plan, Telling(plan.rule, names, self.events, self._known))
        if not self.tables.size(plan.matches):
            return found
        fid = itemgetter(found.place("fid"))
        if self.limit is not None and matches_too_many(self.tables, plan):
            cut = Cut(self.tables, plan, found.telling, names, self.limit)
            for number, some in groupby(cut.rows, fid):
                found.matches[number] = cut.matches(number, list(some))
            found.tied.update(cut.tied())
        else:
            rows = self.tables.rows(plan.matches, names, ("fid", "nth"))
            for number, some in groupby(rows, fid):
                found.matches[number] = MatchRows(list(some), found.telling)
            tied = found.place("tied")
            found.tied.update(fid(row) for row in rows if row[tied])
        self._evidence(plan, found)
        if plan.context is not None:
            for number, *ground in self.tables.rows(plan.context, ("fid", "pos", "note")):
                found.context.setdefault(number, []).append((ground[0], self.notes[ground[1]]))
        if plan.ties is not None:
            found.tied.update(number for (number,) in self.tables.rows(plan.ties, ("fid",)))
        return found

    def _evidence(self, plan: FindingPlan, found: _Found) -> None:
        first = itemgetter(0)
        if self.limit is not None and evidence_too_much(self.tables, plan):
            told = Told(self.tables, plan, self.planner.scan, self.limit)
            for number, some in groupby(told.rows, first):
                found.evidence[number] = told.evidence(number, list(some), self.events)
            return
        rows = self.tables.rows(plan.evidence, ("fid", "pos", "role"), ("fid", "pos"))
        for number, some in groupby(rows, first):
            found.evidence[number] = EvidenceRows(list(some), self.events, plan.roles)

    def _findings(self, found: _Found) -> list[Finding]:
        return [
            Finding(
                found.clause,
                found.plan.rule.bound,
                found.telling.subject(matches.rows[0]),
                matches,
                found.evidence[number],
                tuple(
                    Evidence(self.events[pos], "begins", note)
                    for pos, note in sorted(found.context.get(number, ()))
                ),
                number in found.tied,
            )
            for number, matches in found.matches.items()
        ]

    def _read(self, several: Sequence[_Found], others: Set[int]) -> None:
        """Reads the events of all findings and `others` that a report shows, once for all, since
        each time the trace is gone through. The rest are outlined if somebody asks for one."""
        whole = set(others)
        for found in several:
            whole.update(found.positions() if self.limit is None else found.shown(self.limit))
        self.fetch(whole)
        if self.limit is not None:
            self.events.outline(lambda: self._rest(several))

    def _rest(self, several: Sequence[_Found]) -> Iterable[tuple[Any, ...]]:
        wanted = {position for found in several for position in found.positions()}
        wanted -= self.events.keys()
        columns = ("pos", "t", "type", *self.planner.scan.columns[3:])
        return self.tables.outlined(wanted, columns) if wanted else ()


class _Found:
    """The findings of one rule as the tables tell them, by the numbers they have there."""

    def __init__(self, clause: Clause, plan: FindingPlan, telling: Telling) -> None:
        self.clause = clause
        self.plan = plan
        self.telling = telling
        self.matches: dict[int, MatchRows] = {}
        self.evidence: dict[int, EvidenceRows] = {}
        self.context: dict[int, list[tuple[int, str]]] = {}
        """Position, and the status or link."""
        self.tied: set[int] = set()

    def place(self, name: str) -> int:
        return self.telling.places[name]

    def positions(self) -> Iterator[int]:
        """Of every event that a finding has."""
        ends = itemgetter(self.place("pos"), self.place("fpos"))
        for matches in self.matches.values():
            for row in matches.rows:
                yield from ends(row)
        for evidence in self.evidence.values():
            yield from map(_POSITION, evidence.rows)
        for context in self.context.values():
            for pos, _ in context:
                yield pos

    def shown(self, limit: int) -> Iterator[int]:
        """Of the events that a report may show."""
        for evidence in self.evidence.values():
            yield from map(_POSITION, ends(evidence.rows, limit))
        for context in self.context.values():
            # The sentences tell since when each status was held, whichever events are shown.
            for pos, _ in shown_ends(sorted(context), limit):
                yield pos
        names = [n for n in self.telling.places if n in ("pos", "fpos") or n.endswith(".pos")]
        places = [self.place(name) for name in names]
        for matches in self.matches.values():
            rows = matches.rows
            if self.telling.subject(rows[0]) is None:
                # Whatever they share may tell who it was.
                yield from (row[self.place("pos")] for row in rows)
            for row in (*matches.shown(limit), *(row for row, _ in matches.kinds_of_rows())):
                for place in places:
                    yield row[place]


_POSITION = itemgetter(1)


def shown_ends(items: Sequence[T], limit: int) -> Sequence[T]:
    """The first and the last."""
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
