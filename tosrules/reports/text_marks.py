"""What a text report says of a run that was held against a baseline or redacted."""

from __future__ import annotations

from tosrules.reports.layout import Page
from tosrules.result.model import Acceptance, Finding, Result
from tosrules.result.values import count, cut


def accepted_headline(result: Result) -> str:
    """A sentence beside the verdict; empty if the baseline accepts nothing."""
    summary = result.summary
    if not summary.accepted:
        return ""
    if summary.accepted == summary.findings:
        every = "The only finding is" if summary.findings == 1 else "All findings are"
        return f"{every} accepted by the baseline."
    verb = "is" if summary.accepted == 1 else "are"
    return (
        f"Of {count(summary.findings, 'finding')} {summary.accepted:,} {verb} accepted by the "
        "baseline."
    )


def marks_at_the_head(page: Page, result: Result) -> None:
    """Which baseline held, and what was redacted."""
    baseline, redaction = result.run.baseline, result.run.redaction
    if baseline is not None:
        entries = count(baseline.entries, "entry", "entries")
        page.labelled("baseline", f"{baseline.file.name}, {entries}", 0)
    if redaction is not None:
        values = count(redaction.values, "value")
        page.labelled(
            "redacted",
            f"{redaction.what}: pseudonyms stand in place of {values}. {redaction.unreached}",
            0,
        )


def acceptance_of(page: Page, finding: Finding) -> None:
    """Whether somebody accepted the finding, and why."""
    if finding.accepted is not None:
        page.labelled("accepted", acceptance_words(finding.accepted))
    if finding.expired is not None:
        page.labelled("accepted", f"until {finding.expired.expires}, and expired: it counts again")


def mark(finding: Finding) -> str:
    """A word for a finding in a list; empty for most."""
    if finding.accepted is not None:
        return "accepted"
    return "expired" if finding.expired is not None else ""


def acceptance_words(of: Acceptance) -> str:
    """`by the baseline because …, by …, until …`."""
    said = f"because {cut(of.reason, 300)}" if of.reason else "without a reason"
    by = f", by {cut(of.author, 60)}" if of.author else ""
    since = f", on {of.added}" if of.added else ""
    until = f", until {of.expires}" if of.expires else ""
    return f"by the baseline {said}{by}{since}{until}"
