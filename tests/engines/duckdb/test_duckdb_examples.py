"""The whole core and meta packs on every example, on both engines: the same result but for the
engine's name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.thorough import tried
from tosrules.engines.duckdb.evaluate import evaluate as on_duckdb
from tosrules.engines.reference import evaluate as on_reference
from tosrules.language.load import load
from tosrules.policy.model import Policy
from tosrules.result.assemble import assemble
from tosrules.result.run import EVIDENCE, RunFacts
from tosrules.trace.inputs import resolve
from tosrules.trace.read import read_traces

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
TRACES = [
    EXAMPLES / name
    for name in tried(p.name for p in EXAMPLES.iterdir() if (p / "README.md").is_file())
]


@cache
def packs() -> Policy:
    loaded = load(["core", "meta"], shipped_tests=False)
    assert loaded.policy is not None, loaded.diagnostics
    return loaded.policy


@pytest.mark.parametrize("folder", TRACES, ids=lambda p: p.name)
def test_both_engines_say_the_same(folder: Path) -> None:
    policy = packs()
    files = [f.path for f in resolve([str(folder)]).files]
    trace = read_traces(files, policy.vocabulary, zone="UTC")
    facts = RunFacts()
    expected = assemble(policy, trace, on_reference(policy, trace), facts)
    came = assemble(policy, trace, on_duckdb(policy, trace, evidence=EVIDENCE), facts)
    assert came.summary == expected.summary
    for mine, theirs in zip(came.findings, expected.findings, strict=True):
        assert mine == theirs
    assert came == expected
