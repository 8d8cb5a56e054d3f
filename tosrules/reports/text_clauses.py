"""What was not violated: duties still open, and every other clause with its verdict."""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.engines.outcome import VERDICTS
from tosrules.reports.layout import Page, widest
from tosrules.result.model import ClauseResult, Place, Result, Undetermined
from tosrules.result.values import about, count, cut, day, listed, moment, moment_of, subject_words
from tosrules.trace.instants import parse_instant

DUTIES = 20


def pending_duties(page: Page, result: Result) -> None:
    duties = sorted(
        ((d, c) for c in result.clauses for d in c.pending), key=lambda pair: pair[0].due
    )
    if not duties:
        return
    page.gap()
    observed = result.run.observed
    end = "" if observed is None else observed.end
    on = f" on {day(end)}" if end else ""
    page.say(f"Pending: not yet due when the observation ended{on}", style="strong")
    whos = [cut(subject_words(duty.party), 30) for duty, _ in duties]
    who_width = widest(whos, 30)
    for (duty, clause), who in list(zip(duties, whos, strict=True))[:DUTIES]:
        trigger = duty.trigger
        page.row(
            [(due_words(duty.due), 27), (who, who_width), (clause.id, 0)],
            f"{_after(duty.due, end)}since {trigger.type} at {place(trigger.source)}",
            2,
            31,
        )
    if len(duties) > DUTIES:
        page.say(f"… {len(duties) - DUTIES:,} more", 2, style="faint")


def _after(due: str, end: str) -> str:
    """How long after the observation ended the duty falls due: `12 days after that; `."""
    if not end:
        return ""
    left = parse_instant(due) + due.endswith(".999999Z") - parse_instant(end)
    return f"{about(left)} after that; " if left > 0 else ""


def due_words(due: str) -> str:
    """A deadline of whole days ends with a day's last microsecond, which nobody wants to read."""
    if not due.endswith(".999999Z"):
        return f"by {moment(due)}"
    return f"before {moment_of(parse_instant(due) + 1)}"


def other_clauses(page: Page, result: Result) -> None:
    """Every clause that is not violated, one table, the open questions first."""
    every = [c for c in result.clauses if c.verdict != "violated" or not c.findings]
    others = [c for c in every if not out_of_force(c, result)]
    if not every:
        return
    others.sort(key=lambda c: VERDICTS.index(c.verdict))
    page.gap()
    page.say(
        "The other clauses" if len(others) < len(result.clauses) else "The clauses", style="strong"
    )
    verdicts = max((len(c.verdict) for c in others), default=0)
    for clause in others:
        events = count(clause.relevant, "event") if clause.relevant else ""
        page.row([(clause.verdict, verdicts), (clause.id, 0)], events, 2, verdicts + 4)
        for remark in remarks(clause):
            page.say(remark, verdicts + 4)

    silent = [c for c in every if out_of_force(c, result)]
    if silent:
        names = list(dict.fromkeys(c.id for c in silent))
        page.say(
            f"{count(len(silent), 'version')} of {listed(names, limit=4)} "
            f"{'was' if len(silent) == 1 else 'were'} not in force in the observed period and "
            "had nothing to judge.",
            2,
        )


def out_of_force(clause: ClauseResult, result: Result) -> bool:
    """A version that no observed instant falls under says nothing worth a line of its own."""
    observed = result.run.observed
    if clause.verdict != "not exercised" or observed is None:
        return False
    start, until = clause.effective.start, clause.effective.end
    return (until is not None and parse_instant(until) <= parse_instant(observed.start)) or (
        start is not None and parse_instant(start) > parse_instant(observed.end)
    )


def remarks(clause: ClauseResult) -> list[str]:
    """Why the verdict is not a plain yes or no, and what would make it one."""
    said = [undetermined(u) for u in clause.undetermined]
    if clause.verdict == "not exercised":
        if clause.missing:
            said.append(f"to judge it, obtain {listed(clause.missing, 'or', 6)}")
        elif clause.relevant == 0:
            said.append("no event of the trace falls under it")
    if clause.waived:
        said.append(
            f"{count(clause.waived, 'event')} would count but for an overlay: "
            + "; ".join(f"{listed(o.changes)}, because {o.because}" for o in clause.overlays)
        )
    for name, matches in clause.reported_under.items():
        said.append(f"{count(matches, 'match', 'matches')} reported under {name}")
    return [*said, *unjudged(clause)]


def unjudged(clause: ClauseResult) -> list[str]:
    """What might bear on the clause and was not judged under it."""
    said = []
    if clause.before:
        was = "was" if clause.before == 1 else "were"
        what = count(clause.before, "event")
        said.append(f"{what} before its first version was in force {was} not judged")
    if clause.after:
        was = "was" if clause.after == 1 else "were"
        what = count(clause.after, "event")
        said.append(f"{what} after this version was in force {was} not judged")
    for each in clause.keyless:
        changes = count(each.events, "beginning or end", "beginnings and ends")
        verb = "names" if each.events == 1 else "name"
        name = each.name.rpartition("/")[2]
        said.append(f"{changes} of `{name}` {verb} nobody")
    return said


def undetermined(of: Undetermined) -> str:
    events = count(of.events, "event")
    one = of.events == 1
    name = of.attribute
    where = places(of.examples)
    if of.reason == "attribute missing":
        said = f"{events} {'does' if one else 'do'} not say `{name}`"
    elif of.reason == "before observation":
        said = (
            f"{events} {'lies' if one else 'lie'} before the observed period, and what would "
            "have met the duty may too"
        )
    elif of.reason == "deadline unknown":
        said = f"{events} {'sets' if one else 'set'} no deadline: `{name}` is missing"
    elif of.reason == "status unknown":
        said = f"whether `{name}` held is not known at {events}"
    elif of.reason == "fulfilment unknown":
        said = f"whether the duty was met is not known for {events}: `{name}` is missing"
    elif of.reason == "division by zero":
        said = f"{events} would divide by zero"
    else:
        said = f"{events}: {of.reason}" + (f" ({name})" if name else "")
    more = ", …" if of.events > len(of.examples) else ""
    return f"{said} ({where}{more})" if where else said


def places(of: Sequence[Place]) -> str:
    """`trace.json:4, 7, 9`: a file is named once."""
    said: list[str] = []
    before = ""
    for each in of:
        same = each.file == before and each.line is not None
        said.append(str(each.line) if same else place(each))
        before = each.file
    return ", ".join(said)


def place(of: Place) -> str:
    if of.line is not None:
        return f"{of.file}:{of.line}"
    return of.file if of.index is None else f"{of.file}[{of.index}]"
