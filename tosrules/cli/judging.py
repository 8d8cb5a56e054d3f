"""From what the user asked for to the result: load the rules, read the trace, judge."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from tosrules.authoring.selecting import NoSuchClause, near_clause, selected
from tosrules.cli.baselines import Held, read
from tosrules.cli.clock import now, stamp
from tosrules.cli.console import busy, tell
from tosrules.cli.exits import Told, Unusable
from tosrules.language.diagnostics import render
from tosrules.language.load import Loaded, load
from tosrules.policy.model import Clause, Policy
from tosrules.record import Record
from tosrules.result.assemble import assemble
from tosrules.result.model import Asked, InputFile, Interval, Result
from tosrules.result.run import EVIDENCE, RunFacts
from tosrules.trace.inputs import STDIN, resolve
from tosrules.trace.instants import format_instant
from tosrules.trace.problems import TraceError, describe, quoted
from tosrules.trace.read import read_traces
from tosrules.trace.trace import Recorded

if TYPE_CHECKING:
    from tosrules.engines.columns import ColumnTrace
    from tosrules.engines.duckdb.session import Session
    from tosrules.plan.scan import Scan
    from tosrules.trace.event import Event

CORE = "core"
"""The pack that is used where nobody names one."""


class Request(Record):
    """What a run is to judge, all settings decided."""

    traces: tuple[str, ...]
    rules: tuple[str, ...]
    settings: Mapping[str, str]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    zone: str | None
    observed: tuple[int, int] | None
    skip_invalid: bool
    allow_empty: bool
    trace_format: str | None
    engine: str
    all: bool
    """All evidence in the result, however much."""
    quiet: bool
    configuration: InputFile | None = None
    baseline: str | None = None
    """Path of a file of accepted findings."""
    update_baseline: bool = False
    """Add to that file what it has no entry for; make it where it is not."""
    redact: tuple[str, ...] = ()
    threads: int | None = None
    memory_limit: str | None = None
    master: str | None = None
    """Of Spark."""
    spark_conf: tuple[str, ...] = ()
    """`NAME=VALUE` settings of Spark."""
    columns: tuple[str, ...] = ()
    """`ATTRIBUTE=COLUMN` of a table."""


def judge(request: Request) -> Result:
    """The result of a run. Raises Unusable, or Told once it has said what is wrong."""
    started = stamp(now())
    held = read(request.baseline, request.update_baseline)
    policy = load_rules(request.rules, request.settings, quiet=request.quiet, tests=False)
    clauses = chosen(policy, request.select, request.ignore)
    facts = RunFacts(
        time=started,
        engine=engine_for(request),
        select=request.select,
        ignore=request.ignore,
        jurisdictions=request.jurisdictions,
        evidence=None if request.all else EVIDENCE,
        asked=asked(request),
        configuration=request.configuration,
    )
    on = {"duckdb": _on_duckdb, "spark": _on_spark}.get(facts.engine, _on_reference)
    return on(request, policy, clauses, facts, held)


def _on_reference(
    request: Request,
    policy: Policy,
    clauses: Sequence[Clause],
    facts: RunFacts,
    held: Held | None,
) -> Result:
    from tosrules.engines.reference import evaluate

    trace = read_told(
        request, lambda asked: read_traces(request.traces, policy.vocabulary, **asked)
    )
    with judging(trace.count, clauses):
        outcome = evaluate(policy, trace, clauses)
    result = _held(held, assemble(policy, trace, outcome, facts))
    return _redacted(request, result, policy, lambda: trace.events)


def _on_duckdb(
    request: Request,
    policy: Policy,
    clauses: Sequence[Clause],
    facts: RunFacts,
    held: Held | None,
) -> Result:
    from tosrules.engines.duckdb.evaluate import judge as judge_columns
    from tosrules.plan.planner import needed_columns

    scan = needed_columns(policy, clauses)
    with columnar_session(request) as session:
        trace = read_columnar(request, session, policy, scan)
        with judging(trace.count, clauses):
            outcome = judge_columns(session, policy, trace, clauses, facts.evidence)
        result = _held(held, assemble(policy, trace, outcome, facts))
        return _redacted(request, result, policy, lambda: trace.events_of(trace.types))


def _on_spark(
    request: Request,
    policy: Policy,
    clauses: Sequence[Clause],
    facts: RunFacts,
    held: Held | None,
) -> Result:
    from tosrules.cli.on_spark import judged, spark_session

    with spark_session(request) as session:
        trace, outcome = judged(session, request, policy, clauses, facts.evidence)
        result = _held(held, assemble(policy, trace, outcome, facts))
        return _redacted(request, result, policy, lambda: trace.events_of(trace.types))


@contextmanager
def columnar_session(request: Request) -> Iterator[Session]:
    """A session as the request bounds it. Raises Unusable where memory or disk are not enough."""
    from tosrules.engines.duckdb.session import Exhausted, Session

    try:
        opened = Session(request.threads, request.memory_limit, progress=not request.quiet)
    except ValueError as error:
        raise Unusable(f"--memory-limit: {error}") from None
    except Exhausted as error:
        raise Unusable(str(error)) from None
    try:
        with opened as session:
            yield session
    except Exhausted as error:
        raise Unusable(str(error)) from None


def read_columnar(request: Request, session: Session, policy: Policy, scan: Scan) -> ColumnTrace:
    """The trace as the table of a session. Raises Told or Unusable."""
    from tosrules.engines.duckdb.read import read_columns

    return read_told(
        request,
        lambda asked: read_columns(session, request.traces, policy.vocabulary, scan, **asked),
    )


@contextmanager
def judging(events: int, clauses: Sequence[Clause]) -> Iterator[None]:
    from tosrules.errors import EvaluationError

    try:
        with busy(f"judging {events:,} events by {len(clauses)} clauses"):
            yield
    except EvaluationError as error:
        raise Unusable(f"the rules cannot be judged on this trace: {error}") from None


def _held(held: Held | None, result: Result) -> Result:
    """Against the baseline, before redaction: the reasons in it may name somebody."""
    return result if held is None else held.against(result, result.run.time[:10])


def _redacted(
    request: Request, result: Result, policy: Policy, events: Callable[[], Iterable[Event]]
) -> Result:
    if not request.redact:
        return result
    from tosrules.result.redact import redacted

    return redacted(result, policy.vocabulary, tuple(events()))


LARGE = 24 * 2**20
"""Bytes of traces, from which on the columnar engine answers sooner than plain Python."""


def engine_for(request: Request) -> str:
    """The evaluator for a run: what was asked for, else by the size of the traces. Both give
    the same answer; the columnar one takes longer to begin."""
    if request.engine != "auto":
        return request.engine
    if STDIN in request.traces:
        return "reference"
    size = 0
    for file in resolve(request.traces).files:
        try:
            found = os.stat(file.path).st_size
        except OSError:
            continue  # the reader says what is wrong with it
        packed = file.path.endswith((".gz", ".zst", ".parquet"))
        size += found * 8 if packed else found
    return "duckdb" if size > LARGE else "reference"


def asked(request: Request) -> Asked:
    """What the result says of the request, so that it can be judged again."""
    period = request.observed
    return Asked(
        request.zone or "",
        None if period is None else Interval(format_instant(period[0]), format_instant(period[1])),
        request.skip_invalid,
        request.trace_format or "",
    )


def load_rules(
    names: Sequence[str],
    settings: Mapping[str, str] | None = None,
    quiet: bool = False,
    tests: bool = True,
) -> Policy:
    """The policy of these packs and files; every mistake in them is shown. Raises Told."""
    loaded = load(names, settings=settings or {}, shipped_tests=tests)
    _show(loaded, quiet)
    if loaded.policy is None:
        raise Told
    return loaded.policy


def _show(loaded: Loaded, quiet: bool) -> None:
    errors = [d for d in loaded.diagnostics if not d.warning]
    for diagnostic in loaded.diagnostics:
        if errors or not quiet or not diagnostic.warning:
            tell(render(diagnostic, loaded.texts) + "\n")
    if errors:
        said = "1 error" if len(errors) == 1 else f"{len(errors):,} errors"
        tell(f"error: the rules cannot be used: {said}")


def chosen(policy: Policy, select: Sequence[str], ignore: Sequence[str]) -> tuple[Clause, ...]:
    """The judged clauses that `select` keeps and `ignore` leaves. Raises Unusable."""
    every = policy.judged()
    if not every:
        raise Unusable("there is no clause to judge by", "name rules that have one with --rules")
    try:
        kept = selected(policy, select, ignore)
    except NoSuchClause as error:
        option = "--ignore" if error.ignoring else "--select"
        raise Unusable(
            f"{option}: no clause is called {quoted(error.pattern)}", _did_you_mean(error.near)
        ) from None
    if not kept:
        raise Unusable("--select and --ignore together leave no clause")
    return kept


def clause_help(name: str, clauses: Sequence[Clause]) -> str:
    """Help for a clause that is not there."""
    return _did_you_mean(near_clause(name, clauses))


def _did_you_mean(near: str) -> str:
    if near:
        return f"did you mean `{near}`?"
    return "`tosrules rules PACK` lists the clauses of a pack"


T = TypeVar("T", bound=Recorded)


def read_told(request: Request, read: Callable[[Mapping[str, Any]], T]) -> T:
    """The trace, by what reads it; what is wrong with it is told. Raises Told or Unusable."""
    asked = {
        "zone": request.zone,
        "observed": request.observed,
        "skip_invalid": request.skip_invalid,
        "format": request.trace_format,
        "stdin": sys.stdin.buffer if STDIN in request.traces else None,
    }
    try:
        with busy("reading the trace"):
            trace = read(asked)
    except TraceError as error:
        for problem in error.problems:
            tell(describe(problem))
        if error.more:
            tell(f"… and {error.more:,} more")
        skippable = all(p.scope != "file" for p in error.problems)
        if skippable and not request.skip_invalid:
            tell("  help: --skip-invalid goes on without what cannot be read, and says so")
        raise Told from None
    if not trace.count and not request.allow_empty:
        raise Unusable("the trace has no events", "--allow-empty judges it all the same")
    return trace
