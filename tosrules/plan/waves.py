"""Running a plan on an engine that can make many tables at once, and to which a question costs
more than a small table: all that can be made next is made together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tosrules.plan.expr import FALSE
from tosrules.plan.kinds import Kinds
from tosrules.plan.planner import Make, Resolve
from tosrules.plan.relation import (
    Explode,
    Filter,
    Group,
    Join,
    Project,
    Relation,
    Table,
    Union,
)
from tosrules.plan.running import Running

Steps = Sequence["Make | Resolve"]


class Waves(Running):
    """The tables of a plan as far as they have been needed; each is made when all that it is
    made from is known, and not where nothing can be in it.

    `execute` makes some tables, none of them from another, and says how many rows each has."""

    def __init__(
        self,
        steps: list[Make | Resolve],
        scan: Table,
        scan_kinds: Kinds,
        execute: Callable[[Steps], Sequence[int]],
    ) -> None:
        super().__init__(steps, scan, scan_kinds, lambda step: execute([step])[0])
        self._execute_all = execute

    def make(
        self,
        tables: Iterable[Table],
        release: Callable[[Iterable[str]], None] = lambda _: None,
    ) -> None:
        """Makes some tables, and all that they need, in as few waves as there are tables made
        one from another. `release` is told of others from which nothing will be made any more."""
        wanted = [t.name for t in tables]
        reads = {name: tables_of(_source(step)) for name, step in self._steps.items()}
        while True:
            ready: dict[str, None] = {}
            seen: set[str] = set()
            for name in wanted:
                self._next(name, ready, seen)
            if not ready:
                return
            steps = [self.simplified(self._steps[name]) for name in ready]
            for name, rows in zip(ready, self._execute_all(steps), strict=True):
                self._rows[name] = rows
            waiting = (reads[name] for name in self._steps if name not in self._rows)
            release(self._rows.keys() - set().union(wanted, *waiting))

    def _next(self, name: str, ready: dict[str, None], seen: set[str]) -> None:
        """Adds to `ready` what can be made now of a table and all that it needs."""
        if name in self._rows or name in seen:
            return
        seen.add(name)
        source = _source(self._steps[name])
        while needed := self._unknown(source):
            before = len(self._rows)
            for other in needed:
                self._next(other, ready, seen)
            if len(self._rows) == before:
                break
        if needed:
            return
        if self.empty(source):
            self._rows[name] = 0
        else:
            ready[name] = None

    def _unknown(self, relation: Relation) -> set[str]:
        """Tables that must be known before it can be said whether a relation is empty, and
        before it can be made."""
        match relation:
            case Table(name=name):
                return set() if name in self._rows else {name}
            case Filter(condition=condition) if condition == FALSE:
                return set()
            case Filter(source=source) | Project(source=source):
                return self._unknown(source)
            case Group(source=source) | Explode(source=source):
                return self._unknown(source)
            case Union(sources=sources):
                return set().union(*map(self._unknown, sources))
            case Join(left=left, right=right):
                # What stands beside nothing is not looked at.
                found = self._unknown(left)
                if found or self.empty(left):
                    return found
                return self._unknown(right)
        raise TypeError(f"no relation: {relation!r}")


def _source(step: Make | Resolve) -> Relation:
    return step.source if isinstance(step, Resolve) else step.relation


def tables_of(relation: Relation) -> set[str]:
    """The tables that a relation reads."""
    match relation:
        case Table(name=name):
            return {name}
        case Union(sources=sources):
            return set().union(*map(tables_of, sources))
        case Join(left=left, right=right):
            return tables_of(left) | tables_of(right)
        case Filter(source=source) | Project(source=source):
            return tables_of(source)
        case Group(source=source) | Explode(source=source):
            return tables_of(source)
    raise TypeError(f"no relation: {relation!r}")
