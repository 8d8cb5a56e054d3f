"""Clusters that have nobody left to do the work: Spark itself would wait for ever."""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark import SparkContext

LONG = 300.0
"""Seconds that jobs wait for an executor. A cluster that grows by need takes minutes to."""
_EVERY = 5.0


class Alone:
    """Cancels the jobs that a tag marks once they have waited LONG for an executor."""

    def __init__(self, context: SparkContext, tag: str) -> None:
        self.cancelled = False
        self._context = context
        self._tag = tag
        self._over = Event()
        self._since: float | None = None
        Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            try:
                self.look(time.monotonic())
            except Exception:  # Spark is gone, and the run itself says so
                return

    def look(self, now: float) -> None:
        """How things stand at an instant, in seconds."""
        if executors(self._context) or not self._context.statusTracker().getActiveJobsIds():
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since >= LONG:
            self.cancelled = True
            self._over.set()
            self._context.cancelJobsWithTag(self._tag)

    def said(self) -> str:
        """What to tell of a run that was cancelled."""
        return (
            "the cluster has taken away all executors in the middle of the run, and given no other "
            f"for {LONG / 60:.0f} minutes; see what it has free, and begin anew"
        )


def executors(context: SparkContext) -> int:
    """How many do the work, the driver apart."""
    return len(context._jsc.sc().statusTracker().getExecutorInfos()) - 1


def is_local(master: str) -> bool:
    """Whether the driver does all the work itself."""
    return master == "local" or master.startswith("local[")
