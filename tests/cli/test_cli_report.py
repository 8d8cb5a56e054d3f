"""Several reports of one run, and `tosrules report`: a saved result rendered again."""

from __future__ import annotations

import json
import sys

import pytest

from tosrules.reports import BINARY, FORMATS


@pytest.fixture
def saved(project, tosrules):
    """The JSON of a result, in the project as result.json."""
    assert tosrules("check", "trace.json", "--format", "json", "-o", "result.json").status == 1
    return json.loads((project / "result.json").read_text())


@pytest.mark.usefixtures("saved")
def test_every_format_of_one_run_is_what_its_result_renders_to(project, tosrules):
    reports = [f"--report={name}=direct.{name}" for name in FORMATS]
    ended = tosrules("check", "trace.json", "--report", "json=result.json", *reports[2:])
    assert ended.status == 1
    for name in list(FORMATS)[2:]:
        again = tosrules("report", "result.json", "--format", name, "-o", f"again.{name}")
        assert (again.status, again.out, again.err) == (0, "", "")
        direct, rendered = ((project / f"{of}.{name}").read_bytes() for of in ("direct", "again"))
        if name in ("jsonl", "csv", "junit", "github", "parquet"):  # without an exit status
            assert direct == rendered
        assert rendered


@pytest.mark.usefixtures("saved")
def test_a_saved_result_comes_out_the_same(project, tosrules):
    ended = tosrules("report", "result.json", "--format", "json")
    assert ended.status == 0
    assert ended.out == (project / "result.json").read_text()


@pytest.mark.usefixtures("saved")
def test_text_by_default_and_from_standard_input(project, tosrules):
    ended = tosrules("report", "result.json")
    assert ended.status == 0, "violations are no failure of rendering"
    assert ended.out.startswith("1 clause is violated")
    assert "Exit status" not in ended.out
    given = (project / "result.json").read_bytes()
    assert tosrules("report", "-", stdin=given).out == ended.out


def refused(tosrules, *named):
    ended = tosrules("report", *named)
    assert (ended.status, ended.out) == (2, "")
    return ended.err


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is not JSON: EOF while parsing"),
        (b'{"result": "tosrules-result/1"', "the file is not JSON"),
        (b"\xff\xfe", "the file is not JSON"),
        (b"[" * 100_000, "the file is not JSON"),
        (b"[1]", "the file is no result of tosrules"),
        (b'{"trace": "tosrules-trace/1", "events": []}', "the file is no result of tosrules"),
        (b'{"result": "tosrules-result/2"}', "the file says 'tosrules-result/2'"),
        (b'{"result": 1}', "the file says something that is no version"),
        (b'{"result": "\\u001b[31m"}', "the file says '\\x1b[31m'"),
        (b'{"result": "tosrules-result/1"}', "this is no tosrules-result/1: run is missing"),
    ],
)
def test_what_is_no_result_is_refused(project, tosrules, data, message):
    (project / "result.json").write_bytes(data)
    told = refused(tosrules, "result.json")
    assert told.startswith("error: `result.json`: ")
    assert message.lower() in told.lower()
    assert "\x1b" not in told


def put(data, path, value):
    *way, last = path
    for step in way:
        data = data[step]
    if value is None:
        del data[last]
    else:
        data[last] = value


FINDING = ("findings", 0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((*FINDING, "severity"), "severe", "findings.0.severity: input should be"),
        ((*FINDING, "remedy"), None, "findings.0.remedy is missing"),
        ((*FINDING, "matches"), -1, "findings.0.matches: input should be greater than or equal"),
        ((*FINDING, "subject"), {}, "findings.0.subject: dictionary should have at least 1"),
        ((*FINDING, "first"), "yesterday", "findings.0.first: string should match pattern"),
        ((*FINDING, "id"), "f-1", "findings.0.id: string should match pattern"),
        ((*FINDING, "added"), 1, "findings.0.added is unknown"),
        ((*FINDING, "matches"), "1", "findings.0.matches: input should be a valid integer"),
        ((*FINDING, "evidence"), [], "findings.0: it has no evidence"),
        ((*FINDING, "evidence_total"), 1, "findings.0: it shows 4 events of 1"),
        ((*FINDING, "matches"), 0, "findings.0: it shows 1 matches of 0"),
        ((*FINDING, "last"), "2020-06-01T10:09:00Z", "are not the times of its first and its"),
        (("clauses", 0, "verdict"), "guilty", "clauses.0.verdict: input should be"),
        (("clauses", 0, "verdict"), "clean", "house/no-burst has findings and is clean"),
        (("clauses", 0, "findings"), [], "is listed by 0 clauses"),
        (("findings",), [], "which is no finding"),
        (("summary", "violated"), 0, "summary.violated is 0, and there are 1"),
        (("summary", "findings"), 2, "summary.findings is 2, and there are 1"),
        (("run", "packs", 0, "sha256"), "x", "run.packs.0.sha256: string should match pattern"),
    ],
)
def test_what_was_edited_by_hand_is_refused(project, tosrules, saved, path, value, message):
    put(saved, path, value)
    (project / "result.json").write_text(json.dumps(saved))
    told = refused(tosrules, "result.json")
    assert message in told
    assert "Traceback" not in told


@pytest.mark.parametrize(("old", "new"), [('"remedy": ""', '"remedy": "Pay."'), ("\n  ", "\n   ")])
@pytest.mark.usefixtures("saved")
def test_what_agrees_with_itself_and_was_changed_is_refused(project, tosrules, old, new):
    text = (project / "result.json").read_text()
    assert old in text
    (project / "result.json").write_text(text.replace(old, new, 1))
    told = refused(tosrules, "result.json")
    assert "`result.json` was changed after it was written" in told


@pytest.mark.usefixtures("project")
def test_a_file_that_cannot_be_read(tosrules):
    assert "`nowhere.json` cannot be read: no such file" in refused(tosrules, "nowhere.json")
    assert "`.` cannot be read: is a directory" in refused(tosrules, ".")
    assert "no name of a file" in refused(tosrules, "a\0b")


# ---- where reports go ----------------------------------------------------------------------


@pytest.mark.usefixtures("saved")
def test_binary_formats_do_not_go_to_a_terminal(tosrules, monkeypatch):
    for format in BINARY:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        ended = tosrules("report", "result.json", "--format", format)
        assert ended.status == 2
        assert f"error: {format} is binary, and standard output is a terminal" in ended.err
        assert "-o FILE" in ended.err


@pytest.mark.usefixtures("project")
def test_two_reports_cannot_go_to_one_place(tosrules):
    ended = tosrules("check", "trace.json", "--format", "json", "--report", "csv=-")
    assert ended.status == 2
    assert "two reports cannot both go to standard output" in ended.err
    ended = tosrules("check", "trace.json", "--format", "json", "-o", "x", "--report", "csv=x")
    assert "two reports cannot both go to `x`" in ended.err


def test_help_lists_every_format(tosrules):
    for command in ("check", "report"):
        said = " ".join(tosrules(command, "--help").out.split())
        assert f"Report: {', '.join(FORMATS)}." in said


def test_places_are_seen_from_where_one_works(project, tosrules):
    (project / "cases").mkdir()
    (project / "trace.json").rename(project / "cases" / "trace.json")
    ended = tosrules("check", "cases", "--rules", "house.tos", "--format", "github")
    assert ended.out.startswith("::warning file=cases/trace.json,line=")
    ended = tosrules("check", "cases/trace.json", "--rules", "house.tos", "--format", "sarif")
    (artifact,) = json.loads(ended.out)["runs"][0]["artifacts"]
    assert artifact["location"]["uri"] == "cases/trace.json"
