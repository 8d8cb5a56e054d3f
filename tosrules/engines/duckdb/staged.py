"""One file as a table of its own, before its events have their place among all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set

from tosrules.engines.duckdb.emit import quoted
from tosrules.engines.duckdb.memory import fill
from tosrules.engines.duckdb.session import Session
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace.event import Event, Origin
from tosrules.trace.reading import Reading, Record
from tosrules.vocabulary import TEXT, Attribute, Vocabulary

Fetch = Callable[[Set[int], Reading, bool], dict[int, Record]]
"""(rows, a reading that takes problems and records, whether every problem counts) → the records
of those rows, read strictly where they stand; rows that are no records are left out."""


class Unfit(Exception):
    """The file is left to the strict readers as a whole."""


class Staged:
    """The table `table` has a row for each line or row of the file, in order:

    `sure` BOOLEAN, whether the row is an event; `t` BIGINT; `type` VARCHAR; `n0`, `n1` … for the
    columns of the scan; `p0`, `p1` … BOOLEAN, whether the event has the attributes of `present`;
    and, unless `ids` and `ascending` do without, `h` UBIGINT, the hash of its id.
    """

    def __init__(
        self, session: Session, reading: Reading, table: str, present: Sequence[str]
    ) -> None:
        self.session = session
        self.reading = reading
        self.name = reading.name
        self.table = table
        self.present = present
        self.sha256 = ""
        self.bytes = 0
        self.format = ""
        self.rows = 0
        self.tally: Counter[tuple[str, str]] | None = None
        """(type, name of an attribute) → rows that were sure at first and have it, (type, "") →
        all of these; None where the table says it."""
        self.ids = f"SELECT rowid AS place, h FROM {table} WHERE sure"
        """Query of the rows and the hashes of their ids. It may have rows that are no events."""
        self.narrow = False
        """The column `type` is an ENUM already."""
        self.ascending = ""
        """Query of all ids in the order of the rows, where it costs little."""
        self.fetch: Fetch = lambda rows, reading, every: {}  # noqa: ARG005
        self.first_line: int | None = None
        """Line of the first row; None where rows are counted from 0 and lines mean nothing."""

    def one(self, query: str) -> tuple[int, ...]:
        """The row that a query over the table gives."""
        found = self.session.connection.execute(query.format(table=self.table)).fetchone()
        assert found is not None
        return found

    def unsure(self) -> set[int]:
        """Rows that have to be read strictly."""
        found = self.session.connection.execute(f"SELECT rowid FROM {self.table} WHERE NOT sure")
        return {row for (row,) in found.fetchall()}

    def settle(self, scan: Scan, vocabulary: Vocabulary) -> dict[int, Record]:
        """Reads strictly what is in doubt, and puts it into the table; problems go into the
        reading. The records that were put in, by their rows."""
        doubtful = self.unsure()
        if not doubtful:
            return {}
        records = self.fetch(doubtful, self.reading, True)
        events = [event_of(record, row) for row, record in sorted(records.items())]
        own = Scan((*scan.columns, ScanColumn("own id", "id", TEXT)), scan.types)
        fill(self.session, events, own, vocabulary, "patch")
        values = {f"n{n}": f"p.{quoted(c.name)}" for n, c in enumerate(scan.columns)}
        values |= {"t": "p.t", "type": "p.type"}
        if not self.ascending:
            values["h"] = 'hash(p."own id")'
        taken = ", ".join(
            f"CASE WHEN p.pos IS NULL THEN s.{name} ELSE {value} END AS {name}"
            for name, value in values.items()
        )
        connection = self.session.connection
        # An update would move rows whose lists change, and rows are places.
        connection.execute(
            f"CREATE TABLE settled AS SELECT s.* REPLACE ({taken}, "
            f"(s.sure OR p.pos IS NOT NULL) AS sure) FROM (SELECT rowid AS place, * FROM "
            f"{self.table}) s LEFT JOIN patch p ON p.pos = s.place ORDER BY s.place"
        )
        self.narrow = False
        connection.execute(f"DROP TABLE patch; DROP TABLE {self.table}")
        connection.execute("ALTER TABLE settled DROP COLUMN place")
        connection.execute(f"ALTER TABLE settled RENAME TO {self.table}")
        return records


def event_of(record: Record, position: int) -> Event:
    return Event(
        record.id,
        record.time,
        record.type,
        record.attributes,
        Origin(record.file, record.line, record.entry),
        record.time_text,
        position,
    )


def checks_due(
    name: str,
    declared: Mapping[str, Mapping[str, Attribute]],
    check: Callable[[Attribute], str],
) -> dict[str, list[str]]:
    """SQL of each check of a column, with the types of events that declare it so that it is due;
    `declared`: type → its attributes. An empty check is never due."""
    found: dict[str, list[str]] = {}
    for event_type, attributes in declared.items():
        attribute = attributes.get(name)
        if attribute is not None and (due := check(attribute)):
            found.setdefault(due, []).append(event_type)
    return found


def filled(
    column: ScanColumn, types: Set[str], vocabulary: Vocabulary
) -> tuple[list[str], list[str]]:
    """(those of `types` that fill the column, those that do not)"""
    yes: list[str] = []
    no: list[str] = []
    for name in sorted(types):
        attribute = vocabulary.attributes_of(name).get(column.attribute)
        fits = column.attribute == "id" or (attribute is not None and attribute.type == column.type)
        (yes if fits else no).append(name)
    return yes, no


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def names_list(names: Sequence[str]) -> str:
    return "(" + ", ".join(map(literal, names)) + ")"


def one_of(value: str, names: Sequence[str]) -> str:
    """SQL of whether a text is one of some names. Neither `IN` nor `list_contains`, which become
    a join, and a join does not keep the order of the rows."""
    cases = " ".join(f"WHEN {literal(name)} THEN true" for name in names)
    return f"(CASE {value} {cases} ELSE false END)" if names else "false"


def hashed_sql(session: Session, value: str) -> str:
    """SQL of `Session.hashed` of a text."""
    return f"sha256(from_hex('{session.key_hex()}') || encode({value}))"


def interesting(types: Set[str], vocabulary: Vocabulary, names: Mapping[str, object]) -> list[str]:
    """Those of the names of attributes whose presence has to be counted: which some of the types
    do not declare, or require."""
    found: set[str] = set()
    for event_type in types:
        declared = vocabulary.attributes_of(event_type)
        found.update(name for name in names if name not in declared)
        found.update(name for name, a in declared.items() if a.required and name in names)
    return sorted(found)
