"""Zoom, brush, filter, links, copying and the keyboard, on one report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.reports import report_of


@pytest.fixture
def findings(massroot8: Path) -> list[dict]:
    return json.loads(massroot8.with_suffix(".json").read_text(encoding="utf-8"))["findings"]


def visible(page) -> int:
    return page.locator(".finding:visible").count()


def stretch(page) -> tuple[str, str]:
    return (
        page.locator("#zoom [name=from]").input_value(),
        page.locator("#zoom [name=to]").input_value(),
    )


def address_has(page, part: str) -> None:
    """Waits until the page's own address has this part; the driver hears of it only later."""
    page.wait_for_function("part => location.href.includes(part)", arg=part)


def address_ends(page, end: str) -> None:
    page.wait_for_function("end => location.href.endsWith(end)", arg=end)


def address_lacks(page, part: str) -> None:
    page.wait_for_function("part => !location.href.includes(part)", arg=part)


def brush(page, selector: str, start: float, end: float) -> None:
    strip = page.locator(selector).first
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (start + end) / 2 * box["width"], y, steps=3)
    assert page.locator(".brush").is_visible()
    page.mouse.move(box["x"] + end * box["width"], y, steps=3)
    page.mouse.up()


# ---- zoom and brush ------------------------------------------------------------------------


def test_buttons_zoom_and_the_address_keeps_it(opened, massroot8):
    page = opened(massroot8)
    whole = stretch(page)
    drawn = page.locator("svg.marks path").first.get_attribute("d")
    page.get_by_role("button", name="Zoom in").click()
    near = stretch(page)
    assert near[0] > whole[0]
    assert near[1] < whole[1]
    address_has(page, f"from={near[0]}")
    assert page.locator("svg.marks path").first.get_attribute("d") != drawn
    page.reload()
    assert stretch(page) == near
    page.get_by_role("button", name="Earlier").click()
    assert stretch(page)[0] < near[0]
    page.get_by_role("button", name="Later").click()
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name="Whole period").click()
    assert stretch(page) == whole
    address_lacks(page, "from=")


def test_a_brush_zooms_and_narrows_the_findings(opened, massroot8):
    page = opened(massroot8)
    every = visible(page)
    brush(page, ".overview", 0.02, 0.2)
    assert stretch(page)[1] < "2020-01"
    assert 0 < visible(page) < every
    before = stretch(page)
    brush(page, ".marks:visible", 0.3, 0.7)
    assert stretch(page)[0] > before[0]
    assert stretch(page)[1] < before[1]


def test_dates_can_be_typed(opened, massroot8):
    page = opened(massroot8)
    page.locator("#zoom [name=from]").fill("2020-04-01")
    page.locator("#zoom [name=from]").press("Enter")
    assert stretch(page)[0] == "2020-04-01T00:00:00Z"
    page.locator("#zoom [name=to]").fill("nonsense")
    page.locator("#zoom [name=to]").press("Tab")
    assert stretch(page)[1].startswith("2020-06-18")


def test_a_click_on_a_mark_tells_its_event(opened, massroot8):
    page = opened(massroot8)
    strip = page.locator("svg.marks").first
    strip.scroll_into_view_if_needed()
    at = page.evaluate(
        "() => Number(/M([\\d.]+)/.exec(document.querySelector('svg.marks .critical')"
        ".getAttribute('d'))[1])"
    )
    box = strip.bounding_box()
    page.mouse.click(box["x"] + (at + 5) / 1010 * box["width"], box["y"] + box["height"] - 4)
    picked = page.locator("#picked")
    assert picked.is_visible()
    picked.locator("a[href^='#f-']").first.click()
    address_has(page, "#f-")


# ---- filters -------------------------------------------------------------------------------


def test_filters_narrow_and_the_address_keeps_them(opened, massroot8, findings):
    page = opened(massroot8)
    page.get_by_label("critical", exact=True).uncheck()
    high = [f for f in findings if f["severity"] == "high"]
    assert visible(page) == len(high)
    page.get_by_label("Subject").select_option("bot-17")
    own = [f for f in high if f["subject"] == {"actor": "bot-17"}]
    assert visible(page) == len(own)
    assert page.locator("#shown").inner_text() == f"{len(own)} of {len(findings)} findings shown"
    assert page.locator(".lane:visible").count() == 1
    cited = {e["event"] for f in own for e in (*f["evidence"], *f["context"])}
    assert page.locator("#register .day:not([hidden]) li:not([hidden])").count() == len(cited)
    page.reload()
    assert visible(page) == len(own)
    assert not page.get_by_label("critical", exact=True).is_checked()
    page.get_by_role("button", name="Show all").click()
    assert visible(page) == len(findings)
    address_lacks(page, "#")


def test_by_clause_and_by_text(opened, massroot8, findings):
    page = opened(massroot8)
    page.locator("#filter [name=clause]").select_option(label="No activity after notice")
    assert visible(page) == sum(f["title"] == "No activity after notice" for f in findings)
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Text").fill("BOT-21")
    assert 0 < visible(page) < len(findings)
    address_has(page, "text=BOT-21")
    page.get_by_label("Text").fill("nothing says this")
    assert visible(page) == 0


def test_an_address_of_nonsense_shows_everything(opened, massroot8, findings):
    page = opened(massroot8, "#who=<script>&clause=x&from=never&to=%zz&severity=&e99999999")
    assert visible(page) in (0, len(findings))
    page.get_by_role("button", name="Show all").click()
    assert visible(page) == len(findings)


# ---- links ---------------------------------------------------------------------------------


def test_a_finding_leads_to_its_event_and_back(opened, massroot8):
    page = opened(massroot8)
    finding = page.locator(".finding").nth(3)
    name = finding.get_attribute("id")
    link = finding.locator(".rows a").last
    target = link.get_attribute("href")[1:]
    finding.locator("summary").click()
    link.click()
    event = page.locator(f"#{target}")
    assert event.is_visible()
    assert "here" in (event.get_attribute("class") or "")
    address_ends(page, f"#{target}")
    event.locator("a").get_by_text("4", exact=True).click()
    address_ends(page, f"#{name}")
    assert page.locator(f"#{name}.here").is_visible()
    page.go_back()
    address_ends(page, f"#{target}")


def test_a_link_leads_out_of_a_filter(opened, massroot8):
    page = opened(massroot8)
    name = page.locator(".finding").first.get_attribute("id")
    page.get_by_label("critical", exact=True).uncheck()
    assert page.locator(f"#{name}").is_hidden()
    page.locator(".clauses a[href='#n1']").click()
    assert page.locator(f"#{name}").is_visible()


def test_an_address_opens_at_its_finding_with_its_filters(opened, massroot8, findings):
    name = findings[-1]["id"]
    page = opened(massroot8, f"#{name}&severity=high")
    assert page.locator(f"[id={name}]").evaluate("e => e.getBoundingClientRect().top") < 900
    assert visible(page) == sum(f["severity"] == "high" for f in findings)


def test_without_javascript_links_lead_there_too(opened, massroot8):
    page = opened(massroot8, java_script_enabled=False)
    page.locator(".clauses a[href='#n4']").click()
    address_ends(page, "#n4")
    top = page.locator("#n4").bounding_box()["y"]
    assert 0 <= top < 900


def test_the_button_copies_the_address_of_its_finding(opened, massroot8):
    page = opened(massroot8)
    finding = page.locator(".finding").nth(1)
    finding.get_by_role("button", name="Copy link").click()
    finding.get_by_text("Copied", exact=True).wait_for()
    box = page.get_by_label("Text")
    box.click()
    page.keyboard.press("Control+V")
    name = finding.get_attribute("id")
    assert box.input_value() == f"{massroot8.as_uri()}#{name}"


# ---- the keyboard --------------------------------------------------------------------------


def test_the_keyboard_reaches_and_works_everything(opened, folder):
    page = opened(report_of("settlement", folder))  # a short one: every stop is looked at
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Skip to the verdict"
    assert focused.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    wanted = page.locator(
        "a[href]:visible, button:visible, input:visible, select:visible, summary:visible"
    ).count()
    seen = 0
    zoomed = False
    for _ in range(3 * wanted):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => {
              const e = document.activeElement, style = getComputedStyle(e);
              if (e === document.body) return null;
              const box = e.getBoundingClientRect();
              return {outline: parseFloat(style.outlineWidth), style: style.outlineStyle,
                      inside: box.bottom > 0 && box.top < innerHeight, zoom: e.dataset.zoom || ''};
            }"""
        )
        if state is None:
            break
        seen += 1
        assert state["outline"] >= 2
        assert state["style"] != "none"
        assert state["inside"]
        if state["zoom"] == "in" and not zoomed:
            whole = stretch(page)
            page.keyboard.press("Enter")
            zoomed = stretch(page) != whole
        if state["zoom"] == "all":
            page.keyboard.press("Space")
    assert zoomed
    assert seen >= wanted - 2  # the skip link and what stands before the verdict
    page.locator("#filter [name=severity]").first.focus()
    page.keyboard.press("Space")
    address_has(page, "severity=high")
