"""The grammar: no conflict, every form, and the machine reads it as Lark does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lark
import pytest
from language_files import FORMS, RULES, text_of
from lark.exceptions import GrammarError
from lark.lexer import PatternRE, PatternStr, TerminalDef

from tosrules import resources
from tosrules.language import parser, tables
from tosrules.language import syntax as s
from tosrules.language.build import Builder
from tosrules.language.machine import Lines, Token
from tosrules.language.span import Span


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture
def log() -> Iterator[_Log]:
    """What Lark says while it makes tables."""
    handler = _Log()
    logger = lark.logger
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


AMBIGUOUS = """
file: clause*
clause: "forbid" NAME [where]
where: "where" NAME | "where" NAME where
     | where "where" NAME
NAME: /[a-z]+/
%ignore " "
"""


def conflicts(grammar: str, log: _Log) -> list[str]:
    try:
        lark.Lark(grammar, parser="lalr", start="file", debug=True)
    except GrammarError as error:
        return [str(error)]
    return [m for m in log.said if "onflict" in m]


def test_no_conflict_is_resolved_in_silence(log: _Log) -> None:
    assert conflicts(resources.grammar_text(), log) == []


def test_a_conflict_would_be_seen(log: _Log) -> None:
    assert conflicts(AMBIGUOUS, log) != []


def test_building_tables_refuses_a_conflict() -> None:
    with pytest.raises(GrammarError):
        tables.build(AMBIGUOUS)


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.stem)
def test_every_form_parses(path: Path) -> None:
    assert parser.parse(text_of(path), path.name).diagnostics == ()


class _Watched(Builder):
    def __init__(self) -> None:
        self.used: set[str] = set()

    def __getattribute__(self, name: str) -> Any:
        got = super().__getattribute__(name)
        if not name.startswith("on_"):
            return got

        def watch(*arguments: Any) -> Any:
            self.used.add(name)
            return got(*arguments)

        return watch


def test_the_forms_use_every_rule_of_the_grammar() -> None:
    machine, builder = parser.machine(), _Watched()
    for path in FORMS:
        text = text_of(path)
        assert isinstance(machine.run(text, builder, Lines(text, ""), {}), s.File)
    rules = {"on_" + r.action for r in machine.tables.rules if r.action and not r.single}
    assert rules - builder.used == set()


# ---- the machine against Lark itself ---------------------------------------------------------


def _whole_word(terminal: TerminalDef) -> TerminalDef:
    if isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isalnum():
        terminal.pattern = PatternRE(terminal.pattern.value + tables.WORD_END)
        terminal.priority = tables.KEYWORD_PRIORITY
    elif terminal.pattern.value.endswith("\\b"):
        terminal.pattern = PatternRE(terminal.pattern.value[:-2] + tables.WORD_END)
    return terminal


@pytest.fixture(scope="module")
def by_lark() -> lark.Lark:
    return lark.Lark(
        resources.grammar_text(),
        parser="lalr",
        lexer="contextual",
        start="file",
        propagate_positions=True,
        maybe_placeholders=True,
        edit_terminals=_whole_word,
    )


def _built(node: Any, builder: Builder) -> Any:
    if isinstance(node, lark.Token):
        places = (node.line, node.column, node.end_line, node.end_column)
        span = Span("", *(place or 0 for place in places))
        return builder.token(Token(node.type, str(node), span))
    if not isinstance(node, lark.Tree):
        return node
    meta = node.meta
    span = (
        Span("", 1, 1, 1, 1)
        if meta.empty
        else Span("", meta.line, meta.column, meta.end_line, meta.end_column)
    )
    parts = [_built(c, builder) for c in node.children]
    return getattr(builder, "on_" + node.data)(parts, span)


def _places(node: Any) -> Any:
    """All spans of a tree, in order."""
    if isinstance(node, tuple) and not isinstance(node, Span):
        return [_places(n) for n in node]
    if isinstance(node, s.Node):
        return [node.span, *(_places(getattr(node, n)) for n in node.field_names)]
    return None


@pytest.mark.parametrize("path", [*FORMS, *RULES], ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_machine_reads_as_lark_does(path: Path, by_lark: lark.Lark) -> None:
    text = text_of(path)
    expected = _built(by_lark.parse(text), Builder())
    got = parser.parse_afresh(text, "").file
    assert got == expected
    assert _places(got) == _places(expected)


# ---- words ----------------------------------------------------------------------------------


def body(expression: str) -> s.Node:
    parsed = parser.parse(f"define d = {expression}\n", "f")
    assert parsed.diagnostics == ()
    (define,) = parsed.file.declarations
    assert isinstance(define, s.Define)
    return define.body


def test_a_keyword_is_a_whole_word() -> None:
    assert body("orb = android") == s.Compare(s.Path("orb"), "=", s.Path("android"))
    assert body("a in in-house") == s.Member(s.Path("a"), s.Path("in-house"), False)
    assert body("a not in inner") == s.Member(s.Path("a"), s.Path("inner"), True)


def test_a_hyphen_joins_and_a_spaced_minus_subtracts() -> None:
    assert body("a-b = 1") == s.Compare(s.Path("a-b"), "=", s.Number("1"))
    difference = s.Arithmetic(s.Path("a"), "-", s.Path("b"))
    assert body("a - b = 1") == s.Compare(difference, "=", s.Number("1"))


@pytest.mark.parametrize("word", ["title", "within", "severity", "clause", "per", "text", "status"])
def test_words_of_the_language_may_name_attributes(word: str) -> None:
    assert body(f'{word} = "x"') == s.Compare(s.Path(word), "=", s.Text("x"))


def test_a_slash_divides_or_begins_a_regular_expression() -> None:
    assert body("a / 2 > 1") == s.Compare(
        s.Arithmetic(s.Path("a"), "/", s.Number("2")), ">", s.Number("1")
    )
    assert body(r"a matches /x\/[/]?y/i".replace("[/]", r"[\/]")) == s.Matches(
        s.Path("a"), "x/[/]?y", True, False
    )


def test_spans_cover_what_was_written() -> None:
    text = 'clause a "A" {\n  forbid x\n    where b = "é"  # c\n}\n'
    parsed = parser.parse(text, "f.tos")
    (clause,) = parsed.file.declarations
    assert isinstance(clause, s.Clause)
    assert clause.span == Span("f.tos", 1, 1, 4, 2)
    assert clause.items[0].span == Span("f.tos", 2, 3, 3, 18)
    (comment,) = parsed.file.comments
    assert (comment.text, comment.own_line) == ("# c", False)
    assert comment.span == Span("f.tos", 3, 20, 3, 23)
