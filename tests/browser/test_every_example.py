"""What holds for the report of every example, opened from the file system."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")


def result_of(report: Path) -> dict:
    return json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))


def test_it_opens_without_a_request_or_a_word(opened, example):
    page = opened(example)
    assert page.locator("h1").inner_text()
    for button in page.locator("#zoom button").all():
        button.click()
    for summary in page.locator("summary").all()[:20]:
        if summary.is_visible():
            summary.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, example, scheme):
    page = opened(example, color_scheme=scheme)
    # One list of each kind stands for all: they differ in their text alone.
    page.evaluate(
        """() => {
          for (const d of document.querySelectorAll('details')) d.open = false;
          for (const kind of ['.clauses', '.finding', '#register', '.hashes', '#unchecked ~'])
            for (const d of [...document.querySelectorAll(kind + ' details')].slice(0, 2))
              d.open = true;
        }"""
    )
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [
        (v["id"], v["help"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found["violations"]
    ] == []


@pytest.mark.parametrize("width", [320, 360, 800])
def test_nothing_is_wider_than_the_screen(opened, example, width):
    page = opened(example, viewport={"width": width, "height": 740})
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_javascript_everything_is_there(opened, example):
    page = opened(example, java_script_enabled=False)
    result = result_of(example)
    said = page.locator("body").inner_text()
    for clause in result["clauses"]:
        assert clause["title"] in said
    for finding in result["findings"]:
        assert page.locator(f"[id='{finding['id']}']").is_visible()
    assert not page.locator("#zoom, #filter, .copy").all() or not any(
        part.is_visible() for part in page.locator("#zoom, #filter, .copy").all()
    )
    if result["findings"]:
        assert page.locator("svg.marks path").count() > 0
        folded = page.locator(".finding details")
        if folded.count():
            folded.first.locator("summary").click()
            assert folded.first.locator("li").first.is_visible()


def test_on_paper_each_page_has_its_header_and_nothing_is_folded(opened, example, tmp_path):
    from pypdfium2 import PdfDocument

    result = result_of(example)
    readers = []
    for scripted in (False, True):
        page = opened(example, java_script_enabled=scripted)
        file = tmp_path / f"{scripted}.pdf"
        page.pdf(path=file, prefer_css_page_size=True)
        readers.append(PdfDocument(file))
    pages = [_words(each.get_textpage().get_text_range()) for each in readers[0]]
    assert len(readers[1]) == len(pages)
    digest = hashlib.sha256(example.with_suffix(".json").read_bytes()).hexdigest()
    for number, text in enumerate(pages, 1):
        assert f"Result SHA-256 {digest}" in text
        assert f"page {number} of {len(pages)}" in text
    whole = "".join(pages).replace(" ", "")
    assert "Howtoverifythis" in "".join(pages[-3:]).replace(" ", "")
    for finding in result["findings"]:
        last = finding["evidence"][-1]["time"].replace("T", "")
        assert last in whole
    for clause in result["clauses"]:
        for citation in clause["citations"]:
            assert re.sub(r"\s", "", citation["title"]) in whole
    # Nothing cut short and no empty sheets: the text fills its pages on the average by a third.
    assert sum(map(len, pages)) / len(pages) > 700


def _words(text: str) -> str:
    return " ".join(text.split())
