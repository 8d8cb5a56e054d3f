"""Occurrences: recorded events and completed signals in one total order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tosrules.record import Record, setters
from tosrules.trace.event import Event, Value

_NOTHING: Mapping[str, Value] = {}


class Stretch(Record):
    """Some consecutive counting events of one key, as evidence: `among[start:stop]`. Windows
    overlap, so evidence is kept as stretches of one list and written out once."""

    among: tuple[Occurrence, ...]
    start: int
    stop: int
    first: Event
    """The first recorded event; a signal may reach back before the one it stands behind."""

    def events(self) -> Iterable[Event]:
        for occurrence in self.among[self.start : self.stop]:
            yield from occurrence.recorded()

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class Occurrence(Record):
    """An event as rules see it: a recorded event, or a signal right after the event that
    completes it (semantics V7)."""

    event: Event
    """The recorded event; a signal's completing one."""
    order: int
    """Place in the total order of events and signals."""
    signal: str = ""
    """Qualified name; "" for a recorded event."""
    carried: Mapping[str, Value] = _NOTHING
    """A signal's attributes."""
    stretch: Stretch | None = None
    """A signal's evidence where it is a rate or a quota."""
    chain: tuple[Occurrence, ...] = ()
    """A signal's evidence where it is a sequence."""
    tied: bool = False
    """A signal that rests on the order of records that share an instant (semantics T2)."""

    def __init__(
        self,
        event: Event,
        order: int,
        signal: str = "",
        carried: Mapping[str, Value] = _NOTHING,
        stretch: Stretch | None = None,
        chain: tuple[Occurrence, ...] = (),
        tied: bool = False,
    ) -> None:
        _event(self, event)
        _order(self, order)
        _signal(self, signal)
        _carried(self, carried)
        _stretch(self, stretch)
        _chain(self, chain)
        _tied(self, tied)

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def time(self) -> int:
        return self.event.time

    def get(self, name: str) -> Value | None:
        """The attribute `name`, or None if it is missing."""
        if name == "time":
            return self.event.time
        if self.signal:
            if name in ("id", "type"):
                return self.event.id if name == "id" else self.signal.rpartition("/")[2]
            return self.carried.get(name)
        if name == "id":
            return self.event.id
        if name == "type":
            return self.event.type
        return self.event.attributes.get(name)

    def first(self) -> Event:
        """The first of the recorded events it stands for."""
        firsts = [step.first() for step in self.chain]
        if self.stretch is not None:
            firsts.append(self.stretch.first)
        return min((*firsts, self.event), key=lambda e: e.position)

    def recorded(self) -> Iterable[Event]:
        """The recorded events it stands for, completing event included."""
        if self.stretch is not None:
            yield from self.stretch.events()
        for step in self.chain:
            yield from step.recorded()
        yield self.event


_event, _order, _signal, _carried, _stretch, _chain, _tied = setters(Occurrence)
