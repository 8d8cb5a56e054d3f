"""The machine that drives the parse tables: text in, a built file or one failure out.

It reads words and parses at once, since which words are keywords depends on what may stand
at the place: `title` is an attribute's name in a condition and a field's name in a source.
Nothing here recurses, so no input can exhaust Python's stack.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tosrules.language import syntax as s
from tosrules.language.span import NOWHERE, Span
from tosrules.language.tables import KEYWORD_PRIORITY, Rule, Tables

MAX_DEPTH = 60
"""How many levels an expression may be deep; later passes recurse, a few frames a level."""
RESERVED = frozenset({"not", "any", "later", "earlier", "true", "false"})
"""Words that name nothing."""
NESTING = frozenset(
    {"parenthesised", "not", "negate", "add", "multiply", "call", "any_of", "choice"}
)
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"#[^\n]*")
_GLUED = re.compile(
    r"(?!(?:second|minute|hour|day|week|month|year)s?(?![A-Za-z0-9_]))[A-Za-z0-9_%]|\.[0-9]"
    r"|(?<=[0-9]{4})-[0-9]{2}-[0-9]{2}"
)
"""What makes no number when it touches one: `1e5`, `1_00`, a date where none may
stand, a time without its offset."""
_WORD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(?:-[a-zA-Z0-9_]+)*")


class Token(NamedTuple):
    """A word of the text that the builder wants to see."""

    type: str
    text: str
    span: Span

    def __str__(self) -> str:
        return self.text


class Seen(NamedTuple):
    """A token as the machine took it: terminal and the stretch of text."""

    terminal: str
    start: int
    end: int


class Edit(NamedTuple):
    """What to read at a place instead of what stands there: `tokens` (terminal, text), then
    go on at `end`. Nothing is left out when `end` is the place itself."""

    tokens: tuple[tuple[str, str], ...]
    end: int


class Refused(Exception):
    """The builder's answer to a word that is well formed and says nothing that exists."""

    def __init__(self, code: str, message: str, span: Span, help: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.span, self.help = code, message, span, help


class Failure(NamedTuple):
    """Why the machine stopped. `kind` is `unexpected` (a word that cannot stand here),
    `unreadable` (no word), `end` (the text ends too early), `reserved`, `number` (one that
    is not written as numbers are), `depth` or `refused`."""

    kind: str
    start: int
    end: int
    terminal: str
    states: tuple[int, ...]
    seen: tuple[Seen, ...]
    refused: Refused | None = None


class Lines:
    """Offsets of a text to lines and columns."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.starts = [0]
        self.starts += [m.end() for m in re.finditer("\n", text)]

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        return Span(self.file, *self.place(start), *self.place(end))


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


class Machine:
    """One grammar, ready to read files."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.lexicon = Lexicon(tables)

    def accepts(self, states: Iterable[int], terminal: int) -> bool:
        """Whether a token of this kind may truly follow: the tables alone promise too much,
        since states that differ only in what may follow were merged."""
        stack = list(states)
        while True:
            action = self.tables.actions(stack[-1]).get(terminal)
            if action is None:
                return False
            if action >= 0:
                return True
            rule = self.tables.rules[~action]
            if rule.size:
                del stack[-rule.size :]
            stack.append(self.tables.goto(stack[-1], rule.origin))
            if stack[-1] == self.tables.final and terminal == self.tables.end:
                return True

    def run(
        self,
        text: str,
        builder: Any,
        lines: Lines,
        edits: Mapping[int, Edit],
        comments: list[s.Comment] | None = None,
    ) -> s.File | Failure:
        """Parse `text`; `builder` has a method for each rule of the grammar."""
        tables, lexicon = self.tables, self.lexicon
        rules, terminals, final, end = tables.rules, tables.terminals, tables.final, tables.end
        actions_of, goto, read = tables.actions, tables.goto, lexicon.read
        makers = [_maker(builder, r) for r in rules]
        # Of keywords and signs only the word matters, and that is always the same.
        fixed = [Token(t.name, t.pattern, NOWHERE) if t.kind != "pattern" else None
                 for t in terminals]  # fmt: skip
        nests = [r.action in NESTING for r in rules]
        file, line_starts = lines.file, lines.starts
        states = [tables.start]
        values: list[Any] = []
        places: list[tuple[int, int, int, int] | None] = []
        depths: list[int] = []
        seen: list[Seen] = []
        pending: list[tuple[str, str]] = []
        edited = -1
        pos = 0
        size = len(text)

        def failure(kind: str, start: int, stop: int, terminal: str, why: Any = None) -> Failure:
            return Failure(kind, start, stop, terminal, tuple(states), tuple(seen), why)

        while True:
            # ---- the next token
            if not pending:
                while True:
                    pos = _SPACE.match(text, pos).end()  # type: ignore[union-attr]
                    comment = _COMMENT.match(text, pos) if text.startswith("#", pos) else None
                    if comment is None:
                        break
                    if comments is not None:
                        comments.append(_comment(text, comment, lines))
                    pos = comment.end()
                if pos in edits and pos != edited:
                    edit = edits[pos]
                    edited = pos
                    if not edit.tokens:
                        pos = edit.end
                        continue
                    pending = list(edit.tokens)
            if pending:
                name, content = pending.pop(0)
                terminal = tables.number[name]
                start = pos
                if not pending:
                    pos = edits[edited].end
                stop = pos
            elif pos >= size:
                terminal, start, stop, name, content = end, size, size, "$END", ""
            else:
                start = pos
                terminal, stop = read(text, pos, states[-1])
                if terminal < 0:
                    return failure("unreadable", start, start, "")
                name = terminals[terminal].name
                content = text[start:stop]
                if name == "NAME" and content in RESERVED:
                    return failure("reserved", start, stop, name)
                if name == "NUMBER" and _GLUED.match(text, pos=stop):
                    return failure("number", start, stop, name)
                pos = stop
            # ---- what it makes of the stack
            undo: list[list[int]] = []
            while True:
                action = actions_of(states[-1]).get(terminal)
                if action is None:
                    # Merged states may reduce on a word that cannot follow: what could have
                    # stood here is known only by the stack as it was before.
                    for removed in reversed(undo):
                        states[-1:] = removed
                    return failure("end" if terminal == end else "unexpected", start, stop, name)
                if action >= 0:
                    line = bisect_right(line_starts, start)
                    last = line if len(content) < 3 or "\n" not in content else -1
                    if last < 0:
                        last = bisect_right(line_starts, stop)
                    place = (
                        line,
                        start - line_starts[line - 1] + 1,
                        last,
                        stop - line_starts[last - 1] + 1,
                    )
                    try:
                        value = fixed[terminal] or builder.token(
                            Token(name, content, Span(file, *place))
                        )
                    except Refused as refused:
                        return failure("refused", start, stop, name, refused)
                    states.append(action)
                    values.append(value)
                    places.append(place)
                    depths.append(0)
                    seen.append(Seen(name, start, stop))
                    break
                rule = rules[~action]
                count = rule.size
                if count:
                    parts = values[-count:]
                    first, last_place = places[-count], places[-1]
                    covered: Any = (first or last_place or (1, 1, 1, 1))[:2]
                    covered += (last_place or first or (1, 1, 1, 1))[2:]
                    depth = max(depths[-count:])
                    undo.append(states[-count:])
                    del states[-count:], values[-count:], places[-count:], depths[-count:]
                else:
                    parts, covered, depth = [], None, 0
                    undo.append([])
                value = _shape(rule.keep, rule.nones, parts)
                maker = makers[~action]
                if rule.single and len(value) == 1:
                    value = value[0]
                elif maker is not None:
                    if nests[~action]:
                        depth += 1
                    span = Span(file, *(covered or (1, 1, 1, 1)))
                    if depth > MAX_DEPTH:
                        begin = line_starts[span.line - 1] + span.column - 1
                        return failure("depth", begin, start, name)
                    try:
                        value = maker(value, span)
                    except Refused as refused:
                        return failure("refused", start, stop, name, refused)
                states.append(goto(states[-1], rule.origin))
                values.append(value)
                places.append(covered)
                depths.append(depth)
                if terminal == end and states[-1] == final:
                    return value  # type: ignore[no-any-return]


def _shape(keep: tuple[tuple[int, int, bool], ...], nones: int, parts: list[Any]) -> list[Any]:
    """The parts that the grammar keeps, with None for what is left out."""
    out: list[Any] = []
    for before, index, splice in keep:
        if before:
            out += [None] * before
        if not splice:
            out.append(parts[index])
        elif out:
            out += parts[index]
        else:
            # The list is nobody else's: growing it keeps a long list of items linear.
            out = parts[index]
    if nones:
        out += [None] * nones
    return out


def _comment(text: str, found: re.Match[str], lines: Lines) -> s.Comment:
    start = found.start()
    before = text[text.rfind("\n", 0, start) + 1 : start]
    words = found.group().rstrip()
    return s.Comment(words, not before.strip(), span=lines.span(start, start + len(words)))


def _maker(builder: Any, rule: Rule) -> Callable[[list[Any], Span], Any] | None:
    """The builder's method for a rule; None for a rule that only passes its parts on."""
    if not rule.action or (rule.single and not hasattr(builder, "on_" + rule.action)):
        return None
    return getattr(builder, "on_" + rule.action)  # type: ignore[no-any-return]
