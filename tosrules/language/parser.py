"""Text of a rule file → its syntax, with every syntax error of the file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tosrules import resources
from tosrules.language import prepared
from tosrules.language import syntax as s
from tosrules.language.diagnostics import Diagnostic, in_order
from tosrules.language.reading import MAX_ERRORS, read
from tosrules.record import replace

if TYPE_CHECKING:
    from tosrules.language.expected import Words
    from tosrules.language.machine import Machine


class Parsed(NamedTuple):
    """What came of a file."""

    file: s.File
    """With its comments. Where an item was unreadable, the rest of the file without it."""
    diagnostics: tuple[Diagnostic, ...]
    damaged: frozenset[str]
    """Names (of tests: titles) whose declaration lost something to a syntax error."""
    mended: frozenset[tuple[int, int]] = frozenset()
    """Line and column of stand-ins that a mend put; nothing is to be said of them."""


@cache
def machine() -> Machine:
    """The machine for the grammar of this copy; its tables are made if none are prepared."""
    from tosrules.language import tables
    from tosrules.language.machine import Machine

    grammar = resources.grammar_text()
    stored = resources.prepared(resources.TABLES)
    loaded = tables.load(stored, grammar) if stored is not None else None
    if loaded is None:
        text = tables.build(grammar)
        resources.store(resources.TABLES, text)
        loaded = tables.load(text, grammar)
        assert loaded is not None
    return Machine(loaded)


@cache
def _words() -> Words:
    from tosrules.language.expected import Words

    return Words(machine())


def parse(text: str | bytes, file: str) -> Parsed:
    """Parse the text of a rule file; `file` is its name in places.

    All syntax errors are returned, one for each mistake, at most 20. Nothing is raised,
    whatever the text.
    """
    found = prepared.find(text, file)
    if found is not None:
        return Parsed(found, (), frozenset())
    return parse_afresh(text, file)


def parse_afresh(text: str | bytes, file: str) -> Parsed:
    """`parse`, without looking for a prepared answer."""
    got = read(text, file)
    if isinstance(got, Diagnostic):
        return Parsed(s.File(None, ()), (got,), frozenset())
    from tosrules.language.build import Builder
    from tosrules.language.machine import Failure, Lines, Run

    clean, errors, stray = got
    lines = Lines(clean, file)
    comments: list[s.Comment] = []

    run = Run(machine(), clean, Builder(), lines, comments)
    built = run.run({})
    damaged: set[str] = set()
    mended: set[tuple[int, int]] = set()
    if isinstance(built, Failure):
        from tosrules.language.recovery import Recovery

        recovery = Recovery(clean, lines, machine(), _words(), run.run, stray)
        built, more, damaged, mended = recovery.recover(built)
        errors += more
    return Parsed(
        replace(built, comments=tuple(comments)),
        tuple(in_order(errors)[:MAX_ERRORS]),
        frozenset(damaged),
        frozenset(mended),
    )
