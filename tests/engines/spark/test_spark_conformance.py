"""Cases under tests/conformance on Spark, all in one session: every thirty-second in each run, all
where everything is tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engines.spark.judging import judged
from tests.test_conformance import CASES, differing, expected_of, run
from tests.thorough import ALL
from tosrules.engines.spark.session import Session

STEP = 1 if ALL else 32


@pytest.mark.parametrize("folder", CASES[::STEP], ids=lambda p: p.name)
def test_case_on_spark(folder: Path, session: Session) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    came = run(folder, expected.get("options", {}), judged(session))
    differences = list(differing("", expected_of(expected), came))
    assert not differences, "\n".join([f"{folder.name}: {expected['says']}", *differences])
