"""What the checker says of mistakes: the exact text, one error for each."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from rules import BAD, asked, cases, loaded, place_is_in_text, shown
from tosrules.language.load import Loaded, load
from tosrules.language.packs import MAX_FILE

SEVERAL = {"ten-mistakes.tos": 10, "several-files": 4}
"""Cases with more than one mistake."""
CASES = cases(BAD)

pytestmark = pytest.mark.usefixtures("in_bad")


@pytest.fixture
def in_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)


@cache
def found_in(name: str) -> Loaded:
    return loaded(BAD / name)


def expected(name: str) -> str:
    return (BAD / f"{name.removesuffix('.tos')}.txt").read_text(encoding="utf-8")


def test_there_are_many_cases_and_each_has_its_text() -> None:
    assert len(CASES) >= 200
    assert {p.stem for p in BAD.glob("*.txt")} == {c.removesuffix(".tos") for c in CASES}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str) -> None:
    """The exact text. These files are the author's contract: change them by hand only."""
    assert shown(found_in(name)) == expected(name)


@pytest.mark.parametrize("name", CASES)
def test_one_mistake_is_one_error(name: str) -> None:
    found = found_in(name)
    assert found.policy is None
    assert len(found.diagnostics) == SEVERAL.get(name, 1)


@pytest.mark.parametrize("name", CASES)
def test_written_style(name: str) -> None:
    words = re.compile(
        r"\b(None|node|token|scope|expression tree|boolean|null|string|int|float|tuple"
        r"|[A-Z]+_[A-Z]+|tosrules\.\w+|Traceback)\b"
    )
    found = found_in(name)
    for diagnostic in found.diagnostics:
        assert re.match(r"[a-z`0-9]", diagnostic.message), diagnostic.message
        assert not diagnostic.message.endswith("."), diagnostic.message
        assert diagnostic.help or "did you mean" in diagnostic.message, "no mend is offered"
        for text in (diagnostic.message, diagnostic.help):
            assert "``" not in text
            assert not words.search(re.sub(r"`[^`]*`", "", text)), text
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", diagnostic.code)
        assert place_is_in_text(diagnostic, found.texts)


def test_the_order_of_files_changes_nothing() -> None:
    """Errors come by file and place, whichever file was named first."""
    files = sorted(Path("several-files").glob("*.tos"))
    forwards = load([str(f) for f in files])
    backwards = load([str(f) for f in reversed(files)])
    assert forwards.diagnostics == backwards.diagnostics


def test_what_is_asked_for_may_be_misspelt() -> None:
    found = load(["cor"])
    assert shown(found) == (
        "--rules:1:1: error[unknown-pack]: there is no pack `cor`; did you mean `core`?\n"
        "  |\n"
        "1 | cor\n"
        "  | ^^^\n"
    )
    found = load(["ten-mistake.tos"])
    assert [d.message for d in found.diagnostics] == [
        "there is no file or folder `ten-mistake.tos`; did you mean `ten-mistakes.tos`?"
    ]


def test_a_file_too_large_to_be_rules(tmp_path: Path) -> None:
    large = tmp_path / "large.tos"
    large.write_bytes(b"#" * (MAX_FILE + 1))
    assert [d.code for d in load([str(large)]).diagnostics] == ["file-too-large"]


def test_asked_names_what_the_case_is_about() -> None:
    for name in CASES:
        for path in asked(BAD / name):
            assert (BAD / path).exists()
