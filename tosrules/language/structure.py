"""Mistakes in the words of the language and in how they are put together."""

from __future__ import annotations

import re

from tosrules.language.diagnostics import Related, nearest
from tosrules.language.machine import MAX_DEPTH, Edit
from tosrules.language.missing import missing
from tosrules.language.scene import Mistake, Scene
from tosrules.language.slips import slip
from tosrules.language.units import near_unit, unknown_unit

_MEANT = {
    "deny": "forbid", "prohibit": "forbid", "ban": "forbid", "disallow": "forbid",
    "if": "where", "when": "where", "whenever": "where", "having": "with", "except": "unless",
    "by": "per", "in": "within", "over": "within", "during": "within", "during_the": "within",
    "after": "within", "then": "than", "min": "least", "minimum": "least", "must": "require",
    "reference": "cite", "include": "import", "use": "import", "rule": "clause",
    "policy": "clause", "const": "param", "let": "param", "constant": "param", "def": "define",
    "function": "define", "state": "status", "null": "missing", "none": "missing",
    "empty": "missing", "absent": "missing", "null-valued": "missing", "begin": "begins",
    "start": "begins", "starts": "begins", "stop": "ends", "end": "ends", "stops": "ends",
    "and-then": "then", "next": "then", "like": "matches", "begins": "starts", "to": "until",
    "elsewhere": "except", "reason": "because", "since": "from", "needs": "require",
}  # fmt: skip
"""Words of other languages, or of this one, for what they are often written in place of."""


def structure(scene: Scene) -> Mistake:
    """The mistake, whatever it is."""
    for look in (
        _depth, _reserved, slip, _unit, _mixed, _unclosed, _extra, _window_order, _is_not,
        _word, missing, _joined,
    ):  # fmt: skip
        found = look(scene)
        if found is not None:
            return found
    return _anything(scene)


def _depth(scene: Scene) -> Mistake | None:
    if scene.failure.kind != "depth":
        return None
    return scene.mistake(
        "deep-nesting",
        f"this expression is more than {MAX_DEPTH} levels deep",
        "each parenthesis, `not`, `+`, `-`, `*` and `/` is a level; give parts a name"
        " with `define`",
        span=scene.span(end=scene.at + 1),
    )


def _reserved(scene: Scene) -> Mistake | None:
    if scene.failure.kind != "reserved":
        return None
    word = scene.lexeme
    return _is_not(scene) or scene.mistake(
        "reserved-word",
        f"`{word}` is a word of the language and names nothing",
        "" if word == "not" else f"choose another name, such as `{word}_one`",
        edits=scene.instead(("NAME", "_"), end=scene.failure.end),
    )


def _unit(scene: Scene) -> Mistake | None:
    before = scene.prev()
    if before.terminal != "NUMBER" or not scene.want("UNIT"):
        if before.terminal in ("CALENDAR", "BUSINESS") and scene.want("UNIT"):
            return unknown_unit(scene, scene.at, scene.end) if scene.lexeme[:1].isalpha() else None
        return None
    word = scene.lexeme
    only = scene.expected <= {"UNIT", "CALENDAR", "BUSINESS"}
    if word[:1].isalpha() and (only or near_unit(word)):
        keyword = word in scene.words.keywords(_all(scene)) and not near_unit(word)
        if scene.first_on_line or keyword:
            return _no_unit(scene) if only else None
        return unknown_unit(scene, scene.at, scene.end)
    return _no_unit(scene) if only else None


def _no_unit(scene: Scene) -> Mistake:
    number = scene.said(scene.prev())
    return scene.mistake(
        "missing-unit",
        f"`{number}` needs a unit of time",
        f"write `{number} days`, `{number} hours` or another unit",
        span=scene.span(scene.prev().start, scene.prev().end),
        edits=scene.put(("UNIT", "days")),
    )


def _all(scene: Scene) -> list[str]:
    return [t.name for t in scene.machine.tables.terminals]


def _mixed(scene: Scene) -> Mistake | None:
    word = scene.lexeme
    if word not in ("and", "or") or scene.want(word.upper()):
        return None
    other = "or" if word == "and" else "and"
    if not scene.want(other.upper()):
        return None
    depth, first = 0, None
    for token in reversed(scene.failure.seen):
        if token.terminal in ("RPAR", "RSQB"):
            depth += 1
        elif token.terminal in ("LPAR", "LSQB"):
            if depth == 0:
                break
            depth -= 1
        elif depth == 0 and token.terminal == other.upper():
            first = token
        elif token.terminal in ("WHERE", "WITH", "WHEN", "IF", "UNLESS", "EQUALS") and (
            token.terminal != "EQUALS" or scene.kind in ("define",)
        ):
            break
        elif token.terminal in ("FORBID", "ON", "AFTER", "THEN", "WITHOUT", "REQUIRE", "EVENTS"):
            return scene.mistake(
                "joined-events", f"event types are joined by `or`, not by `{word}`",
                "write `or`", edits=scene.instead(("OR", "or")),
            )  # fmt: skip
    if first is None:
        return None
    return scene.mistake(
        "mixed-and-or",
        f"`{other}` and `{word}` are mixed without parentheses",
        "say which belongs together: `(… and …) or …`, or `… and (… or …)`",
        related=(Related(scene.span(first.start, first.end), f"the `{other}` is here"),),
        edits=scene.instead((other.upper(), other)),
    )


# ---- braces and parentheses --------------------------------------------------------------------


def _unclosed(scene: Scene) -> Mistake | None:
    if not scene.open:
        return None
    opened = scene.failure.seen[scene.open[-1]]
    sign = scene.said(opened)
    closing = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB"}[opened.terminal]
    if not scene.want(closing):
        return None
    at_end = scene.failure.kind == "end"
    starts = scene.words.keywords(scene.words.declarations)
    next_declaration = scene.lexeme in starts and (
        scene.at == 0 or scene.text[scene.at - 1] == "\n"
    )
    close = {"LBRACE": "}", "LPAR": ")", "LSQB": "]"}[opened.terminal]
    items = scene.words.keywords(scene.words.items.get(scene.kind, frozenset()))
    next_item = scene.first_on_line and scene.lexeme in items
    if opened.terminal != "LBRACE":
        if not (
            at_end or next_declaration or scene.lexeme in ("}", "{")
            or next_item
            or scene.lexeme in ("then", "within", "per", "where", "for")
        ):  # fmt: skip
            return None
        return scene.mistake(
            "unclosed-parenthesis", f"this `{sign}` is not closed", f"add `{close}`",
            span=scene.span(opened.start, opened.end), edits=scene.put((closing, close)),
        )  # fmt: skip
    if len(scene.open) > 1 and next_item:
        return scene.mistake(
            "unclosed-brace", "this `{` is not closed", "add `}`",
            span=scene.span(opened.start, opened.end), edits=scene.put((closing, close)),
        )  # fmt: skip
    if not (at_end or next_declaration):
        return None
    of = f" of `{scene.heading}`" if scene.heading and len(scene.open) == 1 else ""
    edits = {scene.at: Edit((("RBRACE", "}"),), scene.at)}
    before = "the end of the file" if at_end else f"`{scene.lexeme}` in line {scene.span().line}"
    return scene.mistake(
        "unclosed-brace", f"the `{{`{of} is not closed", f"add `}}` before {before}",
        span=scene.span(opened.start, opened.end), edits=edits,
    )  # fmt: skip


def _extra(scene: Scene) -> Mistake | None:
    sign = scene.lexeme
    if sign not in ("}", ")", "]"):
        return None
    opening = {"}": "LBRACE", ")": "LPAR", "]": "LSQB"}[sign]
    if any(scene.failure.seen[i].terminal == opening for i in scene.open):
        return None
    return scene.mistake(
        "extra-brace" if sign == "}" else "extra-parenthesis",
        f"this `{sign}` closes nothing",
        "leave it out",
        edits=scene.instead(),
    )


# ---- words -------------------------------------------------------------------------------------


def _window_order(scene: Scene) -> Mistake | None:
    if scene.lexeme not in ("within", "each") or not scene.want("PER"):
        return None
    found = re.compile(
        r"within\s+(\d[\d_]*)\s+([a-z]+)\s+per\s+([A-Za-z_]\w*)(?![\w.(-])", re.ASCII
    ).match(scene.text, scene.at)
    later = re.compile(r"[^\n{}]*?\n?[^\n{}]*?\bper\s+([\w.()-]+)").match(scene.text, scene.at)
    quantity = any(
        t.terminal in ("MORE", "LEAST", "DISTINCT") for t in scene.failure.seen[scene.item or 0 :]
    )
    if found:
        amount, unit, key = found.groups()
        tokens = (
            ("PER", "per"), ("NAME", key), ("WITHIN", "within"), ("NUMBER", amount),
            ("UNIT", unit),
        )  # fmt: skip
        return scene.mistake(
            "per-first", "`per` comes before `within`",
            f"write `per {key} within {amount} {unit}`",
            span=scene.span(end=found.end()), edits=scene.instead(*tokens, end=found.end()),
        )  # fmt: skip
    if later and scene.item is not None:
        return scene.mistake("per-first", f"`per` comes before `{scene.lexeme}`",
                             f"write `per {later[1]} {scene.lexeme} …`")  # fmt: skip
    if quantity or not scene.want("THEN"):
        return scene.mistake(
            "missing-per",
            f"`per` is missing before `{scene.lexeme}`: a number is counted per something",
            f"write `per actor {scene.lexeme} …`, or another attribute",
            edits=scene.put(("PER", "per"), ("NAME", "actor")),
        )
    return scene.mistake(
        "missing-per",
        f"`{scene.lexeme}` needs something it is counted by",
        f"write `per actor {scene.lexeme} …`; in a sequence, `{scene.lexeme}` stands after `then`",
        edits=scene.put(("PER", "per"), ("NAME", "actor")),
    )


def _is_not(scene: Scene) -> Mistake | None:
    before = scene.prev()
    if before.terminal != "IS":
        return None
    if scene.lexeme in ("true", "false"):
        return scene.mistake(
            "foreign-operator", f"`is {scene.lexeme}` is not a test of the language",
            f"write `= {scene.lexeme}`", span=scene.span(before.start),
            edits={before.start: Edit((("EQUALS", "="), (scene.lexeme.upper(), scene.lexeme)),
                                      scene.end)},
        )  # fmt: skip
    found = re.compile(r"not\s+(missing|present|null|none|empty|absent)?\b", re.I).match(
        scene.text, scene.at
    )
    if not found:
        return None
    if found[1] is None:
        return scene.mistake(
            "foreign-operator", "`is not` is not a test of the language",
            "write `!=`, or `is present`", span=scene.span(before.start),
            edits={before.start: Edit((("DIFFERS", "!="),), found.end())},
        )  # fmt: skip
    shown = "missing" if found[1].lower() == "present" else "present"
    return scene.mistake(
        "foreign-operator", f"`is not {found[1]}` is not a test of the language",
        f"write `is {shown}`", span=scene.span(before.start, found.end()),
        edits=scene.instead((shown.upper(), shown), end=found.end()),
    )  # fmt: skip


def _word(scene: Scene) -> Mistake | None:
    word = scene.lexeme
    if not (word[:1].isalpha() or word[:1] == "_"):
        return None
    keywords = scene.words.keywords(scene.expected)
    firsts = {"each": "EACH_OF", "does": "DOES_NOT_MATCH", "secret": "MARK", "personal": "MARK",
              "findings": "COUNTED", "matches": "COUNTED"}  # fmt: skip
    for text, terminal in firsts.items():
        if scene.want(terminal):
            keywords.setdefault(text, terminal)
    at_top = scene.want("$END") and not scene.inside
    boundary = at_top or (scene.want("RBRACE") and scene.first_on_line)
    if word.lower() in keywords and word.lower() != word:
        low = word.lower()
        return scene.mistake(
            "upper-case", "the words of the language are written in lower case",
            f"write `{low}`", edits=scene.instead((keywords[low], low)),
        )  # fmt: skip
    if at_top and (found := _at_top(scene, word, keywords)):
        return found
    elsewhere = scene.words.keywords(_all(scene))
    if word in elsewhere and _MEANT.get(word) not in keywords:
        return _misplaced(scene) or (_no_item(scene) if boundary and not at_top else None)
    near = nearest(word, [k for k in keywords if len(k) > 2])
    if near is None:
        meant = _MEANT.get(word.lower())
        near = meant if meant in keywords else None
    if near is None:
        return _no_item(scene) if boundary and not at_top else None
    terminal = keywords[near]
    edits = scene.instead((terminal, near))
    if near in ("does", "each"):
        edits = {}
    if near == "than" and word == "then":
        return scene.mistake(
            "unknown-word", "`more then` is written `more than`", "write `than`", edits=edits
        )
    return scene.mistake(
        "unknown-word", f"unknown word `{word}`" if word not in elsewhere
        else f"`{word}` cannot stand here",
        f"did you mean `{near}`?", edits=edits,
    )  # fmt: skip


def _no_item(scene: Scene) -> Mistake:
    kind = ("an " if scene.kind[:1] in "aeiou" else "a ") + scene.kind
    known = ", ".join(f"`{scene.words.written(t)}`" for t in _in_order(scene, scene.kind))
    return scene.mistake(
        "unknown-item", f"{kind} has no item `{scene.lexeme}`", f"its items are {known}"
    )


def _in_order(scene: Scene, kind: str) -> list[str]:
    return sorted(scene.words.items.get(kind, ()), key=scene.words.written)


def _at_top(scene: Scene, word: str, keywords: dict[str, str]) -> Mistake | None:
    if word == "pack":
        first = scene.failure.seen[0].terminal == "PACK" if scene.failure.seen else False
        return scene.mistake(
            "pack-first", "a file has one `pack` line" if first else "`pack` comes first in a file",
            "leave this one out" if first else "put this line before all others",
        )  # fmt: skip
    declarations = scene.words.keywords(scene.words.declarations - {"PACK"})
    owners = [
        kind for kind, items in scene.words.items.items() if word in scene.words.keywords(items)
    ]
    if not scene.first_on_line and scene.prev().terminal not in ("RBRACE", ""):
        return None
    if owners and word not in declarations:
        kinds = " or ".join(("an " if k[0] in "aeiou" else "a ") + f"`{k}`" for k in owners[:3])
        return scene.mistake("misplaced-item", f"`{word}` stands inside {kinds}",
                             "put it between the braces of one")  # fmt: skip
    meant = _MEANT.get(word.lower())
    near = nearest(word, declarations) or (meant if meant in declarations else None)
    if near is None:
        known = ", ".join(f"`{w}`" for w in sorted(declarations))
        return scene.mistake("unknown-declaration", f"unknown declaration `{word}`",
                             f"declarations are {known}")  # fmt: skip
    if near not in keywords:
        return None
    return scene.mistake(
        "unknown-declaration", f"unknown declaration `{word}`", f"did you mean `{near}`?",
        edits=scene.instead((keywords[near], near)),
    )  # fmt: skip


def _misplaced(scene: Scene) -> Mistake | None:
    word = scene.lexeme
    if not scene.inside or not scene.want("RBRACE"):
        return None
    owners = [
        kind
        for kind, items in scene.words.items.items()
        if word in scene.words.keywords(items) and kind != scene.kind
    ]
    here = f"`{scene.shown()}`"
    if owners and scene.first_on_line:
        kinds = " or ".join(("an " if k[0] in "aeiou" else "a ") + f"`{k}`" for k in owners[:3])
        return scene.mistake(
            "misplaced-item", f"`{word}` stands in {kinds}, not in {here}", "move it there"
        )
    if word in scene.words.keywords(scene.words.declarations) and scene.first_on_line:
        return scene.mistake(
            "misplaced-item", f"`{word}` begins a declaration and cannot stand inside {here}",
            f"close {here} with `}}` before it, or move it out",
        )  # fmt: skip
    return None


def _joined(scene: Scene) -> Mistake | None:
    if scene.lexeme != ",":
        return None
    if scene.want("AND", "OR") or scene.want("AND") or (scene.want("OR") and scene.want("EQUALS")):
        return scene.mistake(
            "joined-conditions", "conditions are not joined by `,`", "write `and` or `or`",
            edits=scene.instead(("AND" if scene.want("AND") else "OR", "and")),
        )  # fmt: skip
    if scene.want("OR"):
        return scene.mistake(
            "joined-events", "event types are joined by `or`, not by `,`", "write `or`",
            edits=scene.instead(("OR", "or")),
        )  # fmt: skip
    return None


_ITEMS = {
    "FORBID": "forbid more than 3 message.send per actor within 1 day where automated = true",
    "AFTER": "after notice.received as ask require data.delete as done within 30 days where "
    "done.subject = ask.subject",
    "CITE": 'cite terms section "4.2"',
    "LAW": 'law act section "2" when barred(actor)',
    "SEVERITY": "severity high when barred(actor)",
    "EFFECTIVE": "effective from 2020-01-01 until 2021-01-01",
    "UNLESS": 'unless purpose = "research"',
    "BINDS": "binds each of acts_for(actor)",
    "BEGINS": 'begins on notice.received where kind = "ban" for target',
    "ENDS": 'ends on notice.withdrawn where kind = "ban" for target',
    "GIVEN": 'given message.send at 2020-06-01T10:00:00Z { actor: "bot", target: "ana" }',
    "EXPECT": 'expect no-spam violated by "bot" with 1 finding',
    "OBSERVED": "observed from 2020-06-01T00:00:00Z until 2020-09-01T00:00:00Z",
}
_DECLARED = {
    "param": 'param daily = 3 chosen because "the terms name no number"',
    "list": 'list sites = ["social.example", "social.test"]',
    "events": "events access = http.request or session.logon or engagement.*",
    "define": "define by_program(e) = e.automated = true",
    "signal": "signal bulk = more than 500 profile.read per actor within 1 hour",
    "import": 'import core version "1.0"',
    "calendar": 'calendar us { weekdays in "America/New_York" }',
    "pack": 'pack house "House rules" version "1"',
}


def _example(scene: Scene) -> str:
    """How the item or the declaration around the place is written, where it is known by now."""
    before = scene.prev().terminal
    if before in ("EQUALS", "DIFFERS", "ORDER"):
        return "one value stands on each side, as in `automated = true`"
    if before in ("WHERE", "AND", "OR", "NOT", "WHEN"):
        return "as in `automated = true`"
    form = _DECLARED.get(scene.kind, "")
    if scene.item is not None:
        form = _ITEMS.get(scene.failure.seen[scene.item].terminal, "")
    return f"as in `{form}`" if form else ""


def _anything(scene: Scene) -> Mistake:
    before = scene.prev()
    begins = before.terminal in ("LBRACE", "RBRACE", "")
    phrase = scene.words.phrase(scene.expected, scene.item_name(), begins)
    said = scene.said(before)
    shown = scene.lexeme if len(scene.lexeme) <= 40 else scene.lexeme[:39] + "…"
    edits = scene.put(("NAME", "_")) if scene.want("NAME") and not scene.want("TEXT") else None
    if scene.failure.kind == "end" or (scene.first_on_line and said and not begins):
        what = f"expected {phrase} after `{said if len(said) < 40 else said[:39] + '…'}`"
        return scene.mistake(
            "unexpected", what, _example(scene), span=scene.span(before.end, before.end),
            edits=edits,
        )  # fmt: skip
    found = f"`{shown}` cannot stand here: expected {phrase}"
    sign = not re.match(r"[\w\"]", shown)
    return scene.mistake("unexpected", found, _example(scene), edits=edits if sign else None)
