"""What a condition can be unknown for (semantics C4): the words of every engine and report."""

from __future__ import annotations

from typing import NamedTuple

ATTRIBUTE_MISSING = "attribute missing"
BEFORE_OBSERVATION = "before observation"
DEADLINE_UNKNOWN = "deadline unknown"
STATUS_UNKNOWN = "status unknown"
FULFILMENT_UNKNOWN = "fulfilment unknown"
DIVISION_BY_ZERO = "division by zero"


class Reason(NamedTuple):
    reason: str
    attribute: str
    """The attribute, or the status or link that was asked."""


def own_name(qualified: str) -> str:
    """The name without its pack."""
    return qualified.rpartition("/")[2]
