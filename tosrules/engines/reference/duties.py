"""Obligations: every trigger that counts creates a duty of its own (semantics O)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tosrules.engines.reference.expressions import View, evaluate, period_of, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.reasons import reasons
from tosrules.engines.reference.ties import (
    Parts,
    TieIndex,
    Told,
    difference_reasons,
    earlier_parts,
    later_parts,
    read,
    tie_reasons,
)
from tosrules.policy.deadlines import deadline
from tosrules.policy.model import ObligationRule, Param
from tosrules.policy.unknown import BEFORE_OBSERVATION, DEADLINE_UNKNOWN, FULFILMENT_UNKNOWN, Reason
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.engines.reference.world import World


class Duty(Record):
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
        self._sure_apart = TieIndex()
        self._doubtful_apart = TieIndex()
        """As the two above, by what the `!=` reads too."""
        self._by_order: dict[int, Occurrence] = {}
        self._apart: dict[int, Parts] = {}
        self._tables: dict[int, Told] = {}
        """By the identity of a list of `_sure` or `_doubtful`, which keep theirs."""
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
            apart = read(difference.later, view) if difference else ()
            self._apart[occurrence.order] = apart
            sure, possible = later_parts(self.rule.ties, view)
            for parts in sure | possible:
                surely = met is True and parts in sure
                (self._sure if surely else self._doubtful).add(parts, occurrence.order)
                if apart:
                    table = self._sure_apart if surely else self._doubtful_apart
                    table.add(parts + apart, occurrence.order)

    # ---- one duty -----------------------------------------------------------------------------
    def judge(self, trigger: Occurrence, view: View) -> Duty:
        """In order: met; undetermined, if it arose before the observed period or its deadline
        cannot be told; pending; undetermined, if a fulfilment is unknown; violated (O2)."""
        due = self._due(trigger, view)
        parts = earlier_parts(self.rule.ties, view)
        apart = read(self.rule.difference.earlier, view) if self.rule.difference else ()
        if due is None:
            by = self.rule.by
            why = {Reason(DEADLINE_UNKNOWN, r.attribute) for r in reasons(by, view)} if by else ()
            return Duty(
                trigger, None, "undetermined", tuple(why) or (Reason(DEADLINE_UNKNOWN, ""),)
            )
        next_one = self._next(parts, apart, trigger.order)
        if next_one is not None and next_one.time <= due:
            return Duty(trigger, due, "met")
        observed = self.world.observed
        if observed is not None and trigger.time < observed[0]:
            return Duty(trigger, due, "undetermined", (Reason(BEFORE_OBSERVATION, ""),))
        if observed is None or due > observed[1]:
            return Duty(trigger, due, "pending")
        unknown = self._unknown(parts, apart, trigger, view, due)
        if unknown:
            return Duty(trigger, due, "undetermined", tuple(sorted(unknown)))
        tied = self._tied(parts, trigger)
        return Duty(trigger, due, "violated", late=next_one, tied=tied)

    def _due(self, trigger: Occurrence, view: View) -> int | None:
        if self.rule.by is not None:
            found = evaluate(self.rule.by, view)
            return None if found is None else int(found)
        assert self.rule.within is not None, "an obligation has a deadline"
        length = period_of(self.rule.within, view)
        return deadline(trigger.time, length, self.world.policy.calendars)

    def _next(self, parts: Parts, apart: Parts, after: int) -> Occurrence | None:
        """The first sure fulfilment strictly later in the order."""
        order = self._first(self._sure.equal(parts), after, apart)
        return None if order is None else self._by_order[order]

    def _first(self, orders: list[int], after: int, apart: Parts) -> int | None:
        """The first of `orders` after another that the `!=` tells from the trigger."""
        if not orders:
            return None
        known = self._tables.get(id(orders))
        if known is None:
            values = [self._apart[order] for order in orders]
            known = self._tables[id(orders)] = Told(orders, values)
        return known.first(after, apart)

    def _unknown(
        self, parts: Parts, apart: Parts, trigger: Occurrence, view: View, due: int
    ) -> set[Reason]:
        """Why the first fulfilment in time whose condition is unknown is so; none if there is
        none. It is unknown if no part of it is false and one is unknown."""
        # Where the `!=` holds, something else is unknown: the condition, or an equality.
        doubtful = [self._doubtful.equal(parts), *self._doubtful.perhaps(parts)]
        unsure = [*self._sure.perhaps(parts), *doubtful]
        found = [self._first(orders, trigger.order, apart) for orders in unsure]
        if apart:
            # And where the `!=` is unknown itself, the rest may be true or unknown.
            for table in (self._sure_apart, self._doubtful_apart):
                for orders in table.perhaps(parts + apart, len(parts)):
                    place = bisect_right(orders, trigger.order)
                    found.append(orders[place] if place < len(orders) else None)
        first = min((order for order in found if order is not None), default=None)
        if first is None or self._by_order[first].time > due:
            return set()
        return self._lacking(self._by_order[first], view)

    def _lacking(self, fulfilment: Occurrence, trigger: View) -> set[Reason]:
        """What would have told, of the fulfilment or the trigger."""
        roles = {self.rule.fulfilment.role: fulfilment, "": fulfilment}
        view = View(self.world, roles, fulfilment, self.settings)
        where = self.rule.fulfilment.where
        why = set() if where is None else reasons(where, view)
        why |= difference_reasons(self.rule.difference, view, trigger)
        why.update(r for tie in self.rule.ties for r in tie_reasons(tie, view, trigger))
        return {Reason(FULFILMENT_UNKNOWN, reason.attribute) for reason in why}

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
