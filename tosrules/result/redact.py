"""Pseudonyms in place of personal values, in a whole result, before anything renders it.

Personal is what the vocabulary marks so; every reference to a party, an account, a device, a
session or a person; every network address; and whatever attribute the vocabulary does not know.
One value has one pseudonym within a result (`person-1`, `address-2`, …), numbered by first
appearance among the cited events. The ids of findings stay.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from tosrules.record import replace
from tosrules.result import model
from tosrules.result.model import Plain
from tosrules.result.scan import Scan
from tosrules.result.secrets import Secrets
from tosrules.result.values import plain
from tosrules.trace.event import Event
from tosrules.trace.instants import parse_instant
from tosrules.vocabulary import Type, Vocabulary

UNREACHED = (
    "Names of files, and what the rules themselves say, stand as they are; so do numbers of "
    "fewer than five digits in sentences. Ids of findings stay the same, so that whoever guesses "
    "a name can test the guess."
)
LEFT_OUT = "left out, since a record that cannot be read may say anything"

_KINDS = {
    "party": "person",
    "person": "person",
    "account": "account",
    "device": "device",
    "session": "session",
}
_SUBJECTS = {"actor": "person", **_KINDS}
_HASHED = ("har", "access-log")
"""Formats whose ids are hashes of their records: a hash of an address can be tried out."""
_HASH = re.compile(r"[0-9a-f]{16}-\d+", re.ASCII)
_FEW_DIGITS = 5


def redacted(result: model.Result, vocabulary: Vocabulary, events: Sequence[Event]) -> model.Result:
    """The result with pseudonyms. `events` are all events of the trace: a sentence may name
    somebody whose events are not among those shown."""
    return Redactor(vocabulary, result, events).result(result)


class Redactor:
    """The pseudonyms of one result."""

    def __init__(
        self, vocabulary: Vocabulary, result: model.Result, events: Sequence[Event]
    ) -> None:
        self._vocabulary = vocabulary
        self._secrets = Secrets(vocabulary)
        self._kinds: dict[str, str] = {}
        """Every personal value of the trace → its kind."""
        self._names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._ids: dict[str, str] = {}
        self._shared: dict[int, model.Evidence] = {}
        """Events that many findings cite, by the identity of their attributes: seen to once."""
        self._personal: dict[tuple[str, str], str] = {}
        self._hashed = any(t.format in _HASHED for t in result.run.traces)
        cited = sorted(_cited(result), key=_order)
        self._collect(result, cited, events)
        self._taken = frozenset(self._kinds)
        self._scan = Scan(v for v in self._kinds if not (v.isdecimal() and len(v) < _FEW_DIGITS))
        for evidence in cited:
            for name, value in evidence.attributes.items():
                self._value(evidence.type, name, value)
            self._id(evidence.event)

    # ---- what is personal ------------------------------------------------------------------

    def _collect(
        self, result: model.Result, cited: Iterable[model.Evidence], events: Iterable[Event]
    ) -> None:
        for evidence in cited:
            for name, shown in evidence.attributes.items():
                self._know(self._kind(evidence.type, name), shown)
        for finding in result.findings:
            for kind, id in (finding.subject or {}).items():
                self._know(_SUBJECTS.get(kind, ""), id)
            for party in finding.through:
                self._know("person", party)
        for clause in result.clauses:
            for duty in clause.pending:
                for kind, id in (duty.party or {}).items():
                    self._know(_SUBJECTS.get(kind, ""), id)
        for event in events:
            declared = self._vocabulary.attributes_of(event.type)
            for name, value in event.attributes.items():
                kind = self._kind(event.type, name)
                if kind:
                    of = declared[name].type if name in declared else None
                    self._know(kind, value if isinstance(value, str) else plain(value, of))

    def _know(self, kind: str, value: Plain) -> None:
        if not kind or isinstance(value, bool):
            return
        if isinstance(value, tuple):
            for part in value:
                self._know(kind, part)
        elif str(value):
            self._kinds.setdefault(str(value), kind)

    def _kind(self, event_type: str, name: str) -> str:
        """What a personal attribute is about; empty: it is not personal."""
        known = self._personal.get((event_type, name))
        if known is None:
            known = self._personal[event_type, name] = self._kind_of(event_type, name)
        return known

    def _kind_of(self, event_type: str, name: str) -> str:
        if name in self._secrets.of(event_type):
            return ""  # its value is a name already
        attribute = self._vocabulary.attributes_of(event_type).get(name)
        if attribute is None:
            return "value"
        kind = _about(attribute.type)
        return kind or ("value" if attribute.personal else "")

    # ---- pseudonyms ------------------------------------------------------------------------

    def _name(self, value: str) -> str:
        name = self._names.get(value)
        if name is None:
            kind = self._kinds.get(value, "value")
            name = value
            while name in self._taken or name == value:
                self._numbers[kind] = self._numbers.get(kind, 0) + 1
                name = f"{kind}-{self._numbers[kind]}"
            self._names[value] = name
        return name

    def _text(self, text: str) -> str:
        return self._scan.replaced(text, self._name)

    def _value(self, event_type: str, name: str, value: Plain) -> Plain:
        return self._plain(value, bool(self._kind(event_type, name)))

    def _plain(self, value: Plain, personal: bool) -> Plain:
        if isinstance(value, tuple):
            parts = (self._plain(part, personal) for part in value)
            return tuple(part for part in parts if not isinstance(part, tuple))
        if isinstance(value, bool):
            return value
        if personal and str(value):
            return self._name(str(value))
        return self._text(value) if isinstance(value, str) else value

    def _id(self, id: str) -> str:
        """The id of an event, or `event-N` if it tells something personal."""
        known = self._ids.get(id)
        if known is None:
            known = id
            tells = self._hashed and _HASH.fullmatch(id) is not None
            if tells or id in self._kinds or self._text(id) != id:
                self._numbers["event"] = self._numbers.get("event", 0) + 1
                known = f"event-{self._numbers['event']}"
            self._ids[id] = known
        return known

    def _subject(self, subject: model.SubjectOf | None) -> model.SubjectOf | None:
        if subject is None:
            return None
        return {
            kind: self._name(id) if kind in _SUBJECTS else id if kind == "name" else self._text(id)
            for kind, id in subject.items()
        }

    # ---- the result ------------------------------------------------------------------------

    def result(self, result: model.Result) -> model.Result:
        findings = tuple(self._finding(f) for f in result.findings)
        clauses = tuple(self._clause(c) for c in result.clauses)
        run = self._run(result.run)
        redaction = model.Redaction("personal", len(self._names), UNREACHED)
        return replace(
            result, run=replace(run, redaction=redaction), clauses=clauses, findings=findings
        )

    def _run(self, run: model.Run) -> model.Run:
        return replace(
            run,
            title="",
            traces=tuple(replace(t, title="") for t in run.traces),
            skipped_records=tuple(replace(s, message=LEFT_OUT) for s in run.skipped_records),
            unknown_types=tuple(replace(u, type=self._text(u.type)) for u in run.unknown_types),
            missing_required=tuple(
                replace(m, type=self._type(m.type)) for m in run.missing_required
            ),
            notes=tuple(
                n if n.code.startswith("note-baseline") else replace(n, text=self._text(n.text))
                for n in run.notes
            ),
        )

    def _type(self, event_type: str) -> str:
        known = event_type in self._vocabulary.types
        return event_type if known else self._text(event_type)

    def evidence(self, of: model.Evidence) -> model.Evidence:
        """A cited event with pseudonyms. Its digest is over what is shown now: one over the
        values that were replaced would let anybody try names against it."""
        ready = self._shared.get(id(of.attributes))
        if ready is not None:
            names = self._attribute_names(of) if of.reads else {}
            return replace(
                of,
                event=ready.event,
                type=ready.type,
                attributes=ready.attributes,
                reads=tuple(names[n] for n in of.reads),
                digest=ready.digest,
            )
        names = self._attribute_names(of)
        attributes = {names[n]: self._value(of.type, n, v) for n, v in of.attributes.items()}
        id_, event_type = self._id(of.event), self._type(of.type)
        said = [id_, event_type, of.time, sorted(attributes.items())]
        text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
        made = replace(
            of,
            event=id_,
            type=event_type,
            attributes=attributes,
            reads=tuple(names[n] for n in of.reads),
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )
        self._shared[id(of.attributes)] = made
        return made

    def _attribute_names(self, of: model.Evidence) -> dict[str, str]:
        """Names that the vocabulary does not know may tell something too: `friends.ana`."""
        declared = self._vocabulary.attributes_of(of.type)
        names: dict[str, str] = {}
        for name in of.attributes:
            shown = name if name in declared else self._text(name)
            while shown in names.values():
                shown += "'"
            names[name] = shown
        return names

    def _computed(self, of: model.Computed) -> model.Computed:
        value = of.value
        if isinstance(value, str):
            known = value in self._kinds or of.type in ("reference", "address")
            value = self._name(value) if known and value else self._text(value)
        elif isinstance(value, tuple):
            value = tuple(
                (self._name(p) if p in self._kinds else self._text(p)) if isinstance(p, str) else p
                for p in value
            )
        return replace(of, text=self._text(of.text), value=value)

    def _key(self, key: Mapping[str, Plain]) -> Mapping[str, Plain]:
        return {n: self._plain(v, str(v) in self._kinds) for n, v in key.items()}

    def _known_by(self, known: Mapping[str, str]) -> Mapping[str, str]:
        return {n: self._name(v) if v in self._kinds else self._text(v) for n, v in known.items()}

    def _finding(self, of: model.Finding) -> model.Finding:
        return replace(
            of,
            subject=self._subject(of.subject),
            through=tuple(self._name(p) for p in of.through),
            key=self._key(of.key),
            known_by=self._known_by(of.known_by),
            occurrences=tuple(self._occurrence(o) for o in of.occurrences),
            evidence=tuple(self.evidence(e) for e in of.evidence),
            context=tuple(self.evidence(e) for e in of.context),
            computed=tuple(self._computed(c) for c in of.computed),
            explanation=self._text(of.explanation),
            not_established=self._exceptions(of.not_established),
            not_excused=self._exceptions(of.not_excused),
            accepted=self._acceptance(of.accepted),
            expired=self._acceptance(of.expired),
        )

    def _exceptions(self, of: tuple[model.Exception_, ...]) -> tuple[model.Exception_, ...]:
        return tuple(replace(each, why=self._text(each.why)) for each in of)

    def _acceptance(self, of: model.Acceptance | None) -> model.Acceptance | None:
        return None if of is None else replace(of, reason=self._text(of.reason))

    def _occurrence(self, of: model.Occurrence) -> model.Occurrence:
        return replace(
            of,
            first=self._id(of.first),
            completing=self._id(of.completing),
            chain=tuple(self._id(id) for id in of.chain),
            computed=tuple(self._computed(c) for c in of.computed),
        )

    def _clause(self, of: model.ClauseResult) -> model.ClauseResult:
        return replace(
            of,
            pending=tuple(
                replace(p, trigger=self.evidence(p.trigger), party=self._subject(p.party))
                for p in of.pending
            ),
        )


def _about(of: Type) -> str:
    """What values of the type name, where they name somebody."""
    if of.name == "list" and of.of is not None:
        return _about(of.of)
    if of.name == "reference":
        return _KINDS.get(of.kind, "")
    return "address" if of.name == "address" else ""


def _cited(result: model.Result) -> list[model.Evidence]:
    found = [e for f in result.findings for e in (*f.context, *f.evidence)]
    return [*found, *(p.trigger for c in result.clauses for p in c.pending)]


def _order(evidence: model.Evidence) -> tuple[int, str, int, int]:
    source = evidence.source
    return parse_instant(evidence.time), source.file, source.line or 0, source.index or 0
