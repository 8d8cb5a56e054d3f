"""Whole clauses: what their rules come to, and what else a result tells of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tosrules.plan.counting import Judge
from tosrules.plan.expr import (
    TRUE,
    Column,
    Constant,
    Expr,
    Operation,
    both,
    col,
    columns_of,
    either,
    lit,
    op,
    present,
    replaced,
    surely,
)
from tosrules.plan.findings import FindingPlan, findings
from tosrules.plan.relation import (
    Filter,
    Project,
    Relation,
    Table,
    Union,
    aggregate,
    over,
    union,
)
from tosrules.plan.rules import RulePlan, rule_plan
from tosrules.plan.sharing import shared
from tosrules.plan.slimming import slim
from tosrules.plan.tally import Tally
from tosrules.policy.model import BoundRule, Clause, ObligationRule, SequenceRule, Step
from tosrules.policy.walk import walk
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner

EXAMPLES = 3
"""Undetermined events that are named for each reason."""


class ClausePlan(Record):
    """One clause: the tables that its outcome is read from."""

    clause: Clause
    findings: tuple[FindingPlan, ...]
    """Per rule."""
    pending: tuple[Table, ...]
    """`pos`, `due`, `skind`, `sid`."""
    relevant: Table
    """One row: `n`, events."""
    waived: Table
    undetermined: Table
    reasons: Table
    """`reason`, `n`: events for each reason."""
    examples: Table
    """`reason`, `pos`: the first events of each reason."""
    under: tuple[tuple[str, Table], ...]
    """Clauses that report matches in this one's stead, each with a table of one row, `n`."""
    reads: frozenset[str]
    """Event types that its rules read."""

    def tables(self) -> list[Table]:
        """All that its outcome is read from."""
        found = [self.relevant, self.waived, self.undetermined, self.reasons, self.examples]
        found += self.pending
        found += (table for _, table in self.under)
        for each in self.findings:
            tables = (each.matches, each.evidence, each.context, each.ties)
            found += (table for table in tables if table is not None)
        return found


def clause_plans(
    planner: Planner,
    clauses: Sequence[Clause],
    examples: int | None = EXAMPLES,
    merged: bool = False,
) -> list[ClausePlan]:
    """The plans of some clauses, whose steps the planner then has. `merged`: see `plan_of`."""
    cases = []
    for clause in clauses:
        tally = Tally(planner)
        rules = [
            rule_plan(Judge(planner, clause, rule, tally))
            for rule in clause.rules
            if not _idle(planner, clause, rule)
        ]
        cases.append((clause, tally, rules))
    plans = [_plan(planner, *case, cases, examples) for case in cases]
    large = planner.facts.events >= _MANY
    outputs = _outputs(planner, plans)
    planner.steps = slim(
        shared(planner.steps, {table.name for table in outputs}),
        outputs,
        _never if large or merged else _stays(planner),
        _cheap(planner) if large else _never,
        large and merged,
    )
    return plans


def _idle(planner: Planner, clause: Clause, bound: BoundRule) -> bool:
    """Whether no event of the trace can be of any concern to a rule: none of its types was
    recorded, or all events lie outside the clause's effective period."""
    rule, period, facts = bound.rule, clause.period, planner.facts
    if period.start is not None and facts.end < period.start:
        return True
    if period.until is not None and facts.start >= period.until:
        return True
    match rule:
        case SequenceRule():
            steps = [s.step for s in rule.steps]
        case ObligationRule():
            steps = [rule.trigger]
        case _:
            steps = [rule.step]
    return not any(planner.signals.types(step) & facts.types for step in steps)


def _outputs(planner: Planner, plans: Sequence[ClausePlan]) -> list[Table]:
    """The tables that an outcome is read from."""
    found = list(planner.kept)
    for plan in plans:
        found += plan.tables()
    found += (tables.keyless for tables in planner.statuses.planned().values())
    found += (tables.keyless for tables in planner.links.planned().values())
    return found


_MANY = 100_000
"""Events from which on it pays to leave out even a table that may show that there is nothing."""


def _never(_: Relation) -> bool:
    return False


def _stays(planner: Planner) -> Callable[[Relation], bool]:
    def stays(relation: Relation) -> bool:
        while isinstance(relation, Filter | Project):
            relation = relation.source
        return relation == planner.scan or isinstance(relation, Union)

    return stays


_PLAIN = frozenset(
    {"and", "or", "not", "is null", "is not null", "=", "<>", "<", "<=", ">", ">=", "in"}
    | {"+", "-", "*", "floor div", "to text"}
)


def _cheap(planner: Planner) -> Callable[[Relation], bool]:
    """Whether to pass over the scan once more costs less than to write down what was found:
    events of some types, and no more asked of them than what numbers and truths tell."""

    def plain(expr: Expr) -> bool:
        match expr:
            case Column() | Constant():
                return True
            case Operation(op=name, args=args):
                return name in _PLAIN and all(map(plain, args))
        return False

    def cheap(relation: Relation) -> bool:
        match relation:
            case Table():
                return relation.name == planner.scan.name
            case Filter(source=source, condition=condition):
                return plain(condition) and cheap(source)
            case Project(source=source, items=items):
                return all(plain(e) for _, e in items) and cheap(source)
        return False

    return cheap


def _plan(
    planner: Planner,
    clause: Clause,
    tally: Tally,
    rules: list[RulePlan],
    cases: list[tuple[Clause, Tally, list[RulePlan]]],
    examples: int | None,
) -> ClausePlan:
    under: list[tuple[str, Table]] = []
    found: list[FindingPlan] = []
    for rule in rules:
        kept: Relation = rule.drafted.matches
        for other, _, theirs in cases:
            if other.derived_from != clause.id or other is clause:
                continue
            for one in theirs:
                if one.bound.ordinal != rule.bound.ordinal:
                    continue
                taken = one.drafted.matches.distinct("pos").renamed({"pos": "pos!"})
                on = [(col("pos"), col("pos!"))]
                gone = kept.join(taken, on, how="semi").group([], n=aggregate("count"))
                under.append((other.id, planner.make(gone, "taken", f"reported by {other.id}")))
                kept = kept.join(taken, on, how="anti")
        found.append(findings(planner, clause, rule, kept))
    doubts = planner.make(
        union(*tally.doubts).distinct("pos", "reason") if tally.doubts else _nothing(planner),
        "doubts",
        "undetermined events, with why",
    )
    named = doubts.where(present(col("reason")))
    nth = over("row number", by=[col("reason")], order=[col("pos")])
    first = named.extend(nth=nth)
    if examples is not None:
        first = first.where(_at_most("nth", examples))
    reads: set[str] = set()
    for bound in clause.rules:
        for part in walk(bound.rule):
            if isinstance(part, Step):
                reads |= planner.signals.types(part)
    return ClausePlan(
        clause,
        tuple(found),
        tuple(r.pending for r in rules if r.pending is not None),
        _count(planner, tally.seen, "relevant"),
        _count(planner, tally.waived, "waived"),
        _count(planner, [doubts.project("pos")], "undetermined"),
        planner.make(named.group(["reason"], n=aggregate("count")), "reasons", "events by reason"),
        planner.make(first.project("reason", "pos"), "examples", "the first of each"),
        tuple(under),
        frozenset(reads),
    )


def _at_most(name: str, number: int):  # type: ignore[no-untyped-def]
    from tosrules.plan.expr import op

    return op("<=", col(name), lit(number))


def _nothing(planner: Planner) -> Relation:
    none = planner.scan.where(lit(False)).project("pos")
    return none.project("pos", reason=col("pos"))


def _count(planner: Planner, relations: Sequence[Relation], hint: str) -> Table:
    """How many different positions."""
    if not relations:
        made: Relation = _nothing(planner).group([], n=aggregate("count"))
    elif (condition := _part_of_scan(planner, relations)) is None:
        made = union(*relations).distinct("pos").group([], n=aggregate("count"))
    elif columns_of(condition) <= {"type"}:
        found = planner.numbers().where(condition).group([], n=aggregate("sum", col("n")))
        made = found.project(n=op("integer", op("coalesce", col("n"), lit(0))))
    else:
        made = planner.scan.where(condition).group([], n=aggregate("count"))
    return planner.make(made, hint, f"{hint} events")


def _part_of_scan(planner: Planner, relations: Sequence[Relation]) -> Expr | None:
    """Which events of the scan stand in any of some parts of it: one pass finds them, each once,
    where a union would have to tell the same events apart. None if one of them is no such part."""
    conditions: list[Expr] = []
    for relation in relations:
        found = _condition(planner, relation)
        if found is None or found[1].get("pos") != col("pos"):
            return None
        conditions.append(found[0])
    return either(*map(_sure, conditions))


def _sure(condition: Expr) -> Expr:
    """As `surely`; every event has a type."""
    plain = isinstance(condition, Operation) and condition.op == "in"
    return condition if plain and columns_of(condition) == {"type"} else surely(condition)


def _condition(planner: Planner, relation: Relation) -> tuple[Expr, dict[str, Expr]] | None:
    """Which events of the scan a relation has, and how its columns are read of them."""
    match relation:
        case Table():
            if relation.name != planner.scan.name:
                return None
            return TRUE, {n: col(n) for n in relation.has}
        case Filter(source=source, condition=condition):
            found = _condition(planner, source)
            if found is None:
                return None
            inside = replaced(condition, found[1])
            return None if inside is None else (both(found[0], inside), found[1])
        case Project(source=source, items=items):
            found = _condition(planner, source)
            if found is None:
                return None
            # What is not read of the event itself is only in the way if a condition asks it.
            read = {n: replaced(e, found[1]) for n, e in items}
            return found[0], {n: e for n, e in read.items() if e is not None}
    return None
