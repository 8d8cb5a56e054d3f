"""How far a long run on Spark is, on a terminal: the stage at hand, and its tasks."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark import SparkContext

PATIENCE = 1.0
"""Seconds that something may take without a word."""
_EVERY = 0.5


class Progress:
    """Tells standard error, if it is a terminal, which stages run and how far they are."""

    def __init__(self, context: SparkContext) -> None:
        self.task = "working"
        self._context = context
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Wipes away what was said. To be called before Spark is stopped."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def said(self) -> str:
        """The stage that runs, `judging … stage 12: 40 of 200 tasks`; empty if none does."""
        tracker = self._context.statusTracker()
        active = sorted(tracker.getActiveStageIds())
        if not active:
            return ""
        info = tracker.getStageInfo(active[0])
        if info is None:
            return ""
        more = f", {len(active) - 1} more" if len(active) > 1 else ""
        done = f"{info.numCompletedTasks:,} of {info.numTasks:,} tasks{more}"
        return f"{self.task} … stage {info.stageId}: {done}"

    def _watch(self) -> None:
        began: float | None = None
        shown = ""
        while not self._done.wait(_EVERY):
            try:
                text = self.said()
            except Exception:  # Spark is gone, and the run itself says so
                break
            now = time.monotonic()
            if not text and not shown:
                began = None
                continue
            began = now if began is None else began
            if now - began >= PATIENCE:
                shown = self._show(text or f"{self.task} …", shown)
        if shown:
            self._show("", shown)
            sys.stderr.write("\r")
            sys.stderr.flush()

    @staticmethod
    def _show(text: str, before: str) -> str:
        sys.stderr.write("\r" + text + " " * max(0, len(before) - len(text)))
        sys.stderr.flush()
        return text
