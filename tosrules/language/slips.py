"""Slips whose mend is plain: what is said in prose, or in other languages, in place of a form."""

from __future__ import annotations

import re

from tosrules.language.machine import Edit
from tosrules.language.scene import Mistake, Scene

_MORE = {">": ("more than", ("MORE", "more"), ("THAN", "than")),
         ">=": ("at least", ("AT", "at"), ("LEAST", "least"))}  # fmt: skip
_VERDICTS = ("violated", "clean", "pending", "undetermined")


def slip(scene: Scene) -> Mistake | None:
    """The slip that the place shows, if it is one of these."""
    for look in (
        _value,
        _article,
        _business,
        _verdict,
        _section,
        _compared,
        _list_here,
        _comma,
        _inner_quotes,
        _type,
    ):
        found = look(scene)
        if found is not None:
            return found
    return None


def _value(scene: Scene) -> Mistake | None:
    """`{ actor: bot }`: the word is read as an event that a time counts from."""
    word, colon = scene.prev(), scene.prev(2)
    if scene.kind != "test" or word.terminal != "NAME" or colon.terminal != "COLON":
        return None
    said = scene.said(word)
    if scene.lexeme not in (",", "}") and not scene.first_on_line:
        return None
    truth = said.lower() if said.lower() in ("true", "false") else ""
    return scene.mistake(
        "missing-quotes", "a text stands in quotes",
        f"write `{truth}`" if truth else f'write `"{said}"`',
        span=scene.span(word.start, word.end),
        edits={word.start: Edit((("TEXT", '""'),), word.end)},
    )  # fmt: skip


def _article(scene: Scene) -> Mistake | None:
    """`within a day`."""
    article, within = scene.prev(), scene.prev(2)
    said = scene.said(article)
    unit = re.compile(r"(second|minute|hour|day|week|month|year)s?(?![\w-])").match(
        scene.text, scene.at
    )
    if within.terminal != "WITHIN" or said not in ("a", "an", "one", "the") or unit is None:
        return None
    return scene.mistake(
        "missing-number", f"`{said} {unit.group()}` is no span of time", f"write `1 {unit[1]}`",
        span=scene.span(article.start, unit.end()),
        edits={article.start: Edit((("NUMBER", "1"), ("UNIT", unit[1])), unit.end())},
    )  # fmt: skip


def _business(scene: Scene) -> Mistake | None:
    """`within 3 business days` where only a fixed length will do."""
    found = re.compile(r"(business|calendar|working)\s+days?(?![\w-])").match(scene.text, scene.at)
    number = scene.prev()
    if found is None or number.terminal != "NUMBER" or not scene.want("UNIT"):
        return None
    if scene.want("BUSINESS") and found[1] != "working":
        return None
    if scene.want("BUSINESS"):
        return scene.mistake(
            "unknown-unit", "working days are called business days, of a calendar",
            "write `business days of us`, where `us` is a `calendar`",
            span=scene.span(end=found.end()),
            edits=scene.instead(("UNIT", "days"), end=found.end()),
        )  # fmt: skip
    return scene.mistake(
        "unknown-unit", f"{found[1]} days cannot be counted here: this span has a fixed length",
        f"write `{scene.said(number)} days`; {found[1]} days are for a duty's deadline",
        span=scene.span(end=found.end()), edits=scene.instead(("UNIT", "days"), end=found.end()),
    )  # fmt: skip


def _verdict(scene: Scene) -> Mistake | None:
    """`expect no-farm is violated`."""
    if scene.kind != "test" or scene.lexeme not in ("is", "to", "be") or not scene.want("CLEAN"):
        return None
    following = re.compile(r"(?:is|to|be)(?:\s+be)?\s+([a-z]+)").match(scene.text, scene.at)
    if following is None or following[1] not in (*_VERDICTS, "not"):
        return None
    said = "not exercised" if following[1] == "not" else following[1]
    words = scene.text[scene.at : following.start(1)].strip()
    return scene.mistake(
        "unexpected", f"`{words}` is not written before a verdict",
        f"leave it out: `{_before(scene)} {said}`", span=scene.span(end=scene.at + len(words)),
        edits=scene.instead(end=following.start(1)),
    )  # fmt: skip


def _before(scene: Scene) -> str:
    """The item so far."""
    start = scene.failure.seen[scene.item].start if scene.item is not None else scene.prev().start
    return " ".join(scene.text[start : scene.at].split())


def _section(scene: Scene) -> Mistake | None:
    """`cite terms § 4.2`, `cite terms 4.2`."""
    if not scene.want("SECTION"):
        return None
    found = re.compile(r"(?:§+|[Ss]ec(?:t|tion|\.)?\.?|art(?:icle|\.)?)?\s*(\d[\w.()]*)").match(
        scene.text, scene.at
    )
    if found is None:
        return None
    return scene.mistake(
        "unexpected", f"`{found.group()}` is not how a section is cited",
        f'write `section "{found[1]}"`', span=scene.span(end=found.end()),
        edits=scene.instead(("SECTION", "section"), ("TEXT", '""'), end=found.end()),
    )  # fmt: skip


def _compared(scene: Scene) -> Mistake | None:
    """`forbid > 3 profile.read per actor …`."""
    if scene.lexeme not in (*_MORE, "<", "<=") or not scene.want("MORE", "AT"):
        return None
    if scene.lexeme not in _MORE:
        return scene.mistake(
            "unexpected", f"`{scene.lexeme}` cannot stand before events",
            "what there are too few of is said `forbid … with count < 3`",
        )  # fmt: skip
    words, *tokens = _MORE[scene.lexeme]
    return scene.mistake(
        "unexpected", f"`{scene.lexeme}` cannot stand before events", f"write `{words}`",
        edits=scene.instead(*tokens),
    )  # fmt: skip


def _list_here(scene: Scene) -> Mistake | None:
    """`where purpose in ["a", "b"]`."""
    if scene.lexeme != "[" or scene.prev().terminal not in ("IN", "NOT_IN"):
        return None
    found = re.compile(r"\[[^\]\n]*\]").match(scene.text, scene.at)
    end = found.end() if found else scene.end
    shown = found.group() if found and len(found.group()) < 60 else "[…]"
    return scene.mistake(
        "unexpected", "a list has a name and is declared by itself",
        f"declare `list allowed = {shown}`, and write `in allowed`", span=scene.span(end=end),
        edits=scene.instead(("NAME", "_"), end=end),
    )  # fmt: skip


def _inner_quotes(scene: Scene) -> Mistake | None:
    """`clause a "The "best" rule" {`."""
    before = scene.prev()
    if before.terminal != "TEXT" or not scene.touching or not re.match(r"\w", scene.lexeme):
        return None
    line = scene.text[before.start :].partition("\n")[0]
    whole = re.match(r'"[^\n]*"(?=\s*(?:[{},)\]]|$|section|version|because))', line)
    if whole is None or whole.end() + before.start <= scene.at:
        return None
    return scene.mistake(
        "unexpected", "a quotation mark inside a text ends it",
        "write `\\\"` for each that is part of the text",
        span=scene.span(before.end - 1, before.end),
        edits={before.start: Edit((("TEXT", '""'),), before.start + whole.end())},
    )  # fmt: skip


def _type(scene: Scene) -> Mistake | None:
    """`may have channel`, without a type."""
    if not scene.want("MARK", "LIST_OF") or re.match(r"\w", scene.lexeme):
        return None
    before = scene.prev()
    said = scene.said(before)
    return scene.mistake(
        "missing-type", f"`{said}` has no type",
        f"write `{said} text`; types are `text`, `number`, `boolean`, `time`, `duration`, "
        "`address`, `party`, `account`, `app`, `device`, `session`, `person`, `object` and "
        "`list of` one of these",
        span=scene.span(before.end, before.end), edits=scene.put(("NAME", "_")),
    )  # fmt: skip


def _comma(scene: Scene) -> Mistake | None:
    """A comma after the last of several names."""
    before = scene.prev()
    if before.terminal != "COMMA" or not scene.want("NAME") or scene.lexeme not in ("}", ")", "]"):
        return None
    return scene.mistake(
        "unexpected", f"a name is missing between `,` and `{scene.lexeme}`",
        "add it, or leave out the `,`", span=scene.span(before.start, before.end),
        edits=scene.put(("NAME", "_")),
    )  # fmt: skip
