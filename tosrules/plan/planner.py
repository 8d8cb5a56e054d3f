"""The planner: tables made one after another, each from those before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeAlias

from tosrules.plan import calendars
from tosrules.plan.expr import Expr, col, lit, op
from tosrules.plan.opaque import looked_into
from tosrules.plan.relation import Relation, Table, aggregate, union
from tosrules.plan.scan import Scan
from tosrules.plan.scope import Scope, column_name
from tosrules.plan.values import kind_of
from tosrules.policy import expressions as p
from tosrules.policy.deadlines import deadline
from tosrules.policy.model import Policy, Step, Tie
from tosrules.policy.unknown import Reason
from tosrules.policy.walk import walk
from tosrules.record import Record
from tosrules.vocabulary import Type

NEVER = -(2**62)
"""Before every instant, microseconds."""
FOREVER = 2**62
"""After every instant."""
LONGEST = 2**60
"""Microseconds; a longer period is as good as for ever."""
OWN = ("ord", "pos", "t", "type", "who", "ewho", "fpos", "ft", "last", "tied")
"""Columns of every occurrence: its place among events and signals, position and instant of its
recorded event, its type, its actor and that of the recorded event; position and instant of the
first event it stands for, the instant of the last, and whether it rests on the order of records
that share an instant."""

Rows: TypeAlias = "Iterable[tuple[Any, ...]]"
Attributes: TypeAlias = "Collection[tuple[str, Type]]"


class Facts(Record):
    """What a plan may depend on of a trace, besides its rows."""

    events: int
    observed: tuple[int, int] | None
    types: frozenset[str]
    """Recorded event types."""
    start: int
    """First instant of all events, microseconds."""
    end: int


class Make(Record):
    """A table made by a relation."""

    table: str
    relation: Relation
    why: str


class Resolve(Record):
    """A small table (links, calendars) worked out outside of the engine from few rows."""

    table: str
    source: Relation
    columns: tuple[tuple[str, str], ...]
    """Name and kind."""
    function: Callable[[Rows], Rows]
    why: str


class Planner:
    """Collects the steps of a plan; tables are named after what they hold."""

    def __init__(self, policy: Policy, facts: Facts, scan: Scan) -> None:
        from tosrules.plan.links import Links
        from tosrules.plan.signals import Signals
        from tosrules.plan.statuses import Statuses

        self.policy = policy
        self.facts = facts
        self.steps: list[Make | Resolve] = []
        self.stride = len(policy.signals) + 1
        self.scan = Table("ev", ("pos", "t", "type", *(c.name for c in scan.columns)))
        self.scan_kinds = {
            "pos": "integer",
            "t": "integer",
            "type": "text",
            **{c.name: "text" if c.secret else kind_of(c.type) for c in scan.columns},
        }
        self.secret = tuple(sorted({c.attribute for c in scan.columns if c.secret}))
        """Attributes that stand as hashes in the scan."""
        self.reasons: dict[Reason, int] = {}
        self.notes: dict[str, int] = {}
        self.kept: list[Table] = []
        """Tables that somebody reads besides the tables of outcomes."""
        self._names: dict[str, int] = {}
        self._numbers: Table | None = None
        self._zones: dict[str, calendars.Zone] = {}
        self.statuses = Statuses(self)
        self.links = Links(self)
        self.signals = Signals(self)

    # ---- tables -----------------------------------------------------------------------------
    def fresh(self, hint: str) -> str:
        number = self._names[hint] = self._names.get(hint, 0) + 1
        return f"{hint}_{number}"

    def make(self, relation: Relation, hint: str, why: str) -> Table:
        """The relation as a table, so that several may read it."""
        if isinstance(relation, Table):
            return relation
        name = self.fresh(hint)
        self.steps.append(Make(name, relation, why))
        return Table(name, relation.columns)

    def resolve(
        self,
        source: Relation,
        hint: str,
        columns: Sequence[tuple[str, str]],
        function: Callable[[Rows], Rows],
        why: str,
    ) -> Table:
        name = self.fresh(hint)
        self.steps.append(Resolve(name, source, tuple(columns), function, why))
        return Table(name, tuple(n for n, _ in columns))

    def reason(self, reason: Reason) -> int:
        """The number by which a reason stands in tables."""
        return self.reasons.setdefault(reason, len(self.reasons))

    def note(self, name: str) -> int:
        """The number by which the name of a status or a link stands in tables."""
        return self.notes.setdefault(name, len(self.notes))

    # ---- occurrences ------------------------------------------------------------------------
    def occurrences(self, step: Step, attributes: Attributes, as_step: bool = False) -> Relation:
        """The events and signals that a step is about, before its condition. A rate fires
        where an episode opens; `as_step` it is met wherever it holds (semantics R4)."""
        names = {
            column_name(n, of): kind_of(of) for n, of in attributes if n not in ("time", "type")
        }
        sources: list[Relation] = []
        types = sorted(set(step.types) & self.facts.types)
        if types or not step.signals:
            sources.append(self.events(types, names))
        for name in step.signals:
            sources.append(self.signals.occurrences(name, names, as_step))
        return union(*sources)

    def events(self, types: Sequence[str], names: Iterable[str]) -> Relation:
        """The recorded events of some types."""
        wanted = op("in", col("type"), *map(lit, types)) if types else lit(False)
        pos = col("pos")
        here = {
            "ord": op("*", pos, lit(self.stride)) if self.stride > 1 else pos,
            "pos": pos,
            "t": col("t"),
            # Engines may hold the few types there are as something smaller than texts.
            "type": op("to text", col("type")),
            "who": self._actor(),
            "ewho": self._actor(),
            "fpos": pos,
            "ft": col("t"),
            "last": col("t"),
            "tied": lit(False),
        }
        return self.scan.where(wanted).project(**here, **{n: col(n) for n in names})

    def numbers(self) -> Table:
        """How many events there are of each type: `type`, `n`."""
        if self._numbers is None:
            counted = self.scan.group(["type"], n=aggregate("count"))
            self._numbers = self.make(counted, "numbers", "events by type")
        return self._numbers

    def _actor(self) -> Expr:
        """Whose act an event is, however the vocabulary types it."""
        names = [n for n in self.scan.columns if n.startswith("actor|")]
        texts = [col(n) if self.scan_kinds[n] == "text" else op("to text", col(n)) for n in names]
        return texts[0] if len(texts) == 1 else op("coalesce", *texts)

    def attributes(self, *records: Record | None) -> set[tuple[str, Type]]:
        """The attributes that some part of the rules reads, by name and declared type."""
        found: set[tuple[str, Type]] = set()
        for record in records:
            if record is not None:
                found |= {(x.name, x.type) for x in walk(record) if isinstance(x, p.AttributeOf)}
        return found

    # ---- time -------------------------------------------------------------------------------
    def zone(self, name: str) -> calendars.Zone:
        found = self._zones.get(name)
        if found is None:
            found = calendars.zone_between(name, self.facts.start, self.facts.end)
            self._zones[name] = found
        return found

    def length(self, period: p.PeriodValue, scope: Scope) -> int:
        """The length of a fixed period, microseconds."""
        found = scope.period(period)
        assert isinstance(found, p.FixedPeriod), "the checker allows fixed lengths only here"
        return min(found.micros, LONGEST)

    def deadline(self, relation: Relation, time: Expr, period: Any, into: str) -> Relation:
        """The relation with a column: the last instant within `period` of `time`; missing
        where `time` is, or lies outside of all time (semantics O3)."""
        if isinstance(period, p.FixedPeriod):
            return relation.extend({into: op("+", time, lit(min(period.micros, LONGEST)))})
        calendar = isinstance(period, p.CalendarPeriod)
        zone = period.zone if calendar else self.policy.calendars[period.calendar].zone
        relation = self.make(
            relation.extend({f"{into}.day": calendars.day(calendars.local(time, self.zone(zone)))}),
            "dated",
            f"local days in {zone}",
        )

        def due(rows: Rows) -> Rows:
            known = self.policy.calendars
            return [
                (day, deadline(time, period, known) if abs(time) < LONGEST else None)
                for day, time in rows
                if day is not None
            ]

        days = self.resolve(
            relation.project(f"{into}.day", at=time).group(
                [f"{into}.day"], at=aggregate("min", col("at"))
            ),
            "deadlines",
            [("day", "integer"), (into, "integer")],
            due,
            f"the end of {period.text} by the calendar",
        )
        joined = relation.join(days, [(col(f"{into}.day"), col("day"))], how="left", small=True)
        return joined.project(*(n for n in joined.columns if n not in (f"{into}.day", "day")))


def needed_columns(policy: Policy, clauses: Iterable[Any]) -> Scan:
    """What the rules of some clauses read of a trace, and all they ask."""
    from tosrules.plan.scan import ScanColumn
    from tosrules.policy.walk import asked
    from tosrules.vocabulary import TEXT, reference

    parts: list[Record] = [bound for clause in clauses for bound in clause.rules]
    # What names no key is counted of every status and link, whoever asks them.
    parts += [*policy.statuses.values(), *policy.links.values()]
    waiting = list(parts)
    seen: set[str] = set()
    while waiting:
        part = waiting.pop()
        names = set(asked(part)) | {x.link for x in walk(part) if isinstance(x, Tie) and x.link}
        names |= {n for x in walk(part) if isinstance(x, Step) for n in x.signals}
        for name in sorted(names - seen):
            seen.add(name)
            declared: Record = (
                policy.statuses.get(name) or policy.links.get(name) or policy.signals[name]
            )
            parts.append(declared)
            waiting.append(declared)
    # Of what a status remembers only what is asked is kept.
    parts += [
        p.AttributeOf("", x.attribute, policy.statuses[x.status].attributes[x.attribute])
        for part in tuple(parts)
        for x in walk(part)
        if isinstance(x, p.Remembered)
    ]
    found = {("actor", reference("party"))}
    types: set[str] = set()
    for part in parts:
        for x in walk(part):
            if isinstance(x, p.AttributeOf) and x.name not in ("time", "type"):
                found.add((x.name, x.type if x.name != "id" else TEXT))
            elif isinstance(x, Step):
                types.update(x.types)
    for name in sorted(types):
        attribute = policy.vocabulary.attributes_of(name).get("actor")
        if attribute is not None:
            found.add(("actor", attribute.type))
    secret = {
        name
        for declared_type in policy.vocabulary.types.values()
        for name, attribute in declared_type.attributes.items()
        if attribute.secret
    } | {name for name, attribute in policy.vocabulary.common.items() if attribute.secret}
    secret -= looked_into(parts, frozenset(secret))
    columns = [
        ScanColumn(column_name(name, of), name, of, name in secret)
        for name, of in sorted(found, key=lambda pair: (pair[0], str(pair[1])))
    ]
    return Scan(tuple(columns), frozenset(types))
