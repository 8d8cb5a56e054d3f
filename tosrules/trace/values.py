"""Values of a record by the vocabulary's types: JSON in, `Value` out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from fractions import Fraction
from functools import lru_cache
from typing import Any

from tosrules.late import pattern
from tosrules.trace.durations import DurationError, from_seconds, parse_duration
from tosrules.trace.event import Value
from tosrules.trace.instants import InstantError, epoch_mend, parse_instant
from tosrules.trace.numbers import decimal_text
from tosrules.trace.problems import quoted
from tosrules.vocabulary import Attribute, Type, Vocabulary

Convert = Callable[[object], Value]


class ValueFault(Exception):
    """A value that is not of its type. `predicate` says what is wrong without the value."""

    def __init__(
        self, predicate: str, help: str = "", code: str = "trace-ill-typed", shown: str = ""
    ) -> None:
        super().__init__(predicate)
        self.predicate = predicate
        self.help = help
        self.code = code
        self.shown = shown
        """The value, to be shown unless it is secret."""
        self.name = ""
        """Flattened name of the attribute; set where it is known."""

    def message(self, event_type: str) -> str:
        of = f" of {quoted(event_type)}" if event_type else ""
        shown = f": {quoted(self.shown)}" if self.shown else ""
        return f"{quoted(self.name)}{of} {self.predicate}{shown}"


class Typing:
    """The vocabulary made ready for reading: how to take each attribute of each type."""

    def __init__(self, vocabulary: Vocabulary, zone: tzinfo | None) -> None:
        self.zone = zone
        self.naive = 0
        """Times without an offset that were read in the zone."""
        self._vocabulary = vocabulary
        self._forms: dict[str, Form] = {}

    def form(self, event_type: str) -> Form:
        found = self._forms.get(event_type)
        if found is None:
            attributes = self._vocabulary.attributes_of(event_type)
            found = Form(attributes, self)
            if len(self._forms) < 10_000:
                self._forms[event_type] = found
        return found

    def instant(self, text: str) -> int:
        """`parse_instant` in the zone of this reading, as a ValueFault if it fails."""
        try:
            return parse_instant(text)
        except InstantError as error:
            if not error.naive or self.zone is None:
                raise _not_instant(error, text) from None
        try:
            found = parse_instant(text, self.zone)
        except InstantError as error:
            raise _not_instant(error, text) from None
        self.naive += 1
        return found


class Form:
    """What events of one type may hold."""

    def __init__(self, attributes: Mapping[str, Attribute], typing: Typing) -> None:
        self.types = {name: a.type for name, a in attributes.items()}
        self.required = tuple(name for name, a in attributes.items() if a.required)
        self.secret = frozenset(name for name, a in attributes.items() if a.secret)
        # The name is kept beside its converter: events then share one string per attribute.
        self._known = {name: (name, _converter(a.type, typing)) for name, a in attributes.items()}
        self._inner = frozenset(
            name[:dot] for name in attributes for dot in range(len(name)) if name[dot] == "."
        )

    def attributes(self, record: Mapping[str, object]) -> dict[str, Value]:
        """The flattened, typed attributes of a decoded record. Raises ValueFault."""
        found: dict[str, Value] = {}
        self._take(record, "", found)
        return found

    def taking(self, name: str, decode: Callable[[Any], Any]) -> Callable[[Any], Any] | None:
        """What makes the value of an attribute of a value that `decode` makes one of JSON, which
        is no object; None if it stands as it is. It raises ValueFault."""
        entry = self._known.get(name)
        as_it_is = decode is str or decode is bool
        if entry is None:
            if as_it_is:
                return None
            return lambda value: _untyped(decode(value))
        of, convert = self.types[name], entry[1]
        if (decode, of.name) in ((str, "text"), (bool, "boolean")):
            return None
        return convert if as_it_is else lambda value: convert(decode(value))

    def _take(self, record: Mapping[str, object], prefix: str, found: dict[str, Value]) -> None:
        for key, value in record.items():
            if value is None:
                continue
            name = prefix + key
            entry = self._known.get(name)
            if type(value) is dict and (entry is None or name in self._inner):
                self._take(value, name + ".", found)
            elif name in found:
                raise self._named(
                    ValueFault(
                        "stands twice, once nested and once with dots",
                        "remove one of the two",
                        "trace-duplicate-key",
                    ),
                    name,
                )
            elif entry is not None:
                try:
                    found[entry[0]] = entry[1](value)
                except ValueFault as fault:
                    raise self._named(fault, name) from None
            else:
                found[name] = _untyped(value)

    def _named(self, fault: ValueFault, name: str) -> ValueFault:
        fault.name = name
        if name in self.secret:
            fault.shown = fault.help = ""
        return fault


def _converter(of: Type, typing: Typing) -> Convert:
    if of.name == "list" and of.of is not None:
        return _list_converter(of, _converter(of.of, typing))
    if of.name == "time":
        return _time_converter(typing)
    if of.name == "reference":
        return _reference_converter(of.kind)
    return _SCALARS[of.name]


def _text(value: object) -> str:
    if type(value) is str:
        return value
    raise _wrong("text", value)


def _number(value: object) -> int | Fraction:
    if type(value) is int or type(value) is Fraction:
        return value
    raise _wrong("a number", value)


def _boolean(value: object) -> bool:
    if type(value) is bool:
        return value
    raise _wrong("true or false", value)


def _duration(value: object) -> int:
    try:
        if type(value) is str:
            return parse_duration(value)
        if type(value) is int or type(value) is Fraction:
            return from_seconds(value)
    except DurationError as error:
        raise ValueFault(str(error), shown=_shown(value)) from None
    raise _wrong("a duration", value)


def _address(value: object) -> str:
    if type(value) is not str:
        raise _wrong("an IP address", value)
    found = canonical_address(value)
    if found is None:
        raise ValueFault("is not an IP address", shown=value)
    return found


_SCALARS: dict[str, Convert] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "duration": _duration,
    "address": _address,
}


def _time_converter(typing: Typing) -> Convert:
    def convert(value: object) -> Value:
        if type(value) is str:
            return typing.instant(value)
        if type(value) is int or type(value) is Fraction:
            raise ValueFault("must be a time, not a number", epoch_mend(decimal_text(value)))
        raise _wrong("a time", value)

    return convert


def _reference_converter(kind: str) -> Convert:
    article = "an" if kind[:1] in "aeiou" else "a"

    def convert(value: object) -> Value:
        if type(value) is str:
            if value:
                return value
            raise ValueFault(
                f"must identify {article} {kind}, and is empty",
                "leave it out, or write `null`, if it is not known",
            )
        raise _wrong(f"the identifier of {article} {kind} as text", value)

    return convert


def _list_converter(of: Type, element: Convert) -> Convert:
    wanted = f"a {of}" if of.of is None or of.of.name != "reference" else f"a list of {of.of.kind}"

    def convert(value: object) -> Value:
        if type(value) is not list:
            raise _wrong(wanted, value, "write it in brackets, `[ … ]`")
        if None in value:
            raise ValueFault(f"is {wanted} that holds `null`", "leave that element out")
        return tuple(element(part) for part in value)

    return convert


def _wrong(wanted: str, value: object, help: str = "") -> ValueFault:
    """The value is of another JSON type than it should be."""
    if type(value) is str:
        if wanted == "a number" and _numeric(value):
            help = f"write `{value}` without quotation marks"
        elif wanted == "true or false" and value.lower() in ("true", "false"):
            help = f"write `{value.lower()}` without quotation marks"
        return ValueFault(f"must be {wanted}, not text", help)
    if type(value) is bool:
        return ValueFault(f"must be {wanted}, not `{str(value).lower()}`", help)
    if type(value) is int or type(value) is Fraction:
        if wanted.endswith("text"):
            help = f'write `"{decimal_text(value)}"`'
        return ValueFault(f"must be {wanted}, not a number", help)
    return ValueFault(
        f"must be {wanted}, not {'a list' if type(value) is list else 'an object'}", help
    )


def _numeric(text: str) -> bool:
    return len(text) < 20 and text.isascii() and text.lstrip("-").replace(".", "", 1).isdigit()


def _shown(value: object) -> str:
    return value if isinstance(value, str) else decimal_text(value)  # type: ignore[arg-type]


def _not_instant(error: InstantError, text: str) -> ValueFault:
    code = "trace-naive-time" if error.naive else "trace-bad-time"
    return ValueFault(str(error), error.mend, code, text)


def _untyped(value: object) -> Value:
    """A value of an attribute that nobody declared; a list is a tuple of scalars, else JSON
    text."""
    if type(value) is not list:
        return value  # type: ignore[return-value]
    if all(type(part) in (str, int, bool, Fraction) for part in value):
        return tuple(value)
    return compact(value)


def compact(value: object) -> str:
    """Compact JSON text of a decoded value; numbers exact, names in their order."""
    if isinstance(value, Fraction):
        return decimal_text(value)
    if isinstance(value, list):
        return f"[{','.join(compact(part) for part in value)}]"
    if isinstance(value, dict):
        parts = (f"{json.dumps(k, ensure_ascii=False)}:{compact(v)}" for k, v in value.items())
        return "{" + ",".join(parts) + "}"
    return json.dumps(value, ensure_ascii=False)


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = pattern(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}", re.ASCII)


def canonical_address(text: str) -> str | None:
    """The one spelling of an IP address, or None. An IPv4 address mapped into IPv6 is the IPv4
    address; a scope (`fe80::1%eth0`) is local to one machine and not accepted."""
    if _IPV4.fullmatch(text):
        return text
    return _canonical_ipv6(text)


@lru_cache(maxsize=8192)
def _canonical_ipv6(text: str) -> str | None:
    import ipaddress

    if len(text) > 45 or "%" in text:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)
