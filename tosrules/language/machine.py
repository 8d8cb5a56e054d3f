"""The machine that drives the parse tables: text in, a built file or one failure out.

It reads words and parses at once, since which words are keywords depends on what may stand
at the place: `title` is an attribute's name in a condition and a field's name in a source.
Nothing here recurses, so no input can exhaust Python's stack.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tosrules.language import syntax as s
from tosrules.language.lexicon import Lexicon
from tosrules.language.tables import END, Rule, Tables
from tosrules.span import NOWHERE, Span

MAX_DEPTH = 60
"""How many levels an expression may be deep; later passes recurse, a few frames a level."""
RESERVED = frozenset({"not", "any", "later", "earlier", "true", "false"})
"""Words that name nothing."""
NESTING = frozenset(
    {"parenthesised", "not", "negate", "add", "multiply", "call", "any_of", "choice"}
)
_CHECKPOINTS = 400
"""How many lines back a run can be taken up again without beginning anew."""
_SHALLOW = 40
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"#[^\n]*")
_GLUED = re.compile(
    r"(?!(?:second|minute|hour|day|week|month|year)s?(?![A-Za-z0-9_]))[A-Za-z0-9_%]|\.[0-9]"
    r"|(?<=[0-9]{4})-[0-9]{2}-[0-9]{2}"
)
"""What makes no number when it touches one: `1e5`, `1_00`, a date where none may
stand, a time without its offset."""


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
        """The span from one offset to another."""
        starts = self.starts
        line = bisect_right(starts, start)
        # Most stretches end on the line where they begin.
        same = line == len(starts) or end < starts[line]
        last = line if same else bisect_right(starts, end)
        column, end_column = start - starts[line - 1] + 1, end - starts[last - 1] + 1
        return Span(self.file, line, column, last, end_column)


class Machine:
    """One grammar, ready to read files."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.lexicon = Lexicon(tables)
        # Of keywords and signs only the word matters, and that is always the same.
        self.fixed = [
            None if t.kind == "pattern" else Token(t.name, t.pattern, NOWHERE)
            for t in tables.terminals
        ]

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
        """Parse `text`; `builder` has a method for each rule of the grammar. Comments are
        put into `comments`."""
        return Run(self, text, builder, lines, comments).run(edits)


class _Checkpoint(NamedTuple):
    """A run as it was before it read the first word of a line. Lists on the stack only grow
    at their ends, so that their lengths are enough to have them back."""

    pos: int
    edited: int
    states: list[int]
    stack: list[tuple[Any, int, int, int]]
    lengths: list[int]
    seen: int
    comments: int


class Run:
    """One pass over one text, which can be taken up again with other edits.

    The stack holds, for each state but the first, a value, where it begins and ends, and how
    deep it is.
    """

    def __init__(
        self,
        machine: Machine,
        text: str,
        builder: Any,
        lines: Lines,
        comments: list[s.Comment] | None,
    ) -> None:
        self.tables, self.lexicon, self.fixed = machine.tables, machine.lexicon, machine.fixed
        self.text, self.builder, self.lines = text, builder, lines
        self.edits: dict[int, Edit] = {}
        self.comments = comments if comments is not None else []
        self.checkpoints: deque[_Checkpoint] = deque(maxlen=_CHECKPOINTS)
        self.steps = [
            (
                r.size, r.origin, r.keep, r.nones, r.single, _maker(builder, r),
                r.action in NESTING, _passes(r),
            )
            for r in self.tables.rules
        ]  # fmt: skip
        self.states = [self.tables.start]
        self.stack: list[tuple[Any, int, int, int]] = []
        self.seen: list[Seen] = []
        # The token at hand, and where the next one is read.
        self.terminal, self.name, self.start, self.stop = -1, "", 0, 0
        self.pos = 0
        self.content = ""
        self.pending: list[tuple[str, str]] = []
        self.edited = -1

    def run(self, edits: Mapping[int, Edit]) -> s.File | Failure:
        """Parse with these edits, from the last place on before which nothing changed."""
        changed = [at for at, _ in edits.items() ^ self.edits.items()]
        self.go_back(min(changed, default=0))
        self.edits = dict(edits)
        while True:
            failure = self.next()
            if failure is not None:
                return failure
            done = self.take()
            if done is not None:
                return done

    def checkpoint(self) -> None:
        """Remember this place; not in the depth of a nest, where it would cost too much."""
        if len(self.states) < _SHALLOW:
            lengths = [len(e[0]) for e in self.stack if type(e[0]) is list]
            self.checkpoints.append(
                _Checkpoint(
                    self.pos, self.edited, self.states[:], self.stack[:], lengths,
                    len(self.seen), len(self.comments),
                )
            )  # fmt: skip

    def go_back(self, pos: int) -> None:
        """To the last checkpoint at or before `pos`, or to the beginning."""
        while self.checkpoints and self.checkpoints[-1].pos > pos:
            self.checkpoints.pop()
        self.pending = []
        if not self.checkpoints:
            self.pos, self.edited, self.states, self.stack = 0, -1, [self.tables.start], []
            del self.seen[:], self.comments[:]
            return
        last = self.checkpoints.pop()
        self.pos, self.edited = last.pos, last.edited
        self.states, self.stack = last.states, last.stack
        lists = [e[0] for e in self.stack if type(e[0]) is list]
        for kept, length in zip(lists, last.lengths, strict=True):
            del kept[length:]
        del self.seen[last.seen :], self.comments[last.comments :]

    def failure(self, kind: str, start: int, stop: int, why: Refused | None = None) -> Failure:
        return Failure(kind, start, stop, self.name, tuple(self.states), tuple(self.seen), why)

    # ---- the next token -----------------------------------------------------------------------
    def next(self) -> Failure | None:
        """Read the token at hand."""
        if not self.pending:
            before = self.pos
            self.space()
            if self.text.find("\n", before, self.pos) >= 0 and self.pos != self.edited:
                self.checkpoint()
        while not self.pending and self.at_edit():
            edit = self.edits[self.pos]
            self.edited = self.pos
            self.pending = list(edit.tokens)
            if not edit.tokens:
                self.pos = edit.end
                self.space()
        if self.pending:
            self.name, self.content = self.pending.pop(0)
            self.terminal = self.tables.number[self.name]
            self.start = self.pos
            if not self.pending:
                self.pos = self.edits[self.edited].end
            self.stop = self.pos
            return None
        return self.read()

    def at_edit(self) -> bool:
        """Whether an edit says what to read here."""
        return self.pos in self.edits and self.pos != self.edited

    def space(self) -> None:
        """Pass over spaces and comments."""
        text = self.text
        pos = _SPACE.match(text, self.pos).end()  # type: ignore[union-attr]
        while text.startswith("#", pos):
            comment = _COMMENT.match(text, pos)
            assert comment is not None
            self.comments.append(_comment(text, comment, self.lines))
            pos = _SPACE.match(text, comment.end()).end()  # type: ignore[union-attr]
        self.pos = pos

    def read(self) -> Failure | None:
        """Read a word, as far as the state accepts one."""
        text, pos = self.text, self.pos
        if pos >= len(text):
            self.terminal, self.name, self.content = self.tables.end, END, ""
            self.start = self.stop = len(text)
            return None
        terminal, stop = self.lexicon.read(text, pos, self.states[-1])
        if terminal < 0:
            self.name = ""
            return self.failure("unreadable", pos, pos)
        self.terminal, self.name = terminal, self.tables.terminals[terminal].name
        self.start, self.stop, self.content = pos, stop, text[pos:stop]
        if self.name == "NAME" and self.content in RESERVED:
            return self.failure("reserved", pos, stop)
        if self.name == "NUMBER" and _GLUED.match(text, pos=stop):
            return self.failure("number", pos, stop)
        self.pos = stop
        return None

    # ---- what it makes of the stack ---------------------------------------------------------
    def take(self) -> s.File | Failure | None:
        """Reduce as far as the token at hand asks for, then shift it; the file or a failure
        when that is the end."""
        actions_of, goto, steps = self.tables.actions, self.tables.goto, self.steps
        states, stack, terminal = self.states, self.stack, self.terminal
        undo: list[list[int]] = []
        end_of_text = self.tables.end
        while True:
            action = actions_of(states[-1]).get(terminal)
            if action is None:
                # Merged states may reduce on a word that cannot follow: what could have
                # stood here is known only by the stack as it was before.
                for removed in reversed(undo):
                    states[-1:] = removed
                kind = "end" if terminal == self.tables.end else "unexpected"
                return self.failure(kind, self.start, self.stop)
            if action >= 0:
                return self.shift(action)
            size, origin, keep, nones, single, maker, nests, passes = steps[~action]
            if passes and terminal != end_of_text:
                # Most reductions only rename what is on the stack.
                undo.append([states.pop()])
                states.append(goto(states[-1], origin))
                continue
            if size == 1:
                part, begin, end, depth = stack.pop()
                undo.append([states.pop()])
                value = _shape(keep, nones, [part])
            elif size:
                parts = stack[-size:]
                begin, end = parts[0][1], parts[-1][2]
                depth = max([p[3] for p in parts])
                undo.append(states[-size:])
                del states[-size:], stack[-size:]
                value = _shape(keep, nones, [p[0] for p in parts])
            else:
                begin = end = self.start
                depth = 0
                undo.append([])
                value = _shape(keep, nones, [])
            if single and len(value) == 1:
                value = value[0]
            elif maker is not None:
                if nests:
                    depth += 1
                    if depth > MAX_DEPTH:
                        return self.failure("depth", begin, self.start)
                try:
                    value = maker(value, self.lines.span(begin, end) if size else self.nowhere)
                except Refused as refused:
                    return self.failure("refused", self.start, self.stop, refused)
            states.append(goto(states[-1], origin))
            stack.append((value, begin, end, depth))
            if terminal == self.tables.end and states[-1] == self.tables.final:
                return value  # type: ignore[return-value]

    @property
    def nowhere(self) -> Span:
        """Where what is empty stands: at the beginning of the file."""
        return Span(self.lines.file, 1, 1, 1, 1)

    def shift(self, state: int) -> Failure | None:
        """Put the token at hand on the stack."""
        value: Any = self.fixed[self.terminal]
        if value is None:
            span = self.lines.span(self.start, self.stop)
            try:
                value = self.builder.token(Token(self.name, self.content, span))
            except Refused as refused:
                return self.failure("refused", self.start, self.stop, refused)
        self.states.append(state)
        self.stack.append((value, self.start, self.stop, 0))
        self.seen.append(Seen(self.name, self.start, self.stop))
        return None


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


def _passes(rule: Rule) -> bool:
    """Whether the value of the rule is that of its one part as it is."""
    if rule.size != 1 or len(rule.keep) != 1 or rule.nones or rule.keep[0][0]:
        return False
    splice = rule.keep[0][2]
    return splice if not rule.action else rule.single and not splice


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
