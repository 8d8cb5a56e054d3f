"""The parse tables as data, and where prepared files are kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tosrules import resources
from tosrules.language import parser, tables

SMALL = """
file: pair*
pair: NAME ["=" NUMBER] ";"
NAME: /[a-z]+/
NUMBER: /[0-9]+/
%ignore " "
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of prepared files for this test alone."""
    monkeypatch.setattr(resources, "_DATA", tmp_path / "_data")
    parser.machine.cache_clear()
    yield tmp_path / "_data"
    parser.machine.cache_clear()


def test_tables_survive_being_stored() -> None:
    loaded = tables.load(tables.build(SMALL), SMALL)
    assert loaded is not None
    assert {t.name: t.kind for t in loaded.terminals} == {
        "NAME": "pattern", "NUMBER": "pattern", "EQUAL": "sign", "SEMICOLON": "sign",
    }  # fmt: skip
    pairs = [r for r in loaded.rules if r.action == "pair"]
    shapes = {(r.size, r.keep, r.nones) for r in pairs}
    assert shapes == {(4, ((0, 0, False), (0, 2, False)), 0), (2, ((0, 0, False),), 1)}


def test_tables_of_another_grammar_are_not_used() -> None:
    assert tables.load(tables.build(SMALL), SMALL + " ") is None


def test_tables_of_another_form_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    built = tables.build(SMALL)
    monkeypatch.setattr(tables, "FORM", tables.FORM + 1)
    assert tables.load(built, SMALL) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"digest":1}'])
def test_damaged_tables_are_as_good_as_none(damage: str) -> None:
    assert tables.load(damage, SMALL) is None


def test_tables_that_lack_a_part_are_as_good_as_none() -> None:
    built = json.loads(tables.build(SMALL))
    del built["rules"]
    assert tables.load(json.dumps(built), SMALL) is None


def test_stored_tables_stay_small() -> None:
    assert len(tables.build(resources.grammar_text())) < 120_000


def test_tables_are_made_once_and_kept(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not data.exists()
    parser.machine()
    assert (data / resources.TABLES).is_file()
    assert [p.name for p in data.iterdir()] == [resources.TABLES]  # no partial file is left
    parser.machine.cache_clear()
    monkeypatch.setattr(tables, "build", lambda _: pytest.fail("built again"))
    parser.machine()


@pytest.mark.usefixtures("data")
def test_stale_tables_are_made_again() -> None:
    resources.store(resources.TABLES, "of another grammar")
    parser.machine()
    stored = resources.prepared(resources.TABLES)
    assert stored is not None
    assert tables.load(stored, resources.grammar_text()) is not None


def test_a_folder_that_cannot_be_written_is_no_obstacle(data: Path) -> None:
    data.write_text("a file stands where the folder would be")
    assert resources.store("x", "y") is False
    assert resources.prepared("x") is None
    parser.machine()


def test_an_installed_copy_reads_its_own_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a wheel there is no repository around the package."""
    folder = tmp_path / "site-packages" / "tosrules" / "_data"
    (folder / "grammar").mkdir(parents=True)
    (folder / "grammar" / "tosrules.lark").write_text(SMALL, encoding="utf-8")
    monkeypatch.setattr(resources, "_DATA", folder)
    monkeypatch.setattr(resources, "_REPOSITORY", tmp_path / "site-packages")
    resources.grammar_text.cache_clear()
    try:
        assert resources.grammar_text() == SMALL
        assert resources.rules_root() == folder / "rules"
    finally:
        resources.grammar_text.cache_clear()


def test_a_working_copy_reads_the_repository() -> None:
    assert resources.rules_root() == Path(resources._REPOSITORY) / "rules"
    assert (resources.rules_root() / "core").is_dir()


PROGRAM = """
import sys
from tosrules.language import parser
parser.machine()
assert "lark" not in sys.modules
assert len(parser.parse_afresh("list l = [1]", "f").file.declarations) == 1
assert parser.parse_afresh("list l = 1]", "f").diagnostics
print("lark" in sys.modules)
"""


def test_a_run_never_imports_lark() -> None:
    parser.machine()  # makes the tables if this is the first run of a working copy
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        cwd=resources._REPOSITORY,
    )
    assert ran.stdout == "False\n"
