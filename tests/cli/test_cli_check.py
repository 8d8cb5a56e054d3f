"""`tosrules check`: options, exit statuses, several reports, and what goes where."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.cli.conftest import likes, trace
from tosrules.result.schema import read_result

pytestmark = pytest.mark.usefixtures("project")


def test_a_violation(tosrules):
    ended = tosrules("check", "trace.json")
    assert ended.status == 1
    assert ended.out.startswith("1 clause is violated, by bot.\n")
    said = " ".join(ended.out.split())
    assert (
        "4 times a like is given, by bot, within 1 hour; the clause allows no more than 3." in said
    )
    assert "limit     burst = 3, chosen because the terms name no number" in ended.out
    assert ended.out.endswith("Exit status 1: 1 finding.\n")
    assert ended.err == ""


def test_clean(project, tosrules):
    (project / "trace.json").write_text(trace(likes(3)))
    ended = tosrules("check", "trace.json")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("No violation was found.\n")


def test_nothing_was_judged(project, tosrules):
    (project / "trace.json").write_text(trace(likes(3, type="page.turn")))
    ended = tosrules("check", "trace.json")
    assert ended.status == 3
    assert ended.out.startswith("Nothing was judged: no event of the trace falls under any of")
    assert "to judge it, obtain engagement.like" in ended.out


def test_undetermined_is_told_and_fails_on_request(project, tosrules):
    events = likes(4)
    del events[0]["automated"]
    (project / "trace.json").write_text(trace(events))
    assert tosrules("check", "trace.json").status == 0
    ended = tosrules("check", "trace.json", "--fail-on-undetermined")
    assert ended.status == 3
    assert "1 event does not say `automated` (trace.json:" in ended.out


@pytest.mark.parametrize(
    ("least", "status"), [("low", 1), ("medium", 1), ("high", 0), ("critical", 0), ("never", 0)]
)
def test_fail_on(tosrules, least, status):
    ended = tosrules("check", "trace.json", "--fail-on", least)
    assert ended.status == status
    assert f"Exit status {status}" in ended.out


def test_json_is_a_valid_result(tosrules):
    ended = tosrules("check", "trace.json", "--format", "json")
    result = read_result(ended.out)
    assert result.summary.violated == 1
    assert result.run.time
    again = tosrules("check", "trace.json", "--format", "json")
    assert read_result(again.out).findings == result.findings


def test_several_reports_of_one_evaluation(project, tosrules):
    ended = tosrules("check", "trace.json", "--report", "json=out.json", "--report", "text=out.txt")
    assert ended.out.startswith("1 clause is violated")
    assert read_result((project / "out.json").read_text()).summary.findings == 1
    assert (project / "out.txt").read_text().startswith("1 clause is violated")


def test_a_report_may_take_the_place_of_the_text(project, tosrules):
    ended = tosrules("check", "trace.json", "--report", "json=-", "--report", "text=out.txt")
    assert read_result(ended.out).summary.findings == 1
    assert (project / "out.txt").is_file()


def test_output_goes_to_a_file(project, tosrules):
    ended = tosrules("check", "trace.json", "--format", "json", "-o", "r.json")
    assert (ended.status, ended.out) == (1, "")
    assert json.loads((project / "r.json").read_text())["result"] == "tosrules-result/1"


def test_standard_input_plain_and_gzip(project, tosrules):
    data = (project / "trace.json").read_bytes()
    for given in (data, gzip.compress(data)):
        ended = tosrules("check", "-", stdin=given)
        assert ended.status == 1
        assert "    -:" in ended.out


def test_a_parameter_is_set(tosrules):
    ended = tosrules("check", "trace.json", "--set", "burst=4")
    assert ended.status == 0
    assert "set       house/burst = 4" in ended.out


def test_configuration_and_command_line(project, tosrules):
    (project / "tosrules.toml").write_text('rules = ["house.tos"]\nset = { burst = 4 }\n')
    assert tosrules("check", "trace.json").status == 0
    assert tosrules("check", "trace.json", "--set", "burst=2").status == 1


@pytest.mark.parametrize(
    ("options", "clauses"),
    [
        (["--select", "no-burst"], ["house/no-burst"]),
        (["--select", "house/*"], ["house/no-burst", "house/no-shouting"]),
        (["--ignore", "no-b*"], ["house/no-shouting"]),
        (["--select", "no-*", "--ignore", "*shouting"], ["house/no-burst"]),
    ],
)
def test_select_and_ignore(tosrules, options, clauses):
    ended = tosrules("check", "trace.json", "--format", "json", *options)
    assert [c["id"] for c in json.loads(ended.out)["clauses"]] == clauses


def test_quiet(tosrules):
    ended = tosrules("check", "trace.json", "-q")
    lines = ended.out.splitlines()
    assert len(lines) == 3
    assert lines[-1].split()[0] == "medium"


def test_colour_and_none(tosrules):
    assert "\x1b[" in tosrules("check", "trace.json", "--color", "always").out
    assert "\x1b[" not in tosrules("check", "trace.json").out


def test_observed_and_zone(project, tosrules):
    events = [{**e, "time": e["time"].removesuffix("Z")} for e in likes(4)]
    (project / "trace.json").write_text(trace(events))
    assert tosrules("check", "trace.json").status == 2
    ended = tosrules(
        "check", "trace.json", "--zone", "Europe/Madrid", "--observed", "2020-05-01/2020-06-30"
    )
    assert ended.status == 1
    assert "2020-05-01 to 2020-06-30 (observed)" in ended.out
    assert "2020-06-01 08:00:00Z" in ended.out


# ---- what cannot be judged -----------------------------------------------------------------


def test_mistakes_in_rules_are_all_shown(project, tosrules):
    text = (project / "house.tos").read_text()
    text = text.replace("per actor", "per acctor").replace("purpose =", "purpse =")
    (project / "house.tos").write_text(text)
    ended = tosrules("check", "trace.json")
    assert (ended.status, ended.out) == (2, "")
    assert "house.tos:9:" in ended.err
    assert "house.tos:14:" in ended.err
    assert "did you mean" in ended.err
    assert "the rules cannot be used: 2 errors" in ended.err


def test_mistakes_in_a_trace_are_all_shown(project, tosrules):
    events = [
        *likes(2),
        {"id": "x", "type": "engagement.like"},
        {"id": "y", "time": "noon", "type": "a"},
    ]
    (project / "trace.json").write_text(trace(events))
    ended = tosrules("check", "trace.json")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("error[trace-") == 2
    assert "--skip-invalid" in ended.err
    skipping = tosrules("check", "trace.json", "--skip-invalid")
    assert skipping.status == 0
    assert "2 records could not be read and went unjudged." in skipping.out
    assert tosrules("check", "trace.json", "--skip-invalid", "--fail-on-undetermined").status == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "error: no trace is named"),
        (["nowhere.json"], "there is no `nowhere.json`"),
        (["trace.json", "--rules", "hous.tos"], "there is no file or folder `hous.tos`"),
        (["trace.json", "--rules", "coer"], "coer"),
        (["trace.json", "--select", "no-brust"], "did you mean `house/no-burst`?"),
        (["trace.json", "--format", "jsn"], "did you mean `json`?"),
        (["trace.json", "--report", "json"], "--report `json` names no file"),
        (["trace.json", "--report", "json=nowhere/x"], "there is no folder `nowhere`"),
        (["trace.json", "--set", "burst"], "--set `burst` sets nothing"),
        (["trace.json", "--set", "brust=3"], "brust"),
        (["trace.json", "--observed", "2020"], "`2020` is no period"),
        (["trace.json", "--observed", "2020-13-01/2020-12-01"], "names a day that no calendar has"),
        (["trace.json", "--zone", "Europe/Madird"], "did you mean `Europe/Madrid`?"),
        (["trace.json", "--fail-on", "severe"], "severe"),
        (["trace.json", "--colour"], "colour"),
        (["trace.json", "--select", "no-burst", "--ignore", "*"], "leave no clause"),
    ],
)
def test_unusable(tosrules, arguments, said):
    ended = tosrules("check", *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err


def test_no_events(project, tosrules):
    (project / "trace.json").write_text(trace([]))
    ended = tosrules("check", "trace.json")
    assert ended.status == 2
    assert "the trace has no events" in ended.err
    assert tosrules("check", "trace.json", "--allow-empty").status == 3


def test_a_bad_configuration(project, tosrules):
    (project / "tosrules.toml").write_text('rule = ["house.tos"]\n')
    ended = tosrules("check", "trace.json")
    assert ended.status == 2
    assert "tosrules.toml:1: unknown key `rule`" in ended.err


def test_a_secret_never_leaves(project, tosrules):
    events = [*likes(4, password="hunter22", username="hunter@x.example")]
    (project / "trace.json").write_text(trace(events))
    for format in ("text", "json"):
        ended = tosrules("check", "trace.json", "--format", format, "--all")
        assert ended.status == 1
        assert "hunter" not in ended.out + ended.err


def test_rules_of_a_stranger_cannot_act_on_the_terminal(project, tosrules):
    rules = (project / "house.tos").read_text()
    (project / "house.tos").write_text(rules.replace("Nobody shouts", "\x1b]0;owned\x07\u202e"))
    ended = tosrules("explain", "no-shouting")
    assert not any(c in ended.out + ended.err for c in "\x1b\x07\u202e")
    (project / "house.tos").write_text(rules.replace("purpose", "purpse").replace("# ", "\x1b"))
    assert "\x1b" not in tosrules("check", "trace.json").err
