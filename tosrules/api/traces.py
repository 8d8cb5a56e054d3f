"""Traces for Python: read from files, or given as events."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from tosrules.api.events import EVENTS, unplaced, written
from tosrules.policy import model
from tosrules.record import replace
from tosrules.trace import trace
from tosrules.trace.event import Origin
from tosrules.trace.instants import InstantError, format_instant, parse_instant
from tosrules.trace.problems import TraceError, TraceProblem, quoted
from tosrules.trace.read import read_traces
from tosrules.vocabulary import Vocabulary

When: TypeAlias = "str | datetime"
"""RFC 3339 text (`2020-06-18T09:00:00Z`), a day (`2020-06-18`, UTC), or a datetime that has a
zone."""
Period: TypeAlias = "str | tuple[When, When]"
"""`"FROM/TO"`, or the two; both ends belong to the period, and a day stands for all of it."""

_DAY = 86_400_000_000


class Trace(trace.Trace):
    """Recorded events in order, with the place in the input that each comes from.

    `events` (`id`, `type`, `time` in microseconds since 1970 UTC, `attributes`, `origin`),
    `observed`, `title`, `files`, `notes`, and what reading them showed: `skipped`, `moved`,
    `duplicates`, `outside`, `unknown_types`, `missing_required`.
    """

    vocabulary: Vocabulary = Vocabulary()
    """By which the values of the events were read."""

    def __repr__(self) -> str:
        period = ""
        if self.observed is not None:
            start, end = (format_instant(t) for t in self.observed)
            period = f", {start} to {end}"
        events = len(self.events)
        return f"<Trace: {events:,} {'event' if events == 1 else 'events'}{period}>"


def load_trace(
    *paths: str | os.PathLike[str],
    rules: model.Policy | None = None,
    zone: str | None = None,
    observed: Period | None = None,
    skip_invalid: bool = False,
    trace_format: str | None = None,
) -> Trace:
    """Read one trace from files, folders and globs (`-` is standard input).

    A native trace (JSON or JSON Lines), CSV, a HAR file or an access log, each also with gzip
    or zstd, or Parquet.
    `rules`: the policy that will judge it, whose event types say how values are read; without
    it only the event types that come with tosrules are known. `zone`: IANA zone of times
    without an offset. `observed`: the period in which absence is proven, in place of what the
    trace states. `skip_invalid`: go on past unreadable records and list them in
    `Trace.skipped`. `trace_format`: `json`, `jsonl`, `csv`,
    `parquet`, `har` or `access-log`, not to be guessed.

    Raises TraceError with every problem found.
    """
    vocabulary = _vocabulary(rules)
    found = read_traces(
        [os.fspath(path) for path in paths],
        vocabulary,
        zone=zone,
        observed=_period(observed),
        skip_invalid=skip_invalid,
        format=trace_format,
    )
    return _with(found, vocabulary)


def trace_from(
    given: Iterable[object] | Mapping[str, object],
    rules: model.Policy,
    *,
    zone: str | None = None,
    observed: Period | None = None,
    skip_invalid: bool = False,
) -> Trace:
    """A trace of events given as mappings, held to the same rules as a file of them.

    Their places are told as `events[0]`, `events[1]` … Raises TraceError.
    """
    period = _period(observed)
    try:
        found = read_traces(
            ["-"],
            rules.vocabulary,
            zone=zone,
            observed=period,
            skip_invalid=skip_invalid,
            stdin=io.BytesIO(written(given).encode("utf-8", "surrogatepass")),
            format="json",
        )
    except TraceError as error:
        raise unplaced(error) from None
    events = tuple(replace(e, origin=Origin(EVENTS, None, e.origin.index)) for e in found.events)
    files = tuple(replace(f, name=EVENTS) for f in found.files)
    skipped = tuple(replace(p, file=EVENTS, line=None, column=None) for p in found.skipped)
    return _with(replace(found, events=events, files=files, skipped=skipped), rules.vocabulary)


def _vocabulary(rules: model.Policy | None) -> Vocabulary:
    if rules is not None:
        return rules.vocabulary
    from tosrules.api.rules import loaded

    return loaded(()).vocabulary


def _with(found: trace.Trace, vocabulary: Vocabulary) -> Trace:
    values: dict[str, Any] = {n: getattr(found, n) for n in trace.Trace.field_names}
    return Trace(**values, vocabulary=vocabulary)


# ---- the observed period -------------------------------------------------------------------


def _period(given: Period | None) -> tuple[int, int] | None:
    """First and last instant in microseconds, both included. Raises TraceError."""
    if given is None:
        return None
    ends = given.split("/") if isinstance(given, str) else list(given)
    if len(ends) != 2:
        raise _no_period("it has a beginning and an end")
    first, last = ends
    return _instant(first, False), _instant(last, True)


def _instant(given: When, last: bool) -> int:
    if isinstance(given, datetime):
        if given.utcoffset() is None:
            raise _no_period("a time in it has no zone")
        return (given - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    if not isinstance(given, str):
        raise _no_period(f"a {type(given).__name__} is no time")
    text = given.strip()
    whole_day = len(text) == 10
    try:
        micros = parse_instant(f"{text}T00:00:00Z" if whole_day else text)
    except InstantError as error:
        raise _no_period(f"{quoted(text)} {error}") from None
    return micros + _DAY - 1 if whole_day and last else micros


def _no_period(why: str) -> TraceError:
    help = 'give "2020-03-01/2020-06-18", or two times with their offsets or zones'
    return TraceError([TraceProblem("trace-bad-observed", f"the observed period: {why}", help)])
