"""Links in the plan: few, so they are resolved outside of the engine, from their changes to a
table of who reaches whom from when to when (semantics U5), or of groups (U6)."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from tosrules.errors import EvaluationError
from tosrules.plan.asks import Asking
from tosrules.plan.conditions import condition, scalar
from tosrules.plan.expr import col, either, lit, missing, possibly, present, surely
from tosrules.plan.relation import Relation, Table, aggregate, union
from tosrules.plan.scope import Scope
from tosrules.policy.model import Link, LinkChange
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner, Rows

MAX_PAIRS = 5_000_000
NEVER = -(2**62)
FOREVER = 2**62


class LinkTables(Record):
    link: Link
    changes: Table
    """`first`, `second`, `ord`, `pos`, `t`, `begins`, `sure`."""
    resolved: Table
    """Directed: `start`, `member`, and for asks at an order after `lo` and up to `hi`: `sure`
    (else only possible), `way` (the parties from the start to the one before the member)
    and `opened` (positions of the events that opened the links on it). A start reaches
    itself. Mutual: `kind`, `id`, `canonical`."""
    keyless: Table


class Links:
    """The links of a policy, planned when first asked."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._known: dict[str, LinkTables] = {}

    def of(self, name: str) -> LinkTables:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = _plan(self._planner, self._planner.policy.links[name])
        return found

    def reach(self, name: str) -> Table:
        return self.of(name).resolved

    def groups(self, name: str) -> Table:
        return self.of(name).resolved

    def planned(self) -> dict[str, LinkTables]:
        return dict(self._known)


def _plan(planner: Planner, link: Link) -> LinkTables:
    own = link.name.rpartition("/")[2]
    found = planner.make(
        union(*(_changes(planner, c) for c in link.changes)),
        f"{own}_changes",
        f"what opens and closes `{own}`",
    )
    keyless = planner.make(
        found.where(either(missing(col("first")), missing(col("second")))).group(
            [], n=aggregate("count")
        ),
        f"{own}_keyless",
        f"openings and closings of `{own}` that name nobody",
    )
    tied = found.where(present(col("first")), present(col("second")))
    rows = tied.project("first", "second", "ord", "pos", "t", "begins", "sure")
    if link.directed:
        resolved = planner.resolve(
            rows,
            f"{own}_reach",
            [
                ("start", "text"),
                ("member", "text"),
                ("lo", "integer"),
                ("hi", "integer"),
                ("sure", "boolean"),
                ("way", "texts"),
                ("opened", "integers"),
            ],
            lambda changes: reach_of(link, changes),
            f"whom `{own}` reaches, from when to when",
        )
    else:
        observed = planner.facts.observed
        resolved = planner.resolve(
            rows,
            f"{own}_groups",
            [("kind", "text"), ("id", "text"), ("canonical", "text")],
            lambda changes: groups_of(link, changes, observed),
            f"the groups that `{own}` joins",
        )
    return LinkTables(link, planner.make(tied, own, "the same, named"), resolved, keyless)


def _changes(planner: Planner, change: LinkChange) -> Relation:
    parts = (change.step.where, change.first, change.second)
    attributes = planner.attributes(*(x for x in parts if x is not None))
    scope = Scope(planner, {"": "", change.step.role: ""}, "", {})
    asking = Asking(planner, planner.occurrences(change.step, attributes), scope)
    asking.narrow(change.step.where)
    asking.ask(*parts)
    met = condition(change.step.where, scope)
    return asking.relation.where(possibly(met)).project(
        "ord",
        "pos",
        "t",
        first=scalar(change.first, scope),
        second=scalar(change.second, scope),
        begins=lit(change.begins),
        sure=surely(met),
    )


# ---- resolving ----------------------------------------------------------------------------------


_Told = tuple[bool, list[Any], list[int]]
"""Surely reached, the way, and what opened it."""


class _State(NamedTuple):
    order: int
    sure: bool
    possible: bool
    by: int
    """Position of the event that opened it."""


def _histories(link: Link, changes: Rows) -> tuple[dict[tuple[Any, Any], list[Any]], int]:
    made: dict[tuple[Any, Any], list[Any]] = {}
    for first, second, order, pos, t, begins, sure in changes:
        made.setdefault((first, second), []).append((order, begins, sure, pos, t))
    if len(made) > MAX_PAIRS:
        own = link.name.rpartition("/")[2]
        raise EvaluationError(
            f"link `{own}` ties {len(made):,} pairs, and at most {MAX_PAIRS:,} are "
            "resolved; tie fewer things, or judge a shorter period"
        )
    for changed in made.values():
        changed.sort()
    return made, len(made)


def _states(changed: list[Any]) -> list[_State]:
    """What is known of a pair after each order."""
    states: list[_State] = []
    sure = possible = False
    opened: int | None = None
    for order, begins, surely_so, pos, _ in changed:
        if begins:
            possible = True
            if surely_so and not sure:
                opened = pos
            sure = sure or surely_so
        else:
            sure = False
            possible = possible and not surely_so
        made = _State(order, sure, possible, pos if opened is None else opened)
        if states and states[-1].order == order:
            states[-1] = made
        else:
            states.append(made)
    return states


def reach_of(link: Link, changes: Rows) -> Iterable[tuple[Any, ...]]:
    """Who reaches whom from when to when, over the changes of a directed link."""
    made, _ = _histories(link, changes)
    ties = {pair: _states(changed) for pair, changed in made.items()}
    following: dict[Any, list[Any]] = {}
    for first, second in ties:
        following.setdefault(first, []).append(second)
    for reached in following.values():
        reached.sort()
    for start in following:
        yield from _reach(start, ties, following)


def _reach(
    start: Any, ties: dict[tuple[Any, Any], list[_State]], following: dict[Any, list[Any]]
) -> Iterable[tuple[Any, ...]]:
    yield start, start, NEVER, FOREVER, True, [], []
    ever = [start]
    known = {start}
    for here in ever:
        for there in following.get(here, ()):
            if there not in known:
                known.add(there)
                ever.append(there)
    if not any(there in following for there in ever[1:]):
        # Everybody is one link away: each is a history of its own.
        for there in following[start]:
            if there != start:
                yield from _direct(start, there, ties[start, there])
        return
    orders = sorted(
        {s.order for here in ever for there in following.get(here, ()) for s in ties[here, there]}
    )
    current: dict[tuple[Any, Any], _State] = {}
    places = {(here, there): 0 for here in ever for there in following.get(here, ())}
    by_order: dict[int, list[tuple[Any, Any]]] = {}
    for pair in places:
        for state in ties[pair]:
            by_order.setdefault(state.order, []).append(pair)
    open_since: dict[Any, tuple[int, _Told]] = {}
    for order in orders:
        for pair in by_order[order]:
            current[pair] = ties[pair][places[pair]]
            places[pair] += 1
        seen = _search(start, current, following)
        for member, (since, told) in list(open_since.items()):
            if seen.get(member) != told:
                yield (start, member, since, order, *told)
                del open_since[member]
        for member, told in seen.items():
            if member not in open_since:
                open_since[member] = (order, told)
    for member, (since, told) in open_since.items():
        yield (start, member, since, FOREVER, *told)


def _direct(start: Any, there: Any, states: list[_State]) -> Iterable[tuple[Any, ...]]:
    way = [start]
    for state, following in zip(states, [*states[1:], None], strict=True):
        until = FOREVER if following is None else following.order
        if state.sure:
            yield start, there, state.order, until, True, way, [state.by]
        elif state.possible:
            yield start, there, state.order, until, False, [], []


def _search(
    start: Any, current: dict[tuple[Any, Any], _State], following: dict[Any, list[Any]]
) -> dict[Any, _Told]:
    """Each party reached but the start: surely, the way, and what opened it."""
    came_from = _breadth_first(start, current, following, sure=True)
    possible = _breadth_first(start, current, following, sure=False)
    found: dict[Any, _Told] = {}
    for member in possible:
        if member == start:
            continue
        if member not in came_from:
            found[member] = (False, [], [])
            continue
        way = [member]
        while (before := came_from[way[-1]]) is not None:
            way.append(before)
        way.reverse()
        opened = [current[a, b].by for a, b in itertools.pairwise(way)]
        found[member] = (True, way[:-1], opened)
    return found


def _breadth_first(
    start: Any,
    current: dict[tuple[Any, Any], _State],
    following: dict[Any, list[Any]],
    sure: bool,
) -> dict[Any, Any]:
    """Each party reached, with the one before it on a shortest way."""
    came_from: dict[Any, Any] = {start: None}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in following.get(here, ()):
            if there in came_from:
                continue
            state = current.get((here, there))
            if state is not None and (state.sure if sure else state.possible):
                came_from[there] = here
                waiting.append(there)
    return came_from


def groups_of(
    link: Link, changes: Rows, observed: tuple[int, int] | None
) -> Iterable[tuple[Any, ...]]:
    """The canonical member of every tied one, by union-find (semantics U6)."""
    made, _ = _histories(link, changes)
    parent: dict[tuple[str, Any], tuple[str, Any]] = {}

    def root(member: tuple[str, Any]) -> tuple[str, Any]:
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for (first, second), changed in made.items():
        if _meets(changed, observed):
            one, other = root((link.first.kind, first)), root((link.second.kind, second))
            least, most = sorted((one, other))
            parent[most] = least
    for kind, id in list(parent):
        canonical = root((kind, id))
        yield kind, id, f"{canonical[0]}:{canonical[1]}"


def _meets(changed: list[Any], observed: tuple[int, int] | None) -> bool:
    """Whether a sure link's time, closed at both ends, meets the observed period."""
    if observed is None:
        return False
    start, end = observed
    opened: int | None = None
    for _, begins, sure, _, time in changed:
        if not sure:
            continue
        if begins:
            opened = time if opened is None else opened
        elif opened is not None:
            if opened <= end and time >= start:
                return True
            opened = None
    return opened is not None and opened <= end
