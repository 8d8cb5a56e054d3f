"""Why an exception did not excuse, how conditions are said, for how many matches a law is named,
and what an unknown party can be known by."""

from __future__ import annotations

from pathlib import Path

import pytest

import tosrules

RULES = """pack house "House rules" version "1" language 1
source terms { title "Terms" version "1" }
list good = ["a", "b"]
source act { title "Access Act" jurisdiction HO }
status allowed_in {
  begins on permission.grant where scope = "entry" for target
  ends on permission.revoke for target
}
status may_enter {
  begins on permission.grant where scope = "entry" for target
  ends on permission.revoke for target
}
status barred { begins on notice.received for target }
link acts_for {
  begins on agency.declare from agent to principal
  ends on agency.end from agent to principal
}
clause entry "Nobody enters" {
  cite terms
  law act when barred(actor)
  severity low
  severity high when barred(any of acts_for(actor)) and purpose != "rescue"
  forbid profile.read
  unless %s
}
"""


def event(minute: int, type: str = "profile.read", **attributes: object) -> dict[str, object]:
    time = f"2020-01-01T10:{minute:02}:00Z"
    return {"id": f"e{minute}", "time": time, "type": type, **attributes}


@pytest.fixture
def finding(tmp_path: Path):
    def judged(condition: str, *events: dict[str, object]):
        rules = tmp_path / "house.tos"
        rules.write_text(RULES % condition, encoding="utf-8")
        (found,) = tosrules.check(list(events), str(rules)).findings
        return found

    return judged


GRANT = event(1, "permission.grant", target="svc", scope="entry")


@pytest.mark.parametrize(
    ("condition", "events", "why"),
    [
        ('purpose = "audit"', [event(5, actor="svc", purpose="ads")], 'purpose is "ads"'),
        (
            "purpose is present and purpose in good",
            [event(5, actor="svc", purpose="ads")],
            'purpose is "ads"',
        ),
        (
            "principal is present and not barred(principal)",
            [event(5, actor="svc")],
            "principal is not stated",
        ),
        (
            "principal is present and not barred(principal)",
            [
                event(1, "notice.received", target="owner"),
                event(5, actor="svc", principal="owner"),
            ],
            "owner was barred",
        ),
        (
            "may_enter(actor)",
            [event(5, actor="svc")],
            "svc had no such permission at that time; the trace records none for it",
        ),
        (
            "allowed_in(actor)",
            [event(5, actor="svc"), GRANT | {"id": "g", "time": "2020-01-01T11:00:00Z"}],
            "svc was not allowed in at that time; one begins only at 2020-01-01 11:00:00Z "
            "(events[1])",
        ),
        (
            "may_enter(actor)",
            [GRANT, event(3, "permission.revoke", target="svc"), event(5, actor="svc")],
            "svc had no such permission at that time; the last had ended at 2020-01-01 "
            "10:03:00Z (events[1])",
        ),
        (
            "may_enter(any of acts_for(actor))",
            [
                event(0, "agency.declare", agent="bot", principal="svc"),
                event(1, "permission.grant", target="svc", scope="other"),
                event(5, actor="bot"),
            ],
            "bot (or anyone it acts for) had no such permission at that time; the trace "
            "records none for it",
        ),
        (
            "logged_in = true or may_enter(actor)",
            [event(5, actor="svc", logged_in=False)],
            "logged_in is false and svc had no such permission at that time; the trace "
            "records none for it",
        ),
    ],
)
def test_the_fact_that_decided(finding, condition, events, why):
    (exception,) = finding(condition, *events).not_excused
    assert exception.why == why


def test_another_fact_at_other_matches_is_not_passed_over(finding):
    found = finding(
        'purpose = "audit"',
        event(5, actor="svc", purpose="ads"),
        event(6, actor="svc", purpose="sale"),
    )
    (exception,) = found.not_excused
    assert exception.why == (
        'purpose is "ads" (at the first match; for such reasons also at the 1 other match)'
    )


def test_an_exception_that_is_unknown_says_what_is_missing(finding):
    found = finding('purpose = "audit" and logged_in = true', event(5, actor="svc"))
    (exception,) = found.not_established
    assert exception.why == "purpose and logged_in are not stated (events[0])"


def test_conditions_in_words(finding):
    found = finding(
        'not (purpose is present and purpose starts with "x") and not barred(actor)',
        event(1, "notice.received", target="svc"),
        event(5, actor="svc", purpose="ads"),
    )
    assert found.severity == "high"
    assert found.aggravated_words == (
        'actor (or anyone it acts for) is barred and purpose is not "rescue"'
    )
    (exception,) = found.not_excused
    assert exception.words == (
        'not (purpose is stated and purpose starts with "x") and actor is not barred'
    )
    (law,) = found.laws
    assert law.when_words == "actor is barred"


def test_a_law_says_for_how_many_matches_it_is_named(finding):
    found = finding(
        'purpose = "audit"',
        event(1, actor="svc", purpose="ads"),
        event(2, "notice.received", target="svc"),
        event(3, actor="svc", purpose="ads"),
        event(4, actor="svc", purpose="ads"),
    )
    assert [law.matches for law in found.laws] == [2]
    assert found.matches == 3


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({"source": {"ip": "192.0.2.1"}, "device": "d-1"}, {"source.ip": "192.0.2.1"}),
        ({"device": "d-1", "account": "victim"}, {"device": "d-1"}),
        ({"account": "victim"}, {}),
    ],
)
def test_what_an_unknown_party_is_known_by(finding, given, known):
    found = finding('purpose = "audit"', event(1, purpose="ads", **given))
    assert found.subject is None
    assert dict(found.known_by) == known


def test_a_status_that_the_trace_tells_of_is_told(finding):
    found = finding(
        "principal is present and not barred(principal) and not barred(actor)",
        event(1, "notice.received", target="owner"),
        event(5, actor="svc", principal="owner"),
    )
    assert [x.why for x in found.not_excused] == ["owner was barred"]
