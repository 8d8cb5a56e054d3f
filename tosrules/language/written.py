"""How words, literals and expressions are written, on one line."""

from __future__ import annotations

import re

from tosrules.language import syntax as s
from tosrules.language.reading import FORBIDDEN

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def text(value: str) -> str:
    """A text in quotes, with the fewest escapes."""
    value = re.sub(r'["\\\n\t]', lambda m: _ESCAPES[m.group()], value)
    return '"' + FORBIDDEN.sub(lambda m: f"\\u{ord(m.group()):04x}", value) + '"'


def number(value: str) -> str:
    """A decimal with its thousands grouped: `10_000`."""
    sign = "-" if value.startswith("-") else ""
    whole, point, fraction = value.removeprefix("-").partition(".")
    return f"{sign}{int(whole):_}{point}{fraction}"


def amount(value: str, unit: str) -> str:
    """`1 day`, `30 days`."""
    return f"{number(value)} {unit if value == '1' else unit + 's'}"


def literal(node: s.Node) -> str | None:
    """A literal or name; None for other nodes."""
    match node:
        case s.Text():
            return text(node.value)
        case s.Number():
            return number(node.text)
        case s.Boolean():
            return "true" if node.value else "false"
        case s.Name() | s.Path() | s.Date() | s.Moment():
            return node.text
        case s.Duration():
            return amount(node.amount, node.unit)
        case s.CalendarPeriod():
            unit = node.unit if node.amount == "1" else node.unit + "s"
            return f"{number(node.amount)} calendar {unit} in {text(node.zone.value)}"
        case s.BusinessPeriod():
            unit = node.unit if node.amount == "1" else node.unit + "s"
            return f"{number(node.amount)} business {unit} of {node.calendar.text}"
        case s.After():
            return f"{expression(node.period)} after {node.given.text}"
        case s.LiteralList():
            return "[" + ", ".join(expression(i) for i in node.items) + "]"
        case s.Qualified():
            return f"{node.pack}/{node.name}" if node.pack else node.name
        case _:
            return None


def expression(node: s.Node) -> str:
    """An expression as it is written when it fits on a line."""
    plain = literal(node)
    if plain is not None:
        return plain
    match node:
        case s.Call():
            inside = ", ".join(expression(a) for a in node.arguments)
            attribute = f".{node.attribute.text}" if node.attribute is not None else ""
            return f"{node.function.text}({inside}){attribute}"
        case s.Parenthesised():
            return f"({expression(node.inner)})"
        case s.Or():
            return " or ".join(expression(o) for o in node.operands)
        case s.And():
            return " and ".join(expression(o) for o in node.operands)
        case s.Not():
            return f"not {expression(node.operand)}"
        case s.Compare() | s.Arithmetic():
            return f"{expression(node.left)} {node.operator} {expression(node.right)}"
        case s.TupleDiffers():
            return f"{_tuple(node.left)} != {_tuple(node.right)}"
        case s.Missing():
            return f"{expression(node.operand)} is {'present' if node.present else 'missing'}"
        case s.Matches():
            word = "does not match" if node.negated else "matches"
            flag = "i" if node.ignore_case else ""
            pattern = node.pattern.replace("/", "\\/")
            return f"{expression(node.operand)} {word} /{pattern}/{flag}"
        case s.Member():
            word = "not in" if node.negated else "in"
            return f"{expression(node.operand)} {word} {expression(node.collection)}"
        case s.TextTest():
            return f"{expression(node.operand)} {node.test} {expression(node.argument)}"
        case s.HeldFor():
            return f"{expression(node.operand)} held for at least {expression(node.period)}"
        case s.Negate():
            return f"-{expression(node.operand)}"
        case s.AnyOf():
            return f"any of {expression(node.operand)}"
        case s.Choice():
            return f"{node.which} of ({', '.join(expression(o) for o in node.operands)})"
        case _:
            raise TypeError(f"no expression: {type(node).__name__}")


def _tuple(parts: tuple[s.Path, ...]) -> str:
    return "(" + ", ".join(p.text for p in parts) + ")"


def event_name(node: s.EventName) -> str:
    return node.text + (".*" if node.prefix else "")


def keys(nodes: tuple[s.Key, ...]) -> str:
    """The keys of a window or a status."""
    return ", ".join(
        expression(k.expression) + (f" as {k.alias.text}" if k.alias is not None else "")
        for k in nodes
    )
