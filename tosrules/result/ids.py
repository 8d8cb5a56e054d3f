"""Names of findings that stay the same from run to run (semantics V6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from tosrules.engines.outcome import Finding

_BITS = 128
SHORTEST = 6
"""Digits of a short id, at least: two findings of a report told apart at a glance."""


def finding_id(finding: Finding) -> str:
    """`f-` and 32 hexadecimal digits.

    Hashes the clause, the start of its effective period, the ordinal of the rule, the subject,
    and of the first match the first event of evidence and the completing event; for an unmet
    duty both are its trigger. Context has no part in it.
    """
    first = finding.matches[0]
    opening = first.completing if first.due is not None else first.first
    subject = finding.subject
    said = [
        "tosrules-finding/1",
        finding.clause.id,
        finding.clause.period.start,
        finding.rule.ordinal,
        None if subject is None else [subject.kind, subject.id],
        opening.id,
        first.completing.id,
    ]
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
    return "f-" + hashlib.sha256(text.encode()).hexdigest()[: _BITS // 4]


def shortest(ids: Iterable[str]) -> dict[str, str]:
    """Each id → its shortest prefix that no other id has, with at least SHORTEST digits."""
    every = sorted(set(ids))
    short = {}
    for place, id in enumerate(every):
        neighbours = every[max(0, place - 1) : place] + every[place + 1 : place + 2]
        length = max([SHORTEST + 2, *(_common(id, other) + 1 for other in neighbours)])
        short[id] = id[:length]
    return short


def _common(one: str, other: str) -> int:
    """Length of the common prefix."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
