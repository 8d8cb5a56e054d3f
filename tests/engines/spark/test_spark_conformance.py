"""All cases under tests/conformance on Spark, in one batch of three to four minutes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.engines.spark.judging import judged
from tests.test_conformance import CASES, differing, expected_of, run
from tosrules.engines.spark.session import Session

AT_ONCE = 2
"""What a case takes is mostly Spark's planning, on one processor for each."""


def test_cases_on_spark(spark: Any) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = pool.map(lambda n: list(_differing(spark, CASES[n::AT_ONCE])), range(AT_ONCE))
        differences = [each for part in parts for each in part]
    assert not differences, "\n".join(differences)


def _differing(spark: Any, folders: list[Path]) -> Iterator[str]:
    """What comes otherwise than expected in some cases, which share a session."""
    with Session(spark=spark) as session:
        for folder in folders:
            expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
            came = run(folder, expected.get("options", {}), judged(session))
            for difference in differing("", expected_of(expected), came):
                yield f"{folder.name}: {expected['says']}: {difference}"
