"""JSON Lines and Parquet: rows for analysis."""

from __future__ import annotations

import json

import duckdb
import pytest

from tests.reports.samples import HOSTILE, accepted, hostile, whole
from tosrules.record import replace
from tosrules.reports import Options, rendered
from tosrules.reports.parquet import COLUMNS


def lines_of(result):
    data = rendered("jsonl", result, Options())
    return [json.loads(line) for line in data.decode("utf-8").splitlines()]


def rows_of(result, tmp_path, query="SELECT finding FROM report"):
    file = tmp_path / "report.parquet"
    file.write_bytes(rendered("parquet", result, Options()))
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE VIEW report AS SELECT * FROM '{file}'")
        return connection.execute(query).fetchall()


def test_a_line_for_each_match():
    lines = lines_of(whole())
    assert len(lines) == sum(f.matches for f in whole().findings) == 11
    assert {tuple(line) for line in lines} == {tuple(lines[0])}, "every line has the same names"
    burst = next(line for line in lines if line["clause"] == "house/no-burst")
    assert burst["match"] == "tosrules-match/1"
    assert (burst["first"], burst["completing"]) == ("e10", "e13")
    assert burst["time"] == "2020-05-01T10:03:00Z"
    assert burst["source"] == {"file": "trace.json", "line": 18, "index": 13}
    assert burst["subject"] == {"account": "a-1"}
    assert burst["computed"] == [{"text": "count", "value": 4, "type": "number"}]
    assert burst["citations"] == [
        {"source": "house/terms", "version": "2020-01-01", "section": "Fair use"}
    ]
    replay = next(line for line in lines if line["form"] == "sequence")
    assert replay["chain"] == ["e20", "e21"]
    assert replay["subject"] is None


def test_a_line_says_how_many_matches_there_are():
    first = whole().findings[0]
    cut = replace(first, matches=9, occurrences=first.occurrences[:2])
    lines = lines_of(replace(whole(), findings=(cut,)))
    assert [(line["matches"], line["shown"]) for line in lines] == [(9, 2), (9, 2)]


def test_accepted_lines_say_so():
    assert sum(line["accepted"] for line in lines_of(accepted())) == whole().findings[0].matches


def test_a_row_for_each_event_of_evidence(tmp_path):
    described = rows_of(whole(), tmp_path, "DESCRIBE report")
    kinds = {
        name: of.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") for name, of, *_ in described
    }
    assert kinds == COLUMNS
    count = sum(len(f.evidence) + len(f.context) for f in whole().findings)
    assert rows_of(whole(), tmp_path, "SELECT count(*) FROM report") == [(count,)]
    (row,) = rows_of(
        whole(),
        tmp_path,
        "SELECT clause, subject, context, role, type, time::VARCHAR, file, line, "
        "attributes->>'$.automated' FROM report WHERE event = 'e3'",
    )
    assert row == (
        "house/no-access",
        "mass",
        False,
        "violates",
        "profile.read",
        "2020-04-04 02:11:01+00",
        "trace.json",
        8,
        "true",
    )


def test_no_finding_is_a_table_without_rows(tmp_path):
    empty = replace(whole(), findings=())
    assert rendered("jsonl", empty, Options()) == b""
    assert rows_of(empty, tmp_path) == []
    assert len(rows_of(empty, tmp_path, "DESCRIBE report")) == len(COLUMNS)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text, tmp_path):
    wanted = "".join(c if not "\ud800" <= c <= "\udfff" else f"\\u{ord(c):04x}" for c in text)
    lines = lines_of(hostile(text))
    assert len(lines) == 11
    assert lines[0]["first"] == wanted
    assert lines[0]["subject"] == {"actor": wanted}
    rows = rows_of(hostile(text), tmp_path, "SELECT subject, event, attributes FROM report")
    assert len(rows) == sum(len(f.evidence) + len(f.context) for f in whole().findings)
    assert {row[1] for row in rows} == {wanted}
    assert any(wanted in json.loads(row[2]).values() for row in rows)
