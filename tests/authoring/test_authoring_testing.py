"""Tests of rule files, run and told as data."""

from __future__ import annotations

import pytest

from tosrules.authoring.testing import Tested, own_tests, run_tests, trace_of
from tosrules.language.load import load
from tosrules.policy.model import Policy

RULES = """pack house "House" version "1"
source terms { title "Terms" }
param burst = 3 chosen because "no number"
param grace = 10 days stated in terms section "4"

clause no-burst "No bursts" {
  cite terms
  severity medium
  severity high when automated = true
  forbid more than burst engagement.like per actor within 1 hour
}
clause delete "Deleted when asked" {
  cite terms
  severity low
  binds ask.target
  after notice.received as ask where ask.kind = "deletion_request"
  require data.delete as done within grace where done.subject = ask.subject
}
clause no-shouting "Nobody shouts" {
  cite terms
  severity low
  forbid content.publish where purpose = "shouting"
}
"""


@pytest.fixture
def policy_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def made(tests: str) -> Policy:
        (tmp_path / "house.tos").write_text(RULES + tests)
        loaded = load(["house.tos"])
        assert loaded.policy is not None, loaded.diagnostics
        return loaded.policy

    return made


LIKES = (
    "given {} engagement.like every 1 minute from 2020-06-01T10:00:00Z"
    ' {{ actor: "bot", automated: true }}\n'
)
ASKED = (
    "given notice.received as ask at 2020-06-01T10:00:00Z"
    ' { kind: "deletion_request", target: "svc", subject: "p-1" }\n'
)


def one(policy: Policy) -> Tested:
    (tested,) = run_tests(policy)
    return tested


PASSING = [
    LIKES.format(4) + 'expect no-burst violated by "bot" with 1 finding severity high',
    LIKES.format(4) + "expect no-burst violated with 1 match",
    LIKES.format(3) + "expect no-burst clean",
    LIKES.format(1) + "expect no-shouting not exercised",
    "set burst = 5\n" + LIKES.format(5) + "expect no-burst clean",
    ASKED + "expect delete pending due 10 days after ask",
    ASKED + "observed from 2020-06-01T00:00:00Z until 2020-09-01T00:00:00Z\n"
    'expect delete violated by "svc" first ask',
    ASKED + "given data.delete as done at 11 days after ask"
    ' { actor: "svc", subject: "p-1" }\n'
    "expect delete violated first ask last done",
    'given content.publish at 2020-06-01T10:00:00Z { actor: "a" }\nexpect no-shouting undetermined',
]


@pytest.mark.parametrize("body", PASSING)
def test_what_comes_true(policy_of, body):
    tested = one(policy_of(f'test "t" {{\n{body}\n}}\n'))
    assert tested.passed, tested.failures


FAILING = [
    (
        LIKES.format(4) + 'expect no-burst violated by "other"',
        'house/no-burst violated by "other"',
        'violated by "bot", 1 match, severity high, first',
        "4 times a like is given, by bot, within 1 hour; the clause allows no more than 3.",
    ),
    (
        LIKES.format(4) + "expect no-burst violated with 2 findings severity medium",
        "house/no-burst violated with 2 findings severity medium",
        'violated by "bot", 1 match, severity high',
        "4 times a like is given, by bot",
    ),
    (
        LIKES.format(2) + 'expect no-burst violated by "bot"',
        'house/no-burst violated by "bot"',
        "clean",
        "the most that counted was 2 within 1 hour; the clause allows no more than 3",
    ),
    (
        LIKES.format(1) + "expect no-shouting clean",
        "house/no-shouting clean",
        "not exercised",
        "the test has no content.publish",
    ),
    (
        'given content.publish as said at 2020-06-01T10:00:00Z { actor: "a", purpose: "news" }\n'
        "expect no-shouting violated",
        "house/no-shouting violated",
        "clean",
        'said (house.tos:25) has purpose "news"',
    ),
    (
        'given content.publish as said at 2020-06-01T10:00:00Z { actor: "a" }\n'
        "expect no-shouting clean",
        "house/no-shouting clean",
        "undetermined",
        "attribute missing: `purpose` of said (house.tos:25)",
    ),
    (
        ASKED + "expect delete pending due 9 days after ask",
        "house/delete pending due 2020-06-10 10:00:00Z",
        "pending, due 2020-06-11 10:00:00Z",
        "ask (house.tos:25) has",
    ),
]


@pytest.mark.parametrize(("body", "wanted", "came", "why"), FAILING)
def test_what_does_not(policy_of, body, wanted, came, why):
    tested = one(policy_of(f'test "t" {{\n{body}\n}}\n'))
    assert not tested.passed
    (failure,) = tested.failures
    assert failure.wanted == wanted
    assert failure.came.startswith(came)
    assert any(why in text for text in failure.why), failure.why
    assert failure.expected.span.line > 25


def test_events_are_in_the_order_of_time_and_cite_their_line(policy_of):
    policy = policy_of(
        'test "t" {\n'
        'given engagement.like as late at 2020-06-01T11:00:00Z { actor: "a" }\n'
        'given engagement.like as soon at 2020-06-01T10:00:00Z { actor: "a" }\n'
        'given engagement.like as tie at 2020-06-01T11:00:00Z { actor: "a" }\n'
        "expect no-burst clean\n}\n"
    )
    trace = trace_of(policy.tests[0])
    assert [e.id for e in trace.events] == ["soon", "late", "tie"]
    assert [e.position for e in trace.events] == [0, 1, 2]
    assert str(trace.events[0].origin) == "house.tos:26"
    assert trace.observed == (trace.events[0].time, trace.events[-1].time)


def test_only_the_tests_of_the_named_packs(policy_of):
    policy = policy_of('test "t" {\n' + LIKES.format(1) + "expect no-burst clean\n}\n")
    assert [t.title for t in own_tests(policy)] == ["t"]
    both = load(["house.tos", "core"]).policy
    assert both is not None
    assert len(own_tests(both)) > 50
