"""The plan as Spark SQL: what Spark spells its own way.

It means what it says under the settings of `settings.py` alone: names tell upper from lower
case, and what cannot be held is an error.
"""

from __future__ import annotations

from typing import ClassVar

from tosrules.engines.spark.patterns import java_pattern
from tosrules.engines.sql import Writer
from tosrules.plan.expr import Constant, Operation, Over


class _Spark(Writer):
    name = "Spark"
    types: ClassVar = {
        "integer": "BIGINT",
        "wide": "DECIMAL(38,0)",
        "number": "DECIMAL(24,6)",
        "boolean": "BOOLEAN",
        "text": "STRING",
        "texts": "ARRAY<STRING>",
        "integers": "ARRAY<BIGINT>",
        "numbers": "ARRAY<DECIMAL(24,6)>",
        "booleans": "ARRAY<BOOLEAN>",
    }
    quote = "`"
    joins: ClassVar = {
        "inner": "JOIN",
        "left": "LEFT JOIN",
        "semi": "LEFT SEMI JOIN",
        "anti": "LEFT ANTI JOIN",
    }
    explode = "explode"
    division = "div"
    array = "array({})"
    function = "{} -> {}"
    small = "INT"
    whole = "L"
    calls: ClassVar = {
        "starts with": "startswith",
        "ends with": "endswith",
        "list has": "array_contains",
    }
    nulls = " NULLS LAST"

    def text(self, value: str) -> str:
        """Nothing in it is read as an escape, a variable or a line of its own."""
        return "'" + "".join(map(_character, value)) + "'"

    def integer(self, value: int) -> str:
        return f"{value}L"

    def wide(self, value: int) -> str:
        return f"CAST('{value}' AS {self.types['wide']})"

    def operation(self, expr: Operation, said: list[str]) -> str:
        match expr.op:
            case "list any":
                return f"exists({said[0]}, {said[1]})"
            case "matches" | "matches any case" | "extract":
                return self._regex(expr, said[0])
            case "decimal":
                # A number in millionths: exact, since it has six places.
                return f"CAST({said[0]} * CAST('1000000' AS DECIMAL(7,0)) AS {self.types['wide']})"
            case "length":
                return f"CAST(length({said[0]}) AS BIGINT)"
            case "list length":
                return f"CAST(array_size({said[0]}) AS BIGINT)"
            case "range":
                first, end = said
                # A sequence whose end lies before its beginning would count down.
                return (
                    f"(CASE WHEN {first} < {end} THEN sequence({first}, {end} - 1L, 1L) "
                    f"WHEN {first} >= {end} THEN CAST(array() AS ARRAY<BIGINT>) END)"
                )
            case "month of day":
                return f"CAST(month({_day(said[0])}) AS BIGINT)"
            case "year of day":
                return f"CAST(year({_day(said[0])}) AS BIGINT)"
            case "date of day":
                return f"CAST({_day(said[0])} AS STRING)"
        return ""

    def _regex(self, expr: Operation, found: str) -> str:
        pattern = expr.args[1]
        assert isinstance(pattern, Constant), "patterns are written in the rules"
        if expr.op == "extract":
            group = expr.args[2]
            assert isinstance(group, Constant), "the group is written in the plan"
            said = self.text(java_pattern(str(pattern.value), groups=True))
            return f"regexp_extract({found}, {said}, {group.value})"
        said = self.text(java_pattern(str(pattern.value), expr.op == "matches any case"))
        return f"({found} RLIKE {said})"

    def aggregate(self, function: str, said: str) -> str:
        if function == "count if":
            return f"count_if({said})"
        return f"sum({self._summand(said)})" if function == "sum" else f"{function}({said})"

    def arguments(self, expr: Over, said: list[str]) -> list[str]:
        if expr.function == "sum":
            return [self._summand(said[0])]
        if expr.function in ("lag", "lead") and len(said) > 1:
            by = expr.args[1]
            assert isinstance(by, Constant), "the number of rows is known from the rule"
            return [said[0], str(by.value), *said[2:]]
        return super().arguments(expr, said)

    def _summand(self, said: str) -> str:
        return f"CAST({said} AS {self.types['wide']})"


def _character(c: str) -> str:
    if c in "\\'":
        return "\\" + c
    if (c >= " " and c not in "$\x7f\x85\u2028\u2029" and not c.isspace()) or c == " ":
        return c
    return f"\\u{ord(c):04X}" if ord(c) < 0x10000 else c


def _day(said: str) -> str:
    """The date that lies so many days after 1970-01-01."""
    return f"date_from_unix_date(CAST({said} AS INT))"


_WRITER = _Spark()
TYPES = _WRITER.types
quoted, text = _WRITER.quoted, _WRITER.text
column_type, value_type = _WRITER.column_type, _WRITER.value_type
query, scalar = _WRITER.query, _WRITER.scalar
