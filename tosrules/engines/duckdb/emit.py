"""The plan as DuckDB SQL: what DuckDB spells its own way."""

from __future__ import annotations

from typing import ClassVar

from tosrules.engines.sql import Writer
from tosrules.plan.expr import Constant, Operation


class _DuckDB(Writer):
    name = "DuckDB"
    types: ClassVar = {
        "integer": "BIGINT",
        "wide": "HUGEINT",
        "number": "DECIMAL(24,6)",
        "boolean": "BOOLEAN",
        "text": "VARCHAR",
        "texts": "VARCHAR[]",
        "integers": "BIGINT[]",
        "numbers": "DECIMAL(24,6)[]",
        "booleans": "BOOLEAN[]",
    }
    quote = '"'
    joins: ClassVar = {
        "inner": "JOIN",
        "left": "LEFT JOIN",
        "semi": "SEMI JOIN",
        "anti": "ANTI JOIN",
    }
    explode = "unnest"
    division = "//"
    array = "[{}]"
    function = "lambda {}: {}"
    small = "INTEGER"
    whole = ""
    calls: ClassVar = {
        "length": "length",
        "starts with": "starts_with",
        "ends with": "suffix",
        "list length": "len",
        "list has": "list_contains",
        "range": "range",
    }
    nulls = ""

    def text(self, value: str) -> str:
        """Control characters are spelled, so that no statement holds them raw."""
        if all(c >= " " for c in value):
            return "'" + value.replace("'", "''") + "'"
        parts: list[str] = []
        plain = ""
        for c in value:
            if c >= " ":
                plain += c
                continue
            if plain:
                parts.append(self.text(plain))
                plain = ""
            parts.append(f"chr({ord(c)})")
        if plain:
            parts.append(self.text(plain))
        return "(" + " || ".join(parts) + ")"

    def integer(self, value: int) -> str:
        return f"{value}::BIGINT"

    def wide(self, value: int) -> str:
        return f"CAST({value} AS HUGEINT)"

    def operation(self, expr: Operation, said: list[str]) -> str:
        match expr.op:
            case "list any":
                return _list_any(*said)
            case "extract":
                group = expr.args[2]
                assert isinstance(group, Constant), "the group is written in the plan"
                return f"regexp_extract({said[0]}, {said[1]}, {group.value})"
            case "matches":
                return f"regexp_matches({said[0]}, {said[1]})"
            case "matches any case":
                return f"regexp_matches({said[0]}, {said[1]}, 'i')"
            case "decimal":
                # A number in millionths: exact, since it has six places.
                return f"(CAST({said[0]} AS DECIMAL(38,6)) * 1000000)"
            case "month of day":
                return f"month({_day(said[0])})"
            case "year of day":
                return f"year({_day(said[0])})"
            case "date of day":
                return f"strftime({_day(said[0])}, '%Y-%m-%d')"
        return ""

    def aggregate(self, function: str, said: str) -> str:
        if function == "count if":
            return f"count(*) FILTER (WHERE {said})"
        return f"{function}({said})"


def _list_any(said: str, function: str) -> str:
    """True if true for one element, unknown if unknown for one, false of none."""
    holds = f"list_transform({said}, {function})"
    unknown = f"len(list_filter({holds}, lambda h: h IS NULL)) > 0"
    return (
        f"(CASE WHEN {said} IS NULL THEN CAST(NULL AS BOOLEAN) WHEN len({said}) = 0 THEN false "
        f"ELSE list_bool_or({holds}) OR CASE WHEN {unknown} THEN CAST(NULL AS BOOLEAN) "
        "ELSE false END END)"
    )


def _day(said: str) -> str:
    """The date that lies so many days after 1970-01-01."""
    return f"DATE '1970-01-01' + CAST({said} AS INTEGER)"


_WRITER = _DuckDB()
TYPES = _WRITER.types
quoted, text = _WRITER.quoted, _WRITER.text
column_type, value_type = _WRITER.column_type, _WRITER.value_type
query, scalar = _WRITER.query, _WRITER.scalar
