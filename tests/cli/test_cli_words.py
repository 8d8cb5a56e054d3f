"""What commands say of what was asked: settings, overlays, near names, files cut off."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.usefixtures("project")

OVER = """pack mine "Mine" version "1"
import core
source terms { title "Terms" version "1" }
param keep = 2 days chosen because "so"
status known { begins on notice.received for target expires after keep }
overlay core/no-data-sale because "under review" { off until 2026-12-31 }
clause own "Own" { cite terms severity low forbid profile.read where known(actor) }
"""


@pytest.fixture
def mine(project):
    (project / "mine.tos").write_text(OVER, encoding="utf-8")


# ---- explain and rules ---------------------------------------------------------------------


def test_explain_heeds_what_is_set(project, tosrules):
    assert "burst = 3, chosen because" in tosrules("explain", "no-burst").out
    assert "more than 9 (burst)" in tosrules("explain", "no-burst", "--set", "burst=9").out
    config = project / "tosrules.toml"
    config.write_text(config.read_text() + '\nset = { burst = "7" }\n')
    assert "more than 7 (burst)" in tosrules("explain", "no-burst").out
    assert "more than 9 (burst)" in tosrules("explain", "no-burst", "--set", "burst=9").out
    assert tosrules("explain", "core/no-burst-of-any").status == 2
    assert "Forbidden" in tosrules("explain", "core/no-data-sale").out


@pytest.mark.usefixtures("mine")
def test_explain_names_the_numbers_of_statuses(tosrules):
    said = tosrules("explain", "own", "--rules", "mine.tos").out
    assert "- keep = 2 days, chosen because so" in said


@pytest.mark.usefixtures("mine")
def test_explain_of_a_clause_switched_off(tosrules):
    said = tosrules("explain", "no-data-sale", "--rules", "mine.tos").out
    assert "- in every case (an overlay until 2026-12-31, because under review)" in said
    assert "true is true" not in said


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("fake", "core/no-fake-engagement"),
        ("core/no-fake", "core/no-fake-engagement"),
        ("no-fake-engagment", "core/no-fake-engagement"),
        ("passwords", "core/no-credential-collection"),
    ],
)
def test_explain_suggests_what_was_meant(tosrules, asked, meant):
    ended = tosrules("explain", asked, "--rules", "core")
    assert ended.status == 2
    assert f"did you mean `{meant}`?" in ended.err


@pytest.mark.usefixtures("mine")
def test_rules_lists_the_named_pack_first_with_its_overlays(tosrules):
    said = tosrules("rules", "mine.tos").out
    assert said.startswith("mine 1  Mine\n")
    assert "  Overlays\n  core/no-data-sale  off until 2026-12-31, because under review\n" in said


# ---- check ---------------------------------------------------------------------------------


def test_quiet_holds_for_the_file_of_the_report(project, tosrules):
    shown = tosrules("check", "trace.json", "-q").out
    tosrules("check", "trace.json", "-q", "-o", "brief.txt", "--report", "text=whole.txt")
    assert (project / "brief.txt").read_text() == shown
    assert "because" not in shown
    assert "because" in (project / "whole.txt").read_text()


def test_the_rest_of_a_file_is_no_record(project, tosrules):
    whole = json.dumps({"id": "e1", "time": "2020-06-01T10:00:00Z", "type": "profile.read"})
    text = '{"trace": "tosrules-trace/1", "events": [\n' + whole + ',\n{"id": "e2", "ti'
    (project / "cut.json").write_text(text)
    (project / "bad.jsonl").write_text(whole.replace("e1", "e3") + "\n{}\n")
    ended = tosrules("check", "cut.json", "bad.jsonl", "--skip-invalid", "--rules", "core")
    said = " ".join(ended.out.split())
    assert "1 record and the rest of cut.json from line 3 on could not be read" in said
    assert "skipped cut.json:3, and the rest of the file: " in said
    assert "skipped bad.jsonl:2: " in said


# ---- nothing, and an example ----------------------------------------------------------------


def test_nothing_asked_for_is_answered_with_the_help(tosrules):
    ended = tosrules()
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("Usage: tosrules [OPTIONS] COMMAND")
    assert "error" not in ended.err


def test_every_example_is_a_demo(tosrules):
    listed = tosrules("demo", "--list").out.split()
    assert {"massroot8", "web-log", "two-versions"} <= set(listed)
    ended = tosrules("demo", "web-log")
    assert ended.status == 0
    assert "web-log/access.log --fail-on never` prints." in ended.err
    assert "Exit status 0: violations were found, and --fail-on never" in ended.out
