"""Text that wants to act, and text that only looks unusual, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.test_html import HOSTILE, hostile, whole
from tosrules.reports import Options, rendered


def written(text: str, folder: Path) -> Path:
    file = folder / "report.html"
    file.write_bytes(rendered("html", hostile(whole(), text), Options()))
    return file


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_it_does_nothing(opened, tmp_path, text):
    page = opened(written(text, tmp_path), viewport={"width": 360, "height": 740})
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Whole period").click()
    page.locator("#filter select").first.select_option(index=1)
    page.locator(".finding .rows a:visible").first.click()
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("script").count() == 2


def test_what_is_written_from_right_to_left_keeps_its_order(opened, tmp_path):
    page = opened(written("אבג", tmp_path))
    first, second = page.evaluate(
        """() => {
          const name = document.querySelector('.finding h4 bdi').firstChild;
          const box = (at) => { const r = document.createRange(); r.setStart(name, at);
            r.setEnd(name, at + 1); return r.getBoundingClientRect().left; };
          return [box(0), box(2)];
        }"""
    )
    assert first > second
