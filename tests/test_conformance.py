"""Every case under tests/conformance, run by every engine (see its README)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.differential.case import Engine
from tests.differential.engines import by_reference, others
from tosrules.engines.outcome import ClauseOutcome, Finding, Match, Outcome
from tosrules.errors import EvaluationError
from tosrules.language.load import load
from tosrules.policy.model import SEVERITIES
from tosrules.result.ids import finding_id
from tosrules.trace.instants import format_instant, parse_instant
from tosrules.trace.problems import TraceError
from tosrules.trace.read import read_traces
from tosrules.trace.trace import Trace

FOLDER = Path(__file__).parent / "conformance"
ENGINES = {"reference": by_reference, **others()}
CASES = sorted(p.parent for p in FOLDER.glob("*/expected.json"))


@pytest.mark.parametrize("engine", ["reference", "duckdb"])
@pytest.mark.parametrize("folder", CASES, ids=lambda p: p.name)
def test_case(folder: Path, engine: str) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    came = run(folder, expected.get("options", {}), ENGINES[engine])
    differences = list(differing("", expected_of(expected), came))
    assert not differences, "\n".join([f"{folder.name}: {expected['says']}", *differences])


def expected_of(expected: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in expected.items() if k not in ("says", "options")}


# ---- running a case --------------------------------------------------------------------------


def run(
    folder: Path, options: Mapping[str, Any], evaluate: Engine = by_reference
) -> dict[str, Any]:
    """What came of a case, in the words of expected.json."""
    loaded = load([str(folder / "rules.tos")], settings=options.get("settings"))
    errors = [d.code for d in loaded.diagnostics if not d.warning]
    if loaded.policy is None:
        return {"rules_error": errors}
    try:
        trace = read_traces(
            [n if n == "-" else str(folder / n) for n in options.get("inputs", ["trace.jsonl"])],
            loaded.policy.vocabulary,
            zone=options.get("zone"),
            observed=tuple(map(instant, options["observed"])) if "observed" in options else None,
            skip_invalid=options.get("skip_invalid", False),
            stdin=io.BytesIO((folder / options["stdin"]).read_bytes())
            if "stdin" in options
            else None,
        )
    except TraceError as error:
        return {
            "trace_error": [p.code for p in error.problems],
            "places": [f"{p.file}:{p.line}" for p in error.problems],
        }
    try:
        outcome = evaluate(loaded.policy, trace)
    except EvaluationError:
        return {"trace": trace_of(trace), "stops": True}
    return {
        "trace": trace_of(trace),
        "clauses": clauses_of(outcome),
        "keyless": dict(outcome.keyless),
    }


def instant(text: str) -> int:
    return parse_instant(text)


def trace_of(trace: Trace) -> dict[str, Any]:
    return {
        "events": [e.id for e in trace.events],
        "times": [e.time_text for e in trace.events],
        "observed": None if trace.observed is None else [*map(format_instant, trace.observed)],
        "moved": trace.moved,
        "duplicates": trace.duplicates,
        "outside": trace.outside,
        "skipped": sum(f.skipped for f in trace.files),
    }


def clauses_of(outcome: Outcome) -> dict[str, Any]:
    """By id; the versions of one clause as a list."""
    found: dict[str, list[Any]] = {}
    for clause in outcome.clauses:
        found.setdefault(clause.clause.id, []).append(clause_of(clause))
    return {id: made[0] if len(made) == 1 else made for id, made in found.items()}


def clause_of(clause: ClauseOutcome) -> dict[str, Any]:
    return {
        "verdict": clause.verdict,
        "relevant": clause.relevant,
        "waived": clause.waived,
        "undetermined_events": clause.undetermined_events,
        "undetermined": [
            [u.reason, u.attribute, [e.id for e in u.events]] for u in clause.undetermined
        ],
        "pending": [
            {"trigger": p.trigger.id, "party": subject_of(p.subject), "due": format_instant(p.due)}
            for p in clause.pending
        ],
        "missing": list(clause.missing),
        "reported_under": dict(clause.reported_under),
        "matches": clause.matches,
        "findings": [finding_of(f) for f in clause.findings],
    }


def finding_of(finding: Finding) -> dict[str, Any]:
    first = finding.matches[0]
    return {
        "subject": subject_of(finding.subject),
        "severity": max((m.severity.level for m in finding.matches), key=SEVERITIES.index),
        "rule": finding.rule.ordinal,
        "matches": [m.completing.id for m in finding.matches],
        "first": finding.evidence[0].event.id,
        "last": finding.evidence[-1].event.id,
        "evidence": [[e.event.id, e.role] for e in finding.evidence],
        "context": [[e.event.id, e.note] for e in finding.context],
        "through": sorted({name for m in finding.matches for name in m.through}),
        "ties": finding.ties,
        "laws": sorted({g.law.source.rpartition("/")[2] for m in finding.matches for g in m.laws}),
        "not_established": texts(finding.matches, "not_established"),
        "not_excused": texts(finding.matches, "not_excused"),
        "key": dict(first.key),
        "computed": {c.text: plain(c.value) for c in first.computed},
        "due": None if first.due is None else format_instant(first.due),
        "id": finding_id(finding),
    }


def subject_of(subject: Any) -> str | None:
    return None if subject is None else f"{subject.kind}:{subject.id}"


def texts(matches: Sequence[Match], which: str) -> list[str]:
    return sorted({e.text for m in matches for e in getattr(m, which)})


def plain(value: object) -> object:
    return str(value) if isinstance(value, Fraction) else value


# ---- comparing ---------------------------------------------------------------------------------


def differing(path: str, wanted: Any, came: Any) -> list[str]:
    """Each difference on a line; what the case does not speak of is not compared."""
    if isinstance(wanted, dict) and isinstance(came, dict) and path.split(".")[-1] not in WHOLE:
        return [
            line
            for name, inner in wanted.items()
            for line in differing(f"{path}.{name}", inner, came.get(name, "(nothing)"))
        ]
    if many(wanted) and isinstance(came, list) and len(came) == len(wanted):
        return [
            line
            for place, (one, other) in enumerate(zip(wanted, came, strict=True))
            for line in differing(f"{path}[{place}]", one, other)
        ]
    if path == ".rules_error" and isinstance(came, list) and set(wanted) <= set(came):
        return []
    if wanted == came and type(wanted) is type(came):
        return []
    return [
        f"  {path.lstrip('.')}",
        f"    expected {json.dumps(wanted)}",
        f"    came     {json.dumps(came)}",
    ]


def many(wanted: Any) -> bool:
    """Findings, pending duties, or the versions of a clause."""
    return isinstance(wanted, list) and bool(wanted) and isinstance(wanted[0], dict)


WHOLE = ("key", "reported_under", "keyless")
"""Tables that a case gives whole."""
