"""A trace in which every text of the corpus stands in every kind of place, and rules that judge
it so that findings cite it all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.hostile.corpus import ALL, EMPTY

RULES = """pack hostile "Hostile text" version "1"

source terms { title "Terms" version "2020-01-01" url "https://terms.example/" }
param few = 1 chosen because "the terms name no number"
param soon = 1 day chosen because "the terms name no number"

status barred {
  begins on notice.received where kind = "cease_and_desist" for target
}

clause no-access "Who is barred stays away" {
  cite terms section "1"
  severity critical
  forbid profile.read where barred(actor)
  unless purpose = "audit"
  remedy "Stop."
}
clause no-words "Nothing is said" {
  cite terms section "2" severity high forbid content.publish where purpose is present
}
clause no-more "Not more than one" {
  cite terms section "3" severity medium
  forbid more than few engagement.like per account, purpose within 1 hour
}
clause no-replay "Nothing is used twice" {
  cite terms section "4" severity high
  forbid content.publish as one
    then engagement.like as other within 1 day where other.account = one.account
}
clause delete-on-request "Data is deleted when asked" {
  cite terms section "5" severity low
  binds ask.target
  after notice.received as ask where ask.kind = "deletion_request"
  require data.delete as done within soon where done.subject = ask.subject
}
clause no-machine "No machine" {
  cite terms section "6" severity low forbid content.publish where automated = true
}
"""
OWN = frozenset({"id", "time", "type"})


def events_of(text: str, number: int) -> list[dict[str, Any]]:
    """Events that say `text` as id, as reference of every kind, as value, as name of an attribute
    and as event type. An id is there once, and where ids would be alike they tell each other
    apart by their ends."""
    hour, minute = divmod(number, 60)

    def event(second: int, of: str, **more: Any) -> dict[str, Any]:
        name = text if second == 3 else f"{text}{number}.{second}"
        time = f"2020-06-{1 + hour // 24:02d}T{hour % 24:02d}:{minute:02d}:{second:02d}Z"
        return {"id": name or f"empty-{second}", "time": time, "type": of, **more}

    who = text or None  # an empty reference is refused: it names nobody
    said = {"purpose": text, "account": who}
    names = {} if text in OWN or text in said or text == "actor" else {text: text}
    nested = {"nested": {text: [text, text]}} if len(text) < 100_000 else {}
    return [
        event(1, "notice.received", kind="cease_and_desist", target=who, purpose=text),
        event(2, "profile.read", actor=who, **said, **names),
        event(3, "content.publish", actor=who, **said, **names, **nested),
        event(4, "engagement.like", actor=who, **said, automated=False),
        event(5, "engagement.like", actor=who, **said),
        event(6, "notice.received", kind="deletion_request", target=who, subject=who),
        event(7, text or "no.type", actor=who, **said, **names),
    ]


def file_name(text: str, number: int) -> str:
    """The name of a file as near to `text` as file systems allow."""
    possible = text.replace("\x00", "").replace("/", "∕")
    while len(possible.encode()) > 200:
        possible = possible[: len(possible) // 2]
    return f"{possible if possible[:1] != '.' else f'~{possible}'}{number}.json"


def write_folder(folder: Path, texts: Sequence[str] = (*ALL, EMPTY)) -> Path:
    """A file for each text, that is its name and title, too; the folder is `folder / "traces"`."""
    traces = folder / "traces"
    traces.mkdir()
    for number, text in enumerate(texts):
        document = {
            "trace": "tosrules-trace/1",
            "title": text,
            "observed": {"from": "2020-06-01T00:00:00Z", "to": "2020-07-01T00:00:00Z"},
            "events": events_of(text, number),
        }
        (traces / file_name(text, number)).write_text(json.dumps(document), encoding="utf-8")
    (folder / "hostile.tos").write_text(RULES, encoding="utf-8")
    return traces
