"""Citing: recorded events as evidence, documents as citations and laws."""

from __future__ import annotations

from collections.abc import Iterable

from tosrules.engines import outcome
from tosrules.policy.model import Citation, Clause, EffectivePeriod, Exempt, GradedLaw, Policy
from tosrules.policy.model import Source as Document
from tosrules.result import model
from tosrules.result.digests import event_digest
from tosrules.result.secrets import Secrets
from tosrules.result.values import plain
from tosrules.trace.event import Event, Origin
from tosrules.trace.instants import format_instant


def interval(period: EffectivePeriod) -> model.Interval:
    return model.Interval(
        None if period.start is None else format_instant(period.start),
        None if period.until is None else format_instant(period.until),
    )


def place(origin: Origin) -> model.Place:
    return model.Place(origin.file, origin.line, origin.index)


def subject(of: outcome.Subject | None) -> dict[str, str] | None:
    """As `Result` writes it: a party is an `actor`, who is bound by a text has a `name`."""
    if of is None:
        return None
    return {{"party": "actor", "text": "name"}.get(of.kind, of.kind): of.id}


class Citing:
    """Shows events; one that many findings cite is made ready once."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._ready: dict[int, model.Evidence] = {}

    def evidence(
        self, event: Event, role: str, reads: Iterable[str] = (), note: str = ""
    ) -> model.Evidence:
        """The event as the result shows it. Its secrets have been named (`Secrets.cite`)."""
        ready = self._ready.get(id(event))
        if ready is None:
            ready = self._ready[id(event)] = self._made(event)
        return model.Evidence(
            ready.event,
            role,
            ready.type,
            ready.time,
            ready.time_text,
            ready.source,
            ready.attributes,
            tuple([name for name in reads if name in ready.attributes]),
            note,
            ready.digest,
        )

    def _made(self, event: Event) -> model.Evidence:
        types = self._secrets.vocabulary.attributes_of(event.type)
        shown = self._secrets.shown(event)
        return model.Evidence(
            event.id,
            "",
            event.type,
            format_instant(event.time),
            event.time_text or format_instant(event.time),
            place(event.origin),
            {
                name: plain(value, types[name].type if name in types else None)
                for name, value in shown.items()
            },
            (),
            "",
            event_digest(event, self._secrets),
        )


# ---- documents -----------------------------------------------------------------------------

_UNKNOWN = EffectivePeriod(None, None)


def citation(of: Citation, policy: Policy) -> model.Citation:
    found = policy.sources.get(of.source)
    document = found if found is not None else _unknown(of.source)
    return model.Citation(
        of.source,
        document.title,
        document.version,
        document.publisher,
        document.citation,
        of.section,
        of.quote,
        document.url,
        document.sha256,
        interval(document.effective),
        document.unverified,
        of.modelled,
    )


def law(of: GradedLaw, policy: Policy, clause: Clause | None = None) -> model.Law:
    found = policy.sources.get(of.law.source)
    document = found if found is not None else _unknown(of.law.source)
    words = ""
    if of.when is not None:
        from tosrules.result.words import Words

        words = Words(policy, clause).condition(of.when)
    return model.Law(
        of.law.source,
        document.title,
        document.citation,
        of.law.section,
        of.law.jurisdiction or document.jurisdiction,
        document.url,
        of.text if of.when is not None else "",
        document.unverified,
        words,
    )


def exception(of: Exempt, policy: Policy, words: str = "", why: str = "") -> model.Exception_:
    title = section = ""
    if of.under is not None:
        document = policy.sources.get(of.under.source)
        title = document.title if document is not None else of.under.source
        section = of.under.section
    return model.Exception_(of.text, title, section, of.overlay, words, why)


def overlays(clause: Clause) -> tuple[model.Overlay, ...]:
    return tuple(model.Overlay(o.pack, o.because, o.changes) for o in clause.overlays)


def _unknown(name: str) -> Document:
    return Document(name, name, "", "", "", "", "", "", "", "", _UNKNOWN)


def in_jurisdiction(law: model.Law, wanted: tuple[str, ...]) -> bool:
    """True if no jurisdiction is wanted, or the law's is one of them or lies within one: `US-CA`
    lies within `US`."""
    return not wanted or any(
        law.jurisdiction == one or law.jurisdiction.startswith(f"{one}-") for one in wanted
    )
