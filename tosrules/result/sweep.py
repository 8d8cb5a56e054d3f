"""The last look over a result: the secret of one cited event may stand in the text of another.

Goes over what a result has from its trace, and not over what the rules say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tosrules.record import replace
from tosrules.result import model
from tosrules.result.model import Plain
from tosrules.result.scan import Scan


def swept(result: model.Result, names: Mapping[str, str]) -> model.Result:
    """The result with every text of `names` in it replaced by its name."""
    scan = Scan(names)
    return _Sweep(lambda text: scan.replaced(text, names.__getitem__)).result(result)


class _Sweep:
    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text
        self._shared: dict[int, dict[str, Plain]] = {}
        """Attributes of an event that many findings cite, by their identity: seen to once."""

    def result(self, of: model.Result) -> model.Result:
        return replace(
            of,
            run=self._run(of.run),
            clauses=tuple(self._clause(c) for c in of.clauses),
            findings=tuple(self._finding(f) for f in of.findings),
        )

    def _run(self, of: model.Run) -> model.Run:
        text = self._text
        return replace(
            of,
            title=text(of.title),
            traces=tuple(replace(t, title=text(t.title)) for t in of.traces),
            skipped_records=tuple(replace(s, message=text(s.message)) for s in of.skipped_records),
            notes=tuple(replace(n, text=text(n.text)) for n in of.notes),
        )

    def _plain(self, value: Plain) -> Plain:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, tuple):
            return tuple(self._text(p) if isinstance(p, str) else p for p in value)
        return value

    def _values(self, of: Mapping[str, Plain]) -> dict[str, Plain]:
        return {name: self._plain(value) for name, value in of.items()}

    def _subject(self, of: model.SubjectOf | None) -> model.SubjectOf | None:
        if of is None:
            return None
        return {kind: id if kind == "name" else self._text(id) for kind, id in of.items()}

    def _evidence(self, of: model.Evidence) -> model.Evidence:
        values = self._shared.get(id(of.attributes))
        if values is None:
            values = self._shared[id(of.attributes)] = self._values(of.attributes)
        event = self._text(of.event)
        if event == of.event and values == of.attributes:
            return of
        return replace(of, event=event, attributes=values)

    def _computed(self, of: model.Computed) -> model.Computed:
        value = None if of.value is None else self._plain(of.value)
        return of if value == of.value else replace(of, value=value)

    def _occurrence(self, of: model.Occurrence) -> model.Occurrence:
        made = model.Occurrence(
            self._text(of.first),
            self._text(of.completing),
            tuple(map(self._text, of.chain)),
            of.time,
            of.due,
            tuple(map(self._computed, of.computed)),
        )
        return of if made == of else made

    def _finding(self, of: model.Finding) -> model.Finding:
        return replace(
            of,
            subject=self._subject(of.subject),
            through=tuple(map(self._text, of.through)),
            key=self._values(of.key),
            known_by={name: self._text(value) for name, value in of.known_by.items()},
            occurrences=tuple(map(self._occurrence, of.occurrences)),
            evidence=tuple(map(self._evidence, of.evidence)),
            context=tuple(map(self._evidence, of.context)),
            computed=tuple(map(self._computed, of.computed)),
            explanation=self._text(of.explanation),
            not_established=tuple(map(self._exception, of.not_established)),
            not_excused=tuple(map(self._exception, of.not_excused)),
        )

    def _exception(self, of: model.Exception_) -> model.Exception_:
        return replace(of, why=self._text(of.why))

    def _clause(self, of: model.ClauseResult) -> model.ClauseResult:
        if not of.pending:
            return of
        pending = (
            replace(p, trigger=self._evidence(p.trigger), party=self._subject(p.party))
            for p in of.pending
        )
        return replace(of, pending=tuple(pending))
