"""A misspelt attribute is evidence that no rule reads: a note says so."""

from __future__ import annotations

from pathlib import Path

from tosrules.trace.read import read_traces
from tosrules.vocabulary import TEXT, Attribute, EventType, Vocabulary, reference

WORDS = {
    "agent": Attribute("agent", reference("party")),
    "kind": Attribute("kind", TEXT),
}
VOCABULARY = Vocabulary({"agency.declare": EventType("agency.declare", "", WORDS)})


def notes(tmp_path: Path, line: str) -> list[str]:
    trace = tmp_path / "t.jsonl"
    trace.write_text(line + "\n", encoding="utf-8")
    read = read_traces([str(trace)], VOCABULARY)
    return [note.text for note in read.notes if note.code == "note-misspelt"]


def test_a_near_name_is_asked_about(tmp_path: Path) -> None:
    line = '{"id": "e", "time": "2020-03-01T10:00:00Z", "type": "agency.declare", "agnet": "b"}'
    assert notes(tmp_path, line) == [
        "`agnet` of `agency.declare` is no attribute that the vocabulary knows, and no rule read "
        "it (1 record, the first at t.jsonl:1); did you mean `agent`?"
    ]


def test_a_name_of_ones_own_is_not(tmp_path: Path) -> None:
    line = '{"id": "e", "time": "2020-03-01T10:00:00Z", "type": "agency.declare", "mood": "b"}'
    assert notes(tmp_path, line) == []
