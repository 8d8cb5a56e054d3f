"""The events of a finding, framed with file and line as a compiler frames code."""

from __future__ import annotations

from tosrules.reports.layout import Page, widest
from tosrules.result.model import Evidence, Finding
from tosrules.result.values import cut, moment, value_words

HEAD, TAIL = 4, 1
"""Events shown of a longer list: its first, to see what it is, and its last."""
CONTEXT = 5
VALUE = 48
"""Code points of a value in a row."""
VALUES = 6
"""Attributes shown in a row."""
PLAIN_ROLES = ("violates", "counts")


def events_of(page: Page, finding: Finding, all: bool) -> None:
    context = list(finding.context if all else finding.context[:CONTEXT])
    head, tail = _selected(finding, all)
    shown = [*context, *head, *tail]
    places = widest([place(e) for e in shown], 40)
    types = widest([e.type for e in shown], 30)
    times = widest([moment(e.time) for e in shown], 30)
    page.gap()
    before: Evidence | None = None

    def row(evidence: Evidence) -> None:
        nonlocal before
        cells = [(place(evidence), places), (moment(evidence.time), times), (evidence.type, types)]
        page.row(cells, _rest(evidence, before, finding), 4, 4 + places + 2)
        before = evidence

    def more(hidden: int, what: str = "more") -> None:
        if hidden > 0:
            page.say(f"… {hidden:,} {what} (--all shows them)", 4, style="faint")

    # What began before it bore on anything stands first, as it happened.
    for each in context:
        row(each)
    more(finding.context_total - len(context), "more that began it")
    for each in head:
        row(each)
    more(finding.evidence_total - len(head) - len(tail))
    before = None  # beyond the gap nothing is `the same`
    for each in tail:
        row(each)


def _selected(finding: Finding, all: bool) -> tuple[list[Evidence], list[Evidence]]:
    """The events shown before and after those that are left out."""
    evidence = list(finding.evidence)
    if all or len(evidence) <= HEAD + TAIL + 1:
        return evidence, []
    chain = finding.occurrences[0].chain if finding.occurrences else ()
    if chain:
        # Of a sequence one whole chain says more than the first steps of several.
        return [e for e in evidence if e.event in chain], []
    return evidence[:HEAD], evidence[-TAIL:]


def place(evidence: Evidence) -> str:
    source = evidence.source
    if source.line is not None:
        return f"{source.file}:{source.line}"
    return source.file if source.index is None else f"{source.file}[{source.index}]"


def _rest(evidence: Evidence, before: Evidence | None, finding: Finding) -> str:
    """What it is in the finding, and the values that the rule looked at."""
    role = ""
    if evidence.role == "begins":
        role = f"begins {evidence.note.rpartition('/')[2]}"
    elif evidence.role == "late":
        role = "too late"
    elif evidence.role not in PLAIN_ROLES or finding.rule.form == "sequence":
        role = evidence.role
    values = _values(evidence)
    counted = evidence.role in PLAIN_ROLES and before is not None and before.role in PLAIN_ROLES
    if counted and before is not None and before.type == evidence.type:
        same = _values(before)
        changed = [v for v in values if v not in same]
        values = changed or ["the same"] if values else []
    return "  ".join(part for part in (role, ", ".join(values)) if part)


def _values(evidence: Evidence) -> list[str]:
    names = list(dict.fromkeys(("actor", *evidence.reads)))
    return [
        f"{name} {cut(value_words(evidence.attributes[name]), VALUE)}"
        for name in names
        if name in evidence.attributes
    ][:VALUES]
