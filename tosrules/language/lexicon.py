"""Which words a state of the parser accepts, and how the next one is read.

Words of the language are words only where the grammar allows them; elsewhere they are names.
So what stands at a place is read by what may stand there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tosrules.language.tables import KEYWORD_PRIORITY, Tables

_WORD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(?:-[a-zA-Z0-9_]+)*")


class Lexicon:
    """Which terminals to try in a state, worked out when the state is first met."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.words: dict[str, int] = {}
        self.signs: list[tuple[int, str]] = []
        self._matchers: dict[int, Callable[..., re.Match[str] | None]] = {}
        self._plans: dict[int, tuple[Any, Any, Any]] = {}
        self.patterns = []
        for i, terminal in enumerate(tables.terminals):
            if terminal.kind == "word":
                self.words[terminal.pattern] = i
            elif terminal.kind == "sign":
                self.signs.append((i, terminal.pattern))
            else:
                self.patterns.append(i)
        self.name = tables.number["NAME"]

    def matcher(self, terminal: int) -> Callable[..., re.Match[str] | None]:
        known = self._matchers.get(terminal)
        if known is None:
            known = re.compile(self.tables.terminals[terminal].pattern, re.ASCII).match
            self._matchers[terminal] = known
        return known

    def plan(self, state: int) -> tuple[Any, Any, Any]:
        """For a state: patterns that go before keywords, patterns that go after, signs."""
        known = self._plans.get(state)
        if known is None:
            accepted = self.tables.actions(state)
            terminals = self.tables.terminals
            patterns = [i for i in self.patterns if i in accepted and i != self.name]

            def urgent(i: int) -> bool:
                return terminals[i].priority > KEYWORD_PRIORITY

            known = (
                [
                    (i, self.matcher(i))
                    for i in patterns
                    if terminals[i].priority > KEYWORD_PRIORITY
                ],
                [
                    (i, self.matcher(i))
                    for i in patterns
                    if terminals[i].priority <= KEYWORD_PRIORITY
                ],
                [(i, w) for i, w in self.signs if i in accepted],
            )
            self._plans[state] = known
        return known

    def read(self, text: str, pos: int, state: int) -> tuple[int, int]:
        """The terminal at `pos` and its end, of those that `state` accepts; (-1, pos) if
        there is none."""
        urgent, patterns, signs = self.plan(state)
        for terminal, match in urgent:
            found = match(text, pos)
            if found is not None:
                return terminal, found.end()
        word = _WORD.match(text, pos)
        if word is not None:
            accepted = self.tables.actions(state)
            keyword = self.words.get(word.group(), -1)
            if keyword in accepted:
                return keyword, word.end()
            if self.name in accepted:
                return self.name, word.end()
            return -1, pos
        for terminal, match in patterns:
            found = match(text, pos)
            if found is not None:
                return terminal, found.end()
        for terminal, sign in signs:
            if text.startswith(sign, pos):
                return terminal, pos + len(sign)
        return -1, pos
