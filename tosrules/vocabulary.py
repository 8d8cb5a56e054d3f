"""What an event may say: types, attributes and the kinds of things they refer to.

The vocabulary is declared in rule files (`event …`, `common …`); the language room builds a
`Vocabulary` from them, and the trace room types every value of a record by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from tosrules.record import Record

if TYPE_CHECKING:
    from fractions import Fraction

Value: TypeAlias = "str | int | bool | Fraction | tuple[Value, ...]"
"""A value of an attribute: text, references and addresses are `str`; numbers are `int`, or
`Fraction` when not whole (at most 18 digits, 6 after the point); times are `int`
microseconds since 1970-01-01T00:00:00Z; durations are `int` microseconds; lists are tuples.
A missing attribute is absent from the mapping, never None."""

SCALARS = ("text", "number", "boolean", "time", "duration", "address")
"""Value types an attribute may have, besides references and lists."""

REFERENCE_KINDS = ("party", "account", "app", "device", "session", "person", "object")
"""What a reference may refer to. A reference of one kind never equals one of another."""


class Type(Record):
    """The type of an attribute or an expression.

    `name` is one of SCALARS, or `reference` (with `kind`), `list` (with `of`), `date`,
    `group` (the member a mutual link resolves to; `kind` is the link), `event` or `set`
    (the parties a directed link reaches; `kind` is the kind of its members).
    """

    name: str
    kind: str = ""
    of: Type | None = None

    def __str__(self) -> str:
        if self.name == "list":
            return f"list of {self.of}"
        if self.name == "set":
            return f"set of {self.kind}"
        if self.name == "reference":
            return self.kind
        if self.name == "group":
            return f"group of {self.kind}"
        return self.name


TEXT = Type("text")
NUMBER = Type("number")
BOOLEAN = Type("boolean")
TIME = Type("time")
DATE = Type("date")
DURATION = Type("duration")
ADDRESS = Type("address")
EVENT = Type("event")


def reference(kind: str) -> Type:
    """The type of a reference to a thing of `kind` (one of REFERENCE_KINDS)."""
    return Type("reference", kind)


def list_of(element: Type) -> Type:
    return Type("list", of=element)


class Attribute(Record):
    """One attribute of an event type, as the vocabulary declares it."""

    name: str
    """Dotted name, as in the trace after nested objects are flattened."""
    type: Type
    required: bool = False
    secret: bool = False
    """Never shown, logged or stored in the clear."""
    personal: bool = False
    """Pseudonymised on request."""


class EventType(Record):
    """An event type with all its attributes: its own, its prefixes' and the common ones."""

    name: str
    title: str
    attributes: Mapping[str, Attribute]
    pack: str = ""


class Vocabulary(Record):
    """All event types that a run knows."""

    types: Mapping[str, EventType] = {}
    common: Mapping[str, Attribute] = {}
    """Attributes that every type may have, and that types nobody declared still have."""

    def attributes_of(self, event_type: str) -> Mapping[str, Attribute]:
        """The attributes of `event_type`; for an unknown type those of its longest declared
        dotted prefix, else the common ones."""
        name = event_type
        while name:
            declared = self.types.get(name)
            if declared is not None:
                return declared.attributes
            name = name.rpartition(".")[0]
        return self.common
