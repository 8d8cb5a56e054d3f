"""What an expression may name: the events around it, declared names, a definition's inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tosrules.language.context import Context
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.names import PackScope
from tosrules.language.reporting import Report
from tosrules.policy.expressions import AttributeOf, Expression
from tosrules.record import Record, replace
from tosrules.span import Span
from tosrules.vocabulary import TEXT, TIME, Type

BUILT_IN: Mapping[str, Type] = {"time": TIME, "id": TEXT, "type": TEXT}
"""Attributes that every event has of itself."""


class Role(Record):
    """An event that an expression reads: which attributes it may have, of which types."""

    name: str
    """The alias; "" for the event that bare names are about."""
    words: str
    """The events in words, for messages: `account.create`."""
    attributes: Mapping[str, frozenset[Type]]
    """More than one type where the types of a set differ."""
    lenient: bool = False
    """Say nothing of an attribute that differs from type to type."""
    broken: bool = False
    """The events are not known, which was said: whatever is read of them is passed over."""

    partial: bool = False
    """Attributes may have been lost to an error: nothing is said of unknown ones."""

    def read(
        self, name: str, span: Span, report: Report, compared: bool = False
    ) -> Expression | None:
        """The attribute `name`, or None with a diagnostic. `compared`: it stands alone on a
        side of a comparison, where a text without its quotation marks looks the same."""
        built_in = BUILT_IN.get(name)
        if built_in is not None:
            return AttributeOf(self.name, name, built_in, span=span)
        if self.broken:
            return None
        types = self.attributes.get(name)
        if types is None:
            self._unknown(name, span, report, compared)
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

    def _unknown(self, name: str, span: Span, report: Report, compared: bool) -> None:
        if name in report.damaged or self.partial:
            report.errors += 1
            return
        near = did_you_mean(name, [*self.attributes, *BUILT_IN])
        owners = report.owners.get(name, ())
        if near:
            help = ""
        elif owners:
            some = ", ".join(f"`{o}`" for o in owners[:3]) + (" …" if len(owners) > 3 else "")
            help = f"it is an attribute of {some}"
        elif compared and name.lower() in ("true", "false", "yes", "no"):
            help = f"write `{'true' if name.lower() in ('true', 'yes') else 'false'}`"
        elif compared and "." not in name:
            help = f'text stands in quotation marks: `"{name}"`'
        else:
            help = (
                "`tosrules rules vocabulary` lists the attributes of each type; a pack may add "
                f"one: `event … {{ may have {name} text }}`"
            )
        report.error(
            "unknown-attribute",
            f"unknown attribute `{name}` of {self.words}" + (f"; {near}" if near else ""),
            span,
            help=help,
        )


class Scope(Record):
    """Where an expression stands."""

    context: Context
    pack: PackScope
    roles: Mapping[str, Role] = {}
    """By alias."""
    bare: Role | None = None
    """The event of bare names; None where every attribute must name its event."""
    bound: Mapping[str, Expression | Role | None] = {}
    """A definition's inputs; None: not known, in the check of a definition on its own."""
    window: bool = False
    """Aggregates over a window may be used."""
    defining: tuple[str, ...] = ()
    """Definitions being written out, to find one that uses itself."""
    elsewhere: Mapping[str, tuple[str, str]] = {}
    """Aliases that cannot be read here though the rule or clause has them: why not, and the
    mend."""
    compared: bool = False
    """A name read here is one side of a comparison."""

    @property
    def report(self) -> Report:
        return self.context.report

    def within_window(self) -> Scope:
        return replace(self, window=True)

    def outside_window(self) -> Scope:
        return replace(self, window=False)


def broken_role(name: str) -> Role:
    """The role of events that are not known, which was said."""
    return Role(name, "", {}, broken=True)


def role_of(name: str, words: str, groups: Iterable[Mapping[str, Type]]) -> Role:
    """The role of an event of several types, each given by its attributes."""
    first: dict[str, Type] = {}
    others: dict[str, set[Type]] = {}
    for attributes in groups:
        for attribute, kind in attributes.items():
            known = first.setdefault(attribute, kind)
            if known is not kind and known != kind:
                others.setdefault(attribute, {known}).add(kind)
    kinds = {n: others.get(n) or (t,) for n, t in first.items()}
    return Role(name, words, {n: frozenset(k) for n, k in kinds.items()})
