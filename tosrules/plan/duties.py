"""Obligations: every trigger that counts creates a duty of its own (semantics O)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

from tosrules.plan.asks import Asking
from tosrules.plan.conditions import condition, scalar, value
from tosrules.plan.expr import (
    FALSE,
    TRUE,
    Expr,
    both,
    case,
    col,
    eq,
    lit,
    missing,
    negation,
    op,
    possibly,
    present,
    surely,
)
from tosrules.plan.reasons import When, reasons
from tosrules.plan.relation import Relation, Table, aggregate, union
from tosrules.plan.scope import Scope
from tosrules.plan.sequences import (
    difference_reasons,
    tie_asks,
    tie_reasons,
    with_link_reasons,
)
from tosrules.plan.tally import Tally
from tosrules.plan.ties import nearest
from tosrules.plan.values import whole_instant
from tosrules.policy.model import ObligationRule, Param
from tosrules.policy.unknown import BEFORE_OBSERVATION, DEADLINE_UNKNOWN, FULFILMENT_UNKNOWN, Reason

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner

NAMES = ("met", "undetermined", "pending", "undetermined", "violated")
MET, BEFORE, PENDING, UNSURE, VIOLATED = range(5)
TRIGGER, DONE = "", "f."
"""Prefixes of the columns of a trigger and of a fulfilment."""


def duties(
    planner: Planner,
    rule: ObligationRule,
    triggers: Table,
    settings: Mapping[str, Param],
    tally: Tally,
) -> tuple[Table, Table]:
    """The duties unmet at their deadline and those still open: the trigger's columns with
    `due`, for the unmet also `late` (order of a fulfilment after it, or missing), `latepos`,
    `latet`, and `shared` (passed over by the order of records alone). Undetermined ones are
    tallied. In order: met; before observation; pending; unknown; violated (O2)."""
    judging = _Duties(planner, rule, settings)
    return judging.judge(triggers, tally)


class _Duties:
    def __init__(
        self, planner: Planner, rule: ObligationRule, settings: Mapping[str, Param]
    ) -> None:
        self.planner = planner
        self.rule = rule
        self.settings = settings
        self.keys = [f"key{n}" for n in range(len(rule.ties))]
        size = len(rule.difference.later) if rule.difference else 0
        self.parts = [f"part{n}" for n in range(size)]

    def scope(self, role: str, at: str = "") -> Scope:
        return Scope(self.planner, {"": at, role: at}, at, self.settings)

    def judge(self, triggers: Table, tally: Tally) -> tuple[Table, Table]:
        planner, rule = self.planner, self.rule
        scope = self.scope(rule.trigger.role)
        asking = Asking(planner, triggers, scope)
        difference = rule.difference.earlier if rule.difference else ()
        asking.ask(*(t.earlier for t in rule.ties), *difference, rule.by)
        relation = self._due(asking, scope)
        made: dict[str, Expr] = {
            k: scalar(t.earlier, scope) for k, t in zip(self.keys, rule.ties, strict=True)
        }
        made |= {k: scalar(x, scope) for k, x in zip(self.parts, difference, strict=True)}
        owed = planner.make(relation.extend(made), "duties", "each duty with its deadline")
        why: list[When] = []
        if rule.by is not None:
            why = [
                (Reason(DEADLINE_UNKNOWN, r.attribute), when) for r, when in reasons(rule.by, scope)
            ]
        without_due = owed.where(missing(col("due")))
        if why:
            tally.doubt(without_due, why)
        else:
            tally.doubt(without_due, [(Reason(DEADLINE_UNKNOWN, ""), TRUE)])
        owed = planner.make(owed.where(present(col("due"))), "dated", "duties with a deadline")
        fulfilments = self._fulfilments()
        asks = owed.project(at=col("ord"), **{n: col(n) for n in (*self.keys, *self.parts)})
        sure = fulfilments.where(col("sure")).project("cand", *self.keys, *self.parts)
        found = nearest(planner, sure, asks, keys=self.keys, parts=self.parts, later=True)
        judged = self._outcomes(owed, found)
        doubtful = judged.where(eq(col("outcome"), lit(UNSURE)))
        unsure = self._unknown(
            planner.make(doubtful, "unmet", "duties not met"), fulfilments, tally
        )
        tally.doubt(
            judged.where(eq(col("outcome"), lit(BEFORE))), [(Reason(BEFORE_OBSERVATION, ""), TRUE)]
        )
        kept = list(triggers.columns)
        pending = judged.where(eq(col("outcome"), lit(PENDING))).project(*kept, "due")
        return (
            self._violated(unsure, fulfilments, kept),
            planner.make(pending, "pending", "duties still open"),
        )

    def _due(self, asking: Asking, scope: Scope) -> Relation:
        if self.rule.by is not None:
            due = whole_instant(value(self.rule.by, scope))
            return asking.relation.extend(due=due)
        assert self.rule.within is not None, "an obligation has a deadline"
        period = scope.period(self.rule.within)
        return self.planner.deadline(asking.relation, scope.time, period, "due")

    def _outcomes(self, owed: Table, found: Relation) -> Table:
        planner = self.planner
        near = found.renamed({"at": "at!", "found": "next"})
        joined = owed.join(near, [(col("ord"), col("at!"))], how="left")
        made = joined.project(*owed.columns, "next")
        times = self._times().renamed({"ford": "ford!", "ft": "nextt", "fpos": "nextpos"})
        timed = made.join(times, [(col("next"), col("ford!"))], how="left")
        timed = timed.project(*made.columns, "nextt", "nextpos")
        observed = planner.facts.observed
        met = surely(op("<=", col("nextt"), col("due")))
        branches = [(met, lit(MET))]
        if observed is not None:
            start, end = observed
            branches.append((op("<", col("t"), lit(start)), lit(BEFORE)))
            branches.append((op(">", col("due"), lit(end)), lit(PENDING)))
            outcome = case(*branches, otherwise=lit(UNSURE))
        else:
            outcome = case(*branches, otherwise=lit(PENDING))
        return planner.make(timed.extend(outcome=outcome), "judged", "what became of each duty")

    # ---- fulfilments ------------------------------------------------------------------------
    def _fulfilments(self) -> Table:
        """`cand`, the keys and parts, `sure`: the condition is true and a link surely reaches."""
        planner, rule = self.planner, self.rule
        where = rule.fulfilment.where
        later = list(rule.difference.later if rule.difference else ())
        asked = [where, *(t.later for t in rule.ties), *later]
        attributes = planner.attributes(*(x for x in asked if x is not None))
        scope = self.scope(rule.fulfilment.role)
        asking = Asking(planner, planner.occurrences(rule.fulfilment, attributes, True), scope)
        asking.narrow(where)
        asking.ask(*asked)
        met = condition(where, scope)
        table = planner.make(
            asking.relation.where(possibly(met)).extend(met=surely(met)),
            "fulfilments",
            f"what may fulfil: {rule.fulfilment.text}",
        )
        self._rows = table
        self._scope = scope
        asks = tie_asks(planner, rule.ties, table, scope, "", self.parts, rule.difference)
        marks = table.project(**{"ord!": col("ord"), "met": col("met"), "ft": col("t")})
        joined = asks.join(marks, [(col("at"), col("ord!"))])
        sure = both(col("met"), col("sure")) if "sure" in asks.columns else col("met")
        return planner.make(
            joined.project(*self.keys, *self.parts, "ft", cand=col("at"), sure=sure),
            "fulfilling",
            "fulfilments by what ties them",
        )

    def _times(self) -> Relation:
        return self._rows.project(ford=col("ord"), ft=col("t"), fpos=col("pos"))

    # ---- unknown ----------------------------------------------------------------------------
    def _unknown(self, unmet: Table, fulfilments: Table, tally: Tally) -> Table:
        """The duties for which no fulfilment in time is unknown; the others are tallied with
        what would have told (O2)."""
        planner = self.planner
        found: list[Relation] = []
        if self._can_be_unsure():
            found += self._perhaps(unmet, fulfilments)
        if not found:
            return unmet
        first = planner.make(
            union(*found).group(["at"], found=aggregate("min", col("found"))),
            "unknown",
            "the first fulfilment of each duty that may be one",
        )
        fulfilled = self._rows.renamed({n: DONE + n for n in self._rows.columns})
        near = first.renamed({"at": "at!", "found": "found!"})
        joined = unmet.join(near, [(col("ord"), col("at!"))]).join(
            fulfilled, [(col("found!"), col(DONE + "ord"))]
        )
        in_time = planner.make(
            joined.where(op("<=", col(DONE + "t"), col("due"))), "perhaps", "met perhaps"
        )
        self._doubt(in_time, tally)
        gone = in_time.project(**{"gone!": col("ord")})
        left = unmet.join(gone, [(col("ord"), col("gone!"))], how="anti")
        return planner.make(left, "unmet", "duties surely not met")

    def _can_be_unsure(self) -> bool:
        return bool(self.keys or self.parts or self.rule.fulfilment.where is not None)

    def _perhaps(self, unmet: Table, fulfilments: Table) -> list[Relation]:
        planner, keys, parts = self.planner, self.keys, self.parts
        asks = unmet.project(at=col("ord"), **{n: col(n) for n in (*keys, *parts)})
        columns = ["cand", *keys, *parts]
        doubtful = fulfilments.where(negation(col("sure"))).project(*columns)
        # Surely equal, and the condition or the link is unknown.
        found = [nearest(planner, doubtful, asks, keys=keys, parts=parts, later=True)]
        everything = fulfilments.project(*columns)
        # Where one or the other lacks a value, the others must agree.
        for asked, known in product(_patterns(keys), repeat=2):
            if all(asked) and all(known):
                continue
            common = [k for k, a, b in zip(keys, asked, known, strict=True) if a and b]
            found.append(
                nearest(
                    planner,
                    everything.where(*_lacks(keys, known)),
                    asks.where(*_lacks(keys, asked)),
                    keys=common,
                    parts=parts,
                    later=True,
                )
            )
        if not parts:
            return found
        # And where the `!=` is unknown itself: the parts that both have are the same.
        named = [*keys, *parts]
        for asked, known in product(_patterns(named), repeat=2):
            if all(asked[len(keys) :]) and all(known[len(keys) :]):
                continue
            common = [k for k, a, b in zip(named, asked, known, strict=True) if a and b]
            found.append(
                nearest(
                    planner,
                    everything.where(*_lacks(named, known)),
                    asks.where(*_lacks(named, asked)),
                    keys=common,
                    later=True,
                )
            )
        return found

    def _doubt(self, rows: Table, tally: Tally) -> None:
        planner, rule = self.planner, self.rule
        later = self.scope(rule.fulfilment.role, DONE)
        earlier = self.scope(rule.trigger.role)
        there = Asking(planner, rows, later)
        there.ask(
            rule.fulfilment.where,
            *(t.later for t in rule.ties),
            *(rule.difference.later if rule.difference else ()),
        )
        here = Asking(planner, there.relation, earlier)
        here.ask(
            *(t.earlier for t in rule.ties), *(rule.difference.earlier if rule.difference else ())
        )
        relation: Relation = here.relation
        why = reasons(rule.fulfilment.where, later)
        why += difference_reasons(rule.difference, later, earlier)
        for tie in rule.ties:
            why += tie_reasons(tie, later, earlier)
        linked = [t for t in rule.ties if t.link]
        relation, more = with_link_reasons(planner, relation, linked, later, earlier, DONE)
        named = [(Reason(FULFILMENT_UNKNOWN, r.attribute), when) for r, when in why + more]
        tally.doubt(planner.make(relation, "doubted", "may have been met"), named)

    # ---- violated ---------------------------------------------------------------------------
    def _violated(self, unmet: Table, fulfilments: Table, kept: Sequence[str]) -> Table:
        """With the fulfilment that came late, and whether one at the trigger's own instant was
        passed over because its record stands before the trigger's."""
        planner = self.planner
        sure = fulfilments.where(col("sure"), *(present(col(k)) for k in self.keys))
        least = planner.make(
            sure.group([*self.keys, "ft"], least=aggregate("min", col("cand"))),
            "instants",
            "fulfilments by instant",
        )
        mine = {k: k + "!" for k in (*self.keys, "ft", "least")}
        on = [(col(k), col(mine[k])) for k in self.keys]
        on.append((col("t"), col("ft!")))
        joined = unmet.join(least.renamed(mine), on, how="left")
        shared = op("coalesce", op("<", col("least!"), col("ord")), FALSE)
        return planner.make(
            joined.project(
                *kept,
                "due",
                late=col("next"),
                latepos=col("nextpos"),
                latet=col("nextt"),
                shared=shared,
            ),
            "violated",
            "duties unmet at their deadline",
        )


def _patterns(names: Sequence[str]) -> list[tuple[bool, ...]]:
    """Which of some values are present."""
    return list(product((True, False), repeat=len(names)))


def _lacks(names: Sequence[str], present_: Sequence[bool]) -> list[Expr]:
    return [
        present(col(n)) if here else missing(col(n))
        for n, here in zip(names, present_, strict=True)
    ]
