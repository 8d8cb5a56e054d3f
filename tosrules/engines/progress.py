"""How far a long run is, on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from abc import ABC, abstractmethod
from typing import ClassVar

PATIENCE = 1.0
"""Seconds that something may take without a word."""


class Progress(ABC):
    """Tells standard error, if it is a terminal, what an engine is at and how far it is."""

    every: ClassVar[float]
    """Seconds from one look to the next."""

    def __init__(self) -> None:
        self.task = "working"
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()

    @abstractmethod
    def said(self) -> str | None:
        """How far the engine is, to stand after the task; None if it is at nothing."""

    def stop(self) -> None:
        """Wipes away what was said. To be called before the engine is closed."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        began: float | None = None
        shown = ""
        while not self._done.wait(self.every):
            said = self.said()
            now = time.monotonic()
            # Between two queries there is nothing for a moment; one task may be many queries.
            if said is None and not shown:
                began = None
                continue
            began = now if began is None else began
            if now - began >= PATIENCE:
                shown = _show(f"{self.task} …{said or ''}", shown)
        if shown:
            _show("", shown)
            sys.stderr.write("\r")
            sys.stderr.flush()


def _show(text: str, before: str) -> str:
    sys.stderr.write("\r" + text + " " * max(0, len(before) - len(text)))
    sys.stderr.flush()
    return text
