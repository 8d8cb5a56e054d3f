"""Text of a rule file → its syntax, with every syntax error of the file."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tosrules import resources
from tosrules.language import syntax as s
from tosrules.language import tables
from tosrules.language.build import Builder
from tosrules.language.diagnostics import Diagnostic
from tosrules.language.machine import Edit, Failure, Lines, Machine
from tosrules.record import replace


class Parsed(NamedTuple):
    """What came of a file."""

    file: s.File
    """With its comments. Where an item was unreadable, the rest of the file without it."""
    diagnostics: tuple[Diagnostic, ...]
    damaged: frozenset[str]
    """Names (of tests: titles) whose declaration lost something to a syntax error."""


@cache
def machine() -> Machine:
    """The machine for the grammar of this copy; its tables are made if none are prepared."""
    grammar = resources.grammar_text()
    stored = resources.prepared(resources.TABLES)
    loaded = tables.load(stored, grammar) if stored is not None else None
    if loaded is None:
        text = tables.build(grammar)
        resources.store(resources.TABLES, text)
        loaded = tables.load(text, grammar)
        assert loaded is not None
    return Machine(loaded)


def parse(text: str | bytes, file: str) -> Parsed:
    """Parse the text of a rule file; `file` is its name in places."""
    if isinstance(text, bytes):
        text = text.decode()
    comments: list[s.Comment] = []
    lines = Lines(text, file)
    edits: dict[int, Edit] = {}
    got = machine().run(text, Builder(), lines, edits, comments)
    if isinstance(got, Failure):
        span = lines.span(got.start, got.end)
        problem = Diagnostic("syntax", f"unexpected `{text[got.start : got.end]}`", span)
        return Parsed(s.File(None, ()), (problem,), frozenset())
    return Parsed(replace(got, comments=tuple(comments)), (), frozenset())
