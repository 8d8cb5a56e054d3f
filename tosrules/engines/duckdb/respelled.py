"""Which lines of JSON Lines say just what was taken out of them: SQL that writes the line anew.

The database's parser of JSON takes what a strict one does not: names twice, commas too many,
NaN. But where no text has an escape, a line that is byte for byte what one would write of the
values that were taken out of it is well formed, has no name twice and nothing else in it. That
costs a fraction of an expression over the whole line (`plain.py`), which is left for the lines
that are written otherwise.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tosrules.engines.duckdb.columns import narrow_type
from tosrules.engines.duckdb.plain import (
    ADDRESS,
    HEAD,
    INSTANT,
    NUMBER,
    SHORT,
    UNDECLARED,
    Path,
    Plain,
    leaf_type,
    merged,
)
from tosrules.engines.duckdb.staged import literal, one_of
from tosrules.late import pattern
from tosrules.vocabulary import Attribute, Type, Vocabulary

_STYLE = pattern(r'\{"[^"\\]*"(: ?)"[^"\\]*"(, ?)"')
_LINES = 400
"""Lines of the sample of which numbers and nulls are looked at."""
_NEVER = "false"

_CLOCKS = {
    len("2020-01-01T00:00:00Z"): "%Y-%m-%dT%H:%M:%SZ",
    len("2020-01-01T00:00:00.000Z"): "%Y-%m-%dT%H:%M:%S.%gZ",
    len("2020-01-01T00:00:00.000000Z"): "%Y-%m-%dT%H:%M:%S.%fZ",
}
"""Bytes of a time that has all the digits that its format may have → the format."""
_MOSTLY = 0.99
"""Share of the times of a sample that have one length."""

Part = tuple[bool, str]
"""(whether it is text as it stands and not SQL, the text or the SQL)"""


def at(path: Path) -> str:
    """SQL of what stands at a path of the record `r`."""
    return "r" + "".join(f"[{literal(key)}]" for key in path)


def clock(sample: Sequence[tuple[str, dict[str, object]]]) -> int:
    """The length of nearly all times, if they are such as `stamp` reads; or 0."""
    times = (str(record["time"]) for _, record in sample)
    lengths = Counter(len(time) for time in times if time.endswith("Z"))
    ((length, often),) = lengths.most_common(1) or [(0, 0)]
    return length if length in _CLOCKS and often >= _MOSTLY * len(sample) else 0


def stamp(length: int) -> str:
    """SQL of the TIMESTAMP that the time of `r` names. Where `timely` is true of it, the time is
    such an instant as `plain.INSTANT` matches, which costs twice as much."""
    return f"try_strptime({at(('time',))}, {literal(_CLOCKS[length])})" if length else "NULL"


def timely(length: int) -> str:
    """SQL of whether the time is an instant, by the column `stamp`."""
    time = at(("time",))
    if not length:
        return f"regexp_full_match({time}, {literal(INSTANT)})"
    # What is parsed may lack digits or have spaces around it, but not at this length.
    within = f"{time} >= '1600' AND {time} < '3' AND NOT contains({time}, ' ')"
    return f"stamp IS NOT NULL AND strlen({time}) = {length} AND {within}"


def respelled(
    sample: Sequence[tuple[str, dict[str, object]]], plain: Plain, vocabulary: Vocabulary
) -> str | None:
    """SQL of whether the text `line` is the record `r`, whose values are good as they stand; NULL
    or false where that is not known. None: it cannot be said of these files.

    `r` has the leaves of `plain` as `taken_as` says, `kind` its type as `kind_of` gives it, and
    `stamp` is what `stamp` says of the `clock` of the sample.
    """
    flat = [".".join(path) for path in plain.leaves]
    inner = {path[:n] for path in plain.leaves for n in range(1, len(path))}
    declared = {name: vocabulary.attributes_of(name) for name in sorted(plain.types)}
    if len(set(flat)) < len(flat):
        return None
    if any(".".join(path) in attributes for path in inner for attributes in declared.values()):
        return None  # what is declared as a value may come as an object
    known = [(text, record) for text, record in sample if record["type"] in plain.types]
    styles = Counter(m.groups() for text, _ in known if (m := _STYLE.match(text)) is not None)
    if not styles:
        return None
    colon, comma = styles.most_common(1)[0][0]
    writer = _Writer(known, plain, inner, declared, colon, comma)
    parts = writer.whole()
    if parts is None:
        return None
    # A value with an escape is shorter than the line has it, unless it is written as JSON.
    checks = ["NOT contains(line, '\\')"] if "JSON" in plain.leaves.values() else []
    checks.append(f"concat({', '.join(_joined(parts))}) = line")
    checks += _checks(plain, declared, clock(sample))
    return " AND ".join(checks)


def kind_of(types: Iterable[str]) -> str:
    """SQL of the type of `r`: an ENUM of these types if there can be one; NULL if it is none."""
    narrow = narrow_type(types)
    return f"TRY_CAST({at(('type',))} AS {narrow})" if narrow else at(("type",))


def taken_as(of: str) -> str:
    """How a leaf is taken out: numbers and booleans as they are spelled."""
    return "VARCHAR" if of in ("DECIMAL(24,6)", "BOOLEAN") else of


def _joined(parts: Sequence[Part]) -> Iterator[str]:
    """As arguments of `concat`."""
    text = ""
    for plain, part in parts:
        if plain:
            text += part
            continue
        if text:
            yield literal(text)
        text = ""
        yield part
    if text:
        yield literal(text)


class _Writer:
    """How the records of a sample are written."""

    def __init__(
        self,
        sample: Sequence[tuple[str, dict[str, object]]],
        plain: Plain,
        inner: set[Path],
        declared: Mapping[str, Mapping[str, Attribute]],
        colon: str,
        comma: str,
    ) -> None:
        self.plain = plain
        self.declared = declared
        self.colon = colon
        self.comma = comma
        self.orders: defaultdict[Path, Counter[tuple[str, ...]]] = defaultdict(Counter)
        self.records: Counter[str] = Counter()
        self.there: Counter[tuple[str, Path]] = Counter()
        self.nulls: set[tuple[str, Path]] = set()
        self.decimals: dict[Path, set[int]] = {}
        for _, record in sample:
            if self._known(record, (), inner):
                self.records[str(record["type"])] += 1
                self._count(str(record["type"]), record, ())
        for text, record in sample[:: max(1, len(sample) // _LINES)]:
            if self._known(record, (), inner):
                self._spelled(json.loads(text, parse_float=_Spelled, parse_int=_Spelled), ())

    def _known(self, record: Mapping[str, object], prefix: Path, inner: set[Path]) -> bool:
        for key, value in record.items():
            path = (*prefix, key)
            if isinstance(value, dict):
                if path not in inner or not self._known(value, path, inner):
                    return False
            elif path not in self.plain.leaves:
                return False
        return True

    def _count(self, name: str, record: Mapping[str, object], prefix: Path) -> None:
        self.orders[prefix][tuple(record)] += 1
        for key, value in record.items():
            path = (*prefix, key)
            self.there[name, path] += 1
            if value is None:
                self.nulls.add((name, path))
            elif isinstance(value, dict):
                self._count(name, value, path)

    def _spelled(self, record: Mapping[str, object], prefix: Path) -> None:
        for key, value in record.items():
            if isinstance(value, dict):
                self._spelled(value, (*prefix, key))
            elif isinstance(value, _Spelled):
                _, _, after = value.partition(".")
                self.decimals.setdefault((*prefix, key), set()).add(len(after))

    def _always(self, path: Path) -> bool:
        return all(self.there[name, path] == count for name, count in self.records.items())

    def whole(self) -> list[Part] | None:
        if () not in self.orders:
            return None
        order = merged(self.orders[()])
        if not order or not self._always((order[0],)):
            return None
        return [(True, "{"), *self._members(order, ()), (True, "}")]

    def _members(self, order: Sequence[str], prefix: Path) -> list[Part]:
        parts: list[Part] = []
        for number, key in enumerate(order):
            path = (*prefix, key)
            begin = f'{self.comma if number else ""}"{key}"{self.colon}'
            if path in self.plain.leaves:
                parts += self._leaf(path, begin)
            else:
                parts += self._object(path, begin)
        return parts

    def _object(self, path: Path, begin: str) -> list[Part]:
        order = merged(self.orders[path])
        first = (*path, order[0]) if order else path
        if order and self._always(path) and self._always(first):
            return [(True, f"{begin}{{"), *self._members(order, path), (True, "}")]
        if len(order) == 1 and first in self.plain.leaves and not self._null(first):
            begin_one = f'{begin}{{"{order[0]}"{self.colon}'
            if self.plain.leaves[first] == "BOOLEAN":
                return [(False, _boolean(at(first), begin_one, "}"))]
            value, quote = self._value(first)
            return [(False, f"({literal(begin_one + quote)} || {value} || {literal(quote + '}')})")]
        # Each member with a comma, and then without the first one.
        within = ", ".join(f"concat({', '.join(_joined(self._one(key, path)))})" for key in order)
        leaves = [at(p) for p in self.plain.leaves if p[: len(path)] == path]
        there = " OR ".join(f"{leaf} IS NOT NULL" for leaf in leaves)
        inside = f"substr(concat({within}), {len(self.comma) + 1})"
        return [(False, f"CASE WHEN {there} THEN {literal(begin + '{')} || {inside} || '}}' END")]

    def _one(self, key: str, prefix: Path) -> list[Part]:
        """A member that may be missing, with a comma before it."""
        path, begin = (*prefix, key), f'{self.comma}"{key}"{self.colon}'
        if path in self.plain.leaves:
            return [(False, self._optional(path, begin))]
        return self._object(path, begin)

    def _leaf(self, path: Path, begin: str) -> list[Part]:
        value, quote = self._value(path)
        if self._always(path) and not self._null(path):
            return [(True, begin + quote), (False, value), (True, quote)]
        return [(False, self._optional(path, begin))]

    def _optional(self, path: Path, begin: str) -> str:
        value, quote = self._value(path)
        nulls = self._null(path)
        if not nulls and self.plain.leaves[path] == "BOOLEAN":
            return _boolean(at(path), begin)
        if not nulls:
            end = f" || {literal(quote)}" if quote else ""
            return f"({literal(begin + quote)} || {value}{end})"
        whole = f"{literal(quote)} || {value} || {literal(quote)}" if quote else value
        missing = f"CASE WHEN {one_of('kind', nulls)} THEN 'null' END"
        return f"({literal(begin)} || coalesce({whole}, {missing}))"

    def _null(self, path: Path) -> list[str]:
        """Types whose records have a null where they have no value."""
        flat = ".".join(path)
        return [
            name
            for name, count in sorted(self.records.items())
            if (name, path) in self.nulls
            and self.there[name, path] == count
            and flat in self.declared[name]
        ]

    def _value(self, path: Path) -> tuple[str, str]:
        """(SQL of the text of a value, the quotation mark around it)"""
        value, of = at(path), self.plain.leaves[path]
        if of == "VARCHAR":
            return value, '"'
        if of == "DECIMAL(24,6)":
            decimals = self.decimals.get(path, set())
            if len(decimals) == 1 and 2 <= (digits := max(decimals)) <= 6:
                return f"TRY_CAST({value} AS DECIMAL(24,{digits}))::VARCHAR", ""
            return value, ""
        if of == "VARCHAR[]":
            inside = f"""array_to_string({value}, '"{self.comma}"')"""
            return f"""CASE WHEN len({value}) = 0 THEN '[]' ELSE '["' || {inside} || '"]' END""", ""
        if of == "BOOLEAN":
            return _boolean(value), ""
        return (value if of == "JSON" else "NULL::VARCHAR"), ""


def _boolean(value: str, begin: str = "", end: str = "") -> str:
    """SQL of the text of a boolean between two others; NULL if the value is none."""
    texts = (f"WHEN '{text}' THEN {literal(begin + text + end)}" for text in ("true", "false"))
    return f"(CASE {value} {' '.join(texts)} END)"


class _Spelled(str):
    """A number as it was written."""


def _checks(
    plain: Plain, declared: Mapping[str, Mapping[str, Attribute]], length: int
) -> Iterator[str]:
    """SQL of whether the values are good where their type declares them, or nobody does."""
    yield "kind IS NOT NULL" if narrow_type(declared) else one_of("kind", sorted(declared))
    yield timely(length)
    yield _named(at(("id",)))
    empty: list[str] = []
    for path, of in plain.leaves.items():
        if len(path) == 1 and path[0] in HEAD:
            continue
        by_check: dict[str, list[str]] = {}
        for name, attributes in declared.items():
            check = _check(at(path), of, attributes.get(".".join(path)))
            if check:
                by_check.setdefault(check, []).append(name)
        for check, names in by_check.items():
            whole = f"coalesce({check}, true)"
            if check == _named(at(path)):
                # A line that fails by another type's measure is looked at again.
                empty.append(f"{at(path)} = ''")
            elif len(names) == len(declared):
                yield whole
            else:
                yield f"(NOT {one_of('kind', names)} OR {whole})"
    if empty:
        yield f"NOT coalesce({' OR '.join(empty)}, false)"


def _named(value: str) -> str:
    return f"{value} <> ''"


def _check(value: str, of: str, attribute: Attribute | None) -> str:
    """SQL of whether a value that is written as it was taken out is good; NULL where there is
    none. Empty: always."""
    none = f"{value} IS NULL"
    if attribute is None:
        return _full(value, UNDECLARED[of]) if of in UNDECLARED else none
    if leaf_type(attribute.type) != of or (attribute.secret and of != "VARCHAR"):
        return none
    return _good(value, attribute.type, none)


def _good(value: str, of: Type, none: str) -> str:
    if of.name == "list" and of.of is not None and of.of.name in ("text", "reference"):
        # With an element that is null it would be written otherwise.
        return "" if of.of.name == "text" else f"NOT coalesce(list_contains({value}, ''), false)"
    if of.name == "text":
        return ""
    if of.name == "reference":
        return _named(value)
    return _full(value, _FORMS[of.name]) if of.name in _FORMS else none


def _full(value: str, expression: str) -> str:
    if expression in (UNDECLARED["VARCHAR"], UNDECLARED["BOOLEAN"]):
        return ""  # any text; what is no boolean is not written as one
    return f"regexp_full_match({value}, {literal(expression)})"


_FORMS = {
    "number": NUMBER,
    "boolean": UNDECLARED["BOOLEAN"],
    "time": INSTANT,
    "duration": SHORT,
    "address": ADDRESS,
}
