"""`tosrules verify`: what was changed is named, with what was said and what is there now."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from tests.integrity.conftest import edit

pytestmark = pytest.mark.usefixtures("case")
ALL = ("verify", "result.json", "--trace", "trace.json", "--rules", "house.tos")


def test_all_is_as_said(tosrules):
    ended = tosrules(*ALL)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Verified: all is as the result says.\n")
    assert "same      4 cited events still say what the result says\n" in ended.out
    assert "same      judged again, the same comes out: 1 finding\n" in ended.out
    assert "same      the configuration has the bytes that were used\n" in ended.out


def test_a_byte_of_a_cited_event(case, tosrules):
    edit(case / "trace.json", '"bot"', '"bat"')
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "differs   trace.json: its bytes are not those that were judged\n" in ended.out
    assert re.search(
        r"differs   event e0 \(trace.json:4\), cited by f-[0-9a-f]{32}: actor\n"
        r"  said    bot\n  now     bat\n",
        ended.out,
    )


def test_the_time_of_a_cited_event(case, tosrules):
    edit(case / "trace.json", "10:00:00Z", "10:00:01Z")
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert ": time\n  said    2020-06-01T10:00:00Z\n  now     2020-06-01T10:00:01Z\n" in ended.out


def test_a_cited_event_that_is_gone(case, tosrules):
    edit(case / "trace.json", '"e0"', '"e9"')
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "  said    engagement.like at 2020-06-01T10:00:00Z\n  now     no such event" in ended.out


def test_a_byte_of_an_event_that_nothing_cites(case, tosrules):
    edit(case / "trace.json", '"fun"', '"fan"')
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert ended.out.startswith("Not as the result says: 1 difference.\n")
    assert "differs   trace.json: its bytes are not those that were judged\n" in ended.out
    assert "same      judged again, the same comes out: 1 finding\n" in ended.out


def test_a_trace_in_another_order(case, tosrules):
    data = json.loads((case / "trace.json").read_text())
    data["events"].insert(0, data["events"].pop())
    (case / "trace.json").write_text(json.dumps(data, indent=1))
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert ": place\n  said    trace.json:4\n  now     trace.json:11\n" in ended.out
    assert "differs   run.moved\n  said    0\n  now     4\n" in ended.out


def test_a_trace_that_cannot_be_read_any_more(case, tosrules):
    edit(case / "trace.json", '"id"', '"id')
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "differs   trace.json: its bytes" in ended.out
    assert "cannot    the traces cannot be read:\n          trace.json:" in ended.out


def test_a_byte_of_a_rule(case, tosrules):
    edit(case / "house.tos", "burst = 3", "burst = 2")
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert (
        "differs   house.tos of pack house: its bytes are not those that were used\n" in ended.out
    )
    assert "differs   run.parameters[0].value\n  said    3\n  now     2\n" in ended.out


def test_a_byte_of_a_rule_that_changes_nothing_else(case, tosrules):
    edit(case / "house.tos", '"four are too many"', '"four are too much"')
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert ended.out.startswith("Not as the result says: 1 difference.\n")
    assert "house.tos of pack house" in ended.out


def test_rules_that_cannot_be_used_any_more(case, tosrules):
    edit(case / "house.tos", "forbid", "forbit")
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "house.tos of pack house: its bytes" in ended.out
    assert "cannot    the rules cannot be used:\n" in ended.out


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (
            '"severity": "medium"',
            '"severity": "low"',
            ": severity\n  said    low\n  now     medium",
        ),
        ('"severity": "medium"', '"severity": "medius"', "cannot    this is no tosrules-result/1"),
        ('"matches": 1', '"matches": 2', ": matches\n  said    2\n  now     1\n"),
        ('"actor": "bot"', '"actor": "bat"', "differs   finding f-"),
        ('"verdict": "violated"', '"verdict": "clean"', "/no-burst: verdict\n  said    clean\n"),
        ('"events": 5', '"events": 6', "differs   run.traces[0].events\n  said    6\n"),
        ('"not_exercised": 0', '"not_exercised": 7', "differs   summary.not_exercised\n"),
        ('"role": "counts"', '"role": "trigger"', ": evidence[0].role\n  said    trigger\n"),
    ],
)
def test_a_byte_of_the_result(case, tosrules, old, new, where):
    edit(case / "result.json", old, new)
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "differs   the text of the result: it was changed after it was written\n" in ended.out
    assert where in ended.out


def test_a_digest_of_the_result(case, tosrules):
    path = case / "result.json"
    digest = json.loads(path.read_text())["findings"][0]["evidence"][0]["digest"]
    other = ("1" if digest[0] == "0" else "0") + digest[1:]
    edit(path, digest, other)
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert f": digest\n  said    {other}\n  now     {digest}\n" in ended.out


def test_what_cannot_be_worked_out_again_is_sealed(case, tosrules):
    edit(case / "result.json", "2020-09-13T12:26:40Z", "2020-09-13T12:26:41Z")
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert ended.out.startswith("Not as the result says: 1 difference.\n")
    assert "the text of the result: it was changed after it was written" in ended.out


def test_a_space_more_in_the_result(case, tosrules):
    edit(case / "result.json", '"engine": ', '"engine":  ')
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "of the result: it says the same, in other bytes than were written\n" in ended.out
    assert (
        '  said        "engine": "reference",\n  now         "engine":  "reference",' in ended.out
    )


def test_another_configuration(case, tosrules):
    edit(case / "tosrules.toml", "\n", "  # mine\n")
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "differs   tosrules.toml: its bytes are not those that were used\n" in ended.out


def test_a_configuration_that_is_not_at_hand(case, tosrules):
    (case / "tosrules.toml").unlink()
    ended = tosrules(*ALL)
    assert ended.status == 0
    assert "unchecked the configuration tosrules.toml is not at hand" in ended.out


def test_files_of_other_names(case, tosrules):
    (case / "trace.json").rename(case / "exhibit-a")
    ended = tosrules("verify", "result.json", "--trace", "exhibit-a", "--rules", "house.tos")
    assert ended.status == 0


def test_what_is_missing(tosrules):
    assert tosrules("verify", "result.json", "--rules", "house.tos").status == 2
    ended = tosrules("verify", "result.json", "--trace", "trace.json")
    assert ended.status == 2
    assert "name the rules with --rules" in ended.out
    ended = tosrules("verify", "house.tos", "--trace", "trace.json")
    assert ended.status == 2
    assert "`house.tos`: the file is not JSON" in ended.err
    assert tosrules("verify", "none.json").status == 2


def test_another_version(case, tosrules, monkeypatch):
    monkeypatch.setattr("tosrules.integrity.verify.__version__", "9.9.9")
    ended = tosrules(*ALL)
    assert ended.status == 0
    assert "unchecked the result was made by tosrules 0" in ended.out
    monkeypatch.setattr(
        "tosrules.integrity.rejudge.RunFacts", _other_facts, raising=True
    )  # what another version might do: name other laws
    ended = tosrules(*ALL)
    assert ended.status == 2, "it may be the version's doing"
    edit(case / "trace.json", '"fun"', '"fan"')
    assert tosrules(*ALL).status == 1, "bytes do not depend on a version"


def _other_facts(**facts):
    from tosrules.result.model import Note
    from tosrules.result.run import RunFacts

    return RunFacts(**facts, notes=(Note("note-new", "What a newer version says."),))


@pytest.mark.parametrize(
    "options",
    [
        ("--select", "no-burst", "--set", "burst=2", "--jurisdiction", "US"),
        ("--observed", "2020-06-01/2020-06-30"),
        ("--all",),
        ("--ignore", "no-shouting", "--trace-format", "json"),
        ("--redact", "personal"),
    ],
)
def test_a_result_has_all_that_it_takes(tosrules, options):
    tosrules("check", "trace.json", *options, "--report", "json=result.json")
    ended = tosrules(*ALL)
    assert ended.status == 0, ended.out


def test_skipped_records_and_a_zone(case, tosrules):
    events = [
        {"id": f"e{n}", "time": f"2020-06-01T10:0{n}:00", "type": "engagement.like", "actor": "b"}
        for n in range(4)
    ]
    lines = [*map(json.dumps, events), "{"]
    (case / "t.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    options = ("--zone", "Europe/Madrid", "--skip-invalid", "--report", "json=result.json")
    tosrules("check", "t.jsonl.gz", *options)
    ended = tosrules("verify", "result.json", "--trace", "t.jsonl.gz", "--rules", "house.tos")
    assert ended.status == 0, ended.out


def test_a_redacted_result_is_held_to_the_trace(case, tosrules):
    tosrules("check", "trace.json", "--redact", "personal", "--report", "json=result.json")
    edit(case / "trace.json", '"automated": true', '"automated": false')
    ended = tosrules(*ALL)
    assert ended.status == 1
    assert "differs   trace.json: its bytes" in ended.out
    assert "differs   finding f-" in ended.out
    assert "bot" not in ended.out, "what is redacted stays so"


def test_a_baseline(case, tosrules):
    tosrules("check", "trace.json", "--baseline", "known.toml", "--update-baseline")
    options = ("--baseline", "known.toml", "--report", "json=result.json")
    tosrules("check", "trace.json", *options)
    ended = tosrules(*ALL)
    assert ended.status == 0
    assert "unchecked the baseline known.toml is not at hand" in ended.out
    assert tosrules(*ALL, "--baseline", "known.toml").status == 0
    edit(case / "known.toml", 'reason = ""', 'reason = "x"')
    ended = tosrules(*ALL, "--baseline", "known.toml")
    assert ended.status == 1
    assert "differs   known.toml: its bytes are not those that were used\n" in ended.out


def test_json(case, tosrules):
    edit(case / "trace.json", '"fun"', '"fan"')
    said = json.loads(tosrules(*ALL, "--format", "json").out)
    assert said["status"] == "differs"
    assert [d["kind"] for d in said["differences"]] == ["trace"]


def test_several_traces_in_a_folder(case, tosrules):
    (case / "logs").mkdir()
    text = (case / "trace.json").read_text()
    (case / "logs" / "a.json").write_text(text)
    other = text.replace('"bot"', '"pot"').replace('"id": "', '"id": "p-')
    (case / "logs" / "b.json").write_text(other)
    tosrules("check", "logs", "--report", "json=result.json")
    ended = tosrules("verify", "result.json", "--trace", "logs", "--rules", "house.tos")
    assert ended.status == 0, ended.out
    (case / "logs" / "a.json").unlink()
    ended = tosrules("verify", "result.json", "--trace", "logs", "--rules", "house.tos")
    assert ended.status == 2
    assert "cannot    the trace a.json is needed: name it with --trace" in ended.out


def test_a_baseline_and_redaction(case, tosrules):
    tosrules("check", "trace.json", "--baseline", "known.toml", "--update-baseline")
    edit(case / "known.toml", 'reason = ""', 'reason = "bot is ours"')
    options = ("--baseline", "known.toml", "--redact", "personal")
    tosrules("check", "trace.json", *options, "--report", "json=result.json")
    said = json.loads((case / "result.json").read_text())
    assert said["findings"][0]["accepted"]["reason"] == "person-1 is ours"
    assert tosrules(*ALL).status == 0
    assert tosrules(*ALL, "--baseline", "known.toml").status == 0
