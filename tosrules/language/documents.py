"""Sources, lists, calendars and parameters: what stands for itself."""

from __future__ import annotations

from pathlib import Path

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.context import Context
from tosrules.language.diagnostics import Related, did_you_mean
from tosrules.language.names import Entry, PackScope
from tosrules.policy.expressions import BusinessPeriod, CalendarPeriod, FixedPeriod
from tosrules.policy.model import (
    ALWAYS,
    CalendarDeclaration,
    EffectivePeriod,
    ListDeclaration,
    Origin,
    Param,
    ParamConstant,
    Source,
)
from tosrules.span import Span
from tosrules.vocabulary import BOOLEAN, DURATION, NUMBER, TEXT, Type, Value

MAX_LIST_FILE = 16 * 2**20


def check_documents(context: Context) -> None:
    """All sources, lists, calendars and parameters of all packs."""
    entries = [e for scope in context.scopes.values() for e in scope.entries.values()]
    for entry in entries:
        if isinstance(entry.node, s.Source):
            _source(context, entry, entry.node)
    for entry in entries:
        if isinstance(entry.node, s.List):
            _list(context, entry, entry.node)
    for entry in entries:
        if isinstance(entry.node, s.Calendar):
            _calendar(context, entry, entry.node)
    for entry in entries:
        if isinstance(entry.node, s.Param):
            _param(context, entry, entry.node)


def effective(context: Context, node: s.Effective) -> EffectivePeriod:
    """A half-open period, from midnight UTC or of the zone written (semantics V2)."""
    report = context.report
    zone = constants.zone(node.zone, report) if node.zone is not None else None
    start = constants.midnight(node.start, zone, report)
    until = constants.midnight(node.until, zone, report) if node.until is not None else None
    if start is not None and until is not None and until <= start:
        report.error(
            "empty-period",
            f"this period ends on {node.until.text if node.until else ''}, "
            f"not after it begins on {node.start.text}",
            node.span,
            help="write the earlier date after `from`; `until` is the first day on which it is no "
            "longer in force",
        )
    return EffectivePeriod(start, until)


# ---- sources -------------------------------------------------------------------------------


def _source(context: Context, entry: Entry, node: s.Source) -> None:
    values: dict[str, str] = {}
    places: dict[str, Span] = {}
    period = ALWAYS
    for field in node.fields:
        name = "effective" if isinstance(field, s.Effective) else field.name
        if name in places:
            context.report.error(
                "said-twice",
                f"source `{node.name.text}` says its `{name}` twice",
                field.span,
                help="keep one of the two",
                related=(Related(places[name], "said here first"),),
            )
            continue
        places[name] = field.span
        if isinstance(field, s.Effective):
            period = effective(context, field)
        else:
            value = field.value
            values[name] = value.text if isinstance(value, s.Name) else value.value
    if "title" not in values:
        context.report.error(
            "source-without-title",
            f"source `{node.name.text}` has no title",
            node.name.span,
            help='add `title "…"`: a report cites the document by it',
        )
    sha = values.get("sha256", "")
    if sha and (len(sha) != 64 or set(sha) - set("0123456789abcdef")):
        context.report.error(
            "bad-hash",
            "a SHA-256 has 64 characters, each of 0-9 and a-f",
            places["sha256"],
            help="write what `sha256sum FILE` prints for the text",
        )
    if "text" in values:
        _local_copy(context, entry, values["text"], places["text"], sha)
    context.sources[entry.qualified] = Source(
        entry.qualified,
        values.get("title", ""),
        values.get("version", ""),
        values.get("publisher", ""),
        values.get("url", ""),
        values.get("citation", ""),
        values.get("jurisdiction", ""),
        values.get("text", ""),
        sha,
        values.get("unverified", ""),
        period,
        span=node.span,
    )


def _local_copy(context: Context, entry: Entry, name: str, span: Span, sha: str) -> None:
    data = read_beside(context, entry.scope, name, span)
    if data is None:
        return
    import hashlib

    found = hashlib.sha256(data).hexdigest()
    if sha and len(sha) == 64 and found != sha:
        context.report.error(
            "text-changed",
            f"the text in `{name}` is not the one that `sha256` names",
            span,
            help=f'put the text back, or read what changed and write `sha256 "{found}"`',
        )
        return
    text = decoded(context, name, data, span)
    if text is not None:
        context.copies[entry.qualified] = " ".join(text.split())


def decoded(context: Context, name: str, data: bytes, span: Span) -> str | None:
    """The text of a file beside the rules, or None with a diagnostic."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        context.report.error(
            "not-utf-8",
            f"`{name}` is not UTF-8 text: line {line} has the byte 0x{data[error.start]:02X}",
            span,
            help="save the file as UTF-8",
        )
        return None


def check_quote(context: Context, source: str, node: s.Text) -> None:
    """Whether the words quoted stand in the local copy, if there is one. Line breaks and
    further spaces of the copy do not count."""
    copy = context.copies.get(source)
    words = " ".join(node.value.split())
    if copy is None or words in copy:
        return
    own = source.rpartition("/")[2]
    at = _plainly(copy).find(_plainly(words))
    context.report.error(
        "quote-not-found",
        f"these words do not stand in the text of source `{own}`",
        node.span,
        help=f"it says: `{copy[at : at + len(words)]}`"
        if at >= 0
        else f"copy them as they stand in `{context.sources[source].text}`",
    )


def _plainly(text: str) -> str:
    """Letters in one case, quotation marks and dashes of one kind; each as long as it was."""
    plain = text.translate(dict(zip(map(ord, "“”„‘’–—\u00a0"), '"""\'\'-- ', strict=True)))
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)


def read_beside(context: Context, scope: PackScope, name: str, span: Span) -> bytes | None:
    """A file beside the rule file that `span` is in: never outside its folder."""
    folder = context.folders.get(span.file)
    report = context.report
    if folder is None:
        report.error("no-such-file", f"there is no file `{name}` beside these rules", span)
        return None
    path = (folder / name).resolve()
    if Path(name).is_absolute() or not path.is_relative_to(folder.resolve()):
        report.error(
            "outside-folder",
            f"`{name}` lies outside the folder of this rule file",
            span,
            help="rules read only files beside them; copy the file there",
        )
        return None
    try:
        if path.stat().st_size > MAX_LIST_FILE:
            report.error(
                "file-too-large",
                f"`{name}` is larger than 16 MB",
                span,
                help="keep only what the rules need of it",
            )
            return None
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "").lower()
        absent = isinstance(error, FileNotFoundError)
        siblings = [p.name for p in folder.iterdir() if p.is_file()] if absent else []
        near = did_you_mean(name, siblings)
        report.error(
            "no-such-file",
            f"there is no file `{name}` beside this rule file" + (f"; {near}" if near else "")
            if absent
            else f"`{name}` cannot be read" + (f": {reason}" if reason else ""),
            span,
            help="" if near else "file names are read from the folder of this rule file",
        )
        return None
    context.read_files.setdefault(scope.id, {})[name] = data
    return data


# ---- lists and calendars -------------------------------------------------------------------


def _list(context: Context, entry: Entry, node: s.List) -> None:
    if node.file is not None:
        data = read_beside(context, entry.scope, node.file.value, node.file.span)
        text = None
        if data is not None:
            text = decoded(context, node.file.value, data, node.file.span)
        if text is None:
            context.damaged_lists.add(entry.qualified)
            context.lists[entry.qualified] = ListDeclaration(entry.qualified, TEXT, ())
            return
        texts = [line.strip() for line in text.splitlines()]
        kept = tuple(dict.fromkeys(t for t in texts if t and not t.startswith("#")))
        values: tuple[Value, ...] = kept
        kind = TEXT
    else:
        kinds = {type(item) for item in node.items}
        if len(kinds) > 1:
            context.report.error(
                "mixed-list",
                f"list `{node.name.text}` mixes {_words(node.items)}",
                node.span,
                help="write a list of one type: text, networks written as text, or numbers",
            )
            context.damaged_lists.add(entry.qualified)
        numbers = bool(node.items) and isinstance(node.items[0], s.Number)
        kind = NUMBER if numbers else TEXT
        found: list[Value] = []
        for item in node.items:
            if isinstance(item, s.Number):
                value = constants.number(item, context.report)
                if value is not None:
                    found.append(value)
            elif isinstance(item, s.Text):
                found.append(item.value)
            elif len(kinds) == 1 and entry.qualified not in context.damaged_lists:
                context.damaged_lists.add(entry.qualified)
                context.report.error(
                    "list-item",
                    f"a list holds text or numbers, and this one {_words(node.items)}",
                    item.span,
                    help="compare with each by `=` and `or`"
                    if isinstance(item, s.Duration)
                    else "ask the attribute itself: `= true`, `= false`",
                )
        values = tuple(dict.fromkeys(found))
    if not values and not (node.file is None and node.items):
        context.report.error(
            "empty-list",
            f"list `{node.name.text}` is empty, so nothing is ever in it",
            node.span if node.file is None else node.file.span,
            help='add an item: `["social.example"]`'
            if node.file is None
            else "write one item a line; a line that begins with `#` is none",
        )
        context.damaged_lists.add(entry.qualified)
    context.lists[entry.qualified] = ListDeclaration(entry.qualified, kind, values, span=node.span)


def _words(items: tuple[s.Node, ...]) -> str:
    words = {s.Text: "text", s.Number: "numbers", s.Duration: "durations", s.Boolean: "booleans"}
    return " and ".join(sorted({words[type(i)] for i in items}))


def _calendar(context: Context, entry: Entry, node: s.Calendar) -> None:
    known = constants.zone(node.zone, context.report) is not None
    holidays: list[str] = []
    if node.holidays is not None:
        found = context.find(entry.scope, node.holidays, "list")
        declared = context.lists.get(found.qualified) if found is not None else None
        for value in declared.values if declared is not None else ():
            if isinstance(value, str) and _is_date(value):
                holidays.append(value)
                continue
            context.report.error(
                "not-a-date",
                f"`{value}` in list `{node.holidays.text}` is no date",
                node.holidays.span,
                help="holidays are written year, month, day: `2020-12-25`",
            )
            break
    if known:
        context.calendars[entry.qualified] = CalendarDeclaration(
            entry.qualified, node.zone.value, tuple(sorted(holidays)), span=node.span
        )


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


# ---- parameters ----------------------------------------------------------------------------


def _param(context: Context, entry: Entry, node: s.Param) -> None:
    found = param_value(context, entry.scope, node.value)
    origin = param_origin(context, entry.scope, node.origin)
    if found is None:
        return
    value, kind, text = found
    context.params[entry.qualified] = Param(
        entry.qualified, kind, value, text, origin, "", span=node.span
    )


def param_origin(context: Context, scope: PackScope, node: s.ParamOrigin) -> Origin:
    if isinstance(node, s.ChosenBecause):
        if not node.reason.value.strip():
            context.report.error(
                "no-reason",
                "no reason is given for this value",
                node.reason.span,
                help="say why it was chosen; reports show the reason beside the value",
            )
        return Origin("", "", node.reason.value, span=node.span)
    entry = context.find(scope, node.source, "source")
    section = node.section.value if node.section is not None else ""
    return Origin(entry.qualified if entry else "", section, "", span=node.span)


def param_value(
    context: Context, scope: PackScope, node: s.ParamValue
) -> tuple[ParamConstant, Type, str] | None:
    """Value, type and text of what a parameter is set to."""
    report = context.report
    period: FixedPeriod | CalendarPeriod | BusinessPeriod | None
    match node:
        case s.Number():
            number = constants.number(node, report)
            return None if number is None else (number, NUMBER, node.text)
        case s.Text():
            return node.value, TEXT, f'"{node.value}"'
        case s.Boolean():
            return node.value, BOOLEAN, "true" if node.value else "false"
        case s.Duration():
            period = constants.duration(node, report)
        case s.CalendarPeriod():
            period = constants.calendar_period(node, report)
        case s.BusinessPeriod():
            calendar = context.find(scope, node.calendar, "calendar")
            qualified = calendar.qualified if calendar is not None else None
            if qualified is not None and qualified not in context.calendars:
                qualified = None
            period = constants.business_period(node, qualified, report)
        case s.Name():
            report.error(
                "param-of-param",
                f"the value of a parameter is written out, not taken from `{node.text}`",
                node.span,
                help="write the number, text or period itself; text stands in quotation marks: "
                f'`"{node.text}"`',
            )
            return None
    if period is None:
        return None
    kind = DURATION if isinstance(period, FixedPeriod) else Type("period")
    return period, kind, period.text
