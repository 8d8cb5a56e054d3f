"""The peers' benchmark asks all of them the same: their counts of matches agree."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
EVENTS = 2_000


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from generate import generate

    file = tmp_path_factory.mktemp("peers") / "trace.jsonl"
    generate(EVENTS, file)
    return file


@pytest.fixture(scope="module", autouse=True)
def scripts() -> None:
    """The benchmarks import each other as scripts do."""
    if str(BENCHMARKS) not in sys.path:
        sys.path.insert(0, str(BENCHMARKS))


@pytest.mark.parametrize("name", ["filter", "matching-1d"])
def test_all_parties_find_the_same_number_of_matches(trace: Path, name: str) -> None:
    import peers

    expected = peers.loop_lines(name, str(trace), str(EVENTS // 10))
    assert expected["matches"] > 0
    assert expected["among"] < expected["matches"]
    assert peers.ours(name, str(trace))["matches"] == expected["matches"]
    assert peers.sql_lines(name, str(trace))["matches"] == expected["matches"]
    for party in (peers.loop_memory, peers.sql_memory):
        assert party(str(trace), [name])[name]["matches"] == expected["matches"]


def test_every_question_is_a_clause() -> None:
    from peer_questions import questions
    from peers import RULES

    from tosrules.language.load import load

    policy = load([str(RULES)], shipped_tests=False).policy
    assert policy is not None
    clauses = [clause.id.rpartition("/")[2] for clause in policy.judged()]
    assert sorted(question.name for question in questions()) == sorted(clauses)


def test_eql_is_given_the_same_events(trace: Path, tmp_path: Path) -> None:
    import json

    from peers import eql_lines

    eql_lines(EVENTS, tmp_path / "eql.jsonl")
    lines = (file.read_text("utf-8").splitlines() for file in (trace, tmp_path / "eql.jsonl"))
    for ours, theirs in zip(*lines, strict=True):
        event, spelled = json.loads(ours), json.loads(theirs)
        assert spelled.pop("event_type") == event.pop("type").replace(".", "_")
        assert isinstance(spelled.pop("timestamp"), int)
        del event["time"]
        assert spelled == event
