"""Running the tests that stand in rule files: expectations against what the evaluator answers.

The results are data: the command line prints them, and so can any test runner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from tosrules.authoring.near import nearest_to_a_match
from tosrules.engines.outcome import VERDICTS, ClauseOutcome, Finding, Outcome
from tosrules.errors import EvaluationError
from tosrules.policy.model import Clause, Expected, Policy, TestCase
from tosrules.record import Record, replace
from tosrules.result.secrets import Secrets
from tosrules.result.sentences import Teller
from tosrules.result.values import count, listed, moment_of
from tosrules.trace.event import Event, Origin
from tosrules.trace.instants import format_instant
from tosrules.trace.trace import Trace

SHOWN = 3
"""Findings, reasons or events that a failure tells of one clause."""


class Failure(Record):
    """One expectation that did not come true."""

    expected: Expected
    wanted: str
    """`no-account-farm violated by "ana" with 1 finding`."""
    came: str
    why: tuple[str, ...]
    """The values that decided, a sentence each."""


class Tested(Record):
    """What came of one test."""

    __test__: ClassVar[bool] = False
    """Else pytest would take the class for a test, by its name."""
    test: TestCase
    failures: tuple[Failure, ...]
    error: str
    """Why the rules could not be evaluated on its events; else empty."""

    @property
    def passed(self) -> bool:
        return not self.failures and not self.error


def own_tests(policy: Policy) -> tuple[TestCase, ...]:
    """The tests of the packs that were named; those of packs they build on are theirs."""
    named = {p.id for p in policy.packs if p.judged and p.named}
    return tuple(t for t in policy.tests if t.pack in named)


def run_tests(policy: Policy, tests: Sequence[TestCase] | None = None) -> Iterator[Tested]:
    """Runs the tests one by one, in the order in which they stand."""
    for test in own_tests(policy) if tests is None else tests:
        yield run_test(policy, test)


def run_test(policy: Policy, test: TestCase) -> Tested:
    """Judges the events of the test by the clauses it names, and compares."""
    from tosrules.engines.reference import evaluate

    set_for_test = policy
    if test.settings:
        set_for_test = replace(policy, params={**policy.params, **test.settings})
    named = {e.clause for e in test.expected}
    clauses = tuple(_as_set(c, test) for c in policy.clauses if c.id in named)
    trace = trace_of(test)
    try:
        outcome = evaluate(set_for_test, trace, clauses)
    except EvaluationError as error:
        return Tested(test, (), str(error))
    compared = (_compare(e, outcome, set_for_test, trace, clauses) for e in test.expected)
    return Tested(test, tuple(f for f in compared if f is not None), "")


def _as_set(clause: Clause, test: TestCase) -> Clause:
    """What the test sets goes before what an overlay sets."""
    kept = {name: p for name, p in clause.settings.items() if name not in test.settings}
    return clause if len(kept) == len(clause.settings) else replace(clause, settings=kept)


def trace_of(test: TestCase) -> Trace:
    """The events of the test as a trace, each citing the line of the rule file it stands on."""
    ordered = sorted(enumerate(test.events), key=lambda pair: (pair[1].time, pair[0]))
    events = tuple(
        Event(
            given.id,
            given.time,
            given.type,
            given.attributes,
            Origin(given.span.file, given.span.line or None),
            format_instant(given.time),
            position,
        )
        for position, (_, given) in enumerate(ordered)
    )
    observed = test.observed
    if observed is None and events:
        observed = (events[0].time, events[-1].time)
    return Trace(events=events, observed=observed, observed_stated=test.observed is not None)


# ---- what was expected ---------------------------------------------------------------------


def _compare(
    expected: Expected,
    outcome: Outcome,
    policy: Policy,
    trace: Trace,
    clauses: Sequence[Clause],
) -> Failure | None:
    """None if it came true. Versions of one clause count together: the test names one clause."""
    came = [c for c in outcome.clauses if c.clause.id == expected.clause]
    findings = [f for c in came for f in c.findings]
    if _met(expected, came, findings):
        return None
    return Failure(
        expected, _wanted(expected), _came(came), _why(came, findings, policy, trace, clauses)
    )


def _met(expected: Expected, came: Sequence[ClauseOutcome], findings: list[Finding]) -> bool:
    if expected.verdict != _verdict(came):
        return False
    if expected.verdict == "pending":
        duties = [p for c in came for p in c.pending if _by(p.subject, expected.by)]
        return bool(duties) and (expected.due is None or any(p.due == expected.due for p in duties))
    if expected.verdict != "violated":
        return True
    by = [f for f in findings if _by(f.subject, expected.by)]
    by.sort(key=lambda f: f.evidence[0].event.position)
    return (
        bool(by)
        and expected.findings in (None, len(by))
        and expected.matches in (None, sum(len(f.matches) for f in by))
        and all(expected.severity in (None, _severity(f)) for f in by)
        and expected.first in (None, by[0].evidence[0].event.id)
        and expected.last in (None, by[-1].evidence[-1].event.id)
        and expected.due in (None, by[0].matches[0].due)
    )


def _by(subject: object, wanted: str | None) -> bool:
    return wanted is None or getattr(subject, "id", None) == wanted


def _verdict(came: Sequence[ClauseOutcome]) -> str:
    return min((c.verdict for c in came), key=VERDICTS.index, default="not exercised")


def _severity(finding: Finding) -> str:
    from tosrules.policy.model import SEVERITIES

    return max((m.severity.level for m in finding.matches), key=SEVERITIES.index)


# ---- what came, in words -------------------------------------------------------------------


def _wanted(expected: Expected) -> str:
    said = [expected.clause, expected.verdict]
    if expected.by is not None:
        said.append(f'by "{expected.by}"')
    amounts = []
    if expected.findings is not None:
        amounts.append(count(expected.findings, "finding"))
    if expected.matches is not None:
        amounts.append(count(expected.matches, "match", "matches"))
    if amounts:
        said.append(f"with {listed(amounts)}")
    for name in ("severity", "first", "last"):
        value = getattr(expected, name)
        if value is not None:
            said.append(f"{name} {value}")
    if expected.due is not None:
        said.append(f"due {moment_of(expected.due)}")
    return " ".join(said)


def _came(came: Sequence[ClauseOutcome]) -> str:
    verdict = _verdict(came)
    if verdict == "violated":
        return "; ".join(_finding(f) for c in came for f in c.findings)
    if verdict == "pending":
        duties = [f"due {moment_of(p.due)}" for c in came for p in c.pending]
        return f"pending, {listed(duties, limit=SHOWN)}"
    return verdict


def _finding(finding: Finding) -> str:
    who = f'by "{finding.subject.id}"' if finding.subject is not None else "by an unknown party"
    first, last = finding.evidence[0].event.id, finding.evidence[-1].event.id
    matches = count(len(finding.matches), "match", "matches")
    said = f"violated {who}, {matches}, severity {_severity(finding)}, first {first} last {last}"
    due = finding.matches[0].due
    return said if due is None else f"{said}, due {moment_of(due)}"


def _why(
    came: Sequence[ClauseOutcome],
    findings: Sequence[Finding],
    policy: Policy,
    trace: Trace,
    clauses: Sequence[Clause],
) -> tuple[str, ...]:
    secrets = Secrets(policy.vocabulary)
    if findings:
        teller = Teller(policy, secrets)
        return tuple(teller.because(f) for f in findings[:SHOWN])
    reasons = [
        f"{u.reason}: `{u.attribute}` of {_events(u.events)}" for c in came for u in c.undetermined
    ]
    if reasons:
        return tuple(reasons[:SHOWN])
    missing = sorted({name for c in came for name in c.missing})
    if missing and _verdict(came) == "not exercised":
        return (f"the test has no {listed(missing, 'or', 6)}",)
    ids = {c.clause.id for c in came}
    near = [
        text
        for clause in clauses
        if clause.id in ids
        for text in nearest_to_a_match(clause, policy, trace, secrets)
    ]
    return tuple(near[:SHOWN])


def _events(events: Sequence[Event]) -> str:
    return listed([f"{e.id} ({e.origin})" for e in events], limit=SHOWN)
