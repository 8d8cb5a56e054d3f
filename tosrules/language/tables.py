"""The parse tables: built once from the grammar, kept as JSON, loaded without building.

Building takes about a second; a run must never do it. The wheel carries the tables (see
`hatch_build.py`); a working copy makes them on first use and keeps them beside the grammar.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark
    from lark.lexer import TerminalDef

START = "file"
_WORD = re.compile(r"[a-z][a-z_]*\Z")


def _whole_word(terminal: TerminalDef) -> TerminalDef:
    """Make a keyword match whole words only: `orb` is a name, never `or` and `b`."""
    from lark.lexer import PatternRE, PatternStr

    if isinstance(terminal.pattern, PatternStr) and _WORD.match(terminal.pattern.value):
        word = terminal.pattern.value
        terminal.pattern = PatternRE(rf"{word}(?![A-Za-z0-9_]|-[A-Za-z0-9_])")
        terminal.priority = 2
    return terminal


def build(grammar: str) -> Lark:
    """The parser, built from the text of the grammar."""
    from lark import Lark

    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=START,
        propagate_positions=True,
        maybe_placeholders=True,
        edit_terminals=_whole_word,
    )


def dump(parser: Lark) -> str:
    """The tables of `parser` as JSON text; the same bytes for the same grammar."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"]["edit_terminals"] = None  # already applied; a function is no data
    return json.dumps({"data": data, "memo": memo}, separators=(",", ":"), sort_keys=False)


def _int_keys(value: Any) -> Any:
    """JSON makes text of the integer keys that Lark's tables use."""
    if isinstance(value, dict):
        return {int(k) if k.isdigit() else k: _int_keys(v) for k, v in value.items()}
    return value


def load(text: str) -> Lark:
    """The parser from what `dump` wrote."""
    from lark import Lark

    stored = json.loads(text)
    data = stored["data"]
    automaton = data["parser"]["parser"]
    automaton["states"] = _int_keys(automaton["states"])
    automaton["tokens"] = _int_keys(automaton["tokens"])
    memo = _int_keys(stored["memo"])
    # Lark's own standalone generator loads tables by this method; it has no public name.
    return Lark._load_from_dict(data, memo)
