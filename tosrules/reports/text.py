"""`text`: what a reviewer reads. First the verdict in words, then what was found, then the rest."""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.reports import Options
from tosrules.reports.layout import Page
from tosrules.reports.text_clauses import other_clauses, pending_duties
from tosrules.reports.text_findings import findings_of
from tosrules.reports.text_marks import accepted_headline, mark, marks_at_the_head
from tosrules.reports.text_notes import notes
from tosrules.reports.text_summary import summary
from tosrules.result.ids import shortest
from tosrules.result.model import Result
from tosrules.result.parties import who
from tosrules.result.values import count, cut, day, listed, skipped_words

PARTIES = 4
"""Parties that the verdict names; the others it counts."""


def render(result: Result, options: Options) -> str:
    page = Page(options.width, options.color)
    headline(page, result)
    if options.quiet:
        _brief(page, result)
        return page.text()
    page.gap()
    _what_was_checked(page, result)
    summary(page, result)
    findings_of(page, result, options.all)
    pending_duties(page, result)
    other_clauses(page, result)
    notes(page, result, options.all)
    if options.closing:
        page.gap()
        page.say(options.closing, style="faint")
    return page.text()


def headline(page: Page, result: Result) -> None:
    """The verdict in words; nothing that was not judged passes for clean."""
    for place, (text, style) in enumerate(verdict(result)):
        page.say(text, style=style if place == 0 else "")


def verdict(result: Result) -> list[tuple[str, str]]:
    """(sentence, style) of each thing that a reader must know first; the first is the verdict."""
    summary = result.summary
    total = len(result.clauses)
    said: list[tuple[str, str]] = []
    if summary.violated:
        who = _parties(result)
        verb = "is" if summary.violated == 1 else "are"
        said.append((f"{count(summary.violated, 'clause')} {verb} violated{who}.", "critical"))
    elif not total:
        said.append(("Nothing was judged: no clause was asked for.", "medium"))
    elif summary.not_exercised == total:
        said.append((_nothing(result), "medium"))
    elif summary.undetermined:
        said.append(("No violation was found, but not everything could be judged.", "medium"))
    else:
        said.append(("No violation was found.", "good"))
    accepted = accepted_headline(result)
    if accepted:
        said.append((accepted, ""))
    if result.run.skipped:
        lost = skipped_words(result.run)
        said.append((f"{lost[:1].upper()}{lost[1:]} could not be read and went unjudged.", ""))
    waived = [c for c in result.clauses if c.waived]
    if waived:
        events = count(sum(c.waived for c in waived), "event")
        under = count(len(waived), "clause")
        said.append((f"{events} under {under} would count but for an overlay.", ""))
    rest = _rest(result)
    if rest and summary.not_exercised != total:
        said.append((rest, ""))
    return said


def _parties(result: Result) -> str:
    """`, by svc and bot-1`; parties that are not known with what they can be known by."""
    principals_first = sorted(result.findings, key=lambda f: not f.through)
    names = list(dict.fromkeys(who(f) for f in principals_first if f.subject is not None))
    unknown = list(dict.fromkeys(who(f) for f in principals_first if f.subject is None))
    names += [f"an {name}" for name in unknown]
    if not names:
        return ""
    if len(names) == 1:
        return f", by {names[0]}"
    return f", by {count(len(names), 'party', 'parties')}: {listed(names, limit=PARTIES)}"


def _rest(result: Result) -> str:
    summary = result.summary
    unknown = "could not be determined"
    numbers: tuple[tuple[int, str, str, str, str], ...] = (
        (summary.duties_pending, "duty", "duties", "is pending", "are pending"),
        (summary.undetermined, "clause", "clauses", unknown, unknown),
        (summary.clean, "clause", "clauses", "is clean", "are clean"),
        (summary.not_exercised, "clause", "clauses", "was not exercised", "were not exercised"),
    )
    said = [
        f"{count(number, noun, plural)} {one if number == 1 else many}"
        for number, noun, plural, one, many in numbers
        if number
    ]
    return f"{'; '.join(said)}." if said else ""


def _nothing(result: Result) -> str:
    of = "the clause" if len(result.clauses) == 1 else f"any of the {len(result.clauses)} clauses"
    return f"Nothing was judged: no event of the trace falls under {of}."


def _what_was_checked(page: Page, result: Result) -> None:
    run = result.run
    names = [t.name for t in run.traces]
    period = ""
    if run.observed is not None:
        stated = "observed" if run.observed.stated else "from its first event to its last"
        start, end = day(run.observed.start), day(run.observed.end)
        period = f", {start} to {end} ({stated})" if start != end else f", on {start} ({stated})"
    traces = listed(names, limit=3) or "no file"
    title = f" – {cut(run.title, 120)}" if run.title else ""
    page.labelled("trace", f"{traces}{title}", 0)
    page.labelled("", f"{count(run.events, 'event')}{period}", 0)
    packs = [f"{p.id} {p.version}".strip() for p in run.packs if p.judged]
    also = [f"{p.id} {p.version}".strip() for p in run.packs if not p.judged]
    page.labelled("rules", listed(packs) + (f" (with {listed(also)})" if also else ""), 0)
    selection = run.selection
    for label, names_of in (
        ("only", selection.select),
        ("without", selection.ignore),
        ("laws of", selection.jurisdictions),
    ):
        if names_of:
            page.labelled(label, listed(list(names_of)), 0)
    changed = [p for p in run.parameters if p.set_by == "--set"]
    for parameter in changed:
        page.labelled("set", f"{parameter.name} = {parameter.text}", 0)
    marks_at_the_head(page, result)


def _brief(page: Page, result: Result) -> None:
    short = shortest(f.id for f in result.findings)
    for finding in result.findings:
        parts: Sequence[tuple[str, str]] = [
            (finding.severity.ljust(8), finding.severity),
            (short[finding.id], ""),
            (finding.clause, ""),
            (who(finding), "strong"),
            *([(mark(finding), "")] if mark(finding) else []),
        ]
        page.heading(parts, 10)
