"""The text report of every example, word by word, at two widths, plain and coloured."""

from __future__ import annotations

import re

import pytest

from tests.reports.golden import GOLDEN, NAMES, WIDTHS, every, file_of, report
from tosrules.reports.safe import columns

CASES = [pytest.param(*case, id="-".join(map(str, case))) for case in every()]


@pytest.mark.parametrize(("name", "width", "color"), CASES)
def test_an_example_reads_as_it_is_held(name, width, color):
    assert report(name, width, color) == file_of(name, width, color).read_text(encoding="utf-8")


def test_nothing_is_held_that_no_example_writes():
    assert {p.name for p in GOLDEN.iterdir()} == {file_of(*case).name for case in every()}


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_page(name):
    for width in WIDTHS:
        for line in report(name, width, False).splitlines():
            assert columns(line) <= width or "://" in line


@pytest.mark.parametrize("name", NAMES)
def test_colour_adds_nothing_but_colour(name):
    coloured = report(name, 80, True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == report(name, 80, False)


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_reader_hears_words_and_no_drawing(name):
    text = report(name, 80, False)
    assert not re.search("[\u2190-\u21ff\u2500-\u27bf\u2b00-\u2bff]|[-=_*#|+]{3}", text)
