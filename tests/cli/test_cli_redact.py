"""`check --redact personal`: every report, said at its head."""

from __future__ import annotations

import json

import pytest

from tosrules.reports import FORMATS

pytestmark = pytest.mark.usefixtures("project")


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(tosrules, project, format):
    path = project / "trace.json"
    path.write_text(path.read_text().replace('"bot"', '"ana ruiz"'))
    written = project / "out"
    ended = tosrules("check", "trace.json", "--redact", "personal", "--report", f"{format}=out")
    assert ended.status == 1
    assert "ruiz" in tosrules("check", "trace.json").out
    assert b"ruiz" not in written.read_bytes().lower()


def test_it_is_said_at_the_head(tosrules):
    ended = tosrules("check", "trace.json", "--redact", "personal")
    assert ended.out.startswith("1 clause is violated, by person-1.\n")
    assert "\nredacted  personal: pseudonyms stand in place of 1 value. Names of files" in ended.out


def test_by_the_configuration(tosrules, project):
    (project / "tosrules.toml").write_text('rules = ["house.tos"]\nredact = "personal"\n')
    said = json.loads(tosrules("check", "trace.json", "--format", "json").out)
    assert said["run"]["redaction"]["what"] == "personal"
    assert said["findings"][0]["subject"] == {"actor": "person-1"}


@pytest.mark.parametrize("place", ["option", "configuration"])
def test_what_cannot_be_redacted(tosrules, project, place):
    arguments = ["--redact", "names"] if place == "option" else []
    if place == "configuration":
        (project / "tosrules.toml").write_text('redact = ["names"]\n')
    ended = tosrules("check", "trace.json", *arguments)
    assert ended.status == 2
    assert "`names` is nothing that can be redacted" in ended.err
    assert "help: there is personal; secrets are never shown" in ended.err
