"""Which events count for a rule, which are undetermined and why, which are waived
(semantics C2 to C4)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tosrules.engines.reference.expressions import View, evaluate, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.reasons import reasons
from tosrules.engines.reference.truth import Truth, both
from tosrules.policy import expressions as p
from tosrules.policy.model import BoundRule, Clause, Exempt, Param, Step
from tosrules.policy.unknown import Reason
from tosrules.policy.walk import roles_read
from tosrules.record import replace
from tosrules.trace.event import Event

if TYPE_CHECKING:
    from tosrules.engines.reference.world import World


class Tally:
    """What a rule saw, apart from its matches. Events are counted once each."""

    def __init__(self) -> None:
        self.relevant: dict[int, Event] = {}
        """By position."""
        self.undetermined: dict[int, tuple[Event, set[Reason]]] = {}
        self.waived: dict[int, Event] = {}

    def see(self, occurrence: Occurrence) -> None:
        self.relevant.setdefault(occurrence.event.position, occurrence.event)

    def doubt(self, event: Event, why: Iterable[Reason]) -> None:
        known = self.undetermined.setdefault(event.position, (event, set()))
        known[1].update(why)

    def waive(self, occurrence: Occurrence) -> None:
        self.waived.setdefault(occurrence.event.position, occurrence.event)

    def join(self, other: Tally) -> None:
        self.relevant.update(other.relevant)
        self.waived.update(other.waived)
        for event, why in other.undetermined.values():
            self.doubt(event, why)


class Exceptions(NamedTuple):
    """How the exceptions of a clause come out for an event."""

    excused: bool
    """An exception of the clause itself is true."""
    waived: bool
    """An exception of an overlay is true."""
    unknown: tuple[Exempt, ...]
    false: tuple[Exempt, ...]


def ask_exceptions(exceptions: Iterable[Exempt], view: View) -> Exceptions:
    """Each exception, asked of the event of `view` (semantics C2, V8)."""
    excused = waived = False
    unknown: list[Exempt] = []
    false: list[Exempt] = []
    for exception in exceptions:
        if exception.until is not None and view.asking.time >= exception.until:
            continue
        holds = truth(exception.condition, view)
        if holds is None:
            unknown.append(exception)
        elif holds is False:
            false.append(exception)
        elif exception.overlay:
            waived = True
        else:
            excused = True
    return Exceptions(excused, waived, tuple(unknown), tuple(false))


def _time(occurrence: Occurrence) -> int:
    return occurrence.event.time


class Judge:
    """Asks a clause's conditions of events, for one of its rules."""

    def __init__(self, world: World, clause: Clause, rule: BoundRule, tally: Tally) -> None:
        self.world = world
        self.clause = clause
        self.rule = rule
        self.tally = tally
        self.settings: Mapping[str, Param] = clause.settings

    def view(self, occurrence: Occurrence, *aliases: str) -> View:
        """The view of one event, by bare names and by the aliases of its step."""
        roles = {"": occurrence}
        for alias in aliases:
            roles[alias] = occurrence
        return View(self.world, roles, occurrence, self.settings)

    def of_one_event(self, role: str) -> Judge:
        """A judge who asks only what can be told of the completing event alone: conditions
        that read other steps of a sequence are asked of its whole chain."""
        alone = {"", role}
        applies = self.rule.applies
        readable = applies is None or roles_read(applies) <= alone
        exceptions = tuple(e for e in self.rule.exceptions if roles_read(e.condition) <= alone)
        rule = replace(self.rule, applies=applies if readable else None, exceptions=exceptions)
        return Judge(self.world, self.clause, rule, self.tally)

    def events_of(self, step: Step) -> Sequence[Occurrence]:
        """The events of a step that lie in the clause's period. They stand in order of time."""
        found, period = self.world.events_of(step), self.clause.period
        first = 0 if period.start is None else bisect_left(found, period.start, key=_time)
        last = None if period.until is None else bisect_left(found, period.until, key=_time)
        return found if not first and last in (None, len(found)) else found[first:last]

    def in_period(self, occurrence: Occurrence) -> bool:
        return self.clause.period.holds(occurrence.time)

    def counts(
        self,
        occurrence: Occurrence,
        view: View,
        where: p.Expression | None,
        needed: Iterable[p.Expression] = (),
        waive: bool = True,
    ) -> Exceptions | None:
        """Whether the event counts: its exceptions if it does, else None.

        `needed` are what keys, `distinct` and aggregates read of it: an event that lacks one
        does not count, and is undetermined unless the rest is false. An event outside the
        period is of no concern; the caller leaves it out. Without `waive` an event that an
        overlay waives is let through: it completes nothing yet.
        """
        applies = truth(self.rule.applies, view)
        if applies is not False:
            self.tally.see(occurrence)
        met: Truth = both((truth(where, view), applies))
        if met is False:
            return None
        exceptions = ask_exceptions(self.rule.exceptions, view)
        if exceptions.excused:
            return None
        lacking = [x for x in needed if evaluate(x, view) is None]
        if met is True and not lacking:
            if exceptions.waived and waive:
                self.tally.waive(occurrence)
                return None
            return exceptions
        if not exceptions.waived:
            why = {
                r
                for condition in (where, self.rule.applies)
                if condition is not None and truth(condition, view) is None
                for r in reasons(condition, view)
            }
            why.update(r for x in lacking for r in reasons(x, view))
            self.tally.doubt(occurrence.event, why)
        return None
