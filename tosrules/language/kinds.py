"""Types in a sentence."""

from __future__ import annotations

from tosrules.vocabulary import BOOLEAN, TEXT, Type


def plural(kind: str) -> str:
    """`party` → `parties`."""
    return kind[:-1] + "ies" if kind.endswith("y") else kind + "s"


def article(kind: Type) -> str:
    """`a number`, `an address`: a type in a sentence."""
    text = str(kind)
    if kind == TEXT:
        return "text"
    if kind == BOOLEAN:
        return "true or false"
    if kind.name == "set":
        return f"a set of {plural(kind.kind)}"
    if kind.name == "group":
        return f"a group that link `{kind.kind}` makes"
    if kind.name == "reference":
        text = f"reference to {'an' if text[0] in 'aeiou' else 'a'} {text}"
    return f"{'an' if text[0] in 'aeio' else 'a'} {text}"
