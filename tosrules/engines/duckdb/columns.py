"""The types of the columns of `ColumnTrace` in DuckDB."""

from __future__ import annotations

from tosrules.engines.columns import TABLE
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.vocabulary import Type

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
