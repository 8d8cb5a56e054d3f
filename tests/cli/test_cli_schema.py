"""`tosrules schema`: what the schemas take and refuse, beside what the readers do."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.thorough import tried
from tosrules.cli import config_schema, schema
from tosrules.cli.config import KEYS, read
from tosrules.cli.exits import Unusable
from tosrules.language.load import load
from tosrules.trace.problems import TraceError
from tosrules.trace.read import read_traces

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.name != "make")
SARIF = ROOT / "tests" / "fixtures" / "sarif" / "sarif-schema-2.1.0.json"
TRACES = sorted((ROOT / "examples").glob("*/trace.json"))


@cache
def validator(of):
    found = schema.SCHEMAS[of]()
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found, format_checker=FormatChecker(("ipv4", "ipv6")))


def faults(of, data):
    return [f"{e.json_path}: {e.message}" for e in validator(of).iter_errors(data)]


@pytest.mark.parametrize("of", schema.SCHEMAS)
def test_it_prints_a_schema(tosrules, of):
    ended = tosrules("schema", of)
    assert (ended.status, ended.err) == (0, "")
    printed = json.loads(ended.out)
    assert printed["title"] == f"tosrules-{of}/1"
    assert printed == json.loads(json.dumps(schema.SCHEMAS[of]()))


def test_there_is_no_other(tosrules):
    ended = tosrules("schema", "rules")
    assert ended.status == 2
    assert "'rules' is not one of 'result', 'trace', 'config'" in ended.err


@pytest.mark.parametrize("name", tried(EXAMPLES))
def test_the_result_of_every_example_is_valid(tosrules, tmp_path, name):
    """By our schema, and as SARIF by the standard's."""
    file = tmp_path / "out.sarif"
    example = str(ROOT / "examples" / name)
    ended = tosrules("check", example, "--format", "json", "--report", f"sarif={file}")
    assert ended.status in (0, 1, 3), ended.err
    assert faults("result", json.loads(ended.out)) == []
    standard = Draft202012Validator(json.loads(SARIF.read_text(encoding="utf-8")))
    assert [e.json_path for e in standard.iter_errors(json.loads(file.read_text("utf-8")))] == []


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.parent.name)
def test_the_trace_of_every_example_is_valid(path):
    assert faults("trace", json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_configuration_of_every_example_is_valid(name):
    path = ROOT / "examples" / name / "tosrules.toml"
    assert faults("config", tomllib.loads(path.read_text(encoding="utf-8"))) == []


# ---- traces --------------------------------------------------------------------------------


@cache
def vocabulary():
    policy = load(["core"], shipped_tests=False).policy
    assert policy is not None
    return policy.vocabulary


def takes(tmp_path, data):
    """Whether the reader takes the trace."""
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(data, indent=1))
    try:
        read_traces([str(file)], vocabulary())
    except TraceError:
        return False
    return True


def event(**more):
    said = {"id": "e1", "time": "2020-06-01T10:00:00Z", "type": "engagement.like", **more}
    return {name: value for name, value in said.items() if value is not ...}


def whole(**more):
    said = {"trace": "tosrules-trace/1", "events": [event()], **more}
    return {name: value for name, value in said.items() if value is not ...}


GOOD = [
    whole(),
    whole(title="A case", observed={"from": "2020-01-01T00:00:00Z", "to": "2020-12-31T00:00Z"}),
    whole(events=[]),
    whole(events=[event(actor=None, automated=None)]),
    whole(events=[event(time="2020-06-01 10:00:00.123456+02:00")]),
    whole(events=[event(type="no.such.type", anything={"at": ["all", 1, True]})]),
    whole(events=[event(client={"attested": False})]),
    whole(events=[event(**{"client.attested": False})]),
    whole(events=[event(**{"source.ip": "2001:db8::1"})]),
    whole(events=[event(type="http.request", **{"http.response.status_code": 404})]),
    whole(events=[event(type="http.request", http={"response": {"status_code": 404}})]),
]
BAD = [
    [],
    {},
    whole(trace=...),
    whole(trace="tosrules-trace/2"),
    whole(trace=1),
    whole(events=...),
    whole(events={}),
    whole(tittle="x"),
    whole(title=1),
    whole(title=None),
    whole(observed="2020"),
    whole(observed={"from": "2020-01-01T00:00:00Z"}),
    whole(observed={"from": "2020-01-01", "to": "2020-12-31"}),
    whole(observed={"from": 1, "to": 2}),
    whole(events=["e1"]),
    whole(events=[None]),
    whole(events=[event(id=...)]),
    whole(events=[event(id="")]),
    whole(events=[event(id=1)]),
    whole(events=[event(time=...)]),
    whole(events=[event(time="2020-06-01T10:00:00")]),
    whole(events=[event(time="2020-06-01")]),
    whole(events=[event(time="2020-06-01T25:00:00Z")]),
    whole(events=[event(time="2020-13-01T10:00:00Z")]),
    whole(events=[event(time=1591005600)]),
    whole(events=[event(type=...)]),
    whole(events=[event(type="")]),
    whole(events=[event(type=["a"])]),
    whole(events=[event(actor=1)]),
    whole(events=[event(actor="")]),
    whole(events=[event(actor={"id": "x"})]),
    whole(events=[event(automated="true")]),
    whole(events=[event(automated=1)]),
    whole(events=[event(client={"attested": "no"})]),
    whole(events=[event(**{"client.attested": "no"})]),
    whole(events=[event(**{"source.ip": "300.1.1.1"})]),
    whole(events=[event(type="http.request", **{"http.response.status_code": "404"})]),
    whole(events=[event(type="http.request", http={"response": {"status_code": "404"}})]),
    whole(events=[event(type="http.request", **{"http.response.status_code": 10**19})]),
]


@pytest.mark.parametrize("data", GOOD, ids=range(len(GOOD)))
def test_reader_and_schema_take_the_same_traces(tmp_path, data):
    assert takes(tmp_path, data)
    assert faults("trace", data) == []


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_reader_and_schema_refuse_the_same_traces(tmp_path, data):
    assert not takes(tmp_path, data)
    assert faults("trace", data)


def test_every_attribute_of_the_vocabulary_is_in_the_schema():
    """A value of the wrong type is refused under every name that a type declares."""
    wrong = {"boolean": "x", "number": "x", "list": "x"}
    tried = 0
    for name, event_type in vocabulary().types.items():
        for attribute in event_type.attributes.values():
            value = wrong.get(attribute.type.name, ["x"])
            data = whole(events=[event(type=name, **{attribute.name: value})])
            assert not validator("trace").is_valid(data), f"{attribute.name} of {name}"
            tried += 1
    assert tried > 200


# ---- configurations ------------------------------------------------------------------------


def accepts(tmp_path, text):
    file = tmp_path / "tosrules.toml"
    file.write_text(text)
    try:
        read(str(file))
    except Unusable:
        return False
    return True


def test_the_schema_has_every_key():
    assert set(config_schema.config_schema()["properties"]) == set(KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'rules = ["core", "house.tos"]',
        'rules = "core"',
        'set = { burst = "120", daily = 3, on = true }',
        'fail-on = "never"',
        "skip-invalid = true",
        'format = "sarif"\ntrace-format = "har"\nzone = "Europe/Madrid"',
        'redact = "personal"\nbaseline = "accepted.toml"',
    ],
)
def test_reader_and_schema_take_the_same_configurations(tmp_path, text):
    assert accepts(tmp_path, text)
    assert faults("config", tomllib.loads(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "rules = 1",
        'rules = ["core", 1]',
        "set = 1",
        "set = { burst = 1.5 }",
        "set = { burst = [1] }",
        'fail-on = "severe"',
        'skip-invalid = "yes"',
        "zone = 1",
        "format = []",
        'rule = ["core"]',
        'redact = ["everything"]',
    ],
)
def test_reader_and_schema_refuse_the_same_configurations(tmp_path, text):
    assert not accepts(tmp_path, text)
    assert faults("config", tomllib.loads(text))
