"""Whether Spark reads local files as every other engine does. It passes over some names without a
word, goes by their endings to unpack them, and takes times of INT96 for instants."""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.engines.spark.sources import File, passed_over
from tosrules.trace.parquet import globbed

_PACKED = {"gz": b"\x1f\x8b", "zst": b"\x28\xb5\x2f\xfd"}
"""Ending → how a file begins that Spark unpacks and the readers of traces do, too."""
_OTHERWISE = ("bz2", "lz4", "snappy", "deflate")
"""Endings by which Spark alone unpacks."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def fit(files: Sequence[File], form: str, utc: bool) -> bool:
    """Whether local files of a format can be left to Spark; `utc`: times without an offset are
    UTC."""
    if not all(_named(file) and _begun(file, form) for file in files):
        return False
    return form != "parquet" or utc or not _int96(files)


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
    packed = next((name for name, begin in _PACKED.items() if first.startswith(begin)), "")
    if not first or first.startswith(_UTF16) or ending in _OTHERWISE:
        return False
    return packed == (ending if ending in _PACKED else "")


def _int96(files: Sequence[File]) -> bool:
    """Whether there are columns of INT96 in Parquet files that are whole as far as that shows."""
    import duckdb

    listed = ", ".join("'" + globbed(str(file.local)).replace("'", "''") + "'" for file in files)
    asked = f"SELECT count(*) FROM parquet_schema([{listed}]) WHERE type = 'INT96'"
    with duckdb.connect() as connection:
        try:
            ((number,),) = connection.execute(asked).fetchall()
        except duckdb.Error:  # whoever reads them says what is wrong
            return True
    return bool(number)
