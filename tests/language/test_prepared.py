"""Shipped packs as data: the same as parsing, for the very same text only."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from language_files import FORMS, LAYOUT, RULES, text_of
from trees import files

from tosrules import resources
from tosrules.language import prepared, tables
from tosrules.language import syntax as s
from tosrules.language.parser import parse, parse_afresh
from tosrules.language.span import Span

TEXT = "list l = [1]  # one\ndefine d = a matches /x/i\n"


def everything(value: Any) -> Any:
    """A node with all it holds, hidden or not."""
    if isinstance(value, s.Node):
        names = [*value.field_names, *value._unseen]
        return [type(value).__name__, *(everything(getattr(value, n)) for n in names)]
    if isinstance(value, tuple) and not isinstance(value, Span):
        return [everything(v) for v in value]
    return value


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The prepared files of this test alone."""
    own: dict[str, str] = {}
    monkeypatch.setattr(resources, "prepared", own.get)
    prepared._stored.cache_clear()
    yield own
    prepared._stored.cache_clear()


@pytest.mark.parametrize(
    "path", [*FORMS, *LAYOUT, *RULES], ids=lambda p: f"{p.parent.name}-{p.stem}"
)
def test_what_is_read_is_what_was_parsed(path: Path) -> None:
    file = parse_afresh(text_of(path), "f.tos").file
    data = json.loads(json.dumps(prepared.encode(file)))
    assert everything(prepared.decode(data, "f.tos")) == everything(file)


@given(files)
def test_any_tree_survives(file: s.File) -> None:
    again = prepared.decode(json.loads(json.dumps(prepared.encode(file))), "")
    assert everything(again) == everything(file)


def test_a_prepared_file_is_found_by_its_text(stored: dict[str, str]) -> None:
    stored[resources.PACKS] = prepared.pack([TEXT, "list m = []\n"])
    found = prepared.find(TEXT, "a.tos")
    assert everything(found) == everything(parse_afresh(TEXT, "a.tos").file)
    assert everything(prepared.find(TEXT.encode(), "a.tos")) == everything(found)
    assert parse(TEXT, "a.tos").file.span.file == "a.tos"


def test_another_text_is_not_found(stored: dict[str, str]) -> None:
    stored[resources.PACKS] = prepared.pack([TEXT])
    assert prepared.find(TEXT + " ", "f") is None
    assert parse(TEXT + " ", "f").file == parse_afresh(TEXT, "f").file


def test_a_text_with_errors_is_not_prepared(stored: dict[str, str]) -> None:
    stored[resources.PACKS] = prepared.pack(["list = 1\n"])
    assert prepared.find("list = 1\n", "f") is None
    assert len(parse("list = 1\n", "f").diagnostics) == 1


def test_what_another_grammar_made_is_not_used(
    stored: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored[resources.PACKS] = prepared.pack([TEXT])
    assert prepared.find(TEXT, "f") is not None
    prepared._stored.cache_clear()
    monkeypatch.setattr(prepared, "_digest", lambda: "another")
    assert prepared.find(TEXT, "f") is None


@pytest.mark.parametrize("damage", ["", "[]", "{}\n", "\x00", "cut"])
def test_a_damaged_store_is_as_good_as_none(stored: dict[str, str], damage: str) -> None:
    whole = prepared.pack([TEXT])
    stored[resources.PACKS] = whole[: len(whole) // 2] if damage == "cut" else damage
    assert prepared.find(TEXT, "f") is None
    assert parse(TEXT, "f") == parse_afresh(TEXT, "f")


def test_a_damaged_line_is_as_good_as_none(stored: dict[str, str]) -> None:
    stored[resources.PACKS] = prepared.pack([TEXT]).replace("[", "[9,", 1)
    assert parse(TEXT, "f") == parse_afresh(TEXT, "f")


def test_without_a_store_files_are_parsed(stored: dict[str, str]) -> None:
    assert stored == {}
    assert prepared.find(TEXT, "f") is None


PROGRAM = """
import sys
from tosrules import resources
from tosrules.language import prepared
from tosrules.language.parser import parse
store = {}
resources.prepared = store.get
text = sys.stdin.read()
store[resources.PACKS] = open(sys.argv[1], encoding="utf-8").read()
assert parse(text, "f").file.declarations
print(sorted({"lark", "tosrules.language.machine", "pickle"} & set(sys.modules)))
"""


def test_a_shipped_file_needs_no_parser(tmp_path: Path) -> None:
    store = tmp_path / "packs.json"
    store.write_text(prepared.pack([TEXT]), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(store)],
        input=TEXT,
        capture_output=True,
        text=True,
        check=True,
        cwd=resources._REPOSITORY,
    )
    assert ran.stdout == "[]\n"


def test_what_a_wheel_carries() -> None:
    made = dict(prepared.prepare())
    assert tuple(made) == prepared.FILES
    assert tables.load(made[resources.TABLES], resources.grammar_text()) is not None
    keys = {line.partition(" ")[0] for line in made[resources.PACKS].split("\n")[1:-1]}
    assert keys >= {hashlib.sha256(p.read_bytes()).hexdigest() for p in RULES}


DETERMINISM = """
import hashlib, pathlib, sys
from tosrules import resources
from tosrules.language import prepared, tables
texts = [pathlib.Path(p).read_text(encoding="utf-8") for p in sys.argv[1:]]
for text in (tables.build(resources.grammar_text()), prepared.pack(texts)):
    print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", DETERMINISM, *map(str, FORMS)],
            capture_output=True,
            text=True,
            check=True,
            cwd=resources._REPOSITORY,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(said) == 1
