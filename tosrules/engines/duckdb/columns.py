"""The types of the columns of `ColumnTrace` in DuckDB."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tosrules.engines.columns import TABLE
from tosrules.engines.duckdb.emit import column_type, quoted
from tosrules.plan.scan import Scan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def table_definition(scan: Scan, table: str = TABLE) -> str:
    """The statement that makes the empty table."""
    own = "".join(f", {quoted(c.name)} {column_type(c)}" for c in scan.columns)
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
