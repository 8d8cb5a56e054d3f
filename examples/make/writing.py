"""What the makers of the examples share: seeded chance, events in order of time, one a line.

Standard library only. The same script writes the same bytes on every machine: chance is drawn
from `random.random` alone, whose sequence Python promises to keep for a seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

EXAMPLES = Path(__file__).resolve().parent.parent
T = TypeVar("T")


def at(text: str) -> datetime:
    """`2020-03-01 10:00` or `2020-03-01 10:00:30`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def after(start: datetime, **much: float) -> datetime:
    """`start` and so many days, hours, minutes or seconds later."""
    return start + timedelta(**much)


class Chance:
    """Seeded chance."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def pick(self, among: Sequence[T]) -> T:
        return among[int(self._random.random() * len(among))]


class Trace:
    """A trace being written."""

    def __init__(self, title: str, observed: tuple[datetime, datetime]) -> None:
        self.title = title
        self.observed = observed
        self._events: list[tuple[datetime, int, dict[str, Any]]] = []

    def add(self, time: datetime, type: str, **attributes: Any) -> None:
        """One event. `__` in a name stands for the dot: `client__attested=False`."""
        named = {name.replace("__", "."): value for name, value in attributes.items()}
        self._events.append((time, len(self._events), {"type": type, **named}))

    def __len__(self) -> int:
        return len(self._events)

    def write(self, folder: str, file: str = "trace.json") -> None:
        """Writes `examples/<folder>/<file>`, events by time, numbered `e001`, `e002`, …"""
        ordered = sorted(self._events, key=lambda event: event[:2])
        width = max(3, len(str(len(ordered))))
        lines = [
            _json({"id": f"e{number:0{width}}", "time": _instant(time), **event})
            for number, (time, _, event) in enumerate(ordered, start=1)
        ]
        start, end = (_instant(time) for time in self.observed)
        text = (
            "{\n"
            f'"trace": "tosrules-trace/1",\n'
            f'"title": {_json(self.title)},\n'
            f'"observed": {_json({"from": start, "to": end})},\n'
            '"events": [\n' + ",\n".join(lines) + "\n]\n}\n"
        )
        path = EXAMPLES / folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.relative_to(EXAMPLES.parent)}: {len(lines)} events")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _instant(time: datetime) -> str:
    """Whole seconds: that is how fine the logs behind such a case are."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
