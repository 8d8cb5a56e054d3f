"""Random rules on random traces, and the examples by the whole core and meta packs: Spark says
what the reference evaluator says. `make drt ENGINE=spark` goes on for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.harness import Tried, differing
from tests.engines.spark.judging import judged
from tests.thorough import ALL, tried
from tosrules.engines.reference import evaluate as on_reference
from tosrules.engines.spark import evaluate, nearby, rare
from tosrules.engines.spark.session import Session
from tosrules.language.load import load
from tosrules.result.assemble import assemble
from tosrules.result.run import EVIDENCE, RunFacts
from tosrules.trace.inputs import resolve
from tosrules.trace.read import read_traces

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
NAMES = tried((p.name for p in EXAMPLES.iterdir() if (p / "README.md").is_file()), ("massroot8",))
SEEDS = range(81_000, 81_040) if ALL else range(81_000, 81_001)


@pytest.mark.parametrize("seed", SEEDS)
def test_spark_agrees(seed: int, session: Session) -> None:
    failures = [str(f) for f in differing({"spark": judged(session)}, seed, Tried(), traces=2)]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("near", [0, 4, 100_000] if ALL else [4])
@pytest.mark.parametrize("seed", range(81_000, 81_012) if ALL else [81_005])
def test_tables_of_many_events_give_the_same(
    seed: int, near: int, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`near`: rows up to which tables come to the driver; here all, some or none do. Types with
    half of the events are set apart."""
    monkeypatch.setattr(rare, "SHARE", 2)
    monkeypatch.setattr(evaluate, "FEW", 0)
    monkeypatch.setattr(nearby, "NEAR", near)
    monkeypatch.setattr(nearby, "EVENTS_NEAR", near)
    monkeypatch.setattr(nearby, "LEAST", min(near + 1, nearby.LEAST))
    failures = [str(f) for f in differing({"spark": judged(session)}, seed, Tried(), traces=1)]
    assert not failures, "\n".join(failures)


@pytest.mark.skipif(not ALL, reason="make full judges examples by whole packs on Spark too")
@pytest.mark.parametrize("name", NAMES)
def test_an_example_by_the_core_and_meta_packs(name: str, session: Session) -> None:
    policy = load(["core", "meta"], shipped_tests=False).policy
    assert policy is not None
    files = [f.path for f in resolve([str(EXAMPLES / name)]).files]
    trace = read_traces(files, policy.vocabulary, zone="UTC")
    facts = RunFacts()
    expected = assemble(policy, trace, on_reference(policy, trace), facts)
    came = assemble(policy, trace, judged(session, EVIDENCE)(policy, trace), facts)
    assert came.summary == expected.summary
    assert came == expected
