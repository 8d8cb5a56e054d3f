"""Relations of the plan: filter, project, windows over a key, union, joins on equality, groups.

A relation is a tree of these nodes; its leaves are tables: the scan of the trace, and tables
that earlier steps of the plan have made. There is no join but on equality (with what remains
to be asked of each pair), no order but inside a key, and none that reaches forward without
bound, so that every engine here can run the plan in near-linear time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tosrules.plan.expr import (
    TRUE,
    Aggregate,
    Column,
    Expr,
    Over,
    both,
    col,
)
from tosrules.record import Record


class Relation(Record):
    """Rows with named columns."""

    @property
    def columns(self) -> tuple[str, ...]:
        raise NotImplementedError

    # ---- building ------------------------------------------------------------------------
    def where(self, *conditions: Expr) -> Relation:
        """The rows for which all conditions are true."""
        condition = both(*conditions)
        return self if condition == TRUE else Filter(self, condition)

    def project(self, *kept: str, **made: Expr) -> Relation:
        """These columns, as they are or newly made."""
        items: dict[str, Expr] = {name: col(name) for name in kept}
        items.update(made)
        return Project(self, tuple(items.items()))

    def extend(self, made: Mapping[str, Expr] | None = None, **more: Expr) -> Relation:
        """All columns and these."""
        new = {**(made or {}), **more}
        if not new:
            return self
        items: dict[str, Expr] = {n: col(n) for n in self.columns if n not in new}
        items.update(new)
        return Project(self, tuple(items.items()))

    def renamed(self, names: Mapping[str, str]) -> Relation:
        return Project(self, tuple((names.get(n, n), col(n)) for n in self.columns))

    def join(
        self,
        other: Relation,
        on: Sequence[tuple[Expr, Expr]],
        *,
        residual: Expr = TRUE,
        how: str = "inner",
        small: bool = False,
    ) -> Relation:
        """Each pair for which the left and the right values are equal and `residual` is true;
        with `left`, rows without a partner too; with `anti`, those alone; with `semi` the left
        rows that have a partner, once each. `small`: the right side may be sent everywhere."""
        return Join(self, other, tuple(on), residual, how, small)

    def group(self, by: Sequence[str], **made: Expr) -> Relation:
        """One row for each different value of the columns `by`."""
        return Group(self, tuple(by), tuple(made.items()))

    def distinct(self, *by: str) -> Relation:
        return Group(self, tuple(by or self.columns), ())


class Table(Relation):
    """The scan, or what an earlier step made."""

    name: str
    has: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.has


class Filter(Relation):
    source: Relation
    condition: Expr

    @property
    def columns(self) -> tuple[str, ...]:
        return self.source.columns


class Project(Relation):
    """Windows (`Over`) may stand among the expressions, not inside one another."""

    source: Relation
    items: tuple[tuple[str, Expr], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.items)


class Union(Relation):
    """All rows of all; columns by name, those of the first."""

    sources: tuple[Relation, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.sources[0].columns


class Join(Relation):
    left: Relation
    right: Relation
    on: tuple[tuple[Expr, Expr], ...]
    residual: Expr
    how: str
    small: bool

    @property
    def columns(self) -> tuple[str, ...]:
        if self.how in ("semi", "anti"):
            return self.left.columns
        return (*self.left.columns, *self.right.columns)


class Group(Relation):
    source: Relation
    by: tuple[str, ...]
    items: tuple[tuple[str, Expr], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.by, *(name for name, _ in self.items))


class Explode(Relation):
    """A row for each element of a list; the element stands in the column `name`."""

    source: Relation
    list: Expr
    name: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.source.columns, self.name)


def union(*sources: Relation) -> Relation:
    kept = tuple(sources)
    if len(kept) == 1:
        return kept[0]
    first = kept[0].columns
    return Union(tuple(s if s.columns == first else s.project(*first) for s in kept))


def count() -> Aggregate:
    return Aggregate("count", ())


def aggregate(function: str, *args: Expr) -> Aggregate:
    return Aggregate(function, args)


def over(
    function: str,
    *args: Expr,
    by: Sequence[Expr] = (),
    order: Sequence[Expr | tuple[Expr, bool]] = (),
    frame: object = None,
) -> Over:
    return Over(function, args, by, order, frame)  # type: ignore[arg-type]


def same(*names: str) -> tuple[tuple[Column, Column], ...]:
    """Join on columns: `("key", "key_")` pairs each name with itself and an underscore."""
    return tuple((col(n), col(n + "_")) for n in names)
