"""What an engine found, as rows of its tables: events, matches and evidence are made of them
when somebody looks at one. A trace may have a million matches, of which a report shows a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

from tosrules.engines.outcome import Computed, Evidence, Lot, Match, Subject, ends, furthest
from tosrules.engines.values import computed_value, is_optional, subject_of, value_of
from tosrules.plan.rules import RulePlan
from tosrules.policy.model import ObligationRule
from tosrules.trace.event import Event, Origin, Value

T = TypeVar("T")
Row = tuple[Any, ...]
NOWHERE = Origin("")


class Events(dict[int, Event]):
    """Events by position: whole ones, and outlines of those of which there is only a row."""

    def __init__(self, columns: Sequence[str]) -> None:
        """`columns`: those of the rows, after position, time and type."""
        super().__init__()
        self._names = [c.rpartition("|")[0] for c in columns]
        self._rows: dict[int, Row] = {}
        self._later: Callable[[], Iterable[Row]] | None = None

    def outline(self, rows: Callable[[], Iterable[Row]]) -> None:
        """All other events, from their rows: position, time, type, attributes. They are asked
        for when somebody looks at the first of them, which hardly any report does."""
        self._later = rows

    def __missing__(self, position: int) -> Event:
        if self._later is not None:
            later, self._later = self._later, None
            self._rows = {row[0]: row for row in later()}
        _, time, of, *values = self._rows.pop(position)
        attributes: dict[str, Value] = {
            n: v if v.__class__ is str else value_of(v)
            for n, v in zip(self._names, values, strict=True)
            if v is not None
        }
        event = self[position] = Event("", time, of, attributes, NOWHERE, "", position)
        return event


class Rows(Sequence[T], Generic[T]):
    """Things made of rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows

    def one(self, row: Row) -> T:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        if isinstance(place, slice):
            return tuple(map(self.one, self.rows[place]))
        return self.one(self.rows[place])

    def __iter__(self) -> Iterator[T]:
        return map(self.one, self.rows)


class EvidenceRows(Rows[Evidence]):
    """Evidence of rows: finding, position, number of the role."""

    def __init__(self, rows: Sequence[Row], events: Events, roles: Sequence[str]) -> None:
        super().__init__(rows)
        self._events = events
        self._roles = roles

    def one(self, row: Row) -> Evidence:
        return Evidence(self._events[row[1]], self._roles[row[2]])


class Telling:
    """How the matches of one rule are read off rows with some columns."""

    def __init__(
        self,
        plan: RulePlan,
        columns: Sequence[str],
        events: Events,
        known: Callable[[Value], Value],
    ) -> None:
        """`known`: what a hash of a secret stands for."""
        self.plan = plan
        self.places: Mapping[str, int] = {name: n for n, name in enumerate(columns)}
        self.events = events
        self.known = known
        self.due = isinstance(plan.bound.rule, ObligationRule)
        kinds = ("sev", "laws", "unknown", "false", "through")
        self.kind = [self.places[name] for name in kinds if name in self.places]

    def of(self, row: Row, name: str, default: Any) -> Any:
        place = self.places.get(name)
        return default if place is None else row[place]

    def subject(self, row: Row) -> Subject | None:
        return subject_of(row[self.places["skind"]], row[self.places["sid"]])

    def match(self, row: Row) -> Match:
        bound, events, places = self.plan.bound, self.events, self.places
        unknown, false = self.of(row, "unknown", 0), self.of(row, "false", 0)
        laws = self.of(row, "laws", 0)
        return Match(
            self.subject(row),
            events[row[places["pos"]]],
            events[row[places["fpos"]]],
            {name[2:]: self.known(value_of(row[places[name]])) for name in self.plan.keys},
            bound.severities[self.of(row, "sev", 0)],
            tuple(law for n, law in enumerate(bound.laws) if laws >> n & 1),
            tuple(e for n, e in enumerate(bound.exceptions) if unknown >> n & 1),
            tuple(e for n, e in enumerate(bound.exceptions) if false >> n & 1),
            self.computed(row),
            tuple(self.of(row, "through", ())),
            row[places["due"]] if self.due else None,
        )

    def computed(self, row: Row) -> tuple[Computed, ...]:
        values = {name: row[place] for name, place in self.places.items()}
        return tuple(
            Computed(c.text, found, c.type)
            for c in self.plan.computed
            if (found := computed_value(c, values)) is not None or not is_optional(c)
        )


class MatchRows(Rows[Match], Lot):
    """Matches of rows, by what their rule's table tells."""

    def __init__(self, rows: Sequence[Row], telling: Telling) -> None:
        super().__init__(rows)
        self._telling = telling
        self._made: dict[int, Match] = {}

    def one(self, row: Row) -> Match:
        # A match is looked at many times; each of these rows lives as long as they all do.
        found = self._made.get(id(row))
        if found is None:
            found = self._made[id(row)] = self._telling.match(row)
        return found

    def kinds(self) -> Sequence[tuple[Match, int]]:
        return [(self.one(row), number) for row, number in self.kinds_of_rows()]

    def shown(self, limit: int) -> Sequence[Row]:
        """The rows of matches that a report may show."""
        return ends(self.rows, limit)

    def kinds_of_rows(self) -> Sequence[tuple[Row, int]]:
        """The first row of each kind, with how many there are of it."""
        kind = self._telling.kind
        if not kind or len(self.rows) == 1:
            return [(self.rows[0], len(self.rows))]
        found: dict[Row, tuple[Row, int]] = {}
        for row in self.rows:
            key = tuple(_hashable(row[place]) for place in kind)
            first, number = found.get(key, (row, 0))
            found[key] = first, number + 1
        return list(found.values())

    def worst(self) -> Match:
        telling = self._telling
        computed = telling.plan.computed
        first = computed[0] if computed else None
        if first is not None and len(first.columns) == 1 and not first.places:
            place = telling.places[first.columns[0]]
            return self.one(self.rows[furthest(value_of(row[place]) for row in self.rows)])
        made = (telling.computed(row) for row in self.rows)
        return self.one(self.rows[furthest(some[0].value if some else None for some in made)])


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
