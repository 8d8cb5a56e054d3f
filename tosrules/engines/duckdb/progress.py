"""How far a long query of DuckDB is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tosrules.engines.progress import Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class QueryProgress(Progress):
    """Of the query of a connection, how much of it is done."""

    every = 0.2

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        super().__init__()

    def said(self) -> str | None:
        part = self._connection.query_progress()
        return f" {min(part, 100.0):3.0f} %" if part >= 0 else None
