"""`check --baseline`: exit status, every report, and the file that grows."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import likes, trace

pytestmark = pytest.mark.usefixtures("project")


def accept(project, reason: str = "known") -> None:
    path = project / "accepted.toml"
    path.write_text(path.read_text().replace('reason = ""', f'reason = "{reason}"'))


def test_from_the_first_finding_to_a_baseline(project, tosrules):
    assert tosrules("check", "trace.json").status == 1
    ended = tosrules("check", "trace.json", "--baseline", "accepted.toml", "--update-baseline")
    assert ended.status == 0
    assert ended.err == "`accepted.toml`: added 1 finding; fill in its reason and author\n"
    assert "Exit status 0: the only finding is accepted by the baseline." in ended.out
    assert "accepted  by the baseline without a reason" in ended.out
    accept(project)
    before = (project / "accepted.toml").read_bytes()
    ended = tosrules("check", "trace.json", "--baseline", "accepted.toml", "--update-baseline")
    assert (ended.status, ended.err) == (0, "")
    assert (project / "accepted.toml").read_bytes() == before
    assert "accepted  by the baseline because known" in ended.out
    assert "The only finding is accepted by the baseline." in ended.out
    assert "baseline  accepted.toml, 1 entry" in ended.out


def test_a_new_finding_counts(project, tosrules):
    tosrules("check", "trace.json", "--baseline", "accepted.toml", "--update-baseline")
    accept(project)
    more = [{**e, "id": f"x{e['id']}", "actor": "other"} for e in likes(4)]
    (project / "trace.json").write_text(trace([*likes(4), *more]))
    ended = tosrules("check", "trace.json", "--baseline", "accepted.toml")
    assert ended.status == 1
    assert "Exit status 1: 2 findings, 1 of them accepted by the baseline." in ended.out
    assert "Of 2 findings 1 is accepted by the baseline." in " ".join(ended.out.split())


def test_expiry_follows_the_clock_of_the_run(project, tosrules, monkeypatch):
    tosrules("check", "trace.json", "--baseline", "accepted.toml", "--update-baseline")
    path = project / "accepted.toml"
    path.write_text(path.read_text() + "expires = 2021-01-01\n")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1609459199")
    assert tosrules("check", "trace.json", "--baseline", "accepted.toml").status == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1609459200")
    ended = tosrules("check", "trace.json", "--baseline", "accepted.toml")
    assert ended.status == 1
    assert "until 2021-01-01, and expired: it counts again" in ended.out


def test_json_and_the_configuration(project, tosrules):
    tosrules("check", "trace.json", "--baseline", "accepted.toml", "--update-baseline")
    accept(project)
    (project / "tosrules.toml").write_text('rules = ["house.tos"]\nbaseline = "accepted.toml"\n')
    ended = tosrules("check", "trace.json", "--format", "json")
    assert ended.status == 0
    said = json.loads(ended.out)
    assert said["findings"][0]["accepted"]["reason"] == "known"
    assert said["summary"] | {"accepted": 1, "findings": 1} == said["summary"]
    assert said["run"]["baseline"]["file"]["name"] == "accepted.toml"
    assert said["run"]["configuration"]["name"] == "tosrules.toml"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--baseline", "none.toml"], "the baseline `none.toml` cannot be read: no such file"),
        (["--update-baseline"], "--update-baseline does not know which file to update"),
        (["--baseline", "house.tos"], "house.tos:1: this is not TOML: "),
        (["--baseline", "tosrules.toml"], "tosrules.toml:1: this file does not say that it is"),
    ],
)
def test_mistakes(tosrules, arguments, message):
    ended = tosrules("check", "trace.json", *arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith(f"error: {message}")


def test_a_time_of_the_run_that_is_none(tosrules, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    ended = tosrules("check", "trace.json")
    assert ended.status == 2
    assert "SOURCE_DATE_EPOCH is `soon`" in ended.err
