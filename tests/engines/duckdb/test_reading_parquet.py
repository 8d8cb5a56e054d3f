"""Parquet at speed: the same trace, or the same errors, as from the strict reader."""

import random

import duckdb
import pytest

from tests.engines.duckdb.test_reading_jsonl import SCAN, VOCABULARY, outcome, same
from tosrules.engines.duckdb import read
from tosrules.engines.duckdb.combine import Combined
from tosrules.engines.duckdb.session import Session
from tosrules.trace.problems import TraceError
from tosrules.trace.read import read_traces

__all__ = ["same"]

COLUMNS = {
    "id": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "type": "VARCHAR",
    "actor": "VARCHAR",
    "client.attested": "BOOLEAN",
    "source.ip": "VARCHAR",
    "items": "DECIMAL(18,3)",
    "wait": "INTEGER",
    "tags": "VARCHAR[]",
    "target": "VARCHAR",
    "until": "VARCHAR",
    "password": "VARCHAR",
    "acter": "VARCHAR",
}
OTHER = {
    "time": ["VARCHAR"],
    "items": ["BIGINT", "DOUBLE", "DECIMAL(38,10)", "UTINYINT", "HUGEINT", "FLOAT"],
    "wait": ["VARCHAR", "DOUBLE", "DECIMAL(9,2)"],
    "until": ["TIMESTAMPTZ"],
    "acter": ["BIGINT", "DOUBLE[]", "STRUCT(a INTEGER, b VARCHAR)", "DATE", "BLOB"],
    "client.attested": ["VARCHAR"],
    "actor": ["ENUM('p-0', 'p-1', 'p-2', '')"],
}
STRANGE = {
    "time": ["'1066-10-14 00:00:00Z'", "'2020-02-29T00:00:00.123456Z'", "'2020-02-01 00:00:00+05'"],
    "source.ip": ["'2001:DB8::1'", "'::ffff:10.0.0.1'"],
    "items": ["0.001", "-99999999999999.5", "123456789.25", "0.1::DOUBLE", "0"],
    "wait": ["1000000000", "-5", "1.5"],
    "until": ["'2020-02-29 00:00:00.5+05:30'"],
    "tags": ["[]", "['a', '']"],
    "target": ["'é'"],
    "type": ["'odd \"type\"'", "'read.more'"],
}
WRONG = {
    "id": ["NULL", "''", "'e1'"],
    "type": ["NULL", "''"],
    "time": ["NULL", "'infinity'", "'20000-01-01 00:00:00Z'"],
    "actor": ["''"],
    "source.ip": ["'10.0.0.256'", "'10.0.0.1\n'"],
    "items": ["1000000000000000000", "0.0000001", "'NaN'::DOUBLE", "1e20"],
    "wait": ["-2147483648"],
    "tags": ["['a', NULL]"],
    "until": ["'2020-01-01T00:00:00'", "'x'"],
    "password": ["'p'"],
}


def write(path, chance, count, columns, strange=0.0, wrong=0.0, first=0):
    """A file of events; DuckDB leaves out what a column cannot hold."""
    rows = []
    for number in range(first, first + count):
        minute, second = divmod(number // 2, 60)
        kind = chance.choice(["read", "read", "send", "bare", "sned"])
        row = {
            "id": f"'e{number}'",
            "time": f"'2020-01-01T{minute // 60:02}:{minute % 60:02}:{second:02}Z'",
            "type": f"'{kind}'",
            "actor": f"'p-{chance.randrange(3)}'",
        }
        if kind == "read":
            row |= {"items": str(chance.randrange(200)), "wait": "3"}
            row |= {"tags": chance.choice(["NULL", "['a']", "['a,b', 'é']"])}
        if kind in ("read", "send"):
            row["target"] = f"'t-{chance.randrange(9)}'"
        if kind == "send" and chance.random() < 0.5:
            row |= {"until": "'2020-02-28T10:00:00.123456+02:00'", "password": "'hunter2'"}
        row["client.attested"] = chance.choice(["NULL", "true", "false"])
        row["source.ip"] = chance.choice(["NULL", f"'10.0.0.{chance.randrange(256)}'"])
        for share, odd in ((strange, STRANGE), (wrong, WRONG)):
            if chance.random() < share:
                name = chance.choice(sorted(odd))
                row[name] = chance.choice(odd[name])
        rows.append(row)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        own = ", ".join(f'"{name}" {of}' for name, of in columns.items())
        connection.execute(f"CREATE TABLE made ({own})")
        for start in range(0, len(rows), 500):
            values = ", ".join(
                "(" + ", ".join(_cast(row.get(n), of) for n, of in columns.items()) + ")"
                for row in rows[start : start + 500]
            )
            connection.execute(f"INSERT INTO made VALUES {values}")
        connection.table("made").write_parquet(str(path), row_group_size=2048)


def _cast(value, of):
    if value is None:
        return "NULL"
    given = value if "[" in value or "::" in value else f"({value})::VARCHAR"
    return f"TRY_CAST({given} AS {of})"


def other(chance, often):
    return {
        name: chance.choice(OTHER[name]) if name in OTHER and chance.random() < often else of
        for name, of in COLUMNS.items()
    }


@pytest.mark.parametrize("seed", range(10))
def test_the_same_as_from_the_strict_reader(seed, same, tmp_path):
    chance = random.Random(seed)
    path = tmp_path / "t.parquet"
    write(path, chance, 3000, COLUMNS, [0, 0.01, 0.1][seed % 3])
    assert same([str(path)]) is Combined


@pytest.mark.parametrize("seed", range(16))
def test_columns_of_other_types(seed, same, tmp_path):
    chance = random.Random(50 + seed)
    path = tmp_path / "t.parquet"
    write(path, chance, 800, other(chance, 0.4), 0.02, [0, 0.01][seed % 2])
    same([str(path)])
    same([str(path)], skip_invalid=True)


@pytest.mark.parametrize("seed", range(6))
def test_the_same_errors(seed, same, tmp_path):
    chance = random.Random(100 + seed)
    path = tmp_path / "t.parquet"
    write(path, chance, 800, COLUMNS, 0.02, [0.003, 0.1][seed % 2])
    same([str(path)])
    same([str(path)], skip_invalid=True)
    same([str(path)], zone="Europe/Madrid", skip_invalid=True)


def test_several_files_have_one_order(same, tmp_path):
    chance = random.Random(1)
    for number, name in enumerate("bac"):
        write(tmp_path / f"{name}.parquet", chance, 700, COLUMNS, 0.02, 0, number * 600)
    write(tmp_path / "d.parquet", random.Random(1), 50, COLUMNS)
    same([str(tmp_path)])


@pytest.mark.parametrize("name", ["a*b", "a[1]b", "a?b", "a\\b", "a{1,2}b", "it's"])
def test_a_path_is_no_pattern(name, same, tmp_path):
    write(tmp_path / "axb.parquet", random.Random(1), 5, COLUMNS)
    path = tmp_path / f"{name}.parquet"
    write(tmp_path / "w.parquet", random.Random(2), 40, COLUMNS)
    (tmp_path / "w.parquet").rename(path)
    assert same([str(path)]) is Combined
    assert len(read_traces([str(path)], VOCABULARY).events) == 40


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS x",
        "SELECT 'a' AS id, 'read' AS type",
        "SELECT 'a' AS id, 'read' AS type, TIMESTAMP '2020-01-01' AS time",
        "SELECT 1 AS id, 'read' AS type, TIMESTAMPTZ '2020-01-01 00:00Z' AS time",
        "SELECT 'a' AS id, 'read' AS type, TIMESTAMPTZ '2020-01-01 00:00Z' AS time, "
        "{'ip': '10.0.0.1', 'x': 1} AS source, {'attested': NULL} AS client",
        "SELECT 'a' AS id, 'read' AS type, TIMESTAMPTZ '2020-01-01 00:00Z' AS time, "
        "{'ip': '10.0.0.1'} AS source, '10.0.0.2' AS \"source.ip\"",
        "SELECT 'a' AS id, 'read' AS type, TIMESTAMPTZ '2020-01-01 00:00Z' AS time, "
        "{'b': 1} AS actor",
        "SELECT 'a' AS id, 'read' AS type, TIMESTAMPTZ '2020-01-01 00:00Z' AS time WHERE false",
    ],
)
def test_odd_files(query, same, tmp_path):
    path = tmp_path / "t.parquet"
    duckdb.sql(query).write_parquet(str(path))
    same([str(path)])
    same([str(path)], zone="Europe/Madrid")


def test_a_damaged_file(same, tmp_path):
    path = tmp_path / "t.parquet"
    write(path, random.Random(1), 3000, COLUMNS)
    data = bytearray(path.read_bytes())
    data[100:400] = bytes(300)
    path.write_bytes(data)
    same([str(path)])


def test_what_repeats_with_another_content(same, tmp_path):
    path = tmp_path / "t.parquet"
    write(path, random.Random(1), 3000, COLUMNS)
    write(tmp_path / "u.parquet", random.Random(2), 3, COLUMNS)
    same([str(tmp_path)])


def test_outcomes_are_not_always_errors(tmp_path):
    path = tmp_path / "t.parquet"
    write(path, random.Random(1), 20, COLUMNS)
    from tosrules.engines.duckdb.memory import load_events

    made, _ = outcome(
        lambda s: load_events(s, read_traces([str(path)], VOCABULARY), SCAN, VOCABULARY), b"k"
    )
    assert len(made[2]) == 20


def many(path, identifier):
    """A file of several row groups, of events in order."""
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {identifier} AS id, make_timestamptz({10**15} + i // 3 * 500000) AS "
            "time, CASE i % 3 WHEN 0 THEN 'read' WHEN 1 THEN 'send' ELSE 'bare' END AS type, "
            "'p-' || i % 1000 AS actor, '10.0.' || i % 256 || '.' || i % 7 AS \"source.ip\", "
            "CASE WHEN i % 3 = 0 THEN i % 50 END AS items, CASE WHEN i % 3 < 2 THEN "
            "'t-' || i % 99 END AS target FROM range(300000) r(i)) TO "
            f"'{path}' (FORMAT parquet, ROW_GROUP_SIZE 30720)"
        )


@pytest.mark.parametrize(
    "identifier",
    ["'e' || lpad(i::VARCHAR, 9, '0')", "md5(i::VARCHAR)", "'e' || greatest(i, 7)"],
    ids=["counted", "at random", "some repeat"],
)
def test_many_row_groups_keep_their_order(identifier, tmp_path):
    path = tmp_path / "t.parquet"
    many(path, identifier)
    with Session(threads=2) as session:
        if "greatest" in identifier:
            with pytest.raises(TraceError, match="e7"):
                read.read_columns(session, [str(path)], VOCABULARY, SCAN)
            return
        trace = read.read_columns(session, [str(path)], VOCABULARY, SCAN)
        assert isinstance(trace.places, Combined)
        assert trace.count == 300000
        assert trace.duplicates == trace.moved == 0
        assert trace.missing_required == {("send", "until"): 100000}
        positions = [0, 30719, 30720, 122880, 245761, 299999]
        events = trace.fetch(positions)
        assert [events[p].origin.index for p in positions] == positions
        assert [events[p].time for p in positions] == [10**15 + p // 3 * 500000 for p in positions]
        rows = session.connection.execute(
            "SELECT count(*), count(*) FILTER (t <> 1000000000000000 + pos // 3 * 500000), "
            "count(*) FILTER (\"c actor\" <> 'p-' || pos % 1000) FROM ev"
        ).fetchone()
        assert rows == (300000, 0, 0)
        other = tmp_path / "other.parquet"
        other.write_bytes(path.read_bytes())
        with pytest.raises(duckdb.PermissionException):
            session.connection.execute(f"SELECT id FROM '{other}'")
