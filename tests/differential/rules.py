"""Random rules of every form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.differential.conditions import EVERY, Scope, condition, having
from tests.differential.declarations import QUOTA_UNITS, Events, Pack
from tests.differential.words import ZONES

ALIASES = ("one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Made:
    """A rule as text."""

    text: str
    attributes: Mapping[str, str]
    """What bare names may read in the clause's own conditions."""
    roles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Attributes of each step, by alias."""
    keys: Mapping[str, str] = field(default_factory=dict)


def event(pack: Pack) -> Made:
    events = pack.events(0)
    alias = "one" if pack.draw.chance(0.15) else ""
    prefix = "one." if alias and pack.draw.chance(0.5) else ""
    where = pack.where(events, 0, 0.8, prefix)
    roles = {alias: events.attributes} if alias else {}
    return Made(
        f"forbid {events.text}{' as ' + alias if alias else ''}{where}", events.attributes, roles
    )


# ---- rates and quotas ---------------------------------------------------------------------------


def rate(pack: Pack, depth: int = 0, quota: bool = False, simple: bool = False) -> Made:
    """With a limit alone where it is `simple`, as signals of quotas must be."""
    draw = pack.draw
    events = pack.events(depth)
    scope = Scope(pack, "", events.attributes, depth)
    keys = _keys(scope)
    span = f"within {pack.length()}"
    if quota and draw.chance(0.8):
        zone = pack.zone if draw.chance(0.6) else draw.pick(ZONES)
        span = f'each {draw.pick(QUOTA_UNITS)} in "{zone}"'
    elif quota:
        span = "in total"
    where = pack.where(events, depth, 0.35)
    limited = (simple and quota) or not draw.chance(pack.theme.having)
    quantity, with_ = "", ""
    if limited:
        limit = draw.pick(("1", "1", "2"))
        if draw.chance(0.2):
            limit = draw.pick(("", "", "2 * ")) + pack.param("number")
        bound = f"more than {limit}"
        if draw.chance(0.5):
            bound = f"at least {limit if limit != '1' else draw.pick(('1', '2', '2'))}"
        distinct = ""
        if draw.chance(0.35):
            distinct = f"distinct {_distinct(scope)} in "
        quantity = f"{bound} {distinct}"
    if not limited or (not (simple and quota) and draw.chance(0.15)):
        with_ = f"\n    with {having(scope)}"
    listed = ", ".join(f"{k}{' as ' + alias if alias else ''}" for k, alias, _ in keys)
    text = f"{quantity}{events.text} per {listed} {span}{where}{with_}"
    named = {alias or k: kind for k, alias, kind in keys}
    text = text if simple else f"forbid {text}"
    return Made(text, events.attributes, {}, named)


def _distinct(scope: Scope) -> str:
    draw = scope.draw
    plain = scope.one("text", "party", "account", "number", "boolean", "address", "time")
    kit = scope.pack.mutual(scope.depth) if scope.of("device") and draw.chance(0.1) else None
    if kit is not None:
        return f"{kit}({scope.one('device')})"
    if draw.chance(0.15) and scope.of("text"):
        return f"lower({scope.one('text')})"
    return plain or "time"


def _keys(scope: Scope) -> list[tuple[str, str, str]]:
    """Each as written, its alias, its kind."""
    draw = scope.draw
    found: list[tuple[str, str, str]] = []
    for _ in range(draw.pick((1, 1, 1, 1, 2, 3))):
        match draw.weighed(text=5, party=4, other=2, computed=1.5, kit=1.5):
            case "text":
                key = (scope.one("text"), "", "text")
            case "party":
                key = (scope.one("party"), "", "party")
            case "other":
                kind = draw.pick(("number", "boolean", "account", "address", "device", "time"))
                key = (scope.one(kind), "", kind)
            case "computed":
                text = scope.one("text")
                key = draw.pick(
                    (
                        (text and f"lower({text})", "low", "text"),
                        (text and f"length({text})", "length_", "number"),
                        (f'hour(time, "{scope.pack.zone}")', "hour_", "number"),
                        (f'date(time, "{scope.pack.zone}")', "day_", "date"),
                    )
                )
            case _:
                kind = draw.pick(("device", "account"))
                kit = scope.pack.mutual(scope.depth) if scope.of(kind) else None
                key = (kit and f"{kit}({scope.one(kind)})", "kit", "group")
        if key[0] and not any(key[0] == k[0] or (key[1] and key[1] == k[1]) for k in found):
            found.append(key)  # type: ignore[arg-type]
    return found or [("time", "at", "time")]


# ---- sequences ----------------------------------------------------------------------------------


def sequence(pack: Pack, depth: int = 0, steps: int | None = None) -> Made:
    draw = pack.draw
    many = steps or draw.pick((2, 2, 2, 2, 3, 3, 4, 5))
    first = pack.events(depth)
    roles: dict[str, Mapping[str, str]] = {"one": first.attributes}
    text = f"{first.text} as one{pack.where(first, depth, 0.2, 'one.')}"
    last = first
    equal: dict[tuple[str, str], tuple[str, str]] = {}
    for n in range(1, many):
        before, alias = ALIASES[n - 1], ALIASES[n]
        now = _joinable(pack, depth, last)
        parts = _ties(pack, before, alias, last, now, equal, depth)
        parts += _difference(pack, before, alias, last, now)
        scope = Scope(pack, f"{alias}.", now.attributes, depth)
        if draw.chance(0.15):
            parts.append(_part(scope))
        draw.random.shuffle(parts)
        reach = "later" if draw.chance(0.15) else f"within {pack.length()}"
        text += f"\n    then {now.text} as {alias} {reach} where {' and '.join(parts)}"
        for m in range(draw.pick((0, 0, 0, 0, 1, 1, 2))):
            text += _without(pack, depth, alias, now, f"no{n}{m}")
        roles[alias] = now.attributes
        last = now
    body = text if depth else f"forbid {text}"
    return Made(body, last.attributes, roles)


def _part(scope: Scope) -> str:
    """A local condition that stands among others joined by `and`."""
    text = condition(scope, 1)
    return f"({text})" if " or " in text or " and " in text else text


def _joinable(pack: Pack, depth: int, last: Events) -> Events:
    """Events that have an attribute of a kind that the step before has."""
    for _ in range(10):
        now = pack.events(depth)
        if _pairs(last, now):
            return now
    return Events(pack.types(), EVERY)


def _pairs(last: Events, now: Events) -> list[tuple[str, str]]:
    """What may tie two steps: attributes of one kind, with the same name three times."""
    kinds = ("text", "text", "party", "party", "account", "device", "number", "boolean", "time")
    found = []
    for kind in (*kinds, "address"):
        mine = [n for n, k in now.attributes.items() if k == kind]
        theirs = [n for n, k in last.attributes.items() if k == kind]
        found += [(n, n) for n in mine if n in theirs and n != "time"] * 4
        found += [(n, t) for n in mine for t in theirs if n != t][:3]
    return found


def _ties(
    pack: Pack,
    before: str,
    alias: str,
    last: Events,
    now: Events,
    equal: dict[tuple[str, str], tuple[str, str]],
    depth: int,
) -> list[str]:
    draw, parts = pack.draw, []
    pairs = _pairs(last, now)
    if not pairs:
        return [f"{alias}.time = {before}.time"]
    if draw.chance(0.2):
        parts += _tie_by_link(pack, before, alias, last, now, depth)
        if parts and draw.chance(0.6):
            return parts
    for mine, theirs in draw.some(pairs, 1, draw.pick((1, 1, 2))):
        earlier = (before, theirs)
        if earlier in equal and draw.chance(0.5):
            earlier = equal[earlier]  # closed by an equality of the step before
        equal.setdefault((alias, mine), earlier)
        left, right = f"{alias}.{mine}", f"{earlier[0]}.{earlier[1]}"
        parts.append(f"{left} = {right}" if draw.chance(0.8) else f"{right} = {left}")
    return list(dict.fromkeys(parts))


def _tie_by_link(
    pack: Pack, before: str, alias: str, last: Events, now: Events, depth: int
) -> list[str]:
    mine = [n for n, k in now.attributes.items() if k == "party"]
    theirs = [n for n, k in last.attributes.items() if k == "party"]
    link = pack.directed(Scope(pack, "", now.attributes, depth)) if mine and theirs else None
    if link is None:
        return []
    return [f"{before}.{pack.draw.pick(theirs)} in {link}({alias}.{pack.draw.pick(mine)})"]


def _difference(pack: Pack, before: str, alias: str, last: Events, now: Events) -> list[str]:
    draw, pairs = pack.draw, _pairs(last, now)
    if not pairs or not draw.chance(0.3):
        return []
    if draw.chance(0.4):
        some = draw.some(sorted(set(pairs)), 2, 3)
        mine = ", ".join(f"{alias}.{m}" for m, _ in some)
        theirs = ", ".join(f"{before}.{t}" for _, t in some)
        return [f"({mine}) != ({theirs})"]
    mine, theirs = draw.pick(pairs)
    return [f"{alias}.{mine} != {before}.{theirs}"]


def _without(pack: Pack, depth: int, alias: str, now: Events, name: str) -> str:
    draw = pack.draw
    unwanted = pack.events(depth)
    pairs = _pairs(now, unwanted)
    if not pairs:
        return ""
    mine, theirs = draw.pick(pairs)
    parts = [f"{name}.{mine} = {alias}.{theirs}"]
    if draw.chance(0.15):
        more, other = draw.pick(pairs)
        parts.append(f"{name}.{more} = {alias}.{other}")
    if "actor" in now.attributes and "actor" in unwanted.attributes and draw.chance(0.1):
        link = pack.directed(Scope(pack, "", now.attributes, depth))
        if link is not None:
            parts = [f"{alias}.actor in {link}({name}.actor)"]
    if draw.chance(0.5):
        parts.append(_part(Scope(pack, f"{name}.", unwanted.attributes, depth)))
    return f"\n      without {unwanted.text} as {name} where {' and '.join(parts)}"


# ---- obligations --------------------------------------------------------------------------------


def obligation(pack: Pack) -> Made:
    draw = pack.draw
    ask, done = pack.events(0), pack.events(0)
    where = pack.where(ask, 0, 0.35, "ask.")
    scope = Scope(pack, "ask.", ask.attributes, 0)
    parts = []
    if draw.chance(0.85):
        pairs = _pairs(ask, done)
        if pairs:
            parts = _ties(pack, "ask", "done", ask, done, {}, 0)
            parts += _difference(pack, "ask", "done", ask, done)
    if draw.chance(0.3):
        parts.append(_part(Scope(pack, "done.", done.attributes, 0)))
    due = f"within {pack.period()}"
    if draw.chance(0.25):
        due = f"by {_by(scope)}"
    fits = f"\n    where {' and '.join(parts)}" if parts else ""
    text = f"after {ask.text} as ask{where}\n  require {done.text} as done {due}{fits}"
    return Made(text, ask.attributes, {"ask": ask.attributes})


def _by(scope: Scope) -> str:
    draw = scope.draw
    due, span = "due" in scope.attributes, "span" in scope.attributes
    found = ["ask.time + 10 minutes", "earlier of (ask.time + 1 hour, ask.time + 10 minutes)"]
    if due:
        found += ["ask.due"] * 3 + ["later of (ask.due, ask.time + 10 minutes)"] * 5
        found += ["earlier of (ask.due, ask.time + 1 hour)"]
    if span:
        found += ["ask.time + ask.span"] * 2
    return draw.pick(found)
