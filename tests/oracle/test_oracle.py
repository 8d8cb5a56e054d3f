"""The reference evaluator against a naive one, on random traces full of ties.

`TOSRULES_ORACLE=2000 pytest tests/oracle` tries that many traces per feature.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import Naive
from rules_pool import POOLS, text_of
from traces import OBSERVED, RECORDS, events_of, policy_of, trace_of

from tosrules.engines.outcome import ClauseOutcome
from tosrules.engines.reference import evaluate
from tosrules.policy.model import SEVERITIES

EXAMPLES = int(os.environ.get("TOSRULES_ORACLE", "150"))


def answer(clause: ClauseOutcome) -> dict[str, Any]:
    findings = [
        (
            f.rule.ordinal,
            None if f.subject is None else f.subject.id,
            max((x.severity.level for x in f.matches), key=SEVERITIES.index),
            tuple(sorted({g.law.source for x in f.matches for g in x.laws})),
            tuple(sorted({e.text for x in f.matches for e in x.not_established})),
            tuple(x.completing.position for x in f.matches),
            tuple(e.event.position for e in f.evidence),
        )
        for f in clause.findings
    ]
    doubts: dict[int, set[tuple[str, str]]] = {}
    for row in clause.undetermined:
        for event in row.events:
            doubts.setdefault(event.position, set()).add((row.reason, row.attribute))
    assert len(doubts) == clause.undetermined_events, "every undetermined event has a reason"
    for f in clause.findings:
        assert min(x.first.position for x in f.matches) == f.evidence[0].event.position
    return {
        "verdict": clause.verdict,
        "findings": sorted(findings, key=repr),
        "relevant": clause.relevant,
        "undetermined": doubts,
        "waived": clause.waived,
        "pending": sorted(
            ((p.trigger.position, p.subject and p.subject.id, p.due) for p in clause.pending),
            key=repr,
        ),
    }


def naive_answer(world: Naive, clause: Any) -> dict[str, Any]:
    said = world.judge(clause)
    return {
        "verdict": said.verdict,
        "findings": said.findings,
        "relevant": len(said.relevant),
        "undetermined": said.undetermined,
        "waived": len(said.waived),
        "pending": said.pending,
    }


@pytest.mark.parametrize("feature", sorted(POOLS))
def test_as_by_definition(feature: str) -> None:
    pool = POOLS[feature]
    policies = [policy_of(text_of(*rules)) for rules in pool]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize="TOSRULES_ORACLE" not in os.environ,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(which=st.integers(0, len(pool) - 1), records=RECORDS, seen=st.sampled_from(OBSERVED))
    def compare(which: int, records: list[Any], seen: tuple[int, int]) -> None:
        events = events_of(records)
        trace = trace_of(events, seen)
        policy = policies[which]
        outcome = evaluate(policy, trace)
        world = Naive(policy, events, trace.observed)
        for clause in outcome.clauses:
            came, wanted = answer(clause), naive_answer(world, clause.clause)
            assert came == wanted, "".join(pool[which])

    compare()
