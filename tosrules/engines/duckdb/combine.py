"""The tables of all files into one: order, identical records, and what there is to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from tosrules.engines.columns import TABLE, ColumnTrace
from tosrules.engines.duckdb.columns import narrow_types
from tosrules.engines.duckdb.emit import quoted
from tosrules.engines.duckdb.session import Session
from tosrules.engines.duckdb.staged import Staged, event_of, names_list
from tosrules.plan.scan import Scan
from tosrules.trace import notes as sentences
from tosrules.trace.event import Event, Origin
from tosrules.trace.merge import conflict, observed_period, same_content
from tosrules.trace.problems import TraceError, TraceProblem
from tosrules.trace.reading import Reading, Record
from tosrules.trace.trace import SKIPPED_SHOWN, Note, Stretch, TraceFile
from tosrules.trace.values import Typing
from tosrules.vocabulary import Vocabulary

_BATCH = 5_000


class _Spanned(Reading):
    """A reading whose records lie in a table."""

    spanned: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        return self.spanned


def reading_for(name: str, typing: Typing, max_record: int) -> Reading:
    """A reading for a file that is staged."""
    return _Spanned(name, typing, max_record)


class Combined:
    """All staged files, settled: every row that is `sure` is an event."""

    def __init__(
        self,
        session: Session,
        files: Sequence[Staged],
        scan: Scan,
        vocabulary: Vocabulary,
        typing: Typing,
    ) -> None:
        self.session = session
        self.files = files
        self.scan = scan
        self.vocabulary = vocabulary
        self.typing = typing
        self.moved = 0
        self.ordered = len(files) == 1
        """The rows of the one file are in order."""
        self.whole = True
        """No row is left out."""
        self.counts: Counter[str] = Counter()
        self.present: Counter[tuple[str, str]] = Counter()
        self.records: dict[str, int] = {}
        self.first: dict[tuple[str, str], tuple[int, int, int]] = {}
        """(type, attribute) → (time, file, row) of the first strictly read record that has it."""

    # ---- facts of each file, before identical records are left out -----------------------

    def measure(self) -> None:
        for staged in self.files:
            rows, sure, disorder = staged.one(
                "SELECT count(*), count(*) FILTER (sure), count(*) FILTER (late) "
                "FROM (SELECT sure, t < lag(t) OVER () AS late FROM {table})"
            )
            first, last = staged.one("SELECT min(t), max(t) FROM {table} WHERE sure")
            self.records[staged.name] = sure
            self.whole &= rows == sure
            if disorder or sure < rows:
                (late,) = staged.one(
                    "SELECT count(*) FROM (SELECT t < max(t) OVER (ORDER BY rowid ROWS BETWEEN "
                    "UNBOUNDED PRECEDING AND 1 PRECEDING) AS late FROM (SELECT rowid, t FROM "
                    "{table} WHERE sure)) WHERE late"
                )
                self.moved += late
                self.ordered &= late == 0
            if isinstance(staged.reading, _Spanned) and first is not None:
                staged.reading.spanned = (first, last)
            if staged.tally is not None:
                for (event_type, name), number in staged.tally.items():
                    if name:
                        self.present[event_type, name] += number
                    else:
                        self.counts[event_type] += number
                continue
            counted = "".join(f", count(*) FILTER (p{n})" for n, _ in enumerate(staged.present))
            found = self.session.connection.execute(
                f"SELECT type, count(*){counted} FROM {staged.table} WHERE sure GROUP BY type"
            )
            for event_type, events, *there in found.fetchall():
                self.counts[event_type] += events
                for name, number in zip(staged.present, there, strict=True):
                    if number:
                        self.present[event_type, name] += number

    def add(self, records: Mapping[int, Record], file: int) -> None:
        """Counts the attributes of records that the strict reader has put in, by their rows."""
        tallied = self.files[file].tally is not None
        for row, record in records.items():
            self.counts[record.type] += tallied
            for name in record.attributes:
                key = record.type, name
                self.present[key] += 1
                place = record.time, file, row
                self.first[key] = min(self.first.get(key, place), place)

    def _take_out(self, record: Record) -> None:
        self.counts[record.type] -= 1
        for name in record.attributes:
            self.present[record.type, name] -= 1

    # ---- identical records ---------------------------------------------------------------

    def duplicates(self) -> tuple[int, list[TraceProblem]]:
        """Takes out records that repeat an earlier one; (how many, conflicts of ids)."""
        order = self._twice()
        records = self._fetched(order)
        first: dict[str, Record] = {}
        gone: dict[int, list[int]] = {}
        conflicts: list[TraceProblem] = []
        for f, place in order:
            record = records[f, place]
            known = first.setdefault(record.id, record)
            if known is record:
                continue
            gone.setdefault(f, []).append(place)
            if same_content(known, record):
                self._take_out(record)
            else:
                conflicts.append(conflict(known, record))
        connection = self.session.connection
        if not conflicts:
            for f, places in gone.items():
                connection.execute(
                    f"UPDATE {self.files[f].table} SET sure = false "
                    "WHERE rowid IN (SELECT unnest(?::BIGINT[]))",
                    [places],
                )
                self.whole = False
        return sum(map(len, gone.values())) - len(conflicts), conflicts

    def _twice(self) -> list[tuple[int, int]]:
        """(file, row) of events whose ids may occur twice, in order."""
        if len(self.files) == 1 and self._ascending(self.files[0]):
            return []
        every = " UNION ALL ".join(
            f"SELECT {number} AS f, place, h FROM ({staged.ids})"
            for number, staged in enumerate(self.files)
        )
        connection = self.session.connection
        row = connection.execute(f"SELECT count(*), count(DISTINCT h) FROM ({every})").fetchone()
        if row is None or row[0] == row[1]:
            return []
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE twice AS SELECT f, place FROM ({every}) WHERE h IN "
            f"(SELECT h FROM ({every}) GROUP BY h HAVING count(*) > 1)"
        )
        events = " UNION ALL ".join(
            f"SELECT t, f, place FROM twice JOIN {staged.table} s ON s.rowid = place "
            f"WHERE f = {number} AND sure"
            for number, staged in enumerate(self.files)
        )
        found = connection.execute(f"SELECT f, place FROM ({events}) ORDER BY t, f, place")
        order = [(f, place) for f, place in found.fetchall()]
        connection.execute("DROP TABLE twice")
        return order

    def _ascending(self, staged: Staged) -> bool:
        """Each id comes after the one before it, so that none occurs twice."""
        if not staged.ascending:
            return False
        # A file whose ids are not so mostly shows it soon.
        for some in (f" LIMIT {_BATCH}", ""):
            found = self.session.connection.execute(
                "SELECT count(*) FROM (SELECT id, lag(id) OVER () AS before FROM "
                f"({staged.ascending}{some})) WHERE id IS NULL OR id <= before"
            )
            if found.fetchone() != (0,):
                return False
        return True

    def _fetched(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Record]:
        """(file, row) → the whole record."""
        by_file: dict[int, set[int]] = {}
        for f, place in wanted:
            by_file.setdefault(f, set()).add(place)
        found: dict[tuple[int, int], Record] = {}
        for f, places in by_file.items():
            staged = self.files[f]
            # A typing of its own: times without an offset were counted when they were read.
            typing = Typing(self.vocabulary, self.typing.zone)
            scratch = Reading(staged.name, typing, staged.reading.max_record)
            for place, record in staged.fetch(places, scratch, False).items():
                found[f, place] = record
        return found

    # ---- the table -----------------------------------------------------------------------

    def table(self) -> None:
        """Makes the table of events, and that of their places where they are not the rows of
        the one file."""
        connection = self.session.connection
        names = ", ".join(
            f"n{number} AS {quoted(column.name)}" for number, column in enumerate(self.scan.columns)
        )
        own = f", {names}" if names else ""
        if self.ordered and self.whole:
            table = self.files[0].table
            if not self.files[0].narrow:
                narrow_types(connection, table, self.counts)
            connection.execute(
                f"CREATE VIEW {TABLE} AS SELECT rowid AS pos, t, type{own} FROM {table}"
            )
            return
        columns = "".join(f", n{number}" for number, _ in enumerate(self.scan.columns))
        if self.ordered:
            rows = f"SELECT 0 AS f, rowid AS place, t, type{columns} FROM {self.files[0].table}"
            rows += " WHERE sure"
        else:
            every = " UNION ALL ".join(
                f"SELECT {number} AS f, rowid AS place, t, type{columns} FROM {staged.table} "
                "WHERE sure"
                for number, staged in enumerate(self.files)
            )
            rows = f"SELECT * FROM ({every}) ORDER BY t, f, place"
        connection.execute(
            "CREATE OR REPLACE TABLE whole_trace AS SELECT row_number() OVER () - 1 AS pos, * "
            f"FROM ({rows})"
        )
        connection.execute(f"CREATE VIEW {TABLE} AS SELECT pos, t, type{own} FROM whole_trace")
        narrow_types(connection, "whole_trace", self.counts)

    # ---- questions afterwards ------------------------------------------------------------

    def fetch(self, positions: Iterable[int]) -> dict[int, Event]:
        """Position → the whole event, read again."""
        wanted = sorted(set(positions))
        if self.ordered and self.whole:
            places = {position: (0, position) for position in wanted}
        else:
            found = self.session.connection.execute(
                "SELECT pos, f, place FROM whole_trace WHERE pos IN (SELECT unnest(?::BIGINT[]))",
                [wanted],
            )
            places = {pos: (f, place) for pos, f, place in found.fetchall()}
        records = self._fetched(places.values())
        return {position: event_of(records[places[position]], position) for position in wanted}

    def _times(self) -> str:
        return self.files[0].table if self.ordered and self.whole else "whole_trace"

    def how_many(self, types: Set[str], start: int | None, until: int | None) -> int:
        if not types:
            return 0
        row = self.session.connection.execute(
            f"SELECT count(*) FROM {self._times()} WHERE type IN {names_list(sorted(types))} "
            "AND (?::BIGINT IS NULL OR t >= ?) AND (?::BIGINT IS NULL OR t < ?)",
            [start, start, until, until],
        ).fetchone()
        return 0 if row is None else row[0]

    def events_of(self, types: Set[str]) -> Iterator[Event]:
        if not types:
            return
        position = "rowid" if self.ordered and self.whole else "pos"
        cursor = self.session.connection.cursor()
        cursor.execute(
            f"SELECT {position} FROM {self._times()} WHERE type IN {names_list(sorted(types))} "
            f"ORDER BY {position}"
        )
        while part := cursor.fetchmany(_BATCH):
            found = self.fetch(pos for (pos,) in part)
            yield from (found[pos] for (pos,) in part)

    def outside(self, period: tuple[int, int]) -> int:
        row = self.session.connection.execute(
            f"SELECT count(*) FROM {self._times()} WHERE t < ? OR t > ?", list(period)
        ).fetchone()
        return 0 if row is None else row[0]

    def stretches(self) -> dict[str, Stretch]:
        found: dict[str, Stretch] = {}
        for staged in self.files:
            first, last, late = staged.one(
                "SELECT min(t), max(t), count(*) FILTER (late) FROM (SELECT t, t < lag(t) OVER () "
                "AS late FROM {table} WHERE sure)"
            )
            if first is not None:
                found[staged.name] = Stretch(first, last, late == 0)
        return found

    def first_with(self, event_type: str, name: str) -> Origin:
        """Where the first event of that type with that attribute stands."""
        parts = [
            f"SELECT t, {number} AS f, rowid AS place FROM {staged.table} WHERE sure AND type = ? "
            f"AND p{staged.present.index(name)}"
            for number, staged in enumerate(self.files)
            if name in staged.present
        ]
        places = [self.first[event_type, name]] if (event_type, name) in self.first else []
        if parts:
            found = self.session.connection.execute(
                " UNION ALL ".join(parts) + " ORDER BY t, f, place LIMIT 1",
                [event_type] * len(parts),
            )
            places += found.fetchall()
        _, f, row = min(places)
        return event_of(self._fetched([(f, row)])[f, row], 0).origin


def said(
    combined: Combined,
    given: tuple[int, int] | None,
    zone: str,
    notes: Sequence[Note],
    lost: Mapping[str, Sequence[TraceProblem]],
    problems: list[TraceProblem],
    skipped: Sequence[TraceProblem],
) -> ColumnTrace:
    """The trace, with all that `read_traces` would say of it. Raises TraceError."""
    duplicates, conflicts = combined.duplicates()
    problems.extend(conflicts)
    if problems:
        raise TraceError(problems)
    readings = [staged.reading for staged in combined.files]
    period = observed_period(readings, given)
    if period.problem is not None:
        raise TraceError([period.problem])
    combined.table()
    outside = 0 if period.period is None else combined.outside(period.period)
    vocabulary = combined.vocabulary
    counts = {name: count for name, count in combined.counts.items() if count}
    unknown = sentences.unknown_types(counts, vocabulary)
    missing: dict[tuple[str, str], int] = {}
    misspelt: dict[tuple[str, str], int] = {}
    for event_type, events in counts.items():
        declared = vocabulary.attributes_of(event_type)
        for name, attribute in declared.items():
            if attribute.required:
                lacking = events - combined.present[event_type, name]
                if lacking:
                    missing[event_type, name] = lacking
    for (event_type, name), events in combined.present.items():
        if events and name not in vocabulary.attributes_of(event_type):
            misspelt[event_type, name] = events
    missing = dict(sorted(missing.items()))
    naive = (combined.typing.naive, zone)
    more = sentences.notes(
        readings, combined.moved, duplicates, outside, len(skipped), naive, unknown, missing
    )
    titles = dict.fromkeys(reading.title for reading in readings if reading.title)
    return ColumnTrace(
        count=sum(counts.values()),
        types=frozenset(counts),
        fetch=combined.fetch,
        stretches=combined.stretches(),
        observed=period.period,
        observed_stated=period.stated,
        title="; ".join(titles),
        files=tuple(
            TraceFile(
                staged.name,
                staged.sha256,
                staged.bytes,
                staged.format,
                combined.records[staged.name],
                len(lost[staged.name]),
                staged.reading.title,
            )
            for staged in combined.files
        ),
        notes=(
            *notes,
            *more,
            *sentences.misspelt_of(misspelt, combined.first_with, vocabulary),
        ),
        skipped=tuple(skipped[:SKIPPED_SHOWN]),
        moved=combined.moved,
        duplicates=duplicates,
        outside=outside,
        unknown_types=unknown,
        missing_required=missing,
        places=combined,
    )
