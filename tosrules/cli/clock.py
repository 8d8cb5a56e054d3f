"""The time of a run: the clock of the machine, or SOURCE_DATE_EPOCH where that is set."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from tosrules.cli.exits import Unusable
from tosrules.trace.problems import quoted


def now() -> datetime:
    """In UTC, whole seconds. Raises Unusable for a SOURCE_DATE_EPOCH that is no time."""
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not said:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(said), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unusable(
            f"SOURCE_DATE_EPOCH is {quoted(said)}, which is no number of seconds since 1970",
            "set it to one, or unset it",
        ) from None


def stamp(instant: datetime) -> str:
    """`2026-11-22T16:40:00Z`."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
