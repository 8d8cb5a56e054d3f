"""Some lines of a file read again, beside all lines read in turn."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tosrules.engines.duckdb import provenance
from tosrules.engines.duckdb.provenance import Lines
from tosrules.trace.inputs import InputFile
from tosrules.trace.lines import lines
from tosrules.trace.reading import Reading
from tosrules.trace.values import Typing
from tosrules.vocabulary import Vocabulary

LARGEST = 40_000


def reading() -> Reading:
    return Reading("f.jsonl", Typing(Vocabulary({}, {}), None), LARGEST)


@pytest.mark.parametrize("end", [b"\n", b""], ids=["ended", "cut"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "mark"])
def test_they_are_those_of_the_file(tmp_path: Path, end: bytes, start: bytes) -> None:
    chance = random.Random(7)
    sizes = [0, 1, 5, 300, 3_000, 30_000, LARGEST, LARGEST + 1, 9 * provenance._STEP]
    weights = [3, 3, 30, 30, 30, 6, 1, 1, 1]
    made = [
        bytes([chance.randrange(97, 123)]) * size + chance.choice([b"", b"", b"\r"])
        for size in chance.choices(sizes, weights, k=900)
    ]
    file = tmp_path / "f.jsonl"
    file.write_bytes(start + b"\n".join(made) + end)
    taken = Lines(InputFile(str(file), "f.jsonl"))
    taken.run()
    whole = reading()
    with file.open("rb") as raw:
        raw.seek(len(start))
        every = {number: (number, data, ended) for number, data, ended in lines(raw, whole)}
    assert taken.count == len(made)
    refused = {problem.line for problem in whole.problems}
    assert refused
    for share in (1, 10, len(made)):
        wanted = set(chance.sample(range(1, len(made) + 1), share))
        into = reading()
        found = list(taken.take(wanted, into, every=False))
        assert found == [every[n] for n in sorted(wanted - refused)]
        assert {problem.line for problem in into.problems} == wanted & refused
