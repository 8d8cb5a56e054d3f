"""Every cited event of a result, beside what the trace says of it now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tosrules.integrity.differences import Difference, shown
from tosrules.result import model
from tosrules.result.cite import Citing
from tosrules.result.encode import to_data
from tosrules.result.secrets import Secrets
from tosrules.trace.trace import Trace
from tosrules.vocabulary import Vocabulary

Now = Callable[[model.Evidence], model.Evidence | None]
"""What the trace says now of an event that a result cites."""

_SECRET = re.compile(r"\bsecret-\d+\b")


def cited(result: model.Result) -> list[tuple[model.Evidence, str]]:
    """Each cited event once, with who cites it first."""
    found: dict[str, tuple[model.Evidence, str]] = {}
    for finding in result.findings:
        for evidence in (*finding.context, *finding.evidence):
            found.setdefault(evidence.event, (evidence, finding.id))
    for clause in result.clauses:
        for duty in clause.pending:
            found.setdefault(duty.trigger.event, (duty.trigger, clause.id))
    return list(found.values())


def from_trace(trace: Trace, vocabulary: Vocabulary, shown: Now | None) -> Now:
    """Looks events up in the trace itself, by their ids; in what comes out now (`shown`) where a
    secret within what the result shows of them was replaced by its name."""
    secrets = Secrets(vocabulary)
    citing = Citing(secrets)
    by_id = {event.id: event for event in trace.events}

    def now(said: model.Evidence) -> model.Evidence | None:
        event = by_id.get(said.event)
        if event is None or _SECRET.search(repr(to_data(said))):
            found = shown(said) if shown is not None else None
            if found is not None or event is None:
                return found
        secrets.cite(event)
        return citing.evidence(event, said.role, said.reads, said.note)

    return now


def from_result(result: model.Result) -> Now:
    """Looks them up in a result that was redacted alike: only there they have these names."""
    by_id = {evidence.event: evidence for evidence, _ in cited(result)}
    return lambda said: by_id.get(said.event)


def event_differences(said: model.Result, now: Now) -> Iterator[Difference]:
    """What the trace says otherwise, event by event and attribute by attribute."""
    for evidence, by in cited(said):
        where = f"event {evidence.event} ({place(evidence.source)}), cited by {by[:34]}"
        here = now(evidence)
        if here is None:
            yield Difference("event", where, f"{evidence.type} at {evidence.time}", "no such event")
            continue
        before = list(_differing(evidence, here, where))
        yield from before
        if not before and evidence.digest != here.digest:
            yield Difference("event", f"{where}: digest", evidence.digest, here.digest)


def _differing(said: model.Evidence, here: model.Evidence, where: str) -> Iterator[Difference]:
    for name in ("type", "time", "time_text"):
        one, other = getattr(said, name), getattr(here, name)
        if one != other:
            yield Difference("event", f"{where}: {name}", one, other)
    if said.source != here.source:
        yield Difference("event", f"{where}: place", place(said.source), place(here.source))
    for name in [*said.attributes, *(n for n in here.attributes if n not in said.attributes)]:
        one, other = said.attributes.get(name), here.attributes.get(name)
        if _named_alike(one) != _named_alike(other):
            yield Difference(
                "event", f"{where}: {name}", shown(to_data(one)), shown(to_data(other))
            )


def _named_alike(value: object) -> object:
    """Secrets are numbered by what else is cited; that is no difference of the event."""
    if isinstance(value, str):
        return _SECRET.sub("secret", value)
    if isinstance(value, tuple):
        return tuple(_named_alike(part) for part in value)
    return type(value), value


def place(of: model.Place) -> str:
    if of.line is not None:
        return f"{of.file}:{of.line}"
    return of.file if of.index is None else f"{of.file}[{of.index}]"
