"""The five forms of rules, each from its events to its matches (semantics R, Q, S, O, V)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from tosrules.engines.outcome import Computed, Finding, Pending
from tosrules.engines.reference.chains import Chains
from tosrules.engines.reference.counting import Exceptions, Judge
from tosrules.engines.reference.duties import Duties, Duty
from tosrules.engines.reference.expressions import View
from tosrules.engines.reference.findings import (
    COMPLETES,
    COUNTS,
    by_subject,
    chained,
    finding,
)
from tosrules.engines.reference.matches import Draft, Piece, computed_of, drafts, recorded, subjects
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.rates import Judged, Key, judge_quota, judge_rate, keys_of
from tosrules.engines.reference.windows import Counting, operands
from tosrules.policy import expressions as p
from tosrules.policy.aggregates import aggregates_of
from tosrules.policy.model import (
    EventRule,
    ObligationRule,
    QuotaRule,
    RateRule,
    SequenceRule,
    Step,
)

DAY = 86_400 * 1_000_000
"""Matches of event rules join within a day unless the clause says otherwise (V4)."""


def drafts_of(judge: Judge) -> tuple[list[Draft], list[Pending]]:
    """The matches of one rule, and for an obligation the duties still open."""
    rule = judge.rule.rule
    match rule:
        case EventRule():
            return list(_event(judge, rule)), []
        case RateRule():
            return list(_rate(judge, rule)), []
        case QuotaRule():
            return list(_quota(judge, rule)), []
        case SequenceRule():
            return list(_sequence(judge, rule)), []
        case ObligationRule():
            return _obligation(judge, rule)


def findings_of(judge: Judge, made: list[Draft]) -> Iterator[Finding]:
    """The matches of one rule joined into findings."""
    rule = judge.rule.rule
    groups: Iterable[list[Draft]]
    match rule:
        case EventRule():
            length = judge.clause.together
            together = DAY if length is None else judge.world.length(length, judge.settings)
            groups = by_subject(made, partial(_close, together))
        case RateRule():
            # Matches of one key, and where `binds` tells subjects apart, of one subject.
            within = judge.world.length(rule.within, judge.settings)
            ordered = sorted(made, key=_key_and_subject)
            groups = chained(ordered, partial(_same_key, within))
        case SequenceRule():
            groups = by_subject(sorted(made, key=lambda d: d.first), _meets)
        case QuotaRule() | ObligationRule():
            groups = ([draft] for draft in made)
    for group in groups:
        yield finding(judge.clause, judge.rule, group)


def _close(together: int, before: Draft, here: Draft, _until: int) -> bool:
    return here.match.completing.time - before.match.completing.time <= together


def _meets(_before: Draft, here: Draft, until: int) -> bool:
    return here.first <= until


def _key_and_subject(draft: Draft) -> tuple[str, str, str]:
    subject = draft.match.subject
    return (repr(draft.window), subject.kind if subject else "", subject.id if subject else "")


def _same_key(within: int, before: Draft, here: Draft, _until: int) -> bool:
    return _key_and_subject(before) == _key_and_subject(here) and (
        here.match.completing.time - before.match.completing.time <= within
    )


# ---- event rules -----------------------------------------------------------------------------


def _event(judge: Judge, rule: EventRule) -> Iterator[Draft]:
    """Every event that counts is a match."""
    _see_below(judge, rule.step)
    for occurrence in judge.events_of(rule.step):
        view = judge.view(occurrence)
        exceptions = judge.counts(occurrence, view, rule.step.where)
        if exceptions is not None:
            yield from drafts(
                judge.rule,
                view,
                exceptions,
                _violating(occurrence),
                conditions=[(rule.step.where, view)],
                in_order=occurrence.tied,
            )


def _violating(occurrence: Occurrence) -> list[Piece]:
    """The event that violates; a signal's other events count."""
    pieces: list[Piece] = [([occurrence.event], COMPLETES)]
    if occurrence.stretch is not None:
        pieces.append((occurrence.stretch, COUNTS))
    elif occurrence.chain:
        pieces.append((recorded(occurrence), COUNTS))
    return pieces


def _see_below(judge: Judge, *steps: Step) -> None:
    """A rule on a signal is about the events the signal is made of: they are relevant, and
    what could not be judged for the signal is undetermined for the clause."""
    for step in steps:
        for name in step.signals:
            history = judge.world.signals[name]
            for event_type in history.types:
                for occurrence in judge.world.recorded(event_type):
                    if judge.in_period(occurrence):
                        judge.tally.see(occurrence)
            for event, why in history.tally.undetermined.values():
                if judge.clause.period.holds(event.time):
                    judge.tally.doubt(event, why)


# ---- rates and quotas --------------------------------------------------------------------------


def _counting(
    judge: Judge, rule: RateRule | QuotaRule
) -> tuple[dict[Key, list[Counting]], dict[int, Exceptions]]:
    """The counting events of each key, and how the exceptions came out for them."""
    _see_below(judge, rule.step)
    aggregates = aggregates_of(rule.having)
    needed: list[p.Expression] = [k.value for k in rule.keys]
    needed += [
        a.operand for a in aggregates if a.operand is not None and not isinstance(a.operand, p.Gap)
    ]
    by_key: dict[Key, list[Counting]] = {}
    asked: dict[int, Exceptions] = {}
    for occurrence in judge.events_of(rule.step):
        view = judge.view(occurrence)
        exceptions = judge.counts(occurrence, view, rule.step.where, needed)
        if exceptions is None:
            continue
        asked[occurrence.order] = exceptions
        counting = Counting(occurrence, operands(aggregates, view))
        by_key.setdefault(keys_of(rule.keys, view), []).append(counting)
    return by_key, asked


def _rate(judge: Judge, rule: RateRule) -> Iterator[Draft]:
    """A match at every instant of a key at which the rate holds (semantics R1)."""
    by_key, asked = _counting(judge, rule)
    within = judge.world.length(rule.within, judge.settings)
    for judged in judge_rate(by_key, within, rule.having, judge.world, judge.settings):
        if judged.holds:
            yield from _counted(judge, rule, judged, asked, judged.key)


def _quota(judge: Judge, rule: QuotaRule) -> Iterator[Draft]:
    """A match for every key and calendar window in which the quota is broken (semantics Q2)."""
    by_key, asked = _counting(judge, rule)
    broken = judge_quota(by_key, rule.window, rule.having, judge.world, judge.settings)
    for judged, _ in broken:
        yield from _counted(judge, rule, judged, asked, (judged.key, judged.stretch.start))


def _counted(
    judge: Judge,
    rule: RateRule | QuotaRule,
    judged: Judged,
    asked: dict[int, Exceptions],
    window: object,
) -> list[Draft]:
    view = judge.view(judged.by)
    return drafts(
        judge.rule,
        view,
        asked[judged.by.order],
        [(judged.stretch, COUNTS)],
        conditions=[(rule.step.where, view)],
        key=judged.key,
        keys=rule.keys,
        computed=computed_of(rule, judged.computed, view),
        window=window,
    )


# ---- sequences -----------------------------------------------------------------------------------


def _sequence(judge: Judge, rule: SequenceRule) -> Iterator[Draft]:
    """A match for every completing event that has a chain (semantics S2)."""
    _see_below(judge, *(s.step for s in rule.steps))
    alone = judge.of_one_event(rule.steps[-1].step.role)

    def admit(
        occurrence: Occurrence,
        view: View,
        where: p.Expression | None,
        needed: list[p.Expression],
    ) -> bool:
        return alone.counts(occurrence, view, where, needed, waive=False) is not None

    chains = Chains(rule, judge.world, judge.settings, judge.tally, judge.in_period, admit)
    for chain in chains.complete():
        view = chain.view(judge.world, judge.settings)
        exceptions = judge.counts(chain.last, view, None)
        if exceptions is None:
            continue
        pieces: list[Piece] = []
        conditions: list[tuple[p.Expression | None, View]] = []
        for step, occurrence in zip(rule.steps, chain.steps, strict=True):
            pieces.append(([occurrence.event], step.step.role))
            if occurrence.stretch is not None:
                pieces.append((occurrence.stretch, COUNTS))
            elif occurrence.chain:
                pieces.append((recorded(occurrence), COUNTS))
            conditions.append((step.step.where, judge.view(occurrence, step.step.role)))
        yield from drafts(
            judge.rule, view, exceptions, pieces, conditions=conditions, in_order=chain.tied
        )


# ---- obligations ---------------------------------------------------------------------------------


def _obligation(judge: Judge, rule: ObligationRule) -> tuple[list[Draft], list[Pending]]:
    """A match for every duty unmet at its deadline; duties still open apart (semantics O2)."""
    _see_below(judge, rule.trigger)
    duties = Duties(rule, judge.world, judge.settings)
    made: list[Draft] = []
    pending: list[Pending] = []
    for occurrence in judge.events_of(rule.trigger):
        view = judge.view(occurrence, rule.trigger.role)
        exceptions = judge.counts(occurrence, view, rule.trigger.where)
        if exceptions is None:
            continue
        duty = duties.judge(occurrence, view)
        if duty.outcome == "undetermined":
            judge.tally.doubt(occurrence.event, duty.why)
        elif duty.outcome == "pending":
            assert duty.due is not None
            for subject, _ in subjects(judge.rule, view, (), ()):
                pending.append(Pending(occurrence.event, subject, duty.due))
        elif duty.outcome == "violated":
            made += _unmet(judge, rule, duty, view, exceptions)
    return made, pending


def _unmet(
    judge: Judge, rule: ObligationRule, duty: Duty, view: View, exceptions: Exceptions
) -> list[Draft]:
    pieces: list[Piece] = [([duty.trigger.event], "trigger")]
    computed: tuple[Computed, ...] = (Computed("due", duty.due, "time"),)
    if duty.late is not None:
        pieces.append(([duty.late.event], "late"))
        computed += (Computed("done", duty.late.time, "time"),)
    return drafts(
        judge.rule,
        view,
        exceptions,
        pieces,
        conditions=[(rule.trigger.where, view)],
        computed=computed,
        in_order=duty.tied,
        due=duty.due,
    )
