"""Rules that are tricky and right: they load without a word, and mean what they say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rules import GOOD, cases, loaded, shown
from tosrules.policy import expressions as p
from tosrules.policy.model import (
    Clause,
    EventRule,
    ObligationRule,
    Policy,
    QuotaRule,
    RateRule,
    Rule,
    SequenceRule,
)
from tosrules.trace.instants import parse_instant
from tosrules.vocabulary import NUMBER

CASES = cases(GOOD)
pytestmark = pytest.mark.usefixtures("in_good")


@pytest.fixture
def in_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOOD)


def policy(name: str) -> Policy:
    found = loaded(GOOD / name)
    assert shown(found) == ""
    assert found.policy is not None
    return found.policy


def clauses(name: str, own: str) -> list[Clause]:
    return [c for c in policy(name).clauses if c.id == f"house/{own}"]


def rule(name: str, own: str) -> Rule:
    return clauses(name, own)[0].rules[0].rule


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize("name", CASES)
def test_no_diagnostic(name: str) -> None:
    policy(name)


def attribute(expression: p.Expression) -> str:
    assert isinstance(expression, p.AttributeOf)
    return f"{expression.role}.{expression.name}"


def test_ties_are_with_the_step_immediately_before() -> None:
    found = rule("closed-equalities.tos", "replay")
    assert isinstance(found, SequenceRule)
    last = found.steps[2]
    assert [(attribute(t.later), attribute(t.earlier)) for t in last.ties] == [
        ("read.account", "use.account")
    ]
    assert last.difference is not None
    assert [attribute(e) for e in last.difference.earlier] == ["use.device"]


def test_ties_are_closed_under_other_names() -> None:
    found = rule("closed-equalities-under-other-names.tos", "chain")
    assert isinstance(found, SequenceRule)
    assert attribute(found.steps[2].ties[0].earlier) == "heir.predecessor"


def test_without_is_tied_to_its_own_step() -> None:
    found = rule("sequence-with-without.tos", "replay")
    assert isinstance(found, SequenceRule)
    ties = [attribute(w.ties[0].earlier) for w in found.steps[1].without]
    assert ties == ["use.account", "use.account"]


def test_prefixes_and_sets_are_written_out() -> None:
    found = rule("prefixes-and-sets.tos", "odd")
    assert isinstance(found, EventRule)
    assert found.step.types == (
        "data.collect", "engagement.view", "http.request", "profile.read", "profile.search",
    )  # fmt: skip


def test_attributes_are_inherited() -> None:
    attributes = policy("attributes-inherited.tos").vocabulary.types["gate.open"].attributes
    assert attributes["width"].required
    assert attributes["keeper"].required
    assert attributes["keeper"].secret
    assert attributes["height"].type == NUMBER
    assert not attributes["height"].required
    assert "actor" in attributes


@pytest.mark.parametrize(
    ("name", "start", "until"),
    [
        ("periods-in-zones.tos", "2020-05-31T22:00:00Z", "2020-12-31T23:00:00Z"),
        ("period-of-the-source.tos", "2018-04-19T00:00:00Z", "2020-12-20T00:00:00Z"),
    ],
)
def test_periods(name: str, start: str, until: str) -> None:
    period = clauses(name, "odd")[0].period
    assert (period.start, period.until) == (parse_instant(start), parse_instant(until))


def test_versions_stand_in_order_of_time() -> None:
    versions = clauses("versions-side-by-side.tos", "odd")
    assert len(versions) == 3
    starts = [v.period.start for v in versions]
    assert starts == sorted(starts, key=lambda s: s or 0)
    assert versions[2].derived_from == "house/other"


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("signals-in-order.tos", ["first", "second", "third"]),
        ("statuses-in-order.tos", ["open", "shut"]),
    ],
)
def test_what_builds_on_another_stands_after_it(name: str, order: list[str]) -> None:
    assert [n.removeprefix("house/") for n in policy(name).order] == order


def test_rules_of_another_pack() -> None:
    clause = clauses("same-rules-across-packs.tos", "no-fake-engagement")[0]
    assert clause.derived_from == "core/no-fake-engagement"
    assert [c.source for c in clause.citations] == ["house/our-terms"]
    assert clause.rules


def test_overlays() -> None:
    odd = clauses("overlays.tos", "odd")[0]
    assert odd.settings["house/burst"].value == 120
    assert odd.settings["house/burst"].set_by == "overlay of house"
    levels = [(s.level, s.when is not None) for s in odd.rules[0].severities]
    assert sorted(levels) == [("high", True), ("medium", False)]
    first, second = odd.rules[0].exceptions
    assert first.until == parse_instant("2026-12-31T00:00:00Z")
    assert second.until is None
    assert second.under is not None
    off = clauses("overlays.tos", "off")[0].rules[0].exceptions[0]
    assert off.until == parse_instant("2026-12-31T00:00:00Z")
    assert off.overlay == "under review"


def test_settings_of_the_run() -> None:
    params = policy("settings.tos").params
    assert params["house/burst"].value == 90
    assert params["house/burst"].set_by == "--set"
    window = params["house/window"].value
    assert isinstance(window, p.FixedPeriod)
    assert window.micros == 7_200_000_000
    flood = rule("settings.tos", "flood")
    assert isinstance(flood, RateRule)
    assert isinstance(flood.within, p.ParamValue)


def test_forms_of_counts() -> None:
    forms = [type(r.rule) for r in clauses("thresholds.tos", "odd")[0].rules]
    assert forms == [RateRule, QuotaRule, QuotaRule, QuotaRule]


def test_a_group_is_a_key_with_a_name() -> None:
    found = rule("groups.tos", "odd")
    assert isinstance(found, RateRule)
    assert [k.name for k in found.keys] == ["kit"]


def test_an_agent_may_fulfil() -> None:
    found = rule("duty-of-an-agent.tos", "odd")
    assert isinstance(found, ObligationRule)
    assert {t.link for t in found.ties} == {"", "house/acts_for"}


def test_lists_from_files_and_holidays() -> None:
    found = policy("networks-and-lists.tos")
    assert found.lists["house/sites"].values == ("social.example", "www.social.example")
    house = next(i for i in found.packs if i.id == "house")
    assert [name for name, _ in house.files] == ["files/sites.txt", "networks-and-lists.tos"]


def test_given_events() -> None:
    case = policy("tests-in-every-form.tos").tests[0]
    ids = [e.id for e in case.events]
    assert ids[0] == "ask"
    assert ids[1] == "call-1"
    assert ids[61] == "call-61"
    assert case.events[61].attributes["source.ip"] == "192.0.2.61"
    assert case.events[2].time - case.events[1].time == 30_000_000
    assert case.events[1].time == parse_instant("2020-06-03T10:00:00Z")
    assert case.expected[1].last == "call-61"
    assert case.settings["house/grace"].text == "10 days"


def test_a_pack_in_two_files_is_one_pack() -> None:
    found = policy("in-two-files")
    assert [c.id for c in found.judged()] == ["house/narrow"]
    assert {i.id: i.judged for i in found.packs} == {
        "house": True, "vocabulary": False, "words": False,
    }  # fmt: skip


def test_comments_are_no_part_of_what_is_quoted() -> None:
    found = rule("comments-and-spaces.tos", "odd")
    assert isinstance(found, EventRule)
    assert found.text == 'api.call where operation = "a # b" or operation matches /#[0-9]+/'


def test_status_with_unknown_beginning() -> None:
    status = policy("status-of-two-parts.tos").statuses["house/consented"]
    assert status.initially_unknown
    assert [t.kind for t in status.key_types] == ["party", "person"]


KINDS: dict[str, Callable[[Rule], bool]] = {
    "quotas-as-signals.tos": lambda r: isinstance(r, EventRule) and r.step.signals != (),
    "aggregates.tos": lambda r: isinstance(r, RateRule) and r.quantity is None,
    "definitions.tos": lambda r: isinstance(r, EventRule),
}


@pytest.mark.parametrize("name", KINDS)
def test_forms(name: str) -> None:
    assert KINDS[name](rule(name, "odd"))
