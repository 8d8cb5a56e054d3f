"""CSV and Parquet, and what is compressed with zstd: the same events as from JSON Lines."""

import json
from fractions import Fraction

import duckdb
import pytest
from backports import zstd

from tosrules.trace.event import Origin
from tosrules.trace.parquet import no_columns

HEAD = "id,time,type,"
TIME = "2020-01-01T00:00:00Z"


def attributes(trace):
    return [dict(event.attributes) for event in trace.events]


# ---- CSV -----------------------------------------------------------------------------------


def row(id, more="", of="profile.read"):
    return f"{id},{TIME},{of},{more}"


def test_csv_cells_are_read_by_the_types_of_the_vocabulary(read):
    trace = read(
        HEAD + "actor,items,wait,tags,client.attested,source.ip,note\n"
        'e1,2020-01-01T00:00:00.5+02:00,profile.read,p-1,1.5,90,"[""a"",""b""]",TRUE,'
        '2001:DB8::1," a, ""b"" "\n'
        "e2,2020-01-02 00:00Z,profile.read,,,PT1M,,false,,5\n",
        "t.csv",
    )
    assert attributes(trace) == [
        {
            "actor": "p-1",
            "items": Fraction(3, 2),
            "wait": 90_000_000,
            "tags": ("a", "b"),
            "client.attested": True,
            "source.ip": "2001:db8::1",
            "note": ' a, "b" ',
        },
        {"wait": 60_000_000, "client.attested": False, "note": "5"},
    ]
    assert [event.time_text for event in trace.events] == [
        "2020-01-01T00:00:00.5+02:00",
        "2020-01-02 00:00Z",
    ]
    assert trace.files[0].format == "csv"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_lines(read, end):
    text = end.join(
        [HEAD + "note", row("e1", f'"two{end}lines"'), "", row("e2", "x"), row("e3", '""')]
    )
    trace = read("\ufeff" + text, "t.csv")
    assert [(e.id, e.origin) for e in trace.events] == [
        ("e1", Origin("t.csv", 2)),
        ("e2", Origin("t.csv", 5)),
        ("e3", Origin("t.csv", 6)),
    ]
    assert attributes(trace) == [{"note": f"two{end}lines"}, {"note": "x"}, {}]


BAD_CSV = {
    "few cells": (
        "note,x\n" + row("e1", "a"),
        "t.csv:2: error[trace-bad-csv]: the record has 4 cells, and the header 5\n"
        "  help: put a cell that holds a comma into quotation marks",
    ),
    "marks": (
        "note\n" + row("e1", '"a""b'),
        "t.csv:2: error[trace-truncated]: the file ends within a cell in quotation marks\n"
        "  help: get the whole file",
    ),
    "marks after the end of a cell": (
        "note\n" + row("e1", '"a"b"c"'),
        "t.csv:2: error[trace-bad-csv]: the quotation marks of the record are not as CSV has "
        "them\n  help: a cell with a comma or a mark stands in quotation marks, and a mark twice: "
        '`""`',
    ),
    "no number": (
        "items\n" + row("e1", "many"),
        "t.csv:2: error[trace-ill-typed]: `items` of `profile.read` must be a number, not text",
    ),
    "large": (
        "items\n" + row("e1", "1234567890123456789"),
        "t.csv:2: error[trace-number-too-large]: `items` of `profile.read` has more than 18 "
        "digits, and would not be held exactly\n  help: round it",
    ),
    "no list": (
        "tags\n" + row("e1", '"[a]"'),
        "t.csv:2: error[trace-bad-json]: `tags` of `profile.read` is not a list as JSON writes "
        'it\n  help: write it as `["a", "b"]`',
    ),
    "no id": (
        "note\n" + row("", "x"),
        "t.csv:2: error[trace-no-id]: the event has no `id`\n"
        "  help: every event has `id`, `time` and `type`",
    ),
    "secret": (
        "pin\n" + row("e1", "hunter2", "credential.submit"),
        "t.csv:2: error[trace-ill-typed]: `pin` of `credential.submit` must be a number, not text",
    ),
    "twice": (
        "note,note\n" + row("e1", "a,b"),
        "t.csv:1: error[trace-duplicate-key]: the column `note` stands twice in the header\n"
        "  help: remove one of the two",
    ),
    "nameless": (
        "\n" + row("e1", "a"),
        "t.csv:1: error[trace-no-header]: a column of the CSV file has no name",
    ),
}


@pytest.mark.parametrize("name", BAD_CSV)
def test_bad_csv(refused, name):
    content, message = BAD_CSV[name]
    assert refused(HEAD + content, "t.csv") == message


def test_csv_goes_on_past_what_is_skipped(read):
    trace = read(
        (HEAD + "items\n" + row("e1", "x") + "\n" + row("e2", "1") + "\n").encode() + b"\xff,,,\n",
        "t.csv",
        skip_invalid=True,
    )
    assert [event.id for event in trace.events] == ["e2"]
    assert [(p.code, p.line) for p in trace.skipped] == [
        ("trace-ill-typed", 2),
        ("trace-not-utf8", 4),
    ]


# ---- zstd ----------------------------------------------------------------------------------


def test_zstd(read, refused):
    text = (HEAD + "note\n" + row("e1") + "\n" + row("e2") + "\n").encode()
    packed = zstd.compress(text[:50]) + zstd.compress(text[50:])
    trace = read(packed, "t.csv.zst")
    assert [event.id for event in trace.events] == ["e1", "e2"]
    assert trace.files[0].bytes == len(packed)
    assert "the zstd file ends too early" in refused(packed[:-5])
    damaged = packed + b"junk"
    assert "error[trace-bad-zstd]: the zstd file is damaged" in refused(damaged)


# ---- Parquet -------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    """Writes the rows of a query; the bytes of the file."""

    def write(query):
        path = tmp_path / "made.parquet"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'America/New_York'")
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()

    return write


ROW = "'e1' AS id, TIMESTAMPTZ '2020-01-01 00:00:00.25+00' AS time, 'profile.read' AS type"


def test_parquet_values(read, parquet):
    trace = read(
        parquet(
            f"SELECT {ROW}, 'p-1' AS actor, 1.50::DECIMAL(9,2) AS items, INTERVAL 1 DAY AS odd, "
            "['a', 'b'] AS tags, {'attested': true} AS client, 90::UTINYINT AS wait, "
            "0.1::FLOAT AS f, 12345678.25::DOUBLE AS d, 123456789012345678::DECIMAL(18, 0) AS h, "
            "DATE '2020-01-02' AS day, NULL::VARCHAR AS nothing, "
            "TIMESTAMP_NS '2020-01-01 00:00:00.123456789' AS fine, [1.5, 2] AS sizes"
        ),
        "t.parquet",
    )
    (event,) = trace.events
    assert event.time_text == "2020-01-01T00:00:00.25Z"
    assert event.origin == Origin("t.parquet", None, 0)
    assert dict(event.attributes) == {
        "actor": "p-1",
        "items": Fraction(3, 2),
        "odd": "1 day",
        "tags": ("a", "b"),
        "client.attested": True,
        "wait": 90_000_000,
        "f": Fraction(1, 10),
        "d": Fraction(49382713, 4),
        "h": 123456789012345678,
        "day": "2020-01-02",
        "fine": "2020-01-01 00:00:00.123456789",
        "sizes": (Fraction(3, 2), 2),
    }
    assert trace.files[0].format == "parquet"


BAD_PARQUET = {
    "naive": (
        "SELECT 'e1' AS id, TIMESTAMP '2020-01-01' AS time, 'profile.read' AS type",
        "t.parquet[0]: error[trace-naive-time]: `time` has no offset from UTC: "
        "`2020-01-01T00:00:00`\n  help: write it with its offset, such as "
        "`2020-01-01T00:00:00Z` in UTC, or name the zone it was written in with --zone",
    ),
    "ill-typed": (
        f"SELECT {ROW}, 5 AS actor",
        "t.parquet[0]: error[trace-ill-typed]: `actor` of `profile.read` must be the identifier "
        'of a party as text, not a number\n  help: write `"5"`',
    ),
    "too fine": (
        f"SELECT {ROW}, 0.1234567::DOUBLE AS items",
        "t.parquet[0]: error[trace-number-too-fine]: `items` has more than 6 digits after the "
        "point, and would not be held exactly\n  help: round it",
    ),
    "no number": (
        f"SELECT {ROW}, 'nan'::DOUBLE AS items",
        "t.parquet[0]: error[trace-ill-typed]: `items` of `profile.read` must be a number, not "
        "text",
    ),
    "no id": (
        "SELECT 1 AS ID2, 2 AS time",
        "t.parquet: error[trace-no-header]: the Parquet file has no column `id` and no `type`\n"
        "  help: its columns are `id`, `time`, `type`, and attributes",
    ),
    "bytes": (
        f"SELECT {ROW}, 'x'::BLOB AS data",
        "t.parquet: error[trace-unknown-format]: the Parquet file has a column of the type "
        "`blob`, which no attribute has\n  help: leave the column out, or write it as text",
    ),
}


def test_a_column_in_the_name_of_a_folder_is_not_read():
    """As Spark writes tables that are divided by it."""
    told = no_columns(["type"], "events/type=profile.read/part-0.parquet")
    assert told.help.endswith(
        "what stands in the name of a folder is not read, so write it into the files too"
    )
    assert "folder" not in no_columns(["type"], "day=1/prototype=2.parquet").help


@pytest.mark.parametrize("name", BAD_PARQUET)
def test_bad_parquet(refused, parquet, name):
    query, message = BAD_PARQUET[name]
    assert refused(parquet(query), "t.parquet") == message


def test_parquet_that_is_damaged_or_a_stream(refused, parquet):
    good = parquet(f"SELECT {ROW}")
    assert "t.parquet: error[trace-bad-parquet]: the Parquet file is damaged" in refused(
        good[:-20], "t.parquet"
    )
    assert "a Parquet file is read from where it lies" in refused(zstd.compress(good), "t.zst")


def test_the_same_events_in_every_format(read, parquet):
    records = [
        {"id": f"e{n}", "time": f"2020-01-0{9 - n}T00:00:00Z", "type": "profile.read", "items": n}
        for n in range(1, 9)
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    table = "id,time,type,items\n" + "".join(
        f"{r['id']},{r['time']},{r['type']},{r['items']}\n" for r in records
    )
    values = ", ".join(
        f"('{r['id']}', '{r['time']}', '{r['type']}', {r['items']})" for r in records
    )
    made = parquet(f"SELECT * FROM (VALUES {values}) v(id, time, type, items)")
    traces = [read(lines), read(table, "t.csv"), read(made, "t.parquet")]
    seen = [[(e.id, e.time, e.type, dict(e.attributes)) for e in t.events] for t in traces]
    assert seen[0] == seen[1] == seen[2]
    assert [t.moved for t in traces] == [7, 7, 7]
