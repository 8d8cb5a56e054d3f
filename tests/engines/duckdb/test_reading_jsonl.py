"""JSON Lines at speed: the same trace, or the same errors, as from the strict readers."""

import gzip
import json
import random

import pytest
from backports import zstd

from tosrules.engines.duckdb import read
from tosrules.engines.duckdb.combine import Combined
from tosrules.engines.duckdb.memory import load_events
from tosrules.engines.duckdb.session import Session
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace.problems import TraceError
from tosrules.trace.read import read_traces
from tosrules.vocabulary import (
    ADDRESS,
    BOOLEAN,
    DURATION,
    NUMBER,
    TEXT,
    TIME,
    Attribute,
    EventType,
    Vocabulary,
    list_of,
    reference,
)

COMMON = {"actor": reference("party"), "client.attested": BOOLEAN, "source.ip": ADDRESS}
OWN = {
    "read": {"items": NUMBER, "wait": DURATION, "tags": list_of(TEXT), "target": reference("app")},
    "send": {"target": reference("party"), "until": TIME, "password": TEXT},
    "bare": {},
}


def attributes(own):
    return {
        name: Attribute(name, of, required=name == "until", secret=name == "password")
        for name, of in own.items()
    }


VOCABULARY = Vocabulary(
    {name: EventType(name, "", attributes(COMMON | own)) for name, own in OWN.items()},
    attributes(COMMON),
)
SCAN = Scan(
    (
        ScanColumn("id", "id", TEXT),
        *(ScanColumn(f"c {n}", n, of) for n, of in (COMMON | OWN["read"]).items()),
        ScanColumn("to", "target", reference("party")),
        ScanColumn("until", "until", TIME),
        ScanColumn("password", "password", TEXT, True),
    ),
    frozenset({"read", "send"}),
)
SAID = (
    *("count", "types", "stretches", "observed", "observed_stated", "title", "files", "notes"),
    *("skipped", "moved", "duplicates", "outside", "unknown_types", "missing_required"),
)


def plain(chance, number):
    kind = chance.choice(["read", "read", "send", "bare", "sned"])
    minute, second = divmod(number // 2, 60)
    made = {
        "id": f"e{number}",
        "time": f"2020-01-01T{minute // 60:02}:{minute % 60:02}:{second:02}Z",
    }
    made |= {"type": kind, "actor": f"p-{chance.randrange(9)}"}
    if kind == "read" and chance.random() < 0.7:
        made |= {"items": chance.choice([0, -1, 1.5, 123456789.123456, 10**14]), "wait": 3}
    if kind == "read" and chance.random() < 0.5:
        made["tags"] = chance.choice([[], ["a"], ["a,b", "é"]])
    if kind in ("read", "send"):
        made["target"] = f"t-{chance.randrange(9)}"
    if kind == "send" and chance.random() < 0.5:
        made |= {"until": "2020-02-28T10:00:00.123456789+02:00", "password": "hunter2"}
    if chance.random() < 0.5:
        made["client"] = {"attested": chance.random() < 0.5}
    if chance.random() < 0.3:
        made["source"] = {"ip": f"10.0.0.{chance.randrange(256)}"}
    if chance.random() < 0.1:
        made["acter"] = "x"
    return made


STRANGE = [
    lambda r: r | {"actor": "\u2028\u00e9\U0001f600"},
    lambda r: r | {"actor": None},
    lambda r: r | {"source.ip": "2001:DB8::1", "source": {}},
    lambda r: r | {"items": 0.000001, "type": "read"},
    lambda r: r | {"wait": "PT10M", "type": "read"},
    lambda r: r | {"new": {"deep": [1, {"x": None}]}},
    lambda r: r | {"time": "2020-02-29 00:00:00.5+05:30"},
    lambda r: dict(reversed(r.items())),
    lambda r: r | {"tags": ['quo"te', "back\\slash", "\n"], "type": "read"},
    lambda r: r | {"type": 'odd "type"'},
    lambda r: r | {"Actor": "other"},
]
WRONG = [
    lambda r: json.dumps(r | {"actor": 5}),
    lambda r: json.dumps(r | {"actor": ""}),
    lambda r: json.dumps(r | {"items": 1234567890123456789, "type": "read"}),
    lambda r: json.dumps(r | {"items": "5", "type": "read"}),
    lambda r: json.dumps(r)[:-3],
    lambda r: json.dumps(r)[:-1] + ',"actor":"again"}',
    lambda r: json.dumps(r | {"client.attested": True, "client": {"attested": True}}),
    lambda r: json.dumps(r | {"time": "2020-01-01T00:00:00"}),
    lambda r: json.dumps(r | {"time": "2020-01-01T24:00:00Z"}),
    lambda r: json.dumps(r | {"source": {"ip": "10.0.0.256"}}),
    lambda r: json.dumps(r | {"id": "e1"}),
    lambda r: json.dumps(r | {"actor": "x" * 3000}),
    lambda r: json.dumps(r).replace('"actor": "', '"actor": "\\ud800'),
    lambda r: json.dumps(r) + "{}",
    lambda r: json.dumps([r]),
]


def lines(chance, count, strange, wrong):
    for number in range(count):
        record = plain(chance, number)
        if chance.random() < wrong:
            yield chance.choice(WRONG)(record)
            continue
        if chance.random() < strange:
            record = chance.choice(STRANGE)(record)
        if chance.random() < strange / 4:
            yield " " * chance.randrange(3)
        yield json.dumps(record, ensure_ascii=chance.random() < 0.5)
        if chance.random() < strange / 4:
            yield json.dumps(record)


def outcome(make, key):
    """(what is said, the rows, the events, what holds them), or the errors."""
    with Session(threads=2) as session:
        session._key = key
        try:
            found = make(session)
        except TraceError as error:
            return str(error), None
        # Events of types that nobody reads may have a row.
        every = session.connection.execute("SELECT * FROM ev").fetchall()
        rows = [row for row in every if row[2] in SCAN.types]
        events = found.fetch(range(found.count)).values()
        said = [getattr(found, name) for name in SAID]
        whole = [(e.id, e.time, e.type, dict(e.attributes), e.origin, e.time_text) for e in events]
        counted = [
            found.how_many({"read", "bare"}, 10**15, None),
            len([*found.events_of({"send"})]),
        ]
        return (said, rows, whole, counted), type(found.places)


@pytest.fixture
def same(monkeypatch):
    monkeypatch.setattr(read, "SMALL", 0)

    def compare(paths, **options):
        options = {"max_record": 2000} | options
        slow, _ = outcome(
            lambda s: load_events(s, read_traces(paths, VOCABULARY, **options), SCAN, VOCABULARY),
            b"k",
        )
        fast, by = outcome(lambda s: read.read_columns(s, paths, VOCABULARY, SCAN, **options), b"k")
        assert fast == slow
        return by

    return compare


@pytest.mark.parametrize("seed", range(12))
def test_the_same_as_from_the_strict_readers(seed, same, tmp_path):
    chance = random.Random(seed)
    made = list(lines(chance, 400, [0, 0.02, 0.3][seed % 3], 0))
    if seed % 2:
        chance.shuffle(made)
    if seed % 4 == 1:
        head = {"trace": "tosrules-trace/1", "title": "T", "observed": None}
        head["observed"] = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T00:02:00Z"}
        made.insert(0, json.dumps(head))
    end = "\r\n" if seed % 5 == 4 else "\n"
    data = (end.join(made) + end * (seed % 3)).encode()
    path = tmp_path / "t.jsonl"
    path.write_bytes([data, gzip.compress(data), zstd.compress(data)][seed % 3 if seed > 5 else 0])
    assert same([str(path)]) is Combined


@pytest.mark.parametrize("seed", range(8))
def test_the_same_errors(seed, same, tmp_path):
    chance = random.Random(100 + seed)
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines(chance, 300, 0.02, [0.003, 0.2][seed % 2])), encoding="utf-8")
    same([str(path)])
    same([str(path)], skip_invalid=True)
    same([str(path)], zone="Europe/Madrid", skip_invalid=True)


def test_several_files_have_one_order(same, tmp_path):
    chance = random.Random(1)
    made = list(lines(chance, 600, 0.05, 0))
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(made[ord(name) - 97 :: 3]) + "\n")
    (tmp_path / "d.jsonl").write_text("\n".join(made[:50]))
    assert same([str(tmp_path)]) is Combined


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\xff\n", b'{"id":1}', b"{}\r{}\n", b"\xef\xbb\xbf{}\n", b'{"a":\n1}']
)
def test_odd_files(data, same, tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(data)
    same([str(path)], format="jsonl")


def test_a_carriage_return_by_itself_divides_no_lines(same, tmp_path):
    path = tmp_path / "t.jsonl"
    one = json.dumps(plain(random.Random(1), 1))
    path.write_text(one + "\n" + one + "\r" + one.replace("e1", "e2") + "\n", newline="")
    same([str(path)])
