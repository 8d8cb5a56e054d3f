"""What a cited event says, as a hash that a stranger can compare.

Taken with every secret replaced by the same word: a hash over a password would let anybody try
passwords against it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction

from tosrules.result.secrets import Secrets
from tosrules.trace.event import Event, Value


def event_digest(event: Event, secrets: Secrets) -> str:
    """SHA-256 over the event's id, type, instant and attributes, in hexadecimal."""
    return digest_of(event.id, event.type, event.time, secrets.masked(event))


def digest_of(id: str, event_type: str, time: int, attributes: Mapping[str, Value]) -> str:
    said = [id, event_type, time, [[name, _value(attributes[name])] for name in sorted(attributes)]]
    return hashlib.sha256(_dense(said).encode()).hexdigest()


_dense = json.JSONEncoder(separators=(",", ":")).encode


def _value(value: Value) -> object:
    if isinstance(value, tuple):
        return [_value(part) for part in value]
    if isinstance(value, Fraction):
        return {"fraction": [value.numerator, value.denominator]}
    return value
