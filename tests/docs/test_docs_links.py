"""Links lead somewhere, and paths that the pages name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest

_TOPS = ("tosrules", "grammar", "rules", "examples", "tests", "docs", "benchmarks", ".ci")
_PATH = re.compile(rf"(?:{'|'.join(map(re.escape, _TOPS))})/[\w./-]*\Z")


@pytest.mark.parametrize("page", pages.PAGES, ids=pages.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in pages.links(page):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{pages.name(page)} links to {link}"
        if anchor:
            assert anchor in pages.anchors(file), f"{pages.name(page)} links to {link}"


@pytest.mark.parametrize("page", pages.PAGES, ids=pages.name)
def test_paths_in_backticks_exist(page: Path) -> None:
    for span in pages.spans(page):
        if _PATH.match(span):
            assert (pages.ROOT / span).exists(), f"{pages.name(page)} names `{span}`"


def test_every_page_is_in_the_index() -> None:
    index = pages.ROOT / "docs" / "README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in pages.links(index)}
    for page in pages.PAGES:
        if page.parent == index.parent and page != index:
            assert page.resolve() in listed, f"docs/README.md does not list {page.name}"


def test_the_readme_has_one_command_for_each_of_two_things() -> None:
    """`.ci/run` finds them by their beginnings."""
    lines = (pages.ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("python3 -m venv .venv && ") for line in lines) == 1
    assert sum(line.endswith(".venv/bin/pytest") for line in lines) == 1
