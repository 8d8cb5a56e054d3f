"""pytest collects and runs the tests of rule files."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import tosrules
from tosrules import resources

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = any(e.value == "tosrules.pytest_plugin" for e in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "tosrules.pytest_plugin")

HEAD = """pack house "House rules" version "1" language 1

source terms { title "House terms" version "1" url "https://house.example/terms" }
param pace = 2 chosen because "the terms name no number"

clause no-haste "Nobody likes in haste" {
  cite terms section "1"
  severity high
  forbid more than pace engagement.like per actor within 1 hour
}
"""

PASSES = """
test "two likes are no haste" {
  given 2 engagement.like every 10 minutes from 2020-06-01T10:00:00Z { actor: "ana" }
  expect no-haste clean
}
"""

FAILS = """
test "three likes are no haste" {
  given 3 engagement.like every 10 minutes from 2020-06-01T10:00:00Z { actor: "ana" }
  expect no-haste clean
}
"""

# A run within this process forgets the modules it imported, but not what they keep: two copies
# of one class. So everything is imported beforehand.
_NOT = ("tosrules.__main__", "tosrules.pytest_plugin", "tosrules.result.schema")
for module in pkgutil.walk_packages(tosrules.__path__, "tosrules."):
    if module.name not in _NOT:
        importlib.import_module(module.name)

Run = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """For runs in a process of their own, elsewhere."""
    if not INSTALLED:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", *arguments)

    return run


def put(pytester: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        path = pytester.path / f"{name.replace('__', '/')}.tos"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_each_test_is_an_item_of_its_file(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, rules__house=HEAD + PASSES)
    result = run("-v", "rules")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["rules/house.tos::two likes are no haste PASSED*"])


def test_collect_only_shows_files_and_titles(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, house=HEAD + PASSES)
    run("--collect-only").stdout.fnmatch_lines(
        ["*<RuleFile house.tos>", "*<RuleTest two likes are no haste>"]
    )


def test_a_failure_says_what_was_expected_what_came_and_why(
    pytester: pytest.Pytester, run: Run
) -> None:
    put(pytester, house=HEAD + PASSES + FAILS)
    line = (HEAD + PASSES + FAILS).splitlines().index('test "three likes are no haste" {') + 3
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*three likes are no haste*",
            f"expected  house/no-haste clean  (house.tos:{line})",
            'came      violated by "ana", 1 match, *',
            "because   3 times a like is given, by ana, within 1 hour; the clause allows no *",
            f"house.tos:{line}: expected house/no-haste clean; came violated *",
            "FAILED house.tos::three likes are no haste - expected house/no-haste clean*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


@pytest.mark.parametrize("style", ["auto", "long", "short", "line", "native", "no"])
def test_no_style_of_traceback_shows_one(pytester: pytest.Pytester, run: Run, style: str) -> None:
    put(pytester, house=HEAD + FAILS)
    result = run(f"--tb={style}")
    result.assert_outcomes(failed=1)
    assert "pytest_plugin.py" not in result.stdout.str()


def test_events_that_cannot_be_judged_fail_their_test(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tosrules.engines import reference
    from tosrules.errors import EvaluationError

    def refuse(*_: object) -> None:
        raise EvaluationError("a sum has more than 38 digits")

    monkeypatch.setattr(reference, "evaluate", refuse)
    put(pytester, house=HEAD + PASSES)
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error     a sum has more than 38 digits"])


def test_a_title_may_hold_anything(pytester: pytest.Pytester, run: Run) -> None:
    title = r"a::b [c] \u001b / \"d\" – é"
    put(pytester, house=HEAD + PASSES.replace("two likes are no haste", title) + PASSES + PASSES)
    result = run("-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            'house.tos::a:b [[]c] \\u{1b} / "d" – é PASSED*',
            "house.tos::two likes are no haste PASSED*",
            "house.tos::two likes are no haste (2) PASSED*",
        ]
    )
    run('house.tos::a:b [c] \\u{1b} / "d" – é').assert_outcomes(passed=1)
    run("house.tos::two likes are no haste (2)").assert_outcomes(passed=1)


def test_selection_by_title_clause_and_mark(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, house=HEAD + PASSES + FAILS)
    pytester.makepyfile(test_other="def test_other(): pass")
    run("-k", "two and likes").assert_outcomes(passed=1, deselected=2)
    run("-k", "no-haste").assert_outcomes(passed=1, failed=1, deselected=1)
    run("-m", "tosrules", "--strict-markers").assert_outcomes(passed=1, failed=1, deselected=1)
    run("-m", "not tosrules").assert_outcomes(passed=1, deselected=2)


def test_the_first_failure_ends_a_run_that_asks_for_it(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, house=HEAD + FAILS + PASSES)
    run("-x").assert_outcomes(failed=1)


def test_junit_names_file_test_and_reason(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, house=HEAD + FAILS)
    run("--junitxml=out.xml", "-o", "junit_family=xunit1")
    case = ET.parse(pytester.path / "out.xml").getroot().find(".//testcase")
    assert case is not None
    assert (case.get("file"), case.get("name")) == ("house.tos", "three likes are no haste")
    assert int(case.get("line") or 0) == HEAD.count("\n") + 1  # pytest counts lines from 0
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("message") or "").startswith("expected house/no-haste clean")
    assert "because" in (failure.text or "")


def test_distributed_runs_tell_the_same(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    put(pytester, house=HEAD + PASSES + FAILS)
    result = pytester.runpytest_subprocess(*PLUGIN, "-n2", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "because   3 times a like is given, by ana*",
            "FAILED house.tos::three likes*expected house*",
        ]
    )


# ---- packs of several files ----------------------------------------------------------------

SECOND = "pack house\n" + PASSES.replace("two likes are", "as before, two likes are")


def test_a_file_of_a_pack_is_tested_with_the_others(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, rules__house=HEAD + PASSES, rules__more="# a comment\n" + SECOND)
    result = run("-v", "rules/more.tos")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["rules/more.tos::as before, two likes are no haste PASSED*"])
    run("rules").assert_outcomes(passed=2)


def test_a_pack_is_loaded_once(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tosrules.language import load as loading

    calls = []
    load = loading.load

    def counted(*arguments: object, **named: object) -> object:
        calls.append(arguments)
        return load(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "load", counted)
    put(pytester, house=HEAD + PASSES, more=SECOND, third=SECOND, other=_other())
    run().assert_outcomes(passed=4)
    assert len(calls) == 2


def _other() -> str:
    return (HEAD + PASSES).replace("pack house", "pack other")


def test_packs_of_one_folder_do_not_share_their_mistakes(
    pytester: pytest.Pytester, run: Run
) -> None:
    put(pytester, house=HEAD.replace("pace engagement", "pase engagement"), other=_other())
    result = run("--continue-on-collection-errors")
    result.assert_outcomes(passed=1, errors=1)


def test_an_import_is_found_beside_and_on_the_rule_path(
    pytester: pytest.Pytester, run: Run
) -> None:
    uses = """pack uses "Uses" version "1"
import house
clause no-haste-here "Nobody likes in haste here" {
  cite terms
  severity low
  same rules as house/no-haste
}
"""
    test = PASSES.replace("no-haste clean", "no-haste-here clean")
    put(pytester, rules__house__house=HEAD, rules__uses__uses=uses + test)
    run("rules/uses").assert_outcomes(passed=1)
    put(pytester, elsewhere__deep__house=HEAD, apart__uses=uses + test)
    result = run("apart")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*there is no pack `house`*"])
    pytester.makeini("[pytest]\ntosrules_rule_path = elsewhere/deep\n")
    run("apart").assert_outcomes(passed=1)


def test_parameters_of_the_configuration_hold(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, house=HEAD + FAILS)
    config = pytester.path / "tosrules.toml"
    config.write_text("[set]\npace = 3\nunheard = 4\n")
    run().assert_outcomes(passed=1)
    config.write_text("pase = 3\n")
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error: tosrules.toml:1: unknown key `pase`", "  help: *"])


# ---- rules that cannot be used -------------------------------------------------------------


def test_a_file_with_mistakes_is_one_error(pytester: pytest.Pytester, run: Run) -> None:
    wrong = HEAD.replace("pace engagement", "pase engagement").replace("severity high", "")
    put(pytester, house=wrong + PASSES + FAILS)
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "house.tos:*: error[[]*",
            "9 |   forbid more than pase engagement.like per actor within 1 hour",
            "*^^^^*",
            "ERROR house.tos - *",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_mistake_is_told_once_in_a_pack_of_many_files(
    pytester: pytest.Pytester, run: Run
) -> None:
    put(
        pytester,
        rules__a=SECOND,
        rules__house=HEAD.replace("pace engagement", "pase engagement"),
        rules__z=SECOND,
    )
    result = run("rules", "-rsE")
    result.assert_outcomes(errors=1, skipped=2)
    result.stdout.fnmatch_lines(["ERROR rules/house.tos - unknown parameter `pase`*"])
    assert result.stdout.str().count("error[unknown-param]") == 1
    named = run("rules/a.tos")
    named.assert_outcomes(errors=1)
    named.stdout.fnmatch_lines(["*rules/house.tos:9:*unknown parameter `pase`*"])


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "pack", "clause {", "pack house", 'pack vocabulary "V" version "1"', "\ufeff"],
)
def test_no_file_makes_a_traceback(pytester: pytest.Pytester, run: Run, text: str) -> None:
    put(pytester, house=text)
    result = run()
    assert result.ret in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "Traceback" not in result.stdout.str()
    assert "INTERNALERROR" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_file_that_is_not_text(pytester: pytest.Pytester, run: Run) -> None:
    (pytester.path / "house.tos").write_bytes(b"pack house \xff\xfe")
    result = run()
    result.assert_outcomes(errors=1)
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_pack_without_clauses_is_no_mistake_here(pytester: pytest.Pytester, run: Run) -> None:
    put(pytester, words='pack words "Words" version "1"\nevent lunch "A meal"\n')
    assert run().ret == pytest.ExitCode.NO_TESTS_COLLECTED


# ---- what it costs others ------------------------------------------------------------------


def test_projects_without_rules_notice_nothing(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            loaded = {name for name in sys.modules if name.startswith("tosrules")}
            assert loaded <= {"tosrules", "tosrules.pytest_plugin"}
        """
    )
    result = pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider", "--strict-config")
    result.assert_outcomes(passed=1)
    pytester.path.joinpath("notes.txt").write_text("pack")
    run().assert_outcomes(failed=1)  # within this process it has been loaded


def test_the_plugin_imports_nothing_but_pytest() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import tosrules.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["tosrules", "tosrules.pytest_plugin"]


def test_the_entry_point_is_declared() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"tosrules": "tosrules.pytest_plugin"}


def test_the_shipped_rules_pass(run: Run) -> None:
    result = run(str(resources.rules_root()))
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["passed"] > 300


def test_one_file_of_a_shipped_pack(run: Run) -> None:
    result = run("-v", str(resources.rules_root() / "core" / "accounts.tos"))
    assert result.ret == pytest.ExitCode.OK
    assert 0 < result.parseoutcomes()["passed"] < 100
