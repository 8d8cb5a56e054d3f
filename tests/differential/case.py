"""A case: rules and a trace as text, and what a run of one engine over them says."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.differential.clauses import pack
from tests.differential.draw import Draw
from tests.differential.themes import theme_of
from tests.differential.traces import trace
from tosrules.engines.outcome import Outcome
from tosrules.errors import EvaluationError
from tosrules.language import packs
from tosrules.language.diagnostics import render
from tosrules.language.parser import parse
from tosrules.policy.model import Policy, Step
from tosrules.policy.walk import walk
from tosrules.record import Record
from tosrules.result.assemble import assemble
from tosrules.result.encode import to_data
from tosrules.result.run import RunFacts
from tosrules.trace.problems import TraceError
from tosrules.trace.read import read_traces
from tosrules.trace.trace import Trace

Engine = Callable[[Policy, Trace], Outcome]
FEW = 3
"""Events of evidence that the second of the two results shows at most."""


@dataclass(frozen=True)
class Case:
    rules: str
    trace: bytes
    name: str = ""
    """The seed it was drawn by."""

    def with_trace(self, lines: Sequence[bytes]) -> Case:
        return replace(self, trace=b"".join(lines))


class Unusable(Exception):
    """The rules or the trace have errors."""


parsed = cache(parse)
"""Files are parsed once: the shipped vocabulary is most of what there is to load."""


def policy_of(rules: str) -> Policy:
    """Raises Unusable with the errors as an author would see them."""
    with tempfile.TemporaryDirectory() as folder, patch.object(packs, "parse", parsed):
        path = Path(folder, "rules.tos")
        path.write_text(rules, encoding="utf-8", newline="")
        loaded = packs.load_afresh([str(path)], shipped_tests=False)
    if loaded.policy is None:
        raise Unusable("\n".join(render(d, loaded.texts) for d in loaded.diagnostics))
    return loaded.policy


def trace_of(data: bytes, policy: Policy) -> Trace:
    try:
        return read_traces(["-"], policy.vocabulary, stdin=io.BytesIO(data))
    except TraceError as error:
        raise Unusable("\n".join(p.message for p in error.problems)) from error


def types_of(policy: Policy) -> list[str]:
    """Event types that rules look at, three times, and those of what lasts."""
    lasting = (policy.statuses, policy.links, policy.signals)
    of_rules = _types(policy.clauses)
    return of_rules * 3 + _types(record for table in lasting for record in table.values())


def _types(records: Iterable[Record]) -> list[str]:
    steps = (x for record in records for x in walk(record) if isinstance(x, Step))
    return [t for step in steps for t in (*step.types[:3], *step.types[-1:])]


def drawn(seed: int, traces: int = 4) -> tuple[Policy, list[Case]]:
    """The cases of a seed: one pack of rules, several traces."""
    draw = Draw(seed)
    _, theme = theme_of(seed)
    rules, made = pack(draw, theme)
    policy = policy_of(rules)
    types = types_of(policy)
    return policy, [
        Case(rules, trace(draw, made.middle, types, theme.missing), f"{seed}-{n + 1}")
        for n in range(traces)
    ]


@dataclass(frozen=True)
class Answer:
    """What one engine says of a case."""

    published: Any
    """The result as data, with all of its evidence and with little; or that the run stops, or
    what the engine raised."""
    outcome: Outcome | None


def answer(engine: Engine, policy: Policy, trace: Trace) -> Answer:
    try:
        outcome = engine(policy, trace)
        published = {
            shown: to_data(assemble(policy, trace, outcome, RunFacts(engine="", evidence=limit)))
            for shown, limit in (("whole", None), ("short", FEW))
        }
    except EvaluationError:
        return Answer({"stops": True}, None)
    except Exception as error:  # a defect of the engine, to be reported with its case
        text = f"{type(error).__name__}: {error}"
        return Answer({"raises": text.partition("\n")[0]}, None)
    return Answer(published, outcome)
