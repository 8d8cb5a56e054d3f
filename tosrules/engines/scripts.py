"""A clause's script as SQL text, for people who run it themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from tosrules.plan.planner import Make
from tosrules.plan.relation import Explode, Filter, Group, Join, Project, Relation, Table, Union
from tosrules.plan.scan import ScanColumn
from tosrules.plan.script import OUTPUTS, Days, NotAlone, Script, Unlinked
from tosrules.policy.model import Clause, Declared
from tosrules.quoting import printable
from tosrules.record import replace
from tosrules.vocabulary import Vocabulary

WIDTH = 100
"""Columns of a line of SQL, where it can be broken."""
_KINDS = {
    "number": "number",
    "boolean": "boolean",
    "time": "integer",
    "duration": "integer",
}
_MEANT = {
    "number": ", exact",
    "time": ", microseconds since 1970 UTC",
    "duration": ", microseconds",
    "address": ", an address in its one spelling",
    "date": ", as 2020-03-01",
}


class Dialect(NamedTuple):
    """How one engine spells what is not a query."""

    name: str
    query: Callable[[Relation], str]
    quoted: Callable[[str], str]
    types: Mapping[str, str]
    """Kind → type."""
    settings: tuple[str, ...]
    """Statements that give the others their meaning."""
    position: str
    """How an existing table of events is given positions, as an example."""

    def made(self, name: str, query: str, often: bool) -> Iterator[str]:
        """The statements that make a table; `often`: several others read it."""
        if self.name == "duckdb":
            yield f"CREATE OR REPLACE TEMP TABLE {self.quoted(name)} AS\n{query};"
            return
        yield f"CREATE OR REPLACE TEMPORARY VIEW {self.quoted(name)} AS\n{query};"
        if often:
            yield f"CACHE LAZY TABLE {self.quoted(name)};"

    def stop(self, table: str, message: str) -> str:
        """A statement that fails with the message if the table has a row."""
        failed = f"{'error' if self.name == 'duckdb' else 'raise_error'}('{message}')"
        return f"SELECT CASE WHEN count(*) > 0 THEN {failed} END AS links FROM {table};"


def dialect(name: str) -> Dialect:
    """The dialect of an engine, `duckdb` or `spark`."""
    if name == "duckdb":
        from tosrules.engines.duckdb.emit import TYPES, query, quoted

        position = "row_number() OVER (ORDER BY time, file, line) - 1 AS pos, epoch_us(time) AS t"
        return Dialect(name, query, quoted, TYPES, (), position)
    from tosrules.engines.spark import emit
    from tosrules.engines.spark.session import SETTINGS

    position = "row_number() OVER (ORDER BY time, file, line) - 1 AS pos, unix_micros(time) AS t"
    settings = tuple(f"SET {setting} = {value};" for setting, value in SETTINGS.items())
    return Dialect(name, emit.query, emit.quoted, emit.TYPES, settings, position)


# ---- the events ----------------------------------------------------------------------------


def head(scripts: Iterable[Script], spoken: Dialect, vocabulary: Vocabulary) -> str:
    """What all scripts read, as comments, and the settings they need."""
    columns: dict[str, ScanColumn] = {}
    types: set[str] = set()
    for each in scripts:
        columns.update((c.name, c) for c in each.columns)
        types.update(each.types)
    lines = [
        "Every statement reads the events from a table or view `ev`, one row each:",
        "",
    ]
    described = [
        ("pos", f"{spoken.types['integer']}, the place among all events, from 0: by time, then by"),
        ("", "file and place in it"),
        ("t", f"{spoken.types['integer']}, when it was, microseconds since 1970 UTC"),
        ("type", f"{spoken.types['text']}, the event's type in the vocabulary"),
    ]
    for name, column in sorted(columns.items()):
        described.append((spoken.quoted(name), _column(column, spoken)))
    size = max(len(name) for name, _ in described)
    lines += [f"  {name:{size}}  {said}" for name, said in described]
    lines += [
        "",
        "A column NAME|TYPE holds the attribute NAME of events whose type declares it as TYPE, and",
        "is null for others and where it is missing. Ids are unique; no text is empty where a",
        "party, an account or the like is meant. For example:",
        "",
        "  CREATE VIEW ev AS SELECT",
        f"    {spoken.position}, type",
        *(
            f"    , {_example(c, sorted(types), vocabulary, spoken)} AS {spoken.quoted(c.name)}"
            for _, c in sorted(columns.items())
        ),
        "  FROM events",
        "",
        "`tosrules check` also checks the events, which this does not: ids told twice, values of",
        "another type, unknown event types.",
    ]
    said = "".join(f"-- {line}".rstrip() + "\n" for line in lines)
    return (
        said
        + "".join(f"\n{setting}" for setting in spoken.settings)
        + ("\n" if spoken.settings else "")
    )


def _column(column: ScanColumn, spoken: Dialect) -> str:
    of = column.type
    if column.secret:
        kind = spoken.types["texts" if of.name == "list" else "text"]
        return f"{kind}, a keyed hash of the secret, never the secret itself"
    if of.of is not None:
        return spoken.types[_KINDS.get(of.of.name, "text") + "s"]
    return spoken.types[_KINDS.get(of.name, "text")] + _MEANT.get(of.name, "")


def _example(column: ScanColumn, types: list[str], vocabulary: Vocabulary, spoken: Dialect) -> str:
    if column.attribute == "id":
        return "id"
    fills = []
    for name in types:
        attribute = vocabulary.attributes_of(name).get(column.attribute)
        if attribute is not None and attribute.type == column.type:
            fills.append(name)
    value = column.attribute.replace(".", "_")
    if column.type.name == "time":
        value = f"{'epoch_us' if spoken.name == 'duckdb' else 'unix_micros'}({value})"
    elif column.type.name == "duration":
        value = f"CAST({value} * 1000000 AS BIGINT)"
    elif column.type.name == "number":
        value = f"CAST({value} AS {spoken.types['number']})"
    if len(fills) == len(types):
        return value
    listed = ", ".join(f"'{name}'" for name in fills)
    return f"CASE WHEN type IN ({listed}) THEN {value} END"


# ---- a clause ------------------------------------------------------------------------------


def printed(script: Script, spoken: Dialect, prefix: str) -> str:
    """The statements of a clause. The tables they make are named `prefix`, `_` and what they
    hold; those to read in the end are named in a comment."""
    names = {step.table: f"{prefix}_{step.table}" for step in script.steps}
    readers: dict[str, int] = {}
    for step in script.steps:
        if isinstance(step, Make):
            for name in _read(step.relation):
                readers[name] = readers.get(name, 0) + 1
    parts = [_title(script.clause)]
    for step in script.steps:
        name = names[step.table]
        if isinstance(step, Days):
            query = _days(step, spoken)
        elif isinstance(step, Unlinked):
            parts.append(_unlinked(step, names, spoken))
            continue
        else:
            query = laid_out(spoken.query(_renamed(step.relation, names)), spoken.name == "spark")
        often = readers.get(step.table, 0) > 1
        parts.append(
            "\n".join((f"-- {printable(step.why, 200)}", *spoken.made(name, query, often)))
        )
    made = [spoken.quoted(names[name]) for name in OUTPUTS if name in script.outputs]
    parts.append(f"-- to read: {', '.join(made)}")
    return "\n\n".join(parts) + "\n"


def unprinted(clause: Clause, why: NotAlone) -> str:
    """What stands in place of a clause that cannot be a script."""
    return f"{_title(clause)}\n-- not here: {printable(str(why), 400)}; {why.mend}\n"


def _title(clause: Clause) -> str:
    """The comment that names a clause and where its rules stand."""
    period = f", in force {clause.period_text}" if clause.period_text else ""
    lines = [f'-- {clause.id} "{printable(clause.title, 200)}"{period}', f"--   {_place(clause)}"]
    lines += [f"--   rule {b.ordinal + 1}: {_place(b.rule)}" for b in clause.rules]
    return "\n".join(lines)


def _place(declared: Declared) -> str:
    return f"{printable(declared.span.file, 200)}:{declared.span.line}"


def _unlinked(step: Unlinked, names: Mapping[str, str], spoken: Dialect) -> str:
    """The empty table, after a statement that fails where it would not be empty."""
    message = f"a link {step.link} is opened: tosrules check must judge these events"
    source, made = spoken.quoted(names[step.source]), names[step.table]
    nulls = ", ".join(
        f"CAST(NULL AS {spoken.types[kind]}) AS {spoken.quoted(name)}"
        for name, kind in step.columns
    )
    return "\n".join(
        (
            f"-- {printable(step.why, 200)}: a program works this out, not SQL. Where no link",
            f"-- `{step.link}` is opened there is nothing in it; else the next statement fails.",
            spoken.stop(source, message),
            *spoken.made(made, f"SELECT {nulls}\nWHERE false", False),
        )
    )


def _days(step: Days, spoken: Dialect) -> str:
    kinds = [(spoken.quoted(name), spoken.types[kind]) for name, kind in step.columns]
    (day, one), (due, other) = kinds
    rows = [f"({d}, {'NULL' if at is None else at})" for d, at in step.rows]
    lines, line = [], ""
    for row in rows:
        if line and len(line) + len(row) > WIDTH - 4:
            lines.append(line)
            line = ""
        line += f"{row}, "
    lines.append(line)
    listed = "\n    ".join(lines).rstrip(", ")
    return (
        f"SELECT CAST(a AS {one}) AS {day}, CAST(b AS {other}) AS {due}\nFROM (VALUES\n"
        f"    {listed}\n) AS given(a, b)"
    )


def _read(relation: Relation) -> list[str]:
    match relation:
        case Table(name=name):
            return [name]
        case Union(sources=sources):
            return [n for s in sources for n in _read(s)]
        case Join(left=left, right=right):
            return [*_read(left), *_read(right)]
        case Filter() | Project() | Group() | Explode():
            return _read(relation.source)
    raise TypeError(f"no relation: {relation!r}")


def _renamed(relation: Relation, names: Mapping[str, str]) -> Relation:
    match relation:
        case Table(name=name):
            return replace(relation, name=names.get(name, name))
        case Union(sources=sources):
            return Union(tuple(_renamed(s, names) for s in sources))
        case Join(left=left, right=right):
            return replace(relation, left=_renamed(left, names), right=_renamed(right, names))
        case Filter() | Project() | Group() | Explode():
            return replace(relation, source=_renamed(relation.source, names))
    raise TypeError(f"no relation: {relation!r}")


# ---- layout --------------------------------------------------------------------------------

_BREAKS = ("FROM ", "WHERE ", "GROUP BY ", "UNION ALL ", "JOIN ", "LEFT JOIN ", "SEMI JOIN ",
           "ANTI JOIN ", "LEFT SEMI JOIN ", "LEFT ANTI JOIN ", "ORDER BY ")  # fmt: skip


def laid_out(query: str, escapes: bool) -> str:
    """The same statement on lines of its own for each part, queries inside it indented.
    `escapes`: a backslash in a text protects what follows."""
    lines: list[str] = []
    line = ""
    depths: list[bool] = []  # of open parentheses: whether a query stands inside

    def end() -> None:
        nonlocal line
        if line.strip():
            lines.append(line.rstrip())
        line = "  " * sum(depths)

    for token in _tokens(query, escapes):
        inside = not depths or depths[-1]
        if token == "(SELECT ":
            line += "("
            depths.append(True)
            end()
            line += "SELECT "
        elif token == "(":
            depths.append(False)
            line += token
        elif token == ")":
            if depths.pop():
                end()
            line += token
        elif token.startswith(_BREAKS) and inside:
            end()
            line += token
        elif len(line) + len(token) > WIDTH and line.strip() and not line.endswith("  "):
            end()
            line += f"  {token}"
        else:
            line += token
    end()
    return "\n".join(lines)


def _tokens(query: str, escapes: bool) -> Iterator[str]:
    """Quoted texts and names whole; words with the space after them; parentheses alone."""
    at, size = 0, len(query)
    while at < size:
        here = query[at]
        if here in "'\"`":
            end = at + 1
            while query[end] != here or query[end : end + 2] == here * 2:
                protects = query[end] == here or (escapes and query[end] == "\\" and here != "`")
                end += 2 if protects else 1
            end += 1
        elif here == "(" and query.startswith("(SELECT ", at):
            end = at + len("(SELECT ")
        elif here in "()":
            end = at + 1
        else:
            phrase = next((b for b in _BREAKS if query.startswith(b, at)), "")
            end = at + len(phrase)
            if not phrase:
                while end < size and query[end] not in "'\"`() ":
                    end += 1
                while end < size and query[end] == " ":
                    end += 1
        yield query[at:end]
        at = end
