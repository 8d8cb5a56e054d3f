"""One trace under one policy: its events by type, and the histories of statuses, links and
signals, each made after what it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import merge

from tosrules.engines.reference.expressions import View
from tosrules.engines.reference.links import LinkHistory
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.signals import SignalHistory, complete_signal
from tosrules.engines.reference.statuses import StatusHistory
from tosrules.policy.expressions import FixedPeriod, ParamValue, PeriodValue
from tosrules.policy.model import Param, Policy, Step
from tosrules.policy.ranks import ranks
from tosrules.trace.event import Event

MAX_KEPT = 1_000_000
"""Occurrences that remembered lists may hold, all together."""


class World:
    """What the rules may ask of a trace."""

    def __init__(
        self,
        policy: Policy,
        events: tuple[Event, ...],
        observed: tuple[int, int] | None,
        params: Mapping[str, Param] | None = None,
    ) -> None:
        self.policy = policy
        self.params = {**policy.params, **(params or {})}
        self.observed = observed
        self.statuses: dict[str, StatusHistory] = {}
        self.links: dict[str, LinkHistory] = {}
        self.signals: dict[str, SignalHistory] = {}
        self.ranks = ranks(policy)
        self._stride = len(policy.signals) + 1
        self._by_type: dict[str, list[Occurrence]] = {}
        self._merged: dict[tuple[tuple[str, ...], tuple[str, ...], bool], list[Occurrence]] = {}
        """What `events_of` was asked before: many clauses are about the same events."""
        self._kept = 0
        for event in events:
            self._by_type.setdefault(event.type, []).append(
                Occurrence(event, event.position * self._stride)
            )
        self.types = frozenset(self._by_type)
        for name in policy.order:
            self._resolve(name)

    def _resolve(self, name: str) -> None:
        if name in self.policy.statuses:
            status = self.policy.statuses[name]
            steps = [self.events_of(c.step) for c in status.changes]
            self.statuses[name] = StatusHistory(status, self.policy.calendars).record(
                self.view_of, steps
            )
        elif name in self.policy.links:
            link = self.policy.links[name]
            steps = [self.events_of(c.step) for c in link.changes]
            self.links[name] = LinkHistory(link, self.observed).record(self.view_of, steps)
        else:
            self.signals[name] = complete_signal(self.policy.signals[name], self)

    def view_of(self, occurrence: Occurrence) -> View:
        """The view of one event by bare names, with the pack's own parameters."""
        return View(self, {"": occurrence}, occurrence, {})

    def length(self, period: PeriodValue, settings: Mapping[str, Param]) -> int:
        """The length of a fixed period in microseconds, parameters looked up."""
        found: object = period
        if isinstance(period, ParamValue):
            found = (settings.get(period.name) or self.params[period.name]).value
        assert isinstance(found, FixedPeriod), "the checker allows fixed lengths only here"
        return found.micros

    def after(self, occurrence: Occurrence, signal: str) -> int:
        """The place of a signal that `occurrence` completes: right after its event (V7)."""
        return occurrence.event.position * self._stride + self.ranks[signal]

    def events_of(self, step: Step, as_step: bool = False) -> list[Occurrence]:
        """The events and signals that a step is about, in order, before its condition.

        A rate fires where an episode opens; as a step of a sequence, a `without` event or a
        fulfilment (`as_step`) it is met by every judged event at which it holds (R4)."""
        asked = (step.types, step.signals, as_step)
        known = self._merged.get(asked)
        if known is None:
            known = self._merge(step, as_step)
            self._kept += len(known)
            if self._kept <= MAX_KEPT:
                self._merged[asked] = known
        return known

    def _merge(self, step: Step, as_step: bool) -> list[Occurrence]:
        sources = [self._by_type[t] for t in step.types if t in self._by_type]
        for name in step.signals:
            history = self.signals[name]
            sources.append(history.holding if as_step else history.fired)
        if len(sources) == 1:
            return sources[0]
        return list(merge(*sources, key=lambda o: o.order))

    def recorded(self, event_type: str) -> list[Occurrence]:
        """The recorded events of one type, in order."""
        return self._by_type.get(event_type, [])

    def recorded_types(self, step: Step) -> frozenset[str]:
        """The event types that a step reads, those of its signals included."""
        types = set(step.types)
        for name in step.signals:
            types |= self.signals[name].types
        return frozenset(types)
