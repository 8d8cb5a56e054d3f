"""A source as one frame: which of its rows are events beyond doubt, and what rules read of them.

The frame of a stage has the columns of PLACE; `sure` BOOLEAN, whether the row is an event; `t`
BIGINT; `h` BIGINT, a hash of its id; `type` STRING; `n0`, `n1` … for the columns of the scan;
`p0`, `p1` … BOOLEAN, whether the event has the attributes of `present`; of columns `own` STRING,
its id; of lines `raw` BINARY where it is needed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING

from tosrules.engines.duckdb.parquet import _present as present_of
from tosrules.engines.duckdb.plain import Path
from tosrules.engines.duckdb.staged import checks_due, filled, interesting
from tosrules.engines.spark import emit, jsonl
from tosrules.engines.spark.leaves import Leaf, Unreadable
from tosrules.engines.spark.rows import frame_of
from tosrules.engines.spark.sources import HEAD, PLACE, Source, leaves_of
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.quoting import quoted
from tosrules.trace.problems import TraceError, TraceProblem
from tosrules.trace.reading import Reading
from tosrules.vocabulary import Attribute, Vocabulary

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from tosrules.engines.spark.session import Session

TYPES = 1_000
"""Event types of a source; with more of them its column of types is none."""


class Stage:
    """What is made of a source."""

    def __init__(self, frame: DataFrame, present: Sequence[str], held: bool) -> None:
        self.frame = frame
        self.present = list(present)
        self.held = held
        """The frame is kept by the session."""


def stage(
    session: Session,
    source: Source,
    reading: Reading,
    scan: Scan,
    vocabulary: Vocabulary,
    utc: bool,
) -> Stage:
    """Raises TraceError where nothing can be read of it. `utc`: times without an offset are
    UTC."""
    if source.form == "jsonl":
        return _lines(session, source, reading, scan, vocabulary)
    try:
        return _columns(session, source, scan, vocabulary, utc)
    except Unreadable as error:
        said = TraceProblem(
            "trace-unknown-format", str(error), "leave the column out", source.files[0].name
        )
        raise TraceError([said]) from None


# ---- columns -------------------------------------------------------------------------------


def _columns(
    session: Session, source: Source, scan: Scan, vocabulary: Vocabulary, utc: bool
) -> Stage:
    found = {leaf.name: leaf for leaf in leaves_of(source)}
    missing = [name for name in HEAD if name not in found]
    if missing:
        raise TraceError(
            [
                TraceProblem(
                    "trace-no-header",
                    f"the Parquet files have no column {' and no '.join(map(quoted, missing))}",
                    "their columns are `id`, `time`, `type`, and attributes",
                    source.files[0].name,
                )
            ]
        )
    kind = found["type"]
    types = _types(source, kind)
    declared = {name: vocabulary.attributes_of(name) for name in types}
    own = {name: leaf for name, leaf in found.items() if name not in HEAD}
    checks = [_head_check(found, utc)]
    for leaf in own.values():
        checks += _checks(leaf, declared, utc)
    sure = " AND ".join(checks)
    present = present_of(types, vocabulary, own, declared)  # type: ignore[arg-type]
    if not present:
        present = [n for n in own if any(n in a and a[n].required for a in declared.values())]
    text = kind.sql if kind.textual else "CAST(NULL AS STRING)"
    identifier = found["id"].sql if found["id"].textual else "CAST(NULL AS STRING)"
    taken = [
        f"({sure}) AS sure",
        f"{found['time'].instant(utc)} AS t",
        f"xxhash64({identifier}) AS h",
        f"{text} AS type",
        f"{identifier} AS own",
    ]
    secret = False
    for number, column in enumerate(scan.columns):
        value = _value(column, own, identifier, types, text, vocabulary, utc)
        secret |= column.secret
        taken.append(f"CAST({value} AS {emit.column_type(column)}) AS n{number}")
    for number, name in enumerate(present):
        taken.append(f"({own[name].sql} IS NOT NULL) AS p{number}")
    frame = _keyed(session, source.frame, secret)
    return Stage(frame.selectExpr(*PLACE, *taken), present, False)


def _types(source: Source, kind: Leaf) -> frozenset[str]:
    """The event types that there are. Raises Unreadable."""
    if not kind.textual:
        return frozenset()
    counted = source.frame.selectExpr(f"{kind.sql} AS type").distinct().limit(TYPES + 1).collect()
    if len(counted) > TYPES:
        raise Unreadable(
            f"the column `type` holds more than {TYPES:,} different texts, which are no types"
        )
    return frozenset(row[0] for row in counted if row[0])


def _head_check(found: Mapping[str, Leaf], utc: bool) -> str:
    """SQL of whether a row has an id, a time and one of the types."""
    identifier, time, kind = (found[name] for name in HEAD)
    if not identifier.textual or not kind.textual or time.instant(utc) == "NULL":
        return "false"
    return (
        f"coalesce({identifier.sql} <> '' AND {time.sql} IS NOT NULL AND "
        f"{time.good_instant(utc)} AND {kind.sql} <> '', false)"
    )


def _checks(leaf: Leaf, declared: Mapping[str, Mapping[str, Attribute]], utc: bool) -> list[str]:
    """SQL of whether the strict reader takes the value of a row as it stands."""
    parts = [f"coalesce({check}, true)" for check in [leaf.held()] if check]
    due = checks_due(leaf.name, declared, lambda a: leaf.good(a.type, a.secret, utc))
    for check, names in due.items():
        whole = f"coalesce({check}, true)"
        parts.append(whole if len(names) == len(declared) else f"(NOT {one_of(names)} OR {whole})")
    above = [n for n in leaf.above if any(n in a for a in declared.values())]
    if above:
        # What is declared as a value comes as an object; the strict reader says so.
        parts.append(f"({emit.quoted(above[0])} IS NULL)")
    return parts


def one_of(names: Sequence[str], value: str = "type") -> str:
    return f"coalesce({value} IN ({', '.join(map(emit.text, sorted(names)))}), false)"


def _value(
    column: ScanColumn,
    own: Mapping[str, Leaf],
    identifier: str,
    types: Set[str],
    kind: str,
    vocabulary: Vocabulary,
    utc: bool,
) -> str:
    """SQL of the value of a column."""
    if column.attribute == "id":
        return identifier
    yes, no = filled(column, types, vocabulary)
    if not yes or column.attribute not in own:
        return "NULL"
    value = own[column.attribute].value(column.type, utc)
    if column.secret and value != "NULL":
        value = _hashed(value, column)
    return value if not no else f"CASE WHEN {one_of(yes, kind)} THEN {value} END"


# ---- secrets -------------------------------------------------------------------------------

_KEY = "tos_key"


def _keyed(session: Session, frame: DataFrame, secret: bool) -> DataFrame:
    """The frame with the key of the session beside each row, if there are secrets to be hashed.
    It is handed over as data: what stands in statements is written to Spark's logs."""
    if not secret:
        return frame
    row = (bytearray.fromhex(session.key_hex()),)
    key = frame_of(session.spark, [row], f"{_KEY} BINARY")
    return frame.crossJoin(key.hint("broadcast"))


def _hashed(value: str, column: ScanColumn) -> str:
    def of(text: str) -> str:
        return f"sha2(concat({_KEY}, encode({text}, 'UTF-8')), 256)"

    return of(value) if column.type.name != "list" else f"transform({value}, x -> {of('x')})"


# ---- lines ---------------------------------------------------------------------------------


def _lines(
    session: Session, source: Source, reading: Reading, scan: Scan, vocabulary: Vocabulary
) -> Stage:
    sample = [row[0] for row in source.frame.select("value").limit(jsonl.SAMPLE).collect()]
    made = _staged_lines(session, source, reading, scan, vocabulary, sample)
    doubtful = made.frame.where("NOT sure").limit(jsonl.SAMPLE).select("raw").collect()
    if len(doubtful) == jsonl.SAMPLE:
        # Events of later kinds than the first lines have: they are learned too.
        session.release(made.frame)
        sample += [bytes(row[0]).decode(errors="replace") for row in doubtful]
        made = _staged_lines(session, source, reading, scan, vocabulary, sample)
    made.frame = jsonl.numbered(session, made.frame)
    return made


def _staged_lines(
    session: Session,
    source: Source,
    reading: Reading,
    scan: Scan,
    vocabulary: Vocabulary,
    sample: Sequence[str],
) -> Stage:
    plain = jsonl.learned(sample, reading, vocabulary)
    where = [PLACE[0], "block", "mid"]
    if plain is None:
        made = source.frame.selectExpr(
            *where,
            "false AS sure",
            "CAST(NULL AS BIGINT) AS t",
            "CAST(NULL AS BIGINT) AS h",
            "CAST(NULL AS STRING) AS type",
            *(f"CAST(NULL AS {emit.column_type(c)}) AS n{n}" for n, c in enumerate(scan.columns)),
            "CAST(value AS BINARY) AS raw",
        )
        return Stage(session.keep(made), [], True)
    paths: dict[str, list[Path]] = {}
    for path in plain.leaves:
        paths.setdefault(".".join(path), []).append(path)
    names = {name: None for name in paths if name not in HEAD}
    present = interesting(plain.types, vocabulary, names)
    taken = ["unix_micros(try_cast(r.time AS TIMESTAMP)) AS t", "xxhash64(r.id) AS h",
             "r.type AS type"]  # fmt: skip
    secret = False
    for number, column in enumerate(scan.columns):
        value = "NULL"
        if column.attribute == "id":
            value = "r.id"
        else:
            yes, no = filled(column, plain.types, vocabulary)
            if yes and column.attribute in paths:
                value = f"coalesce({', '.join(map(jsonl.at, paths[column.attribute]))})"
                if column.secret:
                    value, secret = _hashed(value, column), True
                else:
                    value = jsonl.converted(value, column.type)
                if no:
                    value = f"CASE WHEN {one_of(yes, 'r.type')} THEN {value} END"
        taken.append(f"CAST({value} AS {emit.column_type(column)}) AS n{number}")
    for number, name in enumerate(present):
        there = " OR ".join(f"{jsonl.at(path)} IS NOT NULL" for path in paths[name])
        taken.append(f"coalesce({there}, false) AS p{number}")
    raw = (
        "value"
        if any(file.local is None for file in source.files)
        else ("CASE WHEN NOT sure THEN value END")
    )
    parsed = source.frame.selectExpr("*", f"{jsonl.structure(plain)} AS parsed")
    judged = parsed.selectExpr("*", "parsed AS r").selectExpr(
        "*", f"{jsonl.sure(plain, reading.max_record)} AS sure"
    )
    known = judged.selectExpr(*where, "value", "sure", "CASE WHEN sure THEN r END AS r")
    made = _keyed(session, known, secret).selectExpr(
        *where, "sure", *taken, f"CAST({raw} AS BINARY) AS raw"
    )
    return Stage(session.keep(made), present, True)
