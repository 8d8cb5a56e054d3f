"""Lines that say just what was taken out of them, and lines that only seem to."""

import json
import random

import pytest

from tests.engines.duckdb.test_reading_jsonl import VOCABULARY, plain, same
from tosrules.engines.duckdb import jsonl
from tosrules.engines.duckdb.combine import Combined
from tosrules.engines.duckdb.plain import learn
from tosrules.engines.duckdb.respelled import clock, kind_of, respelled, stamp
from tosrules.engines.duckdb.session import Session
from tosrules.trace.native import decode_line

__all__ = ["same"]

READ = (
    '{"id":"e1","time":"2020-01-01T00:00:00Z","type":"read","actor":"p-1","items":1.50,'
    '"tags":["a","é"],"source":{"ip":"10.0.0.1"}}'
)
SEND = (
    '{"id":"e2","time":"2020-01-01T00:00:01.5+02:00","type":"send","target":null,'
    '"until":"2020-01-01T00:00:00Z","client":{"attested":true},"more":"x"}'
)
GOOD = [
    READ,
    SEND,
    READ.replace("1.50", "-0.25"),
    READ.replace('["a","é"]', "[]"),
    READ.replace(',"items":1.50', "").replace(',"tags":["a","é"]', ""),
    SEND.replace("null", '"t"'),
    READ.replace('"actor":"p-1",', ""),
    SEND.replace(',"client":{"attested":true}', ""),
    SEND.replace('"x"', "5"),
]
DOUBTFUL = [
    READ.replace("1.50", "1.5"),
    READ.replace("1.50", "15e-1"),
    READ.replace("1.50", '"1.50"'),
    READ.replace("1.50", "NaN"),
    READ.replace("1.50", "true"),
    READ.replace("1.50", "12345678901234567890.25"),
    READ.replace("p-1", ""),
    READ.replace('"p-1"', "1"),
    READ.replace('"p-1"', "null"),
    READ.replace('"p-1"', '{"a":"b"}'),
    READ.replace("p-1", "p\\u002d1"),
    READ.replace('"actor"', '"Actor"'),
    READ.replace('"actor":"p-1"', '"actor":"p-1","actor":"p-1"'),
    READ.replace('"actor":"p-1"', '"actor":"p-1","other":"p-1"'),
    READ.replace("10.0.0.1", "10.0.0.256"),
    READ.replace("10.0.0.1", "10.0.0.01"),
    READ.replace('{"ip":"10.0.0.1"}', '{"ip":"10.0.0.1",}'),
    READ.replace('{"ip":"10.0.0.1"}', "{}"),
    READ.replace('["a","é"]', '["a",null]'),
    READ.replace('["a","é"]', '["a",5]'),
    READ.replace('["a","é"]', '["a", "é"]'),
    READ.replace("T00:00:00Z", "T24:00:00Z"),
    READ.replace('"e1"', '""'),
    READ.replace('"read"', '"unknown"'),
    READ[:-1] + ",}",
    READ + " ",
    SEND.replace("true", '"true"'),
    SEND.replace("true", "1"),
    SEND.replace('"2020-01-01T00:00:00Z"', '"2020"'),
    SEND.replace('"x"', "null"),
    SEND.replace('"x"', '["x"]'),
    "[]",
    "5",
]


def sure(session, sample, given):
    """For each line whether it is known to say what was taken out of it."""
    sampled = [(line, decode_line(line)) for line in sample]
    plain_lines = learn((record for _, record in sampled), VOCABULARY)
    same = respelled(sampled, plain_lines, VOCABULARY)
    structure = jsonl._structure(plain_lines)
    found = session.connection.execute(
        f"SELECT coalesce({same}, false) FROM (SELECT *, {kind_of(plain_lines.types)} AS kind, "
        f"{stamp(clock(sampled))} AS stamp FROM (SELECT line, json_transform(line, ?) AS r "
        "FROM (SELECT unnest(?::VARCHAR[]) AS line)))",
        [structure, given],
    )
    return [known for (known,) in found.fetchall()]


def test_what_is_known_and_what_is_doubtful():
    with Session(threads=1) as session:
        assert [
            g for g, s in zip(GOOD, sure(session, [READ, SEND], GOOD), strict=True) if not s
        ] == []
        found = sure(session, [READ, SEND], DOUBTFUL)
        assert [line for line, known in zip(DOUBTFUL, found, strict=True) if known] == []


@pytest.mark.parametrize("fraction", ["", ".012", ".012345"])
def test_only_instants_are_times(fraction):
    def line(day, rest=":00:00"):
        return READ.replace("2020-01-01T00:00:00", f"{day}{rest}{fraction}", 1)

    good = [line("2020-02-29T23"), line("1600-12-31T00", ":59:59"), line("2999-01-01T09")]
    bad = [
        *(line(d) for d in ("2019-02-29T00", "2020-13-01T00", "2020-04-31T00", "2020-00-10T00")),
        *(line(d) for d in ("2020-01-01T24", "2020-01-01t00", "2020-01-01 00", "0999-01-01T00")),
        *(line(d) for d in (" 2020-1-01T00", "2020-01- 1T00", "2020-01-01T 0", "-020-01-01T00")),
        *(line(d) for d in ("12020-1-01T00", "2020-1-001T00", "3000-01-01T00", "2020-01-01T+1")),
        line("2020-01-01T00", ":00:60"),
        line("2020-01-01T00", ":60:00"),
        good[0].replace("Z", "z", 1),
        good[0].replace("-02-29", "-2-29", 1).replace("Z", "Z ", 1),
        good[0].replace("-02-29", "-2-29", 1).replace("Z", "0Z", 1),
        good[0].replace("T23", "T", 1).replace("Z", "+1Z", 1),
    ]
    with Session(threads=1) as session:
        assert sure(session, [line("2020-01-01T00")], good + bad) == [True] * 3 + [False] * len(bad)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (",", ": ")])
def test_every_style_of_spaces(separators):
    given = [json.dumps(json.loads(line), separators=separators) for line in (SEND, SEND)]
    with Session(threads=1) as session:
        assert sure(session, given, given) == [True, True]


def test_doubtful_lines_are_read_as_the_strict_reader_reads_them(same, tmp_path):
    chance = random.Random(5)
    made = [json.dumps(plain(chance, n), separators=(",", ":")) for n in range(400)]
    odd = [line.replace('"e', f'"o{n}-') for n, line in enumerate(GOOD * 2 + DOUBTFUL)]
    for n, line in enumerate(odd):
        made.insert(n * 7, line)
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(made) + "\n", encoding="utf-8")
    assert same([str(path)], skip_invalid=True) is Combined
