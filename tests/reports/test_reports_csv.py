"""CSV: RFC 4180, a line a record, and no formula."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.reports.samples import HOSTILE, accepted, hostile, whole
from tosrules.reports import Options, rendered
from tosrules.reports.csv import COLUMNS


def rows_of(result):
    text = rendered("csv", result, Options()).decode("utf-8")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_row_for_each_finding():
    rows = rows_of(whole())
    assert [row["finding"] for row in rows] == [f.id for f in whole().findings]
    row = next(r for r in rows if r["clause"] == "house/no-access")
    assert {n: row[n] for n in ("severity", "subject_kind", "subject", "through", "matches")} == {
        "severity": "critical",
        "subject_kind": "actor",
        "subject": "mass",
        "through": "bot-17",
        "matches": "8",
    }
    assert (row["file"], row["line"], row["event"]) == ("trace.json", "7", "e2")
    assert row["citations"] == "House Terms, section 3.2, version 2020-01-01"
    assert row["laws"].startswith("HO: Access Act, 1 H.C. 2, (a)")
    late = next(r for r in rows if r["due"])
    assert late["due"] == "2020-06-02T10:00:00Z"


def test_no_finding_is_a_heading_alone():
    from tosrules.record import replace

    data = rendered("csv", replace(whole(), findings=()), Options())
    assert data.decode() == ",".join(f'"{c}"' for c in COLUMNS) + "\r\n"


def test_what_the_baseline_accepts_says_why():
    assert [row["accepted"] for row in rows_of(accepted())] == ["settled", "", "", ""]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text):
    data = rendered("csv", hostile(text), Options()).decode("utf-8")
    lines = data.split("\r\n")
    assert len(lines) == 1 + 4 + 1, "a record is a line"
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "".join(lines))
    for row in rows_of(hostile(text)):
        assert set(row) == set(COLUMNS)
        for cell in row.values():
            assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠|%") or cell == ""
    # A program that parts cells at semicolons sees no formula either.
    for line in lines[1:-1]:
        for part in line.split(";")[1:]:
            assert part.lstrip()[:1] not in tuple("=+-@")


def test_a_formula_is_told_apart_and_can_be_read():
    row = rows_of(hostile("=1+1"))[0]
    assert row["title"] == "'=1+1"
