"""Events that no version of a clause judges, and beginnings that name nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

import tosrules
from tosrules.result.model import Result

RULES = """pack house "House rules" version "1" language 1
source terms { title "Terms" version "1" }
clause quiet "No searches" {
  cite terms
  severity low
  effective from 2020-01-01 until 2020-02-01
  forbid profile.search
}
clause quiet "No searches, again" {
  cite terms
  severity low
  effective from 2020-03-01 until 2020-04-01
  forbid profile.search
}
clause always "No views" { cite terms severity low forbid engagement.view }
"""


def event(day: str, type: str = "profile.search", **attributes: str) -> dict[str, object]:
    return {"id": f"{day}-{type}", "time": f"{day}T10:00:00Z", "type": type, **attributes}


@pytest.fixture
def judged(tmp_path: Path):
    rules = tmp_path / "house.tos"
    rules.write_text(RULES, encoding="utf-8")

    def made(*events: dict[str, object]) -> Result:
        return tosrules.check(list(events), str(rules))

    return made


def test_each_event_outside_all_versions_is_counted_once(judged):
    result = judged(
        event("2019-12-31"),
        event("2020-01-01"),
        event("2020-02-01"),
        event("2020-02-29"),
        event("2020-03-01"),
        event("2020-04-01"),
        event("2020-04-02", "engagement.view"),
    )
    always, first, second = result.clauses
    assert (first.before, first.after) == (1, 2)
    assert (second.before, second.after) == (0, 1)
    assert (always.before, always.after) == (0, 0)


def test_the_text_says_so(judged):
    text = judged(event("2019-12-31"), event("2020-01-01", actor="x"), event("2020-02-01"))
    from tosrules.reports import Options
    from tosrules.reports.text import render

    said = " ".join(render(text, Options()).split())
    assert "1 event before its first version was in force was not judged" in said
    assert "1 event after this version was in force was not judged" in said


def test_what_names_nobody_stands_beside_the_clauses_that_ask(tmp_path):
    rules = tmp_path / "house.tos"
    rules.write_text(
        """pack house "House rules" version "1" language 1
        source terms { title "Terms" version "1" }
        status barred { begins on notice.received for target }
        signal reading = more than 2 profile.read per actor within 1 hour where barred(actor)
        clause asks "A" { cite terms severity low forbid profile.search where barred(actor) }
        clause by-signal "B" { cite terms severity low forbid reading }
        clause other "C" { cite terms severity low forbid profile.search where purpose = "x" }
        """,
        encoding="utf-8",
    )
    result = tosrules.check(
        [event("2020-01-01", "notice.received"), event("2020-01-02", actor="svc", purpose="y")],
        str(rules),
    )
    named = {c.id: [(k.name, k.events) for k in c.keyless] for c in result.clauses}
    assert named == {
        "house/asks": [("house/barred", 1)],
        "house/by-signal": [("house/barred", 1)],
        "house/other": [],
    }
    assert "1 beginning or end of `barred` names nobody" in " ".join(result.to_text().split())
