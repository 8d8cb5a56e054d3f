"""Sequences: of each completing event the latest complete chain (semantics S)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from tosrules.engines.reference.expressions import View, evaluate, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.reasons import reasons
from tosrules.engines.reference.ties import (
    Parts,
    Told,
    difference_reasons,
    earlier_parts,
    later_parts,
    read,
    tie_reasons,
)
from tosrules.policy import expressions as p
from tosrules.policy.model import Param, SequenceRule, SequenceStep, Tie, Without
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.engines.reference.counting import Tally
    from tosrules.engines.reference.world import World

Admit = Callable[[Occurrence, View, p.Expression | None, list[p.Expression]], bool]
"""Whether an event may stand as the completing step; tallies what it decides."""


class Chain(Record):
    """A complete chain, first step first."""

    rule: SequenceRule
    steps: tuple[Occurrence, ...]
    tied: bool
    """Two events that were compared by order share an instant (semantics T2)."""

    @property
    def last(self) -> Occurrence:
        return self.steps[-1]

    def view(self, world: World, settings: Mapping[str, Param]) -> View:
        """The chain's events by alias; bare names are about the completing one."""
        roles = {
            s.step.role: occurrence
            for s, occurrence in zip(self.rule.steps, self.steps, strict=False)
        }
        return View(world, {**roles, "": self.last}, self.last, settings)


class _Unwanted:
    """The events of a `without`: their orders under the values that tie them to the step it
    stands on. One that lacks such a value belongs to no chain and breaks none (C3)."""

    def __init__(self) -> None:
        self.sure: dict[Parts, list[int]] = {}
        self.doubtful: dict[Parts, list[int]] = {}
        self.by_order: dict[int, View] = {}


class Chains:
    """The complete chains of a sequence over one trace."""

    def __init__(
        self,
        rule: SequenceRule,
        world: World,
        settings: Mapping[str, Param],
        tally: Tally,
        in_period: Callable[[Occurrence], bool] = lambda _: True,
        admit: Admit | None = None,
    ) -> None:
        self.rule = rule
        self.world = world
        self.settings = settings
        self.tally = tally
        self.in_period = in_period
        self.admit = admit

    def complete(self) -> list[Chain]:
        """One chain for each completing event that has one (semantics S2)."""
        before: list[Chain] = []
        for place, step in enumerate(self.rule.steps):
            following = self.rule.steps[place + 1 :][:1]
            here = self._standing(step, following[0] if following else None)
            if place:
                before = list(self._continued(step, self.rule.steps[place - 1], before, here))
            else:
                before = [Chain(self.rule, (o,), o.tied) for o, _ in here]
        return before

    # ---- one event on its own ------------------------------------------------------------
    def _standing(
        self, step: SequenceStep, following: SequenceStep | None
    ) -> Iterator[tuple[Occurrence, View]]:
        """The events that meet a step's own condition and have what ties them to others. One
        that lacks that is undetermined unless the condition is false (semantics C4)."""
        needed = _needed(step, following)
        role = step.step.role
        for occurrence in self.world.events_of(step.step, as_step=True):
            if not self.in_period(occurrence):
                continue
            view = View(self.world, {role: occurrence, "": occurrence}, occurrence, self.settings)
            if following is None and self.admit is not None:
                if self.admit(occurrence, view, step.step.where, needed):
                    yield occurrence, view
                continue
            self.tally.see(occurrence)
            met = truth(step.step.where, view)
            if met is False:
                continue
            lacking = [x for x in needed if evaluate(x, view) is None]
            if met is True and not lacking:
                yield occurrence, view
                continue
            why = set() if step.step.where is None else reasons(step.step.where, view)
            self.tally.doubt(occurrence.event, why | {r for x in lacking for r in reasons(x, view)})

    # ---- the step before --------------------------------------------------------------------
    def _continued(
        self,
        step: SequenceStep,
        previous: SequenceStep,
        before: list[Chain],
        here: Iterable[tuple[Occurrence, View]],
    ) -> Iterator[Chain]:
        """The chains that end in one of `here`, each with the latest chain before it."""
        chains = {chain.last.order: chain for chain in before}
        candidates = self._index(step, previous, before)
        unwanted = [self._unwanted(w) for w in step.without]
        for occurrence, view in here:
            sure, possible = later_parts(step.ties, view)
            apart = read(step.difference.later, view) if step.difference is not None else ()
            order = _latest_of(candidates, sure, occurrence.order, apart)
            chain = None if order is None else chains[order]
            if chain is not None and self._in_time(step, chain, occurrence):
                broken, tied = self._broken(step, unwanted, chain.last, occurrence, view)
                if broken is False:
                    tied = tied or chain.tied or occurrence.tied
                    tied = tied or chain.last.time == occurrence.time
                    yield Chain(self.rule, (*chain.steps, occurrence), tied)
                if broken is not True:
                    continue
            if not possible and len(apart) < 2:
                continue
            order = _latest_of(candidates, sure | possible, occurrence.order, apart, unknown=True)
            if order is not None and self._in_time(step, chains[order], occurrence):
                self._doubt(step, unwanted, chains[order].last, occurrence, view)

    def _index(
        self, step: SequenceStep, previous: SequenceStep, before: list[Chain]
    ) -> dict[Parts, Told]:
        """The last events of the chains so far, by the values that tie the step to them."""
        found: dict[Parts, tuple[list[int], list[Parts]]] = {}
        for chain in before:
            view = View(self.world, {previous.step.role: chain.last}, chain.last, self.settings)
            orders, apart = found.setdefault(earlier_parts(step.ties, view), ([], []))
            orders.append(chain.last.order)
            apart.append(read(step.difference.earlier, view) if step.difference is not None else ())
        return {parts: Told(*columns) for parts, columns in found.items()}

    def _in_time(self, step: SequenceStep, chain: Chain, here: Occurrence) -> bool:
        if step.within is None:
            return True
        return here.time - chain.last.time <= self.world.length(step.within, self.settings)

    def _doubt(
        self,
        step: SequenceStep,
        unwanted: list[_Unwanted],
        previous: Occurrence,
        here: Occurrence,
        view: View,
    ) -> None:
        """An event that only a possible link, or a `!=` that is unknown, keeps from following
        a chain in time is undetermined (semantics C4)."""
        broken, _ = self._broken(step, unwanted, previous, here, view, quiet=True)
        if broken is True:
            return
        before = View(self.world, _roles(self.rule, step, previous), previous, self.settings)
        why = difference_reasons(step.difference, view, before)
        why.update(r for tie in step.ties for r in tie_reasons(tie, view, before))
        self.tally.doubt(here.event, why)

    # ---- without ------------------------------------------------------------------------------
    def _unwanted(self, without: Without) -> _Unwanted:
        """The events that break a chain at this step, and those that may (semantics S3)."""
        found = _Unwanted()
        role = without.step.role
        for occurrence in self.world.events_of(without.step, as_step=True):
            roles = {role: occurrence, "": occurrence}
            view = View(self.world, roles, occurrence, self.settings)
            met = truth(without.step.where, view)
            if met is False or any(evaluate(t.later, view) is None for t in without.ties):
                continue
            sure, possible = later_parts(without.ties, view)
            for parts in sure:
                table = found.sure if met is True else found.doubtful
                table.setdefault(parts, []).append(occurrence.order)
            for parts in possible:
                found.doubtful.setdefault(parts, []).append(occurrence.order)
            found.by_order[occurrence.order] = view
        return found

    def _broken(
        self,
        step: SequenceStep,
        unwanted: list[_Unwanted],
        previous: Occurrence,
        here: Occurrence,
        view: View,
        quiet: bool = False,
    ) -> tuple[bool | None, bool]:
        """Whether an unwanted event between the two breaks the chain, and whether one lies
        outside the stretch only by the order of records. One that may break it is counted
        undetermined, the latest of each `without`, unless another surely does."""
        doubts: list[tuple[Without, View]] = []
        tied = False
        for without, found in zip(step.without, unwanted, strict=True):
            parts = earlier_parts(without.ties, view)
            if _latest(found.sure.get(parts, []), previous.order, here.order) is not None:
                return True, False
            latest = _latest(found.doubtful.get(parts, []), previous.order, here.order)
            if latest is not None:
                doubts.append((without, found.by_order[latest]))
            for table in (found.sure, found.doubtful):
                beside = _beside(table.get(parts, []), previous.order, here.order)
                times = [found.by_order[order].asking.time for order in beside]
                tied = tied or previous.time in times or here.time in times
        if not quiet:
            for without, seen in doubts:
                where = without.step.where
                why = set() if where is None else reasons(where, seen)
                why.update(r for tie in without.ties for r in tie_reasons(tie, seen, view))
                self.tally.doubt(seen.asking.event, why)
        return (None if doubts else False), tied


def _latest_of(
    candidates: Mapping[Parts, Told],
    parts: Iterable[Parts],
    before: int,
    apart: Parts,
    unknown: bool = False,
) -> int | None:
    """The latest candidate under any of `parts`, strictly earlier in the order."""
    found = [candidates[one].last(before, apart, unknown) for one in parts if one in candidates]
    return max((order for order in found if order is not None), default=None)


def _latest(orders: list[int], after: int, before: int) -> int | None:
    """The greatest of `orders` strictly between the two."""
    place = bisect_left(orders, before)
    return orders[place - 1] if place > bisect_right(orders, after) else None


def _beside(orders: list[int], after: int, before: int) -> list[int]:
    """The nearest of `orders` on the far side of either."""
    lower, upper = bisect_left(orders, after), bisect_right(orders, before)
    return [*orders[max(lower - 1, 0) : lower], *orders[upper : upper + 1]]


def _roles(rule: SequenceRule, step: SequenceStep, previous: Occurrence) -> dict[str, Occurrence]:
    place = next(n for n, s in enumerate(rule.steps) if s is step)
    return {rule.steps[place - 1].step.role: previous}


def _needed(step: SequenceStep, following: SequenceStep | None) -> list[p.Expression]:
    """What ties the event to the step before, to unwanted events and to the step after. A
    tuple in a `!=` may lack a part and differ in another, so only a single value is needed."""
    ties: list[Tie] = [t for without in step.without for t in without.ties]
    needed = [t.later for t in step.ties] + [t.earlier for t in ties]
    if step.difference is not None and len(step.difference.later) == 1:
        needed += step.difference.later
    if following is not None:
        needed += [t.earlier for t in following.ties]
        if following.difference is not None and len(following.difference.earlier) == 1:
            needed += following.difference.earlier
    return needed
