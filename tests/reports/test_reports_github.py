"""GitHub annotations, read back by a parser of the documented escapes."""

from __future__ import annotations

import re

import pytest

from tests.reports.samples import HOSTILE, accepted, hostile, whole
from tosrules.reports import Options, rendered

_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>.*?))?::(?P<data>.*)")


def parsed(data):
    """As a runner reads a log: each line by itself; what is no command is shown."""
    found = []
    for line in re.split(r"\r\n|\r|\n", data.decode("utf-8").removesuffix("\n")):
        match = _COMMAND.fullmatch(line)
        assert match, f"no command: {line!r}"
        properties = {}
        for part in (match["properties"] or "").split(","):
            key, _, value = part.partition("=")
            for escape, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n")):
                value = value.replace(escape, char)
            properties[key] = value.replace("%25", "%")
        said = match["data"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        found.append((match["name"], properties, said))
    return found


def commands(result, **options):
    return parsed(rendered("github", result, Options(**options)))


def test_findings_then_what_is_open_then_the_verdict():
    found = commands(whole(), base="cases/one")
    assert [name for name, _, _ in found] == [
        "error", "error", "warning", "warning", "notice", "notice", "notice",
    ]  # fmt: skip
    _, properties, said = found[0]
    finding = whole().findings[0]
    assert properties["title"] == f"critical: {finding.title} ({finding.clause})"
    assert properties["file"] == "cases/one/trace.json"
    assert properties["line"].isdigit()
    assert said.split("\n")[0] == f"mass: {finding.explanation}"
    assert said.split("\n")[-1] == finding.id
    assert found[4][1]["title"].startswith("pending: Data is deleted")
    assert found[5][2] == "1 event: attribute missing (automated)\ntrace.json:15"
    assert found[-1][2].startswith("4 clauses are violated")
    assert "file" not in found[-1][1]


def test_a_property_with_the_characters_that_part_properties():
    title = commands(hostile("50%, a:b"))[0][1]["title"]
    assert title == f"{whole().findings[0].severity}: 50%, a:b ({whole().findings[0].clause})"


def test_what_the_baseline_accepts_is_a_notice():
    name, _, said = commands(accepted())[0]
    assert name == "notice"
    assert "Accepted by the baseline: settled" in said.split("\n")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text):
    found = commands(hostile(text))
    assert [name for name, _, _ in found] == [name for name, _, _ in commands(whole())]
    for _, properties, said in found:
        assert set(properties) <= {"file", "line", "title"}
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)
