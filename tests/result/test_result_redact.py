"""Pseudonyms: nobody is named any more, one value is one name, and findings keep their ids."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tosrules import resources
from tosrules.api.checking import check
from tosrules.language.load import load
from tosrules.result.encode import to_data
from tosrules.result.redact import LEFT_OUT, redacted
from tosrules.trace.read import read_traces

EXAMPLES = resources.rules_root().parent / "examples"
PERSONAL = {
    *("actor", "account", "device", "session", "subject", "agent", "principal", "target"),
    *("recipient", "credential.owner", "username", "owner", "source.ip", "holder", "grantor"),
}
RULES = """pack house "House" version "1"
source terms { title "Terms" version "1" }
status licensed { begins on permission.grant for target }
link acts_for { begins on agency.declare from agent to principal }
clause no-burst "No bursts" {
  cite terms
  severity low
  forbid more than 1 engagement.like per actor, target within 1 hour
  unless licensed(actor) or logged_in = true
}
clause no-page "No pages" {
  cite terms severity low binds each of acts_for(actor) forbid http.request
}
clause answer "Answer" {
  cite terms severity low
  after notice.received as ask require response.send as done within 30 days
    where done.actor = ask.target
}
"""


def judged(tmp_path: Path, events: list[dict[str, object]], **more: object):
    (tmp_path / "house.tos").write_text(RULES)
    (tmp_path / "t.json").write_text(
        json.dumps({"trace": "tosrules-trace/1", "events": events, **more})
    )
    policy = load([str(tmp_path / "house.tos")]).policy
    assert policy is not None
    trace = read_traces([str(tmp_path / "t.json")], policy.vocabulary)
    result = check(str(tmp_path / "t.json"), str(tmp_path / "house.tos"))
    return result, redacted(result, policy.vocabulary, trace.events)


def event(id: str, minute: int, type: str, **more: object) -> dict[str, object]:
    return {"id": id, "time": f"2020-06-01T10:{minute:02d}:00Z", "type": type, **more}


def likes(actor: str, target: str, **more: object) -> list[dict[str, object]]:
    return [
        event(f"l-{actor}-{n}", n, "engagement.like", actor=actor, target=target, **more)
        for n in range(3)
    ]


def of_the_trace(result) -> str:
    """All that a result says of its trace, without what the rules say."""
    data = to_data(result)
    parts = [data["run"]["title"], data["run"]["notes"], data["run"]["unknown_types"]]
    for finding in data["findings"]:
        parts += [
            finding[name]
            for name in ("subject", "through", "key", "occurrences", "computed", "explanation")
        ]
        parts += [
            {k: v for k, v in e.items() if k not in ("digest", "source")}
            for e in finding["evidence"] + finding["context"]
        ]
    for clause in data["clauses"]:
        parts += [[p["party"], p["trigger"]["attributes"]] for p in clause["pending"]]
    return json.dumps(parts, ensure_ascii=False).casefold()


@pytest.mark.parametrize("example", ["massroot8", "engagement-shop", "oneaudience", "web-log"])
def test_no_example_names_anybody_any_more(example):
    folder = EXAMPLES / example
    files = sorted(
        str(p) for p in folder.iterdir() if re.search(r"\.(json|log|har)(\.gz)?$", p.name)
    )
    policy = load(["core"]).policy
    assert policy is not None
    trace = read_traces(files, policy.vocabulary)
    result = check(files, "core")
    came = redacted(result, policy.vocabulary, trace.events)
    said = of_the_trace(came)
    values = {
        v
        for e in trace.events
        for name, v in e.attributes.items()
        if name in PERSONAL and isinstance(v, str) and not (v.isdecimal() and len(v) < 5)
    }
    assert values
    found = [v for v in values if v.casefold() in said]
    left = [v for v in found if re.search(rf"(?<!\w){re.escape(v.casefold())}(?!\w)", said)]
    assert not left
    assert [f.id for f in came.findings] == [f.id for f in result.findings]
    assert came.summary == result.summary
    assert came.run.redaction is not None


def test_one_value_has_one_name_everywhere(tmp_path):
    _, came = judged(tmp_path, likes("ana.ruiz", "bo", logged_in=False), title="Against Ana.Ruiz")
    (finding,) = came.findings
    assert finding.subject == {"actor": "person-1"}
    assert finding.key == {"actor": "person-1", "target": "account-1"}
    assert [e.attributes["actor"] for e in finding.evidence] == ["person-1"] * 3
    assert "person-1" in finding.explanation
    assert "ruiz" not in finding.explanation.casefold()
    (exception,) = finding.not_excused
    assert exception.why.startswith("person-1 was not licensed at that time")
    assert came.run.title == ""
    assert came.run.traces[0].title == ""


def test_event_ids_that_tell_are_replaced_and_others_stay(tmp_path):
    events = [*likes("ana", "bo"), event("x1", 5, "engagement.like", actor="ana", target="bo")]
    _, came = judged(tmp_path, events)
    (finding,) = came.findings
    assert [e.event for e in finding.evidence] == ["event-1", "event-2", "event-3", "x1"]
    assert {o.completing for o in finding.occurrences} <= {"event-2", "event-3", "x1"}


def test_names_that_are_taken_are_not_given(tmp_path):
    _, came = judged(tmp_path, likes("person-2", "person-1"))
    assert came.findings[0].subject == {"actor": "person-3"}


def test_what_the_vocabulary_does_not_know_is_personal(tmp_path):
    events = likes("svc", "bo", email="ana@x.example", friends={"svc": 41}, note=["bo", True])
    _, came = judged(tmp_path, events)
    shown = came.findings[0].evidence[0].attributes
    assert shown == {
        "actor": "person-1",
        "target": "account-1",
        "email": "value-1",
        "friends.person-1": "value-2",
        "note": ("account-1", True),
    }


def test_a_party_that_is_reached_and_not_shown(tmp_path):
    events = [
        event("d", 0, "agency.declare", agent="bot", principal="Ana Ruiz"),
        *[event(f"p{n}", n + 1, "http.request", actor="bot") for n in range(2)],
    ]
    _, came = judged(tmp_path, events)
    assert {tuple(f.subject.values()) for f in came.findings} == {("person-1",), ("person-2",)}
    assert "ruiz" not in of_the_trace(came)


def test_digests_are_over_what_is_shown(tmp_path):
    plain, came = judged(tmp_path, likes("ana", "bo"))
    (tmp_path / "two").mkdir()
    _, other = judged(tmp_path / "two", likes("eva", "bo"))
    assert plain.findings[0].evidence[0].digest != came.findings[0].evidence[0].digest
    assert came.findings[0].evidence[0].digest == other.findings[0].evidence[0].digest, (
        "nothing that tells ana from eva"
    )


def test_duties_notes_and_records_that_cannot_be_read(tmp_path):
    (tmp_path / "house.tos").write_text(RULES)
    lines = [
        event("n", 0, "notice.received", actor="ana", target="bo"),
        event("t", 1, "ana.waves", actor="ana"),
        event("bad", 2, "engagement.like", actor=["ana"]),
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    policy = load([str(tmp_path / "house.tos")]).policy
    assert policy is not None
    trace = read_traces([str(tmp_path / "t.jsonl")], policy.vocabulary, skip_invalid=True)
    result = check(str(tmp_path / "t.jsonl"), str(tmp_path / "house.tos"), skip_invalid=True)
    came = redacted(result, policy.vocabulary, trace.events)
    assert [s.message for s in came.run.skipped_records] == [LEFT_OUT]
    assert [u.type for u in came.run.unknown_types] == ["person-1.waves"]
    (duty,) = (p for c in came.clauses for p in c.pending)
    assert "ana" not in json.dumps(to_data(duty))
    assert all("ana" not in n.text for n in came.run.notes)
