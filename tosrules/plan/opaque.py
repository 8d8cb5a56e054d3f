"""Secrets that the rules only tell apart: these stand in tables as keyed hashes.

Hashes are as good as the values where a rule asks whether two events have the same secret, how
many different ones there were, or whether one is missing. A rule that looks into a secret
(`token starts with "EAA"`) needs the value itself; its column then holds it, in memory, and
what of it must be spilled is encrypted like all that is spilled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tosrules.policy import expressions as p
from tosrules.policy.model import Carried, Difference, KeyPart, Quantity, Tie
from tosrules.policy.walk import parts, walk
from tosrules.record import Record


def looked_into(rules: Iterable[Record], secret: frozenset[str]) -> frozenset[str]:
    """Those of some secret attributes of which the rules ask more than whether they are the
    same."""
    found: set[str] = set()
    for rule in rules:
        if isinstance(rule, p.AttributeOf):
            continue
        for record in walk(rule):
            told_apart = set(map(id, _told_apart(record)))
            for part in parts(record):
                if not isinstance(part, p.AttributeOf) or id(part) in told_apart:
                    continue
                if part.name in secret:
                    found.add(part.name)
    return frozenset(found)


def _told_apart(record: Record) -> Iterator[Record]:
    """The attributes directly inside `record` that it only tells apart."""
    match record:
        case KeyPart(value=value) | p.Missing(operand=value):
            yield value
        case Carried(name=name, value=p.AttributeOf() as value) if value.name == name:
            yield value
        case Quantity(distinct=p.AttributeOf() as value):
            yield value
        case p.Aggregate(function="distinct", operand=p.AttributeOf() as operand):
            yield operand
        case p.Compare(operator="=" | "!=", left=left, right=right):
            yield from _same([(left, right)])
        case Tie(later=later, earlier=earlier, link=""):
            yield from _same([(later, earlier)])
        case p.TupleDiffers(left=lefts, right=rights):
            yield from _same(zip(lefts, rights, strict=True))
        case Difference(later=laters, earlier=earliers):
            yield from _same(zip(laters, earliers, strict=True))


def _same(pairs: Iterable[tuple[p.Expression, p.Expression]]) -> Iterator[p.Expression]:
    """Those pairs that are one attribute of two events."""
    for left, right in pairs:
        if (
            isinstance(left, p.AttributeOf)
            and isinstance(right, p.AttributeOf)
            and (left.name, left.type) == (right.name, right.type)
        ):
            yield left
            yield right
