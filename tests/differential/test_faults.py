"""The harness finds what it is there to find: faults planted in a copy of the evaluator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.differential.case import Engine
from tests.differential.engines import faulty
from tests.differential.faults import FAULTS, seeds
from tests.differential.harness import Failure, Tried, differing, smaller, write
from tosrules.language.parser import parse


def first_failure(engine: Engine, seed: int) -> Failure | None:
    return next(differing({"faulty": engine}, seed, Tried()), None)


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_found(what: str, tmp_path: Path) -> None:
    fault = FAULTS[what]
    with faulty(tmp_path, fault.module, fault.right, fault.wrong) as engine:
        assert first_failure(engine, seeds()[what]) is not None


def test_a_failure_becomes_a_small_case(tmp_path: Path) -> None:
    what = "a deadline that is open"
    fault = FAULTS[what]
    with faulty(tmp_path, fault.module, fault.right, fault.wrong) as engine:
        found = first_failure(engine, seeds()[what])
        assert found is not None
        less = smaller(found, engine, patience=250)
    assert len(less.case.trace.splitlines()) <= 4
    kinds = [type(d).__name__ for d in parse(less.case.rules, "rules.tos").file.declarations]
    assert kinds.count("Clause") == 1
    assert len(less.case.rules) < len(found.case.rules) / 2
    folder = tmp_path / "case"
    write(less, folder)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert "to be derived by hand" in expected["says"]
    assert expected["clauses"]
