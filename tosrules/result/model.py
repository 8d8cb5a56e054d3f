"""The published result, `tosrules-result/1`: what every report renders and `verify` checks.

Field by field the JSON of a result. The records are plain (importing pydantic would take
longer than a whole check of a small trace); `tosrules.result.schema` derives the validation
and the JSON Schema from them, with the docstring under a field as its description.

Times are texts in UTC (`2020-04-03T09:00:00Z`). No value of a secret attribute is in a result:
in its place stands `secret-1`, `secret-2`, … by first appearance among the cited events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tosrules.record import Record

RESULT = "tosrules-result/1"

Plain: TypeAlias = str | int | float | bool | tuple[str | int | float | bool, ...]
"""A value as JSON has it. A number that a double cannot hold exactly is text, a time is text
in UTC, a duration is text that the trace readers take back (`90 minutes`)."""

SubjectOf: TypeAlias = Mapping[str, str]
"""One name: `{"actor": "svc"}` for a party, the kind for other references (`{"account":
"a-1"}`), `{"name": "Meta"}` for who is bound by name."""


class Interval(Record):
    """A stretch of time; null is without end on that side."""

    start: str | None
    end: str | None


class Place(Record):
    """Where a record stands in what was handed in."""

    file: str
    line: int | None
    """1-based."""
    index: int | None
    """0-based place in the file's list of records."""


# ---- the run -------------------------------------------------------------------------------


class PackFile(Record):
    name: str
    sha256: str


class Pack(Record):
    id: str
    title: str
    version: str
    sha256: str
    judged: bool
    """False: its clauses were not asked for, another pack builds on it."""
    files: tuple[PackFile, ...]


class TraceInput(Record):
    name: str
    sha256: str
    """Of the untouched bytes."""
    bytes: int
    format: str
    title: str
    events: int
    """Records that could be read, before identical ones are counted once."""
    skipped: int
    """Records passed over as unreadable."""
    observed: Interval | None
    """From its first event to its last."""
    sorted: bool
    """False: some records stand after one with a later time, and were put in order."""


class ParameterOrigin(Record):
    """Where a number comes from: a text that states it, or a choice and its reason."""

    kind: str
    """`stated` or `chosen`."""
    source: str
    """Qualified name of the document that states it, or empty."""
    title: str
    """Of that document."""
    section: str
    reason: str


class Parameter(Record):
    name: str
    value: Plain
    text: str
    """As written: `30 days`."""
    origin: ParameterOrigin
    set_by: str
    """Who changed the value: empty, `--set`, a test or an overlay."""
    clause: str
    """The one clause that the value holds for, where an overlay set it; else empty."""


class UnknownType(Record):
    """An event type that the vocabulary does not have; its events are kept."""

    type: str
    events: int
    nearest: str | None


class MissingRequired(Record):
    """Events without an attribute that their type should have."""

    type: str
    attribute: str
    events: int


class Keyless(Record):
    """Beginnings and ends of a status or a link that name nobody, and so did nothing."""

    name: str
    events: int


class SkippedRecord(Record):
    code: str
    message: str
    place: Place
    rest: bool = False
    """All of the file from there on was passed over, however many records that is."""


class Note(Record):
    code: str
    text: str


class Observed(Record):
    """The period in which absence is proven, both ends included."""

    start: str
    end: str
    stated: bool
    """False: taken from the first and the last event."""


class Selection(Record):
    """What was asked for, where it was not everything."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    jurisdictions: tuple[str, ...]


class Asked(Record):
    """What a run was told beside its traces and parameters, so that `verify` can run it again."""

    zone: str = ""
    """Of times without an offset; empty: none was named."""
    observed: Interval | None = None
    """In place of what the traces state, both ends included."""
    skip_invalid: bool = False
    trace_format: str = ""
    """Empty: told by the bytes."""
    evidence: int | None = None
    """Events that a finding holds at most; null: all."""


class InputFile(Record):
    """A file that a run was told by."""

    name: str
    sha256: str
    """Of the untouched bytes."""
    bytes: int


class BaselineUse(Record):
    """The baseline that a run was held against, and what came of it."""

    file: InputFile
    entries: int
    accepted: int
    """Findings that it accepts; they do not count for the exit status."""
    expired: int
    """Findings whose acceptance has run out; they count."""
    without_reason: int
    """Findings that it accepts without saying why."""
    absent: tuple[str, ...]
    """Ids of entries whose clause was judged and whose finding is no longer found."""


class Redaction(Record):
    """What was replaced by pseudonyms before anything was written."""

    what: str
    """`personal`."""
    values: int
    """Different values that were replaced."""
    unreached: str
    """What redaction does not reach, in a sentence."""


class Run(Record):
    version: str
    """Of tosrules."""
    engine: str
    time: str
    """When the run began by the clock of the machine; all else depends on the input alone."""
    packs: tuple[Pack, ...]
    traces: tuple[TraceInput, ...]
    title: str
    """What the trace calls itself."""
    events: int
    observed: Observed | None
    parameters: tuple[Parameter, ...]
    selection: Selection
    moved: int
    """Records put in order."""
    duplicates: int
    """Records counted once that stand there more often."""
    outside: int
    """Events outside the observed period."""
    skipped: int
    """Records passed over as unreadable."""
    skipped_records: tuple[SkippedRecord, ...]
    """The first thousand of them."""
    unknown_types: tuple[UnknownType, ...]
    missing_required: tuple[MissingRequired, ...]
    keyless: tuple[Keyless, ...]
    notes: tuple[Note, ...]
    asked: Asked = Asked()
    configuration: InputFile | None = None
    """The configuration file that held; null: there was none."""
    baseline: BaselineUse | None = None
    redaction: Redaction | None = None
    """Null: personal values stand as they were recorded."""


# ---- what is cited -------------------------------------------------------------------------


class Citation(Record):
    source: str
    """Qualified name."""
    title: str
    version: str
    publisher: str
    citation: str
    section: str
    quote: str
    url: str
    sha256: str
    """Of the copy that was read; may be empty."""
    effective: Interval
    unverified: str
    """Why the document was not verified; empty if it was."""
    modelled: bool = False
    """The clause is modelled on the document: it is not the text that was in force."""


class Law(Record):
    source: str
    title: str
    citation: str
    section: str
    jurisdiction: str
    url: str
    when: str
    """The condition under which the law is named, as written; empty: always."""
    unverified: str
    when_words: str = ""
    """That condition in plain words."""
    matches: int = 0
    """Matches of the finding for which it is named."""


class Exception_(Record):
    """An exception that was considered and did not excuse."""

    text: str
    """As written, without `unless`."""
    source: str
    """Title of the document that grants it, or empty."""
    section: str
    overlay: str
    """Why an overlay added it; empty for the clause's own."""
    words: str = ""
    """In plain words."""
    why: str = ""
    """The fact for which it did not excuse, or what is not known; empty where none can be
    named alone."""


class Overlay(Record):
    pack: str
    because: str
    changes: tuple[str, ...]


# ---- evidence ------------------------------------------------------------------------------


class Evidence(Record):
    """A recorded event, and what it is in the finding."""

    event: str
    """Its id."""
    role: str
    """`violates`, `counts`, the alias of a step, `trigger`, `late`; for context `begins`."""
    type: str
    time: str
    time_text: str
    """The time as the record writes it."""
    source: Place
    attributes: Mapping[str, Plain]
    reads: tuple[str, ...]
    """The attributes that the rule looked at and the event has."""
    note: str
    """For context: the status or the link it began."""
    digest: str
    """SHA-256 of the event with its secrets replaced, see `tosrules.result.digests`."""


class Computed(Record):
    """A value that decided."""

    text: str
    value: Plain | None
    type: str


class Occurrence(Record):
    """One time the rule was broken."""

    first: str
    """Id of the first event of its evidence."""
    completing: str
    """Id of the event that completes it; an unmet duty: its trigger."""
    chain: tuple[str, ...]
    """Of a sequence: the ids of its steps' events, in order."""
    time: str
    due: str | None
    computed: tuple[Computed, ...]


class RuleOf(Record):
    ordinal: int
    """0-based place among the clause's rules."""
    form: str
    """`event`, `rate`, `quota`, `sequence` or `obligation`."""
    text: str
    """As written."""
    source: Place


class Acceptance(Record):
    """An entry of the baseline: somebody has accepted a finding."""

    reason: str
    """Empty: none was given."""
    author: str
    added: str
    """Date of the entry, or empty."""
    expires: str
    """The day from which on the finding counts again; empty: it does not expire."""


class Finding(Record):
    id: str
    """`f-` and 128 bits in hexadecimal; the same from run to run."""
    clause: str
    pack: str
    title: str
    rule: RuleOf
    severity: str
    aggravated_by: str
    """The condition that raised the severity, as written; empty if it is unconditional."""
    subject: SubjectOf | None
    """Null: unknown party."""
    through: tuple[str, ...]
    """Parties through whom the subject acted."""
    key: Mapping[str, Plain]
    """The `per` key of the first match."""
    first: str
    last: str
    """Times of the first and the last event of evidence."""
    due: str | None
    """Deadline of an unmet duty."""
    matches: int
    occurrences: tuple[Occurrence, ...]
    """The matches, as far as `evidence` is shown."""
    ties: bool
    """Two events that were compared by order share an instant."""
    evidence: tuple[Evidence, ...]
    """In order; the first and the last where there are many."""
    evidence_total: int
    context: tuple[Evidence, ...]
    """What began the statuses and links that the finding rests on; in no count."""
    context_total: int
    citations: tuple[Citation, ...]
    laws: tuple[Law, ...]
    parameters: tuple[str, ...]
    """Names of the parameters that the rule reads."""
    not_established: tuple[Exception_, ...]
    """Exceptions of which the trace does not say whether they hold."""
    not_excused: tuple[Exception_, ...]
    """Exceptions that do not hold."""
    computed: tuple[Computed, ...]
    """The values that decided the first match."""
    explanation: str
    remedy: str
    aggravated_words: str = ""
    """The condition that raised the severity, in plain words."""
    known_by: Mapping[str, str] = {}
    """Of an unknown party: what all its events have in common, an address or a reference to
    what they were done with."""
    accepted: Acceptance | None = None
    """By the baseline: the finding is shown, and does not count for the exit status."""
    expired: Acceptance | None = None
    """An acceptance that has run out: the finding counts again."""


# ---- clauses -------------------------------------------------------------------------------


class PendingDuty(Record):
    trigger: Evidence
    party: SubjectOf | None
    due: str


class Undetermined(Record):
    reason: str
    attribute: str
    """The attribute, or the status or link that was asked."""
    events: int
    examples: tuple[Place, ...]


class ClauseResult(Record):
    id: str
    """`pack/name`."""
    pack: str
    title: str
    effective: Interval
    verdict: str
    """`violated`, `undetermined`, `pending`, `clean` or `not exercised`."""
    findings: tuple[str, ...]
    """Their ids."""
    matches: int
    relevant: int
    waived: int
    """Events that would count but for an overlay."""
    undetermined_events: int
    undetermined: tuple[Undetermined, ...]
    pending: tuple[PendingDuty, ...]
    missing: tuple[str, ...]
    """Event types that the clause asks for and the trace has none of."""
    reported_under: Mapping[str, int]
    """Matches that a clause derived from this one reports in its place."""
    derived_from: str
    overlays: tuple[Overlay, ...]
    citations: tuple[Citation, ...]
    before: int = 0
    """Events of its types before its first version was in force, which no version judges."""
    after: int = 0
    """Events of its types after this version was in force and before a next one was."""
    keyless: tuple[Keyless, ...] = ()
    """Statuses and links it rests on of which beginnings or ends name nobody."""


class Summary(Record):
    """How many clauses came out how."""

    violated: int
    undetermined: int
    pending: int
    clean: int
    not_exercised: int
    findings: int
    subjects: int
    """Known parties that answer for a finding."""
    duties_pending: int
    accepted: int = 0
    """Findings that the baseline accepts; `findings` counts them too."""


class Result(Record):
    result: str
    """`tosrules-result/1`."""
    run: Run
    summary: Summary
    clauses: tuple[ClauseResult, ...]
    findings: tuple[Finding, ...]
    """Gravest first, then by time."""
    sha256: str = ""
    """Of the JSON text up to the line of this field; empty where nothing was written yet."""
