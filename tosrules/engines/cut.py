"""Findings with more matches or events than a driver should hold: the first and the last of them
are read, as many as a report shows, and what it tells of all others is counted where they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from operator import itemgetter
from typing import Any, Protocol, TypeVar, overload

from tosrules.engines.lots import Events, EvidenceRows, MatchRows, Row, Rows, Telling
from tosrules.engines.outcome import LOOKED_AT, Evidence, Excepted, Match, Some, Subject, ends_of
from tosrules.engines.seen import NAMES, Bulk, Counts, Seen
from tosrules.engines.values import value_of
from tosrules.plan.expr import Expr, case, col, either, eq, lit, op, present
from tosrules.plan.findings import FindingPlan
from tosrules.plan.relation import Relation, Table, aggregate, count, over
from tosrules.policy.model import SequenceRule
from tosrules.trace.event import Value

T = TypeVar("T")

LONG = 100_000
"""Rows up to which a table of matches or of evidence is read whole."""
_VALUES = 200
"""Different values of an attribute that are read of a finding: more than a sentence lists, of
however many types its events are."""


class Asking(Protocol):
    """What an engine must do to tell of rows without handing them over."""

    def size(self, table: Table) -> int:
        """The number of its rows."""

    def kinds(self, table: Table) -> Mapping[str, str]:
        """Column → kind."""

    def ask(self, relation: Relation, order: Sequence[str]) -> Sequence[Row]:
        """The rows of a relation over tables of the plan and the scan."""


class _Ends(Rows[T]):
    """A sequence of which the first and the last are at hand. It cannot be gone through."""

    def __init__(self, number: int, head: Sequence[Row], tail: Sequence[Row]) -> None:
        self._number = number
        self._head = head
        self._tail = tail

    def __iter__(self) -> Any:
        raise LookupError("only the ends are at hand")

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        if isinstance(place, slice):
            return tuple(self[n] for n in range(*place.indices(self._number)))
        if place < 0:
            place += self._number
        if 0 <= place < len(self._head):
            return self.one(self._head[place])
        behind = place - self._number + len(self._tail)
        if 0 <= behind < len(self._tail):
            return self.one(self._tail[behind])
        if 0 <= place < self._number:
            raise LookupError(f"only the ends are at hand, and {place} is none of them")
        raise IndexError(place)


class CutMatches(_Ends[Match], MatchRows):
    """Matches of one finding."""

    def __init__(self, cut: Cut, fid: int, rows: Sequence[Row]) -> None:
        _Ends.__init__(self, cut.sizes[fid], rows[: cut.head], rows[cut.head :])
        MatchRows.__init__(self, [*rows, *cut.others(fid)], cut.telling)
        self._cut, self._fid = cut, fid

    def shown(self, limit: int) -> Sequence[Row]:  # noqa: ARG002
        return [*self._head, *self._tail, self._cut.worst(self._fid)]

    def kinds_of_rows(self) -> Sequence[tuple[Row, int]]:
        return [(rows[0], number) for rows, number in self._cut.kinds(self._fid)]

    def worst(self) -> Match:
        return self.one(self._cut.worst(self._fid))

    def excepted(self, which: str) -> Excepted:
        found: dict[int, tuple[Any, list[tuple[int, Row]], int]] = {}
        for rows, number in self._cut.kinds(self._fid):
            for exempt in getattr(self.one(rows[0]), which):
                known = found.get(id(exempt), (exempt, [], 0))
                more = [(self._cut.place(row), row) for row in rows]
                found[id(exempt)] = exempt, known[1] + more, known[2] + number
        told = []
        for exempt, rows, number in found.values():
            rows.sort(key=itemgetter(0))
            told.append((rows[0][0], exempt, [row for _, row in rows[:LOOKED_AT]], number))
        told.sort(key=itemgetter(0))
        return [(e, Some([self.one(row) for row in rows], n)) for _, e, rows, n in told]


class CutEvidence(_Ends[Evidence], EvidenceRows, Bulk):
    """Events of one finding."""

    def __init__(self, told: Told, fid: int, rows: Sequence[Row], events: Events) -> None:
        _Ends.__init__(self, told.sizes[fid], rows[: told.head], rows[told.head :])
        EvidenceRows.__init__(self, rows, events, told.plan.roles)
        self._told, self._fid = told, fid

    def seen(self, subject: Subject | None, names: Iterable[str]) -> Seen:
        told, fid = self._told, self._fid
        return Seen(
            len(self),
            self[0].event.time,
            self[-1].event.time,
            told.types(fid),
            *told.actors(fid),
            subject is not None and fid in told.acted_themselves(),
            {name: told.values(fid, name) for name in names},
        )


def _kept(place: str, limit: int) -> Expr:
    head, tail = ends_of(limit)
    behind = op(">", col(place), op("-", col("n!"), lit(tail)))
    return either(op("<=", col(place), lit(head)), behind)


class _Counted:
    """The numbers of rows of each finding in a table."""

    def __init__(self, asking: Asking, table: Table, limit: int, **more: Expr) -> None:
        self.asking = asking
        self.table = table
        self.limit = limit
        self.head, _ = ends_of(limit)
        numbers = table.group(["fid"], n=count(), **more)
        self.numbers = numbers.renamed({"fid": "fid!", **{n: f"{n}!" for n in ("n", *more)}})
        self.numbered = table.join(self.numbers, [(col("fid"), col("fid!"))])
        self._rows = asking.ask(self.numbers.where(op(">", col("n!"), lit(limit))), ("fid!",))
        self.sizes: dict[int, int] = {row[0]: row[1] for row in self._rows}

    @property
    def long(self) -> Relation:
        """The rows of findings that are cut, each with `n!`."""
        return self.numbered.where(op(">", col("n!"), lit(self.limit)))


# ---- matches -------------------------------------------------------------------------------


class Cut(_Counted):
    """The matches of one rule's findings."""

    def __init__(
        self, asking: Asking, plan: FindingPlan, telling: Telling, names: Sequence[str], limit: int
    ) -> None:
        named = case((present(col("skind")), lit(1)), otherwise=lit(0))
        super().__init__(asking, plan.matches, limit, known=aggregate("min", named))
        self.telling = telling
        self.names = tuple(names)
        self._places = (*names, "nth")
        unknown = {row[0] for row in self._rows if not row[2]}
        for fid in unknown:  # what they share may tell who it was
            del self.sizes[fid]
        kept = either(_kept("nth", limit), eq(col("known!"), lit(0)))
        self.rows = asking.ask(self.numbered.where(kept).project(*names, "nth"), ("fid", "nth"))
        self._kinds: dict[int, list[tuple[list[Row], int]]] | None = None
        self._worst: dict[int, Row] | None = None

    def matches(self, fid: int, rows: Sequence[Row]) -> MatchRows:
        """Those of a finding, of which these rows were read."""
        return CutMatches(self, fid, rows) if fid in self.sizes else MatchRows(rows, self.telling)

    @property
    def _all(self) -> Relation:
        return self.long.where(eq(col("known!"), lit(1)))

    def place(self, row: Row) -> int:
        """Of a match among those of its finding."""
        found: int = row[len(self.names)]
        return found

    def tied(self) -> Set[int]:
        """Findings of which some match rests on the order of records."""
        tied = self.table.where(col("tied")).distinct("fid")
        return {fid for (fid,) in self.asking.ask(tied, ("fid",))}

    def kinds(self, fid: int) -> Sequence[tuple[Sequence[Row], int]]:
        """Of each kind of matches the first ones, and how many there are; by the first ones."""
        if self._kinds is None:
            self._kinds = self._read_kinds()
        return self._kinds[fid]

    def _read_kinds(self) -> dict[int, list[tuple[list[Row], int]]]:
        kind = [self._places[place] for place in self.telling.kind]
        by = [col("fid"), *map(col, kind)]
        most = LOOKED_AT if self.telling.plan.bound.exceptions else 1
        numbered = self._all.extend({"k!": over("row number", by=by, order=[col("nth")])}).where(
            op("<=", col("k!"), lit(most))
        )
        rows = self.asking.ask(numbered.project(*self._places), ("fid", "nth"))
        sizes = self._all.group(["fid", *kind], n=count())
        often = {_key(row[:-1]): row[-1] for row in self.asking.ask(sizes, ("fid",))}
        found: dict[int, dict[Any, list[Row]]] = {}
        for row in rows:
            key = _key((row[self.names.index("fid")], *(row[p] for p in self.telling.kind)))
            found.setdefault(key[0], {}).setdefault(key, []).append(row)
        return {
            fid: [(some, often[key]) for key, some in kinds.items()] for fid, kinds in found.items()
        }

    def worst(self, fid: int) -> Row:
        if self._worst is None:
            computed = self.telling.plan.computed
            columns = computed[0].columns if computed else ()
            order: list[Expr | tuple[Expr, bool]] = [col("nth")]
            if columns:
                order.insert(0, (op("coalesce", col(columns[0]), lit(0)), True))
            first = over("row number", by=[col("fid")], order=order)
            rows = self._all.extend({"k!": first}).where(eq(col("k!"), lit(1)))
            at = self.names.index("fid")
            asked = self.asking.ask(rows.project(*self._places), ("fid",))
            self._worst = {row[at]: row for row in asked}
        return self._worst[fid]

    def others(self, fid: int) -> list[Row]:
        """Rows beside the first and the last that are told of."""
        kinds = [row for rows, _ in self.kinds(fid) for row in rows]
        return [*kinds, self.worst(fid)]


def matches_too_many(asking: Asking, plan: FindingPlan) -> bool:
    """Whether the matches of a rule are more than should be read, and can be told of otherwise:
    the worst of them by one whole number, if any."""
    if asking.size(plan.matches) <= LONG:
        return False
    first = next(iter(plan.rule.computed), None)
    if first is None or not first.columns:
        return True
    (column, *more) = first.columns
    whole = asking.kinds(plan.matches)[column] in ("integer", "wide")
    return whole and not more and not first.places


def evidence_too_much(asking: Asking, plan: FindingPlan) -> bool:
    """The same of their events. Of a sequence of more than two steps a report looks for the events
    of each match among all of them."""
    form = plan.rule.bound.rule
    if isinstance(form, SequenceRule) and len(form.steps) > len(("first", "last")):
        return False
    return asking.size(plan.evidence) > LONG


def _key(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(tuple(v) if isinstance(v, list) else v for v in values)


# ---- evidence ------------------------------------------------------------------------------


class Told(_Counted):
    """The evidence of one rule's findings."""

    def __init__(self, asking: Asking, plan: FindingPlan, scan: Table, limit: int) -> None:
        super().__init__(asking, plan.evidence, limit)
        self.plan = plan
        self.scan = scan
        place = over("row number", by=[col("fid")], order=[col("pos")])
        kept = self.numbered.extend({"k!": place}).where(_kept("k!", limit))
        self.rows = asking.ask(kept.project("fid", "pos", "role"), ("fid", "pos"))
        self._types: dict[int, dict[str, int]] | None = None
        self._actors: dict[int, tuple[list[str], int]] | None = None
        self._acted: Set[int] | None = None
        self._values: dict[str, Mapping[int, Counts | None]] = {}

    def evidence(self, fid: int, rows: Sequence[Row], events: Events) -> EvidenceRows:
        """Those of a finding, of which these rows were read."""
        if fid in self.sizes:
            return CutEvidence(self, fid, rows, events)
        return EvidenceRows(rows, events, self.plan.roles)

    def _with(self, *columns: str) -> Relation:
        """All events of findings that are cut, with some columns of the scan."""
        wanted = ("pos", *dict.fromkeys(columns))
        events = Table(self.scan.name, wanted).renamed({n: f"{n}!!" for n in wanted})
        joined = self.long.project("fid", "pos").join(events, [(col("pos"), col("pos!!"))])
        return joined.project("fid", "pos", **{n: col(f"{n}!!") for n in wanted[1:]})

    def _columns(self, name: str) -> list[str]:
        return [c for c in self.scan.columns[3:] if c.rpartition("|")[0] == name]

    def types(self, fid: int) -> Mapping[str, int]:
        if self._types is None:
            asked = self._with("type").group(["fid", "type"], n=count())
            self._types = {}
            for of, type, number in self.asking.ask(asked, ("fid", "type")):
                self._types.setdefault(of, {})[type] = number
        return self._types[fid]

    def _acting(self) -> Relation | None:
        columns = self._columns("actor")
        if not columns:
            return None
        actor: Expr = col(columns[0])
        if len(columns) > 1:
            actor = op("coalesce", *map(col, columns))
        events = self._with(*columns).project("fid", "pos", actor=actor)
        return events.where(present(col("actor")))

    def actors(self, fid: int) -> tuple[tuple[str, ...], int]:
        """The first of those who acted, and how many they are."""
        if self._actors is None:
            self._actors = {}
            events = self._acting()
            if events is not None:
                by = [col("fid")]
                each = events.group(["fid", "actor"], first=aggregate("min", col("pos")))
                ranked = each.extend(
                    {
                        "k!": over("row number", by=by, order=[col("first")]),
                        "of!": over("count", by=by),
                    }
                ).where(op("<=", col("k!"), lit(NAMES)))
                asked = ranked.project("fid", "k!", "actor", "of!")
                for of, _, actor, number in self.asking.ask(asked, ("fid", "k!")):
                    self._actors.setdefault(of, ([], number))[0].append(actor)
        names, number = self._actors.get(fid, ([], 0))
        return tuple(names), number

    def acted_themselves(self) -> Set[int]:
        """Findings whose subject is among those who acted."""
        if self._acted is None:
            self._acted = frozenset()
            events = self._acting()
            if events is not None:
                subjects = self.plan.matches.group(["fid"], sid=aggregate("min", col("sid")))
                told = subjects.renamed({"fid": "fid!", "sid": "sid!"})
                on = [(col("fid"), col("fid!")), (col("actor"), col("sid!"))]
                themselves = events.join(told, on).distinct("fid")
                self._acted = {fid for (fid,) in self.asking.ask(themselves, ("fid",))}
        return self._acted

    def values(self, fid: int, name: str) -> Counts | None:
        if name not in self._values:
            found: dict[int, Counter[tuple[str, Value]] | None] = {}
            for column in self._columns(name):
                self._count(column, found)
            self._values[name] = found
        return self._values[name].get(fid, Counter())

    def _count(self, column: str, found: dict[int, Counter[tuple[str, Value]] | None]) -> None:
        events = self._with("type", column).where(present(col(column)))
        each = events.group(["fid", "type", column], n=count())
        by, order = [col("fid")], [col("type"), col("n")]
        few = each.extend(
            {"k!": over("row number", by=by, order=order), "of!": over("count", by=by)}
        ).where(op("<=", col("k!"), lit(_VALUES)))
        asked = few.project("fid", "type", column, "n", "of!")
        for fid, type, value, number, of in self.asking.ask(asked, ("fid",)):
            known = found.setdefault(fid, Counter())
            if known is None or of > _VALUES:
                found[fid] = None
            else:
                known[type, value_of(value)] += number
