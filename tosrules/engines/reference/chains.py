"""Sequences: of each completing event the latest complete chain (semantics S)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tosrules.engines.reference.expressions import View, evaluate, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.reasons import Reason, reasons
from tosrules.engines.reference.ties import (
    Parts,
    TieIndex,
    differ,
    earlier_parts,
    later_parts,
    read,
)
from tosrules.policy import expressions as p
from tosrules.policy.model import Param, SequenceRule, SequenceStep, Tie, Without

if TYPE_CHECKING:
    from tosrules.engines.reference.counting import Tally
    from tosrules.engines.reference.world import World

Admit = Callable[[Occurrence, View, p.Expression | None, list[p.Expression]], bool]
"""Whether an event may stand as the completing step; tallies what it decides."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A complete chain, first step first."""

    rule: SequenceRule
    steps: tuple[Occurrence, ...]

    @property
    def last(self) -> Occurrence:
        return self.steps[-1]

    def view(self, world: World, settings: Mapping[str, Param]) -> View:
        """The chain's events by alias; bare names are about the completing one."""
        roles = {
            s.step.role: occurrence
            for s, occurrence in zip(self.rule.steps, self.steps, strict=True)
        }
        return View(world, {**roles, "": self.last}, self.last, settings)


@dataclass(slots=True)
class _Candidates:
    """Eligible events of one step that share the values the next step is tied by, in order."""

    items: list[int] = field(default_factory=list)
    """Places among the step's eligible events."""
    told_apart: list[Parts] = field(default_factory=list)
    """What each brings to the next step's `!=`."""
    other: list[int] = field(default_factory=list)
    """For each, the latest before it that brings something else; -1 if none does."""

    def add(self, item: int, parts: Parts) -> None:
        previous = len(self.items) - 1
        if previous < 0:
            self.other.append(-1)
        elif self.told_apart[previous] != parts:
            self.other.append(previous)
        else:
            self.other.append(self.other[previous])
        self.items.append(item)
        self.told_apart.append(parts)

    def latest(self, before: int, later: Parts | None) -> int | None:
        """The latest item among the first `before`, told apart from `later` if that is asked."""
        place = before - 1
        while place >= 0:
            if later is None or differ(later, self.told_apart[place]) is True:
                return self.items[place]
            place = self.other[place]
        return None


@dataclass(slots=True)
class _Unwanted:
    """The events of a `without`, by what ties them to the step it stands on."""

    sure: TieIndex = field(default_factory=TieIndex)
    doubtful: TieIndex = field(default_factory=TieIndex)
    by_order: dict[int, tuple[Occurrence, set[Reason]]] = field(default_factory=dict)


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
        self.tied: set[int] = set()
        """Positions of completing events whose chain another record at the same instant could
        have changed."""

    def complete(self) -> Iterator[Chain]:
        """One chain for each completing event that has one (semantics S2)."""
        before: list[tuple[Occurrence, tuple[Occurrence, ...]]] = []
        steps = self.rule.steps
        for place, step in enumerate(steps):
            following = steps[place + 1] if place + 1 < len(steps) else None
            here: list[tuple[Occurrence, tuple[Occurrence, ...]]] = []
            candidates = self._index(before, step) if place else {}
            orders = [o.order for o, _ in before]
            unwanted = [self._unwanted(w) for w in step.without]
            for occurrence in self.world.events_of(step.step, as_step=True):
                if not self.in_period(occurrence):
                    continue
                view = self._view(step, occurrence)
                if not self._local(step, following, occurrence, view):
                    continue
                if not place:
                    here.append((occurrence, (occurrence,)))
                    continue
                found = self._previous(step, occurrence, view, candidates, orders)
                if found is None:
                    continue
                previous, chain = before[found]
                if self._in_time(step, previous, occurrence) and not self._broken(
                    step, unwanted, previous, occurrence, view
                ):
                    here.append((occurrence, (*chain, occurrence)))
            before = here
        for _, chain in before:
            yield Chain(self.rule, chain)

    def _view(self, step: SequenceStep, occurrence: Occurrence) -> View:
        roles = {step.step.role: occurrence, "": occurrence}
        return View(self.world, roles, occurrence, self.settings)

    # ---- one event on its own ------------------------------------------------------------
    def _local(
        self,
        step: SequenceStep,
        following: SequenceStep | None,
        occurrence: Occurrence,
        view: View,
    ) -> bool:
        """Whether the event meets its step's own condition and has what ties it to others.
        An event that lacks that is undetermined unless the condition is false (semantics C4)."""
        needed = _needed(step, following)
        if following is None and self.admit is not None:
            return self.admit(occurrence, view, step.step.where, needed)
        self.tally.see(occurrence)
        met = truth(step.step.where, view)
        if met is False:
            return False
        lacking = [x for x in needed if evaluate(x, view) is None]
        if met is True and not lacking:
            return True
        why = set() if step.step.where is None else reasons(step.step.where, view)
        self.tally.doubt(occurrence.event, why | {r for x in lacking for r in reasons(x, view)})
        return False

    # ---- the step before --------------------------------------------------------------------
    def _index(
        self, before: list[tuple[Occurrence, tuple[Occurrence, ...]]], step: SequenceStep
    ) -> dict[Parts, _Candidates]:
        found: dict[Parts, _Candidates] = {}
        role = self.rule.steps[self.rule.steps.index(step) - 1].step.role
        for item, (occurrence, _) in enumerate(before):
            view = View(self.world, {role: occurrence}, occurrence, self.settings)
            parts = earlier_parts(step.ties, view)
            apart = read(step.difference.earlier, view) if step.difference is not None else ()
            found.setdefault(parts, _Candidates()).add(item, apart)
        return found

    def _previous(
        self,
        step: SequenceStep,
        occurrence: Occurrence,
        view: View,
        candidates: dict[Parts, _Candidates],
        orders: list[int],
    ) -> int | None:
        """The latest eligible event of the step before, strictly earlier in the order."""
        sure, _ = later_parts(step.ties, view)
        later = read(step.difference.later, view) if step.difference is not None else None
        best: int | None = None
        for parts in sure:
            tied = candidates.get(parts)
            if tied is None:
                continue
            before = bisect_left(tied.items, occurrence.order, key=orders.__getitem__)
            item = tied.latest(before, later)
            if item is not None and (best is None or item > best):
                best = item
        return best

    def _in_time(self, step: SequenceStep, previous: Occurrence, here: Occurrence) -> bool:
        if step.within is None:
            return True
        return here.time - previous.time <= self.world.length(step.within, self.settings)

    # ---- without ------------------------------------------------------------------------------
    def _unwanted(self, without: Without) -> _Unwanted:
        """The events that break a chain at this step, and those that may (semantics S3)."""
        found = _Unwanted()
        role = without.step.role
        for occurrence in self.world.events_of(without.step, as_step=True):
            roles = {role: occurrence, "": occurrence}
            view = View(self.world, roles, occurrence, self.settings)
            met = truth(without.step.where, view)
            if met is False:
                continue
            sure, possible = later_parts(without.ties, view)
            for parts in sure:
                (found.sure if met is True else found.doubtful).add(parts, occurrence.order)
            for parts in possible:
                found.doubtful.add(parts, occurrence.order)
            why = set() if without.step.where is None else reasons(without.step.where, view)
            why |= {r for t in without.ties for r in _lack(t, view)}
            found.by_order[occurrence.order] = (occurrence, why)
        return found

    def _broken(
        self,
        step: SequenceStep,
        unwanted: list[_Unwanted],
        previous: Occurrence,
        here: Occurrence,
        view: View,
    ) -> bool:
        doubts: list[tuple[Occurrence, set[Reason]]] = []
        for without, found in zip(step.without, unwanted, strict=True):
            parts = earlier_parts(without.ties, view)
            if _latest(found.sure.equal(parts), previous.order, here.order) is not None:
                return True
            perhaps = [
                *found.sure.perhaps(parts),
                found.doubtful.equal(parts),
                *found.doubtful.perhaps(parts),
            ]
            between = [_latest(orders, previous.order, here.order) for orders in perhaps]
            latest = max((b for b in between if b is not None), default=None)
            if latest is not None:
                doubts.append(found.by_order[latest])
        for occurrence, why in doubts:
            self.tally.doubt(occurrence.event, why)
        return bool(doubts)


def _lack(tie: Tie, view: View) -> set[Reason]:
    return reasons(tie.later, view) if evaluate(tie.later, view) is None else set()


def _latest(orders: list[int], after: int, before: int) -> int | None:
    """The greatest of `orders` strictly between the two."""
    place = bisect_left(orders, before)
    return orders[place - 1] if place > bisect_right(orders, after) else None


def _needed(step: SequenceStep, following: SequenceStep | None) -> list[p.Expression]:
    """What ties the event to the step before and to the step after. A tuple in a `!=` may
    lack a part and differ in another, so only a single attribute is needed."""
    needed = [t.later for t in step.ties]
    if step.difference is not None and len(step.difference.later) == 1:
        needed += step.difference.later
    if following is not None:
        needed += [t.earlier for t in following.ties]
        if following.difference is not None and len(following.difference.earlier) == 1:
            needed += following.difference.earlier
    return needed
