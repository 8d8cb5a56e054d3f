"""Every text of the hostile corpus in every kind of place, in one report, in a real browser: no
dialog, no request, no word on the console (the fixture `opened` holds it to that)."""

from __future__ import annotations

from tests.hostile.conftest import harmless, judged

__all__ = ["harmless", "judged"]


def test_the_whole_corpus_does_nothing(opened, judged, harmless):
    counts = []
    for case in (harmless, judged):
        page = opened(case.folder / "report.html")
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        page.get_by_role("button", name="Zoom in").click()
        page.get_by_role("button", name="Whole period").click()
        page.mouse.wheel(0, 20_000)
        assert page.locator("h1").is_visible()
        assert page.locator("script").count() == 2
        named = "script, iframe, object, embed, form, img, base, meta, link, style, marquee"
        counts.append(page.locator(named).count())
    assert counts[0] == counts[1]
