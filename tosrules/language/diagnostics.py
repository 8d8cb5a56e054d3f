"""Diagnostics: what is wrong in a rule file, as data.

Passes return diagnostics; nothing is raised, so that all mistakes of all files are shown at
once. `docs/errors.md` has an entry for each code; the wording is the author's contract and
is held by golden tests.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from tosrules.record import Record
from tosrules.span import Span


class Related(Record):
    """A second place that the reader must see to understand the first."""

    span: Span
    note: str


class Diagnostic(Record):
    code: str
    """Stable, in words: `unknown-attribute`."""
    message: str
    """One sentence, lower case, the author's own words in backticks."""
    span: Span
    help: str = ""
    """What to write instead; empty where nothing is near."""
    label: str = ""
    """A few words under the marked place."""
    related: tuple[Related, ...] = ()
    warning: bool = False


# Control, format (bidirectional, zero-width), surrogates, private use, unassigned, separators.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _harmless(line: str) -> str:
    """What a line of a stranger's file must not do to the terminal it is shown in: each acting
    character is one mark, so that what is marked under the line stays under its place."""
    if line.isascii() and line.isprintable():
        return line
    return "".join("\ufffd" if unicodedata.category(char) in _ACTING else char for char in line)


def _frame(span: Span, lines: list[str], label: str, mark: str, gutter: int) -> list[str]:
    if not 1 <= span.line <= len(lines):
        return []
    source = lines[span.line - 1].replace("\t", " ")
    end = span.end_column if span.end_line == span.line else len(source) + 1
    width = max(1, min(end, len(source) + 1) - span.column)
    cut_left = max(0, span.column - 60) if len(source) > 160 else 0
    shown = source[cut_left : cut_left + 160]
    if cut_left:
        shown = "…" + shown[1:]
    pointer = " " * (span.column - 1 - cut_left) + mark * min(width, 100)
    blank = " " * gutter
    return [
        f"{blank} |",
        f"{str(span.line).rjust(gutter)} | {shown}",
        f"{blank} | {pointer}{' ' + label if label else ''}",
    ]


def render(diagnostic: Diagnostic, texts: Mapping[str, str]) -> str:
    """The diagnostic as a compiler prints it: place, sentence, the line with the place
    marked, other places, help. `texts` maps a span's file to the text of that file."""
    span = diagnostic.span
    spans = [span, *(r.span for r in diagnostic.related)]
    gutter = max(len(str(s.line)) for s in spans)
    kind = "warning" if diagnostic.warning else "error"
    out = [f"{span}: {kind}[{diagnostic.code}]: {diagnostic.message}"]
    # Lines are split at line feeds alone: a form feed inside a text must not shift numbers.
    lines = texts.get(span.file, "").split("\n")
    out += _frame(span, lines, diagnostic.label, "^", gutter)
    for related in diagnostic.related:
        out.append(f"{' ' * gutter} = {related.span}: {related.note}")
        out += _frame(related.span, texts.get(related.span.file, "").split("\n"), "", "-", gutter)
    if diagnostic.help:
        out.append(f"{' ' * gutter} = help: {diagnostic.help}")
    return "\n".join(map(_harmless, out))


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By file and place, each once."""
    return sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code, d.message))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word an author most likely meant by `word`, or None if none is near."""
    import difflib

    if len(word) > 60:
        return None  # no word of anybody's; comparing it would take long
    candidates = list(dict.fromkeys(known))
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(candidate.lower().replace("_", "-"), candidate)
    same = folded.get(word.lower().replace("_", "-"))
    if same is not None:
        return same
    close: list[str] = difflib.get_close_matches(word, candidates, n=1, cutoff=0.7)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean `x`?`, or nothing."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near is not None else ""
