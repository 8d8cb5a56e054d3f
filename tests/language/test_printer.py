"""The formatter: what it prints says the same, keeps every comment, and stays as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_files import FORMS, LAYOUT, RULES, text_of
from trees import files

from tests.thorough import times
from tosrules.language import formatting, printer
from tosrules.language import syntax as s
from tosrules.language.build import Builder
from tosrules.language.formatting import MeaningChanged, format_text
from tosrules.language.machine import Failure, Lines
from tosrules.language.parser import machine, parse, parse_afresh
from tosrules.language.printer import format_file


def formatted(text: str) -> str:
    got = format_text(text, "f")
    assert got.diagnostics == ()
    assert got.text is not None
    return got.text


@pytest.mark.parametrize("path", LAYOUT, ids=lambda p: p.stem)
def test_layout(path: Path) -> None:
    assert formatted(text_of(path)) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*FORMS, *RULES], ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_files_keep_their_meaning(path: Path) -> None:
    text = text_of(path)
    once = formatted(text)
    assert parse(once, "f").file == parse(text, "f").file
    assert formatted(once) == once


@settings(max_examples=times(400))
@given(files)
def test_printing_and_parsing_a_tree_is_the_identity(file: s.File) -> None:
    text = format_file(file)
    parsed = parse_afresh(text, "f")
    assert parsed.diagnostics == ()
    assert parsed.file == file
    assert format_file(parsed.file) == text


def pieces(text: str) -> list[str]:
    """The words of a file, dotted names whole."""
    got = machine().run(text + " \0", Builder(), Lines(text, ""), {})
    assert isinstance(got, Failure)
    out: list[str] = []
    for seen in got.seen:
        word = text[seen.start : seen.end]
        if out and (word == "." or out[-1].endswith(".")):
            out[-1] += word
        else:
            out.append(word)
    return out


_TEXTS = [text_of(p) for p in [*FORMS, *LAYOUT, *RULES]]
_SPACES = ["\n", "\n\n", "\n\n\n   ", "\t", "   "]


@settings(max_examples=times(150))
@given(st.sampled_from(_TEXTS), st.randoms(use_true_random=False), st.sampled_from([0, 3, 30]))
def test_any_spacing_and_any_comments(text: str, random: object, share: int) -> None:
    """Words of a file with other spaces, line ends and comments between them."""
    from random import Random

    assert isinstance(random, Random)
    out: list[str] = []
    comments: list[str] = []
    for word in pieces(text):
        out.append(word)
        if random.randrange(100) < share:
            comments.append(f"# c{len(comments)}")
            out.append(random.choice([" ", "\n", "\n\n  "]) + comments[-1] + "\n")
        else:
            out.append(random.choice(_SPACES) if random.randrange(100) < 40 else " ")
    scattered = "".join(out)
    assert parse(scattered, "f").file == parse(text, "f").file
    once = formatted(scattered)
    assert formatted(once) == once
    assert sorted(re.findall("# c[0-9]+", once)) == sorted(comments)


@settings(max_examples=times(100))
@given(st.sampled_from(_TEXTS), st.randoms(use_true_random=False))
def test_the_layout_does_not_depend_on_the_authors(text: str, random: object) -> None:
    """Without comments and blank lines, only what is said decides."""
    from random import Random

    assert isinstance(random, Random)
    words = pieces(text)
    one = formatted("\n".join(words))
    other = formatted("".join(w + random.choice([" ", "\n"]) for w in words))
    assert [x for x in one.split("\n") if x] == [x for x in other.split("\n") if x]


@pytest.mark.parametrize("path", [*FORMS, *LAYOUT], ids=lambda p: p.stem)
def test_breakable_lines_keep_within_a_hundred_columns(path: Path) -> None:
    for line in formatted(text_of(path)).split("\n"):
        assert len(line) <= 100 or '"' in line


def test_numbers_and_texts_have_one_form() -> None:
    assert formatted('param a=10000.50 chosen because "\\u0041\\u00e9\\u202e\\t\\n"') == (
        'param a = 10_000.50 chosen because "Aé\\u202e\\t\\n"\n'
    )


def test_parentheses_stay() -> None:
    text = "define d = ((a)) and (b = 1)\n"
    assert formatted(text) == text


def test_one_liners_of_a_kind_stand_together() -> None:
    got = formatted(
        'param a=1 chosen because "x"\nparam b=1 chosen because "x"\nlist l=[]\nlist m=[]'
    )
    assert got == (
        'param a = 1 chosen because "x"\nparam b = 1 chosen because "x"\n\n'
        "list l = []\nlist m = []\n"
    )


def test_syntax_errors_are_returned() -> None:
    got = format_text("clause ?", "f")
    assert got.text is None
    assert len(got.diagnostics) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [("list l = [2]\n", "change what it says"), ("list l = [1] # b\n", "lose a comment"),
     ("list l = [1]  # a\n", "again")],
)  # fmt: skip
def test_a_defect_of_the_layout_is_raised(
    wrong: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([wrong, "something else"])
    monkeypatch.setattr(formatting, "format_file", lambda _: next(answers))
    with pytest.raises(MeaningChanged, match=says):
        format_text("list l = [1]  # a", "f")


def test_nothing_is_printed_for_nothing() -> None:
    assert printer.format_file(s.File(None, ())) == ""
