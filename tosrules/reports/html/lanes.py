"""The timeline: for each subject a lane, in it a strip for each clause that it broke.

Drawn here once for the whole period, so that it stands without a script and on paper; the
page's script draws it again for the stretch that a reader zooms to, from numbers alone: what
`data` gives holds no text of a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import gcd

from markupsafe import Markup

from tosrules.record import Record
from tosrules.reports.html.cited import LISTED, Register
from tosrules.result.model import Evidence, Finding, Result
from tosrules.result.parties import who
from tosrules.trace.instants import format_instant, parse_instant

MOST = LISTED
"""Events that are drawn each by itself; more are drawn by BINS stretches of time."""
CITATIONS = 100_000
"""Times that findings cite an event, beyond which the same is done."""
BINS = 1_000
WIDTH, HEIGHT, EDGE = 1000, 24, 5
"""Of a strip, in its own units; EDGE is left free at both ends."""
BARS = 200
LANES = 30
"""Subjects whose lanes stand open; the others unfold."""
TICKS = 5
_MS = 1_000
_DAY = 86_400_000_000
_STEPS = tuple(
    n * 1_000_000
    for n in (
        *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
        *(3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 7 * 86400, 14 * 86400),
    )
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000)
"""Longer steps begin with a month."""
_TOP = {"critical": 0, "high": 6, "medium": 12, "low": 17}
"""Where a mark begins: the graver, the taller, so that not colour alone tells it."""


_LEVELS = tuple(_TOP)


class Strip(Record):
    clause: str
    title: str
    number: int
    """Place among all strips."""
    findings: int
    events: int
    marks: Markup


class Lane(Record):
    subject: str
    findings: int
    strips: Sequence[Strip]


class Tick(Record):
    percent: str
    label: str
    anchor: str


class Timeline(Record):
    lanes: Sequence[Lane]
    ticks: Sequence[Tick]
    bars: Markup
    start: str
    end: str
    events: int
    binned: bool
    data: Mapping[str, object]


def timeline(result: Result, findings: Sequence[Finding], of: Register) -> Timeline | None:
    """None where nothing is cited."""
    if not findings:
        return None
    start, end = _span(result, findings, of)
    size = end - start
    citations = sum(len(f.evidence) + len(f.context) for f in findings)
    binned = len(of.events) > MOST or citations > CITATIONS
    width = max(1, -(-size // BINS))
    offsets = [(c.micros - start) for c in of.events]
    if binned:
        offsets = [offset // width for offset in offsets]

    strips: dict[tuple[str, str, str], list[int]] = {}
    for number, finding in enumerate(findings):
        key = (who(finding), finding.clause, finding.title)
        strips.setdefault(key, []).append(number)
    order = {key: place for place, key in enumerate(strips)}

    def at(evidence: Iterable[Evidence]) -> list[int]:
        return sorted({of.numbers[e.event] - 1 for e in evidence})

    listed = []
    for finding in findings:
        key = (who(finding), finding.clause, finding.title)
        events, context = at(finding.evidence), at(finding.context)
        if binned:
            events = sorted({offsets[e] for e in events})
            context = sorted({offsets[e] for e in context})
        due = None if finding.due is None else (parse_instant(finding.due) - start) // _MS
        severity = _LEVELS.index(finding.severity) if finding.severity in _TOP else len(_TOP) - 1
        listed.append([order[key], severity, _steps(events), _steps(context), due])
    times = [i * width // _MS for i in range(BINS + 1)] if binned else [o // _MS for o in offsets]
    unit = gcd(*times) or 1

    def x(micros: int) -> int:
        return round((micros - start) * WIDTH / size)

    by_subject: dict[str, list[Strip]] = {}
    for (subject, clause, title), members in strips.items():
        own = [findings[m] for m in members]
        seen = {e.event for f in own for e in f.evidence}
        strip = Strip(
            clause,
            title,
            order[subject, clause, title],
            len(own),
            len(seen),
            _marks(own, of, x),
        )
        by_subject.setdefault(subject, []).append(strip)
    # Who acted through others stands before those others.
    principals = {who(f) for f in findings if f.through}
    lanes = tuple(
        Lane(subject, sum(s.findings for s in own), tuple(own))
        for subject, own in sorted(by_subject.items(), key=lambda item: item[0] not in principals)
    )
    return Timeline(
        lanes,
        ticks(start, end),
        _bars([(c.micros - start) * BARS // (size + 1) for c in of.events if c.findings]),
        format_instant(start),
        format_instant(end),
        sum(1 for c in of.events if c.findings),
        binned,
        {
            "start": start // _MS,
            "size": -(-size // _MS),
            "unit": unit,
            "times": _steps([t // unit for t in times]),
            "findings": listed,
            "binned": binned,
        },
    )


def _span(result: Result, findings: Sequence[Finding], of: Register) -> tuple[int, int]:
    """The period shown: the observed one with all that is cited, but for an observation so long
    that what happened would be a single line."""
    cited = [c.micros for c in of.events]
    cited += [parse_instant(f.due) for f in findings if f.due is not None]
    start, end = min(cited), max(cited)
    observed = result.run.observed
    if observed is not None:
        first, last = parse_instant(observed.start), parse_instant(observed.end)
        if last - first <= 50 * max(end - start, 1):
            start, end = min(start, first), max(end, last)
    return start, max(end, start + 1_000_000)


def _steps(numbers: Sequence[int]) -> list[int]:
    """The first number, then each difference: shorter, and as quickly read."""
    return [b - a for a, b in zip((0, *numbers), numbers, strict=False)]


def _marks(findings: Sequence[Finding], of: Register, x: Callable[[int], int]) -> Markup:
    drawn: dict[str, set[int]] = {}
    for finding in findings:
        for evidence in finding.evidence:
            drawn.setdefault(finding.severity, set()).add(x(of.micros(evidence)))
        for evidence in finding.context:
            drawn.setdefault("context", set()).add(x(of.micros(evidence)))
        if finding.due is not None:
            drawn.setdefault("due", set()).add(x(parse_instant(finding.due)))
    return Markup("").join(
        Markup("<path class={} d={}></path>").format(kind, path(kind, sorted(xs)))
        for kind, xs in sorted(drawn.items(), key=lambda item: -_TOP.get(item[0], 99))
    )


def path(kind: str, xs: Iterable[int]) -> str:
    """Upright marks at these places. What a reader sees as context hangs from the top."""
    top, bottom = (0, 7) if kind == "context" else (_TOP.get(kind, 0), HEIGHT)
    return "".join(f"M{x},{top}V{bottom}" for x in xs)


def _bars(bins: Sequence[int]) -> Markup:
    counts: dict[int, int] = {}
    for bin_ in bins:
        counts[bin_] = counts.get(bin_, 0) + 1
    most = max(counts.values(), default=1)
    size = WIDTH // BARS
    said = "".join(
        f"M{bin_ * size},40v-{max(2, round(38 * n / most))}h{size}V40z"
        for bin_, n in sorted(counts.items())
    )
    return Markup("<path class=bars d={}></path>").format(said)


def ticks(start: int, end: int) -> tuple[Tick, ...]:
    """About TICKS round instants with their names, days and months where the period is long."""
    size = end - start
    step = next((s for s in _STEPS if size / s <= TICKS), None)
    instants = list(range(-(-start // step) * step, end + 1, step)) if step else _months(start, end)
    made = []
    for micros in instants:
        place = (micros - start) / size
        text = format_instant(micros)
        label = text[:16].replace("T", " ") + "Z"
        if step is None or step >= _DAY:
            label = text[:10]
        elif step < 60_000_000:
            label = text[11:19] + "Z"
        anchor = "start" if place < 0.06 else "end" if place > 0.94 else "middle"
        percent = (place * WIDTH + EDGE) / (WIDTH + 2 * EDGE) * 100
        made.append(Tick(f"{percent:.2f}%", label, anchor))
    return tuple(made)


def _months(start: int, end: int) -> list[int]:
    """The first instants of months, at most about TICKS of them."""
    step = next((n for n in _MONTHS if (end - start) / (n * 30.4 * _DAY) <= TICKS), _MONTHS[-1])
    said = format_instant(start)
    month = int(said[:4]) * 12 + int(said[5:7]) - 1
    found = []
    for number in range(-(-month // step) * step, 9999 * 12 + 12, step):
        if number < 12:
            continue
        micros = parse_instant(f"{number // 12:04d}-{number % 12 + 1:02d}-01T00:00:00Z")
        if micros > end:
            break
        if micros >= start:
            found.append(micros)
    return found
