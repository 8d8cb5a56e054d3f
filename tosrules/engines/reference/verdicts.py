"""Verdicts: what all rules of a clause come to (semantics V1, V8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tosrules.engines.outcome import (
    ClauseOutcome,
    Finding,
    Outcome,
    Pending,
    Undetermined,
    in_order,
)
from tosrules.engines.reference.counting import Judge, Tally
from tosrules.engines.reference.matches import Draft
from tosrules.engines.reference.rules import drafts_of, findings_of
from tosrules.engines.reference.world import World
from tosrules.policy.model import Clause
from tosrules.policy.unknown import Reason
from tosrules.policy.walk import steps_of
from tosrules.trace.event import Event

Reported = tuple[int, int]
"""A rule's ordinal and the position of a completing event."""


class _Case:
    """One clause while it is judged."""

    def __init__(self, clause: Clause) -> None:
        self.clause = clause
        self.tally = Tally()
        self.judges: list[Judge] = []
        self.drafts: list[list[Draft]] = []
        """Per rule."""
        self.pending: list[Pending] = []


def judge_clauses(world: World, clauses: Sequence[Clause]) -> Outcome:
    """The outcome of each clause, in the order given."""
    cases = [_case(world, clause) for clause in clauses]
    repeating: dict[str, list[_Case]] = {}
    for case in cases:
        if case.clause.derived_from:
            repeating.setdefault(case.clause.derived_from, []).append(case)
    outcomes = tuple(_outcome(world, case, repeating.get(case.clause.id, ())) for case in cases)
    keyless = {
        name: history.keyless
        for table in (world.statuses, world.links)
        for name, history in table.items()
        if history.keyless
    }
    return Outcome(outcomes, dict(sorted(keyless.items())))


def _case(world: World, clause: Clause) -> _Case:
    case = _Case(clause)
    for rule in clause.rules:
        judge = Judge(world, clause, rule, case.tally)
        made, pending = drafts_of(judge)
        case.judges.append(judge)
        case.drafts.append(made)
        case.pending += pending
    return case


def _outcome(world: World, case: _Case, repeating: Sequence[_Case]) -> ClauseOutcome:
    taken = _reported_elsewhere(case, repeating)
    under: Counter[str] = Counter()
    findings: list[Finding] = []
    matches = 0
    for judge, made in zip(case.judges, case.drafts, strict=True):
        kept = []
        for draft in made:
            place = (judge.rule.ordinal, draft.match.completing.position)
            if place in taken:
                under[taken[place]] += 1
            else:
                kept.append(draft)
        matches += len(kept)
        findings += findings_of(judge, kept)
    findings.sort(key=_finding_order)
    tally = case.tally
    return ClauseOutcome(
        case.clause,
        _verdict(bool(findings or under), tally, bool(case.pending)),
        tuple(findings),
        matches,
        len(tally.relevant),
        len(tally.waived),
        len(tally.undetermined),
        in_order(case.pending),
        _grouped(tally),
        _missing_types(world, case.clause),
        dict(sorted(under.items())),
    )


def _verdict(violated: bool, tally: Tally, pending: bool) -> str:
    if violated:
        return "violated"
    if tally.undetermined:
        return "undetermined"
    if pending:
        return "pending"
    return "clean" if tally.relevant else "not exercised"


def _finding_order(found: Finding) -> tuple[int, int, int, str]:
    return (
        found.evidence[0].event.position,
        found.matches[0].completing.position,
        found.rule.ordinal,
        repr(found.subject),
    )


def _reported_elsewhere(case: _Case, repeating: Sequence[_Case]) -> dict[Reported, str]:
    """What the clauses that repeat this one's rules report in its stead."""
    taken: dict[Reported, str] = {}
    for other in repeating:
        if other is not case:
            for judge, made in zip(other.judges, other.drafts, strict=True):
                for draft in made:
                    place = (judge.rule.ordinal, draft.match.completing.position)
                    taken.setdefault(place, other.clause.id)
    return taken


def _grouped(tally: Tally) -> tuple[Undetermined, ...]:
    """The undetermined events by reason; one with two reasons stands under both."""
    groups: dict[Reason, list[Event]] = {}
    for position in sorted(tally.undetermined):
        event, why = tally.undetermined[position]
        for reason in why:
            groups.setdefault(reason, []).append(event)
    return tuple(
        Undetermined(reason.reason, reason.attribute, tuple(groups[reason]), len(groups[reason]))
        for reason in sorted(groups)
    )


def _missing_types(world: World, clause: Clause) -> tuple[str, ...]:
    """Event types that the clause's rules read and the trace has none of."""
    read: set[str] = set()
    for bound in clause.rules:
        for step in steps_of(bound.rule):
            read |= world.recorded_types(step)
    return tuple(sorted(read - world.types))
