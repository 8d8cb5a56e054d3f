"""CSV at speed: records in which nothing can be wrong by SQL, the others by the strict reader.

The database takes the cells apart. That is held to what the strict reader does: a file in which a
record has several lines, or a carriage return stands within one, is left to it as a whole, and a
record in which a cell holds a quotation mark is read strictly by itself.
"""

from __future__ import annotations

from collections.abc import Set

from tosrules.engines.duckdb.jsonl import check_order
from tosrules.engines.duckdb.leaves import Facts, Leaf
from tosrules.engines.duckdb.parquet import staged_of
from tosrules.engines.duckdb.plain import ADDRESS, INSTANT, NUMBER, SHORT
from tosrules.engines.duckdb.provenance import Lines
from tosrules.engines.duckdb.session import Session
from tosrules.engines.duckdb.staged import Staged, Unfit, literal
from tosrules.plan.scan import Scan
from tosrules.trace.csv_table import Table, header
from tosrules.trace.inputs import InputFile
from tosrules.trace.parquet import globbed
from tosrules.trace.reading import Reading, Record
from tosrules.trace.source import Source
from tosrules.vocabulary import Type, Vocabulary

_NOTHING = Facts(frozenset(), frozenset(), frozenset(), frozenset())
_STEP = 2**20
_PLAIN = {"number": NUMBER, "duration": SHORT, "time": INSTANT, "address": ADDRESS}
"""Of texts that are surely values of a type."""
_BOOLEANS = "('true', 'false', 'True', 'False', 'TRUE', 'FALSE')"


class Cell(Leaf):
    """A column whose values are the texts of cells; an empty one is missing."""

    def __init__(self, name: str, sql: str) -> None:
        from duckdb.sqltypes import VARCHAR

        super().__init__(name, sql, VARCHAR, ())

    def held(self, facts: Facts) -> str:  # noqa: ARG002
        # What stands in quotation marks within others is taken apart by one reader only.
        return f"NOT contains({self.sql}, '\"')"

    def good(self, of: Type, secret: bool, facts: Facts) -> str:  # noqa: ARG002
        if of.name in ("text", "reference"):
            return ""  # an empty cell is missing
        if secret:
            return f"{self.sql} IS NULL"  # the strict reader spells what is hashed
        if of.name == "boolean":
            return f"{self.sql} IN {_BOOLEANS}"
        if of.name in _PLAIN:
            return f"regexp_full_match({self.sql}, {literal(_PLAIN[of.name])})"
        return f"{self.sql} IS NULL"

    def value(self, of: Type) -> str:
        if of.name == "boolean":
            return f"(lower({self.sql}) = 'true')"
        if of.name == "number":
            return f"TRY_CAST({self.sql} AS DECIMAL(24,6))"
        if of.name == "duration":
            return f"TRY_CAST(TRY_CAST({self.sql} AS DECIMAL(15,6)) * 1000000 AS BIGINT)"
        return "NULL" if of.name == "list" else super().value(of)


def stage(
    session: Session,
    file: InputFile,
    reading: Reading,
    table: str,
    scan: Scan,
    vocabulary: Vocabulary,
) -> Staged:
    """Makes the table of a file. Raises Unfit, duckdb.Error, Refused, OSError."""
    lines = Lines(file)
    with lines.counted():
        names = _names(file, reading)
        packed = _looked_through(file, reading.max_record)
        source = _source(file, names, packed)
        cells = [Cell(name, f"c{n}") for n, name in enumerate(names)]
        staged = staged_of(session, source, cells, _NOTHING, reading, table, scan, vocabulary)
    if staged.rows != lines.count - 1:
        raise Unfit  # an empty line, or a record of several

    def fetch(rows: Set[int], into: Reading, every: bool) -> dict[int, Record]:
        found: dict[int, Record] = {}
        taking = Table(names, into)
        for number, data, _ in lines.take({row + 2 for row in rows}, into, every):
            before = len(into.records)
            taking.take(data.decode("utf-8").rstrip("\r\n"), number)
            if len(into.records) > before:
                found[number - 2] = into.records.pop()
        return found

    check_order(staged, fetch, vocabulary)
    staged.fetch = fetch
    staged.first_line = 2
    staged.sha256, staged.bytes, staged.format = lines.sha256, lines.bytes, "csv"
    return staged


def _names(file: InputFile, reading: Reading) -> list[str]:
    """The header. Raises Unfit, Refused."""
    with open(file.path, "rb") as raw:
        data = Source(raw, file.name).stream.readline(reading.max_record)
    try:
        text = data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Unfit from None
    if not data.endswith(b"\n") or text.count('"') % 2:
        raise Unfit
    return header(text, 1, reading)


def _looked_through(file: InputFile, longest: int) -> str:
    """How the file is packed. Raises Unfit if a carriage return stands within a line, or a line is
    too long."""
    with open(file.path, "rb") as raw:
        source = Source(raw, file.name)
        rest = b""
        while chunk := source.stream.read(_STEP):
            *whole, rest = (rest + chunk).split(b"\n")
            if max(map(len, whole), default=0) > longest or len(rest) > longest:
                raise Unfit
            if b"\r" in chunk and any(b"\r" in line[:-1] for line in whole):
                raise Unfit
        if b"\r" in rest[:-1]:
            raise Unfit
        return source.packed or "none"


def _source(file: InputFile, names: list[str], packed: str) -> str:
    """SQL of the records: `file_row_number`, the cells as `c0`, `c1`, …, and `type`."""
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n, _ in enumerate(names))
    return (
        f"(SELECT row_number() OVER () - 1 AS file_row_number, *, c{names.index('type')} AS type "
        f"FROM read_csv([{literal(globbed(file.path))}], columns = {{{columns}}}, delim = ',', "
        "quote = '\"', escape = '\"', comment = '', header = false, skip = 1, auto_detect = false, "
        f"strict_mode = true, null_padding = false, compression = '{packed}'))"
    )
