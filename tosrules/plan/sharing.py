"""Columns of the tables of a plan that need not be written: those that are the same as another
of their table, and those that are one constant. Whoever reads the table is told what they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from tosrules.plan.expr import Column, Constant, Expr, col
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
from tosrules.record import Record, replace

Origin: TypeAlias = "tuple[object, ...] | Constant"
"""Columns of one relation with the same origin hold the same values."""


class _Lacks(Record):
    """What a table does not hold."""

    same: dict[str, Expr]
    """Column → the other column or the constant that it is."""
    held: str
    """One that it does hold."""


Known: TypeAlias = "dict[str, _Lacks]"


def shared(steps: list[Make | Resolve], whole: Collection[str]) -> list[Make | Resolve]:
    """The steps, with tables that lack what they would hold twice; those of `whole` keep all."""
    known: Known = {}
    kept: list[Make | Resolve] = []
    for step in steps:
        if isinstance(step, Resolve):
            kept.append(replace(step, source=_told(step.source, known)))
            continue
        relation = _told(step.relation, known)
        if step.table not in whole:
            same = _same(relation)
            if same:
                held = [n for n in relation.columns if n not in same]
                known[step.table] = _Lacks(same, held[0])
                relation = relation.project(*held)
        kept.append(replace(step, relation=relation))
    return kept


def _same(relation: Relation) -> dict[str, Expr]:
    """The columns that are another one, or a constant; one is left in any case."""
    first: dict[Origin, str] = {}
    same: dict[str, Expr] = {}
    for name, origin in _origins(relation).items():
        if isinstance(origin, Constant):
            same[name] = origin
        elif origin in first:
            same[name] = col(first[origin])
        else:
            first[origin] = name
    if not first:
        del same[relation.columns[0]]
    return same


def _origins(relation: Relation) -> dict[str, Origin]:
    """Where the values of each column come from."""
    here = id(relation)
    match relation:
        case Table(name=table, has=has):
            return {n: (table, n) for n in has}
        case Filter(source=source):
            return _origins(source)
        case Explode(source=source, name=name):
            return {**_origins(source), name: (here, name)}
        case Project(source=source, items=items):
            known = _origins(source)
            return {n: _of_item(here, e, known) for n, e in items}
        case Join(left=left, right=right, how=how):
            found = _origins(left)
            if how in ("semi", "anti"):
                return found
            for n, origin in _origins(right).items():
                if not isinstance(origin, Constant):
                    found[n] = (here, *origin)
                else:
                    # With `left` it is missing where there is no partner.
                    found[n] = (here, n) if how == "left" else origin
            return found
        case Union(sources=sources):
            each = [_origins(s) for s in sources]
            return {n: _of_all(here, [some[n] for some in each]) for n in relation.columns}
        case Group(source=source, by=by, items=items):
            known = _origins(source)
            return {**{n: (here, known[n]) for n in by}, **{n: (here, n) for n, _ in items}}
    raise TypeError(f"no relation: {relation!r}")


def _of_item(here: int, expr: Expr, known: Mapping[str, Origin]) -> Origin:
    if isinstance(expr, Constant):
        return expr
    if isinstance(expr, Column) and expr.name in known:
        return known[expr.name]
    # Alike expressions of one row, or over one window, are alike; what stands in no table is
    # never read, and left out when the plan is cut down.
    return here, expr


def _of_all(here: int, origins: Sequence[Origin]) -> Origin:
    first = origins[0]
    if isinstance(first, Constant) and all(o == first for o in origins):
        return first
    return (here, *origins)


def _told(relation: Relation, known: Known) -> Relation:
    """The relation, with what its tables lack put in its place."""
    match relation:
        case Table(name=name, has=has):
            lacks = known.get(name)
            if lacks is None or not lacks.same.keys() & set(has):
                return relation
            items = tuple((n, lacks.same.get(n, col(n))) for n in has)
            read = dict.fromkeys(e.name for _, e in items if isinstance(e, Column))
            return Project(Table(name, tuple(read) or (lacks.held,)), items)
        case Union(sources=sources):
            return Union(tuple(_told(s, known) for s in sources))
        case Join(left=left, right=right):
            return replace(relation, left=_told(left, known), right=_told(right, known))
        case Filter() | Project() | Group() | Explode():
            return replace(relation, source=_told(relation.source, known))
    raise TypeError(f"no relation: {relation!r}")
