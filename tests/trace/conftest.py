"""A small vocabulary, and a way to read what a test writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tosrules.trace import Trace, TraceError, describe, read_traces
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

_COMMON = {
    "actor": reference("party"),
    "account": reference("account"),
    "client.attested": BOOLEAN,
    "source.ip": ADDRESS,
    "user_agent.original": TEXT,
}
_OWN = {
    "account.create": {},
    "profile.read": {"items": NUMBER, "wait": DURATION, "tags": list_of(TEXT)},
    "notice.received": {"deadline": TIME, "friends": list_of(reference("person"))},
    "credential.submit": {"password": TEXT, "pin": NUMBER, "until": TIME},
    "http.request": {
        "http.request.authorization": TEXT,
        "http.request.cookie": TEXT,
        "http.duration": DURATION,
        "server.ip": ADDRESS,
    },
}
_SECRET = {"password", "pin", "until", "http.request.authorization", "http.request.cookie"}


def _attributes(own: dict) -> dict[str, Attribute]:
    return {name: Attribute(name, of, secret=name in _SECRET) for name, of in own.items()}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    types = {name: EventType(name, name, _attributes(_COMMON | own)) for name, own in _OWN.items()}
    required = dict(types["account.create"].attributes)
    required["account"] = Attribute("account", reference("account"), required=True)
    types["account.create"] = EventType("account.create", "", required)
    return Vocabulary(types, _attributes(_COMMON))


@pytest.fixture
def read(tmp_path: Path, vocabulary: Vocabulary) -> Callable[..., Trace]:
    """Writes one file and reads it: `read(text or bytes, name="t.json", **options)`."""

    def read_one(content: str | bytes, name: str = "t.json", **options: object) -> Trace:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_traces([str(path)], vocabulary, **options)

    return read_one


@pytest.fixture
def refused(read: Callable[..., Trace]) -> Callable[..., str]:
    """Reads what cannot be read; the problems as a person sees them."""

    def read_bad(content: str | bytes, name: str = "t.json", **options: object) -> str:
        with pytest.raises(TraceError) as caught:
            read(content, name, **options)
        return "\n".join(describe(problem) for problem in caught.value.problems)

    return read_bad
