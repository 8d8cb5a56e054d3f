"""Events that few clauses are about: those of rare types, and those of which a condition is true
that hardly any event meets. Most clauses read such events alone; gone through for each of them, a
trace would be read many times for a small part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from tosrules.engines.columns import TABLE
from tosrules.plan.expr import (
    Aggregate,
    Column,
    Constant,
    Expr,
    Operation,
    Over,
    both,
    col,
    columns_of,
    replaced,
    walk,
)
from tosrules.plan.relation import Explode, Filter, Group, Join, Project, Relation, Table, Union
from tosrules.record import Record, replace

SHARE = 8
"""Types that have one event in so many together are set apart."""


class Part(Record):
    """A table with some of the events alone, and all columns of the scan that are read of them."""

    table: str
    types: frozenset[str]
    """It has all events of these types."""
    where: frozenset[Expr] = frozenset()
    """And all for which one of these is true."""


class Rare(Record):
    """What is set apart."""

    near: frozenset[str] = frozenset()
    """Types whose events the driver holds."""
    types: frozenset[str] = frozenset()
    """Types that are read from tables of their own; `near` are among them."""
    columns: frozenset[str] = frozenset()
    """Columns of the scan that are read of such, and of events that meet `conditions`."""
    conditions: tuple[Expr, ...] = ()
    """What else events are read by, of other types."""


class Chain(Record):
    """Filters and projections, one above the other, of events that are read by their types."""

    types: frozenset[str]
    condition: Expr
    """What is true of the events that are left, said of the columns of the scan."""
    columns: Mapping[str, Expr]
    """Column → what it is made of, where that is known."""


def of(relations: Sequence[Relation], of_type: Mapping[str, int], most: int) -> Rare:
    """What is set apart of events of which there are `of_type` of each type, to make some
    relations; `most`: events that the driver holds at most."""
    chains = [chain for relation in relations for chain in _chains(relation)]
    read = frozenset().union(*(chain.types for chain in chains))
    near = _rarest(of_type, read, most)
    types = near | _rarest(of_type, read, sum(of_type.values()) / SHARE)
    conditions = tuple(
        dict.fromkeys(
            chain.condition
            for chain in chains
            if not chain.types <= near and not _types(chain.condition)
        )
    )
    part = [Part("", types, frozenset(conditions))]
    reading = [relation for relation in relations if apart(relation, part) != relation]
    often = sum(apart(relation, [Part("", types)]) != relation for relation in relations)
    columns = frozenset({"type"}).union(*map(_columns, reading), *map(columns_of, conditions))
    return Rare(near, types if often > 1 else near, columns, conditions)


def _rarest(of_type: Mapping[str, int], types: Set[str], most: float) -> frozenset[str]:
    """The rarest of `types`, which have `most` events together at most."""
    found: set[str] = set()
    so_far = 0
    for name in sorted(types & of_type.keys(), key=lambda n: (of_type[n], n)):
        so_far += of_type[name]
        if so_far > most:
            break
        found.add(name)
    return frozenset(found)


def _columns(relation: Relation) -> frozenset[str]:
    """The columns of the scan that a relation reads."""
    match relation:
        case Project(source=Filter(source=Table(name=name), condition=condition), items=items) if (
            name == TABLE
        ):
            return columns_of(condition).union(*(columns_of(item) for _, item in items))
        case Table(name=name):
            return frozenset(relation.columns if name == TABLE else ())
    return frozenset().union(*map(_columns, _sources(relation)))


def apart(relation: Relation, parts: Sequence[Part]) -> Relation:
    """The same rows; events are read from the first of `parts` that has all that are wanted."""
    chain = _chain(relation)
    if chain is not None:
        for part in parts:
            if chain.types <= part.types or chain.condition in part.where:
                return _from(relation, part.table)
    match relation:
        case Table():
            return relation
        case Union(sources=sources):
            return Union(tuple(apart(source, parts) for source in sources))
        case Join(left=left, right=right):
            return replace(relation, left=apart(left, parts), right=apart(right, parts))
        case Filter() | Project() | Group() | Explode():
            return replace(relation, source=apart(relation.source, parts))
    raise TypeError(f"no relation: {relation!r}")


def _from(chain: Relation, table: str) -> Relation:
    """The same chain on a part of the events."""
    if isinstance(chain, Table):
        return replace(chain, name=table)
    assert isinstance(chain, Filter | Project), "a chain is made of these"
    return replace(chain, source=_from(chain.source, table))


# ---- chains --------------------------------------------------------------------------------


def _chains(relation: Relation) -> Iterator[Chain]:
    """The longest that a relation has."""
    chain = _chain(relation)
    if chain is not None:
        yield chain
        return
    for source in _sources(relation):
        yield from _chains(source)


def _chain(relation: Relation) -> Chain | None:
    """A relation as a chain; None if it is none, or looks at several rows at once: then all the
    rows that it has to look at are those of the chain below."""
    match relation:
        case Filter(source=Table(name=name, has=has), condition=condition) if name == TABLE:
            types = _types(condition)
            return Chain(types, condition, {n: col(n) for n in has}) if types else None
        case Filter(source=source, condition=condition):
            below = _chain(source)
            said = None if below is None else replaced(condition, below.columns)
            if below is None or said is None:
                return None
            return replace(below, condition=both(below.condition, said))
        case Project(source=source, items=items):
            below = _chain(source)
            if below is None or any(_gathers(item) for _, item in items):
                return None
            made = ((name, replaced(item, below.columns)) for name, item in items)
            return replace(below, columns={n: e for n, e in made if e is not None})
    return None


def _gathers(expr: Expr) -> bool:
    return any(isinstance(part, Over | Aggregate) for part in walk(expr))


def _sources(relation: Relation) -> tuple[Relation, ...]:
    match relation:
        case Table():
            return ()
        case Union(sources=sources):
            return sources
        case Join(left=left, right=right):
            return left, right
        case Filter() | Project() | Group() | Explode():
            return (relation.source,)
    raise TypeError(f"no relation: {relation!r}")


def _types(condition: Expr) -> frozenset[str]:
    """The types that a condition is true of; none if it is another condition."""
    match condition:
        case Operation(op="in", args=(Column(name="type"), *values)):
            named = [value.value for value in values if isinstance(value, Constant)]
            if len(named) == len(values):
                return frozenset(map(str, named))
    return frozenset()
