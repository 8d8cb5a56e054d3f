"""`test`, `fmt`, `rules`, `explain`, `demo`."""

from __future__ import annotations

import pytest

# ---- test ----------------------------------------------------------------------------------

pytestmark = pytest.mark.usefixtures("project")


def test_all_pass(tosrules):
    assert tosrules("test") == (0, "All 2 tests passed.\n", "")
    assert tosrules("test", "-q", "house.tos") == (0, "", "")
    assert tosrules("test", "-v").out.count("pass  house.tos:") == 2


def test_a_failure_says_what_decided(tosrules):
    ended = tosrules("test", "--set", "burst=4")
    assert ended.status == 1
    assert 'FAIL  house.tos:17  "four are too many"' in ended.out
    assert (
        '  expected  house/no-burst violated by "bot" with 1 finding severity medium\n'
        "            (house.tos:19)\n" in ended.out
    )
    assert "  came      clean\n" in ended.out
    assert "the most that counted was 4 within 1 hour; the clause allows no more" in ended.out
    assert ended.out.endswith("1 of 2 tests failed.\n")


def test_a_finding_nobody_expected(tosrules):
    ended = tosrules("test", "--set", "burst=2")
    assert ended.status == 1
    assert 'came      violated by "bot", 1 match, severity medium' in ended.out
    said = " ".join(ended.out.split())
    assert (
        "3 times a like is given, by bot, within 1 hour; the clause allows no more than 2." in said
    )


def test_no_tests(project, tosrules):
    text = (project / "house.tos").read_text()
    (project / "house.tos").write_text(text[: text.index("test ")])
    ended = tosrules("test")
    assert ended.status == 3
    assert "Nothing was tested: house has no test." in ended.out


def test_tests_of_broken_rules(project, tosrules):
    (project / "house.tos").write_text('pack house "x" version "1"\nclause {')
    ended = tosrules("test")
    assert (ended.status, ended.out) == (2, "")
    assert "house.tos:2:" in ended.err


def test_the_core_pack_passes_its_tests(tosrules):
    assert tosrules("test", "core").status == 0


# ---- fmt -----------------------------------------------------------------------------------

UNTIDY = 'pack a "A"   version "1"\nsource s { title "S" }\n'


def test_fmt(project, tosrules):
    file = project / "untidy.tos"
    file.write_text(UNTIDY)
    assert tosrules("fmt", "--check", "untidy.tos").status == 1
    assert file.read_text() == UNTIDY
    assert tosrules("fmt", "untidy.tos").status == 0
    assert file.read_text() != UNTIDY
    ended = tosrules("fmt", "--check", "untidy.tos")
    assert ended.status == 0
    assert "0 files of 1 would be laid out anew" in ended.err


def test_fmt_of_standard_input(tosrules):
    ended = tosrules("fmt", "-", stdin=UNTIDY.encode())
    assert ended.status == 0
    assert ended.out.startswith('pack a "A" version "1"\n')
    assert tosrules("fmt", "--check", "-", stdin=ended.out.encode()).status == 0


def test_fmt_leaves_what_it_cannot_read(project, tosrules):
    (project / "broken.tos").write_text("pack {")
    ended = tosrules("fmt", ".")
    assert ended.status == 2
    assert "broken.tos:1:6" in ended.err
    assert (project / "broken.tos").read_text() == "pack {"
    assert tosrules("fmt", "nowhere.tos").status == 2


# ---- rules and explain ---------------------------------------------------------------------


def test_rules(tosrules):
    ended = tosrules("rules")
    assert ended.status == 0
    assert "  core" in ended.out
    assert "  vocabulary" in ended.out
    core = tosrules("rules", "core").out
    assert "no-fake-engagement" in core
    assert "burst = 60, chosen because" in core
    assert "engagement.like" in tosrules("rules", "vocabulary").out
    assert tosrules("rules", "coer").status == 2


def test_explain(tosrules):
    ended = tosrules("explain", "no-burst")
    assert ended.status == 0
    said = " ".join(ended.out.split())
    assert "Forbidden: more than 3 (burst) engagement.like, for one and the same actor" in said
    assert "Those count where automated is true." in said
    assert "burst = 3, chosen because the terms name no number" in said
    assert "House Terms, section 3, version 2020-01-01" in said


@pytest.mark.parametrize("name", ["no-brust", "x"])
def test_explain_what_is_not_there(tosrules, name):
    ended = tosrules("explain", name)
    assert ended.status == 2
    assert f"no clause is called `{name}`" in ended.err


def test_every_core_clause_can_be_explained(tosrules):
    from tosrules.language.load import load

    policy = load(["core"]).policy
    assert policy is not None
    for clause in policy.clauses:
        ended = tosrules("explain", clause.id, "--rules", "core")
        assert ended.status == 0
        assert clause.title.split()[0] in ended.out


# ---- demo ----------------------------------------------------------------------------------


def test_demo(tosrules):
    ended = tosrules("demo")
    assert ended.status == 0
    assert "massroot8" in ended.out
    assert "Facebook Terms of Service" in ended.out
    assert "tosrules check" in ended.err


def test_demo_of_another(tosrules):
    listed = tosrules("demo", "--list").out.split()
    assert "mgp25" in listed
    assert tosrules("demo", "mgp52").status == 2
