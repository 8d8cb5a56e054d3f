"""How far a long query is, on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PATIENCE = 1.0
"""Seconds that a query may take without a word."""
_EVERY = 0.2


class Progress:
    """Tells standard error, if it is a terminal, how far the query of a connection is."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self.task = "working"
        self._connection = connection
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Wipes away what was said. To be called before the connection is closed."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        began: float | None = None
        shown = ""
        while not self._done.wait(_EVERY):
            part = self._connection.query_progress()
            now = time.monotonic()
            # Between two queries there is none for a moment; one task may be many queries.
            if part < 0 and not shown:
                began = None
                continue
            began = now if began is None else began
            if now - began < PATIENCE:
                continue
            percent = f" {min(part, 100.0):3.0f} %" if part >= 0 else ""
            shown = self._show(f"{self.task} …{percent}", shown)
        if shown:
            self._show("", shown)
            sys.stderr.write("\r")
            sys.stderr.flush()

    @staticmethod
    def _show(text: str, before: str) -> str:
        sys.stderr.write("\r" + text + " " * max(0, len(before) - len(text)))
        sys.stderr.flush()
        return text
