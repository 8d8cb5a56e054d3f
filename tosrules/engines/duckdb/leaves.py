"""Values in the columns of a Parquet file: which of them no reader could doubt, and as what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tosrules.engines.duckdb.emit import quoted
from tosrules.engines.duckdb.plain import ADDRESS, INSTANT
from tosrules.engines.duckdb.staged import Unfit, literal
from tosrules.trace.parquet import globbed
from tosrules.vocabulary import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.sqltypes import DuckDBPyType

_TEXTS = ("varchar", "enum", "uuid")
_SMALL = ("tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger")
_WHOLE = (*_SMALL, "bigint", "ubigint")
_LARGEST = 10**18
_ZONED = ("timestamp with time zone", "timestamptz")
_YEARS = "TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'"


class Facts:
    """What the file says of its columns at the top. A file that lies of these also misleads the
    database."""

    def __init__(
        self,
        full: frozenset[str],
        short: frozenset[str],
        dated: frozenset[str],
        whole: frozenset[str],
    ) -> None:
        self.full = full
        """Those in which no text is empty,"""
        self.short = short
        """all whole numbers have 18 digits at most,"""
        self.dated = dated
        """all instants are of the years 1 to 9999,"""
        self.whole = whole
        """no row is without a value."""


class Leaf:
    """A column, or a part of one, that holds values."""

    def __init__(self, name: str, sql: str, of: DuckDBPyType, above: tuple[str, ...]) -> None:
        self.name = name
        """Flattened name of the attribute."""
        self.sql = sql
        self.of = of
        self.above = above
        """Names of the objects that it lies in."""
        self.kind = _kind(of)

    @property
    def textual(self) -> bool:
        return self.kind in _TEXTS

    def text(self) -> str:
        return self.sql if self.kind == "varchar" else f"{self.sql}::VARCHAR"

    def instant(self, facts: Facts) -> str:
        """SQL of microseconds since 1970; NULL if the column is not of instants."""
        if self._dated(facts):
            return f"epoch_us({self.sql})"
        return _value(self.sql, self.of, "time") or "NULL"

    def good_instant(self, facts: Facts) -> str:
        """SQL of whether there is an instant, NULL if there is none. Empty: always."""
        if self._dated(facts) and self.name in facts.whole:
            return ""
        return _good(self.sql, self.of, "time") or f"{self.sql} IS NOT NULL"

    def _dated(self, facts: Facts) -> bool:
        return self.kind == "timestamptz" and self.name in facts.dated

    def filled(self, facts: Facts) -> str:
        """SQL of whether there is a text that is not empty, NULL if there is none. Empty:
        always."""
        if self.kind == "varchar" and self.name in facts.full & facts.whole:
            return ""
        return f"{self.text()} <> ''"

    def held(self, facts: Facts) -> str:
        """SQL of whether a number can be held, whatever it is; empty if any can."""
        return _held(self.sql, self.of, self.name in facts.short)

    def good(self, of: Type, secret: bool, facts: Facts) -> str:
        """SQL of whether a value is taken as it stands where the attribute has type `of`; NULL
        where there is none. Empty: always."""
        if of.name == "list" and of.of is not None:
            if self.kind != "list" or (secret and of.of.name not in ("text", "reference")):
                return self._none()
            part = _good("x", _child(self.of), of.of.name)
            if part is None:
                return self._none()
            whole = f"x IS NOT NULL{' AND ' + part if part else ''}"
            return f"list_bool_and(list_transform({self.sql}, lambda x: coalesce({whole}, false)))"
        if secret and of.name not in ("text", "reference"):
            return self._none()  # the strict reader spells what is hashed
        if of.name == "reference" and self.kind == "varchar" and self.name in facts.full:
            return ""
        check = _good(self.sql, self.of, of.name)
        return self._none() if check is None else check

    def _none(self) -> str:
        return f"{self.sql} IS NULL"

    def cheap(self, check: str) -> bool:
        """The check costs less than to find out whether it is due."""
        return check == f"{self.sql} <> ''"

    def value(self, of: Type) -> str:
        """SQL of the value where it is good."""
        if of.name == "list" and of.of is not None:
            part = _value("x", _child(self.of), of.of.name) if self.kind == "list" else None
            return "NULL" if part is None else f"list_transform({self.sql}, lambda x: {part})"
        return _value(self.sql, self.of, of.name) or "NULL"


def leaves(connection: DuckDBPyConnection, source: str) -> list[Leaf]:
    """The columns, with structures taken apart. Raises Unfit if two have one name."""
    relation = connection.sql(f"SELECT * EXCLUDE (file_row_number) FROM {source} LIMIT 0")
    found: list[Leaf] = []
    for name, of in zip(relation.columns, relation.types, strict=True):
        found.extend(_apart(name, quoted(name), of, ()))
    names = [leaf.name for leaf in found]
    if len(set(names)) < len(names):
        raise Unfit
    return found


def _apart(name: str, sql: str, of: DuckDBPyType, above: tuple[str, ...]) -> Iterator[Leaf]:
    if of.id != "struct":
        if of.id in ("map", "union", "blob", "array", "variant", "geometry"):
            raise Unfit
        yield Leaf(name, sql, of, above)
        return
    for part, inner in of.children:
        if isinstance(inner, int | list):
            raise Unfit
        below = f"{sql}.{quoted(part)}"
        yield from _apart(f"{name}.{part}", below, inner, (*above, name))


def statistics(connection: DuckDBPyConnection, path: str) -> Facts:
    """What the row groups say of the columns at the top."""
    found = connection.execute(
        "SELECT path_in_schema, bool_and(coalesce(stats_min_value > '', false) OR "
        "stats_null_count = num_values), bool_and(coalesce(abs(TRY_CAST(stats_min_value AS "
        f"HUGEINT)) < {_LARGEST} AND abs(TRY_CAST(stats_max_value AS HUGEINT)) < {_LARGEST}, "
        "false) OR stats_null_count = num_values), "
        f"bool_and(coalesce(TRY_CAST(stats_min_value AS TIMESTAMPTZ) BETWEEN {_YEARS} AND "
        f"TRY_CAST(stats_max_value AS TIMESTAMPTZ) BETWEEN {_YEARS}, false)), "
        "bool_and(coalesce(stats_null_count = 0, false)) "
        f"FROM parquet_metadata([{literal(globbed(path))}]) GROUP BY ALL"
    ).fetchall()
    return Facts(
        *(frozenset(row[0] for row in found if row[place]) for place in range(1, 5)),
    )


def _kind(of: DuckDBPyType) -> str:
    return "timestamptz" if of.id in _ZONED else of.id


def _child(of: DuckDBPyType) -> DuckDBPyType:
    return dict(of.children)["child"]  # type: ignore[return-value]


def _held(sql: str, of: DuckDBPyType, short: bool) -> str:
    kind = _kind(of)
    if kind in ("bigint", "ubigint"):
        return "" if short else f"{sql} BETWEEN {1 - _LARGEST} AND {_LARGEST - 1}"
    if kind == "decimal":
        size: Mapping[str, int] = dict(of.children)  # type: ignore[arg-type]
        if size["precision"] <= 18 and size["scale"] <= 6:
            return ""
        if size["scale"] > 20:
            return f"{sql} IS NULL"  # the comparison itself would not fit
        return f"(abs({sql}) < 1000000000000 AND {sql} = TRY_CAST({sql} AS DECIMAL(24,6)))"
    if kind == "double":
        # So few digits that only one decimal has this double.
        return f"(abs({sql}) < 1000000000 AND {sql} = TRY_CAST({sql} AS DECIMAL(15,6))::DOUBLE)"
    if kind in ("float", "hugeint", "uhugeint"):
        return f"{sql} IS NULL"
    if kind in ("list", "struct"):
        return "" if _harmless(of) else f"{sql} IS NULL"
    return ""


def _harmless(of: DuckDBPyType) -> bool:
    """No value of a type can fail to be held."""
    if of.id in ("list", "struct"):
        return all(_harmless(inner) for _, inner in of.children)  # type: ignore[arg-type]
    return of.id == "boolean" or of.id in _TEXTS or of.id in _SMALL


def _good(sql: str, of: DuckDBPyType, wanted: str) -> str | None:
    """SQL of whether a value is good as the wanted type beyond being held; None: never."""
    kind = _kind(of)
    numeric = kind in _WHOLE or kind in ("decimal", "double")
    if wanted == "text":
        return "" if kind in _TEXTS else None
    if wanted == "reference":
        if kind == "uuid":
            return ""
        return f"{sql} <> ''" if kind in _TEXTS else None
    if wanted == "boolean":
        return "" if kind == "boolean" else None
    if wanted == "number":
        return "" if numeric else None
    if wanted == "duration":
        return f"{sql} BETWEEN -999999999 AND 999999999" if numeric else None
    if wanted == "address" and kind == "varchar":
        return f"regexp_full_match({sql}, {literal(ADDRESS)})"
    if wanted == "time" and kind == "timestamptz":
        return f"{sql} BETWEEN {_YEARS}"
    if wanted == "time" and kind == "varchar":
        return f"regexp_full_match({sql}, {literal(INSTANT)})"
    return None


def _value(sql: str, of: DuckDBPyType, wanted: str) -> str | None:
    """SQL of a good value; None if none is. What is not good may come as anything."""
    if _good(sql, of, wanted) is None:
        return None
    kind = _kind(of)
    if wanted in ("text", "reference"):
        return sql if kind == "varchar" else f"{sql}::VARCHAR"
    if wanted in ("number", "duration"):
        number = f"TRY_CAST({sql} AS {'DECIMAL(15,6)' if kind == 'double' else 'DECIMAL(24,6)'})"
        return number if wanted == "number" else f"TRY_CAST({number} * 1000000 AS BIGINT)"
    if wanted == "time":
        if kind == "varchar":
            sql = f"TRY_CAST({sql} AS TIMESTAMPTZ)"
        # Infinity has no number, and is not good.
        return f"epoch_us(CASE WHEN isfinite({sql}) THEN {sql} END)"
    return sql
