"""Random expressions and conditions, as text, of one event or of a window of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.differential.draw import Draw
from tests.differential.words import ATTRIBUTES, DAY, HOUR, MINUTE, ZONES, day_of, written

if TYPE_CHECKING:
    from tests.differential.declarations import Pack

EVERY = {**ATTRIBUTES, "time": "time"}
LITERALS: Mapping[str, tuple[str, ...]] = {
    "text": ('"p"', '"p"', '"p"', '"q"', '"P"', '""', '"pé"'),
    "number": ("1", "1", "1", "2", "0", "0.5", "1.5", "3"),
    "boolean": ("true", "true", "false"),
    "duration": ("10 minutes", "1 hour", "0 seconds", "1 minute"),
    "address": ('"192.0.2.1"', '"2001:db8::1"'),
    "party": ('"u"', '"u"', '"v"', '"w"'),
    "account": ('"a1"', '"a2"', '"d1"'),
    "device": ('"d1"', '"d2"', '"a1"'),
    "group": ('"d1"',),
}
PATTERNS = ("p", "^p$", "[qQ]", "é", "^$", r"\bp", ".q", r"^\w+$", "p|q", r"p\sq", r"\d", "^Q$")
BELOW = {"boolean": 4, "text": 1, "number": 1, "missing": 0.3}
"""What declarations ask, where another thing is the theme."""
EQUAL = ("=", "=", "=", "!=")
ORDER = (">", ">=", "<", "<=", "=", "!=")


@dataclass(frozen=True)
class Scope:
    """What a condition may read."""

    pack: Pack
    prefix: str = ""
    """`one.` where attributes name their event."""
    attributes: Mapping[str, str] = field(default_factory=lambda: EVERY)
    depth: int = 0
    """Of declarations inside declarations."""

    @property
    def draw(self) -> Draw:
        return self.pack.draw

    def of(self, *kinds: str) -> list[str]:
        return [n for n, kind in self.attributes.items() if kind in kinds]

    def one(self, *kinds: str) -> str | None:
        found = self.of(*kinds)
        return self.prefix + self.draw.pick(found) if found else None


# ---- conditions ---------------------------------------------------------------------------------


def condition(scope: Scope, size: int = 2) -> str:
    """A condition without parentheses around it."""
    draw = scope.draw
    if size > 0 and draw.chance(0.3):
        word = draw.pick((" and ", " or "))
        return word.join(operand(scope, size - 1) for _ in range(draw.whole(2, 3)))
    if draw.chance(0.12):
        return f"not ({condition(scope, size - 1)})"
    return atom(scope)


def operand(scope: Scope, size: int = 1) -> str:
    """A condition that may stand beside `and` and `or`."""
    text = condition(scope, size)
    simple = " and " not in text and " or " not in text
    return text if simple and text.count("(") == 0 else f"({text})"


def atom(scope: Scope) -> str:
    draw = scope.draw
    kinds: dict[str, Callable[[Scope], str | None]] = {
        "text": text_test,
        "number": numbers,
        "boolean": booleans,
        "missing": missing,
        "list": lists,
        "time": times,
        "equal": equal,
        "reference": references,
        "status": status,
        "member": members,
        "define": defined,
        "function": functions,
    }
    weights = scope.pack.theme.atoms
    if scope.depth and scope.pack.theme.clutter < 1:
        weights = {**BELOW, "status": 0.1 * weights.get("status", 0)}
    for _ in range(20):
        made = kinds[draw.weighed(**weights)](scope)
        if made is not None:
            return made
    return f"{scope.prefix}time > 2001-01-01T00:00:00Z"


def text_test(scope: Scope) -> str | None:
    draw, name = scope.draw, scope.one("text")
    if name is None:
        return None
    argument = draw.pick(LITERALS["text"])
    return draw.pick(
        (
            f"{name} = {argument}",
            f"{name} {draw.pick(EQUAL)} {argument}",
            f"{name} {draw.pick(EQUAL)} {scope.one('text')}",
            f"{name} contains {argument}",
            f"{name} starts with {argument}",
            f"{name} ends with {scope.one('text')}",
            f"{name} {regex(draw)}",
            f"{name} {regex(draw)}",
        )
    )


def regex(draw: Draw) -> str:
    return (
        draw.pick(("matches", "matches", "does not match"))
        + f" /{draw.pick(PATTERNS)}/"
        + draw.pick(("", "i"))
    )


def numbers(scope: Scope) -> str | None:
    draw, name, other = scope.draw, scope.one("number"), scope.one("number")
    if name is None:
        return None
    limit = draw.pick((*LITERALS["number"], "PARAM"))
    if limit == "PARAM":
        limit = scope.pack.param("number")
    sign = draw.pick(ORDER)
    return draw.pick(
        (
            f"{name} {sign} {limit}",
            f"{name} {sign} {limit}",
            f"{name} {sign} {other}",
            f"{name} + {other} {sign} {limit}",
            f"{name} * 2 - {other} {sign} {limit}",
            f"{name} * {other} {sign} {limit}",
            f"{name} * {other} * {name} {sign} {limit}",
            f"-{name} {sign} {limit}",
            f"{name} / {other} {sign} {limit}",
            f"{name} / ({other} - 1) {sign} {limit}",
            f"{limit} {sign} ({name} + 1) / ({other} - 2)",
            f"{name} / 2 {sign} {other} / 4",
        )
    )


def booleans(scope: Scope) -> str | None:
    name = scope.one("boolean")
    if name is None:
        return None
    return scope.draw.pick((f"{name} = true", f"{name} = true", name, f"{name} != true"))


def missing(scope: Scope) -> str:
    names = [n for n in scope.attributes if n != "time"]
    if not names:
        return f"{scope.prefix}time is present"
    word = scope.draw.pick(("missing", "present"))
    return f"{scope.prefix}{scope.draw.pick(names)} is {word}"


def lists(scope: Scope) -> str | None:
    draw = scope.draw
    within = draw.pick(("in", "not in"))
    match draw.whole(0, 6):
        case 0:
            name = scope.one("text", "party", "account", "device")
            return None if name is None else f"{name} {within} {scope.pack.list_of('text')}"
        case 1:
            name = scope.one("number")
            return None if name is None else f"{name} {within} {scope.pack.list_of('number')}"
        case 2 | 3:
            name = scope.one("address")
            return None if name is None else f"{name} {within} {scope.pack.list_of('networks')}"
    tags, nums = scope.one("list of text"), scope.one("list of number")
    if tags is None or nums is None:
        return None
    literal, number = draw.pick(LITERALS["text"]), draw.pick(LITERALS["number"])
    return draw.pick(
        (
            f"any of {tags} {draw.pick(EQUAL)} {literal}",
            f"any of {tags} starts with {literal}",
            f"any of {tags} {regex(draw)}",
            f"{tags} contains {literal}",
            f"{literal} {within} {tags}",
            f"any of {nums} {draw.pick(ORDER)} {number}",
            f"{number} {within} {nums}",
            f"{draw.pick(LITERALS['text'])} contains any of {tags}",
            f"{scope.one('text') or literal} = any of {scope.pack.list_of('text')}",
        )
    )


def moment(scope: Scope) -> str:
    draw = scope.draw
    shift = draw.pick((0, 1, -1, 10 * MINUTE, -HOUR, DAY))
    return written(scope.pack.middle + shift)


def day(scope: Scope, least: int = -1, most: int = 1) -> str:
    shift = timedelta(days=scope.draw.whole(least, most))
    return (day_of(scope.pack.middle) + shift).isoformat()


def zone(scope: Scope) -> str:
    return f'"{scope.draw.pick((scope.pack.zone, scope.pack.zone, *ZONES))}"'


def instants(scope: Scope) -> str:
    draw, name = scope.draw, scope.one("time")
    assert name is not None
    long = draw.pick(("10 minutes", "1 hour", "30 days"))
    return draw.pick(
        (
            name,
            f"{scope.prefix}time + {long}",
            f"{draw.pick(('later', 'earlier'))} of ({name}, {scope.prefix}time + {long})",
        )
    )


def times(scope: Scope) -> str | None:
    draw, name = scope.draw, scope.one("time")
    if name is None:
        return None
    sign = draw.pick(ORDER)
    span = scope.one("duration") or "10 minutes"
    return draw.pick(
        (
            f"{name} {sign} {moment(scope)}",
            f"{instants(scope)} {sign} {instants(scope)}",
            f"{name} - {scope.prefix}time {sign} {draw.pick(LITERALS['duration'])}",
            f"{span} {sign} {draw.pick(LITERALS['duration'])}",
            f"{span} * 2 {sign} {span} + {draw.pick(LITERALS['duration'])}",
            f"{span} / 10 minutes {sign} {scope.one('number') or '1'}",
            f"{span} / 2 {sign} {draw.pick(LITERALS['duration'])}",
        )
    )


def equal(scope: Scope) -> str | None:
    """Two attributes of a kind, or tuples of them."""
    draw = scope.draw
    kind = draw.pick(("text", "number", "boolean", "party", "time", "address"))
    names = [scope.prefix + n for n in scope.of(kind)]
    others = [scope.prefix + n for n in scope.of("text")]
    if not names:
        return None
    if len(others) > 1 and draw.chance(0.2):
        one, two, three = draw.pick(names), draw.pick(others), draw.pick(others)
        return f"({one}, {two}) != ({draw.pick(names)}, {three})"
    return f"{draw.pick(names)} {draw.pick(EQUAL)} {draw.pick(names)}"


def references(scope: Scope) -> str | None:
    draw = scope.draw
    kind = draw.pick(("party", "account", "device", "address"))
    name = scope.one(kind)
    return None if name is None else f"{name} {draw.pick(EQUAL)} {draw.pick(LITERALS[kind])}"


def functions(scope: Scope) -> str | None:
    draw, text, at = scope.draw, scope.one("text"), scope.one("time")
    if text is None or at is None:
        return None
    url = scope.prefix + "link.url" if "link.url" in scope.attributes else text
    sign = draw.pick(ORDER)
    return draw.pick(
        (
            f"lower({text}) {draw.pick(EQUAL)} {draw.pick(LITERALS['text'])}",
            f'lower({text}) = "pé"',
            f"length({text}) {sign} {draw.pick(('1', '2', '0'))}",
            f"length({scope.one('list of text') or text}) {sign} 1",
            f"hour({at}, {zone(scope)}) {sign} {draw.pick(('0', '1', '2', '12', '23'))}",
            f"weekday({at}, {zone(scope)}) {sign} {draw.whole(1, 7)}",
            f"date({at}, {zone(scope)}) {sign} {day(scope)}",
            f'host({url}) {draw.pick(EQUAL)} "p.example"',
            f'path({url}) {draw.pick(EQUAL)} "/q"',
            f'path({url}) starts with "/p"',
            f'host({url}) ends with "example"',
        )
    )


def status(scope: Scope) -> str | None:
    draw = scope.draw
    asked = scope.pack.ask_status(scope)
    if asked is None:
        return None
    whole, plain, remembered = asked
    if plain and remembered and draw.chance(0.3):
        name, kind = draw.pick(list(remembered.items()))
        if draw.chance(0.2):
            return f"{whole}.{name} is {draw.pick(('missing', 'present'))}"
        if kind in ("number", "duration"):
            return f"{whole}.{name} {draw.pick(ORDER)} {draw.pick(LITERALS[kind])}"
        if kind == "time":
            return f"{whole}.{name} {draw.pick(ORDER)} {scope.prefix}time - 10 minutes"
        if kind in LITERALS:
            return f"{whole}.{name} {draw.pick(EQUAL)} {draw.pick(LITERALS[kind])}"
    if draw.chance(0.35):
        return f"{whole} held for at least {scope.pack.period()}"
    return whole


def members(scope: Scope) -> str | None:
    draw = scope.draw
    one, other = scope.one("party"), scope.one("party")
    link = scope.pack.directed(scope)
    if one is None or other is None or link is None:
        return None
    start = draw.pick((one, one, '"u"'))
    return f"{start} {draw.pick(('in', 'not in'))} {link}({other})"


def defined(scope: Scope) -> str | None:
    return scope.pack.ask_define(scope)


# ---- windows ------------------------------------------------------------------------------------


def having(scope: Scope) -> str:
    draw = scope.draw
    parts = [aggregate(scope) for _ in range(draw.pick((1, 1, 2, 2, 3)))]
    word = draw.pick((" and ", " or "))
    return word.join(parts) if len(parts) < 3 else f"{parts[0]} and ({parts[1]} or {parts[2]})"


def aggregate(scope: Scope) -> str:
    draw = scope.draw
    number = scope.one("number") or "length(type)"
    text = scope.one("text", "party", "account") or "id"
    at, span = scope.one("time"), scope.one("duration")
    inner = condition(Scope(scope.pack, scope.prefix, scope.attributes, scope.depth + 1), 1)
    sign, more = draw.pick(ORDER), draw.pick((">", ">="))
    small = draw.pick(("1", "2", "2", scope.pack.param("number")))
    length = draw.pick(LITERALS["duration"])
    found = [
        f"count {more} {small}",
        f"count({inner}) {more} {draw.pick(('0', '1', '2'))}",
        f"count({inner}) * 2 {sign} count",
        f"count({inner}) / count {more} 0.5",
        f"distinct({text}) {more} {draw.pick(('1', '2'))}",
        f"distinct({text}) {draw.pick(('<', '='))} count",
        f"distinct(lower({scope.one('text') or 'id'})) {more} 1",
        f"sum({number}) {sign} {draw.pick(LITERALS['number'])}",
        f"sum({number} * 2 + {number}) {sign} count",
        f"sum({number}) / count {sign} 1.5",
        f"sum({number}) / (sum({number}) - 1) {sign} 1.5",
        f"sum({number}) / count({inner}) {sign} 1",
        f"min({number}) {sign} {draw.pick(LITERALS['number'])}",
        f"max({number}) {sign} {draw.pick(LITERALS['number'])}",
        f"max({number}) - min({number}) {sign} 1",
        f"max({at}) - min({at}) {sign} {length}",
        f"min({at}) {sign} {moment(scope)}",
        f"stddev({number}) {sign} {draw.pick(LITERALS['number'])}",
        f"stddev({number}) {sign} count - 1",
        f"stddev(gap) {sign} {draw.pick(('2 minutes', '0 seconds', '1 hour'))}",
        f"stddev(gap) {sign} max(gap)",
        f"max(gap) {sign} {length}",
        f"min(gap) {sign} {length}",
        f"sum(gap) {sign} {length}",
        f"sum(gap) / count {sign} {length}",
        f"distinct(gap) {more} 1",
    ]
    if span is not None:
        found += [
            f"sum({span}) {sign} {length}",
            f"stddev({span}) {sign} {length}",
            f"max({span}) {sign} {length} * count",
            f"sum({span}) / sum({number}) {sign} {length}",
        ]
    return draw.pick(found)
