"""Random traces, heavy with ties, and policies loaded once each."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tosrules.language.diagnostics import render
from tosrules.language.load import load
from tosrules.policy.model import Policy
from tosrules.trace.event import Event, Origin
from tosrules.trace.trace import Trace

MINUTE = 60_000_000
START = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
TIMES = [
    START + at
    for at in (
        0,
        1,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE - 1,
        10 * MINUTE,
        10 * MINUTE + 1,
        11 * MINUTE,
        15 * MINUTE,
        20 * MINUTE,
        20 * MINUTE + 1,
        30 * MINUTE,
        61 * MINUTE,
    )
]
OBSERVED = [
    (TIMES[0], TIMES[-1]),
    (TIMES[3], TIMES[-1]),
    (TIMES[0], TIMES[6]),
    (TIMES[0], TIMES[-1] + 600 * MINUTE),
    (TIMES[4], TIMES[9]),
]


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    """One of the values, now and then none."""
    return st.sampled_from([*values, *values, *values, None])


ATTRIBUTES = st.fixed_dictionaries(
    {
        "k": maybe("p", "p", "q"),
        "j": maybe("r", "s"),
        "n": maybe(1, 2),
        "ok": maybe(True, True, False),
        "actor": maybe("u", "v", "w"),
        "to": maybe("u", "v", "w"),
        "account": maybe("a1", "a2"),
        "device": maybe("d1", "d2", "a1"),
        "due": maybe(*TIMES[3:11]),
    }
)
RECORD = st.tuples(st.sampled_from("aaabbbccxxdd"), st.sampled_from(TIMES), ATTRIBUTES)
RECORDS = st.lists(RECORD, max_size=11)


def events_of(records: list[Any]) -> tuple[Event, ...]:
    ordered = sorted(records, key=lambda r: r[1])
    return tuple(
        Event(
            f"e{n}",
            time,
            type_,
            {k: v for k, v in attributes.items() if v is not None},
            Origin("t.jsonl", n + 1),
            "",
            n,
        )
        for n, (type_, time, attributes) in enumerate(ordered)
    )


def trace_of(events: tuple[Event, ...], observed: Any) -> Trace:
    return Trace(events=events, observed=observed if events else None, observed_stated=True)


@cache
def policy_of(text: str) -> Policy:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.tos")
        path.write_text(text, encoding="utf-8")
        loaded = load([str(path)])
    said = "\n".join(render(d, loaded.texts) for d in loaded.diagnostics)
    assert loaded.policy is not None, said
    return loaded.policy
