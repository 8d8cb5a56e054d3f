"""The SQL that `tosrules compile` prints, run as it is printed, finds what `check` finds."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tosrules.engines.duckdb.memory import load_events
from tosrules.engines.duckdb.session import Session
from tosrules.engines.outcome import ClauseOutcome
from tosrules.engines.reference import evaluate
from tosrules.engines.scripts import dialect, laid_out, printed
from tosrules.language.load import load
from tosrules.plan.planner import needed_columns
from tosrules.plan.script import Script, script
from tosrules.policy.model import Policy
from tosrules.trace.read import read_traces
from tosrules.trace.trace import Trace

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "tests" / "conformance"
FORMS = (
    "O1-a-duty-per-trigger",
    "O2-fulfilment-unknown",
    "O3-business-days",
    "Q1-long-and-short-days",
    "R1-sum-min-max",
    "R3-two-findings",
    "R4-as-a-step",
    "S2-latest-out-of-time",
    "S4-difference-of-tuples",
    "U3-remembers-the-latest",
    "U4-unknown",
    "V1-pending-before-clean",
    "V3-highest-of-any-match",
    "V6-context",
)


def cases() -> list[Path]:
    """One of each form of rule; with TOSRULES_TESTS=all every one that is a trace to judge."""
    every = sorted(p.parent for p in CONFORMANCE.glob("*/expected.json"))
    plain = []
    for folder in every:
        said = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        if not said.get("options") and "clauses" in said:
            plain.append(folder)
    return (
        plain
        if os.environ.get("TOSRULES_TESTS") == "all"
        else [f for f in plain if f.name in FORMS]
    )


def policy_of(*rules: str) -> Policy:
    policy = load(rules, shipped_tests=False).policy
    assert policy is not None
    return policy


def wanted(outcome: ClauseOutcome) -> dict[str, Any]:
    """What the tables must hold, from the outcome of the reference evaluator."""
    return {
        "matches": Counter(
            (
                f.rule.ordinal + 1,
                m.completing.position,
                m.first.position,
                None if m.subject is None else m.subject.id,
                m.severity.level,
                m.due,
            )
            for f in outcome.findings
            for m in f.matches
        ),
        "evidence": Counter(
            (f.rule.ordinal + 1, e.event.position, e.role)
            for f in outcome.findings
            for e in f.evidence
        ),
        "pending": Counter((p.trigger.position, p.due) for p in outcome.pending),
        "undetermined": Counter({(u.reason, u.attribute): u.count for u in outcome.undetermined}),
        "counts": {
            "relevant": outcome.relevant,
            "undetermined": outcome.undetermined_events,
            "waived": outcome.waived,
        },
    }


def found(session: Session, prefix: str, made: Script) -> dict[str, Any]:
    def rows(what: str, columns: str) -> list[Any]:
        if what not in made.outputs:
            return []
        asked = f'SELECT {columns} FROM "{prefix}_{what}"'
        return session.connection.execute(asked).fetchall()

    return {
        "matches": Counter(rows("matches", "rule, pos, first_pos, subject, severity, due")),
        "evidence": Counter(rows("evidence", "rule, pos, role")),
        "pending": Counter(rows("pending", "pos, due")),
        "undetermined": Counter(rows("undetermined", "reason, attribute")),
        "counts": dict(rows("counts", "what, events")),
    }


def judge(policy: Policy, trace: Trace) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What is found and what is wanted of each clause, unless its script says that it stops."""
    spoken = dialect("duckdb")
    both = []
    for clause in policy.judged():
        (outcome,) = evaluate(policy, trace, [clause]).clauses
        made = script(policy, clause, trace.observed)
        with Session(threads=1) as session:
            load_events(session, trace, needed_columns(policy, [clause]), policy.vocabulary)
            statements = printed(made, spoken, "own")
            try:
                session.connection.execute(statements)
            except duckdb.InvalidInputException as error:
                if not made.links or "tosrules check must judge these events" not in str(error):
                    raise
                continue
            both.append((found(session, "own", made), wanted(outcome)))
    return both


@pytest.mark.parametrize("folder", cases(), ids=lambda folder: folder.name)
def test_printed_statements_find_what_check_finds(folder: Path) -> None:
    policy = policy_of(str(folder / "rules.tos"))
    trace = read_traces([str(folder / "trace.jsonl")], policy.vocabulary)
    for came, expected in judge(policy, trace):
        assert came == expected


def test_a_script_stops_where_a_link_is_opened() -> None:
    policy = policy_of(str(CONFORMANCE / "U5-itself-and-all-reached" / "rules.tos"))
    trace = str(CONFORMANCE / "U5-itself-and-all-reached" / "trace.jsonl")
    found = read_traces([trace], policy.vocabulary)
    assert judge(policy, found) == []


def test_the_layout_changes_blanks_only_and_no_quoted_text() -> None:
    query = (
        "SELECT 'a FROM b) ''(SELECT ' AS \"x (SELECT y\" FROM (SELECT * FROM \"t\" WHERE "
        "(\"a\" IN ('UNION ALL ', '\\'))) AS x"
    )
    lines = laid_out(query, escapes=False)
    assert "".join(lines.split()) == "".join(query.split())
    for kept in ("'a FROM b) ''(SELECT '", '"x (SELECT y"', "'UNION ALL '"):
        assert kept in lines
    assert lines.splitlines()[1] == "FROM ("
    assert max(map(len, lines.splitlines())) < 100
