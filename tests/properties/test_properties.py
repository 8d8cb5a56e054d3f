"""What holds of every policy and every trace, whatever they say."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_pool import POOLS, text_of
from traces import MINUTE, OBSERVED, RECORDS, START, events_of, policy_of, trace_of

from tosrules.engines.outcome import Outcome
from tosrules.engines.reference import evaluate
from tosrules.policy.model import ObligationRule, Policy, SequenceRule
from tosrules.record import replace
from tosrules.trace.event import Event, Origin
from tosrules.trace.instants import format_instant
from tosrules.trace.read import read_traces
from tosrules.trace.trace import Trace

ALL = [rules for feature in sorted(POOLS) for rules in POOLS[feature]]
WITHOUT_ZONES = [r for r in ALL if " each " not in "".join(r) and "effective" not in "".join(r)]
EXCUSING = [
    ("", "forbid a where n = 1\n  unless ok = true"),
    ("", "forbid at least 2 a per k within 10 minutes\n  unless ok = true but not if n = 1"),
    ("", "forbid at least 2 distinct j in a per k within 10 minutes\n  unless ok = true"),
    ("", 'forbid at least 2 a per k in total\n  unless j = "r"'),
    (
        "",
        "forbid a as one then b as two within 10 minutes where two.k = one.k\n"
        "    without x as no where no.k = two.k\n  unless two.ok = true\n  unless one.n = 1",
    ),
    (
        "",
        "after a as ask require b as done within 10 minutes where done.k = ask.k\n"
        "  unless ok = true",
    ),
]


def some(pool: list[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from(pool)


def tried(**strategies: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def wrap(test: Callable[..., None]) -> Callable[..., None]:
        limits = settings(
            max_examples=120,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        return limits(given(**strategies)(test))

    return wrap


def told(outcome: Outcome, shift: int = 0) -> Any:
    """All of an outcome, by ids; deadlines moved back by `shift`."""
    return [
        (
            c.clause.id,
            c.verdict,
            c.relevant,
            c.waived,
            c.undetermined_events,
            [(u.reason, u.attribute, [e.id for e in u.events]) for u in c.undetermined],
            [(p.trigger.id, p.subject, p.due - shift) for p in c.pending],
            [
                (
                    f.rule.ordinal,
                    f.subject,
                    f.ties,
                    [(m.completing.id, m.first.id, m.due and m.due - shift) for m in f.matches],
                    [(e.event.id, e.role) for e in f.evidence],
                    [(e.event.id, e.note) for e in f.context],
                )
                for f in c.findings
            ],
        )
        for c in outcome.clauses
    ]


@tried(rules=some(EXCUSING), records=RECORDS, seen=st.sampled_from(OBSERVED))
def test_an_exception_removed_removes_no_violation(
    rules: tuple[str, str], records: list[Any], seen: tuple[int, int]
) -> None:
    policy = policy_of(text_of(*rules))
    trace = trace_of(events_of(records), seen)
    strict = replace(
        policy,
        clauses=tuple(
            replace(c, rules=tuple(replace(r, exceptions=()) for r in c.rules))
            for c in policy.clauses
        ),
    )
    assert moments(policy, trace) <= moments(strict, trace)


def moments(policy: Policy, trace: Trace) -> set[tuple[int, int, str]]:
    """When each rule was broken. A window may be completed by another event of the instant."""
    return {
        (
            f.rule.ordinal,
            m.completing.time,
            m.completing.id if isinstance(f.rule.rule, SequenceRule | ObligationRule) else "",
        )
        for c in evaluate(policy, trace).clauses
        for f in c.findings
        for m in f.matches
    }


@tried(
    rules=some(ALL),
    records=RECORDS,
    seen=st.sampled_from(OBSERVED),
    at=st.integers(0, 11),
    attributes=st.sampled_from([{}, {"k": "p", "actor": "u", "ok": True}]),
)
def test_an_event_that_no_rule_reads_changes_nothing(
    rules: tuple[str, str],
    records: list[Any],
    seen: tuple[int, int],
    at: int,
    attributes: dict[str, Any],
) -> None:
    policy = policy_of(text_of(*rules))
    events = events_of(records)
    place = min(at, len(events))
    time = events[place - 1].time if place else START
    other = Event("unread", time, "terms.update", attributes, Origin("t.jsonl", 99))
    more = (*events[:place], other, *events[place:])
    numbered = tuple(
        Event(e.id, e.time, e.type, e.attributes, e.origin, "", n) for n, e in enumerate(more)
    )
    without = Trace(events=events, observed=seen)
    assert told(evaluate(policy, without)) == told(
        evaluate(policy, Trace(events=numbered, observed=seen))
    )


@tried(
    rules=some(WITHOUT_ZONES),
    records=RECORDS,
    seen=st.sampled_from(OBSERVED),
    by=st.sampled_from([1, -1, 7 * MINUTE + 13, 86_400_000_000 * 500 + 1]),
)
def test_a_trace_moved_in_time_moves_its_result(
    rules: tuple[str, str], records: list[Any], seen: tuple[int, int], by: int
) -> None:
    policy = policy_of(text_of(*rules))
    events = events_of(records)
    moved = tuple(
        Event(
            e.id,
            e.time + by,
            e.type,
            {k: v + by if k == "due" else v for k, v in e.attributes.items()},  # type: ignore[operator]
            e.origin,
            "",
            e.position,
        )
        for e in events
    )
    later = trace_of(moved, (seen[0] + by, seen[1] + by))
    assert told(evaluate(policy, trace_of(events, seen))) == told(evaluate(policy, later), by)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(rules=some(ALL), records=RECORDS, cuts=st.lists(st.integers(0, 2), min_size=11))
def test_files_named_in_another_order_change_nothing(
    rules: tuple[str, str], records: list[Any], cuts: list[int]
) -> None:
    policy = policy_of(text_of(*rules))
    header = json.dumps(
        {
            "trace": "tosrules-trace/1",
            "observed": {
                "from": format_instant(OBSERVED[0][0]),
                "to": format_instant(OBSERVED[0][1]),
            },
        }
    )
    texts = [[header], [header], [header]]
    for n, (record, cut) in enumerate(zip(records, cuts, strict=False)):
        kind, time, attributes = record
        said = {k: v for k, v in attributes.items() if v is not None}
        if "due" in said:
            said["due"] = format_instant(said["due"])
        line = {"id": f"e{n}", "time": format_instant(time), "type": kind, **said}
        texts[cut].append(json.dumps(line))
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for n, text in enumerate(texts):
            path = Path(folder, f"part{n}.jsonl")
            path.write_text("\n".join(text) + "\n", encoding="utf-8")
            names.append(str(path))
        answers = [
            told(evaluate(policy, read_traces(order, policy.vocabulary)))
            for order in permutations(names)
        ]
    assert all(answer == answers[0] for answer in answers)


def test_nothing_is_exercised_by_nothing() -> None:
    for rules in ALL:
        outcome = evaluate(policy_of(text_of(*rules)), Trace())
        assert [c.verdict for c in outcome.clauses] == ["not exercised"]
