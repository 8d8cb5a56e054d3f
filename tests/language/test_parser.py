"""Syntax errors: all at once, one for each mistake, in the author's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_files import FORMS, RULES, SYNTAX, text_of

from tests.thorough import times
from tosrules.language import syntax as s
from tosrules.language.diagnostics import Diagnostic, render
from tosrules.language.machine import MAX_DEPTH, Run
from tosrules.language.parser import Parsed, parse
from tosrules.language.reading import MAX_BYTES, MAX_ERRORS


def shown(parsed: Parsed, data: bytes, file: str) -> str:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    return "".join(render(d, {file: text}) + "\n" for d in parsed.diagnostics)


# ---- messages ---------------------------------------------------------------------------------


def test_there_are_fixtures_and_each_has_its_text() -> None:
    assert len(SYNTAX) >= 60
    texts = {p.stem for p in SYNTAX[0].parent.glob("*.txt")}
    assert texts == {p.stem for p in SYNTAX}


@pytest.mark.parametrize("path", SYNTAX, ids=lambda p: p.stem)
def test_messages(path: Path) -> None:
    """The exact text. These files are the author's contract: change them by hand only."""
    data = path.read_bytes()
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert shown(parse(data, path.name), data, path.name) == expected


def every_diagnostic() -> list[Diagnostic]:
    return [d for p in SYNTAX for d in parse(p.read_bytes(), p.name).diagnostics]


def test_messages_keep_the_written_style() -> None:
    implementation = re.compile(
        r"\b(token|terminal|lark|regexp?|identifier|EOF|None|[A-Z]+_[A-Z]+|RBRACE|NAME|TEXT)\b"
    )
    for diagnostic in every_diagnostic():
        assert re.match(r"[a-z`.0-9]", diagnostic.message), diagnostic.message
        assert not diagnostic.message.endswith("."), diagnostic.message
        own = re.sub(r"`[^`]*`", "", diagnostic.message)
        assert not implementation.search(own), diagnostic.message
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", diagnostic.code)
        assert "``" not in diagnostic.message


def test_places_lie_in_the_text() -> None:
    for path in SYNTAX:
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
        for d in parse(path.read_bytes(), path.name).diagnostics:
            assert 1 <= d.span.line <= len(lines)
            assert 1 <= d.span.column <= len(lines[d.span.line - 1]) + 1


# ---- recovery -----------------------------------------------------------------------------------

TWO = """\
clause one "One" {{
  cite terms
  {item}
  severity high
}}

clause two "Two" {{
  forbid gate.open
}}
"""


def two(item: str) -> Parsed:
    return parse(TWO.format(item=item), "f.tos")


def clauses(parsed: Parsed) -> dict[str, s.Clause]:
    return {c.name.text: c for c in parsed.file.declarations if isinstance(c, s.Clause)}


def test_an_unreadable_item_is_left_out_and_the_rest_stays() -> None:
    parsed = two("forbid ? ? ?")
    assert len(parsed.diagnostics) == 1
    assert [type(i) for i in clauses(parsed)["one"].items] == [s.Cite, s.Severity]
    assert [type(i) for i in clauses(parsed)["two"].items] == [s.Forbid]
    assert parsed.damaged == {"one"}


def test_a_mended_item_is_kept_and_damages_nothing() -> None:
    parsed = two("forbidd gate.open")
    assert len(parsed.diagnostics) == 1
    assert [type(i) for i in clauses(parsed)["one"].items] == [s.Cite, s.Forbid, s.Severity]
    assert parsed.damaged == frozenset()


def test_an_unreadable_step_leaves_the_rule() -> None:
    parsed = two("forbid a as x\n    then b ? c\n    then d later")
    (forbid,) = [i for i in clauses(parsed)["one"].items if isinstance(i, s.Forbid)]
    assert [t.events.names[0].text for t in forbid.pattern.then] == ["d"]
    assert parsed.damaged == {"one"}


def test_names_of_a_test_and_of_an_event_are_damaged_too() -> None:
    parsed = parse('event a.b {\n  has ? text\n}\n\ntest "it holds" {\n  given ?\n}\n', "f")
    assert parsed.damaged == {"a.b", "it holds"}


def test_places_after_an_error_are_those_of_the_original() -> None:
    parsed = two("forbid ? ? ?")
    assert clauses(parsed)["two"].span[1:] == (7, 1, 9, 2)


def test_comments_are_kept_beside_errors() -> None:
    parsed = two("forbidd gate.open  # why\n  # more")
    assert [c.text for c in parsed.file.comments] == ["# why", "# more"]


def test_errors_of_many_declarations_come_at_once() -> None:
    text = "".join(f'param p{i} = ? chosen because "x"\n' for i in range(7))
    parsed = parse(text, "f")
    assert [d.span.line for d in parsed.diagnostics] == [1, 2, 3, 4, 5, 6, 7]


def test_no_more_than_twenty_errors() -> None:
    text = "".join(f'param p{i} = ? chosen because "x"\n' for i in range(50))
    parsed = parse(text + 'param good = 1 chosen because "x"\n', "f")
    assert len(parsed.diagnostics) == MAX_ERRORS == 20
    assert {"p0", "p49", "good"} <= parsed.damaged  # nothing after the last is known


# ---- bytes -------------------------------------------------------------------------------------


def test_a_byte_order_mark_is_accepted() -> None:
    text = 'param p = 1 chosen because "é"\n'
    assert parse(b"\xef\xbb\xbf" + text.encode(), "f") == parse(text, "f")
    assert parse("\ufeff" + text, "f").diagnostics == ()


def test_windows_line_ends_are_accepted() -> None:
    parsed = parse('param p = 1 # why\r\n  chosen because "x"\r\n', "f")
    assert parsed.diagnostics == ()
    assert [c.text for c in parsed.file.comments] == ["# why"]


def test_utf_16_is_named() -> None:
    (found,) = parse("pack p".encode("utf-16"), "f").diagnostics
    assert found.message == "this file is UTF-16, not UTF-8"


def test_a_file_too_large_is_refused() -> None:
    (found,) = parse(b"#" * (MAX_BYTES + 1), "f").diagnostics
    assert found.code == "file-too-large"
    assert parse(b"#" * MAX_BYTES, "f").diagnostics == ()


def test_an_empty_file_says_nothing() -> None:
    for text in ("", "\n", "# only a comment", " \t\n"):
        parsed = parse(text, "f")
        assert parsed.file == s.File(None, ())
        assert parsed.diagnostics == ()


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    text = 'remedy "\x1b[2J\u202e"'
    found = parse(text, "f").diagnostics
    for diagnostic in found:
        printed = render(diagnostic, {"f": text})
        assert "\x1b" not in printed
        assert "\u202e" not in printed


# ---- depth and size ---------------------------------------------------------------------------


def depth(expression: str) -> tuple[str, ...]:
    return tuple(d.code for d in parse(f"define d = {expression}\n", "f").diagnostics)


def test_depth_has_a_limit_and_reaches_it() -> None:
    deep = MAX_DEPTH
    assert depth("(" * deep + "a" + ")" * deep) == ()
    assert depth("(" * (deep + 1) + "a" + ")" * (deep + 1)) == ("deep-nesting",)
    assert depth("not " * deep + "a") == ()
    assert depth("not " * (deep + 1) + "a") == ("deep-nesting",)
    assert depth("a" + " + a" * deep + " > 1") == ()
    assert depth("a" + " + a" * (deep + 1) + " > 1") == ("deep-nesting",)
    assert depth("f(" * (deep + 1) + "a" + ")" * (deep + 1)) == ("deep-nesting",)
    assert depth("-" * (deep + 1) + "a > 1") == ("deep-nesting",)


@pytest.mark.parametrize("unit", ["(", "not ", "-", "any of ", "f(", "a + "])
def test_a_hundred_thousand_levels_are_an_error_not_a_crash(unit: str) -> None:
    assert depth(unit * 100_000 + "a") != ()


def test_a_hundred_thousand_operands_are_flat() -> None:
    text = "define d = " + "a or " * 99_999 + "a\n"
    (define,) = parse(text, "f").file.declarations
    assert isinstance(define, s.Define)
    assert isinstance(define.body, s.Or)
    assert len(define.body.operands) == 100_000


@pytest.mark.parametrize("text", ['"', "a", "/", "(", "=", "1", "{", "\u00a0", "#", "a.", '"\\'])
def test_a_line_of_a_megabyte(text: str) -> None:
    parsed = parse(text * (1_000_000 // len(text)), "f")
    assert all(len(render(d, {"f": "x"})) < 2_000 for d in parsed.diagnostics)


# ---- whatever the text -----------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    shown(parse(data, "f"), data, "f")


_FRAGMENTS = st.sampled_from(
    [
        "clause", "test", "status", "{", "}", "(", ")", '"x"', '"', "forbid", "then", "within",
        "1", "day", "per", "a", "b.c", "where", "=", "and", "or", "not", "in", "\n", "# c\n",
        "/x/", "/", "given", "expect", "at", "2020-01-01", "2020-01-01T00:00:00Z", ",", ":", "“",
        "\u00a0", "list", "pack", "x.*", "\\", "'", "param", "source", "title", "begins", "on",
    ]
)  # fmt: skip


@given(st.lists(_FRAGMENTS, max_size=40))
def test_any_words(words: list[str]) -> None:
    text = " ".join(words)
    parsed = parse(text, "f")
    for d in parsed.diagnostics:
        assert d.span.line <= text.count("\n") + 1
    assert len(parsed.diagnostics) <= MAX_ERRORS


_TOKEN = re.compile(r'"[^"\n]*"|#[^\n]*|[\w.-]+|[^\w\s]')
_TEXTS = [text_of(p) for p in [*FORMS, *RULES]]


@settings(max_examples=times(150))
@given(st.sampled_from(_TEXTS), st.data())
def test_leaving_out_words_never_crashes(text: str, data: st.DataObject) -> None:
    places = [m.span() for m in _TOKEN.finditer(text)]
    gone = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True))
    for start, end in sorted(gone, reverse=True):
        text = text[:start] + text[end:]
    parsed = parse(text, "f")
    assert len(parsed.diagnostics) <= 2 * len(gone) + 1
    shown(parsed, text.encode(), "f")


@settings(max_examples=times(100))
@given(st.sampled_from(_TEXTS), st.data())
def test_taking_a_run_up_again_is_as_good_as_beginning_anew(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(list('{}()"/=! ?x\n'))) + text[at:]
    quick = parse(text, "f")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "checkpoint", lambda _: None)
        anew = parse(text, "f")
    assert repr(quick) == repr(anew)
    assert quick.file.comments == anew.file.comments


@settings(max_examples=times(150))
@given(st.sampled_from(_TEXTS), st.data())
def test_one_stray_character_is_one_error_or_two(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    stray = data.draw(st.sampled_from(list("{}()[]\"/=!&|,;:@$'`\\\x00\u202e“é\u00a0")))
    parsed = parse(text[:at] + stray + text[at:], "f")
    assert len(parsed.diagnostics) <= 3
