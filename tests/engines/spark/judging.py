"""Judging small traces in a session of Spark that other traces were judged in before."""

from __future__ import annotations

from tests.differential.case import Engine
from tosrules.engines.outcome import Outcome
from tosrules.engines.spark.evaluate import judge
from tosrules.engines.spark.memory import load_events
from tosrules.engines.spark.session import Session
from tosrules.plan.planner import needed_columns
from tosrules.policy.model import Policy
from tosrules.trace.trace import Trace


def judged(session: Session, evidence: int | None = None) -> Engine:
    def by_spark(policy: Policy, trace: Trace) -> Outcome:
        clauses = policy.judged()
        scan = needed_columns(policy, clauses)
        columns = load_events(session, trace, scan, policy.vocabulary)
        return judge(session, policy, columns, clauses, evidence)

    return by_spark
