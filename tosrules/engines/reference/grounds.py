"""What began the statuses and links that a true condition rests on: the context of a match."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tosrules.engines.reference.expressions import View, evaluate, key_sets, period_of, truth
from tosrules.policy import expressions as p
from tosrules.policy.unknown import own_name
from tosrules.policy.walk import walk
from tosrules.trace.event import Event, Value

Ground = tuple[Event, str]
"""An event and what it began: `barred`."""


def grounds(condition: p.Expression, view: View) -> Iterator[Ground]:
    """The beginnings that make `condition` true; none if it is not true."""
    if truth(condition, view) is not True:
        return
    match condition:
        case p.And() | p.Or():
            for operand in condition.operands:
                yield from grounds(operand, view)
        case p.Held():
            yield from _held(condition, view)
        case p.Member(collection=p.LinkMembers() as link):
            start, member = evaluate(link.start, view), evaluate(condition.operand, view)
            yield from _way(link, start, member, view)


def _held(condition: p.Held, view: View) -> Iterator[Ground]:
    status = view.world.statuses[condition.status]
    sure, _ = key_sets(condition, view)
    length = None
    if condition.for_at_least is not None:
        length = period_of(condition.for_at_least, view)
    for key in sorted(sure, key=str):
        if status.held(key, view.asking, length) is not True:
            continue
        if condition.any_of is not None:
            link = condition.keys[condition.any_of]
            if isinstance(link, p.LinkMembers):
                start = evaluate(link.start, view)
                yield from _way(link, start, key[condition.any_of], view)
        beginning = status.beginning(key, view.asking)
        if beginning is not None:
            yield beginning.event, own_name(condition.status)
        return


def _way(link: p.LinkMembers, start: Value, end: Value, view: View) -> Iterator[Ground]:
    history = view.world.links[link.link]
    way = history.way(start, end, view.asking)
    for here, there in pairwise(way):
        opened = history.beginning(here, there, view.asking)
        if opened is not None:
            yield opened.event, own_name(link.link)


def tied(condition: p.Expression, view: View) -> bool:
    """Whether a status or a link that `condition` asks changed at the asking event's own
    instant, so that only the order of records decided what was held."""
    for part in walk(condition):
        if isinstance(part, p.Held):
            status = view.world.statuses[part.status]
            _, possible = key_sets(part, view)
            if any(status.tied(key, view.asking) for key in possible or ()):
                return True
        elif isinstance(part, p.LinkMembers):
            start = evaluate(part.start, view)
            if start is not None and view.world.links[part.link].tied(start, view.asking):
                return True
    return False
