"""Findings: matches of one rule joined by what the form of the rule says (semantics R3, Q3,
S5, O4, V4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from tosrules.engines.outcome import Evidence, Finding
from tosrules.engines.reference.matches import Draft
from tosrules.engines.reference.occurrence import Occurrence, Stretch
from tosrules.policy.model import BoundRule, Clause
from tosrules.trace.event import Event

COMPLETES = "violates"
COUNTS = "counts"


def by_subject(
    drafts: Iterable[Draft], joins: Callable[[Draft, Draft, int], bool]
) -> Iterator[list[Draft]]:
    """Groups of drafts of one subject. `joins(previous, here, until)` says whether `here`
    belongs to the group of `previous`, whose evidence reaches up to the instant `until`.
    Matches without a subject never join."""

    def subject(draft: Draft) -> tuple[str, str]:
        found = draft.match.subject
        return (found.kind, found.id) if found is not None else ("", "")

    for who, group in groupby(sorted(drafts, key=subject), key=subject):
        yield from chained(group, joins if who[0] else lambda *_: False)


def chained(
    group: Iterable[Draft], joins: Callable[[Draft, Draft, int], bool]
) -> Iterator[list[Draft]]:
    """Consecutive drafts joined while `joins` says so."""
    current: list[Draft] = []
    until = 0
    for draft in group:
        if current and joins(current[-1], draft, until):
            current.append(draft)
            until = max(until, draft.last)
            continue
        if current:
            yield current
        current, until = [draft], draft.last
    if current:
        yield current


def finding(clause: Clause, rule: BoundRule, drafts: list[Draft]) -> Finding:
    """One finding of some matches, their evidence written out once."""
    ordered = sorted(drafts, key=lambda d: (d.match.completing.position, d.match.first.position))
    roles: dict[int, tuple[Event, str]] = {}
    for draft in ordered:
        for piece, role in draft.pieces:
            if not isinstance(piece, Stretch):
                for event in piece:
                    _put(roles, event, role)
    tied = any(d.tied for d in ordered)
    for among, start, stop in _merged(ordered):
        for occurrence in among[start:stop]:
            tied = tied or occurrence.tied
            for event in occurrence.recorded():
                _put(roles, event, COUNTS)
    for draft in ordered:
        completing = draft.match.completing
        if roles[completing.position][1] == COUNTS:
            roles[completing.position] = (completing, COMPLETES)
    context: dict[tuple[int, str], Evidence] = {}
    for draft in ordered:
        for begun in draft.context:
            context.setdefault((begun.event.position, begun.note), begun)
    return Finding(
        clause,
        rule,
        ordered[0].match.subject,
        tuple(d.match for d in ordered),
        tuple(Evidence(*roles[place]) for place in sorted(roles)),
        tuple(context[place] for place in sorted(context)),
        tied,
    )


def _put(roles: dict[int, tuple[Event, str]], event: Event, role: str) -> None:
    """A role that says more than `counts` stays."""
    known = roles.get(event.position)
    if known is None or known[1] == COUNTS:
        roles[event.position] = (event, role)


def _merged(
    drafts: Iterable[Draft],
) -> Iterator[tuple[tuple[Occurrence, ...], int, int]]:
    """The stretches of all drafts, overlapping ones as one."""
    spans: dict[int, tuple[tuple[Occurrence, ...], list[tuple[int, int]]]] = {}
    for draft in drafts:
        for piece, _ in draft.pieces:
            if isinstance(piece, Stretch):
                known = spans.setdefault(id(piece.among), (piece.among, []))
                known[1].append((piece.start, piece.stop))
    for among, stretches in spans.values():
        stretches.sort()
        start, stop = stretches[0]
        for here_start, here_stop in stretches[1:]:
            if here_start <= stop:
                stop = max(stop, here_stop)
            else:
                yield among, start, stop
                start, stop = here_start, here_stop
        yield among, start, stop
