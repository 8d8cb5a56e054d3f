"""`parquet`: one row for each event of evidence, for analysis; the columns are in
docs/formats.md. Written by DuckDB: the same bytes for the same result and version of DuckDB.
"""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Any

from tosrules.reports import Options
from tosrules.reports.common import acceptance, named
from tosrules.result.encode import to_line
from tosrules.result.model import Evidence, Finding, Result

EVIDENCE = "tosrules-evidence/1"
COLUMNS = {
    "finding": "VARCHAR",
    "clause": "VARCHAR",
    "pack": "VARCHAR",
    "rule": "INTEGER",
    "form": "VARCHAR",
    "severity": "VARCHAR",
    "accepted": "BOOLEAN",
    "subject_kind": "VARCHAR",
    "subject": "VARCHAR",
    "context": "BOOLEAN",
    "role": "VARCHAR",
    "note": "VARCHAR",
    "event": "VARCHAR",
    "type": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "file": "VARCHAR",
    "line": "BIGINT",
    "index": "BIGINT",
    "attributes": "VARCHAR",
    "digest": "VARCHAR",
}
"""Name → type, in order; columns are only ever added at the end."""
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,  # so that rows and bytes are in one order
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}


def render(result: Result, options: Options) -> bytes:  # noqa: ARG001
    import duckdb  # 0.2 s: only who asks for this format pays

    rows = [row for finding in result.findings for row in _rows(finding)]
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    given = ", ".join(
        f'unnest(${n}::{_sent(of)}[])::{of} AS "{name}"'
        for n, (name, of) in enumerate(COLUMNS.items(), 1)
    )
    with TemporaryDirectory(prefix="tosrules-") as folder:
        file = os.path.join(folder, "report.parquet")
        with duckdb.connect(":memory:", config=_CONFIG) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(
                f"CREATE TABLE evidence AS SELECT {given}", columns or [[] for _ in COLUMNS]
            )
            connection.execute(
                "COPY evidence TO $1 (FORMAT parquet, COMPRESSION zstd, KV_METADATA "
                f"{{format: '{EVIDENCE}'}})",
                [file],
            )
        with open(file, "rb") as made:
            return made.read()


def _sent(of: str) -> str:
    """Times are handed over as text."""
    return "VARCHAR" if of == "TIMESTAMPTZ" else of


def _rows(of: Finding) -> list[tuple[Any, ...]]:
    kind, name = named(of.subject)
    shared = (of.id, of.clause, of.pack, of.rule.ordinal, of.rule.form, of.severity)
    who = (acceptance(of) is not None, kind, _text(name))
    return [
        *((*shared, *who, True, *_event(e)) for e in of.context),
        *((*shared, *who, False, *_event(e)) for e in of.evidence),
    ]


def _event(of: Evidence) -> tuple[Any, ...]:
    return (
        of.role,
        _text(of.note),
        _text(of.event),
        _text(of.type),
        of.time,
        _text(of.source.file),
        of.source.line,
        of.source.index,
        to_line(of.attributes),
        of.digest,
    )


def _text(text: str | None) -> str | None:
    """Text that UTF-8 can hold."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
