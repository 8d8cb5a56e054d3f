"""The custody log: who did what with a bundle and when, each line bound to the one before it.

JSON Lines. `previous` is the SHA-256 of the line before, without its line break (64 zeros on the
first), `sums` that of SHA256SUMS, so that a line also says which bundle it is about. Nobody can
change, take out or put in a line without every later line showing it; lines cut off at the end
show only to who has seen them, or where a later copy has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

FIRST = "0" * 64
KEYS = ("line", "time", "who", "what", "sums", "previous")


def added(log: bytes, time: str, who: str, what: str, sums: bytes) -> bytes:
    """The log with a line more. `time` is an instant in UTC, `sums` the bytes of SHA256SUMS."""
    lines = log.splitlines()
    entry = {
        "line": len(lines) + 1,
        "time": time,
        "who": who,
        "what": what,
        "sums": hashlib.sha256(sums).hexdigest(),
        "previous": hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST,
    }
    return log + json.dumps(entry, ensure_ascii=True).encode() + b"\n"


def broken(log: bytes, sums: bytes) -> Iterator[tuple[int, str, str, str]]:
    """(line, what it is, what it should be, what is there) wherever the chain does not hold."""
    digest = hashlib.sha256(sums).hexdigest()
    previous = FIRST
    lines = log.split(b"\n")
    if lines and lines[-1] == b"":
        lines.pop()
    else:
        yield len(lines), "the end of the log", "a line break", "nothing"
    if not lines:
        yield 1, "the log", "a line at least", "nothing"
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if not isinstance(entry, dict) or tuple(entry) != KEYS:
            yield number, "the line", f"an object with {', '.join(KEYS)}", "something else"
            previous = hashlib.sha256(line).hexdigest()
            continue
        for name, should in (("line", number), ("previous", previous), ("sums", digest)):
            if entry[name] != should:
                yield number, f"`{name}`", str(should), str(entry[name])[:100]
        previous = hashlib.sha256(line).hexdigest()


def told(log: bytes) -> list[tuple[str, str, str]]:
    """(time, who, what) of each line that can be read."""
    found = []
    for line in log.splitlines():
        try:
            entry = json.loads(line)
            found.append((str(entry["time"]), str(entry["who"]), str(entry["what"])))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found
