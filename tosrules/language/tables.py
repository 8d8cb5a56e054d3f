"""The parse tables: made from the grammar by Lark, kept as JSON, driven by `machine.py`.

Making them takes a second or more and is done when the package is built; a run reads the
numbers and never imports Lark. The form is compact, and the same bytes for the same grammar:
states that accept alike share what they accept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lark import Lark

FORM = 1
"""Changes when the form of the stored tables changes."""
START = "file"
END = "$END"
_WORD = re.compile(r"[a-z][a-z0-9]*\Z")
WORD_END = r"(?![A-Za-z0-9_]|-[A-Za-z0-9_])"
"""Where a word ends: names may hold hyphens."""
KEYWORD_PRIORITY = 2


class Terminal(NamedTuple):
    """A kind of token. `kind` is `word` (a keyword, `pattern` is the word), `sign`
    (`pattern` is what is written) or `pattern` (a regular expression)."""

    name: str
    kind: str
    pattern: str
    priority: int


class Rule(NamedTuple):
    """How a reduction makes a value of its parts.

    `keep` lists (number of Nones before, index of the part, whether the part is a list to be
    spliced in); `nones` follow at the end. `action` names the builder's method; it is empty
    for a helper rule, whose value is the plain list. With `single`, one part stands for
    itself.
    """

    origin: int
    size: int
    action: str
    single: bool
    keep: tuple[tuple[int, int, bool], ...]
    nones: int


class Tables:
    """The automaton. Actions of a state: terminal number to state (shift) or to the
    complement of a rule number (reduce); gotos: rule origin to state."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self.terminals = [Terminal(*t) for t in stored["terminals"]]
        self.rules = [
            Rule(o, n, a, bool(x), tuple((b, i, bool(e)) for b, i, e in k), z)
            for o, n, a, x, k, z in stored["rules"]
        ]
        self.start: int = stored["start"]
        self.final: int = stored["final"]
        self.ignored: str = stored["ignored"]
        self.end = len(self.terminals)
        """The number of the end of the text, after those of all terminals."""
        self.number = {t.name: i for i, t in enumerate(self.terminals)}
        self.number[END] = self.end
        self._states: list[list[Any]] = stored["states"]
        self._sets: list[list[int]] = stored["sets"]
        self._actions: list[dict[int, int] | None] = [None] * len(self._states)
        self._gotos: list[dict[int, int] | None] = [None] * len(self._states)

    def actions(self, state: int) -> dict[int, int]:
        """What `state` accepts; made when it is first asked for."""
        known = self._actions[state]
        if known is None:
            shifts, reduces, _ = self._states[state]
            known = dict(zip(shifts[::2], shifts[1::2], strict=True))
            for rule, which in zip(reduces[::2], reduces[1::2], strict=True):
                known.update(dict.fromkeys(self._sets[which], ~rule))
            self._actions[state] = known
        return known

    def goto(self, state: int, origin: int) -> int:
        """The state after a reduction to `origin`."""
        known = self._gotos[state]
        if known is None:
            gotos: list[int] = self._states[state][2]
            known = self._gotos[state] = dict(zip(gotos[::2], gotos[1::2], strict=True))
        return known[origin]


def digest(grammar: str) -> str:
    """What prepared files are keyed by: the grammar and the form they are stored in."""
    return hashlib.sha256(f"{FORM}\n{grammar}".encode()).hexdigest()


def lark(grammar: str) -> Lark:
    """Lark's parser for the grammar; raises on a conflict, however Lark would resolve it."""
    from lark import Lark
    from lark.lexer import Lexer

    class NoLexer(Lexer):
        """The machine reads words itself; Lark need not prepare to."""

        __future_interface__ = 2

        def __init__(self, _conf: object) -> None:
            pass

        def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
            raise NotImplementedError

    return Lark(
        grammar,
        parser="lalr",
        lexer=NoLexer,
        start=START,
        maybe_placeholders=True,
        strict=True,
    )


def _terminal(definition: Any) -> Terminal:
    pattern, priority = definition.pattern, definition.priority
    if pattern.type == "str":
        if _WORD.match(pattern.value):
            return Terminal(definition.name, "word", pattern.value, KEYWORD_PRIORITY)
        return Terminal(definition.name, "sign", pattern.value, priority)
    # A word of the grammar ends where a name would: `not in-x` is no `not in`.
    expression = re.sub(r"\\b\Z", lambda _: WORD_END, pattern.to_regexp())
    return Terminal(definition.name, "pattern", expression, priority)


def _rule(rule: Any, origins: dict[str, int]) -> list[Any]:
    """The rule as `Rule` stores it; follows Lark's own shaping of trees."""
    options, parts = rule.options, rule.expansion
    empty = options.empty_indices or (False,) * len(parts)
    before = [len(run) for run in "".join(str(int(b)) for b in empty).split("0")]
    keep, waiting = [], 0
    for i, part in enumerate(parts):
        waiting += before[i]
        if options.keep_all_tokens or not (part.is_term and part.filter_out):
            splice = not part.is_term and part.name.startswith("_")
            keep.append([waiting, i, int(splice)])
            waiting = 0
    waiting += before[len(parts)]
    name = rule.origin.name
    action = "" if name.startswith("_") and not rule.alias else str(rule.alias or name)
    return [origins[name], len(parts), action, int(options.expand1), keep, waiting]


def build(grammar: str) -> str:
    """The tables of the grammar as JSON text; the same bytes for the same grammar."""
    parser = lark(grammar)
    table = parser.parser.parser._parse_table
    ignored = set(parser.ignore_tokens)
    definitions = [t for t in parser.terminals if t.name not in ignored]
    # The order in which Lark tries them: urgent first, then those that can be longer.
    definitions.sort(
        key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name)
    )
    terminals = [_terminal(t) for t in definitions]
    number = {t.name: i for i, t in enumerate(terminals)} | {END: len(terminals)}
    origins = {n: i for i, n in enumerate(sorted({r.origin.name for r in parser.rules}))}
    rules = {rule: i for i, rule in enumerate(parser.rules)}
    order = _reachable(table)
    states = []
    sets: dict[tuple[int, ...], int] = {}
    for state in order:
        shifts: list[tuple[int, int]] = []
        reduces: dict[int, list[int]] = {}
        gotos: list[tuple[int, int]] = []
        for name, (action, argument) in table.states[state].items():
            if name in origins:
                gotos.append((origins[name], order[argument]))
            elif type(argument) is int:
                shifts.append((number[name], order[argument]))
            else:
                assert action is not None
                reduces.setdefault(rules[argument], []).append(number[name])
        packed = []
        for rule in sorted(reduces):
            lookahead = tuple(sorted(reduces[rule]))
            packed += [rule, sets.setdefault(lookahead, len(sets))]
        states.append(
            [[n for s in sorted(shifts) for n in s], packed, [n for g in sorted(gotos) for n in g]]
        )
    ((_, start),) = table.start_states.items()
    ((_, final),) = table.end_states.items()
    stored = {
        "digest": digest(grammar),
        "terminals": terminals,
        "ignored": "|".join(t.pattern.to_regexp() for t in parser.terminals if t.name in ignored),
        "rules": [_rule(r, origins) for r in parser.rules],
        "start": order[start],
        "final": order[final],
        "sets": [list(s) for s in sets],
        "states": states,
    }
    return json.dumps(stored, separators=(",", ":")) + "\n"


def _reachable(table: Any) -> dict[int, int]:
    """New numbers of the states in the order of their first use: Lark's own numbers, and its
    order of a state's symbols, differ from run to run."""
    (start,) = table.start_states.values()
    order: dict[int, int] = {start: 0}
    waiting = [start]
    while waiting:
        state = waiting.pop(0)
        for _, (_, argument) in sorted(table.states[state].items()):
            if type(argument) is int and argument not in order:
                order[argument] = len(order)
                waiting.append(argument)
    return order


def load(text: str, grammar: str) -> Tables | None:
    """The tables that `build` wrote, or None when they are of another grammar or form."""
    try:
        stored = json.loads(text)
        if stored["digest"] != digest(grammar):
            return None
        return Tables(stored)
    except (ValueError, KeyError, TypeError):
        return None  # a damaged cache is as good as none
