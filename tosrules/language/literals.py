"""Mistakes in texts, numbers, dates, regular expressions and signs."""

from __future__ import annotations

import json
import re
from unicodedata import category

from tosrules.language.machine import Edit
from tosrules.language.scene import Mistake, Scene
from tosrules.language.units import near_unit, unknown_unit

_ESCAPE = re.compile(r'\\(?!["\\nt]|u[0-9a-fA-F]{4})(?:u[0-9a-fA-F]*|.?)')
_CLOSING = {"“": "”", "”": "”", "„": "“”", "«": "»", "‘": "’", "’": "’", "'": "'", "`": "`"}
_DATE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?![\w/.-])")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt]| +)(\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|z|UTC|[+-]\d\d:?\d\d)?"
)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"[+-]?[\w.,'%]*[\w%]")
SIGNS = {
    "==": "=", "===": "=", "!==": "!=", "<>": "!=", "=>": ">=", "=<": "<=", "≠": "!=",
    "≤": "<=", "≥": ">=", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not",
    "−": "-", "–": "-", "—": "-", "×": "*", "÷": "/", ":=": "=", "=~": "matches",
    "!~": "does not match", "~": "matches",
}  # fmt: skip
_TERMINALS = {
    "=": "EQUALS", "!=": "DIFFERS", ">=": "ORDER", "<=": "ORDER", "and": "AND", "or": "OR",
    "not": "NOT", "-": "MINUS", "*": "STAR", "/": "SLASH", "matches": "MATCHES",
    "does not match": "DOES_NOT_MATCH",
}  # fmt: skip


def literal(scene: Scene) -> Mistake | None:
    """The mistake, if it is one of these."""
    if scene.failure.kind == "depth":
        return None
    for look in (
        _day,
        _refused,
        _space,
        _text,
        _foreign_quotes,
        _regex,
        _time,
        _number,
        _comment,
        _sign,
    ):
        found = look(scene)
        if found is not None:
            return found
    return None


def _day(scene: Scene) -> Mistake | None:
    """`[2020-01-01]`: a list holds texts and numbers, and a day in it is a text."""
    opened = scene.open and scene.failure.seen[scene.open[-1]].terminal == "LSQB"
    before = scene.prev()
    for start in (scene.at, before.start if scene.touching else scene.at):
        day = re.compile(r"\d{4}-\d\d-\d\d(?![\w:])").match(scene.text, start)
        if day and opened:
            return scene.mistake(
                "missing-quotes", "a day of a list stands in quotes", f'write `"{day.group()}"`',
                span=scene.span(start, day.end()),
                edits={start: Edit((("TEXT", '""'),), day.end())},
            )  # fmt: skip
    return None


def _refused(scene: Scene) -> Mistake | None:
    refused = scene.failure.refused
    if refused is None:
        return None
    start, end = scene.failure.start, scene.failure.end
    stand_in = {
        "TEXT": '""',
        "NUMBER": "1",
        "DATE": "2000-01-01",
        "DATETIME": "2000-01-01T00:00:00Z",
    }.get(scene.failure.terminal)
    edits = {start: Edit(((scene.failure.terminal, stand_in),), end)} if stand_in else None
    if refused.code == "number-form":
        return _grouped(scene) or _badly_written(scene, start, end)
    return scene.mistake(
        refused.code, refused.message, refused.help, span=refused.span, edits=edits
    )


def _space(scene: Scene) -> Mistake | None:
    first = scene.lexeme[:1]
    if not first or first.isascii() or not (first.isspace() or category(first) == "Cf"):
        return None
    name = "no-break space" if first == "\u00a0" else f"invisible character U+{ord(first):04X}"
    return scene.mistake(
        "foreign-space",
        f"a {name} separates no words".replace("a invisible", "an invisible"),
        "write a plain space; editors for letters and slides put others in its place",
        span=scene.span(end=scene.at + 1),
        edits=scene.instead(end=scene.at + 1),
    )


# ---- texts ------------------------------------------------------------------------------------


def _text(scene: Scene) -> Mistake | None:
    written = scene.lexeme
    if not written.startswith('"'):
        return None
    closed = len(written) > 1 and written.endswith('"') and not _odd_backslashes(written[:-1])
    if not closed:
        return _unclosed(scene)
    escape = _ESCAPE.search(written)
    if escape:
        begin = scene.at + escape.start()
        form = escape.group()
        help = (
            'for a backslash write `\\\\`; escapes are `\\"`, `\\\\`, `\\n`, `\\t` and `\\u` with'
            " four hexadecimal digits"
        )
        return scene.mistake(
            "bad-escape",
            f"`{form}` is no escape",
            help,
            span=scene.span(begin, begin + len(form)),
            edits=scene.instead(("TEXT", '""')) if scene.want("TEXT") else None,
        )
    if "\t" in written:
        begin = scene.at + written.index("\t")
        return scene.mistake(
            "control-character",
            "a tab cannot stand in a text",
            "write `\\t`, or a space",
            span=scene.span(begin, begin + 1),
            edits=scene.instead(("TEXT", '""')) if scene.want("TEXT") else None,
        )
    return _needless_quotes(scene)


def _odd_backslashes(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _unclosed(scene: Scene) -> Mistake:
    inside = scene.line.rstrip()
    closing = re.search("[”»“]", inside[1:])
    help = 'close it with `"`; a text stands on one line, and `\\n` breaks a line inside it'
    if closing:
        length = closing.end() + 1
        help = f'close it with `"` in place of `{closing.group()}`'
    else:
        # A brace at the end of the line most likely opens the declaration.
        length = len(re.sub(r"\s*[{}]\s*$", "", inside))
    edits = scene.instead(("TEXT", '""'), end=scene.at + length) if scene.want("TEXT") else None
    return scene.mistake(
        "unclosed-text",
        "this text is not closed",
        help,
        span=scene.span(end=scene.at + max(1, length)),
        edits=edits,
    )


def _needless_quotes(scene: Scene) -> Mistake | None:
    inside = scene.lexeme[1:-1]
    if scene.want("TEXT"):
        return None
    if scene.want("DATE") and _ISO_DATE.fullmatch(inside):
        what, terminal, shown = "a date", "DATE", inside
    elif scene.want("DATETIME") and (time := _TIME.fullmatch(inside)):
        what, terminal = "an instant", "DATETIME"
        shown = f"{time[1]}T{time[2]}{time[3] or 'Z'}".replace("UTC", "Z")
    elif scene.want("REGEX"):
        what, terminal = "a regular expression", "REGEX"
        shown = "/" + inside.replace("/", "\\/") + "/"
        if inside in ("", "\\"):
            return None
        return scene.mistake(
            "quoted-regex",
            "a regular expression stands between slashes, not in quotes",
            f"write `{shown}`; for exact text use `=`, `contains` or `starts with`",
            edits=scene.instead((terminal, shown)),
        )
    elif scene.want("NAME") and re.fullmatch(r"[A-Za-z_][\w]*(-\w+)*", inside, re.ASCII):
        what, terminal, shown = "a name", "NAME", inside
    else:
        return None
    return scene.mistake(
        "needless-quotes",
        f"{what} is written without quotes",
        f"write `{shown}`",
        edits=scene.instead((terminal, shown)),
    )


def _foreign_quotes(scene: Scene) -> Mistake | None:
    if scene.lexeme[:1] not in _CLOSING or not scene.lexeme:
        return None
    opening = scene.lexeme[0]
    found = re.search(f'["{_CLOSING[opening]}]', scene.line[1:])
    length = found.end() + 1 if found else len(re.sub(r"\s*[{}]\s*$", "", scene.line.rstrip()))
    inside = scene.line[1 : length - 1 if found else length]
    edits = None
    if scene.want("TEXT"):
        edits = scene.instead(("TEXT", json.dumps(inside)), end=scene.at + length)
    name = {"'": "single quotes", "`": "backticks"}.get(opening, "typographic quotes")
    return scene.mistake(
        "wrong-quotes",
        f'a text stands in straight double quotes `"`, not in {name}',
        f'write `"{inside}"`' if len(inside) < 40 else "",
        span=scene.span(end=scene.at + max(1, length)),
        edits=edits,
    )


# ---- regular expressions and comments -------------------------------------------------------


def _regex(scene: Scene) -> Mistake | None:
    if scene.prev().terminal == "REGEX" and scene.touching and scene.lexeme[:1].isalpha():
        wrong = scene.lexeme.replace("i", "", 1) if scene.prev().end else scene.lexeme
        return scene.mistake(
            "unknown-flag",
            f"unknown flag `{wrong or scene.lexeme}` of a regular expression",
            "`i`, to ignore case, is the only one",
            edits=scene.instead(),
        )
    if not scene.want("REGEX") or not scene.lexeme.startswith("/"):
        return None
    line = scene.line.rstrip()
    if line.startswith("//"):
        return scene.mistake(
            "empty-regex",
            "an empty regular expression matches everything",
            "write between the slashes what to look for",
            span=scene.span(end=scene.at + 2),
            edits=scene.instead(("REGEX", "/x/"), end=scene.at + 2),
        )
    return scene.mistake(
        "unclosed-regex",
        "this regular expression is not closed",
        "close it with `/`; inside it, a slash is written `\\/`",
        span=scene.span(end=scene.at + len(line)),
        edits=scene.instead(("REGEX", "/x/"), end=scene.at + len(line)),
    )


def _comment(scene: Scene) -> Mistake | None:
    if not scene.line.startswith(("//", "/*", "--")) or scene.prev().terminal == "MINUS":
        return None
    return scene.mistake(
        "comment-form",
        f"a comment does not begin with `{scene.line[:2]}`",
        "begin it with `#`",
        span=scene.span(end=scene.at + 2),
        edits=scene.instead(end=scene.at + len(scene.line)),
    )


# ---- numbers and times ---------------------------------------------------------------------


def _time(scene: Scene) -> Mistake | None:
    text = scene.text
    time = _TIME.match(text, scene.at)
    if time is not None:
        date, clock, offset = time.groups()
        length = time.end()
        edits = None
        if scene.want("DATETIME"):
            edits = scene.instead(("DATETIME", "2000-01-01T00:00:00Z"), end=length)
        elif scene.want("DATE"):
            edits = scene.instead(("DATE", date), end=length)
        span = scene.span(end=length)
        if not scene.want("DATETIME") and scene.want("DATE"):
            return scene.mistake(
                "date-form", "a date alone stands here, without a time", f"write `{date}`",
                span=span, edits=edits,
            )  # fmt: skip
        if offset is None:
            return scene.mistake(
                "missing-offset",
                f"`{time.group().strip()}` does not say by which clock",
                f"add `Z` for UTC, or the offset: `{date}T{clock}+02:00`",
                span=scene.span(end=scene.at + len(time.group().rstrip())),
                edits=edits,
            )
        shown = f"{date}T{clock}{'Z' if offset in ('z', 'UTC') else offset}"
        if re.search(r"[+-]\d{4}$", shown):
            shown = f"{shown[:-2]}:{shown[-2:]}"
        if shown == time.group():
            return None
        return scene.mistake(
            "time-form", "an instant is written with `T` and its offset", f"write `{shown}`",
            span=span, edits=edits,
        )  # fmt: skip
    if scene.want("DATETIME") and not scene.want("LPAR"):
        date_only = _ISO_DATE.match(text, scene.at)
        if date_only:
            shown = f"{date_only.group()}T00:00:00Z"
            return scene.mistake(
                "missing-time",
                f"`{date_only.group()}` is a whole day; an instant has a time and an offset",
                f"write `{shown}`",
                span=scene.span(end=date_only.end()),
                edits=scene.instead(("DATETIME", shown), end=date_only.end()),
            )
    return _date(scene)


def _date(scene: Scene) -> Mistake | None:
    if not scene.want("DATE") or scene.want("LPAR"):
        return None
    found = _DATE.match(scene.text, scene.at)
    if found is None or _ISO_DATE.fullmatch(found.group()):
        return None
    first, separator, second, third = found.groups()
    shown = ""
    if len(first) == 4 and len(third) < 3:
        shown = f"{first}-{second.zfill(2)}-{third.zfill(2)}"
    elif len(third) == 4 and separator == ".":
        shown = f"{third}-{second.zfill(2)}-{first.zfill(2)}"
    return scene.mistake(
        "date-form",
        f"`{found.group()}` is not how a date is written",
        f"write `{shown}`" if shown else "write year, month, day: `2020-06-01`",
        span=scene.span(end=found.end()),
        edits=scene.instead(("DATE", "2000-01-01"), end=found.end()),
    )


def _canonical(written: str) -> str:
    """The number most likely meant, as it should be written; empty if none is near."""
    try:
        if written.endswith("%"):
            value = float(written[:-1].replace(",", ".")) / 100
        elif re.fullmatch(r"\d+(\.\d+)?[eE][+-]?\d{1,2}", written):
            value = float(written)
        else:
            grouped = re.fullmatch(r"\d{1,3}(?:([,'.])\d{3})(?:\1\d{3})*", written)
            plain = re.sub("[,'.]", "", written) if grouped else written.replace("_", "")
            plain = plain.lstrip("0") or "0"
            if not re.fullmatch(r"\d*(\.\d+)?", plain):
                return ""
            whole, _, fraction = plain.partition(".")
            return f"{int(whole or 0):_}" + (f".{fraction}" if fraction else "")
        return f"{int(value):_}" if value == int(value) else f"{value:.10f}".rstrip("0")
    except (ValueError, OverflowError):
        return ""


def _badly_written(scene: Scene, start: int, end: int) -> Mistake:
    written = scene.text[start:end]
    shown = _canonical(written)
    return scene.mistake(
        "number-form",
        f"`{written}` is not how a number is written",
        f"write `{shown}`" if shown else "",
        span=scene.span(start, end),
        edits={start: Edit((("NUMBER", "1"),), end)},
    )


def _grouped(scene: Scene) -> Mistake | None:
    """`1,000`: read as two numbers where a comma may stand."""
    before = re.search(r"\d{1,3}(?:,\d{3})*,$", scene.text[max(0, scene.at - 40) : scene.at])
    digits = re.compile(r"\d{3}(?:,\d{3})*(?!\w)").match(scene.text, scene.at)
    if before and digits:
        return _badly_written(scene, scene.at - len(before.group()), digits.end())
    return None


def _number(scene: Scene) -> Mistake | None:
    if scene.failure.kind == "number":
        unit = re.compile(r"\d+(?=[A-Za-z]+\b)").match(scene.text, scene.at)
        if unit and near_unit(scene.text[unit.end() : scene.end]):
            return unknown_unit(scene, unit.end(), scene.end)
        found = _NUMBER.match(scene.text, scene.at)
        return _badly_written(scene, scene.at, found.end() if found else scene.failure.end)
    if re.match(r"\.\d", scene.line) and not scene.touching:
        found = re.compile(r"\.\d+").match(scene.text, scene.at)
        return _badly_written(scene, scene.at, found.end() if found else scene.end)
    if scene.prev().terminal == "NUMBER" and scene.touching:
        found = re.compile(r"(?:[,.'%]\d*)+").match(scene.text, scene.at)
        if found and (scene.lexeme != "," or re.match(r",\d{3}(?!\d)", scene.line)):
            return _badly_written(scene, scene.prev().start, found.end())
    return None


# ---- signs ------------------------------------------------------------------------------------


def _sign(scene: Scene) -> Mistake | None:
    start, written = scene.at, scene.lexeme
    if written.startswith("!") and written not in SIGNS:
        written = "!"
    before = scene.prev()
    if before.terminal in ("EQUALS", "ORDER", "DIFFERS") and scene.touching:
        start, written = before.start, scene.said(before) + written
    if written not in SIGNS:
        return _colon(scene)
    meant = SIGNS[written]
    terminal = _TERMINALS[meant]
    if start == scene.at and not scene.want(terminal):
        return None
    end = start + len(written)
    return scene.mistake(
        "foreign-operator",
        f"`{written}` is not an operator of the language",
        f"write `{meant}`",
        span=scene.span(start, end),
        edits={start: Edit(((terminal, meant),), end)},
    )


def _colon(scene: Scene) -> Mistake | None:
    if scene.lexeme in (":", "=") and scene.want("COLON"):
        return scene.mistake(
            "missing-colon", "an attribute of a given event is written with `:`",
            f"write `{scene.said(scene.prev())}: …`", edits=scene.instead(("COLON", ":")),
        )  # fmt: skip
    if scene.lexeme == ":" and scene.want("EQUALS"):
        return scene.mistake(
            "foreign-operator", "`:` is not an operator of the language", "write `=`",
            edits=scene.instead(("EQUALS", "=")),
        )  # fmt: skip
    word = scene.said(scene.prev())
    if scene.lexeme in (":", "=") and scene.prev().terminal in scene.words.all_items:
        return scene.mistake(
            "needless-sign", f"no `{scene.lexeme}` stands after `{word}`", "leave it out",
            edits=scene.instead(),
        )  # fmt: skip
    if (
        scene.lexeme in (",", ";")
        and (scene.want("RBRACE") or scene.want("$END"))
        and not scene.line[1:].split("#")[0].strip(" }")
    ):
        return scene.mistake(
            "needless-sign", f"no `{scene.lexeme}` stands at the end of a line", "leave it out",
            edits=scene.instead(),
        )  # fmt: skip
    return None
