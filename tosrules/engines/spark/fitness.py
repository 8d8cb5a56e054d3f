"""Whether Spark reads local files as every other engine does. It passes over some names without a
word, goes by their endings to unpack them, and takes times of INT96 for instants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tosrules.engines.spark.sources import File, passed_over
from tosrules.trace.parquet import globbed
from tosrules.trace.source import packing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PACKED = {"gz": "gzip", "zst": "zstd"}
"""Ending → packing that Spark goes by it for, and the readers of traces unpack too."""
_OTHERWISE = ("bz2", "lz4", "snappy", "deflate")
"""Endings by which Spark alone unpacks."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def fit(files: Sequence[File], form: str) -> frozenset[str] | None:
    """Whether local files of a format can be left to Spark, and if so their columns of INT96: times
    that say nothing of an offset, though Spark takes them for instants. None: they cannot."""
    if not all(_named(file) and _begun(file, form) for file in files):
        return None
    return _int96(files) if form == "parquet" else frozenset()


def _named(file: File) -> bool:
    path = str(file.local)
    plain = not any("\ud800" <= c <= "\udfff" for c in path)
    return plain and ":" not in file.uri.removeprefix("file:") and not passed_over(path)


def _begun(file: File, form: str) -> bool:
    """By its first bytes and its ending."""
    try:
        with open(str(file.local), "rb") as raw:
            first = raw.read(4)
    except OSError:
        return False
    if form == "parquet":
        return first == b"PAR1"
    ending = str(file.local).rpartition(".")[2].lower()
    if not first or first.startswith(_UTF16) or ending in _OTHERWISE:
        return False
    return packing(first) == _PACKED.get(ending, "")


def _int96(files: Sequence[File]) -> frozenset[str] | None:
    """The columns of INT96 of Parquet files; None if one lies in another column, or the strict
    reader does not take all columns."""
    import duckdb

    from tosrules.trace.parquet import columns
    from tosrules.trace.problems import Refused

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            for file in files:
                columns(connection, str(file.local), file.name)
            found = list(_of_int96(connection, files))
        except (duckdb.Error, Refused):  # whoever reads them says what is wrong
            return None
    return None if any(depth for depth, _ in found) else frozenset(name for _, name in found)


def _of_int96(connection: DuckDBPyConnection, files: Sequence[File]) -> Iterator[tuple[int, str]]:
    """Columns of INT96, each with the number of those that it lies in."""
    listed = ", ".join("'" + globbed(str(file.local)).replace("'", "''") + "'" for file in files)
    asked = f"SELECT name, type, coalesce(num_children, 0) FROM parquet_schema([{listed}])"
    open_: list[int] = []
    """How many columns are left in each that is open."""
    for name, kind, below in connection.execute(asked).fetchall():
        while open_ and open_[-1] == 0:
            open_.pop()
        if kind == "INT96":
            yield len(open_) - 1, name
        if open_:
            open_[-1] -= 1
        if below:
            open_.append(below)
