"""Random packs: clauses with everything that may stand in one, versions, overlays."""

from __future__ import annotations

from datetime import date, timedelta

from tests.differential.conditions import EVERY, Scope, condition
from tests.differential.declarations import Pack
from tests.differential.draw import Draw
from tests.differential.rules import Made, event, obligation, rate, sequence
from tests.differential.themes import Theme
from tests.differential.words import MOMENTS, PRELUDE, ZONES, day_of, instant_of

ZONE_OF = {
    "2024-03-31T01:00:00Z": "Europe/Madrid",
    "2024-10-27T01:00:00Z": "Europe/Madrid",
    "2024-11-03T06:00:00Z": "America/New_York",
    "2010-11-07T02:30:00Z": "America/St_Johns",
    "2024-04-06T15:00:00Z": "Australia/Lord_Howe",
    "2024-04-14T02:00:00Z": "Africa/Casablanca",
    "2011-12-30T10:00:00Z": "Pacific/Apia",
}
FORMS = {"event": event, "rate": rate, "sequence": sequence, "obligation": obligation}


def pack(draw: Draw, theme: Theme) -> tuple[str, Pack]:
    """The text of a pack, and what it was made with."""
    moment = draw.pick(MOMENTS)
    zone = ZONE_OF.get(moment) or draw.pick(("UTC", "UTC", *ZONES))
    made = Pack(draw, instant_of(moment), zone, theme)
    clauses = []
    for n in range(draw.pick((1, 1, 2, 2, 3))):
        clauses += clause(made, f"c{n + 1}")
    text = f"""pack case "A case" version "1"
source s {{ title "The text" }}
source law1 {{ title "A law" jurisdiction US }}
source law2 {{ title "Another law" }}
{PRELUDE}
{made.finish()}

""" + "\n".join(clauses)
    return text, made


def clause(made: Pack, name: str) -> list[str]:
    """A clause; perhaps in two versions, derived from, or changed by an overlay."""
    draw = made.draw
    more = made.theme.clutter
    style = draw.weighed(
        always=8, period=2 * more, versions=more, derived=0.8 * more, overlay=1.5 * more
    )
    rules = _rules(made)
    if style == "overlay" and draw.chance(0.5):
        limit = made.param("number")
        per = draw.pick(("k", "actor"))
        rules.append(
            Made(f"forbid more than {limit} {made.types()} per {per} within 1 hour", EVERY)
        )
    first = day_of(made.middle)
    middle = first + timedelta(days=draw.pick((0, 0, 1)))
    text = ""
    match style:
        case "always" | "overlay":
            text = _clause(made, name, rules, "")
        case "period":
            text = _clause(made, name, rules, _period(made, middle))
        case "versions":
            until = f"  effective from {first - timedelta(days=400)} until {middle}\n"
            since = f"  effective from {middle}\n"
            return [_clause(made, name, rules, until), _clause(made, name, _rules(made), since)]
        case "derived":
            own = f"""clause {name}-derived "Derived" {{
  cite s
  severity {draw.pick(("low", "critical"))}
{_period(made, middle)}  same rules as {name}
}}
"""
            return [_clause(made, name, rules, ""), own]
    if style == "overlay":
        return [text, _overlay(made, name, rules, middle)]
    return [text]


def _period(made: Pack, middle: date) -> str:
    draw = made.draw
    start = middle + timedelta(days=draw.pick((0, 0, -1, -400)))
    until = (
        f" until {start + timedelta(days=draw.pick((1, 1, 2, 400)))}" if draw.chance(0.7) else ""
    )
    zone = f' in "{made.zone}"' if draw.chance(0.5) and made.zone != "Pacific/Apia" else ""
    return f"  effective from {start}{until}{zone}\n"


def _rules(made: Pack) -> list[Made]:
    draw = made.draw
    found = []
    for _ in range(draw.pick((1, 1, 1, 2))):
        match draw.weighed(**made.theme.forms):
            case "quota":
                found.append(rate(made, quota=True))
            case form:
                found.append(FORMS[form](made))
    return found


def _clause(made: Pack, name: str, rules: list[Made], period: str) -> str:
    draw = made.draw
    common = {n: kind for n, kind in EVERY.items() if all(n in rule.attributes for rule in rules)}
    scope = Scope(made, "", common)
    more = made.theme.clutter
    lines = [period.rstrip("\n")] if period else []
    lines.append(f"  severity {draw.pick(('low', 'medium', 'high'))}")
    if draw.chance(0.25 * more):
        lines.append(
            f"  severity {draw.pick(('low', 'high', 'critical'))} when {_of(made, rules, scope)}"
        )
    if draw.chance(0.25 * more):
        when = f" when {_of(made, rules, scope)}" if draw.chance(0.7) else ""
        lines.append(f'  law {draw.pick(("law1", "law2"))} section "1"{when}')
    if draw.chance(0.35 * more):
        lines.append(_binds(made, rules, scope))
    if draw.chance(0.15 * more):
        lines.append(f"  applies when {_of(made, rules, scope)}")
    if draw.chance(0.2 * more):
        lines.append(f"  together within {made.length()}")
    lines += [f"  {rule.text}" for rule in rules]
    for _ in range(draw.pick((0, 1, 1, 2)) if draw.chance(0.7 * more) else 0):
        lines.append(_unless(made, rules, scope))
    if draw.chance(0.2):
        lines.append('  remedy "Stop."')
    body = "\n".join(x for x in lines if x)
    return f'clause {name} "C" {{\n  cite s section "1"\n{body}\n}}\n'


def _of(made: Pack, rules: list[Made], scope: Scope) -> str:
    """A condition of the clause: of the completing event, or of a step that every rule has."""
    shared = set.intersection(*(set(rule.roles) for rule in rules))
    if shared and made.draw.chance(0.4):
        alias = made.draw.pick(sorted(shared))
        attributes = {
            n: kind for n, kind in EVERY.items() if all(n in rule.roles[alias] for rule in rules)
        }
        scope = Scope(made, alias + ".", attributes)
    return condition(scope, 1)


def _unless(made: Pack, rules: list[Made], scope: Scope) -> str:
    draw = made.draw
    under = 'under s section "5" ' if draw.chance(0.2) else ""
    but = f" but not if {_of(made, rules, scope)}" if draw.chance(0.3) else ""
    return f"  unless {under}{_of(made, rules, scope)}{but}"


def _binds(made: Pack, rules: list[Made], scope: Scope) -> str:
    draw = made.draw
    who = scope.one("party")
    shared = set.intersection(*(set(rule.roles) for rule in rules))
    if shared and draw.chance(0.4):
        alias = draw.pick(sorted(shared))
        if all("actor" in rule.roles[alias] for rule in rules):
            who = f"{alias}.actor"
    if who is None:
        return '  binds "Example"'
    match draw.weighed(each=4, one=4, other=1, constant=1):
        case "each":
            link = made.directed(scope)
            return f"  binds {who}" if link is None else f"  binds each of {link}({who})"
        case "one":
            return f"  binds {who}"
        case "other":
            return f"  binds {scope.one('account', 'device') or who}"
    return '  binds "Example"'


def _overlay(made: Pack, name: str, rules: list[Made], middle: date) -> str:
    draw = made.draw
    until = f" until {middle + timedelta(days=draw.pick((0, 1, 300)))}"
    lines = []
    read = [p for p in made.others.get("param of number", ()) if any(p in r.text for r in rules)]
    if read and draw.chance(0.8):
        lines.append(f'  set {read[0]} = {draw.pick(("1", "2", "3"))} chosen because "so"')
    if draw.chance(0.4):
        lines.append(f"  severity {draw.pick(('low', 'critical'))}")
    if draw.chance(0.7):
        bare = _unless(made, rules, Scope(made, "", _common(rules))).strip()
        lines.append(f"  {bare}{until if draw.chance(0.5) else ''}")
    if draw.chance(0.15) or not lines:
        lines.append(f"  off{until if draw.chance(0.8) else ''}")
    return f'overlay {name} because "of a test" {{\n' + "\n".join(lines) + "\n}\n"


def _common(rules: list[Made]) -> dict[str, str]:
    return {n: k for n, k in EVERY.items() if all(n in rule.attributes for rule in rules)}
