"""The policy: packs, sources, statuses, links, signals and clauses, checked and typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tosrules.policy.expressions import (
    BusinessPeriod,
    CalendarPeriod,
    Expression,
    FixedPeriod,
    ParamValue,
    PeriodValue,
)
from tosrules.record import Late, Record, hidden
from tosrules.span import NOWHERE, Span
from tosrules.vocabulary import Type, Value, Vocabulary

SEVERITIES = ("low", "medium", "high", "critical")
"""From least to most."""


class Declared(Record):
    """Anything that stands in a rule file."""

    span: Span = hidden(default=NOWHERE, kw_only=True)


class EffectivePeriod(Record):
    """Half-open; microseconds since the epoch; None is without end on that side."""

    start: int | None
    until: int | None

    def holds(self, time: int) -> bool:
        return (self.start is None or self.start <= time) and (
            self.until is None or time < self.until
        )


ALWAYS = EffectivePeriod(None, None)


class Source(Declared):
    name: str
    """Qualified."""
    title: str
    version: str
    publisher: str
    url: str
    citation: str
    jurisdiction: str
    text: str
    """Path of a local copy beside the rules, or ""."""
    sha256: str
    unverified: str
    """Why it was not verified, or ""."""
    effective: EffectivePeriod


class Origin(Declared):
    """Where a parameter's value comes from: exactly one of `source` and `reason`."""

    source: str
    section: str
    reason: str


ParamConstant: TypeAlias = "Value | FixedPeriod | CalendarPeriod | BusinessPeriod"


class Param(Declared):
    name: str
    type: Type
    value: ParamConstant
    text: str
    """The value as written: `30 days`."""
    origin: Origin
    set_by: str
    """Who changed the value: "" if nobody, else `--set`, a test or an overlay."""


class ListDeclaration(Declared):
    name: str
    type: Type
    values: tuple[Value, ...]


class CalendarDeclaration(Declared):
    name: str
    zone: str
    holidays: tuple[str, ...]
    """Local dates, `YYYY-MM-DD`, sorted."""


# ---- what steps read -----------------------------------------------------------------------


class Step(Declared):
    """Events of some types or signals, under a local condition."""

    role: str
    """Alias, or a name made for the step where the author gave none; "" in rules of one
    event without an alias."""
    types: tuple[str, ...]
    """Event types, prefixes written out, sorted."""
    signals: tuple[str, ...]
    """Qualified names of signals, sorted."""
    where: Expression | None
    text: str
    """The event set as written: `engagement.*`."""


class KeyPart(Record):
    name: str
    """The attribute's name, or the alias of a computed key."""
    value: Expression
    type: Type


class Tie(Record):
    """An equality between the later of two steps and the earlier one. With `link`, the
    earlier value must be among the parties that the link reaches from the later one."""

    later: Expression
    earlier: Expression
    link: str


class Difference(Record):
    """`!=` between two steps, of one value or of tuples."""

    later: tuple[Expression, ...]
    earlier: tuple[Expression, ...]


class Without(Declared):
    step: Step
    ties: tuple[Tie, ...]
    """`later` reads the unwanted event, `earlier` the step it stands on."""


class SequenceStep(Declared):
    step: Step
    within: PeriodValue | None
    """Longest time since the previous step; None: any."""
    ties: tuple[Tie, ...]
    difference: Difference | None
    without: tuple[Without, ...]


class CalendarWindow(Record):
    """`each 15 minutes|hour|day|week|month|year in "Area/City"`."""

    amount: int
    unit: str
    zone: str


class Quantity(Record):
    """What `more than N [distinct X]` says; `having` of the rule says the same."""

    at_least: bool
    threshold: Expression
    distinct: Expression | None


# ---- rules ---------------------------------------------------------------------------------


class EventRule(Declared):
    step: Step
    text: str


class RateRule(Declared):
    step: Step
    keys: tuple[KeyPart, ...]
    within: PeriodValue
    having: Expression
    quantity: Quantity | None
    text: str


class QuotaRule(Declared):
    step: Step
    keys: tuple[KeyPart, ...]
    window: CalendarWindow | None
    """None: in total."""
    having: Expression
    quantity: Quantity | None
    text: str


class SequenceRule(Declared):
    steps: tuple[SequenceStep, ...]
    text: str


class ObligationRule(Declared):
    trigger: Step
    fulfilment: Step
    within: PeriodValue | None
    by: Expression | None
    """Exactly one of `within` and `by`."""
    ties: tuple[Tie, ...]
    difference: Difference | None
    text: str


Rule: TypeAlias = "EventRule | RateRule | QuotaRule | SequenceRule | ObligationRule"
SignalRule: TypeAlias = "RateRule | QuotaRule | SequenceRule"

# ---- statuses, links, signals ---------------------------------------------------------------


class StatusChange(Declared):
    begins: bool
    step: Step
    keys: tuple[Expression, ...]


class Status(Declared):
    name: str
    key_types: tuple[Type, ...]
    changes: tuple[StatusChange, ...]
    initially_unknown: bool
    expires_after: PeriodValue | None
    expires_at: Expression | None
    """Asked of the beginning event, role ""."""
    attributes: Mapping[str, Type]
    """What `status(x).attribute` may remember."""


class LinkChange(Declared):
    begins: bool
    step: Step
    first: Expression
    second: Expression


class Link(Declared):
    name: str
    directed: bool
    first: Type
    second: Type
    changes: tuple[LinkChange, ...]


class Carried(Record):
    name: str
    value: Expression
    type: Type


class Signal(Declared):
    name: str
    rule: SignalRule
    carried: tuple[Carried, ...]
    """The attributes of the signal: its keys and what it carries."""


# ---- clauses -------------------------------------------------------------------------------


class Citation(Declared):
    source: str
    section: str
    quote: str
    modelled: bool = False
    """The clause is modelled on the document; it is not the document's own text."""


class LawCitation(Declared):
    source: str
    section: str
    jurisdiction: str


class Exempt(Declared):
    """An exception, as it is asked of one rule."""

    condition: Expression
    """With `but not if` worked in."""
    text: str
    """As written, without `unless`."""
    under: Citation | None
    overlay: str
    """Why an overlay waives this; "" for the clause's own exceptions."""
    until: int | None
    """An overlay's exception ends here (microseconds, exclusive)."""


class GradedSeverity(Declared):
    level: str
    when: Expression | None
    text: str


class GradedLaw(Declared):
    law: LawCitation
    when: Expression | None
    text: str


class Binds(Declared):
    each: bool
    who: Expression
    """A reference, a constant text, or with `each` the parties of a link."""


class BoundRule(Record):
    """A rule with the clause's conditions, each checked against the rule's own events."""

    ordinal: int
    """0-based place among the clause's rules."""
    rule: Rule
    applies: Expression | None
    exceptions: tuple[Exempt, ...]
    binds: Binds | None
    severities: tuple[GradedSeverity, ...]
    laws: tuple[GradedLaw, ...]


class AppliedOverlay(Declared):
    pack: str
    because: str
    changes: tuple[str, ...]
    """Each change in words: `burst = 120`, `severity medium`, `off until 2026-12-31`."""


class Clause(Declared, Late):
    __slots__ = ("_later",)
    pack: str
    name: str
    title: str
    citations: tuple[Citation, ...]
    period: EffectivePeriod
    period_text: str
    """`2018-04-19 to 2020-12-20`, or ""."""
    together: PeriodValue | None
    rules: tuple[BoundRule, ...]
    remedy: str
    settings: Mapping[str, Param]
    """Parameters that an overlay sets for this clause alone."""
    derived_from: str
    """Qualified name of the clause whose rules this one repeats, or ""."""
    overlays: tuple[AppliedOverlay, ...]

    @property
    def id(self) -> str:
        return f"{self.pack}/{self.name}"


# ---- tests ---------------------------------------------------------------------------------


class GivenEvent(Declared):
    id: str
    type: str
    time: int
    attributes: Mapping[str, Value]


class Expected(Declared):
    """What a test expects of a clause. None: not said."""

    clause: str
    """Qualified."""
    verdict: str
    by: str | None
    findings: int | None
    matches: int | None
    severity: str | None
    first: str | None
    """Id of the first event of evidence."""
    last: str | None
    due: int | None


class TestCase(Declared):
    pack: str
    title: str
    observed: tuple[int, int] | None
    settings: Mapping[str, Param]
    events: tuple[GivenEvent, ...]
    expected: tuple[Expected, ...]


# ---- all of it -----------------------------------------------------------------------------


class PackInfo(Record):
    id: str
    title: str
    version: str
    files: tuple[tuple[str, str], ...]
    """Name and SHA-256 of each file, lists and text copies included, sorted."""
    sha256: str
    judged: bool
    """False: only imported by another pack."""
    named: bool = True
    """The user named it; False: it is judged only because an overlay changes its clauses."""


class Policy(Record):
    vocabulary: Vocabulary
    packs: tuple[PackInfo, ...]
    sources: Mapping[str, Source]
    params: Mapping[str, Param]
    lists: Mapping[str, ListDeclaration]
    calendars: Mapping[str, CalendarDeclaration]
    statuses: Mapping[str, Status]
    links: Mapping[str, Link]
    signals: Mapping[str, Signal]
    """In an order in which each stands after what it depends on."""
    order: tuple[str, ...]
    """Qualified names of statuses, links and signals, dependencies first."""
    clauses: tuple[Clause, ...]
    """By pack, name and start of the period; those of packs not judged included."""
    tests: tuple[TestCase, ...]

    def judged(self) -> tuple[Clause, ...]:
        named = {p.id for p in self.packs if p.judged}
        return tuple(c for c in self.clauses if c.pack in named)


__all__ = [name for name in dir() if name[0].isupper()] + ["ParamValue"]
