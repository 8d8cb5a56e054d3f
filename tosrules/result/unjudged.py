"""What no version of a clause judges: events outside their periods, and beginnings that name
nobody. Known from policy, trace and outcome alone, whatever engine judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tosrules.policy.model import Clause, ObligationRule, Policy, Step
from tosrules.policy.walk import asked, walk
from tosrules.record import Record
from tosrules.result import model
from tosrules.result.reading import steps_of
from tosrules.trace.trace import Recorded


class Outside(Record):
    """Events of a clause's types that fall under none of its versions."""

    before: int
    """Before its first version; counted with that version."""
    after: int
    """After this version, and before the next where there is one."""


def outside(clauses: Sequence[Clause], policy: Policy, trace: Recorded) -> list[Outside]:
    """Of each clause, in the order given."""
    versions: dict[str, list[Clause]] = {}
    for clause in clauses:
        versions.setdefault(clause.id, []).append(clause)
    found: dict[int, Outside] = {}
    for together in versions.values():
        if any(c.period.start is not None or c.period.until is not None for c in together):
            found.update(_of_versions(together, policy, trace))
    return [found.get(id(clause), Outside(0, 0)) for clause in clauses]


def _of_versions(versions: Sequence[Clause], policy: Policy, trace: Recorded) -> dict[int, Outside]:
    ordered = sorted(versions, key=lambda c: (c.period.start is not None, c.period.start or 0))
    found = {}
    for place, clause in enumerate(ordered):
        types = _types(clause, policy)
        start, until = clause.period.start, clause.period.until
        before = after = 0
        if place == 0 and start is not None:
            before = trace.how_many(types, None, start)
        if until is not None:
            following = ordered[place + 1].period.start if place + 1 < len(ordered) else None
            if following is None or following > until:
                after = trace.how_many(types, until, following)
        found[id(clause)] = Outside(before, after)
    return found


def _types(clause: Clause, policy: Policy) -> set[str]:
    """Types of the events that may be relevant to the clause: of duties the triggers alone."""
    found: set[str] = set()
    for bound in clause.rules:
        steps = steps_of(bound.rule)
        waiting = steps[:1] if isinstance(bound.rule, ObligationRule) else steps
        seen: set[str] = set()
        while waiting:
            step = waiting.pop()
            found |= set(step.types)
            for name in step.signals:
                if name not in seen and name in policy.signals:
                    seen.add(name)
                    waiting += [s for s in walk(policy.signals[name]) if isinstance(s, Step)]
    return found


def keyless(clause: Clause, policy: Policy, counts: Mapping[str, int]) -> tuple[model.Keyless, ...]:
    """The statuses and links that the clause rests on, and those that these rest on, of which
    beginnings or ends name nobody."""
    found: set[str] = set()
    waiting: list[Record] = [clause] if counts else []
    while waiting:
        record = waiting.pop()
        signals = [n for s in walk(record) if isinstance(s, Step) for n in s.signals]
        for name in (*asked(record), *signals):
            if name not in found:
                found.add(name)
                declared = (
                    policy.statuses.get(name) or policy.links.get(name) or policy.signals.get(name)
                )
                if declared is not None:
                    waiting.append(declared)
    return tuple(model.Keyless(n, counts[n]) for n in sorted(found) if n in counts)
