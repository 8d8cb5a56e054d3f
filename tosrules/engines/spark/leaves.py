"""Values in the columns of a frame: which of them no reader could doubt, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tosrules.engines.duckdb.plain import INSTANT
from tosrules.engines.spark.emit import quoted, text
from tosrules.vocabulary import Type

if TYPE_CHECKING:
    from pyspark.sql.types import DataType

_SMALL = ("byte", "short", "integer")
_WHOLE = (*_SMALL, "long")
_HELD = (1 - 10**18, 10**18 - 1)
_COMPARED = 20
"""Places of a DECIMAL up to which Spark compares it exactly with one of 24 digits, 6 of them
places."""
_LASTING = (-999_999_999, 999_999_999)
"""Seconds of a duration."""
YEARS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
"""Microseconds of the years 1 to 9999."""


class Unreadable(Exception):
    """A column that no attribute can be read from. The message names it."""


_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_FOUR = r"\.".join([_OCTET] * 4)
"""What ADDRESS describes, said so that Java goes through it in half of the time."""


def whole(value: str, expression: str) -> str:
    """SQL of whether a text is all of what an expression describes, which RE2 reads alike."""
    all_of_it = rf"^(?:{expression})\z"
    return f"rlike({value}, {text(all_of_it)})"


def _not_empty(sql: str) -> str:
    return f"{sql} <> ''"


def _between(sql: str, least: int, most: int) -> str:
    return f"{sql} BETWEEN {least} AND {most}"


def _beyond(sql: str, least: int, most: int) -> str:
    return f"{sql} < {least} OR {sql} > {most}"


class Leaf:
    """A column, or a part of one, that holds values."""

    def __init__(self, name: str, sql: str, of: DataType, above: tuple[str, ...]) -> None:
        self.name = name
        """Flattened name of the attribute."""
        self.sql = sql
        self.of = of
        self.above = above
        """Names of the objects that it lies in."""
        self.kind = kind_of(of)

    @property
    def textual(self) -> bool:
        return self.kind == "string"

    def instant(self, utc: bool) -> str:
        """SQL of microseconds since 1970; NULL if the column is not of instants. `utc`: times
        without an offset are UTC."""
        return _value(self.sql, self.of, "time", utc) or "NULL"

    def good_instant(self, utc: bool) -> str:
        return _good(self.sql, self.of, "time", utc) or "true"

    def held(self) -> str:
        """SQL of whether a number can be held, whatever it is; empty if any can."""
        return _held(self.sql, self.of)

    def good(self, of: Type, secret: bool, utc: bool) -> str:
        """SQL of whether a value is taken as it stands where the attribute has type `of`; NULL
        where there is none. Empty: always."""
        none = f"{self.sql} IS NULL"
        if of.name == "list" and of.of is not None:
            if self.kind != "array" or (secret and of.of.name not in ("text", "reference")):
                return none
            part = _good("x", _element(self.of), of.of.name, utc)
            if part is None:
                return none
            inner = f"x IS NOT NULL{' AND ' + part if part else ''}"
            return f"forall({self.sql}, x -> coalesce({inner}, false))"
        if secret and of.name not in ("text", "reference"):
            return none  # the strict reader spells what is hashed
        check = _good(self.sql, self.of, of.name, utc)
        return none if check is None else check

    def refused(self, check: str) -> str:
        """SQL of whether a check of this leaf fails, in comparisons that the statistics of files
        answer; empty where it cannot be said so."""
        for said, fails in (
            (_not_empty(self.sql), f"{self.sql} = ''"),
            *((_between(self.sql, *ends), _beyond(self.sql, *ends)) for ends in (_HELD, _LASTING)),
        ):
            if check == said:
                return fails
        return ""

    def value(self, of: Type, utc: bool) -> str:
        """SQL of the value where it is good."""
        if of.name == "list" and of.of is not None:
            if self.kind != "array":
                return "NULL"
            part = _value("x", _element(self.of), of.of.name, utc)
            return "NULL" if part is None else f"transform({self.sql}, x -> {part})"
        return _value(self.sql, self.of, of.name, utc) or "NULL"


def leaves(columns: dict[str, tuple[str, Any]]) -> list[Leaf]:
    """Columns as name → (SQL, type), with structures taken apart. Raises Unreadable."""
    found: list[Leaf] = []
    for name, (sql, of) in columns.items():
        found.extend(_apart(name, sql, of, ()))
    seen: set[str] = set()
    for leaf in found:
        if leaf.name in seen:
            raise Unreadable(f"two columns are called `{leaf.name}`")
        seen.add(leaf.name)
    return found


def kind_of(of: DataType) -> str:
    return str(of.typeName())


def _apart(name: str, sql: str, of: Any, above: tuple[str, ...]) -> Iterator[Leaf]:
    kind = kind_of(of)
    if kind != "struct":
        inner = of
        while kind_of(inner) == "array":
            inner = inner.elementType
        if kind_of(inner) in ("map", "binary", "variant", "interval", "geometry", "geography"):
            raise Unreadable(
                f"the column `{name}` is of the type {of.simpleString()}, which no attribute has"
            )
        yield Leaf(name, sql, of, above)
        return
    for field in of.fields:
        below = f"{sql}.{quoted(field.name)}"
        yield from _apart(f"{name}.{field.name}", below, field.dataType, (*above, name))


def _element(of: Any) -> DataType:
    found: DataType = of.elementType
    return found


def _held(sql: str, of: Any) -> str:
    kind = kind_of(of)
    if kind == "long":
        return _between(sql, *_HELD)
    if kind == "decimal":
        if of.precision <= 18 and of.scale <= 6:
            return ""
        if of.scale > _COMPARED:
            few = whole(f"CAST({sql} AS STRING)", r"-?[0-9]+\.[0-9]{6}0*")
            return f"(abs({sql}) < 1000000000000 AND {few})"
        return f"(abs({sql}) < 1000000000000 AND {sql} = try_cast({sql} AS DECIMAL(24,6)))"
    if kind == "double":
        # So few digits that only one decimal has this double.
        exact = f"CAST(try_cast({sql} AS DECIMAL(15,6)) AS DOUBLE)"
        return f"(abs({sql}) < 1000000000 AND {sql} = {exact})"
    if kind == "float":
        return f"{sql} IS NULL"
    if kind in ("array", "struct"):
        return "" if _harmless(of) else f"{sql} IS NULL"
    return ""


def _harmless(of: Any) -> bool:
    """No value of a type can fail to be held."""
    kind = kind_of(of)
    if kind == "array":
        return _harmless(of.elementType)
    if kind == "struct":
        return all(_harmless(field.dataType) for field in of.fields)
    return kind in ("boolean", "string") or kind in _SMALL


def _good(sql: str, of: Any, wanted: str, utc: bool) -> str | None:
    """SQL of whether a value is good as the wanted type beyond being held; None: never."""
    kind = kind_of(of)
    numeric = kind in _WHOLE or kind in ("decimal", "double")
    if wanted == "text":
        return "" if kind == "string" else None
    if wanted == "reference":
        return _not_empty(sql) if kind == "string" else None
    if wanted == "boolean":
        return "" if kind == "boolean" else None
    if wanted == "number":
        return "" if numeric else None
    if wanted == "duration":
        return _between(sql, *_LASTING) if numeric else None
    if wanted == "address" and kind == "string":
        return whole(sql, _FOUR)
    if wanted == "time" and (kind == "timestamp" or (utc and kind == "timestamp_ntz")):
        return _between(f"unix_micros(CAST({sql} AS TIMESTAMP))", *YEARS)
    if wanted == "time" and kind == "string":
        return whole(sql, INSTANT)
    return None


def _value(sql: str, of: Any, wanted: str, utc: bool) -> str | None:
    """SQL of a good value; None if none is. What is not good may come as anything."""
    if _good(sql, of, wanted, utc) is None:
        return None
    kind = kind_of(of)
    if wanted in ("number", "duration"):
        number = f"try_cast({sql} AS {'DECIMAL(15,6)' if kind == 'double' else 'DECIMAL(24,6)'})"
        if wanted == "number":
            return f"CAST({number} AS DECIMAL(24,6))"
        return f"try_cast(try_cast({sql} AS DECIMAL(15,6)) * 1000000 AS BIGINT)"
    if wanted == "time":
        cast = "try_cast" if kind == "string" else "CAST"
        return f"unix_micros({cast}({sql} AS TIMESTAMP))"
    return sql
