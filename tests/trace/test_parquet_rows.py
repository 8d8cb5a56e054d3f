"""A row of a Parquet file is taken at once where nothing in it can be wrong; what comes of it is
what comes of a row that is read name by name."""

from datetime import UTC

import duckdb
import pytest

from tosrules.trace.parquet import Rows
from tosrules.trace.reading import Reading
from tosrules.trace.values import Typing
from tosrules.vocabulary import (
    ADDRESS,
    BOOLEAN,
    DURATION,
    NUMBER,
    TEXT,
    TIME,
    Attribute,
    EventType,
    Type,
    Vocabulary,
    reference,
)

DECLARED = {
    "note": TEXT,
    "size": NUMBER,
    "good": BOOLEAN,
    "since": TIME,
    "lasts": DURATION,
    "ip": ADDRESS,
    "who": reference("party"),
    "tags": Type("list", of=TEXT),
}
VALUES = {
    "VARCHAR": (
        "'a'", "''", "'12'", "'1.2.3.4'", "'::ffff:1.2.3.4'", "'2020-01-01T00:00:00Z'", "'P1D'",
    ),
    "BOOLEAN": ("true", "false"),
    "BIGINT": ("12", "999999999999999999", "1000000000000000000", "-1"),
    "HUGEINT": ("12", "1000000000000000000"),
    "DOUBLE": ("0.5", "1e300", "'NaN'", "'-inf'", "0.0000001"),
    "DECIMAL(20,7)": ("1.5", "0.0000001"),
    "TIMESTAMPTZ": ("'2020-01-01 00:00:00.5+00'", "'infinity'", "'10000-01-01 00:00:00+00'"),
    "TIMESTAMP": ("'2020-01-01 00:00:00'", "'-infinity'"),
    "DATE": ("'2020-01-01'",),
    "VARCHAR[]": ("['a', 'b']", "[]", "['a', NULL]"),
    "BIGINT[]": ("[1, 2]",),
    "STRUCT(a VARCHAR)[]": ("[{'a': 'x'}]",),
}  # fmt: skip
HEADS = (
    ("'e'", "TIMESTAMPTZ '2020-01-01 00:00:00.25+00'", "'made.up'"),
    ("'e'", "TIMESTAMPTZ '10000-01-01 00:00:00+00'", "'made.up'"),
    ("'e'", "TIMESTAMPTZ 'infinity'", "'made.up'"),
    ("'e'", "TIMESTAMP '2020-01-01 00:00:00.25'", "'made.up'"),
    ("'e'", "'2020-01-01T02:00:00.123456789+02:00'", "'made.up'"),
    ("'e'", "'2020-01-01'", "'other'"),
    ("''", "TIMESTAMPTZ '2020-01-01 00:00:00+00'", "'made.up'"),
    ("NULL::VARCHAR", "TIMESTAMPTZ '2020-01-01 00:00:00+00'", "'made.up'"),
    ("'e'", "NULL::TIMESTAMPTZ", "'made.up'"),
    ("'e'", "TIMESTAMPTZ '2020-01-01 00:00:00+00'", "''"),
    ("12", "TIMESTAMPTZ '2020-01-01 00:00:00+00'", "'made.up'"),
    ("'e'", "TIMESTAMPTZ '2020-01-01 00:00:00+00'", "NULL::VARCHAR"),
)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


def of_rows(connection, path, flat, zone):
    attributes = {name: Attribute(name, of) for name, of in DECLARED.items()}
    vocabulary = Vocabulary({"made.up": EventType("made.up", "made up", attributes)}, {})
    reading = Reading("t.parquet", Typing(vocabulary, zone), 2**20)
    rows = Rows(connection, str(path), reading)
    if not flat:
        rows._flat = False
    for row in rows.asked():
        rows.take(row)
    told = [(p.code, p.message, p.help, p.index) for p in reading.problems]
    return [tuple(record) for record in reading.records], told, reading.typing.naive


@pytest.fixture
def both(connection, tmp_path):
    def ask(query, zone=None):
        path = tmp_path / "t.parquet"
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        at_once = of_rows(connection, path, True, zone)
        assert at_once == of_rows(connection, path, False, zone)
        return at_once

    return ask


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("zone", [None, UTC])
def test_heads(both, head, zone):
    id, time, of = head
    both(f"SELECT {id} AS id, {time} AS time, {of} AS type, 'x' AS note", zone)


@pytest.mark.parametrize("of", VALUES)
def test_values(both, of):
    """Each value as each declared attribute, and as one that nobody declared."""
    names = (*DECLARED, "undeclared")
    each = [(name, value) for name in names for value in (*VALUES[of], "NULL")]
    rows = " UNION ALL ".join(
        f"SELECT 'e{n}' AS id, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS time, 'made.up' AS type, "
        + ", ".join(f'{value if name == here else "NULL"}::{of} AS "{here}"' for here in names)
        for n, (name, value) in enumerate(each)
    )
    records, problems, _ = both(rows)
    assert len(records) + len(problems) == len(each)
    assert len(records) > len(DECLARED)


def test_objects_are_read_name_by_name(both):
    head = "'e' AS id, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS time, 'made.up' AS type"
    records, _, _ = both(f"SELECT {head}, {{'b': 1, 'c': NULL::VARCHAR}} AS a")
    assert records[0][5] == {"a.b": 1}
    _, problems, _ = both(f"SELECT {head}, {{'b': 1}} AS a, 2 AS \"a.b\"")
    assert [p[0] for p in problems] == ["trace-duplicate-key"]
