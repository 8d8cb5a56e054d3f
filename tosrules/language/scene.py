"""The place of a syntax error and what surrounds it: what the makers of messages ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from tosrules.language.diagnostics import Diagnostic, Related
from tosrules.language.expected import Words
from tosrules.language.machine import Edit, Failure, Lines, Machine, Seen
from tosrules.span import Span

_LEXEME = re.compile(
    r'"(?:[^"\\\n]|\\.)*"?'
    r"|[^\W\d]\w*(?:-\w+)*"
    r"|\d[\w.]*"
    r"|[=!<>&|:+*/^~-]+"
    r"|."
)
_LONG = re.compile(r"`([^`]{60})[^`]{20,}`")
_PAIRS = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB"}


class Mistake(NamedTuple):
    """A diagnostic, and the edits with which the rest of the file can be read as if it had
    been mended; without edits, what surrounds it must be passed over."""

    diagnostic: Diagnostic
    edits: Mapping[int, Edit] = {}


class Scene:
    """A failure of the machine with its surroundings."""

    def __init__(
        self, text: str, lines: Lines, machine: Machine, words: Words, failure: Failure
    ) -> None:
        self.text, self.lines, self.machine, self.words = text, lines, machine, words
        self.failure = failure
        self.at = failure.start

    # ---- the place ------------------------------------------------------------------------
    @cached_property
    def lexeme(self) -> str:
        """The word, text, number or sign that stands at the place; empty at the end."""
        found = _LEXEME.match(self.text, self.at)
        return found.group() if found else ""

    @property
    def end(self) -> int:
        return self.at + len(self.lexeme)

    @cached_property
    def line(self) -> str:
        """The rest of the line from the place on."""
        return self.text[self.at :].partition("\n")[0] if self.at < len(self.text) else ""

    @cached_property
    def expected(self) -> frozenset[str]:
        return self.words.accepted(self.failure.states)

    def want(self, *terminals: str) -> bool:
        return all(t in self.expected for t in terminals)

    @cached_property
    def first_on_line(self) -> bool:
        before = self.text.rfind("\n", 0, self.at) + 1
        return not self.text[before : self.at].strip()

    # ---- what came before ------------------------------------------------------------------
    def prev(self, back: int = 1) -> Seen:
        """The token before the place; `back` 2, the one before that."""
        seen = self.failure.seen
        return seen[-back] if len(seen) >= back else Seen("", 0, 0)

    def said(self, token: Seen) -> str:
        """What is written for a token."""
        return self.text[token.start : token.end]

    @property
    def touching(self) -> bool:
        """Whether nothing lies between the last token and the place."""
        return self.prev().end == self.at and bool(self.failure.seen)

    @cached_property
    def open(self) -> list[int]:
        """Indices in `seen` of what is opened and not closed."""
        stack: list[int] = []
        for i, token in enumerate(self.failure.seen):
            if token.terminal in _PAIRS:
                stack.append(i)
            elif token.terminal in _PAIRS.values() and stack:
                stack.pop()
        return stack

    @cached_property
    def declaration(self) -> int | None:
        """The index in `seen` of the word that begins the declaration around the place."""
        depth, found = 0, None
        fresh = True
        for i, token in enumerate(self.failure.seen):
            first = token.start == 0 or self.text[token.start - 1] == "\n"
            if depth == 0 and token.terminal in self.words.declarations and (fresh or first):
                found = i
            fresh = False
            if token.terminal in _PAIRS:
                depth += 1
            elif token.terminal in _PAIRS.values():
                depth -= 1
                fresh = depth == 0 and token.terminal == "RBRACE"
        return found

    @cached_property
    def kind(self) -> str:
        """The kind of declaration the place is in: `clause`; empty outside of any."""
        if self.declaration is None:
            return ""
        return self.said(self.failure.seen[self.declaration]).lower()

    @cached_property
    def inside(self) -> bool:
        """Whether the place is inside the braces of its declaration."""
        return any(
            self.failure.seen[i].terminal == "LBRACE" and i > (self.declaration or 0)
            for i in self.open
        )

    @cached_property
    def heading(self) -> str:
        """The declaration as one would name it: `clause no-replay`."""
        if self.declaration is None:
            return ""
        seen = self.failure.seen
        begin = seen[self.declaration]
        stop = begin.end
        for token in seen[self.declaration + 1 : self.declaration + 8]:
            if token.terminal not in ("NAME", "DOT", "SLASH"):
                break
            stop = token.end
        return " ".join(self.text[begin.start : stop].split())

    @cached_property
    def item(self) -> int | None:
        """The index in `seen` of the word that begins the item around the place."""
        starts = self.words.items.get(self.kind)
        if starts is None or self.declaration is None or not self.inside:
            return None
        depth, found = 0, None
        for i in range(self.declaration + 1, len(self.failure.seen)):
            token = self.failure.seen[i]
            if token.terminal in _PAIRS:
                depth += 1
            elif token.terminal in _PAIRS.values():
                depth -= 1
            elif depth == 1 and token.terminal in starts:
                found = i
        return found

    def item_name(self) -> str:
        """What ends where the item ends: `the rule`, `` `severity` ``, the declaration."""
        if self.item is not None:
            token = self.failure.seen[self.item]
            if token.terminal in ("FORBID", "AFTER") and self.kind == "clause":
                return "the rule"
            return f"`{self.words.written(token.terminal)}`"
        return f"`{self.heading}`" if self.heading else "the file"

    def shown(self) -> str:
        """The heading, cut where it is long."""
        return self.heading if len(self.heading) < 60 else self.heading[:59] + "…"

    # ---- answers ------------------------------------------------------------------------------
    def span(self, start: int | None = None, end: int | None = None) -> Span:
        start = self.at if start is None else start
        return self.lines.span(start, self.end if end is None else end)

    def mistake(
        self,
        code: str,
        message: str,
        help: str = "",
        *,
        span: Span | None = None,
        label: str = "",
        related: tuple[Related, ...] = (),
        edits: Mapping[int, Edit] | None = None,
    ) -> Mistake:
        place = span if span is not None else self.span()
        said = _LONG.sub(r"`\1…`", message), _LONG.sub(r"`\1…`", help)
        return Mistake(Diagnostic(code, said[0], place, said[1], label, related), edits or {})

    def put(self, *tokens: tuple[str, str]) -> dict[int, Edit]:
        """Read these tokens before what stands at the place."""
        return {self.at: Edit(tokens, self.at)}

    def instead(self, *tokens: tuple[str, str], end: int | None = None) -> dict[int, Edit]:
        """Read these tokens in place of what stands there, up to `end`."""
        return {self.at: Edit(tokens, self.end if end is None else end)}
