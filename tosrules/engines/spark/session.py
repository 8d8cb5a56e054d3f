"""A Spark session as the meaning needs it: made for a run, or beside one that is running."""

from __future__ import annotations

import hashlib
import logging
import secrets
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tosrules.engines.signals import LastWords
from tosrules.engines.spark.alone import Alone, is_local
from tosrules.engines.spark.exhaustion import Exhausted, exhaustion
from tosrules.engines.spark.starting import beside, end_process, started

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from tosrules.engines.progress import Progress

LOCAL = "local[*]"
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
    "spark.sql.json.enablePartialResults": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.columnNameOfCorruptRecord": "_corrupt_record",
}
"""On which the meaning of the statements rests."""
_QUICK = {"spark.sql.inMemoryColumnarStorage.compressed": "false"}
"""Of every session, unless asked otherwise: to compress rows that are held takes thrice as long as
to read and check them."""


class Session:
    """A Spark session with SETTINGS.

    `spark`: a session that is running; a session of its own is opened beside it, on the same
    cluster and with the same catalogue, so that nothing of the given one is changed, and the
    given one is never stopped. Else one is started on `master` (as Spark names it, `local[*]` if
    nothing is said) with the settings `conf`, and stopped at the end; what Spark's processes
    print goes to a file that is thrown away.

    As a context manager it turns exhaustion into Exhausted, and signals that end the run into
    KeyboardInterrupt or SystemExit. Raises NoSpark.
    """

    def __init__(
        self,
        master: str | None = None,
        conf: Mapping[str, str] | None = None,
        spark: SparkSession | None = None,
        progress: bool = False,
    ) -> None:
        self._words = LastWords()
        self._key = secrets.token_bytes(32)
        self._kept: list[Any] = []
        self._shared: list[str] = []
        self.master = master or LOCAL
        self._held: Callable[[], None] = lambda: None
        self._unheard = logging.NullHandler()
        if spark is not None:
            self.spark = beside(spark)
        else:
            # Of a process that has ended Py4J complains to whoever listens, else to the terminal.
            logging.getLogger().addHandler(self._unheard)
            self._words.heed()
            try:
                self.spark = started(self.master, conf or {})
            except BaseException:
                logging.getLogger().removeHandler(self._unheard)
                raise
            finally:
                self._words.restore()
        # It tells every error on standard error, as it comes, whatever is made of it.
        self._quiet = logging.getLogger("SQLQueryContextLogger").disabled
        logging.getLogger("SQLQueryContextLogger").disabled = True
        quick = {n: v for n, v in _QUICK.items() if n not in (conf or {})}
        for name, value in {**quick, **SETTINGS}.items():
            with suppress(_unknown_setting()):
                self.spark.conf.set(name, value)
        # What else runs on a given session is not cancelled with a run.
        self._tag = f"tosrules-{secrets.token_hex(8)}"
        self.spark.sparkContext.addJobTag(self._tag)
        context = self.spark.sparkContext
        self._alone = None if is_local(str(context.master)) else Alone(context, self._tag)
        self._progress: Progress | None = None
        if progress:
            from tosrules.engines.spark.progress import StageProgress

            self._progress = StageProgress(context)
        own = spark is None
        watching = [each for each in (self._progress, self._alone) if each is not None]
        self._close = weakref.finalize(
            self, _close, self.spark, own, self._kept, self._shared, watching
        )

    # ---- what is done ------------------------------------------------------------------------
    @property
    def task(self) -> str:
        """What a terminal is told is being done."""
        return "" if self._progress is None else self._progress.task

    @task.setter
    def task(self, doing: str) -> None:
        if self._progress is not None:
            self._progress.task = doing

    def sql(self, statement: str) -> DataFrame:
        return self.spark.sql(statement)

    def keep(self, frame: DataFrame) -> DataFrame:
        """The same rows, held in memory and on disks until the session ends."""
        held = frame.persist()
        self._kept.append(held)
        return held

    def release(self, frame: DataFrame) -> None:
        """Lets go of rows that were held."""
        frame.unpersist()
        self._kept[:] = [held for held in self._kept if held is not frame]

    def hold(self, close: Callable[[], None]) -> None:
        """Something that outlasts the call that made it: `close` is called when the session ends,
        or when something else takes its place."""
        before, self._held = self._held, close
        before()

    def adopt(self, frame: DataFrame) -> DataFrame:
        """A frame of any session of the same cluster, as one of this session."""
        name = f"tosrules_{secrets.token_hex(8)}"
        frame.createOrReplaceGlobalTempView(name)
        self._shared.append(name)
        return self.spark.table(f"{_global_database(self.spark)}.{name}")

    # ---- secrets -----------------------------------------------------------------------------
    def hashed(self, secret: str) -> str:
        """What stands in a column in place of a secret: a hash under a key that only this
        session has. Equal secrets have equal hashes; nothing else can be asked of them."""
        return hashlib.sha256(self._key + secret.encode("utf-8", "surrogatepass")).hexdigest()

    def key_hex(self) -> str:
        """The key of `hashed`, for hashing in SQL. It must go nowhere else."""
        return self._key.hex()

    # ---- the end -----------------------------------------------------------------------------
    def __enter__(self) -> Session:
        self._words.heed()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ended = self._words.ended
        if ended is not None or isinstance(error, KeyboardInterrupt):
            with suppress(Exception):
                self.spark.sparkContext.cancelJobsWithTag(self._tag)
        said = None
        if error is not None and ended is None:
            said = exhaustion(error, self.spark)
            if self._alone is not None and self._alone.cancelled:
                said = self._alone.said()
        self.close()
        if ended not in (None, error):
            raise ended from None
        if said is not None:
            raise Exhausted(said) from None

    def close(self) -> None:
        """Ends the session: what it held is let go, and Spark is stopped if it was started
        here. A second time it does nothing."""
        self._words.restore()
        self.hold(lambda: None)
        with suppress(Exception):  # Spark may be gone
            self.spark.sparkContext.removeJobTag(self._tag)
        self._close()
        logging.getLogger().removeHandler(self._unheard)
        logging.getLogger("SQLQueryContextLogger").disabled = self._quiet


def _close(
    spark: SparkSession,
    own: bool,
    kept: list[Any],
    shared: list[str],
    watching: Sequence[Progress | Alone],
) -> None:
    for each in watching:
        each.stop()
    # Whatever of it is gone already need not be let go: the cluster may have ended first.
    with suppress(Exception):
        for frame in kept:
            frame.unpersist()
        for name in shared:
            spark.catalog.dropGlobalTempView(name)
    kept.clear()
    if own:
        with suppress(Exception):
            spark.stop()
        end_process()


def _unknown_setting() -> type[BaseException]:
    """What Spark raises of a setting that this version does not have or let be changed."""
    from pyspark.errors import AnalysisException

    found: type[BaseException] = AnalysisException
    return found


def _global_database(spark: SparkSession) -> str:
    return str(spark.conf.get("spark.sql.globalTempDatabase", "global_temp"))
