"""Which stage of Spark runs, and how many of its tasks are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tosrules.engines.progress import Progress
from tosrules.engines.spark.alone import executors, is_local

if TYPE_CHECKING:
    from pyspark import SparkContext


class StageProgress(Progress):
    """Of the first stage that runs, how many of its tasks are done."""

    every = 0.5

    def __init__(self, context: SparkContext) -> None:
        self._context = context
        self._local = is_local(str(context.master))
        super().__init__()

    def said(self) -> str | None:
        """` stage 12: 40 of 200 tasks`."""
        try:
            if not self._local and not executors(self._context):
                return ", waiting for the cluster to give an executor"
            tracker = self._context.statusTracker()
            active = sorted(tracker.getActiveStageIds())
            info = tracker.getStageInfo(active[0]) if active else None
        except Exception:  # Spark is gone, and the run itself says so
            self._done.set()
            return None
        if info is None:
            return None
        more = f", {len(active) - 1} more" if len(active) > 1 else ""
        return f" stage {info.stageId}: {info.numCompletedTasks:,} of {info.numTasks:,} tasks{more}"
