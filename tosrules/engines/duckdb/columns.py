"""The types of the columns of `ColumnTrace` in DuckDB."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tosrules.engines.columns import TABLE
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.vocabulary import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SQL = {
    "text": "VARCHAR",
    "reference": "VARCHAR",
    "address": "VARCHAR",
    "date": "VARCHAR",
    "number": "DECIMAL(24,6)",
    "boolean": "BOOLEAN",
    "time": "BIGINT",
    "duration": "BIGINT",
}


def sql_type(of: Type) -> str:
    """DuckDB's type of the values of a type of the vocabulary."""
    return f"{sql_type(of.of)}[]" if of.of is not None else _SQL[of.name]


def column_type(column: ScanColumn) -> str:
    if not column.secret:
        return sql_type(column.type)
    return "VARCHAR[]" if column.type.name == "list" else "VARCHAR"


def identifier(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def table_definition(scan: Scan, table: str = TABLE) -> str:
    """The statement that makes the empty table."""
    own = "".join(f", {identifier(c.name)} {column_type(c)}" for c in scan.columns)
    return f"CREATE OR REPLACE TABLE {table} (pos BIGINT, t BIGINT, type VARCHAR{own})"


_FEW = 65_536
"""Types that an ENUM holds in two bytes at most."""


def narrow_types(connection: DuckDBPyConnection, table: str, types: Iterable[str]) -> None:
    """Holds the column `type` of a table, all of whose values are among `types`, as an ENUM:
    every clause looks for its types, and a byte is compared much faster than a text."""
    narrow = narrow_type(types)
    if narrow:
        # What was read in vain has no type that counts.
        connection.execute(
            f"ALTER TABLE {table} ALTER type TYPE {narrow} USING TRY_CAST(type AS {narrow})"
        )


def narrow_type(types: Iterable[str]) -> str:
    """An ENUM of these types of events; empty if there can be none."""
    names = sorted(types)
    if 0 < len(names) < _FEW and all(map(str.isprintable, names)):
        return "ENUM(" + ", ".join("'" + name.replace("'", "''") + "'" for name in names) + ")"
    return ""
