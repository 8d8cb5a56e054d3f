"""Whether the rows of files stand in their one order already, which most recordings do: then
nothing has to be moved to know the place of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tosrules.engines.spark.sources import PLACE
from tosrules.record import Record

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Standing(Record):
    """The rows of one file that stand in order."""

    rows: int
    first: int
    """Instants of the first and the last row, microseconds."""
    last: int
    before: int
    """Rows of the files before."""


def standing(frame: DataFrame) -> dict[int, Standing] | None:
    """File → its rows, of a frame with PLACE and `t` that Spark reads from files; None if some
    row stands after one with a later time, has none, or files overlap.

    Each task sorts the times that it reads anew and looks whether one has changed its place.
    What it sorts is in order or all but, so that costs little more than to look."""
    from pyspark.sql.functions import expr, monotonically_increasing_id, spark_partition_id

    seen = frame.select(*PLACE, "t").withColumn("was", monotonically_increasing_id())
    again = seen.sortWithinPartitions("t", *PLACE).withColumn("is", monotonically_increasing_id())
    found = (
        again.withColumn("part", spark_partition_id())
        .groupBy(PLACE[0], "part")
        .agg(
            *(
                expr(text)
                for text in (
                    f"min({PLACE[1]})", f"max({PLACE[1]})", "count(*)", "min(t)", "max(t)",
                    "count_if(t IS NULL OR was <> is)",
                )
            )
        )
        .collect()
    )  # fmt: skip
    return one_after_another([tuple(row) for row in found])


def one_after_another(parts: Sequence[tuple[Any, ...]]) -> dict[int, Standing] | None:
    """Of each part of a file: file, number, its first and last row, how many they are, its first
    and last instant, and how many rows are not in order."""
    files: dict[int, Standing] = {}
    before, next_row, latest, current = 0, 0, None, -1
    for file, _, first_row, last_row, rows, first, last, moved in sorted(
        parts, key=lambda part: (part[0], part[2])
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
