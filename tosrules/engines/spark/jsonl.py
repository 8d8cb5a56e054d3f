"""JSON Lines on Spark: plain lines by SQL, the others by the strict reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tosrules.engines.duckdb.plain import Path, Plain, learn
from tosrules.engines.spark import emit
from tosrules.engines.spark.leaves import whole
from tosrules.engines.spark.rows import frame_of
from tosrules.engines.spark.sources import PLACE, File, Source, opened, ordinals
from tosrules.trace import strict
from tosrules.trace.native import decode_line
from tosrules.trace.reading import Reading
from tosrules.trace.values import Typing
from tosrules.vocabulary import Type, Vocabulary

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from tosrules.engines.spark.session import Session

SAMPLE = 2_000
"""Lines that are looked at to learn what is plain."""
_ITEMS = 200
"""Commas of a line that is plain, at most: Java goes one call deeper for each item of a list, and
ends its process when it can go no deeper."""
_DUCKDB = {
    "VARCHAR": "STRING",
    "BOOLEAN": "BOOLEAN",
    "DECIMAL(24,6)": "DECIMAL(24,6)",
    "BIGINT": "BIGINT",
    "JSON": "STRING",
}


def lines(session: Session, files: Sequence[File]) -> Source:
    """The lines of files: `value`, and where each stands. Kept, because which lines make a part
    of a file may not change between two looks at them."""
    text = session.spark.read.option("lineSep", "\n").text(opened(files))
    paths = [r[0] for r in text.selectExpr("_metadata.file_path").distinct().collect()]
    number = ordinals(files, paths)
    split = text.selectExpr(
        "value",
        f"CAST({number} AS INT) AS {PLACE[0]}",
        "_metadata.file_block_start AS block",
        "monotonically_increasing_id() AS mid",
    )
    return Source("jsonl", split, files)


def numbered(session: Session, frame: DataFrame) -> DataFrame:
    """Rows with `block` and `mid`, with their 0-based place in their file instead. They must
    be kept."""
    parts = (
        frame.groupBy(PLACE[0], "block")
        .agg({"mid": "min", "*": "count"})
        .toDF("f", "block", "first", "rows")
        .collect()
    )
    before: dict[int, int] = {}
    starts = []
    for f, block, first, rows in sorted(tuple(p) for p in parts):
        starts.append((f, block, before.get(f, 0) - first))
        before[f] = before.get(f, 0) + rows
    others = [n for n in frame.columns if n not in ("block", "mid")]
    if len(starts) == 1:
        return frame.selectExpr(*map(emit.quoted, others), f"mid + {starts[0][2]} AS {PLACE[1]}")
    table = frame_of(session.spark, starts, "f INT, start BIGINT, shift BIGINT")
    on = (frame[PLACE[0]] == table["f"]) & (frame["block"] == table["start"])
    joined = frame.join(table.hint("broadcast"), on)
    return joined.selectExpr(*map(emit.quoted, others), f"mid + shift AS {PLACE[1]}")


def learned(texts: Sequence[str], reading: Reading, vocabulary: Vocabulary) -> Plain | None:
    """What is plain, by lines of the files; None if nothing is."""
    records = []
    # A typing of its own: these lines are read again, and their times counted then.
    typing = Typing(vocabulary, reading.typing.zone)
    scratch = Reading(reading.name, typing, reading.max_record)
    for text in texts:
        try:
            decoded = decode_line(text.rstrip("\r\n"))
        except strict.Fault:
            continue
        if type(decoded) is not dict or "type" not in decoded:
            continue
        before = len(scratch.records)
        scratch.take(dict(decoded), 1, None, lambda _: (None, None))
        if len(scratch.records) > before:
            records.append(decoded)
    return learn(records, vocabulary)


def sure(plain: Plain, max_record: int) -> str:
    """SQL of whether a line is plain; `r` is its record as far as it could be parsed. Java's
    expressions try one alternative after another, so that of the record's type stands alone."""
    size = f"octet_length(value) <= {max_record}"
    commas = "length(value) - length(replace(value, ',', ''))"
    shallow = f"(octet_length(value) <= {_ITEMS} OR {commas} <= {_ITEMS})"
    forms = " ".join(
        f"WHEN {emit.text(name)} THEN {whole('value', expression)}"
        for name, expression in sorted(plain.expressions.items())
    )
    whole_text = "is_valid_utf8(value)"
    return f"coalesce({size} AND {shallow} AND {whole_text} AND CASE r.type {forms} END, false)"


def structure(plain: Plain) -> str:
    """SQL of the record of a plain line."""
    tree: dict[str, object] = {}
    for path, of in plain.leaves.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})  # type: ignore[assignment]
        node[path[-1]] = of
    return f"from_json(value, {emit.text(f'STRUCT<{_fields(tree)}>')})"


def _fields(tree: dict[str, object]) -> str:
    parts = []
    for key, of in tree.items():
        if isinstance(of, dict):
            made = f"STRUCT<{_fields(of)}>"
        else:
            lists = str(of).endswith("[]")
            made = _DUCKDB[str(of).removesuffix("[]")]
            made = f"ARRAY<{made}>" if lists else made
        parts.append(f"{emit.quoted(key)}: {made}")
    return ", ".join(parts)


def at(path: Path) -> str:
    return "r" + "".join(f".{emit.quoted(key)}" for key in path)


def converted(value: str, of: Type) -> str:
    """SQL of the value of a column, from what stands in a plain record."""
    lists = of.name == "list" and of.of is not None
    inner = of.of.name if lists and of.of is not None else of.name
    part = "x" if lists else value
    if inner == "time":
        part = f"unix_micros(CAST({part} AS TIMESTAMP))"
    elif inner == "duration":
        part = f"CAST({part} * 1000000 AS BIGINT)"
    if not lists:
        return part
    return value if part == "x" else f"transform({value}, x -> {part})"
