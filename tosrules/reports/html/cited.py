"""The cited events of a result, each once, in the order of time; and their rows in a page.

A large report has tens of thousands of rows, which are made here as text of escaped parts: a
template would take several times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup

from tosrules.record import Record
from tosrules.reports.html.markup import shown, value
from tosrules.reports.text_clauses import place
from tosrules.result.model import Computed, Evidence, Finding, Result
from tosrules.result.values import cut, moment, typed_words, value_words
from tosrules.trace.instants import parse_instant

MANY = 5_000
"""Cited events beyond which no row holds all attributes."""
LISTED = 20_000
"""Cited events that a page lists."""
VALUE, SHORT_VALUE = 160, 32
"""Code points of a value in a row; of a value where there are many rows."""
NAME = 80
"""Code points of a name in a row."""
ROOM = 1_400_000
"""Characters for the rows of all cited events; with more, the rows say less."""
SAMPLE = 500
FEW = 3
"""Findings that a row names where there are many rows."""
SHOWN = 6
"""Events of a finding that stand open; the others unfold."""
ROWS, FEWER_ROWS = 3_000, 2_000
"""Rows that all findings together may have: more, and each shows fewer of its own. The second
where the list of all events takes more than LARGE characters."""
LARGE = 1_000_000
COUNTED = ("violates", "counts")


class Cited(Record):
    number: int
    """1-based, in the order of time."""
    micros: int
    evidence: Evidence
    reads: Sequence[str]
    """The attributes that any rule read of it."""
    findings: Sequence[int]
    """Numbers of the findings that cite it."""


class Register(Record):
    """All cited events."""

    events: Sequence[Cited]
    numbers: Mapping[str, int]
    """Id of an event → its number."""

    def micros(self, evidence: Evidence) -> int:
        return self.events[self.numbers[evidence.event] - 1].micros


def register(result: Result, findings: Sequence[Finding]) -> Register:
    """Of `findings`, in the order of their numbers, and of the pending duties."""
    first: dict[str, Evidence] = {}
    by: dict[str, dict[int, None]] = {}
    reads: dict[str, dict[str, None]] = {}

    def cite(evidence: Evidence, number: int) -> None:
        id = evidence.event
        if id not in first:
            first[id] = evidence
            by[id] = {}
            reads[id] = {}
        if number:
            by[id][number] = None
        reads[id].update(dict.fromkeys(evidence.reads))

    for number, finding in enumerate(findings, 1):
        for evidence in finding.context:
            cite(evidence, number)
        for evidence in finding.evidence:
            cite(evidence, number)
    for clause in result.clauses:
        for duty in clause.pending:
            cite(duty.trigger, 0)
    times = {e.time: parse_instant(e.time) for e in first.values()}
    ordered = sorted(first.values(), key=lambda e: (times[e.time], _position(e)))
    numbers = {e.event: number for number, e in enumerate(ordered, 1)}
    return Register(
        tuple(
            Cited(numbers[e.event], times[e.time], e, tuple(reads[e.event]), tuple(by[e.event]))
            for e in ordered
        ),
        numbers,
    )


def _position(evidence: Evidence) -> tuple[str, int, str]:
    source = evidence.source
    at = source.index if source.index is not None else source.line or 0
    return source.file, at, evidence.event


# ---- the list of all cited events ----------------------------------------------------------


_Registered = Callable[[Cited, bool], str]


class Day(Record):
    date: str
    events: int
    rows: Markup


class Listing(Record):
    days: Sequence[Day]
    detail: str
    """What a row holds: `all` attributes, those that `rules` read, or the `actor` alone."""
    total: int
    """Events that a complete list would have."""
    listed: int
    size: int
    """Characters of all rows."""


def listing(of: Register, one_file: bool) -> Listing:
    """The events day by day, each in as much detail as there is room for."""
    listed = of.events[:LISTED]
    detail, row = _detail(listed, one_file)
    made = [row(cited, one_file) for cited in listed]
    days = []
    start = 0
    for end in range(1, len(listed) + 1):
        date = listed[start].evidence.time[:10]
        if end == len(listed) or listed[end].evidence.time[:10] != date:
            days.append(Day(date, end - start, Markup("".join(made[start:end]))))
            start = end
    return Listing(days, detail, len(of.events), len(listed), sum(map(len, made)))


def _detail(listed: Sequence[Cited], one_file: bool) -> tuple[str, _Registered]:
    """The fullest rows that there is room for, by a sample of them."""
    choices = _DETAIL[len(listed) > MANY :]
    sample = listed[:: max(1, len(listed) // SAMPLE)]
    for detail, row in choices[:-1]:
        size = sum(len(row(cited, one_file)) for cited in sample)
        if size * len(listed) <= ROOM * len(sample):
            return detail, row
    return choices[-1]


def _whole(cited: Cited, one_file: bool) -> str:  # noqa: ARG001
    evidence = cited.evidence
    said = ", ".join(_values(evidence, evidence.attributes, VALUE))
    id = value(cut(evidence.event, VALUE))
    links = " ".join(f"<a href=#n{n}>{n}</a>" for n in cited.findings)
    return _text(
        f"<li id=e{cited.number}><span>{_name(place(evidence.source))}</span>"
        f"<time>{shown(evidence.time[11:])}</time><b>{_name(evidence.type)}</b>"
        f"<span>{said} <i>id</i> {id}</span><span>{links}</span>\n"
    )


def _read(cited: Cited, one_file: bool) -> str:
    evidence = cited.evidence
    names = (name for name in cited.reads if name != "actor")
    said = ", ".join(_values(evidence, names, SHORT_VALUE, "{} {}"))
    return _brief(cited, one_file, f" {said}" if said else "")


def _brief(cited: Cited, one_file: bool, said: str = "") -> str:
    """Bare text, in the list's fixed order: place, time, type, actor, what else, findings."""
    evidence = cited.evidence
    line = evidence.source.line
    where = f":{line}" if one_file and line is not None else _name(place(evidence.source))
    actor = evidence.attributes.get("actor")
    who = f" {value(cut(str(actor), SHORT_VALUE))}" if actor is not None else ""
    links = " ".join(f"<a href=#n{n}>{n}</a>" for n in cited.findings[:FEW])
    more = "…" if len(cited.findings) > FEW else ""
    time = shown(evidence.time[11:].rstrip("Z"))
    kind = shown(cut(evidence.type, SHORT_VALUE))
    return _text(f"<li id=e{cited.number}>{where} {time} {kind}{who}{said} {links}{more}\n")


_DETAIL: tuple[tuple[str, _Registered], ...] = (
    ("all", _whole),
    ("rules", _read),
    ("actor", _brief),
)


def _text(row: str) -> str:
    """Quotation marks need no escape outside attributes, and rows have many."""
    return row.replace("&#34;", '"').replace("&#39;", "'")


# ---- the events of one finding -------------------------------------------------------------


class Rows(Record):
    """Lists of events, ready to be put in."""

    context: Markup
    context_hidden: int
    """Events of context that the result holds no more."""
    open: Markup
    folded: Markup
    folded_events: int
    elsewhere: int
    """Events that only the list of all events shows."""
    hidden: int
    """Events of evidence that the result holds no more."""


def cap(findings: Sequence[Finding], beside: Listing) -> int:
    """The most events that each finding may show, so that the page stays small."""
    sizes = sorted(len(f.evidence) + len(f.context) for f in findings)
    left = ROWS if beside.size <= LARGE else FEWER_ROWS
    for place_, size in enumerate(sizes):
        share = left // (len(sizes) - place_)
        if size > share:
            return max(share, 2)
        left -= size
    return max(sizes, default=0)


def rows(finding: Finding, numbers: Mapping[str, int], most: int) -> Rows:
    context = finding.context[: max(1, most // 2)]
    beside, rest = _selected(finding)
    room = max(1, most - len(context))
    elsewhere = len(finding.context) - len(context)
    if len(beside) + len(rest) > room:
        beside = beside[:room]
        elsewhere += len(finding.evidence) - len(beside) - max(0, room - len(beside))
        rest = rest[: room - len(beside)]
    row = _rower(finding, numbers)
    return Rows(
        Markup("".join(row(e, None) for e in context)),
        finding.context_total - len(finding.context),
        Markup("".join(_following(beside, row))),
        Markup("".join(_following(rest, row))),
        len(rest),
        elsewhere,
        finding.evidence_total - len(finding.evidence),
    )


_Row = Callable[[Evidence, Evidence | None], str]


def _following(events: Sequence[Evidence], row: _Row) -> Iterator[str]:
    before = None
    for evidence in events:
        yield row(evidence, before)
        before = evidence


def _selected(finding: Finding) -> tuple[Sequence[Evidence], Sequence[Evidence]]:
    """What stands open, and what unfolds. Of a sequence one whole chain says more than the
    first steps of several."""
    evidence = finding.evidence
    if len(evidence) <= SHOWN + 2:
        return evidence, ()
    chain = finding.occurrences[0].chain if finding.occurrences else ()
    if chain:
        steps = frozenset(chain)
        return (
            [e for e in evidence if e.event in steps],
            [e for e in evidence if e.event not in steps],
        )
    return evidence[:SHOWN], evidence[SHOWN:]


def _rower(finding: Finding, numbers: Mapping[str, int]) -> _Row:
    decided = {o.completing: o.computed for o in finding.occurrences if o.computed}
    names_role = finding.rule.form == "sequence"

    def row(evidence: Evidence, before: Evidence | None) -> str:
        role = _role(evidence, names_role)
        said = _values(evidence, dict.fromkeys(("actor", *evidence.reads)), VALUE)
        if (
            before is not None
            and before.role in COUNTED
            and evidence.role in COUNTED
            and before.type == evidence.type
        ):
            same = _values(before, dict.fromkeys(("actor", *before.reads)), VALUE)
            said = [v for v in said if v not in same] or (["the same"] if said else [])
        computed = decided.get(evidence.event, ())
        if computed and evidence.role in COUNTED:
            values = ", ".join(f"{_name(c.text)} = {computed_value(c)}" for c in computed)
            said = [*said, f"<span class=calc>{values}</span>"]
        label = f"<em>{_name(role)}</em> " if role else ""
        return _text(
            f"<li><a href=#e{numbers[evidence.event]}>{_name(place(evidence.source))}</a>"
            f"<time>{shown(moment(evidence.time))}</time><b>{_name(evidence.type)}</b>"
            f"<span>{label}{', '.join(said)}</span>\n"
        )

    return row


def computed_value(of: Computed) -> Markup:
    return value(cut(typed_words(of.value, of.type), VALUE))


def _name(text: str) -> Markup:
    return shown(cut(text, NAME))


def _role(evidence: Evidence, names_role: bool) -> str:
    if evidence.role == "begins":
        return f"begins {evidence.note.rpartition('/')[2]}"
    if evidence.role == "late":
        return "too late"
    return evidence.role if names_role or evidence.role not in COUNTED else ""


def _values(
    evidence: Evidence, names: Iterable[str], limit: int, form: str = "<i>{}</i> {}"
) -> list[str]:
    attributes = evidence.attributes
    return [
        form.format(_name(name), value(cut(value_words(attributes[name]), limit)))
        for name in names
        if name in attributes
    ]
