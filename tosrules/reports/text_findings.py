"""The findings of the text report: clause by clause, the gravest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tosrules.record import replace
from tosrules.reports.layout import LABEL, Page, widest
from tosrules.reports.text_clauses import undetermined, unjudged
from tosrules.reports.text_events import events_of, place
from tosrules.reports.text_marks import acceptance_of, mark
from tosrules.result.ids import shortest
from tosrules.result.model import (
    Citation,
    ClauseResult,
    Exception_,
    Finding,
    Law,
    Parameter,
    Result,
)
from tosrules.result.parties import who
from tosrules.result.values import (
    count,
    cut,
    day,
    listed,
)

MORE = 5
"""Further findings of one kind that are listed; the others are counted."""


def findings_of(page: Page, result: Result, all: bool) -> None:
    short = shortest(f.id for f in result.findings)
    owners = {id: c for c in result.clauses for id in c.findings}
    by_clause: dict[int, list[Finding]] = {}
    for finding in result.findings:
        by_clause.setdefault(id(owners[finding.id]), []).append(finding)
    for findings in by_clause.values():
        page.gap()
        everywhere = _clause(page, owners[findings[0].id], findings)
        if all:
            for finding in findings:
                page.gap()
                _finding(page, finding, short[finding.id], everywhere, result, all)
        else:
            _condensed(page, findings, short, everywhere, result)


def _condensed(
    page: Page,
    findings: Sequence[Finding],
    short: Mapping[str, str],
    everywhere: Sequence[Law],
    result: Result,
) -> None:
    """One finding of each kind in full, the others of its kind in a line each."""
    by_rule: dict[int, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule.ordinal, []).append(finding)
    for of_rule in by_rule.values():
        told: set[str] = set()
        parts: list[Finding] = []
        for group in _by_subject(of_rule):
            events = {e.event for f in group for e in f.evidence}
            if events <= told:
                parts.extend(group)
                continue
            told |= events
            first, *rest = group
            page.gap()
            _finding(page, first, short[first.id], everywhere, result, False)
            _others(page, f"More against {who(first)} under this rule", rest, short)
        _others(page, "For their part in these events", parts, short)


def _by_subject(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings by who answers for them: who acted through others before those others."""
    groups: dict[tuple[tuple[str, str], ...], list[Finding]] = {}
    for finding in findings:
        key = tuple((finding.subject or {}).items())
        groups.setdefault(key, []).append(finding)
    return sorted(groups.values(), key=lambda group: not any(f.through for f in group))


def _others(
    page: Page, heading: str, findings: Sequence[Finding], short: Mapping[str, str]
) -> None:
    """Findings of a kind that was told already, a line each."""
    if not findings:
        return
    page.gap()
    page.say(heading, 2)
    names = [who(f) for f in findings]
    several = len(set(names)) > 1 or heading.startswith("For")
    size = widest(names, 24)
    for finding, name in list(zip(findings, names, strict=True))[:MORE]:
        cells = [(finding.severity, 8), (short[finding.id], 8)]
        if several:
            cells.append((name, size))
        events = f"{count(finding.evidence_total, 'event')} from {place(finding.evidence[0])}"
        page.row(cells, ", ".join(filter(None, (events, _days(finding), mark(finding)))), 4, 14)
    if len(findings) > MORE:
        page.say(f"… {len(findings) - MORE:,} more (--all shows them)", 4, style="faint")


def _days(finding: Finding) -> str:
    first, last = day(finding.first), day(finding.last)
    return f"on {first}" if first == last else f"{first} to {last}"


# ---- the clause ----------------------------------------------------------------------------


def _clause(page: Page, clause: ClauseResult, findings: Sequence[Finding]) -> tuple[Law, ...]:
    """Heading and sources; answers with the laws that it names for all of the findings."""
    page.heading([(clause.title, "strong"), (clause.id, "")])
    for citation in clause.citations:
        page.labelled(*cited(citation))
        if citation.url:
            page.labelled("", citation.url)
    if clause.effective.start is not None or clause.effective.end is not None:
        page.labelled("in force", in_force(clause))
    everywhere = laws_of_all(findings)
    for law in everywhere:
        page.labelled("law", named_law(law))
    for overlay in clause.overlays:
        page.labelled("overlay", f"{listed(overlay.changes)}, because {overlay.because}")
    if clause.undetermined_events:
        events = count(clause.undetermined_events, "event")
        reasons = "; ".join(undetermined(u) for u in clause.undetermined)
        page.labelled(
            "besides",
            f"{events} under this clause could not be determined"
            + (f": {reasons}" if reasons else ""),
        )
    for remark in unjudged(clause):
        page.labelled("besides", remark)
    if clause.waived:
        page.labelled("waived", f"{count(clause.waived, 'event')} would count but for an overlay")
    if findings[0].remedy:
        page.labelled("remedy", findings[0].remedy)
    return everywhere


def laws_of_all(findings: Sequence[Finding]) -> tuple[Law, ...]:
    """The laws that are named for every match of every finding, the count left out."""
    whole = [{uncounted(w) for w in f.laws if w.matches in (0, f.matches)} for f in findings]
    first = [uncounted(w) for w in findings[0].laws]
    return tuple(w for w in first if all(w in laws for laws in whole))


def uncounted(law: Law) -> Law:
    """The law without the number of matches that it is named for, so that two compare."""
    return replace(law, matches=0)


def cited(of: Citation) -> tuple[str, str]:
    """Label and words: `clause  Terms of Service, section 3.2`, or `modelled  on Terms …`."""
    parts = [of.title]
    if of.citation:
        parts.append(of.citation)
    if of.section:
        parts.append(section(of.section))
    if of.version:
        parts.append(f"version {of.version}" if of.version[0].isdigit() else of.version)
    said = ", ".join(parts)
    if of.quote:
        said += f": “{cut(of.quote, 300)}”"
    said += f" (not verified: {of.unverified})" if of.unverified else ""
    return ("modelled", f"on {said}") if of.modelled else ("clause", said)


def section(name: str) -> str:
    """`section 3.2`; a heading stands in quotation marks: section “How You Can't Use It”."""
    return f"section {name}" if name[:1] in "0123456789(§" or " " not in name else f"“{name}”"


def in_force(clause: ClauseResult) -> str:
    """`from 2018-04-19 until 2020-07-30, exclusive`; empty where it always is."""
    start, end = clause.effective.start, clause.effective.end
    said = [f"from {day(start)}" if start else "", f"until {day(end)}, exclusive" if end else ""]
    return " ".join(part for part in said if part)


def named_law(law: Law, matches: int = 0) -> str:
    """`US  Access Act, section 2, where …`; of a law that is named for only some of the
    `matches` of a finding, for how many."""
    parts = [p for p in (law.title, law.citation, law.section) if p]
    said = f"{law.jurisdiction}  {', '.join(parts)}".strip()
    if law.when:
        said += f", named where {law.when_words or law.when}"
    if 0 < law.matches < matches:
        said += f" (for {law.matches:,} of {matches:,} matches)"
    return said + (f" (not verified: {law.unverified})" if law.unverified else "")


# ---- one finding ---------------------------------------------------------------------------


def _finding(
    page: Page, finding: Finding, short: str, said: Sequence[Law], result: Result, all: bool
) -> None:
    name = who(finding)
    page.heading(
        [(finding.severity.ljust(8), finding.severity), (name, "strong"), (short, "faint")], LABEL
    )
    acceptance_of(page, finding)
    if finding.through:
        names = [cut(p, 60) for p in finding.through]
        shown = listed(names, limit=0 if all else 6)
        page.labelled("through", f"{shown}, acting for it")
    page.labelled("because", finding.explanation)
    for parameter in parameters_of(finding, result):
        page.labelled("limit", _limit(parameter))
    if finding.aggravated_by:
        when = finding.aggravated_words or finding.aggravated_by
        page.labelled("severity", f"{finding.severity} where {when}")
    for law in finding.laws:
        if uncounted(law) not in said:
            page.labelled("law", named_law(law, finding.matches))
    for exception in finding.not_established:
        why = f": {exception.why}" if exception.why else ""
        page.labelled("unless", f"{exception_words(exception)}. It could not be established{why}.")
    for exception in finding.not_excused:
        why = f": {exception.why}" if exception.why else ""
        page.labelled("unless", f"{exception_words(exception)}. Not excused{why}.")
    if finding.ties:
        page.labelled(
            "ties",
            "events that were compared by their order share an instant; the "
            "order of the records decided",
        )
    source = finding.rule.source
    page.labelled("rule", f"{finding.rule.text}  ({source.file}:{source.line})")
    events_of(page, finding, all)


def exception_words(of: Exception_) -> str:
    """The exception in plain words, and who grants it."""
    said = of.words or of.text
    if of.overlay:
        return f"{said} (by an overlay)"
    if of.source:
        where = f", {section(of.section)}" if of.section else ""
        return f"{said} (under {of.source}{where})"
    return said


def parameters_of(finding: Finding, result: Result) -> list[Parameter]:
    """As they hold for the clause: what an overlay set for it goes before the general value."""
    found: dict[str, Parameter] = {}
    for parameter in result.run.parameters:
        if parameter.name in finding.parameters and parameter.clause in ("", finding.clause):
            found[parameter.name] = parameter
    return [found[name] for name in finding.parameters if name in found]


def _limit(parameter: Parameter) -> str:
    name = parameter.name.rpartition("/")[2]
    origin = parameter.origin
    said = f"{name} = {parameter.text}"
    if origin.kind == "chosen":
        said += f", chosen because {origin.reason}"
    else:
        where = f", {section(origin.section)}" if origin.section else ""
        said += f", stated in {origin.title or origin.source}{where}"
    return said + (f" (set by {parameter.set_by})" if parameter.set_by else "")
