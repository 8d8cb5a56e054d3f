"""Whether the rows of files stand in their one order already, which most recordings do: then
nothing has to be moved to know the place of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tosrules.engines.spark.sources import PLACE
from tosrules.record import Record

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_HEAD = 1_000
"""Ids that are looked at first. A file whose ids do not ascend mostly shows it soon."""


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


def standing(frame: DataFrame) -> Order | None:
    """How the rows stand of a frame with PLACE, `t` and `own` that Spark reads from files; None
    if some row stands after one with a later time, has none, or files overlap.

    Each task sorts the times that it reads anew and looks whether one has changed its place; and
    so the ids, where the first of them ascend. What it sorts is in order or all but, so that
    costs little more than to look."""
    from pyspark.sql.functions import expr, monotonically_increasing_id, spark_partition_id

    seen = frame.select(*PLACE, "t", "own").withColumn("was", monotonically_increasing_id())
    head = [row[0] for row in seen.select("own").limit(_HEAD).collect()]
    rising = all(a is not None and b is not None and a < b for a, b in pairwise(head))
    again = seen.sortWithinPartitions("t", *PLACE).withColumn("is", monotonically_increasing_id())
    if rising:
        # Of two equal ids the later one would come first.
        again = again.sortWithinPartitions(expr("own"), expr("was").desc())
        again = again.withColumn("as", monotonically_increasing_id())
    ids = ("count_if(own IS NULL OR was <> as)", "min(own)", "max(own)") if rising else ()
    found = (
        again.withColumn("part", spark_partition_id())
        .groupBy(PLACE[0], "part")
        .agg(
            *(
                expr(text)
                for text in (
                    f"min({PLACE[1]})", f"max({PLACE[1]})", "count(*)", "min(t)", "max(t)",
                    "count_if(t IS NULL OR was <> is)", *ids,
                )
            )
        )
        .collect()
    )  # fmt: skip
    parts = sorted((tuple(row) for row in found), key=itemgetter(0, 2))
    files = one_after_another([part[:8] for part in parts])
    unique = rising and ascending([part[8:] for part in parts])
    return None if files is None else Order(files, unique)


def ascending(parts: Sequence[tuple[Any, ...]]) -> bool:
    """Of each part, in order: how many of its ids are out of order, its least and its greatest."""
    if any(moved for moved, _, _ in parts):
        return False
    return all(one[2] < other[1] for one, other in pairwise(parts))


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
