"""Lines that fit, columns that stand under each other, and nothing that acts on a terminal."""

from __future__ import annotations

import pytest

from tosrules.reports.layout import Page, wrap
from tosrules.reports.safe import columns, visible
from tosrules.result.values import cut


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 中", "plain é 中"),
        ("\x1b[31mred", "\\u{1b}[31mred"),
        ("a\u202eb", "a\\u{202e}b"),
        ("a\nb\tc", "a\\u{a}b\\u{9}c"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("\ud800", "\\u{d800}"),
        ("\u2028", "\\u{2028}"),
    ],
)
def test_text_cannot_act(text, shown):
    assert visible(text) == shown


def test_widths_on_a_terminal():
    assert columns("abc") == 3
    assert columns("中文") == 4
    assert columns("e\u0301") == 1
    assert cut("abcdef", 4) == "abc…"


def test_wrapping_keeps_every_word():
    text = "one two three four five six seven eight nine ten"
    lines = wrap(text, 20, 0, 4)
    assert " ".join(lines) == text
    assert all(len(line) <= 20 for line in lines)


def test_a_word_too_long_stays_whole():
    address = "https://example.org/" + "a" * 100
    assert address in wrap(f"see {address} there", 40, 0, 0)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_nothing_is_wider_than_the_page(width):
    page = Page(width, color=False)
    page.say("word " * 60, 2, 6)
    page.labelled("label", "word " * 60)
    page.heading([("word " * 3, ""), ("other " * 4, ""), ("third " * 4, "")], 4)
    page.row([("cell", 10), ("cell", 10)], "word " * 40, 2, 8)
    assert max(len(line) for line in page.text().splitlines()) <= width


def test_colour_only_where_asked():
    def made(color: bool) -> str:
        page = Page(80, color)
        page.say("bad", style="critical")
        page.labelled("who", "svc", style="strong")
        return page.text()

    assert "\x1b" not in made(False)
    assert "\x1b[1;31mbad\x1b[0m" in made(True)


def test_a_row_that_would_act_on_the_terminal():
    page = Page(80, color=True)
    page.row([("\x1b]0;owned\x07", 4)], "rest\x9b31m", 0, 4)
    assert "\x1b]" not in page.text()
    assert "\x9b" not in page.text()


@pytest.mark.parametrize(
    "name",
    ["ana", "株式会社データ収集", "e\u0301lodie", "שלום עולם", "مستخدم", "ผู้ใช้", "क्ष"],
)
def test_columns_stand_under_each_other_in_every_script(name):
    page = Page(80, color=False)
    page.row([(name, 20)], "rest of it", 2, 4)
    line = page.text().rstrip("\n")
    assert line.endswith("rest of it")
    assert columns(line.removesuffix("rest of it")) == 2 + 20 + 2


def test_a_heading_too_long_for_a_line_goes_on_below():
    page = Page(40, color=False)
    page.heading([("a title of so many words that no line of forty holds it", ""), ("id", "")], 4)
    assert page.text().splitlines() == [
        "a title of so many words that no line of",
        "    forty holds it  id",
    ]
