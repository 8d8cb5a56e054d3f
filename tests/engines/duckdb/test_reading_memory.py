"""The table of events from events in memory: every type, missing and foreign values, secrets."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tosrules.engines.duckdb.memory import load_events
from tosrules.engines.duckdb.session import Session
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace.event import Event, Origin
from tosrules.trace.trace import Stretch, Trace
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

OWN = {
    "text": TEXT,
    "number": NUMBER,
    "yes": BOOLEAN,
    "at": TIME,
    "wait": DURATION,
    "ip": ADDRESS,
    "who": reference("party"),
    "words": list_of(TEXT),
    "sizes": list_of(NUMBER),
    "pin": NUMBER,
    "keys": list_of(TEXT),
}
SECRET = {"pin", "keys"}
VOCABULARY = Vocabulary(
    {
        "full": EventType(
            "full", "", {n: Attribute(n, of, secret=n in SECRET) for n, of in OWN.items()}
        ),
        "other": EventType("other", "", {"text": Attribute("text", NUMBER)}),
    }
)
SCAN = Scan(
    (
        ScanColumn("id", "id", TEXT),
        *(ScanColumn(f"c_{n}", n, of, n in SECRET) for n, of in OWN.items()),
    ),
    frozenset({"full", "other"}),
)
VALUES = {
    "text": "a\x00b' \"é\U0001f600",
    "number": Fraction(-123456789012345678, 10**6),
    "yes": False,
    "at": -62135596800000000,
    "wait": 10**18 - 1,
    "ip": "2001:db8::1",
    "who": "",
    "words": ("", "a,b", "[x]"),
    "sizes": (1, Fraction(1, 2), 10**17),
    "pin": 1234,
    "keys": ("k-1", "k-2"),
}


def event(position, of="full", **values):
    return Event(f"e{position}", position * 10, of, values, Origin("t", position + 1), "", position)


@pytest.fixture
def session():
    with Session(threads=1) as opened:
        yield opened


def test_every_type_of_value(session):
    events = (
        event(0, **VALUES),
        event(1, "unread", text="x"),
        event(2),
        event(3, "other", text=5, yes=True),
        event(4, words=()),
    )
    found = load_events(session, Trace(events), SCAN, VOCABULARY)
    rows = session.connection.execute("SELECT * FROM ev").fetchall()
    empty = (None,) * len(OWN)
    pin, keys = session.hashed("1234"), [session.hashed("k-1"), session.hashed("k-2")]
    assert rows == [
        (
            *(0, 0, "full", "e0"),
            *(VALUES["text"], Decimal("-123456789012.345678"), False, VALUES["at"]),
            *(VALUES["wait"], "2001:db8::1", "", ["", "a,b", "[x]"]),
            [Decimal(1), Decimal("0.5"), Decimal(10**17)],
            *(pin, keys),
        ),
        (2, 20, "full", "e2", *empty),
        (3, 30, "other", "e3", *empty),
        (4, 40, "full", "e4", *empty[:7], [], *empty[8:]),
    ]
    assert found.count == 5
    assert found.types == {"full", "other", "unread"}
    assert found.fetch([3, 1]) == {3: events[3], 1: events[1]}
    assert found.stretches == {"t": Stretch(0, 40, True)}


def test_nothing_of_a_secret_is_in_the_database(session):
    load_events(session, Trace((event(0, pin=1234, keys=("1234",)),)), SCAN, VOCABULARY)
    (row,) = session.connection.execute("SELECT c_pin, c_keys[1] FROM ev").fetchall()
    assert row[0] == row[1] == session.hashed("1234") != "1234"
    with Session(threads=1) as other:
        assert other.hashed("1234") != row[0]


def test_a_second_trace_replaces_the_first(session):
    load_events(session, Trace((event(0), event(1))), SCAN, VOCABULARY)
    load_events(session, Trace(()), Scan(), VOCABULARY)
    assert session.connection.execute("SELECT * FROM ev").fetchall() == []


def test_order_over_many_rows(session):
    events = tuple(event(n, "full" if n % 3 else "unread", number=n) for n in range(45_000))
    load_events(session, Trace(events), SCAN, VOCABULARY)
    rows = session.connection.execute("SELECT pos, c_number FROM ev").fetchall()
    assert rows == [(n, n) for n in range(45_000) if n % 3]
