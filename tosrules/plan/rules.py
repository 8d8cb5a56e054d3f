"""The five forms of rules, each from its events to its matches (semantics R, Q, S, O, V)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tosrules.plan.counting import Judge
from tosrules.plan.duties import duties
from tosrules.plan.expr import FALSE, Expr, col, op
from tosrules.plan.matches import Drafted, drafted
from tosrules.plan.relation import Relation, Table
from tosrules.plan.scope import Scope
from tosrules.plan.sequences import Sequences, prefix
from tosrules.plan.signals import first_of, last_of
from tosrules.plan.values import Spread, Typed
from tosrules.plan.windows import Windows, needed, windows
from tosrules.policy import expressions as p
from tosrules.policy.aggregates import aggregate_text
from tosrules.policy.model import (
    BoundRule,
    EventRule,
    ObligationRule,
    QuotaRule,
    RateRule,
    SequenceRule,
    Step,
)
from tosrules.policy.walk import walk
from tosrules.record import Record

if TYPE_CHECKING:
    pass


class ComputedOf(Record):
    """A value that decided: a constant, or where it stands in a table of matches."""

    text: str
    type: str
    columns: tuple[str, ...]
    """One column; three of a spread (count, sum, squares); none of a constant."""
    places: int
    """Of a wide value."""
    constant: object


class RulePlan(Record):
    """One rule of a clause, planned up to its matches."""

    bound: BoundRule
    drafted: Drafted
    windows: Windows | None
    computed: tuple[ComputedOf, ...]
    keys: tuple[str, ...]
    pending: Table | None
    """`pos`, `due`, `skind`, `sid`."""


def rule_plan(judge: Judge) -> RulePlan:
    rule = judge.rule.rule
    match rule:
        case EventRule():
            return _event(judge, rule)
        case RateRule() | QuotaRule():
            return _window(judge, rule)
        case SequenceRule():
            return _sequence(judge, rule)
        case ObligationRule():
            return _obligation(judge, rule)


def _attributes(judge: Judge) -> list[tuple[str, Any]]:
    return sorted(judge.planner.attributes(judge.rule), key=str)


def _exceptions(judge: Judge) -> Any:
    return judge.rule.exceptions


def _see_below(judge: Judge, *steps: Step) -> None:
    """A rule on a signal is about the events the signal is made of: they are relevant, and
    what could not be judged for the signal is undetermined for the clause."""
    planner = judge.planner
    for step in steps:
        for name in step.signals:
            signal = planner.signals.of(name)
            types = sorted(signal.types & planner.facts.types)
            judge.tally.see(judge.in_period(planner.events(types, ())))
            for doubts in signal.tally.doubts:
                judge.tally.doubt_all(_dated(judge, doubts))


def _dated(judge: Judge, doubts: Relation) -> Relation:
    period = judge.clause.period
    if period.start is None and period.until is None:
        return doubts
    times = judge.planner.scan.project(**{"pos!": col("pos"), "t": col("t")})
    return judge.in_period(doubts.join(times, [(col("pos"), col("pos!"))]))


# ---- event rules ---------------------------------------------------------------------------


def _event(judge: Judge, rule: EventRule) -> RulePlan:
    """Every event that counts is a match."""
    _see_below(judge, rule.step)
    planner = judge.planner
    occurrences = judge.in_period(planner.occurrences(rule.step, _attributes(judge)))
    counted = judge.counting(
        occurrences,
        judge.scope(),
        rule.step.where,
        applies=judge.rule.applies,
        exceptions=judge.rule.exceptions,
        hint="violating",
    )
    made = counted.extend(mid=col("ord"), lt=col("t"))
    scope = judge.scope()
    drafts = drafted(judge, made, scope, conditions=[(rule.step.where, scope)], extra=("ord",))
    return RulePlan(judge.rule, drafts, None, (), (), None)


# ---- rates and quotas ----------------------------------------------------------------------


def _window(judge: Judge, rule: RateRule | QuotaRule) -> RulePlan:
    _see_below(judge, rule.step)
    planner = judge.planner
    occurrences = judge.in_period(planner.occurrences(rule.step, _attributes(judge)))
    counting = judge.counting(
        occurrences,
        judge.scope(),
        rule.step.where,
        applies=judge.rule.applies,
        exceptions=judge.rule.exceptions,
        needed=needed(rule),
    )
    judged = windows(planner, rule, counting, judge.settings)
    rows: Relation = judged.judged
    if isinstance(rule, QuotaRule):
        rows = rows.where(col("opens"))
    names = {f"key{n}": f"k:{k.name}" for n, k in enumerate(rule.keys)}
    made = rows.extend(
        {new: col(old) for old, new in names.items()},
        mid=col("ord"),
        lt=col("wlast"),
        fpos=col("wfpos"),
        ft=col("wft"),
    )
    # In a window only the counting events' own ties matter, not that of the completing one.
    made = made.extend(tied=FALSE)
    computed, values = _computed(judge, rule, judged)
    keys = [type(k)(f"k:{k.name}", k.value, k.type) for k in rule.keys]
    scope = judge.scope(rule.step.role)
    drafts = drafted(
        judge,
        made,
        scope,
        conditions=[(rule.step.where, scope)],
        extra=("ord", *judged.partition, "first_idx", "last_idx", *values),
        keys=keys,
    )
    return RulePlan(
        judge.rule, drafts, judged, computed, tuple(f"k:{k.name}" for k in rule.keys), None
    )


def _computed(
    judge: Judge, rule: RateRule | QuotaRule, judged: Windows
) -> tuple[tuple[ComputedOf, ...], list[str]]:
    """The aggregates and parameters that decided, in the order in which the rule reads them."""
    values = dict(judged.computed)
    found: dict[str, ComputedOf] = {}
    columns: list[str] = []

    def name(expr: Expr) -> str:
        assert hasattr(expr, "name"), "aggregates are columns"
        columns.append(expr.name)
        return str(expr.name)

    scope = judge.scope()
    for part in reversed(list(walk(rule.having))):
        if isinstance(part, p.Aggregate):
            text = aggregate_text(part)
            of = values[part]
            if text in found:
                continue
            if isinstance(of, Spread):
                names = (name(of.count), name(_inner(of.sum)), name(_inner(of.squares)))
                found[text] = ComputedOf(text, part.type.name, names, of.places, None)
            else:
                assert isinstance(of, Typed)
                found[text] = ComputedOf(text, part.type.name, (name(of.expr),), of.places, None)
        elif isinstance(part, p.ParamValue):
            own = part.name.rpartition("/")[2]
            if own not in found:
                constant = scope.param(part.name)
                if isinstance(constant, p.FixedPeriod):
                    constant = constant.micros
                found[own] = ComputedOf(own, part.type.name, (), 0, constant)
    return tuple(found.values()), list(dict.fromkeys(columns))


def _inner(expr: Expr) -> Expr:
    """The column inside a cast."""
    from tosrules.plan.expr import Operation

    return expr.args[0] if isinstance(expr, Operation) else expr


# ---- sequences -----------------------------------------------------------------------------


def _sequence(judge: Judge, rule: SequenceRule) -> RulePlan:
    """A match for every completing event that has a chain (semantics S2)."""
    _see_below(judge, *(s.step for s in rule.steps))
    planner = judge.planner
    attributes = _attributes(judge)
    applies, exceptions = judge.alone(rule.steps[-1].step.role)

    def admit(
        relation: Relation, scope: Scope, where: p.Expression | None, wanted: list[p.Expression]
    ) -> Table:
        counted = judge.counting(
            relation,
            scope,
            where,
            applies=applies,
            exceptions=exceptions,
            needed=wanted,
            waive=False,
            hint="completing",
        )
        kept = [n for n in counted.columns if n not in ("unknown", "false")]
        return planner.make(counted.project(*kept), "completing", "events that may complete")

    sequences = Sequences(
        planner, rule, judge.settings, judge.tally, judge.in_period, attributes, admit
    )
    chains = sequences.complete()
    places = range(len(rule.steps))
    last = prefix(len(rule.steps) - 1)
    roles = {s.step.role: prefix(n) for n, s in enumerate(rule.steps)}

    def scope() -> Scope:
        return Scope(planner, {**roles, "": last}, last, judge.settings)

    # The tally names the completing event by its own position.
    asked = chains.extend(pos=col(last + "pos"))
    counted = judge.counting(
        asked,
        scope(),
        None,
        applies=judge.rule.applies,
        exceptions=judge.rule.exceptions,
        hint="complete",
    )
    # Unwanted: a window signal's evidence reaches to its completing event, as the event does.
    made = counted.extend(
        mid=col(last + "ord"),
        fpos=first_of([col(prefix(n) + "fpos") for n in places]),
        ft=first_of([col(prefix(n) + "ft") for n in places]),
        lt=last_of([col(prefix(n) + "last") for n in places]),
        tied=col("chain.tied"),
    )
    conditions: list[tuple[p.Expression | None, Scope]] = []
    for n, step in enumerate(rule.steps):
        at = prefix(n)
        own = Scope(planner, {"": at, step.step.role: at}, at, judge.settings)
        conditions.append((step.step.where, own))
    extra = [f"{prefix(n)}{c}" for n in places for c in ("ord", "pos")]
    drafts = drafted(judge, made, scope(), conditions=conditions, extra=extra)
    return RulePlan(judge.rule, drafts, None, (), (), None)


# ---- obligations ---------------------------------------------------------------------------


def _obligation(judge: Judge, rule: ObligationRule) -> RulePlan:
    """A match for every duty unmet at its deadline; duties still open apart (semantics O2)."""
    _see_below(judge, rule.trigger)
    planner = judge.planner
    role = rule.trigger.role
    occurrences = judge.in_period(planner.occurrences(rule.trigger, _attributes(judge)))
    triggers = judge.counting(
        occurrences,
        judge.scope(role),
        rule.trigger.where,
        applies=judge.rule.applies,
        exceptions=judge.rule.exceptions,
        hint="triggers",
    )
    unmet, pending = duties(planner, rule, triggers, judge.settings, judge.tally)
    made = unmet.extend(
        mid=col("ord"),
        # The duty's evidence is its trigger and what came late, which is later.
        fpos=col("pos"),
        ft=col("t"),
        lt=op("coalesce", col("latet"), col("t")),
        tied=col("shared"),
    )
    scope = judge.scope(role)
    drafts = drafted(
        judge,
        made,
        scope,
        conditions=[(rule.trigger.where, scope)],
        extra=("ord", "due", "late", "latepos", "latet"),
    )
    open_scope = judge.scope(role)
    waiting = pending.extend(mid=col("ord"), lt=col("t"))
    found = drafted(judge, waiting, open_scope, conditions=[], extra=("due",))
    computed = (
        ComputedOf("due", "time", ("due",), 0, None),
        ComputedOf("done", "time", ("latet",), 0, None),
    )
    return RulePlan(judge.rule, drafts, None, computed, (), found.matches)
