"""How much the slowest tests try: a little in every run, everything where one asks for all.

`make full` sets TOSRULES_TESTS=all. A run of everything takes longer than a change should wait
for on two processors; the few differ the most from one another: persons and notices, many
accounts, what cannot be determined, and a format that is not our own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

FEW = ("massroot8", "mgp25", "missing-evidence", "web-log")
ALL = os.environ.get("TOSRULES_TESTS") == "all"


def tried(names: Iterable[str], few: Iterable[str] = FEW) -> list[str]:
    """The examples of a run, by name."""
    return [n for n in sorted(names) if ALL or n in few]


def times(number: int) -> int:
    """Of random examples: `number` where everything is tried, else a third of them."""
    return number if ALL else number // 3
