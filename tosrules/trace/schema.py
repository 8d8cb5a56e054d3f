"""The JSON Schema of a native trace, from a vocabulary.

It says what can be said of a record by itself. The readers ask for more: ids that are different,
numbers of at most 18 digits, no name twice in one object, addresses that are addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tosrules.trace.reading import VERSION
from tosrules.vocabulary import Attribute, Type, Vocabulary

_INSTANT = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d"
    r"(:[0-5]\d([.,]\d+)?)? ?([Zz]|[+-]\d\d(:?\d\d)?)$"
)
_WORDS = r"-?\d+(\.\d+)? ?(microsecond|millisecond|second|minute|hour|day|week)s?"
_ISO = (
    r"-?P(?=.)(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?(T(?=.)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?"
)
_DURATION = f"^({_WORDS}|{_ISO})$"
_LARGEST = 10**18

Schema = dict[str, Any]


def trace_schema(vocabulary: Vocabulary) -> Schema:
    """JSON Schema, draft 2020-12, of `tosrules-trace/1` with the attributes of `vocabulary`;
    other attributes and event types are allowed. `$defs.header` and `$defs.event` are the lines
    of the same in JSON Lines."""
    header = {
        "trace": {"const": VERSION},
        "title": {"type": "string", "description": "What the trace is about."},
        "observed": {"$ref": "#/$defs/observed"},
    }
    events = {"type": "array", "items": {"$ref": "#/$defs/event"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://tosrules.invalid/schema/{VERSION}",
        "title": VERSION,
        "description": "Recorded events, in any order.",
        "type": "object",
        "properties": {**header, "events": events},
        "required": ["trace", "events"],
        "additionalProperties": False,
        "$defs": {
            "header": {
                "description": "The first line of JSON Lines, where there is one.",
                "type": "object",
                "properties": header,
                "required": ["trace"],
                "additionalProperties": False,
            },
            "observed": {
                "description": "The period in which absence is proven, both ends included.",
                "type": "object",
                "properties": {"from": {"$ref": "#/$defs/time"}, "to": {"$ref": "#/$defs/time"}},
                "required": ["from", "to"],
                "additionalProperties": False,
            },
            "time": {
                "description": "An instant with its offset from UTC: 2020-04-03T09:00:00Z.",
                "type": "string",
                "pattern": _INSTANT,
            },
            "duration": {
                "description": "90 minutes, PT1H30M, or a number of seconds.",
                "anyOf": [{"type": "string", "pattern": _DURATION}, {"$ref": "#/$defs/number"}],
            },
            "number": {
                "type": "number",
                "exclusiveMinimum": -_LARGEST,
                "exclusiveMaximum": _LARGEST,
            },
            "event": _event(vocabulary),
        },
    }


def _event(vocabulary: Vocabulary) -> Schema:
    declared = [t.attributes for t in vocabulary.types.values()]
    # A type may say of a common attribute that it has another type.
    common = {
        name: attribute
        for name, attribute in vocabulary.common.items()
        if all(a[name].type == attribute.type for a in declared if name in a)
    }
    text = {"type": "string", "minLength": 1}
    return {
        "description": "One recorded event. Names with dots may also be objects in one another; "
        "null says that a value is not known.",
        "type": "object",
        "properties": {
            "id": {**text, "description": "Different for different events."},
            "time": {"$ref": "#/$defs/time"},
            "type": {**text, "description": "Such as `profile.read`."},
            **_properties(common.values()),
        },
        "required": ["id", "time", "type"],
        "allOf": list(_by_type(vocabulary, common)),
    }


def _by_type(vocabulary: Vocabulary, common: Mapping[str, Attribute]) -> Iterable[Schema]:
    for name, event_type in sorted(vocabulary.types.items()):
        above = vocabulary.attributes_of(name.rpartition(".")[0])
        own = [
            attribute
            for key, attribute in event_type.attributes.items()
            if key not in common and (key not in above or above[key].type != attribute.type)
        ]
        if own:
            pattern = rf"^{re.escape(name)}(\.|$)"
            yield {
                "if": {"properties": {"type": {"pattern": pattern}}, "required": ["type"]},
                "then": {"title": event_type.title or name, "properties": _properties(own)},
            }


def _properties(attributes: Iterable[Attribute]) -> Schema:
    """Each attribute under its dotted name, and in objects within one another."""
    listed = list(attributes)
    tree: dict[str, Any] = {}
    for attribute in listed:
        at = tree
        for part in attribute.name.split("."):
            at = at.setdefault(part, {})
        at[""] = attribute
    found = {a.name: _described(a) for a in listed if "." in a.name}
    return {**{name: _node(inner) for name, inner in tree.items()}, **found}


def _node(tree: dict[str, Any]) -> Schema:
    inner = {name: _node(below) for name, below in tree.items() if name}
    attribute = tree.get("")
    if attribute is None:
        return {"properties": inner}
    if not inner:
        return _described(attribute)
    return {"anyOf": [_described(attribute), {"type": "object", "properties": inner}]}


def _described(attribute: Attribute) -> Schema:
    marks = [word for word in ("required", "secret", "personal") if getattr(attribute, word)]
    said: Schema = {"anyOf": [_of(attribute.type), {"type": "null"}]}
    said["description"] = ", ".join([str(attribute.type), *marks])
    return said


def _of(type: Type) -> Schema:
    if type.name == "list" and type.of is not None:
        return {"type": "array", "items": _of(type.of)}
    if type.name in ("time", "duration", "number"):
        return {"$ref": f"#/$defs/{type.name}"}
    if type.name == "boolean":
        return {"type": "boolean"}
    if type.name == "address":
        return {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
    return {"type": "string", "minLength": 1} if type.name == "reference" else {"type": "string"}
