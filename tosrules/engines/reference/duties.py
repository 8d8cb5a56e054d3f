"""Obligations: every trigger that counts creates a duty of its own (semantics O)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tosrules.engines.reference.expressions import View, evaluate, period_of, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.reasons import (
    BEFORE_OBSERVATION,
    DEADLINE_UNKNOWN,
    FULFILMENT_UNKNOWN,
    Reason,
    reasons,
)
from tosrules.engines.reference.ties import (
    Parts,
    TieIndex,
    differ,
    earlier_parts,
    later_parts,
    read,
)
from tosrules.policy.deadlines import deadline
from tosrules.policy.model import ObligationRule, Param

if TYPE_CHECKING:
    from tosrules.engines.reference.world import World


@dataclass(frozen=True, slots=True)
class Duty:
    """What became of one duty."""

    trigger: Occurrence
    due: int | None
    """Deadline, microseconds, closed; None if it cannot be told."""
    outcome: str
    """`met`, `pending`, `violated` or `undetermined`."""
    why: tuple[Reason, ...] = ()
    late: Occurrence | None = None
    """The first fulfilment after the deadline."""
    tied: bool = False
    """A fulfilment shares the trigger's instant, so that only the order of records decides."""


class Duties:
    """The fulfilments of an obligation, found by what ties them to their trigger."""

    def __init__(self, rule: ObligationRule, world: World, settings: Mapping[str, Param]) -> None:
        self.rule = rule
        self.world = world
        self.settings = settings
        self._sure = TieIndex()
        self._doubtful = TieIndex()
        self._by_order: dict[int, Occurrence] = {}
        self._apart: dict[int, Parts] = {}
        self._other: dict[int, dict[int, int]] = {}
        self._record()

    def _record(self) -> None:
        role = self.rule.fulfilment.role
        for occurrence in self.world.events_of(self.rule.fulfilment, as_step=True):
            roles = {role: occurrence, "": occurrence}
            view = View(self.world, roles, occurrence, self.settings)
            met = truth(self.rule.fulfilment.where, view)
            if met is False:
                continue
            self._by_order[occurrence.order] = occurrence
            difference = self.rule.difference
            self._apart[occurrence.order] = read(difference.later, view) if difference else ()
            sure, possible = later_parts(self.rule.ties, view)
            for parts in sure:
                (self._sure if met is True else self._doubtful).add(parts, occurrence.order)
            for parts in possible:
                self._doubtful.add(parts, occurrence.order)

    # ---- one duty -----------------------------------------------------------------------------
    def judge(self, trigger: Occurrence, view: View) -> Duty:
        """In order: met; undetermined, if it arose before the observed period or its deadline
        cannot be told; pending; undetermined, if a fulfilment is unknown; violated (O2)."""
        due = self._due(trigger, view)
        parts = earlier_parts(self.rule.ties, view)
        apart = read(self.rule.difference.earlier, view) if self.rule.difference else None
        if due is None:
            by = self.rule.by
            why = {Reason(DEADLINE_UNKNOWN, r.attribute) for r in reasons(by, view)} if by else ()
            return Duty(trigger, None, "undetermined", tuple(why) or (
                Reason(DEADLINE_UNKNOWN, ""),
            ))
        next_one = self._next(self._sure.equal(parts), trigger.order, apart)
        if next_one is not None and next_one.time <= due:
            return Duty(trigger, due, "met")
        observed = self.world.observed
        if observed is not None and trigger.time < observed[0]:
            return Duty(trigger, due, "undetermined", (Reason(BEFORE_OBSERVATION, ""),))
        if observed is None or due > observed[1]:
            return Duty(trigger, due, "pending")
        unknown = self._unknown(parts, apart, trigger, due)
        if unknown is not None:
            return Duty(trigger, due, "undetermined", (unknown,))
        tied = self._tied(parts, trigger)
        return Duty(trigger, due, "violated", late=next_one, tied=tied)

    def _due(self, trigger: Occurrence, view: View) -> int | None:
        if self.rule.by is not None:
            found = evaluate(self.rule.by, view)
            return None if found is None else int(found)
        assert self.rule.within is not None, "an obligation has a deadline"
        length = period_of(self.rule.within, view)
        return deadline(trigger.time, length, self.world.policy.calendars)

    def _next(self, orders: list[int], after: int, apart: Parts | None) -> Occurrence | None:
        """The first sure fulfilment strictly later in the order."""
        place = bisect_right(orders, after)
        while place < len(orders):
            order = orders[place]
            if apart is None or differ(self._apart[order], apart) is True:
                return self._by_order[order]
            place = self._next_other(orders, place)
        return None

    def _next_other(self, orders: list[int], place: int) -> int:
        """The place of the next fulfilment that brings something else to the `!=`."""
        table = self._other.get(id(orders))
        if table is None:
            table = self._other[id(orders)] = {}
            other = len(orders)
            for here in range(len(orders) - 1, -1, -1):
                following = here + 1
                if following < len(orders):
                    same = self._apart[orders[here]] == self._apart[orders[following]]
                    other = table[following] if same else following
                table[here] = other
        return table[place]

    def _unknown(
        self, parts: Parts, apart: Parts | None, trigger: Occurrence, due: int
    ) -> Reason | None:
        """A fulfilment in time whose condition is unknown leaves the duty undetermined."""
        surely_tied = self._sure.equal(parts) if apart is not None else []
        perhaps = [
            *self._sure.perhaps(parts),
            self._doubtful.equal(parts),
            *self._doubtful.perhaps(parts),
            surely_tied,
        ]
        for orders in perhaps:
            exact = orders is surely_tied
            for place in range(bisect_right(orders, trigger.order), len(orders)):
                fulfilment = self._by_order[orders[place]]
                if fulfilment.time > due:
                    break
                apart_here = None if apart is None else differ(self._apart[orders[place]], apart)
                if apart is None or apart_here is None or (apart_here is True and not exact):
                    return Reason(FULFILMENT_UNKNOWN, self._lacking(fulfilment, parts))
        return None

    def _lacking(self, fulfilment: Occurrence, parts: Parts) -> str:
        """The attribute that would have told, of the fulfilment, else of the trigger."""
        role = self.rule.fulfilment.role
        view = View(self.world, {role: fulfilment, "": fulfilment}, fulfilment, self.settings)
        where = self.rule.fulfilment.where
        why = reasons(where, view) if where is not None else set()
        for tie in self.rule.ties:
            why |= reasons(tie.later, view)
        for expression in self.rule.difference.later if self.rule.difference else ():
            why |= reasons(expression, view)
        if why:
            return min(why).attribute
        for tie, part in zip(self.rule.ties, parts, strict=True):
            if part is None and hasattr(tie.earlier, "name"):
                return str(tie.earlier.name)
        return ""

    def _tied(self, parts: Parts, trigger: Occurrence) -> bool:
        """Whether a sure fulfilment at the trigger's own instant was passed over because its
        record stands before the trigger's."""
        orders = self._sure.equal(parts)
        place = bisect_right(orders, trigger.order) - 1
        while place >= 0 and self._by_order[orders[place]].time == trigger.time:
            if orders[place] != trigger.order:
                return True
            place -= 1
        return False
