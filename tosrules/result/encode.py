"""A result as JSON text: the same bytes for the same result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tosrules.late import pattern
from tosrules.record import Record
from tosrules.result.model import Result

_SCALARS = frozenset({str, int, float, bool, type(None)})


def to_data(value: object) -> Any:
    """Records as objects, tuples as lists, mappings in their order."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple:
        return [to_data(part) for part in value]  # type: ignore[attr-defined]
    if isinstance(value, Record):
        return {name: to_data(getattr(value, name)) for name in value.field_names}
    assert isinstance(value, Mapping)
    return {name: to_data(part) for name, part in value.items()}


OPEN = 4
"""Levels that are written over several lines; what lies deeper, such as an event of evidence,
stands on one line. It reads well, and takes a third of the time of indenting everything."""


MANY = 16
"""Different characters that are better looked for by their ranges."""
_ACTING = pattern(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 15))
    + "]"
)
"""What would act on a terminal that shows the JSON, or hide in it: controls that JSON need not
escape, formats (bidirectional, zero-width), separators, halves of pairs, private use and what is
no character. Listed: what Python knows of Unicode changes, the bytes of a result must not."""


def to_json_data(data: object) -> str:
    """Records and plain data as JSON, with the levels down to OPEN over several lines."""
    return _whole("".join([*_written(data), "\n"]))


def to_line(data: object) -> str:
    """Records and plain data as JSON on one line."""
    return _whole(_compact(data))


def _whole(text: str) -> str:
    """JSON that shows all that it says and does nothing: characters that act become escapes,
    which read back as the same text. Halves of surrogate pairs, which UTF-8 cannot hold and strict
    readers refuse even as an escape, become the six characters of their escape."""
    if text.isascii() and "\x7f" not in text:
        return text
    # Which there are is seen at once; to look for all that there might be takes ten times as long.
    found = "".join(sorted(_ACTING.findall("".join(set(text)))))
    if not found:
        return text
    if len(found) > MANY:
        return _ACTING.sub(lambda act: _escape(act[0]), text)
    for char in found:  # a text of such characters alone would be millions of calls
        text = text.replace(char, _escape(char))
    return text


@lru_cache(maxsize=1024)
def _escape(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return f"\\\\u{ord(char):04x}"
    return "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]


SEAL = '  "sha256": "'
"""How the line begins that holds the hash of all lines before it."""


def to_json(result: Result) -> str:
    """The result, sealed: its last field is the SHA-256 of the text before that field's line, by
    which a change of any byte shows, also of what cannot be worked out again."""
    data = _fields(result)
    del data["sha256"]
    parts = _written(data)
    parts[-1] = ",\n"  # in place of the end
    text = _whole("".join(parts))
    parts.clear()
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'{text}{SEAL}{digest}"\n}}\n'


def sealed(data: bytes) -> bool:
    """Whether `data` is the text of a result as it was written: its seal is that of its text."""
    at = data.rfind(b"\n" + SEAL.encode()) + 1
    digest = hashlib.sha256(data[:at]).hexdigest()
    return at > 0 and data[at:] == f'{SEAL}{digest}"\n}}\n'.encode()


def _fields(value: object) -> dict[str, Any]:
    """A record as an object, or a mapping that is no dict; its values as they are."""
    if isinstance(value, Record):
        return {name: getattr(value, name) for name in value.field_names}
    assert isinstance(value, Mapping)
    return dict(value)


# The encoder walks through what it is given by itself; doing that before it takes twice the time.
_compact = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=_fields).encode


_quoted = json.encoder.encode_basestring
_WORDS = {None: "null", True: "true", False: "false"}


def _written(data: Any) -> list[str]:
    """The text in parts: of a large result each whole copy counts."""
    parts: list[str] = []
    _write(data, 0, parts.append)
    return parts


def _write(data: Any, level: int, say: Callable[[str], None]) -> None:
    kind = data.__class__
    if kind is str:
        say(_quoted(data))
        return
    if data is None or kind is bool:
        say(_WORDS[data])
        return
    if isinstance(data, Record):
        data = _fields(data)
    if level >= OPEN or not data or not isinstance(data, dict | list | tuple):
        say(_compact(data))
        return
    inner = "\n" + "  " * (level + 1)
    between = inner
    if isinstance(data, dict):
        say("{")
        for key, value in data.items():
            say(f"{between}{_quoted(key)}: ")
            _write(value, level + 1, say)
            between = "," + inner
    else:
        say("[")
        for value in data:
            say(between)
            _write(value, level + 1, say)
            between = "," + inner
    say(inner[:-2] + ("}" if isinstance(data, dict) else "]"))
