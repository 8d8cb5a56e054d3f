"""Two results as data → their first difference, in words that name clause, field and event."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Difference(NamedTuple):
    path: tuple[str, ...]
    left: Any
    right: Any

    def __str__(self) -> str:
        return f"{' > '.join(self.path)}\n    {_short(self.left)}\n    {_short(self.right)}"

    @property
    def kind(self) -> str:
        """The path without what differs from case to case: what a shrinker holds on to."""
        if self.path[0].startswith("raises"):
            return self.path[0]
        return " > ".join("[]" if p[0] == "[" else p.partition(" ")[0] for p in self.path[-2:])


NOTHING = "(nothing)"


def difference(left: Any, right: Any) -> Difference | None:
    """The first difference that says most: verdicts and numbers of clauses before findings,
    and findings before the summary that follows from them."""
    found = _all((), left, right)
    return min(found, key=_weight) if found else None


def _weight(found: Difference) -> tuple[int, int]:
    order = ("clauses", "findings", "run", "summary")
    names = [n for n, word in enumerate(order) if any(p.startswith(word) for p in found.path[:2])]
    return (min(names, default=9), 0 if found.path[0] == "whole" else 1)


def _all(path: tuple[str, ...], left: Any, right: Any) -> list[Difference]:
    if json.dumps(left) == json.dumps(right):  # as bytes, so that order and 1 or true matter
        return []
    if isinstance(left, dict) and isinstance(right, dict):
        found = []
        for name in [*left, *(n for n in right if n not in left)]:
            found += _all((*path, name), left.get(name, NOTHING), right.get(name, NOTHING))
        return found or [Difference((*path, "order of names"), [*left], [*right])]
    if isinstance(left, list) and isinstance(right, list):
        return _items(path, left, right)
    return [Difference(path, left, right)]


def _items(path: tuple[str, ...], left: list[Any], right: list[Any]) -> list[Difference]:
    """Items with a name are compared with those of that name; others by their place."""
    ours, theirs = _named(left), _named(right)
    if ours is None or theirs is None:
        found = []
        for place in range(max(len(left), len(right))):
            one = left[place] if place < len(left) else NOTHING
            other = right[place] if place < len(right) else NOTHING
            found += _all((*path, f"[{place}]"), one, other)
        return found
    found = []
    for name in [*ours, *(n for n in theirs if n not in ours)]:
        found += _all((*path, name), ours.get(name, NOTHING), theirs.get(name, NOTHING))
    return found or [Difference((*path, "order"), [*ours], [*theirs])]


def _named(items: list[Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, dict):
            return None
        match item:
            case {"severity": _, "clause": clause, "id": id}:
                name = f"finding {id[:8]} of {clause}"
            case {"verdict": _, "id": id, "effective": effective}:
                name = f"clause {id} {effective or ''}".strip()
            case {"role": role, "id": id}:
                name = f"event {id} as {role}"
            case {"reason": reason, "attribute": attribute}:
                name = f"reason {reason} {attribute}".strip()
            case {"completing": id}:
                name = f"match {id}"
            case _:
                return None
        if name in found:
            return None
        found[name] = item
    return found


def _short(value: Any) -> str:
    text = value if value == NOTHING else json.dumps(value, ensure_ascii=False)
    return text if len(text) < 400 else text[:400] + " …"
