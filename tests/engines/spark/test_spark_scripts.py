"""The Spark SQL that `tosrules compile` prints, run statement by statement as it is printed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.engines.test_scripts import CONFORMANCE, policy_of, wanted
from tests.thorough import ALL
from tosrules.engines.reference import evaluate
from tosrules.engines.scripts import dialect, head, printed
from tosrules.engines.spark.memory import load_events
from tosrules.plan.planner import needed_columns
from tosrules.plan.script import script
from tosrules.trace.read import read_traces


@pytest.mark.skipif(not ALL, reason="takes half a minute; `make full` runs it")
@pytest.mark.parametrize("name", ["S2-one-report-per-completing-event"])
def test_printed_statements_find_what_check_finds(name: str, session) -> None:
    folder: Path = CONFORMANCE / name
    policy = policy_of(str(folder / "rules.tos"))
    trace = read_traces([str(folder / "trace.jsonl")], policy.vocabulary)
    (clause,) = policy.judged()
    (outcome,) = evaluate(policy, trace, [clause]).clauses
    load_events(session, trace, needed_columns(policy, [clause]), policy.vocabulary)
    spoken = dialect("spark")
    made = script(policy, clause, trace.observed)
    text = head([made], spoken, policy.vocabulary) + "\n" + printed(made, spoken, "own")
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    for statement in bare.split(";\n"):
        if statement.strip():
            session.sql(statement.strip().removesuffix(";"))
    columns = "rule, pos, first_pos, subject, severity, due"
    found = session.sql(f"SELECT {columns} FROM own_matches").collect()
    expected = wanted(outcome)
    assert Counter(map(tuple, found)) == expected["matches"]
    assert sum(expected["matches"].values()) > 0
    counts = session.sql("SELECT what, events FROM own_counts").collect()
    assert dict(map(tuple, counts)) == expected["counts"]
