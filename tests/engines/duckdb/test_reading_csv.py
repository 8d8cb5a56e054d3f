"""CSV at speed: the same trace, or the same errors, as from the strict reader."""

import gzip
import random

import pytest
from backports import zstd

from tests.engines.duckdb.test_reading_jsonl import same
from tests.thorough import ALL, times
from tosrules.engines.duckdb.combine import Combined

__all__ = ["same"]

NAMES = (
    "id", "time", "type", "actor", "client.attested", "source.ip", "items", "wait", "tags",
    "target", "until", "password", "acter",
)  # fmt: skip
STRANGE = {
    "time": ["1066-10-14T00:00:00Z", "2020-02-29T00:00:00.123456Z", "2020-02-01 00:00:00+05"],
    "type": ["odd type", "read.more"],
    "actor": ["é", " p ", "a,b", 'say "so"', "'", "NULL", "\\N", "#", "a;b", "\t", "p\x00q"],
    "client.attested": ["True", "FALSE", "TRUE", "False"],
    "source.ip": ["2001:DB8::1", "::ffff:10.0.0.1"],
    "items": ["0.001", "-99999999999999.5", "123456789.25", "0", "-0", "1e3", "1.50"],
    "wait": ["1000000000", "-5", "1.5", "P1D", "PT1H30M"],
    "tags": ["[]", '["a","b,c"]', ' ["é"] '],
    "until": ["2020-02-29T00:00:00.5+05:30"],
    "acter": ["x", "1", "true"],
}
WRONG = {
    "id": ["", "e1"],
    "time": ["", "2020-01-01T00:00:00", "x", "infinity", "1577836800"],
    "type": [""],
    "client.attested": ["yes", "tRUE", "1"],
    "source.ip": ["10.0.0.256", " 10.0.0.1", "x"],
    "items": ["x", "1000000000000000000", "0.0000001", "NaN", "+1", "01", "1_000", " 1"],
    "wait": ["soon"],
    "tags": ["a", "[1]", '["a",null]', '["a"'],
    "until": ["2020-13-01T00:00:00Z"],
}


def cell(text, chance, often=0.0):
    """As RFC 4180 writes it: in quotation marks where it must be, or now and then without need."""
    if any(c in text for c in ',"\r\n') or (text and chance.random() < often):
        return '"' + text.replace('"', '""') + '"'
    return text


def records(chance, count, strange=0.0, wrong=0.0, names=NAMES):
    for number in range(count):
        minute, second = divmod(number // 2, 60)
        kind = chance.choice(["read", "read", "send", "bare", "sned"])
        row = {
            "id": f"e{number}",
            "time": f"2020-01-01T{minute // 60:02}:{minute % 60:02}:{second:02}Z",
            "type": kind,
            "actor": f"p-{chance.randrange(3)}",
            "client.attested": chance.choice(["", "true", "false"]),
            "source.ip": chance.choice(["", f"10.0.0.{chance.randrange(256)}"]),
        }
        if kind == "read":
            row |= {"items": str(chance.randrange(200)), "wait": "3"}
        if kind in ("read", "send"):
            row["target"] = f"t-{chance.randrange(9)}"
        if kind == "send" and chance.random() < 0.5:
            row |= {"until": "2020-02-28T10:00:00.123456+02:00", "password": "hunter2"}
        for share, odd in ((strange, STRANGE), (wrong, WRONG)):
            if chance.random() < share:
                name = chance.choice(sorted(odd))
                row[name] = chance.choice(odd[name])
        yield ",".join(cell(row.get(name, ""), chance, 0.1) for name in names)


def write(path, made, end="\n", names=NAMES, pack=bytes):
    path.write_bytes(pack((end.join([",".join(names), *made]) + end).encode()))
    return str(path)


@pytest.mark.parametrize("seed", range(times(9)))
def test_the_same_as_from_the_strict_reader(seed, same, tmp_path):
    chance = random.Random(seed)
    made = list(records(chance, 400, [0, 0.02, 0.15][seed % 3]))
    names = list(NAMES)
    if seed % 2:
        chance.shuffle(made)
    pack = [bytes, gzip.compress, zstd.compress][seed % 3]
    end = "\r\n" if seed % 3 == 1 else "\n"
    assert same([write(tmp_path / "t.csv", made, end, names, pack)]) is Combined


@pytest.mark.parametrize("seed", range(times(8)))
def test_the_same_errors(seed, same, tmp_path):
    chance = random.Random(100 + seed)
    path = write(tmp_path / "t.csv", records(chance, 300, 0.02, [0.003, 0.2][seed % 2]))
    same([path])
    same([path], skip_invalid=True)
    same([path], zone="Europe/Madrid", skip_invalid=True)


@pytest.mark.parametrize(
    "line",
    [
        "", "  ", "e,2020-01-01T00:00:00Z", '"e', '"e"x,', 'e"x,y', '"a\nb",', "a\rb,", ",,,",
        "é\x00", '"e" ,', "e" * 2000, '"",""',
    ],
)  # fmt: skip
@pytest.mark.parametrize("last", [False, True] if ALL else [False])
def test_odd_records(line, last, same, tmp_path):
    """A line that is no record, or none of its own, among records."""
    made = list(records(random.Random(2), 40))
    made.insert(len(made) if last else 20, line)
    path = write(tmp_path / "t.csv", made)
    same([path], skip_invalid=True, max_record=1000)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"id,time,type\n", b"id,time,type", b"id,time\nx,y\n", b"id,id,time,type\n",
        b'id,time,"type"\ne,2020-01-01T00:00:00Z,read\n', b"id,time,type,\n\xff,,,\n",
        b"\xef\xbb\xbfid,time,type\ne,2020-01-01T00:00:00Z,read\n", b'id,time,"ty\npe"\n',
        b"id,time,type,Actor,actor\ne,2020-01-01T00:00:00Z,read,a,b\n",
        b"id,time,type,it's\ne,2020-01-01T00:00:00Z,read,a\n",
        b"id,time,type\ne,2020-01-01T00:00:00Z,read\n\n\n",
        b"id,time,type\n\xff,2020-01-01T00:00:00Z,read\n",
    ],
)  # fmt: skip
def test_odd_files(data, same, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    same([str(path)], format="csv")
    same([str(path)], format="csv", skip_invalid=True)


def test_a_line_break_in_a_cell_and_a_line_that_is_none(same, tmp_path):
    """As many lines as records, and yet not one for each."""
    made = list(records(random.Random(3), 60))
    made[10] = made[10].replace("p-", '"p\n-', 1).replace(",", '",', 4).replace('",', ",", 3)
    path = write(tmp_path / "t.csv", made)
    text = (tmp_path / "t.csv").read_text()
    (tmp_path / "t.csv").write_text(text.replace("\ne30,", "\re30,"), newline="")
    same([path])


def test_several_files_have_one_order(same, tmp_path):
    made = list(records(random.Random(1), 600, 0.05))
    for name in ("b", "a", "c"):
        write(tmp_path / f"{name}.csv", made[ord(name) - 97 :: 3])
    assert same([str(tmp_path)]) is Combined
