"""The events of a source in their one order, as the view `ev` of a session.

Rows are divided among parts by ranges of their order and sorted within each; a row's place is
its place in its part and the number of rows in the parts before. No part is ever on one machine
alone with all others, and nothing but counts comes to the driver.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from tosrules.engines.columns import TABLE
from tosrules.engines.spark.doubt import (
    DOUBTFUL,
    event_of,
    frame_of_records,
    take_headers,
    too_many,
)
from tosrules.engines.spark.emit import quoted, text
from tosrules.engines.spark.rows import frame_of
from tosrules.engines.spark.sources import PLACE
from tosrules.engines.spark.staging import Stage, one_of
from tosrules.engines.spark.standing import Standing
from tosrules.engines.spark.whole import Changed, Place, Whole
from tosrules.plan.scan import Scan
from tosrules.trace.event import Event, Origin
from tosrules.trace.merge import conflict, same_content
from tosrules.trace.problems import TraceError, TraceProblem
from tosrules.trace.reading import Reading, Record
from tosrules.trace.trace import Stretch
from tosrules.trace.values import Typing
from tosrules.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from tosrules.engines.spark.session import Session

_CHUNK = 2**18
_BATCH = 5_000


class Spanned(Reading):
    """A reading whose records lie in a frame."""

    spanned: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        return self.spanned


class Input:
    """One file, or a table, as the result tells of it."""

    def __init__(self, name: str, reading: Spanned, format: str) -> None:
        self.name = name
        self.reading = reading
        self.format = format
        self.sha256 = ""
        self.bytes = 0


class Ordered:
    """All events of a source."""

    def __init__(
        self,
        session: Session,
        stage: Stage,
        whole: Whole,
        files: Sequence[Input],
        scan: Scan,
        vocabulary: Vocabulary,
        typing: Typing,
        sequenced: bool,
    ) -> None:
        self.session = session
        self.stage = stage
        self.whole = whole
        self.files = files
        self.scan = scan
        self.vocabulary = vocabulary
        self.typing = typing
        self.sequenced = sequenced
        self.present_names = stage.present
        self.moved = 0
        self.counts: Counter[str] = Counter()
        self.present: Counter[tuple[str, str]] = Counter()
        self.records: dict[str, int] = {}
        self.first: dict[tuple[str, str], tuple[int, int, int]] = {}
        """(type, attribute) → (time, file, row) of the first strictly read record that has it."""
        self._fewer = False
        """Repeated records have been left out."""
        self._moved: dict[int, int] = {}
        self._stretches: dict[str, Stretch] = {}
        self._standing: dict[int, Standing] | None = None
        """Of each file, if its rows stand in order and all are events."""
        self._unique = False
        """No id stands twice: that is known already."""
        self._types: list[tuple[Any, ...]] | None = None
        self._frame = self._as_it_stands() or self._sorted(stage.frame)
        if stage.held:
            self._frame.count()
            session.release(stage.frame)

    # ---- order -------------------------------------------------------------------------------
    def _as_it_stands(self) -> DataFrame | None:
        """The rows of files as they stand, if that is their order. They are not kept: to read
        the columns that a statement needs costs no more than to find them among kept rows, and
        to keep them costs as much as to read them several times."""
        frame, found = self.stage.frame, self.stage.order
        if found is None:
            return None
        by_type = self._by_type(frame)
        if any(unsure for _, _, unsure, *_ in by_type):
            return None
        self._standing, self._unique, self._types = found.files, found.unique, by_type
        return frame

    @property
    def in_place(self) -> bool:
        """Whether the rows stand as they were read, and no part of them was moved."""
        return self._standing is not None

    def _by_type(self, frame: DataFrame) -> list[tuple[Any, ...]]:
        """Type, number of its rows, how many are in doubt, how many have each of `present`."""
        there = (f"count_if(p{n} AND sure)" for n, _ in enumerate(self.present_names))
        counted = map(_expr, ("count(*)", "count_if(NOT sure)", *there))
        return [tuple(row) for row in frame.groupBy("type").agg(*counted).collect()]

    def _sorted(self, frame: DataFrame) -> DataFrame:
        """The rows in order, kept, each with `place!`: its part and its place in that."""
        from pyspark.sql.functions import col, monotonically_increasing_id

        order = [col("t"), *(col(n) for n in PLACE)]
        if self.sequenced:
            frame = frame.drop("own")
        else:
            order = [col("t"), col("own")]
        parts = int(self.session.spark.conf.get("spark.sql.shuffle.partitions", "200") or 200)
        divided = frame.repartitionByRange(parts, *order).sortWithinPartitions(*order)
        return self.session.keep(divided.withColumn("place!", monotonically_increasing_id()))

    def _placed(self) -> DataFrame:
        """The rows with `pos`."""
        if self._standing is not None:
            listed = ", ".join(
                f"{self._standing[n].before if n in self._standing else 0}L"
                for n in range(max(self._standing, default=0) + 1)
            )
            file = f"element_at(array({listed}), {PLACE[0]} + 1)"
            return self._frame.selectExpr("*", f"{PLACE[1]} + {file} AS pos")
        found = (
            self._frame.selectExpr("shiftright(`place!`, 33) AS part")
            .groupBy("part")
            .count()
            .collect()
        )
        sizes = {int(row[0]): int(row[1]) for row in found}
        before, so_far = [], 0
        for number in range(max(sizes, default=0) + 1):
            before.append(so_far - (number << 33))
            so_far += sizes.get(number, 0)
        listed = ", ".join(f"{n}L" for n in before)
        part = "CAST(shiftright(`place!`, 33) AS INT) + 1"
        return self._frame.selectExpr("*", f"`place!` + element_at(array({listed}), {part}) AS pos")

    def _events(self, frame: DataFrame) -> DataFrame:
        """Of rows those that are events."""
        return frame if self._standing is not None else frame.where("sure")

    def _anew(self, frame: DataFrame) -> None:
        """Other rows in place of those so far."""
        before = self._frame
        self._standing = None
        self._frame = self._sorted(frame)
        self._frame.count()
        self.session.release(before)

    # ---- rows in doubt -----------------------------------------------------------------------
    def settle(self) -> None:
        """Reads strictly what is in doubt and puts it in; problems go into the readings.

        Raises TraceError where more rows are in doubt than the driver reads."""
        if self._standing is not None:
            return
        raw = ["raw"] if "raw" in self._frame.columns else ["CAST(NULL AS BINARY) AS raw"]
        doubtful = self._frame.where("NOT sure").selectExpr(*PLACE, "h", *raw)
        rows = doubtful.limit(DOUBTFUL + 1).collect()
        if not rows:
            return
        places = sorted(
            (Place(f, row, None, h, _bytes(raw)) for f, row, h, raw in map(tuple, rows)),
            key=lambda place: (place.file, place.row),
        )
        if self.whole.source.form == "jsonl":
            take_headers(places, [file.reading for file in self.files])
        records = self.whole.records(places, lambda f: self.files[f].reading, True)
        for file in self.files:
            file.reading.problems.sort(key=lambda problem: problem.line or 0)
        if len(rows) > DOUBTFUL:
            problems = [p for file in self.files for p in file.reading.problems]
            raise TraceError([*problems, too_many(len(problems), self.files[0].name)])
        found = [
            (p, record) for p, record in zip(places, records, strict=True) if record is not None
        ]
        for place, record in found:
            self._count(place, record)
        names = None if self.sequenced else "own"
        made = frame_of_records(
            self.session, self.scan, self.vocabulary, self.present_names, found, names
        )
        rows = self._frame.where("sure").drop("place!")
        self._anew(rows.unionByName(made, allowMissingColumns=True))

    def _count(self, place: Place, record: Record) -> None:
        """Counts the attributes of a record that was read strictly, which no column tells."""
        for name in record.attributes:
            if name not in self.present_names:
                self.present[record.type, name] += 1
                at = record.time, place.file, place.row
                key = record.type, name
                self.first[key] = min(self.first.get(key, at), at)

    # ---- facts of each file --------------------------------------------------------------------
    def measure(self) -> None:
        """Counts before identical records are left out."""
        by_type = self._types or self._by_type(self._frame)
        for event_type, rows, unsure, *there in by_type:
            if rows == unsure:
                continue
            self.counts[event_type] += rows - unsure
            for name, number in zip(self.present_names, there, strict=True):
                if number:
                    self.present[event_type, name] += number
        if "naive" in self._frame.columns:
            ((naive,),) = self._events(self._frame).where("sure").selectExpr("sum(naive)").collect()
            self.typing.naive += naive or 0
        if self._standing is not None:
            for f, file in enumerate(self.files):
                found = self._standing.get(f)
                self.records[file.name] = 0 if found is None else found.rows
                if found is not None:
                    file.reading.spanned = (found.first, found.last)
                    self._stretches[file.name] = Stretch(found.first, found.last, True)
            return
        placed = self._placed()
        facts = placed.where("sure").groupBy(PLACE[0]).agg(
            *map(_expr, ("count(*)", "min(t)", "max(t)", f"min(pos - {PLACE[1]})",
                         f"max(pos - {PLACE[1]})"))
        )  # fmt: skip
        for f, events, first, last, least, most in (tuple(row) for row in facts.collect()):
            file = self.files[f]
            self.records[file.name] = events
            file.reading.spanned = (first, last)
            # Rows that keep their distance to their places are in order.
            self._moved[f] = 0 if least == most or not self.sequenced else self._late(f)
        for file in self.files:
            self.records.setdefault(file.name, 0)
        self.moved = sum(self._moved.values())

    def _late(self, file: int) -> int:
        """Rows of a file that stand after one with a later time."""
        where = f"sure AND {PLACE[0]} = {file}"
        chunk = f"{PLACE[1]} div {_CHUNK}"
        rows = self._frame.where(where).selectExpr(f"{chunk} AS chunk", f"{PLACE[1]} AS row", "t")
        latest = sorted(tuple(r) for r in rows.groupBy("chunk").agg(_expr("max(t)")).collect())
        before: dict[int, int | None] = {}
        highest: int | None = None
        for number, most in latest:
            before[number] = highest
            highest = most if highest is None else max(highest, most)
        table = frame_of(self.session.spark, before.items(), "number BIGINT, before BIGINT")
        joined = rows.join(table.hint("broadcast"), rows["chunk"] == table["number"])
        window = "OVER (PARTITION BY chunk ORDER BY row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"  # noqa: E501
        late = joined.selectExpr(f"t < greatest(before, max(t) {window}) AS late")
        return int(late.where("late").count())

    # ---- identical records ---------------------------------------------------------------------
    def duplicates(self) -> tuple[int, list[TraceProblem]]:
        """Takes out records that repeat an earlier one; (how many, conflicts of ids).

        Raises TraceError where there are more than the driver compares."""
        if self._unique:
            return 0, []
        repeated = self._events(self._frame).groupBy("h").count().where("count > 1").select("h")
        some = repeated.limit(DOUBTFUL + 1).collect()
        if not some:
            return 0, []
        if len(some) > DOUBTFUL:
            raise TraceError(
                [
                    TraceProblem(
                        "trace-id-conflict",
                        f"more than {DOUBTFUL:,} ids stand in more than one record",
                        "leave repeated records out before: SELECT DISTINCT, or one row of each id",
                        self.files[0].name,
                    )
                ]
            )
        table = frame_of(self.session.spark, map(tuple, some), "`h!` BIGINT")
        raw = ["raw"] if "raw" in self._frame.columns else ["CAST(NULL AS BINARY) AS raw"]
        own = [] if self.sequenced else ["own"]
        columns = [*PLACE, "t", "h", *raw, *own]
        joined = self._events(self._frame).join(
            table.hint("broadcast"), _expr("h = `h!`"), "left_semi"
        )
        rows = [tuple(r) for r in joined.selectExpr(*columns).collect()]
        rows.sort(key=lambda r: (r[2], r[5]) if own else (r[2], r[0], r[1]))
        if not self.sequenced:
            return self._in_table(rows)
        places = [Place(f, row, t, h, _bytes(raw)) for f, row, t, h, raw in rows]
        first: dict[str, Record] = {}
        gone: list[tuple[int, int]] = []
        conflicts: list[TraceProblem] = []
        for place, record in zip(places, self._strictly(places), strict=True):
            known = first.setdefault(record.id, record)
            if known is record:
                continue
            gone.append((place.file, place.row))
            if same_content(known, record):
                self._take_out(record)
            else:
                conflicts.append(conflict(known, record))
        if gone and not conflicts:
            out = frame_of(self.session.spark, gone, "`f!` INT, `row!` BIGINT")
            on = _expr(f"{PLACE[0]} = `f!` AND {PLACE[1]} = `row!`")
            self._fewer = True
            self._anew(self._frame.drop("place!").join(out.hint("broadcast"), on, "left_anti"))
        return len(gone) - len(conflicts), conflicts

    def _in_table(self, rows: Sequence[tuple[Any, ...]]) -> tuple[int, list[TraceProblem]]:
        """Of a table whose rows have no places, rows with one id cannot be told apart."""
        ids = sorted({row[5] for row in rows})
        name = self.files[0].name
        from tosrules.quoting import quoted

        return 0, [
            TraceProblem(
                "trace-id-conflict",
                f"the id {quoted(id)} stands in several rows, and without a sequence nothing "
                "tells them apart",
                "give each event an id of its own, or leave repeated rows out: SELECT DISTINCT",
                name,
            )
            for id in ids[:1000]
        ]

    def _take_out(self, record: Record) -> None:
        self.counts[record.type] -= 1
        for name in record.attributes:
            self.present[record.type, name] -= 1

    def _strictly(self, places: Sequence[Place]) -> list[Record]:
        """The whole records at places where there is one."""
        # A typing of its own: times without an offset were counted when they were read.
        typing = Typing(self.vocabulary, self.typing.zone)
        readings: dict[int, Reading] = {}

        def into(f: int) -> Reading:
            if f not in readings:
                name, limit = self.files[f].name, self.files[f].reading.max_record
                readings[f] = Reading(name, typing, limit)
            return readings[f]

        found = []
        for place, record in zip(places, self.whole.records(places, into), strict=True):
            if record is None or (place.t is not None and record.time != place.t):
                raise Changed(self.files[place.file].name)
            found.append(record)
        return found

    # ---- the view ------------------------------------------------------------------------------
    def table(self) -> None:
        """Makes the view of events."""
        placed = self._placed()
        own = [f"n{n} AS {quoted(c.name)}" for n, c in enumerate(self.scan.columns)]
        kept = sorted(self.scan.types & self.counts.keys())
        rows = self._events(placed)
        if len(kept) < len(self.counts):
            rows = rows.where(f"type IN ({', '.join(map(text, kept))})" if kept else "false")
        rows.selectExpr("pos", "t", "type", *own).createOrReplaceTempView(TABLE)
        if not self._stretches:
            self._see_stretches()

    def _see_stretches(self) -> None:
        facts = self._frame.where("sure").groupBy(PLACE[0]).agg(_expr("min(t)"), _expr("max(t)"))
        for f, first, last in (tuple(row) for row in facts.collect()):
            # A record left out may have been the one that stood out of order.
            in_order = not self._moved.get(f, 0) or (self._fewer and not self._late(f))
            self._stretches[self.files[f].name] = Stretch(first, last, in_order)

    # ---- questions afterwards ------------------------------------------------------------------
    def fetch(self, positions: Iterable[int]) -> dict[int, Event]:
        """Position → the whole event, read again."""
        wanted = sorted(set(positions))
        if not wanted:
            return {}
        if self._standing is not None and self.whole.here:
            return self._fetch_in_place(wanted, self._standing)
        table = frame_of(self.session.spark, ((p,) for p in wanted), "`pos!` BIGINT")
        raw = ["raw"] if "raw" in self._frame.columns else ["CAST(NULL AS BINARY) AS raw"]
        joined = self._placed().join(table.hint("broadcast"), _expr("pos = `pos!`"), "left_semi")
        rows = [tuple(r) for r in joined.selectExpr("pos", *PLACE, "t", "h", *raw).collect()]
        places = [Place(f, row, t, h, _bytes(raw)) for _, f, row, t, h, raw in rows]
        records = self._strictly(places)
        events = {
            row[0]: event_of(record, row[0]) for row, record in zip(rows, records, strict=True)
        }
        if self.whole.source.form == "table":
            from tosrules.record import replace

            return {p: replace(e, origin=Origin(e.origin.file)) for p, e in events.items()}
        return events

    def _fetch_in_place(
        self, positions: Sequence[int], standing: Mapping[int, Standing]
    ) -> dict[int, Event]:
        """Of local files whose rows were not moved: their places are known without asking."""
        starts = sorted((found.before, file) for file, found in standing.items())
        places = []
        for position in positions:
            before, file = starts[bisect_right(starts, (position, len(self.files))) - 1]
            places.append(Place(file, position - before, None, 0, None))
        records = self._strictly(places)
        return {p: event_of(record, p) for p, record in zip(positions, records, strict=True)}

    def how_many(self, types: Set[str], start: int | None, until: int | None) -> int:
        if not types:
            return 0
        rows = self._events(self._frame).where(one_of(sorted(types)))
        if start is not None:
            rows = rows.where(f"t >= {start}")
        return int((rows if until is None else rows.where(f"t < {until}")).count())

    def events_of(self, types: Set[str]) -> Iterator[Event]:
        if not types:
            return
        rows = self._events(self._placed()).where(one_of(sorted(types)))
        part: list[int] = []
        for (pos,) in rows.select("pos").orderBy("pos").toLocalIterator():
            part.append(pos)
            if len(part) == _BATCH:
                found = self.fetch(part)
                yield from (found[p] for p in part)
                part = []
        found = self.fetch(part)
        yield from (found[p] for p in part)

    def outside(self, period: tuple[int, int]) -> int:
        spans = [file.reading.spanned for file in self.files if file.reading.spanned is not None]
        if all(period[0] <= first and last <= period[1] for first, last in spans):
            return 0
        rows = self._events(self._frame).where(f"t < {period[0]} OR t > {period[1]}")
        return int(rows.count())

    def stretches(self) -> Mapping[str, Stretch]:
        return self._stretches

    def shared_instants(self) -> int:
        """Events that share their instant with another."""
        shared = self._events(self._frame).groupBy("t").count().where("count > 1")
        row = shared.agg(_expr("sum(count)")).first()
        return 0 if row is None or row[0] is None else int(row[0])

    def first_with(self, event_type: str, name: str) -> Origin:
        """Where the first event of that type with that attribute stands."""
        places = [self.first[event_type, name]] if (event_type, name) in self.first else []
        if name in self.present_names:
            rows = self._events(self._frame).where(one_of([event_type]))
            rows = rows.where(f"p{self.present_names.index(name)}")
            found = rows.orderBy("t", *PLACE).limit(1).select("t", *PLACE).collect()
            places += [tuple(row) for row in found]
        _, f, row = min(places)
        file = self.files[f].name
        if self.whole.source.form == "table":
            return Origin(file)
        lines = self.whole.source.form == "jsonl"
        return Origin(file, row + 1) if lines else Origin(file, None, row)


def _bytes(raw: bytearray | bytes | None) -> bytes | None:
    return None if raw is None else bytes(raw)


def _expr(text: str) -> Any:
    from pyspark.sql.functions import expr

    return expr(text)
