"""SARIF: valid by the standard's schema, at the exact line, and what it says of each clause."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.reports.samples import HOSTILE, accepted, hostile, whole
from tosrules.record import replace
from tosrules.reports import Options, rendered

SCHEMA = Path(__file__).parents[1] / "fixtures" / "sarif" / "sarif-schema-2.1.0.json"


@cache
def validator():
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def run_of(result, **options):
    log = json.loads(rendered("sarif", result, Options(**options)))
    problems = [f"{e.json_path}: {e.message}" for e in validator().iter_errors(log)]
    assert problems == []
    return log["runs"][0]


def results_of(run, kind):
    return [r for r in run["results"] if r["kind"] == kind]


def test_the_schema_refuses_what_is_wrong():
    log = json.loads(rendered("sarif", whole(), Options()))
    log["runs"][0]["results"][0]["kind"] = "guilty"
    assert not validator().is_valid(log)


def test_a_finding_stands_at_its_line_with_its_clause():
    run = run_of(whole())
    fails = results_of(run, "fail")
    assert len(fails) == 4
    for found, finding in zip(fails, whole().findings, strict=True):
        assert found["ruleId"] == finding.clause
        assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == finding.clause
        assert found["partialFingerprints"] == {"tosrulesFinding/v1": finding.id}
        (location,) = found["locations"]
        completing = finding.occurrences[0].completing
        (event,) = [e for e in finding.evidence if e.event == completing]
        at = location["physicalLocation"]
        assert at["region"] == {"startLine": event.source.line}
        artifact = run["artifacts"][at["artifactLocation"]["index"]]
        assert artifact["location"]["uri"] == at["artifactLocation"]["uri"] == "trace.json"
        shown = len(finding.evidence) + len(finding.context) - 1
        assert len(found.get("relatedLocations", ())) == shown
    levels = {r["properties"]["severity"]: r["level"] for r in fails}
    assert levels == {"critical": "error", "medium": "warning"}


def test_a_trace_and_its_hash_are_an_artifact():
    (artifact,) = run_of(whole())["artifacts"]
    assert artifact["hashes"] == {"sha-256": "ab" * 32}
    assert artifact["length"] == 1234


def test_what_was_not_violated_says_so_by_its_kind():
    run = run_of(whole())
    assert [r["ruleId"] for r in results_of(run, "review")] == ["house/delete-on-request"]
    (open_,) = results_of(run, "open")
    assert open_["ruleId"] == "house/no-burst"
    assert open_["properties"] == {"reason": "attribute missing", "attribute": "automated"}
    assert [r["ruleId"] for r in results_of(run, "notApplicable")] == ["house/quiet"]
    assert all(r["level"] == "none" for r in run["results"] if r["kind"] != "fail")
    assert all(r["locations"] for r in run["results"]), "code scanning refuses a file without"


def test_a_clean_clause_passes():
    result = whole()
    quiet = replace(result.clauses[-1], verdict="clean", relevant=3)
    clean = replace(result, clauses=(*result.clauses[:-1], quiet))
    (passed,) = results_of(run_of(clean), "pass")
    assert passed["message"]["text"] == "house/quiet: clean; 3 events fall under it"


def test_a_sequence_is_a_code_flow_in_order():
    fails = results_of(run_of(whole()), "fail")
    flows = {r["ruleId"]: r["codeFlows"] for r in fails if "codeFlows" in r}
    assert list(flows) == ["house/no-replay"]
    steps = flows["house/no-replay"][0]["threadFlows"][0]["locations"]
    lines = [s["location"]["physicalLocation"]["region"]["startLine"] for s in steps]
    assert lines == [25, 26]
    assert [s["executionTimeUtc"] for s in steps] == [
        "2020-05-02T10:00:00Z",
        "2020-05-02T12:00:00Z",
    ]


def test_laws_and_citations_are_taxa_that_exist():
    run = run_of(whole())

    def taxon(reference):
        component = run["taxonomies"][reference["toolComponent"]["index"]]
        assert component["name"] == reference["toolComponent"]["name"]
        found = component["taxa"][reference["index"]]
        assert found["id"] == reference["id"]
        return component["name"], found["id"]

    laws = {taxon(t) for r in results_of(run, "fail") for t in r.get("taxa", ())}
    assert laws == {("house/act", "(a)"), ("house/act-here", "whole")}
    rules = {r["id"]: r for r in run["tool"]["driver"]["rules"]}
    cited = [taxon(x["target"]) for x in rules["house/no-burst"]["relationships"]]
    assert cited == [("house/terms", "Fair use")]
    assert rules["house/no-burst"]["helpUri"] == "https://house.example/terms"
    assert "section 3.2" in rules["house/no-access"]["help"]["text"]
    assert "**Remedy**: Stop." in rules["house/no-access"]["help"]["markdown"]


def test_versions_of_a_clause_share_a_rule():
    result = whole()
    twice = replace(result, clauses=(*result.clauses, replace(result.clauses[-1], title="Later")))
    run = run_of(twice)
    ids = [r["id"] for r in run["tool"]["driver"]["rules"]]
    assert len(ids) == len(set(ids)) == len(result.clauses)
    assert len(results_of(run, "notApplicable")) == 2


def test_what_the_baseline_accepts_is_suppressed():
    first, *others = results_of(run_of(accepted()), "fail")
    assert first["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "settled"}
    ]
    assert not any("suppressions" in r for r in others)


def test_how_the_run_ended():
    (told,) = run_of(whole(), status=1, why="4 findings")["invocations"]
    assert (told["exitCode"], told["exitCodeDescription"]) == (1, "4 findings")
    assert told["startTimeUtc"] == "2026-11-22T12:00:00Z"
    notes = told["toolExecutionNotifications"]
    assert [n["descriptor"]["id"] for n in notes] == ["note-moved"]
    (unknown,) = run_of(whole(""))["invocations"]
    assert "exitCode" not in unknown
    assert "startTimeUtc" not in unknown


def test_names_of_files_are_references_that_parse():
    def uri(name, base=""):
        trace = replace(whole().run.traces[0], name=name)
        result = replace(whole(), run=replace(whole().run, traces=(trace,)))
        return run_of(result, base=base)["artifacts"][0]["location"]["uri"]

    assert uri("a b#c?.json") == "a%20b%23c%3F.json"
    assert uri("c:evil.json") == "./c:evil.json"
    assert uri("trace.json", "examples/shop") == "examples/shop/trace.json"
    assert uri("-") == "stdin"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text):
    run = run_of(hostile(text))
    messages = [r["message"]["text"] for r in run["results"]]
    for said in messages:
        assert not re.search(r"(?<!\\)\]\(", said), "a link"
        assert not re.search(r"(?<!\{)\{\d+\}", said), "a placeholder"
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said)
    for rule in run["tool"]["driver"]["rules"]:
        assert rule.get("helpUri", "https://").startswith("https://")
