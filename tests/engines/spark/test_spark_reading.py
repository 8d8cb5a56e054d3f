"""What Spark reads is what the strict readers read, and what is wrong is told as they tell it."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import tosrules
from tosrules.engines.spark.read import read_columns, read_frame
from tosrules.engines.spark.sources import PLACE
from tosrules.engines.spark.standing import look, one_after_another
from tosrules.engines.spark.whole import Changed
from tosrules.language.load import load
from tosrules.plan.planner import needed_columns
from tosrules.policy.model import Policy
from tosrules.result.encode import to_json
from tosrules.result.schema import read_result
from tosrules.trace.problems import TraceError
from tosrules.trace.read import read_traces

RULES = """pack house "House rules" version "2"
source terms { title "House Terms" version "2020-01-01" }
clause no-burst "No bursts of likes" {
  cite terms
  severity medium
  forbid more than 2 engagement.like per actor within 1 hour where automated = true
}
clause no-secrets "No password twice" {
  cite terms
  severity low
  forbid credential.submit as a then credential.submit as b within 1 hour
    where b.password = a.password
}
"""
START = datetime(2020, 6, 1, tzinfo=UTC)
FIELDS = (
    "count", "observed", "observed_stated", "title", "notes", "moved", "duplicates",
    "outside", "unknown_types", "missing_required", "stretches", "files", "skipped",
)  # fmt: skip


@pytest.fixture(scope="module")
def policy(tmp_path_factory) -> Policy:
    file = tmp_path_factory.mktemp("rules") / "house.tos"
    file.write_text(RULES)
    loaded = load([str(file)], shipped_tests=False).policy
    assert loaded is not None
    return loaded


def records(number: int = 12) -> list[dict[str, Any]]:
    """Likes and passwords, one out of order, one told twice, one with a value nobody can doubt
    only by looking."""
    made: list[dict[str, Any]] = []
    for n in range(number):
        secret = n % 4 == 3
        made.append(
            {
                "id": f"e{n}",
                "time": (START + timedelta(minutes=n)).isoformat().replace("+00:00", "Z"),
                "type": "credential.submit" if secret else "engagement.like",
                "actor": f"p-{n % 2}",
                "target": f"a-{n}",
                **({"password": "x"} if secret else {"automated": n % 3 > 0}),
            }
        )
    made[5], made[6] = made[6], made[5]
    return [*made, dict(made[2])]


def agree(ours: Any, theirs: Any) -> None:
    for name in FIELDS:
        assert getattr(ours, name) == getattr(theirs, name), name
    wanted = range(theirs.count)
    found = ours.fetch(wanted)
    for place in wanted:
        one, other = found[place], theirs.events[place]
        assert (one.id, one.time, one.type, one.attributes, one.time_text, one.origin) == (
            other.id, other.time, other.type, other.attributes, other.time_text, other.origin
        )  # fmt: skip


def test_lines_are_read_as_the_strict_reader_does(session, policy, tmp_path) -> None:
    head = '{"trace": "tosrules-trace/1", "title": "T"}\n'
    text = head + "".join(json.dumps(r) + "\n" for r in records())
    text += '{"id": "n", "time": "2020-06-01T02:00:00.123456789Z", "type": "new.type", "x": 1e3}\n'
    file = tmp_path / "a [b] é.jsonl"
    file.write_text(text, encoding="utf-8")
    scan = needed_columns(policy, policy.judged())
    theirs = read_traces([str(file)], policy.vocabulary)
    ours = read_columns(session, [str(file)], policy.vocabulary, scan, small=0)
    assert theirs.moved == 2
    assert theirs.duplicates == 1
    agree(ours, theirs)
    rows = session.sql("SELECT pos, type, `password|text` AS p FROM ev ORDER BY pos").collect()
    assert [r.pos for r in rows] == [e.position for e in theirs.events if e.type in scan.types]
    assert {r.p for r in rows} == {None, session.hashed("x")}


def test_parquet_is_read_as_the_strict_reader_does(session, policy, tmp_path) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_text("".join(json.dumps(r) + "\n" for r in records()))
    files = [str(tmp_path / "one.parquet"), str(tmp_path / "two.parquet")]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = "id, time::TIMESTAMPTZ AS time, type, actor, target, password, automated, "
        columns += "{'ip': '192.0.2.' || target[3:]} AS source"
        for file, where in zip(files, ("rn <= 6", "rn > 6"), strict=True):
            rows = f"SELECT *, row_number() OVER () AS rn FROM '{lines}'"
            chosen = f"SELECT {columns} FROM ({rows}) WHERE {where}"
            connection.execute(f"COPY ({chosen}) TO '{file}'")
    scan = needed_columns(policy, policy.judged())
    period = (0, 2 * 10**15)
    theirs = read_traces(files, policy.vocabulary, observed=period)
    given: dict[str, Any] = {"observed": period, "small": 0}
    agree(read_columns(session, files, policy.vocabulary, scan, **given), theirs)


def test_files_that_stand_in_order_are_not_moved(session, policy, tmp_path) -> None:
    files = [str(tmp_path / "one.parquet"), str(tmp_path / "two.parquet")]
    rows = sorted(records()[:-1], key=lambda record: record["time"])
    notice = {"time": "2020-06-01T02:00:00Z", "type": "notice.received", "target": "a-1"}
    rows += [{"id": "n0", **notice, "kind": "warning"}, {"id": "n1", **notice}]
    lines = tmp_path / "a.jsonl"
    lines.write_text("".join(json.dumps(r) + "\n" for r in rows))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = "id, time::TIMESTAMPTZ AS time, type, actor, target, password, automated, kind"
        for file, limit in zip(files, ("LIMIT 7", "OFFSET 7"), strict=True):
            connection.execute(f"COPY (SELECT {columns} FROM '{lines}' {limit}) TO '{file}'")
    scan = needed_columns(policy, policy.judged())
    period = (0, 2 * 10**15)
    theirs = read_traces(files, policy.vocabulary, observed=period)
    given: dict[str, Any] = {"observed": period, "small": 0}
    ours = read_columns(session, files, policy.vocabulary, scan, **given)
    agree(ours, theirs)
    assert ours.missing_required == {("notice.received", "kind"): 1}
    assert ours.places.in_place
    ours.unchanged()
    os.utime(files[1], ns=(0, 0))
    with pytest.raises(Changed, match=r"two\.parquet has changed while it was judged"):
        ours.unchanged()


@pytest.mark.parametrize(
    ("why", "parts"),
    [
        ("a row stands after a later one", [(0, 0, 0, 9, 10, 5, 8, 1)]),
        ("rows are missing", [(0, 0, 0, 9, 9, 5, 8, 0)]),
        ("the file's beginning is missing", [(0, 0, 1, 9, 9, 5, 8, 0)]),
        ("two parts overlap", [(0, 0, 0, 9, 10, 5, 8, 0), (0, 1, 10, 19, 10, 7, 9, 0)]),
        ("two files overlap", [(0, 0, 0, 9, 10, 5, 8, 0), (1, 1, 0, 9, 10, 7, 9, 0)]),
    ],
)
def test_rows_that_have_to_be_put_in_order(why: str, parts: list[tuple[int, ...]]) -> None:
    assert one_after_another(parts) is None, why


@pytest.mark.parametrize(
    ("ids", "known"),
    [
        (("a", "b", "c", "d"), True),
        (("a", "b", "b", "d"), False),
        (("b", "c", "a", "d"), False),
        (("a", "ä", "é", "\U00010000"), True),
        (("\U00010000", "\uffff", "a", "b"), False),
    ],
)
def test_ids_that_ascend_stand_once(session, ids: tuple[str, ...], known: bool) -> None:
    found = look(seen(session, [(place, place, id) for place, id in enumerate(ids)]))
    assert found.types == {"odd", "even"}
    assert found.order is not None
    assert found.order.unique == known


def test_pieces_of_a_file_that_are_read_in_another_order_are_put_in_order(session) -> None:
    rows = [(10, 5, "a"), (11, 6, "b"), (0, 7, "c"), (1, 8, "d")]
    assert look(seen(session, [*rows, *((n, 9, f"e{n}") for n in range(2, 10))])).order is None


def seen(session: Any, rows: list[tuple[int, int, str]], parts: int = 1) -> Any:
    """Row, time and id of the events of a file, as some tasks read them."""
    made = [(0, row, t, id, "odd" if row % 2 else "even") for row, t, id in rows]
    schema = f"{PLACE[0]} INT, {PLACE[1]} BIGINT, t BIGINT, own STRING, type STRING"
    given = session.spark.sparkContext.parallelize(made, parts)
    return session.spark.createDataFrame(given, schema)


@pytest.mark.parametrize(
    ("ids", "known"),
    [
        ("abcdefgh", True),
        ("abcddefg", False),  # the same at the end of one part and the beginning of the next
        ("abxdefgh", False),
        ("efghabcd", False),
    ],
)
def test_ids_that_ascend_from_part_to_part(session, ids: str, known: bool) -> None:
    rows = [(place, place, id) for place, id in enumerate(ids)]
    found = look(seen(session, rows, parts=2))
    assert found.order is not None
    assert found.order.unique == known


def test_what_is_wrong_is_told_with_its_line(session, policy, tmp_path) -> None:
    bad = [
        '{"id": "b", "time": "2020-06-01T00:00:00", "type": "engagement.like"}',
        '{"id": "c", "time": "2020-06-01T00:00:00Z", "type": "engagement.like", "automated": 1}',
        '{"id": "d", "time": "2020-06-01T00:00:00Z", "type": "engagement.like"',
        '{"id": "e", "id": "e", "time": "2020-06-01T00:00:00Z", "type": "engagement.like"}',
    ]
    file = tmp_path / "bad.jsonl"
    lines = [json.dumps(records()[0]), *bad, json.dumps(records()[1])]
    broken = json.dumps({**records()[2], "actor": "?"}).encode().replace(b"?", b"\xff")
    cut = json.dumps(records()[3]).encode()[:-4]
    file.write_bytes("\n".join(lines).encode() + b"\n" + broken + b"\n" + cut)
    scan = needed_columns(policy, policy.judged())
    with pytest.raises(TraceError) as strict:
        read_traces([str(file)], policy.vocabulary)
    with pytest.raises(TraceError) as found:
        read_columns(session, [str(file)], policy.vocabulary, scan, small=0)
    assert found.value.problems == strict.value.problems
    assert len(found.value.problems) == 6
    skipping = read_columns(
        session, [str(file)], policy.vocabulary, scan, small=0, skip_invalid=True
    )
    assert skipping.count == 2
    assert [p.line for p in skipping.skipped] == [2, 3, 4, 5, 7, 8]


def frame(spark: Any, rows: list[tuple[Any, ...]]) -> Any:
    schema = (
        "event STRING, at TIMESTAMP, what STRING, who STRING, n BIGINT, more STRUCT<target: "
        "STRING, automated: BOOLEAN>"
    )
    return spark.createDataFrame(rows, schema)


COLUMNS = {"id": "event", "time": "at", "type": "what", "actor": "who", "*": "more"}


def likes(number: int, minutes: int = 1) -> list[tuple[Any, ...]]:
    return [
        (f"e{n}", START + timedelta(minutes=n * minutes), "engagement.like", "bot", n, ("a", True))
        for n in range(number)
    ]


LINES = "".join(json.dumps(r) + "\n" for r in records()).encode()
ODD = {
    "a name that Spark passes over": ("_events.jsonl", LINES),
    "another": (".events.jsonl", LINES),
    "a name that it takes for a scheme": ("a:b.jsonl", LINES),
    "packed, and not named so": ("events.jsonl", gzip.compress(LINES)),
    "named as if it were packed": ("events.jsonl.gz", LINES),
    "named as Spark alone packs": ("events.jsonl.bz2", LINES),
    "packed, with zeros behind": ("events.jsonl.gz", gzip.compress(LINES) + bytes(512)),
    "packed, and cut off": ("events.jsonl.gz", gzip.compress(LINES)[:-20]),
    "empty": ("events.jsonl", b""),
    "UTF-16": ("events.jsonl", LINES.decode().encode("utf-16")),
    "no Parquet": ("events.parquet", LINES),
    "Parquet of no length": ("events.parquet", b""),
}


@pytest.mark.parametrize("why", ODD)
def test_files_that_spark_reads_otherwise_are_read_as_ever(
    why: str, session, policy, tmp_path
) -> None:
    name, content = ODD[why]
    file = tmp_path / name
    file.write_bytes(content)
    as_the_strict_reader_does(session, policy, file)


def read_strictly(policy, file: Path, zone: str | None) -> Any:
    """The trace, or what is wrong with it."""
    try:
        return read_traces([str(file)], policy.vocabulary, zone=zone)
    except TraceError as error:
        return error.problems


def as_the_strict_reader_does(session, policy, file: Path, zone: str | None = None) -> None:
    scan = needed_columns(policy, policy.judged())
    theirs = read_strictly(policy, file, zone)
    if isinstance(theirs, list | tuple):
        with pytest.raises(TraceError) as told:
            read_columns(session, [str(file)], policy.vocabulary, scan, zone=zone, small=0)
        assert list(told.value.problems) == list(theirs)
    else:
        ours = read_columns(session, [str(file)], policy.vocabulary, scan, zone=zone, small=0)
        agree(ours, theirs)


def test_a_long_list_is_left_to_the_strict_reader(session, policy, tmp_path) -> None:
    """Java would go as deep for it as it has items, and end."""
    file = tmp_path / "events.jsonl"
    lists = [{**r, "labels": ["x"] * (5_000 if n == 7 else 2)} for n, r in enumerate(records())]
    file.write_text("".join(json.dumps(r) + "\n" for r in lists))
    as_the_strict_reader_does(session, policy, file)


def test_times_of_lines_without_an_offset_are_counted_once(session, policy, tmp_path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(LINES.replace(b'00:02:00Z"', b'00:02:00"'))
    as_the_strict_reader_does(session, policy, file, "UTC")


def test_an_expression_that_fails_is_told_without_the_value(session, policy) -> None:
    frame = session.sql("SELECT 'e1' AS id, 'profile.read' AS type, 'my secret' AS time")
    scan = needed_columns(policy, policy.judged())
    columns = {"time": "to_timestamp(time)"}
    with pytest.raises(TraceError) as told:
        read_frame(session, frame, policy.vocabulary, scan, columns=columns)
    (problem,) = told.value.problems
    assert "its rows cannot be read: `CAST_INVALID_INPUT`" in problem.message
    assert "secret" not in str(problem)


EVENT = "SELECT 'e' || i AS id, 'engagement.like' AS type, TIMESTAMP '2020-06-01' AS time"
PARQUET = {
    "times without an offset": (f"{EVENT} FROM range(9) r(i)", "UTC"),
    "in no zone": (f"{EVENT} FROM range(9) r(i)", None),
    "more digits than Spark compares": (
        f"{EVENT}, (i * 0.1)::DECIMAL(38, 38) AS items FROM range(9) r(i)",
        "UTC",
    ),
    "digits beyond those": (
        f"{EVENT}, ('0.' || repeat('0', 37) || '1')::DECIMAL(38, 38) AS items FROM range(9) r(i)",
        "UTC",
    ),
    "a column that no attribute is": (f"{EVENT}, MAP {{'a': i}} AS x FROM range(9) r(i)", "UTC"),
    "a column with the name of one of ours": (f"{EVENT}, i AS tos_place FROM range(9) r(i)", "UTC"),
    "a type that Spark does not read": (f"{EVENT}, TIME '12:00:00' AS x FROM range(9) r(i)", "UTC"),
}


@pytest.mark.parametrize("why", PARQUET)
def test_parquet_that_spark_reads_otherwise_is_read_as_ever(
    why: str, session, policy, tmp_path
) -> None:
    query, zone = PARQUET[why]
    file = tmp_path / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{file}'")
    as_the_strict_reader_does(session, policy, file, zone)


@pytest.mark.parametrize("zone", ["UTC", None])
def test_times_of_int96_name_no_offset(zone: str | None, spark, session, policy, tmp_path) -> None:
    """Spark writes them unless told otherwise, and takes them for instants."""
    folder = tmp_path / "events"
    made = spark.range(9).selectExpr(
        "concat('e', id) AS id", "'engagement.like' AS type", "current_timestamp() AS time"
    )
    made.coalesce(1).write.parquet(str(folder))
    (file,) = folder.glob("*.parquet")
    with duckdb.connect() as connection:
        asked = f"SELECT type FROM parquet_schema('{file}') WHERE name = 'time'"
        assert connection.execute(asked).fetchall() == [("INT96",)]
    as_the_strict_reader_does(session, policy, file, zone)


def test_a_damaged_page_is_told(session, policy, tmp_path) -> None:
    file = tmp_path / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({EVENT} FROM range(20000) r(i)) TO '{file}' (COMPRESSION zstd)")
    content = bytearray(file.read_bytes())
    content[200:400] = bytes(200)
    file.write_bytes(content)
    as_the_strict_reader_does(session, policy, file, "UTC")


def test_a_frame_is_judged_beside_the_session_that_made_it(spark, policy) -> None:
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        given = frame(spark, likes(4))
        result = tosrules.check(given, policy, columns=COLUMNS, select="no-burst")
        assert spark.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert result.violations == ("house/no-burst",)
    (finding,) = result.findings
    assert [e.event for e in finding.evidence] == ["e0", "e1", "e2", "e3"]
    (source,) = result.run.traces
    assert (source.sha256, source.format) == ("", "table")
    assert any(note.code == "note-table" for note in result.run.notes)
    assert read_result(to_json(result)).findings == result.findings
    assert spark.catalog.listTables("global_temp") == []


def test_of_a_table_what_orders_one_instant_is_said(session, policy) -> None:
    rows = likes(4, minutes=0)
    scan = needed_columns(policy, policy.judged())
    trace = read_frame(
        session, frame(session.spark, rows), policy.vocabulary, scan, columns=COLUMNS
    )
    assert [n.code for n in trace.notes] == ["note-table", "note-no-sequence"]
    assert trace.notes[1].text.startswith("4 events share their instant with another")
    backwards = {**COLUMNS, "sequence": "-n"}
    trace = read_frame(
        session, frame(session.spark, rows), policy.vocabulary, scan, columns=backwards
    )
    assert [n.code for n in trace.notes] == ["note-table"]
    assert [trace.fetch([p])[p].id for p in (0, 3)] == ["e3", "e0"]


def test_a_table_without_the_columns_says_which_and_the_mend(session, policy) -> None:
    scan = needed_columns(policy, policy.judged())
    with pytest.raises(TraceError) as found:
        read_frame(session, frame(session.spark, likes(1)), policy.vocabulary, scan)
    said = str(found.value)
    assert "no column `id` and no `time` and no `type`" in said
    assert "`event`, `at`, `what`" in said
    assert "--column id=… --column time=… --column type=…" in said
    with pytest.raises(TraceError, match="there is no table `no_such`"):
        read_columns(session, ["table:no_such"], policy.vocabulary, scan)
    with pytest.raises(TraceError, match="no file matches"):
        read_columns(
            session, ["nowhere/*.parquet", str(Path("/nowhere.parquet"))], policy.vocabulary, scan
        )
