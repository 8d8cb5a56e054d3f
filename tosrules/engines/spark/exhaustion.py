"""What to tell of a run for which memory, a disk or the driver had not room enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tosrules.errors import EvaluationError
from tosrules.quoting import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Exhausted(EvaluationError):
    """A task had not enough memory, a disk not enough room, or a cluster nobody to do the work.
    The message says what to do."""


_MORE = (
    "give it more with --spark-conf spark.executor.memory=8g (spark.driver.memory on a local "
    "master), or make its parts smaller with --spark-conf spark.sql.shuffle.partitions=1000"
)


_ENDING = (
    "SparkContext was shut down",
    "SparkContext has been shutdown",
    "stopped SparkContext",
)
"""What Spark says while its process ends, which it does by itself for want of memory."""

_LOST = re.compile(r"ExecutorLostFailure \(executor [^)]*\)(?: Reason: ([^\n]{1,200}))?")
"""What Spark says of a task whose executor has gone, again and again."""


def text_of(error: BaseException) -> str:
    """What an error says; empty where Spark's process has to be asked for that and is gone."""
    try:
        return str(error)
    except Exception:
        return ""


def _gone(error: BaseException) -> bool:
    """Whether an error is that Spark's process answers no more."""
    from py4j.protocol import Py4JError, Py4JNetworkError

    text = text_of(error)
    if any(said in text for said in _ENDING) or (isinstance(error, Py4JError) and not text):
        return True
    return isinstance(error, (Py4JNetworkError, ConnectionError, EOFError))


def _ended(error: BaseException, spark: SparkSession) -> bool:
    """Whether Spark was at its end when it said what came of a statement."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    if not isinstance(error, (Py4JError, PySparkException)):
        return False
    try:
        return bool(spark.sparkContext._jsc.sc().isStopped())
    except Exception:  # it does not answer
        return True


def exhaustion(error: BaseException, spark: SparkSession | None = None) -> str | None:
    """What to tell of an error if it is one of exhaustion, or if the process of `spark` has ended
    with it."""
    text = text_of(error)
    if "No space left on device" in text:
        return (
            "what Spark writes beside the memory does not fit on a disk; name one with more room: "
            "--spark-conf spark.local.dir=/data/tmp"
        )
    if "maxResultSize" in text:
        return (
            "more findings than the driver may hold came of it; judge fewer clauses with --select, "
            "or raise --spark-conf spark.driver.maxResultSize=4g"
        )
    if (
        "OutOfMemoryError" in text
        or "SparkOutOfMemoryError" in text
        or "UNABLE_TO_ACQUIRE_MEMORY" in text
        or "exit code 137" in text
        or "exit code: 137" in text
        or "Container killed" in text
    ):
        return f"a task has not had enough memory; {_MORE}"
    lost = _LOST.search(text)
    if lost:
        return (
            "executors were lost in the middle of the run, most likely for want of memory; "
            f"{_MORE}; the cluster says: {quoted((lost[1] or 'nothing').strip(), 200)}"
        )
    if spark is not None and (_gone(error) or _ended(error, spark)):
        return (
            "Spark's own process has ended in the middle of the run, most likely for want of "
            f"memory; {_MORE}"
        )
    return None
