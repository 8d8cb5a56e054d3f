"""What a recorded event settles by itself: the part of a condition that asks it plainly.

The engine judges; this tells, for a report, which part of a condition that was judged as a
whole is decided by the values that stand in the event. It answers None wherever the event
alone does not say: for statuses, functions, unknown values and whatever is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tosrules.policy import expressions as e
from tosrules.policy.model import Policy
from tosrules.result.wording import attribute_value
from tosrules.trace.event import Event, Value

_EXACT = ("text", "number", "boolean", "reference", "time", "duration")
"""Types whose values are the same thing exactly if they are equal."""


Held: TypeAlias = Callable[[e.Held, Event], bool | None]
"""Whether a status was held, as far as whoever asks can tell."""


def settled(
    of: e.Expression, event: Event, policy: Policy, held: Held | None = None
) -> bool | None:
    """True or false if the values in the event decide it; None if they do not."""
    if isinstance(of, e.Held):
        return None if held is None else held(of, event)
    if isinstance(of, e.And | e.Or):
        came = [settled(o, event, policy, held) for o in of.operands]
        decides = isinstance(of, e.Or)
        if decides in came:
            return decides
        return None if None in came else not decides
    if isinstance(of, e.Not):
        inner = settled(of.operand, event, policy, held)
        return None if inner is None else not inner
    if isinstance(of, e.Missing) and isinstance(of.operand, e.AttributeOf):
        return (attribute_value(of.operand, event) is not None) is of.present
    if isinstance(of, e.Compare) and of.operator in ("=", "!="):
        return _compared(of, event)
    if isinstance(of, e.Member) and not of.networks:
        return _member(of, event, policy)
    return None


def _value(of: e.Expression, event: Event) -> Value | None:
    if getattr(of, "type", None) is None or of.type.name not in _EXACT:
        return None
    return of.value if isinstance(of, e.Constant) else attribute_value(of, event)


def _compared(of: e.Compare, event: Event) -> bool | None:
    left, right = _value(of.left, event), _value(of.right, event)
    if left is None or right is None:
        return None
    return (left == right) is (of.operator == "=")


def _member(of: e.Member, event: Event, policy: Policy) -> bool | None:
    value = _value(of.operand, event)
    if value is None or not isinstance(of.collection, e.ListValues):
        return None
    found = policy.lists.get(of.collection.name)
    values: Sequence[Value] | None = None if found is None else found.values
    return None if values is None else value in values
