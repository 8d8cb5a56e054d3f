"""A Spark session as the meaning needs it: made for a run, or beside one that is running."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import socket
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tosrules.errors import EvaluationError
from tosrules.quoting import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from tosrules.engines.progress import Progress

LOCAL = "local[*]"
PATIENCE = 30.0
"""Seconds that a master may take to answer, and again to give the run an executor."""
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
    "spark.sql.json.enablePartialResults": "false",
    "spark.sql.columnNameOfCorruptRecord": "_corrupt_record",
}
"""On which the meaning of the statements rests."""
_QUICK = {"spark.sql.inMemoryColumnarStorage.compressed": "false"}
"""Of every session, unless asked otherwise: to compress rows that are held takes thrice as long as
to read and check them."""
_JAVA = " ".join(
    (
        "-XX:+IgnoreUnrecognizedVMOptions",
        "-XX:+UseParallelGC",
        "-XX:-DoEscapeAnalysis",
        "-XX:LoopOptsCount=5",
        "-XX:MaxInlineLevel=9",
        "-XX:FreqInlineSize=150",
    )
)
"""Of Spark's process where it does all the work itself. Each statement is a program that runs for
a second or so: Java would spend as much on compiling these, and what plans them, as on running.
What is left out of its second compiler is what takes longest there and gains least here."""
_PART_BYTES = "32m"
"""Of a file that a task reads on one machine: so many that all processors have work to the end."""
_OWN = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
"""Of sessions that are made here, unless asked otherwise."""


class NoSpark(EvaluationError):
    """There is no Spark to run on. `help` says what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


class Exhausted(EvaluationError):
    """A task had not enough memory, or a disk not enough room. The message says what to do."""


class Session:
    """A Spark session with SETTINGS.

    `spark`: a session that is running; a session of its own is opened beside it, on the same
    cluster and with the same catalogue, so that nothing of the given one is changed, and the
    given one is never stopped. Else one is started on `master` (as Spark names it, `local[*]` if
    nothing is said) with the settings `conf`, and stopped at the end; what Spark's processes
    print goes to a file that is thrown away.

    As a context manager it turns exhaustion into Exhausted. Raises NoSpark.
    """

    def __init__(
        self,
        master: str | None = None,
        conf: Mapping[str, str] | None = None,
        spark: SparkSession | None = None,
        progress: bool = False,
    ) -> None:
        self._key = secrets.token_bytes(32)
        self._kept: list[Any] = []
        self._shared: list[str] = []
        self._log: str | None = None
        self._quiet = logging.getLogger("SQLQueryContextLogger").disabled
        # It tells every error on standard error, as it comes, whatever is made of it.
        logging.getLogger("SQLQueryContextLogger").disabled = True
        self.master = master or LOCAL
        self._held: Callable[[], None] = lambda: None
        self._unheard = logging.NullHandler()
        if spark is not None:
            self.spark = _beside(spark)
        else:
            # Of a process that has ended Py4J complains to whoever listens, else to the terminal.
            logging.getLogger().addHandler(self._unheard)
            self.spark, self._log = _started(self.master, conf or {})
        quick = {n: v for n, v in _QUICK.items() if n not in (conf or {})}
        for name, value in {**quick, **SETTINGS}.items():
            with suppress(_unknown_setting()):
                self.spark.conf.set(name, value)
        # What else runs on a given session is not cancelled with a run.
        self._tag = f"tosrules-{secrets.token_hex(8)}"
        self.spark.sparkContext.addJobTag(self._tag)
        self._progress: Progress | None = None
        if progress:
            from tosrules.engines.spark.progress import StageProgress

            self._progress = StageProgress(self.spark.sparkContext)
        own = spark is None
        self._close = weakref.finalize(
            self, _close, self.spark, own, self._kept, self._shared, self._progress, self._log
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
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        said = None if error is None else exhaustion(error)
        if error is not None and said is None and (_gone(error) or self._ended(error)):
            said = (
                "Spark's own process has ended in the middle of the run, most likely for want of "
                f"memory; {_MORE}"
            )
        if isinstance(error, KeyboardInterrupt):
            with suppress(Exception):
                self.spark.sparkContext.cancelJobsWithTag(self._tag)
        self.close()
        if said is not None:
            raise Exhausted(said) from None

    def _ended(self, error: BaseException) -> bool:
        """Whether Spark was at its end when it said what came of a statement."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        if not isinstance(error, (Py4JError, PySparkException)):
            return False
        try:
            return bool(self.spark.sparkContext._jsc.sc().isStopped())
        except Exception:  # it does not answer
            return True

    def close(self) -> None:
        """Ends the session: what it held is let go, and Spark is stopped if it was started
        here. A second time it does nothing."""
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
    progress: Progress | None,
    log: str | None,
) -> None:
    if progress is not None:
        progress.stop()
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
        _end_process()
    if log is not None:
        with suppress(OSError):
            os.unlink(log)


def _end_process() -> None:
    """Ends the Java process that was started for a session of ours."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is None:
        return
    with suppress(Exception):
        gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is not None:
        with suppress(Exception):
            process.stdin.close()
            process.wait(10)
    SparkContext._gateway = None
    SparkContext._jvm = None


# ---- beginning -----------------------------------------------------------------------------


def _pyspark() -> Any:
    try:
        import pyspark
    except ImportError:
        raise NoSpark(
            "the spark engine needs PySpark, which is not installed",
            "pip install 'tosrules[spark]'",
        ) from None
    if find_spec("pyarrow") is None:
        raise NoSpark(
            "the spark engine needs PyArrow, in which rows come and go, and it is not installed",
            "pip install 'tosrules[spark]'",
        )
    if int(pyspark.__version__.partition(".")[0]) < 4:
        raise NoSpark(
            f"the spark engine needs PySpark 4, and {pyspark.__version__} is installed",
            "pip install 'tosrules[spark]'",
        )
    return pyspark


def _beside(spark: SparkSession) -> SparkSession:
    """A session on the cluster of a running one, with settings of its own."""
    _pyspark()
    if not hasattr(spark, "_jsparkSession"):
        raise NoSpark(
            "the given Spark session is one of Spark Connect, which this does not run on",
            "give a session that was made by SparkSession.builder on the driver itself",
        )
    if spark.sparkContext._jsc is None or spark.sparkContext._jsc.sc().isStopped():
        raise NoSpark("the given Spark session has been stopped", "make a new one")
    return spark.newSession()


def _started(master: str, conf: Mapping[str, str]) -> tuple[SparkSession, str]:
    _pyspark()
    java()
    _answers(master)
    from pyspark import SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if SparkContext._active_spark_context is not None:
        raise NoSpark(
            "a Spark session is running in this program already",
            "hand it over: tosrules.check(…, spark=session)",
        )
    settings = {**_OWN, **_local(master), **conf, "spark.master": master}
    builder = SparkSession.builder.appName("tosrules")
    for name, value in settings.items():
        builder = builder.config(name, value)
    handle, log = tempfile.mkstemp(prefix="tosrules-spark-", suffix=".log")
    try:
        with _silenced(handle):
            spark = builder.getOrCreate()
    except (PySparkException, Exception) as error:
        said = _why_not(error, log, master)
        with suppress(OSError):
            os.unlink(log)
        _end_process()
        raise said from None
    finally:
        os.close(handle)
    try:
        _has_executors(spark, master)
    except NoSpark:
        spark.stop()
        _end_process()
        os.unlink(log)
        raise
    if os.name == "posix":
        os.unlink(log)  # Spark's process holds it open; nothing is left however a run ends
    return spark, log


def java() -> str:
    """The path of the Java that Spark will use. Raises NoSpark."""
    home = os.environ.get("JAVA_HOME")
    if home:
        found = os.path.join(home, "bin", "java")
        if os.access(found, os.X_OK):
            return found
        raise NoSpark(
            f"JAVA_HOME is {quoted(home, 200)}, where there is no bin/java",
            "set it to a Java of version 17 or 21, or unset it",
        )
    path = shutil.which("java")
    if path is None:
        raise NoSpark(
            "Spark needs Java, and there is none: neither JAVA_HOME nor `java` on the path",
            "install Java 17 or 21, or set JAVA_HOME to where it is",
        )
    return path


def _local(master: str) -> dict[str, str]:
    """On one machine as many parts as pay there; Spark's own number is for a cluster."""
    if not master.startswith("local"):
        return {}
    inside = master.partition("[")[2].partition("]")[0].partition(",")[0]
    cores = int(inside) if inside.isdigit() else os.cpu_count() or 1
    return {
        "spark.sql.shuffle.partitions": str(max(4, 4 * cores)),
        "spark.driver.extraJavaOptions": _JAVA,
        "spark.sql.files.maxPartitionBytes": _PART_BYTES,
        # Each sorting takes such a piece of memory and clears it, however little it sorts.
        "spark.buffer.pageSize": "4m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }


def _answers(master: str) -> None:
    """Raises NoSpark where nothing listens at the master's address."""
    for scheme in ("spark://", "k8s://https://", "k8s://http://", "k8s://"):
        if master.startswith(scheme):
            places = master.removeprefix(scheme).split(",")
            break
    else:
        return
    why = ""
    for place in places:
        host, colon, port = place.rstrip("/").rpartition(":")
        if not colon or not port.isdigit():
            host, port = place.rstrip("/"), "7077" if scheme == "spark://" else "443"
        try:
            socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
            return
        except OSError as error:
            why = (error.strerror or str(error) or "no answer").lower()
    raise NoSpark(
        f"the master {quoted(master, 200)} cannot be reached: {why}",
        "check --master, and that the cluster is running; local[*] needs none",
    )


def _has_executors(spark: SparkSession, master: str) -> None:
    """Raises NoSpark where a cluster has nobody to do the work: Spark itself would wait for
    ever."""
    if master.startswith("local"):
        return
    until = time.monotonic() + PATIENCE
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    while len(tracker.getExecutorInfos()) < 2:  # the driver is one of them
        if time.monotonic() > until:
            raise NoSpark(
                f"the master {quoted(master, 200)} has given the run no executor within "
                f"{PATIENCE:.0f} seconds",
                "see what the cluster has free, and ask for less: --spark-conf "
                "spark.executor.memory=2g",
            )
        time.sleep(0.25)


@contextmanager
def _silenced(handle: int) -> Iterator[None]:
    """What is written to standard output and error goes to a file: Spark's process inherits
    that, and all it has to say with it."""
    saved = [(number, os.dup(number)) for number in (1, 2)]
    try:
        for number, _ in saved:
            os.dup2(handle, number)
        yield
    finally:
        for number, copy in saved:
            os.dup2(copy, number)
            os.close(copy)


def _why_not(error: BaseException, log: str, master: str) -> NoSpark:
    """What to tell where Spark could not be started."""
    with open(log, encoding="utf-8", errors="replace") as file:
        text = f"{error}\n{file.read(100_000)}"
    if "UnsupportedClassVersionError" in text or "ClassFormatError" in text:
        return NoSpark(
            "the Java that is installed is too old for this Spark",
            "install Java 17 or 21, or set JAVA_HOME to where it is",
        )
    if "Could not parse Master URL" in text or "Master must either be" in text:
        return NoSpark(
            f"{quoted(master, 200)} is no master that Spark knows",
            "local[2], spark://host:7077, yarn, k8s://https://host:443",
        )
    if "HADOOP_CONF_DIR" in text or "YARN_CONF_DIR" in text:
        return NoSpark(
            "the master `yarn` needs the cluster's configuration",
            "set HADOOP_CONF_DIR to the folder that holds it",
        )
    if "unresponsive" in text or "Connection refused" in text or "UnknownHost" in text:
        return NoSpark(
            f"the master {quoted(master, 200)} cannot be reached",
            "check --master, and that the cluster is running; local[*] needs none",
        )
    if "OutOfMemoryError" in text or "Cannot allocate memory" in text or "Invalid maximum" in text:
        return NoSpark(
            "Spark could not be started for want of memory",
            "lower --spark-conf spark.driver.memory=…",
        )
    last = next((line for line in text.splitlines() if "Exception" in line or "rror" in line), "")
    return NoSpark(
        f"Spark could not be started: {quoted(last.strip() or 'it does not say why', 300)}",
        "try spark-submit with the same master and settings, which says more",
    )


def _unknown_setting() -> type[BaseException]:
    """What Spark raises of a setting that this version does not have or let be changed."""
    from pyspark.errors import AnalysisException

    found: type[BaseException] = AnalysisException
    return found


def _global_database(spark: SparkSession) -> str:
    return str(spark.conf.get("spark.sql.globalTempDatabase", "global_temp"))


# ---- exhaustion ----------------------------------------------------------------------------

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


def exhaustion(error: BaseException) -> str | None:
    """What to tell of an error if it is one of exhaustion."""
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
    return None
