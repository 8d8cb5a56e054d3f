"""`tosrules compile`: what it prints, and what it says where a clause is no SQL."""

from __future__ import annotations

import duckdb

RULES = r"""pack house "House rules" version "2"
source terms { title "House Terms" version "2020-01-01" }
clause no-burst "No bursts of\nlikes" {
  cite terms section "3"
  severity medium
  forbid more than 3 engagement.like per actor within 1 hour where automated = true
}
clause delete "Delete on request" {
  cite terms section "4"
  severity low
  after notice.received as n require data.delete as d within 10 days where d.actor = n.actor
}
clause daily "A number each day" {
  cite terms section "5"
  severity low
  forbid more than 3 engagement.follow per actor each day in "Europe/Madrid"
}
"""


def test_what_is_printed_runs_over_the_table_it_describes(project, tosrules) -> None:
    (project / "own.tos").write_text(RULES)
    came = tosrules("compile", "own.tos", "--clause", "no-burst")
    assert (came.status, came.err) == (0, "")
    assert "-- house/no-burst" in came.out
    assert "own.tos:3\n" in came.out
    assert "own.tos:6\n" in came.out
    example = came.out[came.out.index("CREATE VIEW ev") : came.out.index("-- `tosrules check`")]
    view = "".join(line.removeprefix("--") for line in example.splitlines(True)).rstrip(" \n-")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE events AS SELECT 'e' || i AS id, 'f' AS file, i AS line, 'bot' AS actor,"
            " 'engagement.like' AS type, true AS automated,"
            " TIMESTAMPTZ '2020-06-01 00:00:00+00' + to_minutes(i) AS time FROM range(5) r(i)"
        )
        connection.execute(view)
        connection.execute(came.out)
        asked = "SELECT finding, match, pos, first_pos, subject, severity FROM no_burst_matches"
        found = connection.execute(asked).fetchall()
        assert found == [(1, 1, 3, 0, "bot", "medium"), (1, 2, 4, 0, "bot", "medium")]


def test_what_depends_on_the_observed_period_asks_for_it(project, tosrules) -> None:
    (project / "own.tos").write_text(RULES)
    came = tosrules("compile", "own.tos", "--clause", "delete")
    assert (came.status, came.out) == (2, "")
    assert "`house/delete` cannot be SQL alone: it needs to know when the events were" in came.err
    assert "--observed FROM/TO" in came.err
    came = tosrules("compile", "own.tos")
    assert came.status == 0
    assert came.err.count("note: ") == 2
    assert came.out.count("-- not here: ") == 2
    came = tosrules("compile", "own.tos", "--observed", "2020-01-01/2020-02-01")
    assert (came.status, came.err) == (0, "")
    assert "-- not here" not in came.out


def test_misuse_is_told(project, tosrules) -> None:
    (project / "own.tos").write_text(RULES)
    assert "no rules are named" in tosrules("compile").err
    backwards = tosrules("compile", "own.tos", "--observed", "2020-03-01/2020-02-01")
    assert (backwards.status, backwards.out) == (2, "")
    assert "ends before it begins" in backwards.err
    assert tosrules("compile", "own.tos", "--clause", "nothing").status == 2
    assert tosrules("compile", "own.tos", "-o", "no/where.sql").status == 2
