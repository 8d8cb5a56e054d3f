"""From an engine's answer to the result: every field, ids, order, secrets, the schema."""

from __future__ import annotations

import json

import pytest

from tests.result import cases
from tosrules.engines.outcome import Outcome
from tosrules.record import replace
from tosrules.result.assemble import assemble
from tosrules.result.encode import to_json
from tosrules.result.ids import finding_id, shortest
from tosrules.result.model import Result
from tosrules.result.run import RunFacts
from tosrules.result.schema import ResultError, read_result, result_schema


@pytest.fixture(scope="module")
def result() -> Result:
    return assemble(cases.policy(), cases.whole_trace(), cases.outcome())


def by_clause(result: Result, name: str):
    return next(f for f in result.findings if f.clause == f"house/{name}")


def test_gravest_first_then_by_time(result):
    order = [f.clause for f in result.findings]
    assert order == [
        "house/no-access",
        "house/no-replay",
        "house/no-burst",
        "house/delete-on-request",
    ]


def test_the_json_is_what_the_schema_says(result):
    text = to_json(result)
    assert read_result(text) == result
    assert to_json(read_result(text)) == text


def test_the_schema_describes_its_fields():
    schema = result_schema()
    assert schema["properties"]["result"]["description"] == "`tosrules-result/1`."
    evidence = schema["$defs"]["Evidence"]["properties"]["role"]
    assert evidence["description"].startswith("`violates`")
    assert json.loads(json.dumps(schema)) == schema


def test_a_file_that_is_no_result(result):
    data = json.loads(to_json(result))
    data["findings"][0]["severity"] = 3
    with pytest.raises(ResultError, match=r"findings\.0\.severity"):
        read_result(json.dumps(data))
    with pytest.raises(ResultError, match="the file"):
        read_result("{")
    with pytest.raises(ResultError, match="tosrules-result/9"):
        read_result(json.dumps({**json.loads(to_json(result)), "result": "tosrules-result/9"}))


def test_who_answers_and_through_whom(result):
    access = by_clause(result, "no-access")
    assert access.subject == {"actor": "mass"}
    assert access.through == ("bot-17",)
    assert by_clause(result, "no-burst").subject == {"account": "a-1"}
    assert by_clause(result, "no-replay").subject is None


def test_severity_says_what_raised_it(result):
    access = by_clause(result, "no-access")
    assert access.severity == "critical"
    assert access.aggravated_by == "automated = true"
    assert by_clause(result, "no-burst").aggravated_by == ""


def test_citations_and_laws(result):
    access = by_clause(result, "no-access")
    (citation,) = access.citations
    assert (citation.title, citation.section) == ("House Terms", "3.2")
    assert [(law.jurisdiction, law.when) for law in access.laws] == [
        ("HO", ""),
        ("HO-X", "automated = true"),
    ]


@pytest.mark.parametrize(("place", "kept"), [("HO", 2), ("HO-X", 1), ("US", 0)])
def test_laws_of_one_jurisdiction(place, kept):
    facts = RunFacts(jurisdictions=(place,))
    only = assemble(cases.policy(), cases.whole_trace(), cases.outcome(), facts)
    assert len(by_clause(only, "no-access").laws) == kept
    assert only.run.selection.jurisdictions == (place,)


def test_exceptions_that_could_not_be_established(result):
    access = by_clause(result, "no-access")
    assert [e.text for e in access.not_established] == ['purpose = "audit"']
    assert access.not_excused == ()


def test_context_stands_apart(result):
    access = by_clause(result, "no-access")
    assert [(e.role, e.note) for e in access.context] == [
        ("begins", "acts_for"),
        ("begins", "barred"),
    ]
    assert access.evidence_total == 8
    assert access.first == "2020-04-04T02:11:00Z"
    assert "actor" in access.evidence[0].reads


def test_no_secret_in_any_form(result):
    text = to_json(result)
    assert "hunter22" not in text
    submit = by_clause(result, "no-replay").evidence[0]
    assert submit.attributes["password"] == "secret-1"


def test_an_unmet_duty(result):
    late = by_clause(result, "delete-on-request")
    assert late.due == "2020-06-02T10:00:00Z"
    assert [e.role for e in late.evidence] == ["trigger", "late"]
    assert late.parameters == ("house/grace",)
    clause = next(c for c in result.clauses if c.id == "house/delete-on-request")
    (pending,) = clause.pending
    assert (pending.due, pending.party) == ("2020-07-01T10:00:00Z", {"actor": "mass"})


def test_parameters_have_their_origin(result):
    burst, grace = result.run.parameters
    assert (burst.value, burst.origin.kind, burst.origin.reason) == (
        3,
        "chosen",
        "the terms name no number",
    )
    assert (grace.value, grace.origin.kind, grace.origin.title) == (
        "30 days",
        "stated",
        "House Terms",
    )


def test_facts_of_the_run(result):
    run = result.run
    assert run.moved == 1
    assert run.keyless[0].name == "house/barred"
    assert run.traces[0].sha256 == "ab" * 32
    assert run.traces[0].sorted is True
    assert run.time == ""
    assert [p.id for p in run.packs if p.judged] == ["house"]
    assert len(run.packs[0].sha256) == 64


def test_summary(result):
    summary = result.summary
    assert (summary.violated, summary.not_exercised, summary.findings) == (4, 1, 4)
    assert summary.subjects == 2
    assert summary.duties_pending == 1


# ---- ids -----------------------------------------------------------------------------------


def test_an_id_is_stable_and_long():
    found = cases.outcome().clauses[1].findings[0]
    id = finding_id(found)
    assert id == finding_id(cases.outcome().clauses[1].findings[0])
    assert len(id) == len("f-") + 32


def test_an_id_changes_with_what_it_hashes():
    from tosrules.record import replace as change

    found = cases.outcome().clauses[1].findings[0]
    other_subject = change(found, subject=cases.Subject("party", "other"))
    other_rule = change(found, rule=replace(found.rule, ordinal=1))
    later = change(found, matches=found.matches[1:])
    ids = {finding_id(f) for f in (found, other_subject, other_rule, later)}
    assert len(ids) == 4
    assert finding_id(change(found, context=())) == finding_id(found), "context has no part in it"


def test_shortest_prefixes():
    assert shortest(["f-abcdef0", "f-123456789"]) == {
        "f-abcdef0": "f-abcdef",
        "f-123456789": "f-123456",
    }
    assert shortest(["f-aaaaaaaa1", "f-aaaaaaaa2"])["f-aaaaaaaa1"] == "f-aaaaaaaa1"
    assert shortest([]) == {}


# ---- cutting -------------------------------------------------------------------------------


def test_long_evidence_is_cut_and_counted():
    cut = assemble(cases.policy(), cases.whole_trace(), cases.outcome(), RunFacts(evidence=4))
    access = by_clause(cut, "no-access")
    assert [e.event for e in access.evidence] == ["e2", "e3", "e4", "e9"]
    assert access.evidence_total == 8
    whole = assemble(cases.policy(), cases.whole_trace(), cases.outcome(), RunFacts(evidence=None))
    assert len(by_clause(whole, "no-access").evidence) == 8


def test_nothing_at_all():
    empty = assemble(cases.policy(), cases.trace(cases.LETTER), Outcome((), {}))
    assert empty.findings == ()
    assert read_result(to_json(empty)) == empty
