"""What a run amounts to: its exit status, and why. The command line and Python answer alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tosrules.result.model import Result

SEVERITIES = ("low", "medium", "high", "critical", "never")
"""What `--fail-on` may say."""

DONE = 0
"""Ran to the end; nothing at or above `--fail-on`."""
FOUND = 1
"""Ran to the end; violations, failed tests, files to lay out."""
NOT_JUDGED = 3
"""Nothing was judged, or where that was asked for not everything."""


def status_of(result: Result, least: str, all_judged: bool) -> tuple[int, str]:
    """The exit status of a run that came to its end, and why. `least` is the least severity
    that makes it FOUND; with `all_judged` it is NOT_JUDGED where something was not. What the
    baseline accepts makes nothing FOUND, whatever its severity."""
    from tosrules.result.values import count, skipped_words

    grave = [f for f in result.findings if _reaches(f.severity, least)]
    accepted = sum(f.accepted is not None for f in grave)
    if len(grave) > accepted:
        found = count(len(grave), "finding")
        least_said = "" if least == "low" else f" of severity {least} or above"
        besides = f", {accepted:,} of them accepted by the baseline" if accepted else ""
        return FOUND, f"{found}{least_said}{besides}"
    summary = result.summary
    if result.clauses and summary.not_exercised == len(result.clauses):
        return NOT_JUDGED, "nothing was judged, since no event falls under any clause"
    if all_judged and (summary.undetermined or result.run.skipped):
        said = []
        if summary.undetermined:
            said.append(f"{count(summary.undetermined, 'clause')} could not be determined")
        if result.run.skipped:
            said.append(f"{skipped_words(result.run)} skipped")
        return NOT_JUDGED, " and ".join(said)
    if accepted:
        least_said = "" if least == "low" else f" of severity {least} or above"
        one = f"the only finding{least_said} is"
        many = f"all {accepted:,} findings{least_said} are"
        return DONE, f"{one if accepted == 1 else many} accepted by the baseline"
    if result.findings:
        return DONE, f"no finding of severity {least} or above" if least != "never" else (
            "violations were found, and --fail-on never makes nothing of them"
        )
    if summary.undetermined:
        return DONE, "no violation was found, though not everything could be judged"
    return DONE, "no violation was found"


def _reaches(severity: str, least: str) -> bool:
    return least != "never" and SEVERITIES.index(severity) >= SEVERITIES.index(least)
