"""Comparing engines on one case after another, and what is done with a difference."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.differential import features
from tests.differential.case import (
    Answer,
    Case,
    Engine,
    Unusable,
    answer,
    drawn,
    policy_of,
    trace_of,
)
from tests.differential.compare import Difference, difference
from tests.differential.engines import by_reference
from tests.differential.shrink import shrunk
from tosrules.policy.model import Policy
from tosrules.trace.trace import Trace

TO_BE_DERIVED = (
    "Drawn at random and shrunk; expected is what the reference evaluator says, "
    "to be derived by hand from the semantics before it is kept"
)


@dataclass
class Tried:
    """What was tried so far."""

    cases: int = 0
    features: features.Counts = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    stopped: int = 0
    """Cases in which the reference evaluator says that the run stops."""


@dataclass(frozen=True)
class Failure:
    case: Case
    engine: str
    difference: Difference

    def __str__(self) -> str:
        return f"{self.case.name}: {self.engine} differs from the reference at {self.difference}"


def differing(
    engines: Mapping[str, Engine], seed: int, tried: Tried, traces: int = 4
) -> Iterator[Failure]:
    """The cases of a seed in which an engine says something else than the reference."""
    policy, cases = drawn(seed, traces)
    for case in cases:
        trace = trace_of(case.trace, policy)
        wanted = answer(by_reference, policy, trace)
        _tally(tried, policy, wanted)
        for name, engine in engines.items():
            found = compared(engine, policy, trace, wanted)
            if found is not None:
                yield Failure(case, name, found)


def compared(engine: Engine, policy: Policy, trace: Trace, wanted: Answer) -> Difference | None:
    came = answer(engine, policy, trace)
    if "raises" in wanted.published:
        return Difference(("raises",), wanted.published["raises"], "")
    if "raises" in came.published:
        return Difference(("raises " + _what(came),), "", came.published["raises"])
    stops = [answered.published.get("stops", False) for answered in (wanted, came)]
    if stops[0] != stops[1]:
        return Difference(("stops",), *stops)
    return difference(wanted.published, came.published)


def _what(raised: Answer) -> str:
    text: str = raised.published["raises"]
    return text[:40]


def _tally(tried: Tried, policy: Policy, wanted: Answer) -> None:
    tried.cases += 1
    if wanted.outcome is None:
        tried.stopped += 1
        return
    features.count(tried.features, policy, wanted.outcome)
    tried.verdicts.update(c.verdict for c in wanted.outcome.clauses)


# ---- a failure ----------------------------------------------------------------------------------


def smaller(failure: Failure, engine: Engine, patience: int = 300, seconds: float = 120) -> Failure:
    """The failure with as little as shows it, or as is found in that time."""
    latest = [failure.difference]
    end = time.monotonic() + seconds

    def fails(case: Case) -> bool:
        if time.monotonic() > end:
            return False
        try:
            policy = policy_of(case.rules)
            trace = trace_of(case.trace, policy)
        except Unusable:
            return False
        found = compared(engine, policy, trace, answer(by_reference, policy, trace))
        if found is None or found.kind != failure.difference.kind:
            return False
        latest[0] = found
        return True

    case = shrunk(failure.case, fails, patience)
    return Failure(case, failure.engine, latest[0])


def write(failure: Failure, folder: Path) -> None:
    """As a conformance case, and beside it in what the engine differs."""
    from tests.test_conformance import run

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.tos").write_text(failure.case.rules, encoding="utf-8", newline="")
    (folder / "trace.jsonl").write_bytes(failure.case.trace)
    expected: dict[str, Any] = {"says": f"{TO_BE_DERIVED} ({failure.case.name})."}
    expected |= run(folder, {})
    text = json.dumps(expected, indent=2, ensure_ascii=False) + "\n"
    (folder / "expected.json").write_text(text, encoding="utf-8")
    (folder / "difference.txt").write_text(f"{failure}\n", encoding="utf-8")
