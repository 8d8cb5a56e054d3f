"""A run whose cluster has taken all executors away ends; one that waits a while does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tosrules.engines.spark.alone import LONG, Alone, is_local


class Cluster:
    """What is asked of a Spark context, with `executors` besides the driver."""

    def __init__(self) -> None:
        self.executors = 1
        self.jobs = [7]
        self.cancelled: list[str] = []
        java = SimpleNamespace(statusTracker=lambda: SimpleNamespace(getExecutorInfos=self._infos))
        self._jsc = SimpleNamespace(sc=lambda: java)

    def _infos(self) -> list[None]:
        return [None] * (1 + self.executors)

    def statusTracker(self) -> Any:
        return SimpleNamespace(getActiveJobsIds=lambda: self.jobs)

    def cancelJobsWithTag(self, tag: str) -> None:
        self.cancelled.append(tag)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def alone(cluster: Cluster) -> Any:
    watch = Alone(cluster, "own")  # type: ignore[arg-type]
    yield watch
    watch.stop()


def test_jobs_that_nobody_does_are_cancelled_in_the_end(cluster: Cluster, alone: Alone) -> None:
    cluster.executors = 0
    for now in (10.0, 20.0, 9.0 + LONG):
        alone.look(now)
        assert not alone.cancelled
    alone.look(10.0 + LONG)
    assert alone.cancelled
    assert cluster.cancelled == ["own"]
    assert "given no other for 5 minutes" in alone.said()


@pytest.mark.parametrize(("executors", "jobs"), [(1, [7]), (0, [])])
def test_who_comes_back_or_is_not_needed_is_waited_for(
    executors: int, jobs: list[int], cluster: Cluster, alone: Alone
) -> None:
    cluster.executors = 0
    alone.look(10.0)
    cluster.executors, cluster.jobs = executors, jobs
    alone.look(200.0)
    cluster.executors, cluster.jobs = 0, [8]
    for now in (210.0, 10.0 + LONG, 209.0 + LONG):
        alone.look(now)
    assert not alone.cancelled
    assert cluster.cancelled == []


def test_what_masters_do_the_work_themselves() -> None:
    assert is_local("local")
    assert is_local("local[*]")
    assert not is_local("local-cluster[2,1,1024]")
    assert not is_local("spark://localhost:7077")
