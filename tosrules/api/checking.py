"""`check`: judge recorded behaviour by rules, from Python."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from tosrules.api.results import Result, as_result
from tosrules.api.rules import Name, Settings, policy_of
from tosrules.api.traces import Period, Trace, load_trace, trace_from
from tosrules.authoring.selecting import NoSuchClause, selected
from tosrules.engines.reference import evaluate
from tosrules.policy.model import Clause, Policy
from tosrules.result.assemble import assemble
from tosrules.result.model import Asked, Interval
from tosrules.result.run import EVIDENCE, RunFacts
from tosrules.trace.instants import format_instant
from tosrules.trace.problems import TraceError, TraceProblem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Given: TypeAlias = (
    "Trace | DataFrame | str | os.PathLike[str] | Sequence[str | os.PathLike[str]]"
    " | Mapping[str, object] | Iterable[Mapping[str, object]]"
)
"""A trace: loaded, a path, several paths, the object of a native trace, or its events."""


def check(
    trace: Given,
    rules: Policy | Name | Iterable[Name],
    *,
    settings: Settings | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    jurisdictions: Iterable[str] = (),
    zone: str | None = None,
    observed: Period | None = None,
    skip_invalid: bool = False,
    allow_empty: bool = False,
    evidence: int | None = EVIDENCE,
    spark: SparkSession | None = None,
    columns: Mapping[str, str] | None = None,
) -> Result:
    """Judge what `trace` records by `rules`, as `tosrules check` does.

    `trace`: a path (file, folder, glob), several, what `load_trace` gave, or events: mappings
    with `id`, `time`, `type` and attributes, as in a native trace, where a time may be a
    `datetime` that has a zone. `rules`: the id of a pack, a path, several of these, or what
    `load_rules` gave.

    `settings` sets parameters of rules that are loaded here. `select` and `ignore` are globs of
    clauses, by name or `pack/name`. `jurisdictions` keeps the laws of these places. `zone`,
    `observed` and `skip_invalid` are those of `load_trace`. `allow_empty`: a trace without
    events is judged, not refused. `evidence`: events that a finding holds at most; None: all.

    `spark`: a running SparkSession, on which the same is judged; `trace` is then a DataFrame,
    paths that Spark reads (Parquet or JSON Lines), or `"table:NAME"`. `columns` says which column
    of a table or frame, or which expression of Spark SQL, an attribute is (`{"time": "at"}`);
    `sequence` orders events of one instant, `*` is a structure that holds attributes. Nothing
    of the session is changed, and it is not stopped.

    The result depends on the arguments alone: `run.time` is empty, no configuration file is
    read. Raises RulesError; TraceError, also for a trace without events; EvaluationError where
    the rules cannot be judged on this trace; ValueError for arguments that do not fit, such as
    a glob that fits no clause.
    """
    policy = policy_of(rules, settings)
    only, without = _listed(select), _listed(ignore)
    clauses = _clauses(policy, only, without)
    if spark is not None or is_frame(trace):
        from tosrules.api.on_spark import judged

        return as_result(
            judged(
                trace,
                spark,
                policy,
                clauses,
                RunFacts(
                    engine="spark",
                    select=only,
                    ignore=without,
                    jurisdictions=_listed(jurisdictions),
                    evidence=evidence,
                    asked=Asked(zone or "", None, skip_invalid),
                ),
                columns=columns,
                zone=zone,
                observed=observed,
                skip_invalid=skip_invalid,
                allow_empty=allow_empty,
            )
        )
    if columns is not None:
        raise ValueError("columns names those of a table of Spark: give spark= too")
    found = _trace(trace, policy, zone, observed, skip_invalid)
    if not found.events and not allow_empty:
        raise TraceError(
            [TraceProblem("trace-no-events", "the trace has no events", "or say allow_empty=True")]
        )
    outcome = evaluate(policy, found, clauses)
    facts = RunFacts(
        select=only,
        ignore=without,
        jurisdictions=_listed(jurisdictions),
        evidence=evidence,
        asked=Asked(
            zone or "",
            _interval(found) if observed is not None else None,
            skip_invalid,
        ),
    )
    return as_result(assemble(policy, found, outcome, facts))


def is_frame(given: object) -> bool:
    """Whether something is a frame of Spark, told without importing it."""
    of = type(given)
    return of.__name__ == "DataFrame" and of.__module__.startswith("pyspark.")


def _interval(trace: Trace) -> Interval | None:
    if trace.observed is None:
        return None
    start, end = trace.observed
    return Interval(format_instant(start), format_instant(end))


def _listed(names: Iterable[str]) -> tuple[str, ...]:
    """`"no-*"` alone means just that one, not its letters."""
    return (names,) if isinstance(names, str) else tuple(names)


def _clauses(
    policy: Policy, select: tuple[str, ...], ignore: tuple[str, ...]
) -> tuple[Clause, ...]:
    if not policy.judged():
        raise ValueError("there is no clause to judge by")
    try:
        clauses = selected(policy, select, ignore)
    except NoSuchClause as error:
        option = "ignore" if error.ignoring else "select"
        hint = f"; did you mean {error.near!r}?" if error.near else ""
        raise ValueError(f"{option}: no clause is called {error.pattern!r}{hint}") from None
    if not clauses:
        raise ValueError("select and ignore together leave no clause")
    return clauses


def _trace(
    given: Given, policy: Policy, zone: str | None, observed: Period | None, skip_invalid: bool
) -> Trace:
    if isinstance(given, Trace):
        if zone is not None or observed is not None or skip_invalid:
            raise ValueError(
                "this trace is loaded already: give zone, observed and skip_invalid to load_trace"
            )
        if given.vocabulary is not policy.vocabulary and given.vocabulary != policy.vocabulary:
            raise ValueError(
                "this trace was read without the event types that the rules declare: load it "
                "with load_trace(…, rules=policy)"
            )
        return given
    if isinstance(given, str | os.PathLike):
        given = [given]
    if not isinstance(given, Mapping):
        if isinstance(given, bytes) or not isinstance(given, Iterable):
            raise ValueError(
                f"a trace is a path, several, or events, not a Python {type(given).__name__}"
            )
        listed = list(given)
        paths = [g for g in listed if isinstance(g, str | os.PathLike)]
        if paths and len(paths) == len(listed):
            return load_trace(
                *paths, rules=policy, zone=zone, observed=observed, skip_invalid=skip_invalid
            )
        return trace_from(listed, policy, zone=zone, observed=observed, skip_invalid=skip_invalid)
    return trace_from(given, policy, zone=zone, observed=observed, skip_invalid=skip_invalid)
