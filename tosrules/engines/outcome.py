"""What an engine answers: verdicts, matches and findings, before anything is rendered.

Both evaluators fill these; the result room turns them into the published result.
"""

from __future__ import annotations

from collections.abc import Mapping

from tosrules.policy.model import BoundRule, Clause, Exempt, GradedLaw, GradedSeverity
from tosrules.record import Record
from tosrules.trace.event import Event, Value

VERDICTS = ("violated", "undetermined", "pending", "clean", "not exercised")
"""In the order in which they win (semantics V1)."""


class Subject(Record):
    """Who answers for a match."""

    kind: str
    """A reference kind, or `text` where the clause binds somebody by name."""
    id: str


class Evidence(Record):
    event: Event
    role: str
    """`violates` (completes a match), `counts` (in a window), the alias of a step, `trigger`,
    `late`, or for context `begins`."""
    note: str = ""
    """For context: the status or link it began."""


class Computed(Record):
    """A value that decided: `count` 61, limit `more than burst` = 60."""

    text: str
    value: Value | None
    type: str
    """Name of the value's type, for printing."""


class Match(Record):
    """One time a rule was broken."""

    subject: Subject | None
    completing: Event
    """The event that completes it; an unmet duty: its trigger."""
    first: Event
    """The first event of evidence in the total order."""
    key: Mapping[str, Value]
    """The `per` key, by name."""
    severity: GradedSeverity
    """The highest that is true."""
    laws: tuple[GradedLaw, ...]
    """Those whose condition is true."""
    not_established: tuple[Exempt, ...]
    """Exceptions that came out unknown."""
    not_excused: tuple[Exempt, ...]
    """Exceptions that came out false."""
    computed: tuple[Computed, ...]
    through: tuple[str, ...]
    """Parties on the way from the completing event's actor to the subject."""
    due: int | None = None
    """The deadline of an unmet duty, microseconds."""


class Finding(Record):
    clause: Clause
    rule: BoundRule
    subject: Subject | None
    matches: tuple[Match, ...]
    """In total order of their completing events; at least one. Of events that no report shows
    an engine may give outlines: without id and origin, with the attributes that the rule reads."""
    evidence: tuple[Evidence, ...]
    """Each event once, in total order, context left out."""
    context: tuple[Evidence, ...]
    """What began the statuses and links the match relied on."""
    ties: bool


class Pending(Record):
    trigger: Event
    subject: Subject | None
    due: int


class Undetermined(Record):
    reason: str
    """`attribute missing`, `before observation`, `deadline unknown`, `status unknown`,
    `fulfilment unknown`."""
    attribute: str
    """The attribute, or the status or link asked."""
    events: tuple[Event, ...]
    """In order; an engine may give the first ones only."""
    count: int
    """Of all events with this reason."""


class ClauseOutcome(Record):
    clause: Clause
    verdict: str
    findings: tuple[Finding, ...]
    matches: int
    relevant: int
    """Events relevant to the clause, each once."""
    waived: int
    """Events that would count but for an overlay."""
    undetermined_events: int
    pending: tuple[Pending, ...]
    undetermined: tuple[Undetermined, ...]
    missing: tuple[str, ...]
    """For `not exercised`: event types the clause asks for and the trace has none of."""
    reported_under: Mapping[str, int] = {}
    """Matches that a clause derived from this one reports instead."""


class Outcome(Record):
    clauses: tuple[ClauseOutcome, ...]
    keyless: Mapping[str, int]
    """Beginnings and ends of statuses and links that named no key, by qualified name."""
