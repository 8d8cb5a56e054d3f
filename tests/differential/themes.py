"""What the rules of a seed are mostly about.

A pack in which everything meets everything finds what goes wrong between features; one about a
single feature, with little else to hide it, finds what is wrong at its edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ATOMS = {
    "text": 4, "number": 4, "boolean": 4, "missing": 1.5, "list": 3, "time": 2, "equal": 3,
    "reference": 2, "status": 5, "member": 1.5, "define": 1, "function": 3,
}  # fmt: skip
FORMS = {"event": 4, "rate": 4, "quota": 3, "sequence": 5, "obligation": 5}


@dataclass(frozen=True)
class Theme:
    forms: Mapping[str, float]
    atoms: Mapping[str, float]
    """How often each kind of condition is drawn."""
    where: float = 1.0
    """Conditions on steps, against what is usual."""
    clutter: float = 1.0
    """What else a clause may say: exceptions, severities, periods, scope."""
    signals: float = 1.0
    having: float = 0.4
    """How often a window has a condition of its own."""
    missing: tuple[float, ...] = (0.0, 0.0, 0.0, 0.05, 0.1, 0.3)
    """How often an attribute is missing, in one trace and another."""


SIMPLE = {"boolean": 3.0, "text": 1.0}


DOUBTFUL = (0.0, 0.05, 0.1, 0.1, 0.3)


def _about(
    *, forms: Mapping[str, float], atoms: Mapping[str, float] = SIMPLE, **more: Any
) -> Theme:
    return Theme(forms, atoms, **{"clutter": 0.2, "signals": 0.3, "where": 0.7, **more})


THEMES = {
    "everything": Theme(FORMS, ATOMS),
    "statuses": _about(forms={"event": 8, "rate": 1}, atoms={"status": 20, "boolean": 3}, where=2,
        missing=DOUBTFUL),
    "links": _about(
        forms={"event": 5, "obligation": 1, "sequence": 1},
        atoms={"member": 10, "status": 8, "boolean": 4}, where=1.6, missing=DOUBTFUL),
    "sequences": _about(forms={"sequence": 1}),
    "duties": _about(forms={"obligation": 1}),
    "rates": _about(forms={"rate": 1}, having=0.2),
    "aggregates": _about(forms={"rate": 3, "quota": 1}, where=0.3, having=1.0),
    "quotas": _about(forms={"quota": 1}, having=0.3),
    "conditions": _about(
        forms={"event": 1}, where=2.5,
        atoms={
            "text": 4, "number": 4, "list": 4, "time": 3, "equal": 3, "missing": 1, "function": 5,
        }),
    "signals": _about(forms=FORMS, signals=3.0),
    "clauses": _about(forms=FORMS, atoms={**SIMPLE, "status": 2}, clutter=1.5),
}  # fmt: skip
"""One in turn for each seed."""


def theme_of(seed: int) -> tuple[str, Theme]:
    name = list(THEMES)[seed % len(THEMES)]
    return name, THEMES[name]
