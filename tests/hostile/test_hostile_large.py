"""Texts of a million code points: they cost what reading them costs, and reports cut them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hostile.corpus import LARGE
from tests.hostile.harmless import acting
from tests.hostile.trace import RULES, events_of
from tests.thorough import tried

PEOPLE = ("text", "html", "markdown", "github", "junit")
"""Formats that people read: a text of a megabyte is of no use to them."""
MOST = 400_000
"""Bytes that a report for people may have of the six findings about one text; the HTML page has
100,000 of its own, and marks every character that it shows in another's place."""
FEW = ("direction", "markup")


@pytest.mark.parametrize("name", tried(LARGE, FEW))
def test_reports_for_people_cut_it(name, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("hostile.tos").write_text(RULES)
    trace = {
        "trace": "tosrules-trace/1",
        "title": LARGE[name],
        "events": events_of(LARGE[name], 0),
    }
    Path("t.json").write_text(json.dumps(trace, ensure_ascii=False), encoding="utf-8")
    reports = [f"--report={form}=out.{form}" for form in PEOPLE]
    ended = command("check", "t.json", "--rules", "hostile.tos", "--all", *reports)
    assert ended.status == 1, ended.err[:500]
    sizes = {form: Path(f"out.{form}").stat().st_size for form in PEOPLE}
    assert max(sizes.values()) < MOST, sizes
    assert len(ended.out) < MOST
    for form in PEOPLE:
        assert acting(Path(f"out.{form}").read_text(encoding="utf-8")) == set()
        assert "…" in Path(f"out.{form}").read_text(encoding="utf-8")
