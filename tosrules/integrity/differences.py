"""What differs between a result and what is there now, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tosrules.record import Record

SHOWN = 200
"""Code points of a value that is shown."""


class Difference(Record):
    """One thing that is not as the result says."""

    kind: str
    """`trace`, `rules`, `configuration`, `baseline`, `text`, `event`, `finding`, `clause`, `run`
    or `bundle`."""
    where: str
    """What it is, with file and line where there are any: text for people, not yet harmless."""
    said: str
    now: str


class Verification(Record):
    """What came of holding a result to its inputs."""

    differences: tuple[Difference, ...]
    confirmed: tuple[str, ...]
    """What was found to be as the result says, in sentences."""
    unchecked: tuple[str, ...]
    """What could not be looked at, and why that is no difference."""
    impossible: tuple[str, ...]
    """What would have been needed to verify it and was not there or not usable."""
    other_version: bool = False
    """Another version of tosrules made the result: what it says may differ for that alone."""

    @property
    def status(self) -> int:
        """0 as said, 1 a mismatch, 2 it cannot be verified."""
        hard = [d for d in self.differences if not (self.other_version and d.kind in _EVALUATED)]
        if hard:
            return 1
        return 2 if self.impossible or self.differences else 0


_EVALUATED = ("finding", "clause", "run")


def shown(value: object) -> str:
    """A value of a result, as a difference shows it."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if text == "":
        return "an empty text"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def differing(path: str, said: object, now: object) -> Iterator[tuple[str, object, object]]:
    """(path, said, now) of each innermost difference between two pieces of JSON."""
    if type(said) is type(now) and said == now:
        return
    if isinstance(said, Mapping) and isinstance(now, Mapping):
        for name in [*said, *(n for n in now if n not in said)]:
            inner = f"{path}.{name}" if path else name
            yield from differing(inner, said.get(name), now.get(name))
        return
    if isinstance(said, list) and isinstance(now, list):
        if len(said) == len(now):
            for place, (one, other) in enumerate(zip(said, now, strict=True)):
                yield from differing(f"{path}[{place}]", one, other)
            return
        added = [n for n in now if n not in said]
        gone = [s for s in said if s not in now]
        if gone or added:
            yield path, gone or "no more than that", added or "no more than that"
            return
    yield path, said, now
