"""What a plan makes cut down to what somebody reads.

The planner writes every table with all that may be asked of it. Here each table is left with
the columns that are read of it, a table that nobody reads is left out, and one that is read in a
single place is worked out there, within the statement that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from tosrules.plan.expr import Expr, columns_of
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
from tosrules.record import replace

Names = frozenset[str]
Steps = list["Make | Resolve"]


Says = Callable[[Relation], bool]
_TWICE = 2


def slim(
    steps: Steps,
    outputs: Iterable[Table],
    stays: Says = lambda _: False,
    cheap: Says = lambda _: False,
    small: bool = False,
) -> Steps:
    """The steps that `outputs` need, in their order; outputs keep all their columns. A table
    that `stays` says so of is made even if it is read once only, and with `small` one that is
    the small side of a join; one that is `cheap` is worked out anew where it is read twice."""
    wanted: dict[str, set[str]] = {}
    readers: dict[str, int] = {}
    for table in outputs:
        wanted.setdefault(table.name, set()).update(table.columns)
        readers[table.name] = readers.get(table.name, 0) + 2

    def leaf(table: Table, need: Names) -> Table:
        kept = tuple(c for c in table.has if c in need) or table.has[:1]
        wanted.setdefault(table.name, set()).update(kept)
        readers[table.name] = readers.get(table.name, 0) + 1
        return Table(table.name, kept)

    kept: Steps = []
    for step in reversed(steps):
        columns = wanted.get(step.table)
        if columns is None:
            continue
        if small and isinstance(step, Make):
            for table in _small_sides(step.relation):
                readers[table.name] = readers.get(table.name, 0) + _TWICE
        if isinstance(step, Resolve):
            source = _exactly(step.source, step.source.columns, leaf)
            kept.append(replace(step, source=source))
        else:
            names = tuple(c for c in step.relation.columns if c in columns)
            kept.append(replace(step, relation=_exactly(step.relation, names, leaf)))
    return _merged(kept[::-1], readers, stays, cheap)


_Leaf = Callable[[Table, Names], Table]


def _exactly(relation: Relation, names: tuple[str, ...], leaf: _Leaf) -> Relation:
    """These columns in this order."""
    found = _pruned(relation, frozenset(names), leaf)
    return found if found.columns == names else found.project(*names)


def _pruned(relation: Relation, need: Names, leaf: _Leaf) -> Relation:
    """The same rows with at least the columns `need`."""
    match relation:
        case Table():
            return leaf(relation, need)
        case Filter(source=source, condition=condition):
            return Filter(_pruned(source, need | columns_of(condition), leaf), condition)
        case Project(source=source, items=items):
            kept = tuple(i for i in items if i[0] in need) or items[:1]
            return Project(_pruned(source, _read(e for _, e in kept), leaf), kept)
        case Union(sources=sources):
            names = tuple(c for c in relation.columns if c in need) or relation.columns[:1]
            return Union(tuple(_exactly(s, names, leaf) for s in sources))
        case Group(source=source, by=by, items=items):
            kept = tuple(i for i in items if i[0] in need)
            if not kept and not by:
                kept = items[:1]
            inner = _read(e for _, e in kept) | frozenset(by)
            return Group(_pruned(source, inner, leaf), by, kept)
        case Explode(source=source, list=list_, name=name):
            inner = (need - {name}) | columns_of(list_)
            return Explode(_pruned(source, inner, leaf), list_, name)
        case Join(left=left, right=right, on=on, residual=residual):
            asked = need | columns_of(residual)
            lefts = asked.intersection(left.columns) | _read(a for a, _ in on)
            rights = asked.intersection(right.columns) | _read(b for _, b in on)
            return replace(
                relation, left=_pruned(left, lefts, leaf), right=_pruned(right, rights, leaf)
            )
    raise TypeError(f"no relation: {relation!r}")


def _read(exprs: Iterable[Expr]) -> Names:
    return frozenset().union(*(columns_of(e) for e in exprs))


def _small_sides(relation: Relation) -> Iterator[Table]:
    match relation:
        case Union(sources=sources):
            for source in sources:
                yield from _small_sides(source)
        case Join(left=left, right=right, small=small):
            yield from _small_sides(left)
            yield from _small_sides(right)
            if small and isinstance(right, Table):
                yield right
        case Filter() | Project() | Group() | Explode():
            yield from _small_sides(relation.source)


def _merged(steps: Steps, readers: Mapping[str, int], stays: Says, cheap: Says) -> Steps:
    within: dict[str, Relation] = {}
    kept: Steps = []
    for step in steps:
        if isinstance(step, Resolve):
            kept.append(replace(step, source=_with(step.source, within)))
            continue
        relation = _with(step.relation, within)
        once = readers[step.table] == 1 and not stays(relation)
        if once or (readers[step.table] == _TWICE and cheap(relation)):
            within[step.table] = relation
        else:
            kept.append(replace(step, relation=relation))
    return kept


def _with(relation: Relation, within: Mapping[str, Relation]) -> Relation:
    """The relation with some tables replaced by what they are made by."""
    match relation:
        case Table(name=name):
            return within.get(name, relation)
        case Union(sources=sources):
            return Union(tuple(_with(s, within) for s in sources))
        case Join(left=left, right=right):
            return replace(relation, left=_with(left, within), right=_with(right, within))
        case Filter() | Project() | Group() | Explode():
            return replace(relation, source=_with(relation.source, within))
    raise TypeError(f"no relation: {relation!r}")
