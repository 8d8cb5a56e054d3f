"""From what an engine answered to the published result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from tosrules.engines.outcome import (
    ClauseOutcome,
    Evidence,
    Match,
    Outcome,
    ends,
    excepted,
    kinds,
)
from tosrules.engines.outcome import Computed as ComputedValue
from tosrules.engines.outcome import Finding as Found
from tosrules.policy.expressions import AttributeOf
from tosrules.policy.model import (
    SEVERITIES,
    BoundRule,
    Clause,
    LinkChange,
    Policy,
    SequenceRule,
    StatusChange,
)
from tosrules.record import replace
from tosrules.result import cite, model
from tosrules.result.ids import finding_id
from tosrules.result.parties import known_by
from tosrules.result.reading import form_of, parameters_of, parts, reads
from tosrules.result.run import RunFacts, run_of
from tosrules.result.secrets import Secrets
from tosrules.result.sentences import Chains, Teller
from tosrules.result.unjudged import Outside, keyless, outside
from tosrules.result.values import plain
from tosrules.result.wording import bare, written
from tosrules.trace.event import Event
from tosrules.trace.instants import format_instant
from tosrules.trace.trace import Recorded

EXAMPLES = 3
"""Places shown for each reason why a clause could not be determined."""

if TYPE_CHECKING:
    from tosrules.result.excuses import Excuses
    from tosrules.result.words import Words

T = TypeVar("T")


def assemble(
    policy: Policy, trace: Recorded, outcome: Outcome, facts: RunFacts | None = None
) -> model.Result:
    """The result of judging `trace` by `policy`, ready for every report."""
    return _Assembly(policy, trace, facts or RunFacts()).result(outcome)


class _Shared:
    """What all findings of one rule have in common, made ready once."""

    def __init__(self, found: Found, policy: Policy) -> None:
        self.rule = _rule(found.rule)
        self.citations = tuple(cite.citation(c, policy) for c in found.clause.citations)
        self.parameters = parameters_of(found.rule, policy)
        self._reads = reads(found.rule.rule)
        self._any_step = tuple(dict.fromkeys(n for names in self._reads.values() for n in names))

    def read(self, evidence: Evidence) -> tuple[str, ...]:
        """The attributes that the rule reads of the event; where its role does not tell the
        step, of any step."""
        return self._reads.get(evidence.role, self._any_step)


class _Assembly:
    def __init__(self, policy: Policy, trace: Recorded, facts: RunFacts) -> None:
        self.policy = policy
        self.trace = trace
        self.facts = facts
        self.secrets = Secrets(policy.vocabulary)
        self.teller = Teller(policy, self.secrets, trace.observed)
        self._excuses: Excuses | None = None
        self.citing = cite.Citing(self.secrets)
        self._shared: dict[int, _Shared] = {}

    def result(self, outcome: Outcome) -> model.Result:
        found = sorted(
            ((f, finding_id(f)) for c in outcome.clauses for f in c.findings), key=_gravest_first
        )
        findings = tuple(self._finding(f, id) for f, id in found)
        judged = [c.clause for c in outcome.clauses]
        unjudged = outside(judged, self.policy, self.trace)
        clauses = tuple(
            self._clause(
                c,
                tuple(finding_id(f) for f in c.findings),
                beyond,
                keyless(c.clause, self.policy, outcome.keyless),
            )
            for c, beyond in zip(outcome.clauses, unjudged, strict=True)
        )
        result = model.Result(
            model.RESULT,
            run_of(self.policy, self.trace, outcome.keyless, self.facts),
            _summary(clauses, findings),
            clauses,
            findings,
        )
        secrets = self.secrets.within_texts()
        if not secrets:
            return result
        from tosrules.result.sweep import swept

        return swept(result, secrets)

    # ---- findings --------------------------------------------------------------------------

    def _finding(self, found: Found, id: str) -> model.Finding:
        clause, first = found.clause, found.matches[0]
        limit = self.facts.evidence
        shown = ends(found.evidence, limit)
        context = ends(found.context, limit)
        self._cite((*context, *shown))
        shared = self._of_rule(found)
        several = kinds(found.matches)
        worst = _gravest([match for match, _ in several])
        not_established, not_excused = self._exceptions(found)
        return model.Finding(
            id=id,
            clause=clause.id,
            pack=clause.pack,
            title=clause.title,
            rule=shared.rule,
            severity=worst.severity.level,
            aggravated_by=worst.severity.text if worst.severity.when is not None else "",
            subject=self._subject(found),
            through=tuple(dict.fromkeys(p for m, _ in several for p in m.through)),
            key={n: plain(self.secrets.hide(v), None) for n, v in first.key.items()},
            first=format_instant(found.evidence[0].event.time),
            last=format_instant(found.evidence[-1].event.time),
            due=None if first.due is None else format_instant(first.due),
            matches=len(found.matches),
            occurrences=self._occurrences(found),
            ties=found.ties,
            evidence=tuple(self._evidence(e, shared.read(e)) for e in shown),
            evidence_total=len(found.evidence),
            context=tuple(self._evidence(e, self._begun(e)) for e in context),
            context_total=len(found.context),
            citations=shared.citations,
            laws=self._laws(found),
            parameters=shared.parameters,
            not_established=not_established,
            not_excused=not_excused,
            computed=tuple(self._computed(c) for c in first.computed),
            explanation=self.teller.because(found),
            remedy=clause.remedy,
            aggravated_words=(
                self._words(clause).condition(worst.severity.when)
                if worst.severity.when is not None
                else ""
            ),
            known_by={}
            if found.subject is not None
            else known_by(found, self.policy, self.secrets),
        )

    def _words(self, clause: Clause) -> Words:
        from tosrules.result.words import Words

        return Words(self.policy, clause)

    def _exceptions(
        self, found: Found
    ) -> tuple[tuple[model.Exception_, ...], tuple[model.Exception_, ...]]:
        """Exceptions that could not be established at some match, and those that never held."""
        if not any(m.not_established or m.not_excused for m, _ in kinds(found.matches)):
            return (), ()
        unknown = excepted(found.matches, "not_established")
        false = excepted(found.matches, "not_excused")
        from tosrules.result.excuses import Excuses

        if self._excuses is None:
            self._excuses = Excuses(self.policy, self.trace, self.secrets)
        policy, excuses, words = self.policy, self._excuses, self._words(found.clause)
        return (
            tuple(
                cite.exception(
                    e, policy, words.condition(e.condition), excuses.why_open(e, matches, found)
                )
                for e, matches in unknown
            ),
            tuple(
                cite.exception(
                    e, policy, words.condition(e.condition), excuses.why_not(e, matches, found)
                )
                for e, matches in false
                if not any(e is other for other, _ in unknown)
            ),
        )

    def _of_rule(self, found: Found) -> _Shared:
        ready = self._shared.get(id(found.rule))
        if ready is None:
            ready = self._shared[id(found.rule)] = _Shared(found, self.policy)
        return ready

    def _begun(self, context: Evidence) -> Iterable[str]:
        """The attributes that a status or a link looked at when the event began it."""
        name, event = context.note, context.event
        policy = self.policy
        changes: list[StatusChange | LinkChange] = [
            *(
                c
                for s in policy.statuses.values()
                if name in (s.name, bare(s.name))
                for c in s.changes
            ),
            *(
                c
                for x in policy.links.values()
                if name in (x.name, bare(x.name))
                for c in x.changes
            ),
        ]
        begins = [c for c in changes if c.begins and event.type in c.step.types]
        return dict.fromkeys(a.name for c in begins for a in parts(c, AttributeOf))

    def _subject(self, found: Found) -> dict[str, str] | None:
        subject = cite.subject(found.subject)
        if subject is None:
            return None
        return {kind: str(self.secrets.hide(id)) for kind, id in subject.items()}

    def _occurrences(self, found: Found) -> tuple[model.Occurrence, ...]:
        rule = found.rule.rule
        steps = rule.steps if isinstance(rule, SequenceRule) else ()
        chains = Chains(found.evidence, steps) if steps else None
        return tuple(
            self._occurrence(m, [] if chains is None else [e for _, e in chains.of(m)])
            for m in ends(found.matches, self.facts.evidence)
        )

    def _occurrence(self, match: Match, chain: Iterable[Event]) -> model.Occurrence:
        return model.Occurrence(
            match.first.id,
            match.completing.id,
            tuple(event.id for event in chain),
            format_instant(match.completing.time),
            None if match.due is None else format_instant(match.due),
            tuple(self._computed(c) for c in match.computed),
        )

    def _computed(self, computed: ComputedValue) -> model.Computed:
        value = computed.value
        shown = None if value is None else plain(self.secrets.hide(value), computed.type)
        return model.Computed(computed.text, shown, computed.type)

    def _laws(self, found: Found) -> tuple[model.Law, ...]:
        """Each law once, whatever the conditions it was named under; plain mentions first."""
        several = kinds(found.matches)
        graded = _once(g for m, _ in several for g in m.laws)
        often: Counter[int] = Counter()
        for match, number in several:
            often.update({id(g): number for g in match.laws})
        kept: dict[model.Law, int] = {}
        for each in graded:
            law = cite.law(each, self.policy, found.clause)
            if cite.in_jurisdiction(law, self.facts.jurisdictions):
                kept[law] = max(kept.get(law, 0), often[id(each)])
        return tuple(replace(law, matches=matches) for law, matches in kept.items())

    def _cite(self, evidence: Sequence[Evidence]) -> None:
        """Names the secrets of cited events in the order of the events."""
        for each in sorted(evidence, key=lambda e: e.event.position):
            self.secrets.cite(each.event)

    def _evidence(self, of: Evidence, read: Iterable[str]) -> model.Evidence:
        return self.citing.evidence(of.event, of.role, read, of.note)

    # ---- clauses ---------------------------------------------------------------------------

    def _clause(
        self,
        came: ClauseOutcome,
        findings: tuple[str, ...],
        beyond: Outside,
        nobody: tuple[model.Keyless, ...],
    ) -> model.ClauseResult:
        clause = came.clause
        return model.ClauseResult(
            id=clause.id,
            pack=clause.pack,
            title=clause.title,
            effective=cite.interval(clause.period),
            verdict=came.verdict,
            findings=findings,
            matches=came.matches,
            relevant=came.relevant,
            waived=came.waived,
            undetermined_events=came.undetermined_events,
            undetermined=tuple(
                model.Undetermined(
                    u.reason,
                    u.attribute,
                    u.count,
                    tuple(cite.place(e.origin) for e in u.events[:EXAMPLES]),
                )
                for u in came.undetermined
            ),
            pending=tuple(
                model.PendingDuty(
                    self._trigger(p.trigger), cite.subject(p.subject), format_instant(p.due)
                )
                for p in came.pending
            ),
            missing=came.missing,
            reported_under=came.reported_under,
            derived_from=clause.derived_from,
            overlays=cite.overlays(clause),
            citations=tuple(cite.citation(c, self.policy) for c in clause.citations),
            before=beyond.before,
            after=beyond.after,
            keyless=nobody,
        )

    def _trigger(self, event: Event) -> model.Evidence:
        self.secrets.cite(event)
        return self.citing.evidence(event, "trigger")


def _once(items: Iterable[T]) -> list[T]:
    """Each object once, by identity: matches share the policy's own."""
    return list({id(item): item for item in items}.values())


def _gravest_first(item: tuple[Found, str]) -> tuple[object, ...]:
    found, id = item
    level = max(SEVERITIES.index(m.severity.level) for m, _ in kinds(found.matches))
    first = found.evidence[0].event if found.evidence else found.matches[0].first
    return -level, first.time, first.position, found.clause.id, found.rule.ordinal, id


def _gravest(matches: Sequence[Match]) -> Match:
    """The first match of the highest severity; unconditional before conditional."""
    return min(
        matches,
        key=lambda m: (-SEVERITIES.index(m.severity.level), m.severity.when is not None),
    )


def _rule(bound: BoundRule) -> model.RuleOf:
    form = form_of(bound.rule)
    span = bound.rule.span
    place = model.Place(span.file, span.line or None, None)
    return model.RuleOf(bound.ordinal, form, written(form, bound.rule.text), place)


def _summary(
    clauses: Sequence[model.ClauseResult], findings: Sequence[model.Finding]
) -> model.Summary:
    verdicts = [c.verdict for c in clauses]
    subjects = {tuple(f.subject.items()) for f in findings if f.subject is not None}
    return model.Summary(
        violated=verdicts.count("violated"),
        undetermined=verdicts.count("undetermined"),
        pending=verdicts.count("pending"),
        clean=verdicts.count("clean"),
        not_exercised=verdicts.count("not exercised"),
        findings=len(findings),
        subjects=len(subjects),
        duties_pending=sum(len(c.pending) for c in clauses),
    )
