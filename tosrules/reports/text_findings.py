"""The findings of the text report: clause by clause, the gravest first."""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.reports.layout import LABEL, Page, widest
from tosrules.result.ids import shortest
from tosrules.result.model import Citation, ClauseResult, Evidence, Finding, Law, Parameter, Result
from tosrules.result.values import (
    count,
    cut,
    day,
    listed,
    moment,
    subject_words,
    value_words,
)

HEAD, TAIL = 4, 1
"""Events shown of a longer list: its first, to see what it is, and its last."""
CONTEXT = 3
VALUE = 48
"""Code points of a value in a row."""
VALUES = 6
"""Attributes shown in a row."""
_PLAIN_ROLES = ("violates", "counts")


def findings_of(page: Page, result: Result, all: bool) -> None:
    short = shortest(f.id for f in result.findings)
    clauses = {c.id: c for c in result.clauses if c.findings}
    by_clause: dict[tuple[str, tuple[Citation, ...]], list[Finding]] = {}
    for finding in result.findings:
        by_clause.setdefault((finding.clause, finding.citations), []).append(finding)
    for (id, _), findings in by_clause.items():
        owner = next((c for c in result.clauses if findings[0].id in c.findings), clauses[id])
        page.gap()
        everywhere = _clause(page, owner, findings)
        for finding in findings:
            page.gap()
            _finding(page, finding, short[finding.id], everywhere, result, all)


# ---- the clause ----------------------------------------------------------------------------


def _clause(page: Page, clause: ClauseResult, findings: Sequence[Finding]) -> tuple[Law, ...]:
    """Heading and sources; answers with the laws that it names for all of the findings."""
    page.heading([(clause.title, "strong"), (clause.id, "")])
    for citation in clause.citations:
        page.labelled("clause", cited(citation))
        if citation.url:
            page.labelled("", citation.url)
    if clause.effective.start is not None or clause.effective.end is not None:
        page.labelled("in force", _period(clause))
    everywhere = tuple(w for w in findings[0].laws if all(w in f.laws for f in findings))
    for law in everywhere:
        page.labelled("law", named_law(law))
    for overlay in clause.overlays:
        page.labelled("overlay", f"{listed(overlay.changes)}, because {overlay.because}")
    if clause.undetermined_events:
        events = count(clause.undetermined_events, "event")
        page.labelled("besides", f"{events} under this clause could not be determined")
    if clause.waived:
        page.labelled("waived", f"{count(clause.waived, 'event')} would count but for an overlay")
    if findings[0].remedy:
        page.labelled("remedy", findings[0].remedy)
    return everywhere


def cited(of: Citation) -> str:
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
    return said + (f" (not verified: {of.unverified})" if of.unverified else "")


def section(name: str) -> str:
    """`section 3.2`; a heading stands in quotation marks: section “How You Can't Use It”."""
    return f"section {name}" if name[:1] in "0123456789(§" or " " not in name else f"“{name}”"


def _period(clause: ClauseResult) -> str:
    start, end = clause.effective.start, clause.effective.end
    said = [f"from {day(start)}" if start else "", f"until {day(end)}, exclusive" if end else ""]
    return " ".join(part for part in said if part)


def named_law(law: Law) -> str:
    parts = [p for p in (law.title, law.citation, law.section) if p]
    said = f"{law.jurisdiction}  {', '.join(parts)}".strip()
    if law.when:
        said += f", named when {law.when}"
    return said + (f" (not verified: {law.unverified})" if law.unverified else "")


# ---- one finding ---------------------------------------------------------------------------


def _finding(
    page: Page, finding: Finding, short: str, said: Sequence[Law], result: Result, all: bool
) -> None:
    who = cut(subject_words(finding.subject), 80)
    page.heading(
        [(finding.severity.ljust(8), finding.severity), (who, "strong"), (short, "faint")], LABEL
    )
    if finding.through:
        names = [cut(p, 60) for p in finding.through]
        shown = listed(names, limit=0 if all else 6)
        page.labelled("through", f"{shown}, acting for it")
    page.labelled("because", finding.explanation)
    for parameter in _parameters(finding, result):
        page.labelled("limit", _limit(parameter))
    if finding.aggravated_by:
        page.labelled("severity", f"{finding.severity} when {finding.aggravated_by}")
    for law in finding.laws:
        if law not in said:
            page.labelled("law", named_law(law))
    for exception in finding.not_established:
        page.labelled("unless", f"{exception.text}: could not be established")
    for exception in finding.not_excused:
        page.labelled("unless", f"{exception.text}: does not hold")
    if finding.ties:
        page.labelled(
            "ties",
            "events that were compared by their order share an instant; the "
            "order of the records decided",
        )
    place = finding.rule.source
    page.labelled("rule", f"{finding.rule.text}  ({place.file}:{place.line})")
    _events(page, finding, all)


def _parameters(finding: Finding, result: Result) -> list[Parameter]:
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


# ---- its events ----------------------------------------------------------------------------


def _events(page: Page, finding: Finding, all: bool) -> None:
    context = list(finding.context if all else finding.context[:CONTEXT])
    evidence = list(finding.evidence)
    head, tail = evidence, []
    if not all and len(evidence) > HEAD + TAIL + 1:
        head, tail = evidence[:HEAD], evidence[-TAIL:]
    hidden = finding.evidence_total - len(head) - len(tail)
    hidden_context = finding.context_total - len(context)
    shown = [*context, *head, *tail]
    places = widest([_place(e) for e in shown], 40)
    types = widest([e.type for e in shown], 30)
    times = widest([moment(e.time) for e in shown], 30)
    page.gap()

    def row(evidence: Evidence) -> None:
        cells = [(_place(evidence), places), (moment(evidence.time), times), (evidence.type, types)]
        page.row(cells, _rest(evidence, finding), 4, 4 + places + 2)

    # Context that began before what it bears on stands first, as it happened.
    for each in context:
        row(each)
    if hidden_context:
        page.say(f"… {hidden_context:,} more that began it (--all shows them)", 4, style="faint")
    for each in head:
        row(each)
    if hidden > 0:
        page.say(f"… {hidden:,} more (--all shows them)", 4, style="faint")
    for each in tail:
        row(each)


def _place(evidence: Evidence) -> str:
    source = evidence.source
    if source.line is not None:
        return f"{source.file}:{source.line}"
    return source.file if source.index is None else f"{source.file}[{source.index}]"


def _rest(evidence: Evidence, finding: Finding) -> str:
    """What it is in the finding, and the values that the rule looked at."""
    role = ""
    if evidence.role == "begins":
        role = f"begins {evidence.note.rpartition('/')[2]}"
    elif evidence.role == "late":
        role = "too late"
    elif evidence.role not in _PLAIN_ROLES or finding.rule.form == "sequence":
        role = evidence.role
    names = list(dict.fromkeys(("actor", *evidence.reads)))
    values = [
        f"{name} {cut(value_words(evidence.attributes[name]), VALUE)}"
        for name in names
        if name in evidence.attributes
    ][:VALUES]
    return "  ".join(part for part in (role, ", ".join(values)) if part)
