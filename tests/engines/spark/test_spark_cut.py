"""On Spark, too, what is told of findings that are cut is what is told of whole ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.differential.case import Engine
from tests.differential.compare import difference
from tests.differential.engines import by_reference
from tests.engines.test_cut import SHOWN, shown, tells_the_same
from tests.thorough import ALL
from tosrules.engines import cut
from tosrules.engines.spark import evaluate, nearby
from tosrules.engines.spark.memory import load_events
from tosrules.engines.spark.session import Session
from tosrules.language.load import load
from tosrules.plan.planner import needed_columns
from tosrules.policy.model import Policy
from tosrules.trace.read import read_traces
from tosrules.trace.trace import Trace


def cut_by_spark(session: Session, near: int, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """`near`: rows of the tables that come to the driver."""
    monkeypatch.setattr(cut, "LONG", 0)
    monkeypatch.setattr(evaluate, "FEW", 0)
    monkeypatch.setattr(nearby, "NEAR", near)
    monkeypatch.setattr(nearby, "EVENTS_NEAR", near)
    monkeypatch.setattr(nearby, "LEAST", near + 1)

    def judged(policy: Policy, trace: Trace) -> Any:
        clauses = policy.judged()
        scan = needed_columns(policy, clauses)
        columns = load_events(session, trace, scan, policy.vocabulary)
        elsewhere = replace(columns, at_hand=False)
        outcome = evaluate.judge(session, policy, elsewhere, clauses, SHOWN)
        return shown(policy, trace, outcome)

    return judged


LIKES = """pack likes "Cut findings" version "1" language 1

source terms { title "Terms of an example" }

clause too-many "Too many likes" {
  cite     terms
  severity low
  forbid more than 10 engagement.like per actor within 1 hour
}
"""


@pytest.mark.parametrize("near", [0, 1_000])
def test_what_a_report_asks_after_judging_is_answered(
    near: int, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of what types the events are, and who acted, is asked when the result is put together."""
    rules = tmp_path / "likes.tos"
    rules.write_text(LIKES)
    policy = load([str(rules)], shipped_tests=False).policy
    assert policy is not None
    lines = tmp_path / "likes.jsonl"
    lines.write_text(
        "".join(
            f'{{"id":"e-{n:03}","time":"2026-01-01T00:{n:02}:00Z","type":"engagement.like",'
            f'"actor":"p-{n % 2}","target.id":"t-{n}"}}\n'
            for n in range(40)
        )
    )
    trace = read_traces([lines], policy.vocabulary, zone="UTC")
    wanted = shown(policy, trace, by_reference(policy, trace))
    assert len(wanted["findings"]) == 2
    assert difference(wanted, cut_by_spark(session, near, monkeypatch)(policy, trace)) is None


@pytest.mark.parametrize("near", [0, 4, 1_000] if ALL else [1_000])
@pytest.mark.parametrize("seed", range(90_000, 90_012) if ALL else [90_003, 90_006])
def test_findings_that_are_cut_on_spark(
    seed: int, near: int, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tells_the_same(seed, cut_by_spark(session, near, monkeypatch), traces=1)
