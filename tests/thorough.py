"""Which examples the slowest tests take: a few in every run, all where one asks for all.

`make full` sets TOSRULES_TESTS=all. A run of everything takes longer than a change should wait
for on two processors; the few differ the most from one another: persons and notices, many
accounts, what cannot be determined, and a format that is not our own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

FEW = ("massroot8", "mgp25", "missing-evidence", "web-log")


def tried(names: Iterable[str]) -> list[str]:
    """The examples of a run, by name."""
    return [n for n in sorted(names) if os.environ.get("TOSRULES_TESTS") == "all" or n in FEW]
