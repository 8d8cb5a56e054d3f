"""Events of rare types. Most clauses read events of one or two types, of which there are few among
all; gone through for each of them, a trace would be read many times for a small part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from tosrules.engines.columns import TABLE
from tosrules.plan.expr import Column, Constant, Expr, Operation, columns_of
from tosrules.plan.relation import Explode, Filter, Group, Join, Project, Relation, Table, Union
from tosrules.record import Record, replace

SHARE = 8
"""Types that have one event in so many together are set apart."""


class Part(Record):
    """A table with the events of some types alone, and all columns of the scan."""

    table: str
    types: frozenset[str]


class Rare(Record):
    """What is set apart."""

    near: frozenset[str] = frozenset()
    """Types whose events the driver holds."""
    types: frozenset[str] = frozenset()
    """Types that are read from tables of their own; `near` are among them."""
    columns: frozenset[str] = frozenset()
    """Columns of the scan that are read of such."""


def of(relations: Sequence[Relation], of_type: Mapping[str, int], most: int) -> Rare:
    """What is set apart of events of which there are `of_type` of each type, to make some
    relations; `most`: events that the driver holds at most."""
    read = frozenset().union(*map(_asked, relations))
    near = _rarest(of_type, read, most)
    types = near | _rarest(of_type, read, sum(of_type.values()) / SHARE)
    part = [Part("", types)]
    reading = [relation for relation in relations if apart(relation, part) != relation]
    columns = frozenset({"type"}).union(*map(_columns, reading))
    return Rare(near, types if len(reading) > 1 else near, columns)


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
        case Union(sources=sources):
            return frozenset().union(*map(_columns, sources))
        case Join(left=left, right=right):
            return _columns(left) | _columns(right)
        case Filter() | Project() | Group() | Explode():
            return _columns(relation.source)
    raise TypeError(f"no relation: {relation!r}")


def _asked(relation: Relation) -> frozenset[str]:
    """The types that a relation reads events of."""
    match relation:
        case Filter(source=Table(name=name), condition=condition) if name == TABLE:
            return _types(condition)
        case Table():
            return frozenset()
        case Union(sources=sources):
            return frozenset().union(*map(_asked, sources))
        case Join(left=left, right=right):
            return _asked(left) | _asked(right)
        case Filter() | Project() | Group() | Explode():
            return _asked(relation.source)
    raise TypeError(f"no relation: {relation!r}")


def apart(relation: Relation, parts: Sequence[Part]) -> Relation:
    """The same rows; events of some types are read from the first of `parts` that has them."""
    match relation:
        case Filter(source=Table(name=name) as table, condition=condition) if name == TABLE:
            wanted = _types(condition)
            part = next((p for p in parts if wanted and wanted <= p.types), None)
            return (
                relation
                if part is None
                else replace(relation, source=replace(table, name=part.table))
            )
        case Table():
            return relation
        case Union(sources=sources):
            return Union(tuple(apart(source, parts) for source in sources))
        case Join(left=left, right=right):
            return replace(relation, left=apart(left, parts), right=apart(right, parts))
        case Filter() | Project() | Group() | Explode():
            return replace(relation, source=apart(relation.source, parts))
    raise TypeError(f"no relation: {relation!r}")


def _types(condition: Expr) -> frozenset[str]:
    """The types that a condition is true of; none if it is another condition."""
    match condition:
        case Operation(op="in", args=(Column(name="type"), *values)):
            named = [value.value for value in values if isinstance(value, Constant)]
            if len(named) == len(values):
                return frozenset(map(str, named))
    return frozenset()
