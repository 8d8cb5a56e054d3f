"""One Spark session for all tests: starting one takes seconds, and each job some tenths.

Where PySpark or Java is missing the tests are skipped, unless TOSRULES_SPARK=required.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tosrules.engines.spark.session import Session

CONF = {
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.memory": "1g",
    # What is asked of a few rows takes no more memory than they need.
    "spark.buffer.pageSize": "1m",
    "spark.sql.ui.retainedExecutions": "1",
}


def missing() -> str:
    """What of Spark is not there."""
    for name, called in (("pyspark", "PySpark"), ("pyarrow", "PyArrow")):
        if find_spec(name) is None:
            return f"{called} is not installed"
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        return "there is no Java"
    return ""


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """The running SparkSession; tests open a session of their own beside it."""
    lacking = missing()
    if lacking and os.environ.get("TOSRULES_SPARK") == "required":
        pytest.fail(f"TOSRULES_SPARK=required, but {lacking}")
    if lacking:
        pytest.skip(f"{lacking}, which the spark engine needs")
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()  # of a program that runs these tests within its own
    if running is not None:
        yield running
        return
    with Session("local[2]", CONF) as started:
        yield started.spark


@pytest.fixture
def session(spark: Any) -> Iterator[Session]:
    """A session of the engine, empty, on the one that runs."""
    with Session(spark=spark) as beside:
        yield beside
