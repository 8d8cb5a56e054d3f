"""What an expression may name: the events around it, declared names, a definition's inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tosrules.language.context import Context
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.names import PackScope
from tosrules.language.reporting import Report
from tosrules.language.span import Span
from tosrules.policy.expressions import AttributeOf, Expression
from tosrules.vocabulary import TEXT, TIME, Type

BUILT_IN: Mapping[str, Type] = {"time": TIME, "id": TEXT, "type": TEXT}
"""Attributes that every event has of itself."""


@dataclass(frozen=True, slots=True)
class Role:
    """An event that an expression reads: which attributes it may have, of which types."""

    name: str
    """The alias; "" for the event that bare names are about."""
    words: str
    """The events in words, for messages: `account.create`."""
    attributes: Mapping[str, frozenset[Type]]
    """More than one type where the types of a set differ."""
    lenient: bool = False
    """Say nothing of an attribute that differs from type to type."""

    def read(self, name: str, span: Span, report: Report) -> Expression | None:
        """The attribute `name`, or None with a diagnostic."""
        built_in = BUILT_IN.get(name)
        if built_in is not None:
            return AttributeOf(self.name, name, built_in, span=span)
        types = self.attributes.get(name)
        if types is None:
            self._unknown(name, span, report)
            return None
        if len(types) > 1:
            if self.lenient:
                return None
            report.error(
                "mixed-attribute",
                f"`{name}` is not the same kind of thing in all of {self.words}: "
                + ", ".join(sorted(str(t) for t in types)),
                span,
                help="name fewer event types here, or write one rule for each",
            )
            return None
        return AttributeOf(self.name, name, next(iter(types)), span=span)

    def _unknown(self, name: str, span: Span, report: Report) -> None:
        if name in report.damaged:
            return
        near = did_you_mean(name, [*self.attributes, *BUILT_IN])
        report.error(
            "unknown-attribute",
            f"unknown attribute `{name}` of {self.words}" + (f"; {near}" if near else ""),
            span,
            help=""
            if near
            else "`tosrules rules vocabulary` lists the attributes of each type; a pack may add "
            f"one: `event … {{ may have {name} text }}`",
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands."""

    context: Context
    pack: PackScope
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By alias."""
    bare: Role | None = None
    """The event of bare names; None where every attribute must name its event."""
    bound: Mapping[str, Expression | Role | None] = field(default_factory=dict)
    """A definition's inputs; None: not known, in the check of a definition on its own."""
    window: bool = False
    """Aggregates over a window may be used."""
    defining: tuple[str, ...] = ()
    """Definitions being written out, to find one that uses itself."""
    one_event: str = ""
    """Non-empty: why only one event may be read here, for the message."""

    @property
    def report(self) -> Report:
        return self.context.report

    def within_window(self) -> Scope:
        return replace(self, window=True)

    def outside_window(self) -> Scope:
        return replace(self, window=False)


def role_of(name: str, words: str, groups: Iterable[Mapping[str, Type]]) -> Role:
    """The role of an event of several types, each given by its attributes."""
    merged: dict[str, set[Type]] = {}
    for attributes in groups:
        for attribute, kind in attributes.items():
            merged.setdefault(attribute, set()).add(kind)
    return Role(name, words, {n: frozenset(t) for n, t in merged.items()})
