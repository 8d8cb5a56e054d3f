"""Units of time that are none: `min`, `dayz`."""

from __future__ import annotations

from tosrules.language.diagnostics import nearest
from tosrules.language.machine import Edit
from tosrules.language.scene import Mistake, Scene

UNITS = ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
_SHORT = {
    "s": "seconds", "sec": "seconds", "secs": "seconds", "m": "minutes", "min": "minutes",
    "mins": "minutes", "h": "hours", "hr": "hours", "hrs": "hours", "d": "days", "w": "weeks",
    "wk": "weeks", "wks": "weeks", "mo": "months", "mth": "months", "y": "years", "yr": "years",
    "yrs": "years",
}  # fmt: skip


def near_unit(word: str) -> str | None:
    """The unit most likely meant, in the plural."""
    if word.lower() in _SHORT:
        return _SHORT[word.lower()]
    near = nearest(word.lower(), [*UNITS, *(u[:-1] for u in UNITS)])
    if near is None:
        return None
    return near if near.endswith("s") else near + "s"


def unknown_unit(scene: Scene, start: int, end: int) -> Mistake:
    """The word from `start` to `end` stands where a unit belongs, after a number."""
    word = scene.text[start:end]
    near = near_unit(word)
    amount = scene.text[:start].rstrip().split()[-1:] or [""]
    if near is not None and amount[0] == "1":
        near = near[:-1]
    tokens = (("UNIT", near or "days"),)
    if start != scene.at:
        # The number stands in one word with its unit.
        tokens = (("NUMBER", scene.text[scene.at : start]), *tokens)  # type: ignore[assignment]
    return scene.mistake(
        "unknown-unit",
        f"unknown unit `{word}`",
        f"write `{near}`"
        if near
        else "units are `seconds`, `minutes`, `hours`, `days`, `weeks`, `months` and `years`",
        span=scene.span(start, end),
        edits={scene.at: Edit(tokens, end)},
    )
