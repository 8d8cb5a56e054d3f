"""What several formats say alike: grades, places, who answers, what is cited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tosrules.result.model import Citation, ClauseResult, Evidence, Finding, Law, Place, Result
from tosrules.result.values import count, day

GRAVE = ("critical", "high")
"""Severities that formats with three levels call an error; medium is a warning, low a note."""
_WEB = re.compile(r"https?://[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII | re.IGNORECASE)


def level(severity: str, error: str, warning: str, note: str) -> str:
    """The name of a severity where there are only three."""
    return error if severity in GRAVE else warning if severity == "medium" else note


def place(of: Place) -> str:
    """`trace.json:4`; `web.har[3]` where lines mean nothing."""
    if of.line is not None:
        return f"{of.file}:{of.line}"
    return of.file if of.index is None else f"{of.file}[{of.index}]"


def named(of: Mapping[str, str] | None) -> tuple[str | None, str | None]:
    """(kind, name) of who answers; both None for an unknown party."""
    if of is None:
        return None, None
    ((kind, name),) = of.items()
    return kind, name


def cited(of: Citation) -> str:
    """`Terms of Use, section 4.2, version 2020-01-15`."""
    parts = [of.title, of.citation, of.section and f"section {of.section}"]
    parts.append(of.version and f"version {of.version}")
    return ", ".join(part for part in parts if part)


def law_words(of: Law) -> str:
    """`US: Computer Fraud and Abuse Act, 18 U.S.C. § 1030, (a)(2)(C)`."""
    said = ", ".join(part for part in (of.title, of.citation, of.section) if part)
    return f"{of.jurisdiction}: {said}" if of.jurisdiction else said


def web_address(text: str) -> str:
    """`text` if it is an address that a browser may be sent to, else nothing: a pack may come
    from a stranger."""
    return text if _WEB.fullmatch(text) else ""


def in_force(of: ClauseResult) -> str:
    """`2018-04-19 to 2020-07-30`, either end open; empty for a clause that is always in force."""
    start, end = of.effective.start, of.effective.end
    if start is None and end is None:
        return ""
    return f"{day(start) if start else '…'} to {day(end) if end else '…'}"


def versions(clauses: Sequence[ClauseResult]) -> list[tuple[ClauseResult, str]]:
    """Each clause and a name that no other has: its id, and its period where several versions
    of one clause were judged."""
    ids = [c.id for c in clauses]
    return [
        (c, f"{c.id} ({in_force(c)})" if ids.count(c.id) > 1 and in_force(c) else c.id)
        for c in clauses
    ]


def completing(finding: Finding) -> Evidence | None:
    """The event that completes the first match: where the finding stands in the trace."""
    wanted = finding.occurrences[0].completing if finding.occurrences else ""
    events = finding.evidence
    return next((e for e in events if e.event == wanted), events[0] if events else None)


def acceptance(of: Finding) -> str | None:
    """Why the baseline accepts the finding; None: it does not."""
    return None if of.accepted is None else of.accepted.reason or "no reason is given"


def expiry(of: Finding) -> str:
    """That an acceptance has run out; empty if none has."""
    return "" if of.expired is None else f"accepted until {of.expired.expires}: it counts again"


def redacted(result: Result) -> str:
    """What a reader must know of pseudonyms in the report; empty if there are none."""
    said = result.run.redaction
    if said is None:
        return ""
    values = count(said.values, "value")
    return f"Redacted: {said.what}: pseudonyms stand in place of {values}. {said.unreached}".strip()
