"""`check` on a Spark session that is running."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tosrules.api.checking import is_frame
from tosrules.api.traces import Period
from tosrules.api.traces import _period as period_of
from tosrules.policy.model import Clause, Policy
from tosrules.record import replace
from tosrules.result import model
from tosrules.result.assemble import assemble
from tosrules.result.model import Interval
from tosrules.result.run import RunFacts
from tosrules.trace.instants import format_instant
from tosrules.trace.problems import TraceError, TraceProblem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def judged(
    given: DataFrame | str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    spark: SparkSession | None,
    policy: Policy,
    clauses: Sequence[Clause],
    facts: RunFacts,
    *,
    columns: Mapping[str, str] | None,
    zone: str | None,
    observed: Period | None,
    skip_invalid: bool,
    allow_empty: bool,
) -> model.Result:
    """The result of a frame, or of paths that Spark reads. Raises TraceError, EvaluationError,
    and ValueError for what is neither."""
    from tosrules.engines.spark.evaluate import judge
    from tosrules.engines.spark.read import read_columns, read_frame
    from tosrules.engines.spark.session import Session
    from tosrules.plan.planner import needed_columns

    if spark is None:
        spark = given.sparkSession  # type: ignore[union-attr]
    scan = needed_columns(policy, clauses)
    asked: dict[str, Any] = {
        "columns": columns,
        "zone": zone,
        "observed": period_of(observed),
        "skip_invalid": skip_invalid,
    }
    with Session(spark=spark) as session:
        if is_frame(given):
            frame = session.adopt(given)
            trace = read_frame(session, frame, policy.vocabulary, scan, **asked)
        else:
            trace = read_columns(session, _paths(given), policy.vocabulary, scan, **asked)
        if not trace.count and not allow_empty:
            raise TraceError(
                [
                    TraceProblem(
                        "trace-no-events", "the trace has no events", "or say allow_empty=True"
                    )
                ]
            )
        outcome = judge(session, policy, trace, clauses, facts.evidence)
        if observed is not None and trace.observed is not None:
            start, end = trace.observed
            between = Interval(format_instant(start), format_instant(end))
            facts = replace(facts, asked=replace(facts.asked, observed=between))
        return assemble(policy, trace, outcome, facts)


def _paths(given: Any) -> list[str]:
    if isinstance(given, str | os.PathLike):
        given = [given]
    listed = list(given) if isinstance(given, Iterable) and not isinstance(given, Mapping) else []
    if not listed or not all(isinstance(path, str | os.PathLike) for path in listed):
        raise ValueError(
            "on Spark a trace is a frame, a path, several paths, or `table:NAME`; other traces "
            "are judged without spark="
        )
    return [os.fspath(path) for path in listed]
