"""The examples of the language reference are rules that load, and their tests pass.

The `tos` blocks of a page stand in one pack, in order, unless a block begins with `pack`
and so is a file of its own. A rule by itself is put into a clause.
"""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest

from tosrules.authoring.testing import run_tests
from tosrules.language.diagnostics import render
from tosrules.language.load import load
from tosrules.language.parser import machine
from tosrules.policy import model

_WITH_RULES = [page for page in pages.PAGES if pages.blocks(page, "tos")]
_RULE = re.compile(r"(?:#[^\n]*\n|\s)*(?:forbid|after)\b")
LANGUAGE = pages.ROOT / "docs" / "language.md"


BESIDE = {
    "holidays.txt": "2020-01-01\n2020-12-25\n",
    "terms.txt": "You may not use automated means to collect information or accounts.\n",
}
"""Files that the examples read."""


def _files(page: Path, folder: Path) -> list[Path]:
    """One file of all blocks that are no pack of their own, and one for each that is."""
    together: list[str] = []
    files: list[Path] = []
    for block in pages.blocks(page, "tos"):
        text = block.text
        if text.lstrip().startswith("pack "):
            file = folder / (block.file or f"line-{block.line}.tos")
            file.write_text(text, encoding="utf-8")
            files.append(file)
            continue
        if _RULE.match(text):
            rules = "".join(
                f'clause line-{block.line}-{n} "Example" {{ cite terms severity low\n{rule}}}\n'
                for n, rule in enumerate(re.split(r"\n(?=forbid|after)", text))
            )
            text = rules
        together.append(f"# {pages.name(page)}:{block.line}\n{text}")
    if together:
        file = folder / "page.tos"
        head = 'pack page "The examples of a page" version "1" language 1\n\n'
        file.write_text(head + "\n".join(together), encoding="utf-8")
        files.append(file)
    return files


def _own_tests(policy: model.Policy, file: Path) -> list[model.TestCase]:
    return [t for t in policy.tests if Path(t.span.file).name == file.name]


@pytest.mark.parametrize("page", _WITH_RULES, ids=pages.name)
def test_examples_load_and_their_tests_pass(page: Path, tmp_path: Path) -> None:
    for name, text in BESIDE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for file in _files(page, tmp_path):
        loaded = load([str(file)])
        shown = "\n\n".join(render(d, loaded.texts) for d in loaded.diagnostics)
        assert loaded.policy is not None, shown
        failed = [
            f"{t.test.title}: {t.error}"
            + "".join(f"\n  {f.wanted}\n  {f.came}\n  {f.why}" for f in t.failures)
            for t in run_tests(loaded.policy, _own_tests(loaded.policy, file))
            if not t.passed
        ]
        assert not failed, "\n".join(failed)


def test_the_reference_shows_every_word_of_the_language() -> None:
    """A word that the grammar knows and no example shows is a word that nobody will find."""
    shown = "\n".join(block.text for block in pages.blocks(LANGUAGE, "tos"))
    words = set(re.findall(r"[a-z][a-z0-9]*", re.sub(r'"[^"\n]*"|#[^\n]*', "", shown)))
    known = {t.pattern for t in machine().tables.terminals if t.kind == "word"}
    assert not known - words, sorted(known - words)
