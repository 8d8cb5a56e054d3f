"""Running a plan: each table made when it is first read, and not at all where nothing can be
in it. Most clauses of a pack find nothing in most traces, and what is asked of nothing costs
no more than to see that it is nothing."""

from __future__ import annotations

from collections.abc import Callable

from tosrules.plan.expr import FALSE, Expr, col, null
from tosrules.plan.kinds import Kinds, kinds_of
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

Execute = Callable[["Make | Resolve"], int]
"""Makes one table; the number of its rows."""


class Running:
    """The tables of a plan as far as they have been needed."""

    def __init__(
        self, steps: list[Make | Resolve], scan: Table, scan_kinds: Kinds, execute: Execute
    ) -> None:
        self._steps = {step.table: step for step in steps}
        self._execute = execute
        self._rows: dict[str, int] = {scan.name: 1}
        """Of tables that have been looked at; the scan counts as not empty."""
        self._kinds: dict[str, Kinds] = {scan.name: scan_kinds}

    def rows(self, table: Table) -> int:
        """The number of its rows; makes it if it has any."""
        known = self._rows.get(table.name)
        if known is None:
            step = self._steps[table.name]
            known = self._make(step)
            self._rows[table.name] = known
        return known

    def kinds(self, name: str) -> Kinds:
        found = self._kinds.get(name)
        if found is None:
            step = self._steps[name]
            if isinstance(step, Resolve):
                found = dict(step.columns)
            else:
                found = kinds_of(step.relation, _Lazily(self))
            self._kinds[name] = found
        return found

    def _make(self, step: Make | Resolve) -> int:
        source = step.source if isinstance(step, Resolve) else step.relation
        return 0 if self.empty(source) else self._execute(self.simplified(step))

    def simplified(self, step: Make | Resolve) -> Make | Resolve:
        """The same step, without what is empty."""
        if isinstance(step, Resolve):
            return replace(step, source=self._simple(step.source))
        return replace(step, relation=self._simple(step.relation))

    # ---- what cannot be ----------------------------------------------------------------------
    def empty(self, relation: Relation) -> bool:
        """Whether no row can be in it, from what its tables hold."""
        match relation:
            case Table():
                return not self.rows(relation)
            case Filter(source=source, condition=condition):
                return condition == FALSE or self.empty(source)
            case Project(source=source) | Explode(source=source):
                return self.empty(source)
            case Group(source=source):
                # A count of nothing is told by the table having no row at all.
                return self.empty(source)
            case Union(sources=sources):
                return all(self.empty(s) for s in sources)
            case Join(left=left, right=right, how=how):
                if self.empty(left):
                    return True
                return how in ("inner", "semi") and self.empty(right)
        raise TypeError(f"no relation: {relation!r}")

    def _simple(self, relation: Relation) -> Relation:
        """The same rows, without what is empty."""
        match relation:
            case Table():
                return relation
            case Union(sources=sources):
                kept = tuple(self._simple(s) for s in sources if not self.empty(s))
                return kept[0] if len(kept) == 1 else Union(kept)
            case Join(left=left, right=right, how="anti") if self.empty(right):
                return self._simple(left)
            case Join(left=left, right=right, how="left") if self.empty(right):
                kinds = kinds_of(right, _Lazily(self))
                made: dict[str, Expr] = {n: col(n) for n in left.columns}
                made.update({n: null(kinds[n]) for n in right.columns})
                return Project(self._simple(left), tuple(made.items()))
            case Join(left=left, right=right):
                return replace(relation, left=self._simple(left), right=self._simple(right))
            case Filter() | Project() | Group() | Explode():
                return replace(relation, source=self._simple(relation.source))
        raise TypeError(f"no relation: {relation!r}")


class _Lazily(dict[str, Kinds]):
    """Kinds of tables, worked out when asked."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self._running = running

    def __missing__(self, name: str) -> Kinds:
        return self._running.kinds(name)
