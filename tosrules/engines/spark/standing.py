"""Whether the rows of files stand in their one order already, which most recordings do: then
nothing has to be moved to know the place of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tosrules.engines.spark.rows import of_each_part
from tosrules.engines.spark.sources import PLACE
from tosrules.record import Record

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_HEAD = 1_000
"""Ids that are looked at first. A file whose ids do not ascend mostly shows it soon."""
_MOST = 200_000
"""Of pairs of a part and a type. Where there are more, the column of types holds none."""


class Standing(Record):
    """The rows of one file that stand in order."""

    rows: int
    first: int
    """Instants of the first and the last row, microseconds."""
    last: int
    before: int
    """Rows of the files before."""


class Order(Record):
    """That all rows stand in order."""

    files: dict[int, Standing]
    """File → its rows."""
    unique: bool
    """Each id comes after the one before it, so that none stands twice."""

    def within(self, first: int, last: int) -> bool:
        """Whether all instants lie between two."""
        return all(first <= of.first and of.last <= last for of in self.files.values())


class Look(Record):
    """What one look at times, types and ids has shown."""

    types: frozenset[str] | None
    """Every event type that there is; None: not to be told, for they are too many."""
    order: Order | None
    """None: some row stands after one with a later time, has none, or files overlap."""


def look(frame: DataFrame) -> Look:
    """How the rows stand of a frame with PLACE, `t`, `type` and `own` that Spark reads from files.

    Each task sorts the times that it reads anew and looks whether one has changed its place; and
    then so the ids, where the first of them ascend. What it sorts is in order or all but, and
    narrow, so that costs little more than to look."""
    from pyspark.sql.functions import expr, monotonically_increasing_id, spark_partition_id

    seen = frame.select(*PLACE, "t", "type").withColumn("was", monotonically_increasing_id())
    again = seen.sortWithinPartitions("t", "was").withColumn("is", monotonically_increasing_id())
    told = (
        *(f"min({PLACE[1]})", f"max({PLACE[1]})", "count(*)", "min(t)", "max(t)"),
        "count_if(t IS NULL OR was <> is)",
        # A task may read two pieces of a file, the later one first.
        *(f"min(was - {PLACE[1]})", f"max(was - {PLACE[1]})"),
    )
    grouped = again.withColumn("part", spark_partition_id()).groupBy(PLACE[0], "part", "type")
    rows = grouped.agg(*map(expr, told)).limit(_MOST + 1).collect()
    if len(rows) > _MOST:
        return Look(None, None)
    found = [tuple(row) for row in rows]
    types = frozenset(row[2] for row in found if row[2])
    parts = _parts(found)
    files = one_after_another(parts)
    return Look(types, None if files is None else Order(files, _rising(frame, parts)))


def _parts(found: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The same of parts, whatever types are in them, as `one_after_another` takes it."""
    parts: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
    for file, part, _, *of in found:
        parts.setdefault((file, part), []).append(tuple(of))
    return [(*place, *_together(rows)) for place, rows in parts.items()]


def _together(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    first, last, number, begin, end, moved, least, most = zip(*rows, strict=True)
    begins = [t for t in begin if t is not None]
    ends = [t for t in end if t is not None]
    late = sum(moved) + (min(least) != max(most))
    return (
        *(min(first), max(last), sum(number)),
        *(min(begins, default=None), max(ends, default=None), late),
    )


def _rising(frame: DataFrame, parts: Sequence[tuple[Any, ...]]) -> bool:
    """Whether each id comes after the one before it, in parts as `one_after_another` takes them.

    Of each part come its first id and its last, and rows that have changed their places if there
    are some: to have the least and the greatest of texts counted would sort them once more."""
    from pyspark.sql.functions import expr, monotonically_increasing_id

    head = [row[0] for row in frame.select("own").limit(_HEAD).collect()]
    if not all(a is not None and b is not None and a < b for a, b in pairwise(head)):
        return False
    sizes = [0] * (1 + max((part[1] for part in parts), default=0))
    for found in parts:
        sizes[found[1]] += found[4]
    seen = frame.select(*PLACE, "own").withColumn("was", monotonically_increasing_id())
    # Of two equal ids the later one would come first.
    again = seen.sortWithinPartitions(expr("own"), expr("was").desc())
    part = "CAST(shiftright(was, 33) AS INT) + 1"
    last = f"element_at(array({', '.join(f'{size}L' for size in sizes)}), {part}) - 1"
    ends = again.withColumn("now", monotonically_increasing_id()).where(
        f"own IS NULL OR was <> now OR (was & {2**33 - 1}L) IN (0, {last})"
    )
    rows = of_each_part(frame.sparkSession, ends, 3).collect()
    if any(row["own"] is None or row["was"] != row["now"] for row in rows):
        return False
    rows.sort(key=itemgetter(*PLACE))
    return all(one["own"] < other["own"] for one, other in pairwise(rows))


def one_after_another(parts: Sequence[tuple[Any, ...]]) -> dict[int, Standing] | None:
    """Of each part of a file: file, number, its first and last row, how many they are, its first
    and last instant, and how many rows are not in order."""
    files: dict[int, Standing] = {}
    before, next_row, latest, current = 0, 0, None, -1
    for file, _, first_row, last_row, rows, first, last, moved in sorted(
        parts, key=itemgetter(0, 2)
    ):
        if file != current:
            current, next_row = file, 0
        whole = first_row == next_row and last_row - first_row + 1 == rows
        if moved or not whole or (latest is not None and first < latest):
            return None
        next_row, latest = last_row + 1, last
        known = files.get(file)
        files[file] = (
            Standing(rows, first, last, before)
            if known is None
            else Standing(known.rows + rows, known.first, last, known.before)
        )
        before += rows
    return files
