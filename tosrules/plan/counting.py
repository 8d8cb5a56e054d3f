"""Which events count for a rule, which are undetermined and why, which are waived
(semantics C2 to C4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tosrules.plan.asks import Asking, asks_in
from tosrules.plan.conditions import condition
from tosrules.plan.expr import (
    FALSE,
    TRUE,
    Expr,
    both,
    case,
    col,
    either,
    eq,
    lit,
    missing,
    negation,
    op,
    possibly,
    surely,
)
from tosrules.plan.reasons import lacking, reasons
from tosrules.plan.relation import Relation, Table
from tosrules.plan.scope import Scope
from tosrules.plan.tally import Tally
from tosrules.policy import expressions as p
from tosrules.policy.model import BoundRule, Clause, Exempt, Param
from tosrules.policy.walk import roles_read

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner


class Judge:
    """A clause's conditions, for one of its rules."""

    def __init__(self, planner: Planner, clause: Clause, rule: BoundRule, tally: Tally) -> None:
        self.planner = planner
        self.clause = clause
        self.rule = rule
        self.tally = tally
        self.settings: Mapping[str, Param] = clause.settings

    def scope(self, *aliases: str) -> Scope:
        """Of one event, by bare names and by the aliases of its step."""
        return Scope(self.planner, {"": "", **dict.fromkeys(aliases, "")}, "", self.settings)

    def in_period(self, relation: Relation) -> Relation:
        """The rows whose event lies in the clause's effective period."""
        period = self.clause.period
        if period.start is not None:
            relation = relation.where(op(">=", col("t"), lit(period.start)))
        if period.until is not None:
            relation = relation.where(op("<", col("t"), lit(period.until)))
        return relation

    def alone(self, role: str) -> tuple[p.Expression | None, tuple[Exempt, ...]]:
        """What can be asked of the completing event of a sequence alone."""
        known = {"", role}
        applies = self.rule.applies
        readable = applies is None or roles_read(applies) <= known
        exceptions = tuple(e for e in self.rule.exceptions if roles_read(e.condition) <= known)
        return (applies if readable else None), exceptions

    def counting(
        self,
        relation: Relation,
        scope: Scope,
        where: p.Expression | None,
        *,
        applies: p.Expression | None,
        exceptions: Sequence[Exempt],
        needed: Sequence[p.Expression] = (),
        waive: bool = True,
        hint: str = "counting",
    ) -> Table:
        """The rows that count, with `unknown` and `false`: which exceptions came out so, a bit
        each. The others are tallied: relevant unless `applies` is false, undetermined, waived.

        `needed` are what keys, `distinct` and aggregates read: an event that lacks one does
        not count, and is undetermined unless the rest is false."""
        planner, tally = self.planner, self.tally
        asking = Asking(planner, relation, scope)
        if applies is not None and asks_in(applies):
            asking.ask(applies)
            asking.relation = planner.make(
                asking.relation, "applying", "whether the clause applies"
            )
        if applies is None:
            tally.see(asking.relation)
        else:
            tally.see(asking.relation.where(possibly(condition(applies, scope))))
        asking.narrow(where)
        if applies is not None:
            asking.relation = asking.relation.where(possibly(condition(applies, scope)))
        asking.ask(where, *(e.condition for e in exceptions), *needed)
        met = both(condition(where, scope), condition(applies, scope))
        excused, waived, unknown, false = ask_exceptions(exceptions, scope)
        lack = either(*(lacking(x, scope) for x in needed))
        made = asking.relation.where(possibly(met), negation(excused)).extend(
            met=surely(met), lack=lack, waived=waived, unknown=unknown, false=false
        )
        if met != TRUE or asks_in(*(e.condition for e in exceptions), *needed):
            # Judged once, whether it counts or may.
            made = planner.make(made, f"{hint}_asked", "events that count or may")
        good = made.where(col("met"), negation(col("lack")))
        if met != TRUE or lack != FALSE:
            bad = made.where(
                negation(both(col("met"), negation(col("lack")))), negation(col("waived"))
            )
            why = reasons(where, scope) + reasons(applies, scope)
            for x in needed:
                why += reasons(x, scope)
            tally.doubt(planner.make(bad, "unsure", "events that may count"), why)
        if waive and waived != FALSE:
            tally.waive(good.where(col("waived")))
            good = good.where(negation(col("waived")))
        return planner.make(_without(good), hint, "events that count")


def _without(relation: Relation) -> Relation:
    """Leaves out what only decided."""
    gone = {"met", "lack", "waived"}
    return relation.project(
        *(n for n in relation.columns if n not in gone and not n.startswith("?"))
    )


def ask_exceptions(exceptions: Sequence[Exempt], scope: Scope) -> tuple[Expr, Expr, Expr, Expr]:
    """Whether one of the clause's own exceptions is true, one of an overlay, and the bits of
    those unknown and those false (semantics C2, V8)."""
    excused: list[Expr] = []
    waived: list[Expr] = []
    unknown: Expr = lit(0)
    false: Expr = lit(0)
    for place, exception in enumerate(exceptions):
        holds = condition(exception.condition, scope)
        asked: Expr = TRUE
        if exception.until is not None:
            asked = op("<", scope.time, lit(exception.until))
        (waived if exception.overlay else excused).append(both(asked, surely(holds)))
        bit = lit(1 << place)
        unknown = _plus(unknown, both(asked, missing(holds)), bit)
        false = _plus(false, both(asked, surely(op("not", holds))), bit)
    return either(*excused), either(*waived), unknown, false


def _plus(bits: Expr, when: Expr, bit: Expr) -> Expr:
    if when == FALSE:
        return bits
    return op("+", bits, case((when, bit), otherwise=lit(0)))


def has_bit(bits: Expr, place: int) -> Expr:
    return eq(op("mod", op("trunc div", bits, lit(1 << place)), lit(2)), lit(1))
