"""Starting Spark, or a session beside one that is running; or saying why it cannot be."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tosrules.engines.spark.alone import executors, is_local
from tosrules.errors import EvaluationError
from tosrules.quoting import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PATIENCE = 30.0
"""Seconds that a master may take to answer, and again to give the run an executor."""
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
_PARTS = "spark.sql.shuffle.partitions"
_OWN = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
"""Of sessions that are made here, unless asked otherwise."""


class NoSpark(EvaluationError):
    """There is no Spark to run on. `help` says what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


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


def beside(spark: SparkSession) -> SparkSession:
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


def started(master: str, conf: Mapping[str, str]) -> SparkSession:
    """A session that is started for a run. Raises NoSpark."""
    parts = conf.get(_PARTS, "1")
    if not parts.isdecimal() or int(parts) < 1:
        raise NoSpark(f"{_PARTS} is {quoted(parts)}, no number of parts", f"{_PARTS}=200")
    _pyspark()
    java()
    _answers(master)
    from pyspark import SparkContext
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
    # Spark's process holds the file open, which has no name: nothing is left however a run ends.
    with tempfile.TemporaryFile() as log:
        try:
            with _silenced(log.fileno()), _signals_kept():
                spark = builder.getOrCreate()
        except Exception as error:
            log.seek(0)
            said = _why_not(error, log.read(100_000).decode(errors="replace"), master)
            end_process()
            raise said from None
        except BaseException:
            end_process()
            raise
    try:
        _has_executors(spark, master)
    except BaseException:
        spark.stop()
        end_process()
        raise
    return spark


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
    if not is_local(master):
        return {}
    inside = master.partition("[")[2].partition("]")[0].partition(",")[0]
    cores = int(inside) if inside.isdigit() else os.cpu_count() or 1
    return {
        _PARTS: str(max(4, 4 * cores)),
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
    if is_local(master):
        return
    until = time.monotonic() + PATIENCE
    while not executors(spark.sparkContext):
        if time.monotonic() > until:
            raise NoSpark(
                f"the master {quoted(master, 200)} has given the run no executor within "
                f"{PATIENCE:.0f} seconds",
                "see what the cluster has free, and ask for less: --spark-conf "
                "spark.executor.memory=2g",
            )
        time.sleep(0.25)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """PySpark takes SIGINT for itself, even where it was to be ignored."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


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
    """What to tell where Spark could not be started; `log`: what its process has said."""
    text = f"{error}\n{log}"
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


def end_process() -> None:
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
