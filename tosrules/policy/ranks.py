"""Which of several signals that one event completes comes first."""

from __future__ import annotations

from tosrules.policy.model import Link, Policy, Signal, Status
from tosrules.policy.walk import asked, steps_of


def ranks(policy: Policy) -> dict[str, int]:
    """The place of each signal among those that one event completes: what it depends on comes
    first, then qualified names decide (semantics V7)."""
    if not policy.signals:
        return {}
    depth: dict[str, int] = {}
    for name in policy.order:
        declared = _declared(policy, name)
        below = [depth[n] for n in (*asked(declared), *_signals_in(declared)) if n in depth]
        depth[name] = max(below, default=0) + (name in policy.signals)
    ordered = sorted(policy.signals, key=lambda n: (depth[n], n))
    return {name: rank for rank, name in enumerate(ordered, start=1)}


def _declared(policy: Policy, name: str) -> Status | Link | Signal:
    return policy.statuses.get(name) or policy.links.get(name) or policy.signals[name]


def _signals_in(declared: Status | Link | Signal) -> list[str]:
    return [n for step in steps_of(declared) for n in step.signals]
