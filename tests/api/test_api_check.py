"""The public interface: rules, traces, results and errors, as a program meets them."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

import tosrules

ROOT = Path(__file__).resolve().parents[2]

RULES = """pack house "House rules" version "1" language 1

event lunch.order "Somebody orders lunch" {
  has      actor  party
  may have price  number
  may have within duration
  may have due    time
  may have pin    secret text
}

source terms { title "House terms" version "1" url "https://house.example/terms" }
param dear = 20 chosen because "a matter of taste"

clause no-dear-lunch "Lunch is cheap" {
  cite terms section "1"
  severity medium
  forbid lunch.order where price > dear
}

clause no-slow-lunch "Lunch is quick" {
  cite terms section "2"
  severity low
  forbid lunch.order where within > 1 hour
}

test "twenty is cheap" {
  given lunch.order at 2020-06-01T12:00:00Z { actor: "ana", price: 20 }
  expect no-dear-lunch clean
}
"""

NOON = datetime(2020, 6, 1, 12, tzinfo=UTC)


def lunch(id: str = "l1", **attributes: object) -> dict[str, object]:
    return {"id": id, "time": "2020-06-01T12:00:00Z", "type": "lunch.order", "actor": "ana"} | (
        attributes
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("rules") / "house.tos"
    file.write_text(RULES, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def rules(path: Path) -> tosrules.Policy:
    return tosrules.load_rules(path)


def trace_file(folder: Path, *events: dict[str, object]) -> Path:
    file = folder / "trace.json"
    file.write_text(json.dumps({"trace": "tosrules-trace/1", "events": list(events)}))
    return file


# ---- the package ---------------------------------------------------------------------------


def test_importing_it_loads_nothing() -> None:
    code = "import sys; a = set(sys.modules); import tosrules; print(*(set(sys.modules) - a))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"tosrules", "__future__"}


def test_every_public_name_is_there() -> None:
    for name in tosrules.__all__:
        assert getattr(tosrules, name) is not None
        assert name in dir(tosrules)
    assert {n for n in tosrules.__all__ if n != "__version__"} == set(tosrules._HOMES)
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        _ = tosrules.chek  # type: ignore[attr-defined]


def test_a_type_checker_knows_the_names(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(
        "import tosrules\n"
        "r = tosrules.check([{'id': 'a', 'time': 'b', 'type': 'c'}], 'core', settings={'n': 1})\n"
        "reveal_type(r.violations)\n"
        "reveal_type(r.findings[0].evidence[0].time)\n"
        "tosrules.chek\n"
        "tosrules.check('a', 3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"MYPYPATH": str(ROOT), "MYPY_CACHE_DIR": str(tmp_path / "cache")},
    )
    out = [line for line in done.stdout.splitlines() if "program.py" in line]
    assert len(out) == 4, done.stdout + done.stderr
    assert '"tuple[str, ...]"' in out[0]
    assert '"str"' in out[1]
    assert 'no attribute "chek"' in out[2]
    assert 'incompatible type "int"' in out[3]


# ---- rules ---------------------------------------------------------------------------------


def test_rules_by_id_path_and_folder(path: Path) -> None:
    both = tosrules.load_rules("core", path)
    assert [p.id for p in both.packs if p.judged] == ["core", "house"]
    assert repr(tosrules.load_rules(path.parent)) == "<Policy: house 1, 2 clauses>"
    assert repr(tosrules.load_rules(str(path))) == "<Policy: house 1, 2 clauses>"


def test_a_path_object_is_never_a_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tosrules.RulesError, match="no file or folder"):
        tosrules.load_rules(Path("core"))


def test_rule_path_is_where_packs_are_looked_for(path: Path) -> None:
    with pytest.raises(tosrules.RulesError, match="there is no pack `house`"):
        tosrules.load_rules("house")
    assert tosrules.load_rules("house", rule_path=[path.parent]).judged()


def test_every_mistake_of_the_rules_is_told(tmp_path: Path) -> None:
    file = tmp_path / "wrong.tos"
    file.write_text(RULES.replace("price > dear", "prise > dear").replace("> 1 hour", "> hour"))
    with pytest.raises(tosrules.RulesError) as caught:
        tosrules.load_rules(file)
    error = caught.value
    assert len(error.diagnostics) == 2
    first = error.diagnostics[0]
    line = RULES[: RULES.index("price > dear")].count("\n") + 1
    assert (first.code, first.span.line) == ("unknown-attribute", line)
    assert "did you mean `price`" in str(error)
    assert "^^^^^" in str(error)
    assert str(error).endswith("the rules cannot be used: 2 errors")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_nothing_named_is_an_error() -> None:
    with pytest.raises(ValueError, match="no rules are named"):
        tosrules.load_rules()
    with pytest.raises(ValueError, match="no rules are named"):
        tosrules.check([lunch()], [])


def test_settings(path: Path, rules: tosrules.Policy) -> None:
    events = [lunch(price=21)]
    assert tosrules.check(events, path).exit_status == 1
    assert tosrules.check(events, path, settings={"dear": 21}).exit_status == 0
    assert tosrules.check(events, path, settings={"house/dear": "21"}).exit_status == 0
    with pytest.raises(tosrules.RulesError, match="unknown parameter `deer`"):
        tosrules.check(events, path, settings={"deer": 21})
    wrong: Any = {"dear": 20.5}
    with pytest.raises(ValueError, match="which is exact"):
        tosrules.load_rules(path, settings=wrong)
    with pytest.raises(ValueError, match="loaded already"):
        tosrules.check(events, rules, settings={"dear": 21})


def test_tests_of_rules(path: Path, rules: tosrules.Policy) -> None:
    (passed,) = tosrules.run_tests(rules)
    assert passed.passed
    assert passed.test.title == "twenty is cheap"
    (failed,) = tosrules.run_tests(path, settings={"dear": 19})
    assert not failed.passed
    assert failed.failures[0].wanted == "house/no-dear-lunch clean"
    assert failed.failures[0].came.startswith('violated by "ana"')
    assert failed.failures[0].why


# ---- traces --------------------------------------------------------------------------------


def test_a_trace_loaded_by_itself(tmp_path: Path, rules: tosrules.Policy) -> None:
    file = trace_file(tmp_path, lunch(price=30))
    trace = tosrules.load_trace(file, rules=rules)
    assert trace.events[0].origin.file == "trace.json"
    assert "1 event," in repr(trace)
    assert tosrules.check(trace, rules) == tosrules.check(file, rules)
    assert tosrules.check([file], rules) == tosrules.check(str(file), rules)


def test_a_trace_read_by_other_event_types_is_refused(
    tmp_path: Path, rules: tosrules.Policy
) -> None:
    trace = tosrules.load_trace(trace_file(tmp_path, lunch(price=30)))
    with pytest.raises(ValueError, match="rules=policy"):
        tosrules.check(trace, rules)
    assert tosrules.check(trace, "core").exit_status == 3


def test_options_of_reading_belong_where_it_is_read(tmp_path: Path, rules: tosrules.Policy) -> None:
    trace = tosrules.load_trace(trace_file(tmp_path, lunch()), rules=rules)
    for options in ({"zone": "UTC"}, {"observed": "2020-06-01/2020-06-02"}, {"skip_invalid": True}):
        named: Any = options
        with pytest.raises(ValueError, match="loaded already"):
            tosrules.check(trace, rules, **named)


def test_a_trace_without_events_is_refused_unless_asked_for(rules: tosrules.Policy) -> None:
    with pytest.raises(tosrules.TraceError, match="has no events"):
        tosrules.check([], rules)
    assert tosrules.check([], rules, allow_empty=True).exit_status == 3


@pytest.mark.parametrize(
    "observed",
    [
        "2020-06-01/2020-06-30",
        ("2020-06-01", "2020-06-30"),
        ("2020-06-01T00:00:00Z", "2020-07-01T01:59:59.999999+02:00"),
        (
            datetime(2020, 6, 1, tzinfo=UTC),
            datetime(2020, 7, 1, 2, tzinfo=timezone(timedelta(hours=2))) - timedelta.resolution,
        ),
    ],
)
def test_the_observed_period(observed: Any, rules: tosrules.Policy) -> None:
    said = tosrules.check([lunch()], rules, observed=observed).run.observed
    assert said is not None
    assert (said.start, said.end, said.stated) == (
        "2020-06-01T00:00:00Z",
        "2020-06-30T23:59:59.999999Z",
        True,
    )


@pytest.mark.parametrize(
    "observed",
    [
        "2020-06-01",
        "a/b",
        "2020-06-30/2020-06-01",
        (1, 2),
        (),
        (datetime(2020, 6, 1), "2020-06-02"),
    ],
)
def test_no_observed_period(observed: Any, rules: tosrules.Policy) -> None:
    with pytest.raises(tosrules.TraceError, match="trace-bad-observed"):
        tosrules.check([lunch()], rules, observed=observed)


# ---- events as values ----------------------------------------------------------------------


class Person(StrEnum):
    ANA = "ana"


def test_events_are_judged_as_those_of_a_file(tmp_path: Path, rules: tosrules.Policy) -> None:
    events = [lunch("l1", price=30), lunch("l2", price=1.5), lunch("l3", within="2 hours")]
    of_file = tosrules.check(trace_file(tmp_path, *events), rules)
    of_list = tosrules.check(events, rules)
    whole = tosrules.check({"trace": "tosrules-trace/1", "events": events}, rules)
    once = tosrules.check((e for e in events), rules)
    assert of_list == once
    assert of_list.findings == whole.findings
    assert [f.id for f in of_list.findings] == [f.id for f in of_file.findings]
    assert of_list.verdicts == of_file.verdicts
    assert of_list.findings[0].evidence[0].source.file == "events"
    assert of_list.findings[0].evidence[0].source.index == 0
    assert of_list.findings[0].evidence[0].source.line is None
    assert of_list.run.traces[0].name == "events"
    assert "events[0]" in of_list.to_text()


def test_python_values_keep_their_meaning(rules: tosrules.Policy) -> None:
    madrid = timezone(timedelta(hours=2))
    event = lunch(
        time=datetime(2020, 6, 1, 14, tzinfo=madrid),
        actor=Person.ANA,
        price=Decimal("20.000001"),
        within=timedelta(minutes=90),
        due=NOON,
    )
    result = tosrules.check([event], rules)
    assert result.violations == ("house/no-dear-lunch", "house/no-slow-lunch")
    cited = result.findings[0].evidence[0]
    assert cited.time == "2020-06-01T12:00:00Z"
    assert cited.attributes["price"] == 20.000001
    assert cited.attributes["within"] == "90 minutes"
    assert cited.attributes["actor"] == "ana"
    assert cited.attributes["due"] == "2020-06-01T12:00:00Z"
    assert tosrules.check([lunch(price=Decimal(20))], rules).violations == ()


CIRCLE: dict[str, object] = {}
CIRCLE["again"] = CIRCLE


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, "events[1]: error[trace-no-id]"),
        (7, "events[1]: error[trace-ill-typed]"),
        ("text", "events[1]: error[trace-ill-typed]"),
        (None, "events[1]: error[trace-ill-typed]"),
        (lunch("x", time=datetime(2020, 6, 1)), "events[1]: error[trace-naive-time]"),
        (lunch("x", time=date(2020, 6, 1)), "events[1]: error["),
        (lunch("x", price="dear"), "events[1]: error["),
        (lunch("x", price={1, 2}), "events[1]: error[trace-ill-typed]: `price` is a Python `set`"),
        (lunch("x", price=b"20"), "`price` is a Python `bytes`"),
        (lunch("x", client={1: 2}), "a name of `client` must be text"),
        (lunch("x", price=float("nan")), "events[1]: error[trace-not-a-number]"),
        (lunch("x", price=Decimal("Infinity")), "events[1]: error[trace-not-a-number]"),
        (lunch("x", price=10**30), "events[1]: error[trace-number-too-large]"),
        (lunch("x", price=-(10**9999)), "events[1]: error[trace-number-too-large]"),
        (lunch("x", price=Decimal("1e999999999")), "events[1]: error[trace-number-too-large]"),
        (lunch("x", actor="\ud800"), "events[1]: error[trace-lone-surrogate]"),
        (lunch("x", extra=CIRCLE), "events[1]: error[trace-too-deep]"),
        (lunch("l1", price=3), "events[1]: error[trace-id-conflict]"),
    ],
)
def test_events_that_a_file_could_not_hold(
    event: Any, message: str, rules: tosrules.Policy
) -> None:
    with pytest.raises(tosrules.TraceError) as caught:
        tosrules.check([lunch(), event], rules)
    assert message in str(caught.value)
    assert "-:" not in str(caught.value)


def test_no_message_holds_a_secret(rules: tosrules.Policy) -> None:
    wrong: list[Any] = [lunch("x", pin={"hunter2"}), lunch("x", pin=["hunter2"])]
    for event in wrong:
        with pytest.raises(tosrules.TraceError) as caught:
            tosrules.check([event], rules)
        assert "hunter2" not in str(caught.value)
    result = tosrules.check([lunch(price=30, pin="hunter2")], rules)
    assert "hunter2" not in result.to_json() + result.to_text(all=True)


def test_unreadable_events_are_passed_over_if_asked(rules: tosrules.Policy) -> None:
    result = tosrules.check([lunch(price=30), {"id": "x"}], rules, skip_invalid=True)
    assert result.run.skipped == 1
    assert result.run.skipped_records[0].place.index == 1
    assert result.run.skipped_records[0].place.file == "events"
    assert result.exit_status == 1


@pytest.mark.parametrize(
    "whole", [{}, {"events": []}, {"trace": "tosrules-trace/1"}, {"trace": "x", "events": 3}]
)
def test_objects_that_are_no_trace(whole: Any, rules: tosrules.Policy) -> None:
    with pytest.raises(tosrules.TraceError):
        tosrules.check(whole, rules)


# ---- the result ----------------------------------------------------------------------------


def test_what_a_program_asks_of_a_result(rules: tosrules.Policy) -> None:
    result = tosrules.check([lunch(price=30, within="1 minute")], rules)
    assert result.verdicts == {"house/no-dear-lunch": "violated", "house/no-slow-lunch": "clean"}
    assert result.violations == ("house/no-dear-lunch",)
    assert result.exit_status == 1
    (finding,) = result.findings
    assert (finding.clause, finding.severity, finding.subject) == (
        "house/no-dear-lunch",
        "medium",
        {"actor": "ana"},
    )
    assert finding.citations[0].title == "House terms"
    assert repr(result) == "<Result: 1 of 2 clauses violated, 1 finding>"
    assert str(result) == result.to_text()
    assert str(result).startswith("1 clause is violated, by ana.")


def test_json_is_that_of_the_command_line(tmp_path: Path, path: Path) -> None:
    file = trace_file(tmp_path, lunch(price=30))
    result = tosrules.check(file, path)
    options = ["--rules", str(path), "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "tosrules", "check", str(file), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == result.exit_status
    of_command = json.loads(done.stdout)
    of_python = json.loads(result.to_json())
    assert of_command["run"].pop("time") != of_python["run"].pop("time") == ""
    for data in (of_command, of_python):
        data.pop("sha256")  # over the time, too
        for finding in data["findings"]:
            finding["rule"]["source"].pop("file")  # as the path was written
    assert of_python == of_command


def test_the_same_arguments_give_the_same_result(rules: tosrules.Policy) -> None:
    events = [lunch(price=30)]
    first, second = tosrules.check(events, rules), tosrules.check(events, rules)
    assert first == second
    assert first.to_json() == second.to_json()
    assert pickle.loads(pickle.dumps(first)) == first


def test_the_text_has_its_width(rules: tosrules.Policy) -> None:
    result = tosrules.check([lunch(price=30)], rules)
    # A path is not broken: that of a temporary folder may be longer than a line.
    lines = [line for line in result.to_text(width=70).splitlines() if "house.tos" not in line]
    assert lines
    assert max(map(len, lines)) <= 70
    assert "\x1b" not in result.to_text()
    assert "\x1b[" in result.to_text(color=True)
    assert len(result.to_text(quiet=True)) < len(result.to_text())


def test_several_versions_of_a_clause_have_the_gravest_verdict(tmp_path: Path) -> None:
    dated = """
clause no-dear-lunch "Lunch is cheap" {
  cite terms section "1"
  effective from 2021-01-01
  severity high
  forbid lunch.order where price > dear
}
"""
    period = "  effective from 2020-01-01 until 2021-01-01\n"
    text = RULES.replace("  severity medium\n", f"{period}  severity medium\n")
    file = tmp_path / "house.tos"
    file.write_text(text + dated)
    result = tosrules.check([lunch(price=30)], file)
    versions = [c.verdict for c in result.clauses if c.id == "house/no-dear-lunch"]
    assert sorted(versions) == ["not exercised", "violated"]
    assert result.verdicts["house/no-dear-lunch"] == "violated"
    assert result.violations == ("house/no-dear-lunch",)


def test_selection(rules: tosrules.Policy) -> None:
    events = [lunch(price=30, within="2 hours")]
    assert tosrules.check(events, rules, select="*-dear-*").violations == ("house/no-dear-lunch",)
    ignoring = tosrules.check(events, rules, ignore=["no-dear-lunch"])
    assert ignoring.violations == ("house/no-slow-lunch",)
    assert ignoring.run.selection.ignore == ("no-dear-lunch",)
    with pytest.raises(ValueError, match="did you mean 'house/no-dear-lunch'"):
        tosrules.check(events, rules, select=["no-dear-lunches"])
    with pytest.raises(ValueError, match="leave no clause"):
        tosrules.check(events, rules, select=["no-dear-*"], ignore=["no-dear-*"])


def test_evidence_is_cut_where_asked(rules: tosrules.Policy) -> None:
    events = [lunch(f"l{n}", time=NOON + timedelta(minutes=n), price=30) for n in range(40)]
    cut = tosrules.check(events, rules, evidence=5).findings[0]
    whole = tosrules.check(events, rules, evidence=None).findings[0]
    assert (len(cut.evidence), cut.evidence_total) == (5, whole.evidence_total)
    assert len(whole.evidence) == whole.evidence_total


@pytest.mark.parametrize("given", [None, 3, b"trace.json"])
def test_what_is_no_trace_or_no_rules_is_said(given):
    with pytest.raises(ValueError, match=r"a trace is a path, several, or events, not a Python"):
        tosrules.check(given, "core")
    with pytest.raises(ValueError, match=r"rules are the id of a pack, a path, several of these"):
        tosrules.check([], given)
