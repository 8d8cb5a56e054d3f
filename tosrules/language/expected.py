"""What could have stood at a place, in the author's words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from tosrules.language.machine import Failure, Lines, Machine

OPENERS = {
    "common": "common {",
    "event": "event x {",
    "source": "source x {",
    "calendar": "calendar x {",
    "status": "status x {",
    "link": "link x {",
    "clause": 'clause x "x" {',
    "overlay": 'overlay x because "x" {',
    "test": 'test "x" {',
}
"""The shortest beginning of each declaration that holds items."""

_VALUE = {
    "NAME", "TEXT", "NUMBER", "LPAR", "NOT", "ANY", "CHOICE", "MINUS", "TRUE", "FALSE",
    "DATE", "DATETIME",
}  # fmt: skip
_OPERATORS = {
    "EQUALS", "DIFFERS", "ORDER", "IN", "NOT_IN", "MATCHES", "DOES_NOT_MATCH", "CONTAINS",
    "STARTS", "ENDS_WITH", "IS", "HELD", "PLUS", "MINUS", "STAR", "SLASH",
}  # fmt: skip
_PHRASES = {
    "NAME": "a name",
    "TEXT": "a text in quotes",
    "NUMBER": "a number",
    "UNIT": "a unit of time",
    "DATE": "a date",
    "DATETIME": "an instant",
    "REGEX": "a regular expression between slashes",
    "MARK": "`secret`, `personal`",
    "COUNTED": "`findings`",
    "CHOICE": "`later of`",
}
_FIRST = (
    "WHERE", "PER", "WITHIN", "EACH", "IN", "LATER", "BY", "WITH", "THEN", "AND", "OR", "AS",
)  # fmt: skip
"""Said before others: what most often belongs there."""
_WHOLE = {
    "LIST_OF": "list of",
    "EACH_OF": "each of",
    "NOT_IN": "not in",
    "DOES_NOT_MATCH": "does not match",
    "ENDS_WITH": "ends with",
    "MORE": "more than",
    "MAY": "may have",
    "STARTS": "starts with",
    "CHOSEN": "chosen because",
    "STATED": "stated in",
    "SAME": "same rules as",
    "BUT": "but not if",
    "INITIALLY": "initially unknown",
    "HELD": "held for at least",
}


class Words:
    """The words of the language by where they may stand, asked of the tables."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.terminals = machine.tables.terminals

    @cached_property
    def declarations(self) -> frozenset[str]:
        """Terminals that begin a declaration, and `pack`."""
        return self.after("") - {"$END"}

    @cached_property
    def items(self) -> dict[str, frozenset[str]]:
        """By kind of declaration, the terminals that begin its items."""
        return {kind: self.after(opening) - {"RBRACE"} for kind, opening in OPENERS.items()}

    @cached_property
    def all_items(self) -> frozenset[str]:
        """The terminals that begin an item of any declaration."""
        return frozenset().union(*self.items.values())

    def after(self, beginning: str) -> frozenset[str]:
        """The terminals that may follow this beginning of a file."""
        text = beginning + " \0"  # a character that is never read
        got = self.machine.run(text, _Nothing(), Lines(text, ""), {})
        assert isinstance(got, Failure)
        return self.accepted(got.states)

    def accepted(self, states: tuple[int, ...]) -> frozenset[str]:
        """The terminals that truly may follow when the stack is `states`."""
        tables = self.machine.tables
        likely = tables.actions(states[-1])
        return frozenset(
            name
            for name, number in tables.number.items()
            if number in likely and self.machine.accepts(states, number)
        )

    def written(self, terminal: str) -> str:
        """A terminal as an author writes it; empty for those that are no fixed word."""
        if terminal in _WHOLE:
            return _WHOLE[terminal]
        found = self.machine.tables.number.get(terminal)
        if found is None or found >= len(self.terminals):
            return ""
        kind, pattern = self.terminals[found][1:3]
        return "" if kind == "pattern" else pattern

    def keywords(self, terminals: Iterable[str]) -> dict[str, str]:
        """Single words an author may have meant, each with its terminal."""
        known = {}
        for terminal in terminals:
            number = self.machine.tables.number[terminal]
            if number < len(self.terminals) and self.terminals[number].kind == "word":
                known[self.terminals[number].pattern] = terminal
        return known

    def phrase(self, expected: frozenset[str], item: str, begins: bool) -> str:
        """`expected` as a short list. `item` names what would end if nothing more came;
        with `begins`, an item or declaration has just ended or none has begun."""
        left = set(expected)
        said: list[str] = []
        if {"NAME", "NUMBER", "LPAR"} <= left:
            said.append("a condition" if "NOT" in left else "a value")
            left -= _VALUE | {"PREFIX"}
        elif {"NAME", "PREFIX"} <= left:
            said.append("an event type")
            left -= {"NAME", "PREFIX"}
        if "EQUALS" in left and len(left & _OPERATORS) > 3:
            said.append("a comparison")
            left -= _OPERATORS
        elif len(left & _OPERATORS) > 1:
            said.append("an operator")
            left -= _OPERATORS
        end = ""
        for starts, closing in [(self.declarations, "$END"), *self._item_ends(left)]:
            if closing in left and len(starts & left) > 1:
                left -= starts | {closing}
                end = closing
        if len(left) + len(said) > 1 or end:
            left -= {"DOT", "LPAR", "COMMA"}
        if "MORE" in left and "AT" in left:
            said += ["`more than`", "`at least`"]
            left -= {"MORE", "AT"}
        if said and end:
            left.discard("UNIT")
        words = [_PHRASES.get(t) or f"`{self.written(t)}`" for t in sorted(left, key=self._order)]
        said += dict.fromkeys(words)
        if len(said) > 5:
            said = [*said[:5], "another word of the language"][: 5 if end else 6]
        if end and begins:
            said.append("a declaration" if end == "$END" else "an item")
            if end == "RBRACE":
                said.append("`}`")
        elif end:
            said.append(f"the end of {item}")
        elif "$END" in left:
            said[said.index("``")] = "the end of the file"
        return " or ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)

    def _item_ends(self, left: set[str]) -> list[tuple[frozenset[str], str]]:
        return [(starts, "RBRACE") for starts in self.items.values() if starts <= left]

    def _order(self, terminal: str) -> tuple[int, str]:
        known = _FIRST.index(terminal) if terminal in _FIRST else len(_FIRST)
        return (-1 if terminal in _PHRASES else known, terminal)


class _Nothing:
    """A builder for when only what may follow is asked."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None
