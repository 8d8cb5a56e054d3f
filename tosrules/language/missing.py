"""Mistakes of leaving something out: a title, a unit, `within`, where a value comes from."""

from __future__ import annotations

import re

from tosrules.language.scene import Mistake, Scene


def missing(scene: Scene) -> Mistake | None:
    """What is missing here, where the grammar leaves no doubt."""
    want, before = scene.want, scene.prev()
    after = scene.span(before.end, before.end)
    said = scene.said(before)

    def lacks(code: str, message: str, help: str, *put: tuple[str, str]) -> Mistake:
        return scene.mistake(code, message, help, span=after, edits=scene.put(*put))

    if want("COMMA") and scene.open and re.match(r'["\w]', scene.lexeme):
        inner = scene.failure.seen[scene.open[-1]].terminal
        if inner == "LSQB" or (inner == "LBRACE" and len(scene.open) > 1):
            return lacks("missing-word", f"`,` is missing after `{said}`", "add `,`",
                         ("COMMA", ","))  # fmt: skip
    if want("LBRACE") and scene.inside and re.match(r"[\w.]+\s*:", scene.line):
        return lacks("missing-brace", f"`{{` is missing before `{scene.lexeme}`",
                     "attributes of a given event stand between `{` and `}`",
                     ("LBRACE", "{"))  # fmt: skip
    text, name = ("TEXT", '""'), ("NAME", "_")
    days = (("WITHIN", "within"), ("NUMBER", "1"), ("UNIT", "day"))
    if want("CHOSEN", "STATED"):
        return lacks(
            "missing-origin", f"`{_subject(scene)}` does not say where its value comes from",
            'add `stated in SOURCE section "…"`, or `chosen because "…"` where the text names none',
            ("CHOSEN", "chosen"), ("BECAUSE", "because"), text,
        )  # fmt: skip
    if want("LATER") and want("WITHIN"):
        return lacks(
            "missing-within", "this step does not say how soon it follows",
            "add `within 10 minutes`, or `later` where the text sets no limit",
            ("LATER", "later"),
        )  # fmt: skip
    if want("BY", "WITHIN"):
        return lacks(
            "missing-within", "`require` does not say by when",
            "add `within 30 days`, or `by` and a time", *days,
        )  # fmt: skip
    if want("WITHIN", "EACH") and not want("PER"):
        return lacks(
            "missing-within", "`per` needs a span of time",
            'add `within 1 hour`, `each day in "Area/City"` or `in total`', *days,
        )  # fmt: skip
    if want("FOR", "WHERE") and scene.kind == "status":
        return lacks("missing-for", f"`{_item_word(scene)}` does not say for whom",
                     "add `for` and the attribute it is kept by, as in `for target`",
                     ("FOR", "for"), name)  # fmt: skip
    if want("BETWEEN", "FROM") and scene.kind == "link":
        return lacks("missing-ends", f"`{_item_word(scene)}` does not say who is tied to whom",
                     "add `from agent to principal`, or `between device and account`",
                     ("BETWEEN", "between"), name, ("AND", "and"), name)  # fmt: skip
    if want("AT", "EVERY"):
        return lacks("missing-at", "`given` does not say when",
                     "add `at 2020-06-01T10:00:00Z`, or `every 10 minutes from …`",
                     ("AT", "at"), ("DATETIME", "2000-01-01T00:00:00Z"))  # fmt: skip
    if scene.expected == {"AT"} and before.terminal == "FOR":
        return lacks("missing-word", "`at least` is missing after `for`",
                     "write `held for at least …`",
                     ("AT", "at"), ("LEAST", "least"))  # fmt: skip
    if want("BECAUSE") and len(scene.expected - {"SLASH"}) == 1:
        put = [("BECAUSE", "because")] + ([] if scene.lexeme.startswith('"') else [text])
        what = scene.heading if scene.kind == "overlay" and not scene.inside else said
        if scene.lexeme.startswith('"'):
            return lacks("missing-because", f"`because` is missing after `{what}`",
                         "write it before the reason", *put)  # fmt: skip
        return lacks("missing-because", f"`{what}` does not say why", 'add `because "…"`', *put)
    if scene.expected == {"TEXT"}:
        return _missing_text(scene)
    # An event and a given need no braces; all else that may open them must.
    if scene.expected - {"DOT", "SLASH", "TEXT"} == {"LBRACE"} and scene.kind != "event":
        if scene.lexeme.startswith('"'):
            return None
        return lacks("missing-brace", f"`{{` is missing after `{scene.shown()}`",
                     "items stand between `{` and `}`", ("LBRACE", "{"))  # fmt: skip
    (only, *more) = sorted(scene.expected - {"DOT"}) or [""]
    if not more and only in ("NAME", "DATE", "NUMBER", "DATETIME", "REGEX", "UNIT"):
        return None
    if not more and (word := scene.words.written(only)) and only not in ("RPAR", "RBRACE"):
        first = scene.machine.tables.terminals[scene.machine.tables.number[only]].pattern
        if re.match(rf"\s*{re.escape(first)}(?![\w-])", scene.text[scene.end : scene.end + 99]):
            return scene.mistake("unexpected", f"`{scene.lexeme}` cannot stand before `{first}`",
                                 "leave it out", edits=scene.instead())  # fmt: skip
        return lacks("missing-word", f"`{word}` is missing after `{said}`", f"add `{word}`",
                     (only, first))  # fmt: skip
    return None


def _subject(scene: Scene) -> str:
    if scene.kind == "param":
        return scene.heading
    return _item_word(scene)


def _item_word(scene: Scene) -> str:
    if scene.item is None:
        return scene.heading
    return scene.said(scene.failure.seen[scene.item])


def _missing_text(scene: Scene) -> Mistake | None:
    before = scene.prev()
    said, put = scene.said(before), ("TEXT", '""')
    after = scene.span(before.end, before.end)
    bare = re.match(r"[^\s{}\"#]([^\n{}\"#]*[^\s{}\"#])?", scene.line)
    if scene.kind in ("clause", "test") and not scene.inside and scene.lexeme == "{":
        what = f"clause `{said}`" if scene.kind == "clause" else "this test"
        return scene.mistake(
            "missing-title", f"{what} has no title",
            f'say in quotes what it is about: `{scene.shown()} "…" {{`',
            span=after, edits=scene.put(put),
        )  # fmt: skip
    if bare and not scene.first_on_line:
        return scene.mistake(
            "missing-quotes", "a text stands in quotes",
            f'write `"{bare.group()}"`' if len(bare.group()) < 40 else 'write `"…"`',
            span=scene.span(end=scene.at + len(bare.group())),
            edits=scene.instead(put, end=scene.at + len(bare.group())),
        )  # fmt: skip
    return scene.mistake(
        "missing-text", f"a text in quotes is missing after `{said}`", f'write `{said} "…"`',
        span=after, edits=scene.put(put),
    )  # fmt: skip
