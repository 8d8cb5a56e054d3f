"""`tosrules check --engine spark`: a run on Apache Spark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tosrules.cli.exits import Unusable
from tosrules.cli.judging import Request, judging, read_told
from tosrules.trace.problems import quoted

if TYPE_CHECKING:
    from tosrules.engines.columns import ColumnTrace
    from tosrules.engines.outcome import Outcome
    from tosrules.engines.spark.session import Session
    from tosrules.policy.model import Clause, Policy


@contextmanager
def spark_session(request: Request) -> Iterator[Session]:
    """A session as the request asks for it. Raises Unusable where there is none to be had, or
    where a task has not enough memory."""
    from tosrules.engines.spark.exhaustion import Exhausted
    from tosrules.engines.spark.session import Session
    from tosrules.engines.spark.starting import NoSpark

    conf = pairs(request.spark_conf, "--spark-conf", "spark.executor.memory=8g")
    for name in conf:
        if not name.startswith("spark."):
            raise Unusable(
                f"--spark-conf: {quoted(name)} is no setting of Spark",
                "they begin with `spark.`, such as spark.executor.memory=8g",
            )
    try:
        opened = Session(request.master, conf, progress=not request.quiet)
    except NoSpark as error:
        raise Unusable(str(error), error.help) from None
    try:
        with opened as session:
            yield session
    except Exhausted as error:
        raise Unusable(str(error)) from None


def judged(
    session: Session,
    request: Request,
    policy: Policy,
    clauses: Sequence[Clause],
    evidence: int | None,
) -> tuple[ColumnTrace, Outcome]:
    """The trace as the view of the session, and what came of it. Raises Told or Unusable."""
    from tosrules.engines.spark.evaluate import judge
    from tosrules.engines.spark.read import read_columns
    from tosrules.plan.planner import needed_columns

    scan = needed_columns(policy, clauses)
    columns = pairs(request.columns, "--column", "time=event_time")
    session.task = "reading the trace"
    trace = read_told(
        request,
        lambda asked: read_columns(
            session, request.traces, policy.vocabulary, scan, columns=columns, **asked
        ),
    )
    session.task = "judging"
    with judging(trace.count, clauses):
        return trace, judge(session, policy, trace, clauses, evidence)


def pairs(given: Sequence[str], option: str, example: str) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping. Raises Unusable."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise Unusable(f"{option} {quoted(text)} names no value", f"write {option} {example}")
        found[name.strip()] = value.strip()
    return found
