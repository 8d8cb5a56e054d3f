"""Random traces: few values, many ties, times at the edges of what rules look at.

A trace is the bytes of a JSON Lines file, so that disorder, repeated records, nulls, and what the
vocabulary does not know go through the reader like any other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.differential.draw import Draw
from tests.differential.words import (
    ACCOUNTS,
    ADDRESSES,
    DAY,
    DEVICES,
    HOUR,
    MINUTE,
    NUMBERS,
    PARTIES,
    SECOND,
    SPANS,
    TEXTS,
    URLS,
    written,
)

NEAR = (
    0, 0, 0, 1, -1, SECOND, 30 * SECOND, MINUTE, MINUTE, 5 * MINUTE, 9 * MINUTE, 10 * MINUTE - 1,
    10 * MINUTE, 10 * MINUTE, 10 * MINUTE, 10 * MINUTE + 1, 11 * MINUTE, 15 * MINUTE, 20 * MINUTE,
    -10 * MINUTE, -MINUTE,
)  # fmt: skip
WIDE = (
    0, 0, 1, -1, 10 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR - 1, HOUR, HOUR + 1, 6 * HOUR, DAY - 1,
    DAY, DAY, DAY + 1, -HOUR, 2 * DAY, 3 * DAY - 1,
)  # fmt: skip
GRID = (
    0, 0, 1, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE - 1, 10 * MINUTE, 10 * MINUTE,
    10 * MINUTE + 1, 11 * MINUTE, 15 * MINUTE, 20 * MINUTE, 20 * MINUTE, 20 * MINUTE + 1,
    30 * MINUTE, HOUR, HOUR + MINUTE,
)  # fmt: skip
"""Few instants, of which many are exactly a usual length apart."""
FAR = (0, HOUR, DAY, DAY, 2 * DAY, 7 * DAY, 28 * DAY, 30 * DAY, 31 * DAY, -DAY, 365 * DAY, DAY - 1)


def trace(draw: Draw, middle: int, types: Sequence[str], missing: Sequence[float]) -> bytes:
    """A trace about an instant, of these types more than of others."""
    size = draw.pick((0, 1, 2, 3, 4, 5, 6, 8, 8, 10, 10, 12, 12, 14, 16, 18, 20, 24, 28, 36))
    times = _times(draw, middle, size)
    values = _Values(draw, draw.pick(missing))
    kinds = draw.some(types, 3, 9) if types else ["a"]
    if draw.chance(0.3):
        kinds = [*kinds, *kinds, draw.pick(("a", "a.q", "zz.unknown", "b", "message.send", "x"))]
    records = []
    for n, time in enumerate(times):
        said = values.of_event(time)
        at = written(time)
        if draw.chance(0.05):
            at = _otherwise(draw, at)
        records.append({"id": f"e{n + 1}", "time": at, "type": draw.pick(kinds), **said})
    if draw.chance(0.4):
        draw.random.shuffle(records)
    if records and draw.chance(0.15):
        records.insert(draw.whole(0, len(records)), draw.pick(records))
    lines = [json.dumps(r, ensure_ascii=draw.chance(0.5)) for r in records]
    header = _header(draw, times or [middle])
    if header is not None or not lines:
        lines.insert(0, json.dumps({"trace": "tosrules-trace/1", **(header or {})}))
    return ("\n".join(lines) + "\n").encode()


def _times(draw: Draw, middle: int, size: int) -> list[int]:
    """In order; each a step away from another, so that spans meet exactly."""
    if draw.chance(0.45):
        start = middle + draw.pick((0, 0, -10 * MINUTE, -HOUR))
        return sorted(start + draw.pick(GRID) for _ in range(size))
    steps = draw.pick((NEAR, NEAR, NEAR, WIDE, WIDE, FAR))
    found = [middle + draw.pick((0, 0, -1, 1, -MINUTE, 10 * MINUTE, -10 * MINUTE, -HOUR, -DAY))]
    while len(found) < size:
        start = found[-1] if draw.chance(0.7) else draw.pick(found)
        found.append(start + draw.pick(steps))
    return sorted(found[:size])


def _otherwise(draw: Draw, at: str) -> str:
    """The same instant, written in another way."""
    whole = at.removesuffix("Z")
    if draw.chance(0.5):
        return whole + "+00:00"
    return (whole if "." in whole else whole + ".000000").ljust(26, "0") + "9Z"


def _header(draw: Draw, times: Sequence[int]) -> dict[str, Any] | None:
    """The observed period: none, that of the events, wider, narrower, elsewhere."""
    first, last = times[0], times[-1]
    far = draw.pick((HOUR, DAY, 40 * DAY))
    match draw.weighed(none=3, wider=3, later=2, same=1, narrower=1, one=0.5, before=0.3):
        case "none":
            return None
        case "wider":
            first, last = first - far, last + far
        case "later":
            last += draw.pick((1, 10 * MINUTE - 1, 10 * MINUTE, 10 * MINUTE + 1, far))
        case "narrower":
            inside = [t for t in times if first <= t <= last]
            first, last = sorted((draw.pick(inside), draw.pick(inside)))
        case "one":
            first = last = draw.pick(list(times))
        case "before":
            first, last = first - 2 * far, first - far
    return {"title": "A trace", "observed": {"from": written(first), "to": written(last)}}


class _Values:
    """What the events of one trace say: of each attribute a few values, and how often none."""

    def __init__(self, draw: Draw, missing: float) -> None:
        self.draw = draw
        hot = draw.chance(0.2)
        self.missing = missing
        usual = draw.chance(0.8)

        def few(values: Sequence[Any]) -> list[Any]:
            """One to three of them; most often the one that rules ask for is among these."""
            found = draw.some(values, 1, 1 if hot else draw.pick((1, 2, 2, 3)))
            return [values[0], values[0], *found] if usual and not hot else found

        self.pools: dict[str, list[Any]] = {
            "k": few(TEXTS),
            "j": few(TEXTS),
            "link.url": few(URLS),
            "pin": few(("p", "q", "1234")),
            "n": few(NUMBERS),
            "m": few(NUMBERS),
            "ok": draw.pick(([True], [True, False], [True, True, False])),
            "span": few(SPANS),
            "source.ip": few(ADDRESSES),
            "actor": few(PARTIES),
            "to": few(PARTIES),
            "account": few(ACCOUNTS),
            "device": few(DEVICES),
        }
        self.absent = draw.some(list(self.pools), 0, 3) if draw.chance(0.3) else []

    def of_event(self, time: int) -> dict[str, Any]:
        draw = self.draw
        said: dict[str, Any] = {}
        for name, pool in self.pools.items():
            if draw.chance(self.missing) or (name in self.absent and draw.chance(0.8)):
                if draw.chance(0.2):
                    said[name] = None
                continue
            said[name] = draw.pick(pool)
        if draw.chance(0.7):
            said["due"] = written(time + draw.pick((*NEAR, HOUR, HOUR, DAY)))
        if draw.chance(0.6):
            said["tags"] = draw.some(TEXTS, 0, 2)
            said["nums"] = draw.some(NUMBERS, 0, 2)
        if draw.chance(0.05):
            said["unheard.of"] = draw.pick((1, "p", True, ["p", 1], {"in": "side"}))
        if "link.url" in said and draw.chance(0.3):
            said["link"] = {"url": said.pop("link.url")}
        return said
