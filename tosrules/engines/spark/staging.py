"""A source as one frame: which of its rows are events beyond doubt, and what rules read of them.

The frame of a stage has the columns of PLACE; `sure` BOOLEAN, whether the row is an event; `t`
BIGINT; `h` BIGINT, a hash of its id; `type` STRING; `n0`, `n1` … for the columns of the scan;
`p0`, `p1` … BOOLEAN, whether the event has the attributes of `present`; of columns `own` STRING,
its id, and `naive` BIGINT, its times without an offset, if there can be any; of lines `raw` BINARY
where it is needed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

from tosrules.engines.duckdb.parquet import _present as present_of
from tosrules.engines.duckdb.plain import Path
from tosrules.engines.duckdb.staged import checks_due, filled, interesting
from tosrules.engines.spark import emit, jsonl
from tosrules.engines.spark.leaves import YEARS, Leaf, Unreadable
from tosrules.engines.spark.rows import frame_of, of_each_part
from tosrules.engines.spark.sources import HEAD, PLACE, Source, leaves_of
from tosrules.engines.spark.standing import Order, look
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace.parquet import no_columns
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

    def __init__(
        self, frame: DataFrame, present: Sequence[str], held: bool, order: Order | None = None
    ) -> None:
        self.frame = frame
        self.present = list(present)
        self.held = held
        """The frame is kept by the session."""
        self.order = order
        """That its rows stand in order, if they do."""


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
        raise TraceError([no_columns(missing, source.files[0].name)])
    kind = found["type"]
    text = kind.sql if kind.textual else "CAST(NULL AS STRING)"
    identifier = found["id"].sql if found["id"].textual else "CAST(NULL AS STRING)"
    heads = [f"{found['time'].instant(utc)} AS t", f"{text} AS type", f"{identifier} AS own"]
    types, order = None, None
    if source.form == "parquet":
        seen = look(source.frame.selectExpr(*PLACE, *heads))
        types, order = seen.types, seen.order
    if types is None or len(types) > TYPES:
        types = _types(source, kind)
    declared = {name: vocabulary.attributes_of(name) for name in types}
    own = {name: leaf for name, leaf in found.items() if name not in HEAD}
    checks = _head_checks(found, utc, order)
    for leaf in own.values():
        checks += _checks(leaf, declared, utc)
    if source.form == "parquet":
        checks = _open(session, source.frame, checks)
    sure = " AND ".join(check.sql for check in checks) or "true"
    present = present_of(types, vocabulary, own, declared)  # type: ignore[arg-type]
    if not present:
        present = [n for n in own if any(n in a and a[n].required for a in declared.values())]
    taken = [f"({sure}) AS sure", f"xxhash64({identifier}) AS h", *heads]
    secret = False
    for number, column in enumerate(scan.columns):
        value = _value(column, own, identifier, types, text, vocabulary, utc)
        secret |= column.secret
        taken.append(f"CAST({value} AS {emit.column_type(column)}) AS n{number}")
    for number, name in enumerate(present):
        taken.append(f"({own[name].sql} IS NOT NULL) AS p{number}")
    taken += _naive(found["time"], own.values(), declared) if utc else ()
    frame = _keyed(session, source.frame, secret)
    return Stage(frame.selectExpr(*PLACE, *taken), present, False, order)


def _naive(
    time: Leaf, own: Iterable[Leaf], declared: Mapping[str, Mapping[str, Attribute]]
) -> Iterator[str]:
    """How many times without an offset each row has, as the column `naive`, if any has some."""
    parts = ["1"] if time.kind == "timestamp_ntz" else []
    for leaf in own:
        of = {n: a[leaf.name].type.name for n, a in declared.items() if leaf.name in a}
        names = [n for n, wanted in of.items() if wanted == "time"]
        if names and leaf.kind == "timestamp_ntz":
            there = f"{leaf.sql} IS NOT NULL AND {one_of(names)}"
            parts.append(f"CASE WHEN {there} THEN 1 ELSE 0 END")
    if parts:
        yield f"CAST({' + '.join(parts)} AS BIGINT) AS naive"


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


class Check(NamedTuple):
    """Whether the strict reader takes a value of a row as it stands."""

    sql: str
    refused: str = ""
    """SQL of whether it does not, in comparisons that the statistics of files answer; empty where
    it cannot be said so."""


def _open(session: Session, frame: DataFrame, checks: Sequence[Check]) -> list[Check]:
    """The checks that have to be made row by row. Most can fail for no row of a file, as the
    least and the greatest values of its columns tell, which stand beside them."""
    told = [check.refused for check in checks if check.refused]
    if not told:
        return list(checks)
    doubtful = frame.where(" OR ".join(told)).selectExpr("true AS there")
    if of_each_part(session.spark, doubtful, 1).collect():
        return list(checks)
    return [check for check in checks if not check.refused]


def _head_checks(found: Mapping[str, Leaf], utc: bool, order: Order | None) -> list[Check]:
    """Whether a row has an id, a time and one of the types."""
    identifier, time, kind = (found[name] for name in HEAD)
    if not identifier.textual or not kind.textual or time.instant(utc) == "NULL":
        return [Check("false")]
    checks = []
    for text in (identifier.sql, kind.sql):
        checks.append(Check(f"coalesce({text} <> '', false)", f"{text} IS NULL OR {text} = ''"))
    if time.textual or order is None or not order.within(*YEARS):
        good = time.good_instant(utc)
        checks.append(Check(f"coalesce({time.sql} IS NOT NULL AND {good}, false)"))
    return checks


def _checks(leaf: Leaf, declared: Mapping[str, Mapping[str, Attribute]], utc: bool) -> list[Check]:
    """Of a column."""

    def whole(check: str) -> Check:
        return Check(f"coalesce({check}, true)", leaf.refused(check))

    parts = [whole(check) for check in [leaf.held()] if check]
    due = checks_due(leaf.name, declared, lambda a: leaf.good(a.type, a.secret, utc))
    for check, names in due.items():
        made = whole(check)
        if len(names) < len(declared):
            made = made._replace(sql=f"(NOT {one_of(names)} OR {made.sql})")
        parts.append(made)
    above = [n for n in leaf.above if any(n in a for a in declared.values())]
    if above:
        # What is declared as a value comes as an object; the strict reader says so.
        parts.append(Check(f"({emit.quoted(above[0])} IS NULL)"))
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
