"""Where there is no Spark to run on, one message says why and what to do, with status 2."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from subprocess import PIPE, Popen, TimeoutExpired

import duckdb
import pytest

from tests.cli.conftest import project, tosrules  # noqa: F401 - fixtures
from tests.engines.spark.conftest import missing
from tosrules.engines.duckdb.private import PREFIX
from tosrules.engines.spark.exhaustion import exhaustion
from tosrules.engines.spark.session import SETTINGS, Session

ASKED = ("check", "trace.json", "--engine", "spark", "-o", "report.txt")


@pytest.fixture
def installed() -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed, which the spark engine needs")


def refused(ended, project) -> str:  # noqa: F811
    """What was said; nothing was written."""
    assert (ended.status, ended.out) == (2, "")
    assert not (project / "report.txt").exists()
    assert ended.err.startswith("error: ")
    assert len(ended.err.splitlines()) == 2
    return str(ended.err)


def test_pyspark_is_not_installed(project, tosrules, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setitem(sys.modules, "pyspark", None)
    said = refused(tosrules(*ASKED), project)
    assert "needs PySpark, which is not installed" in said
    assert "pip install 'tosrules[spark]'" in said


@pytest.mark.usefixtures("installed")
def test_pyarrow_is_not_installed(project, tosrules, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = refused(tosrules(*ASKED), project)
    assert "needs PyArrow, in which rows come and go, and it is not installed" in said


@pytest.mark.usefixtures("installed")
def test_java_is_missing(project, tosrules, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setenv("JAVA_HOME", str(project))
    assert "there is no bin/java" in refused(tosrules(*ASKED), project)
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(project))
    said = refused(tosrules(*ASKED), project)
    assert "Spark needs Java, and there is none" in said
    assert "install Java 17 or 21" in said


@pytest.mark.usefixtures("installed")
def test_the_master_is_unreachable(project, tosrules, monkeypatch) -> None:  # noqa: F811
    java = project / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(project))
    said = refused(tosrules(*ASKED, "--master", "spark://127.0.0.1:9"), project)
    assert "the master `spark://127.0.0.1:9` cannot be reached: connection refused" in said
    assert "local[*] needs none" in said


@pytest.mark.usefixtures("installed")
def test_a_setting_that_is_no_number_is_told(project, tosrules) -> None:  # noqa: F811
    said = refused(tosrules(*ASKED, "--spark-conf", "spark.sql.shuffle.partitions=many"), project)
    assert "`many`, no number of parts" in said


def test_options_that_mean_nothing_are_told(project, tosrules) -> None:  # noqa: F811
    said = refused(tosrules(*ASKED, "--spark-conf", "memory=8g"), project)
    assert "`memory` is no setting of Spark" in said
    said = refused(tosrules(*ASKED, "--spark-conf", "spark.x"), project)
    assert "names no value" in said
    said = refused(tosrules("check", "trace.json", "--master", "yarn"), project)
    assert "add --engine spark" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "a task has not had enough memory"),
        ("Container killed by YARN for exceeding memory limits", "spark.executor.memory"),
        ("ExecutorLostFailure … Command exited with code 137 (exit code 137)", "not had enough"),
        (
            "ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: "
            "Command exited with code 52",
            "executors were lost in the middle of the run",
        ),
        ("java.io.IOException: No space left on device", "spark.local.dir"),
        ("is bigger than spark.driver.maxResultSize (1024.0 MiB)", "--select"),
    ],
)
def test_exhaustion_is_told_with_what_helps(text: str, said: str) -> None:
    assert said in str(exhaustion(RuntimeError(text)))


def in_a_process(tmp_path, events: int, *conf: str, **environment: str) -> Popen[str]:
    """A run on so many events, in a process of its own; it is to write `result.json`."""
    missing_here = missing()
    if missing_here:
        pytest.skip(f"{missing_here}, which the spark engine needs")
    file = tmp_path / "trace.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'e' || lpad(i::VARCHAR, 9, '0') AS id, make_timestamptz(i) AS time, "
            f"'engagement.like' AS type, 'p-' || i % 1000 AS actor FROM range({events}) r(i)) "
            f"TO '{file}'"
        )
    given = ("spark.ui.enabled=false", *conf)
    return Popen(
        [
            *(sys.executable, "-m", "tosrules", "check", str(file), "--rules", "core"),
            *("--engine", "spark", "--master", "local[1]"),
            *("--report", f"json={tmp_path / 'result.json'}"),
            *(part for each in given for part in ("--spark-conf", each)),
        ],
        stdout=PIPE,
        stderr=PIPE,
        text=True,
        env=os.environ | environment,
    )


def test_a_task_without_enough_memory_ends_the_run_with_one_message(tmp_path) -> None:
    """Sorting is left no memory."""
    run = in_a_process(tmp_path, 400_000, "spark.driver.memory=600m", "spark.memory.fraction=0.01")
    out, err = run.communicate()
    assert (run.returncode, out) == (2, "")
    assert not (tmp_path / "result.json").exists()
    (said,) = err.splitlines()
    assert said.startswith("error: ")
    assert "memory" in said
    assert "--spark-conf spark.executor.memory=8g" in said


def test_a_run_that_is_ended_leaves_nothing_behind(tmp_path) -> None:
    """By SIGTERM, as soon as it judges."""
    place = tmp_path / "temporary"
    place.mkdir()
    run = in_a_process(tmp_path, 20_000, TMPDIR=str(place), SPARK_LOCAL_DIRS=str(place))
    while run.poll() is None and not list(place.glob(f"{PREFIX}*")):
        with suppress(TimeoutExpired):
            run.wait(0.01)
    run.terminate()
    out, err = run.communicate()
    assert (run.returncode, out, err) == (143, "", "")
    assert not (tmp_path / "result.json").exists()
    assert list(place.iterdir()) == []


def test_another_error_is_not_taken_for_exhaustion() -> None:
    assert exhaustion(RuntimeError("[DIVIDE_BY_ZERO] Division by zero")) is None


def test_a_given_session_keeps_its_settings(spark) -> None:
    spark.conf.set("spark.sql.ansi.enabled", "false")
    try:
        with Session(spark=spark) as beside:
            assert {n: beside.spark.conf.get(n) for n in SETTINGS} == SETTINGS
            assert spark.conf.get("spark.sql.ansi.enabled") == "false"
            beside.keep(beside.sql("SELECT 1 AS one")).createOrReplaceTempView("own")
        assert "own" not in {t.name for t in spark.catalog.listTables()}
        assert spark.sql("SELECT 2").first()[0] == 2
    finally:
        spark.conf.unset("spark.sql.ansi.enabled")
