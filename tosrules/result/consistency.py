"""Whether a result that was read from a file agrees with itself.

A result that tosrules wrote always does. One that was edited by hand may have the right shape
and say of two findings in one place and of three in another.
"""

from __future__ import annotations

from collections import Counter

from tosrules.result.model import ClauseResult, Finding, Result


def contradiction(result: Result) -> str:
    """What two places of the result say differently, in words; empty if nothing."""
    for place, finding in enumerate(result.findings):
        said = _finding(finding)
        if said:
            return f"findings.{place}: {said}"
    return _listed(result) or _summed(result)


def _finding(of: Finding) -> str:
    if not of.evidence:
        return "it has no evidence"
    if of.evidence_total < len(of.evidence):
        return f"it shows {len(of.evidence)} events of {of.evidence_total}"
    if of.context_total < len(of.context):
        return f"it shows {len(of.context)} events of context of {of.context_total}"
    if of.matches < max(1, len(of.occurrences)):
        return f"it shows {len(of.occurrences)} matches of {of.matches}"
    if of.first != of.evidence[0].time or of.last != of.evidence[-1].time:
        return "`first` and `last` are not the times of its first and its last event"
    return ""


def _listed(result: Result) -> str:
    """Findings and the clauses that list them."""
    known = {finding.id: finding for finding in result.findings}
    if len(known) < len(result.findings):
        return "two findings have one id"
    listed = Counter(id for clause in result.clauses for id in clause.findings)
    for clause in result.clauses:
        for id in clause.findings:
            if id not in known:
                return f"{clause.id} lists {id}, which is no finding"
            if known[id].clause != clause.id:
                return f"{id} is listed by {clause.id} and names another clause"
        if clause.findings and clause.verdict != "violated":
            return f"{clause.id} has findings and is {clause.verdict}"
    for id in known:
        if listed[id] != 1:
            return f"{id} is listed by {listed[id]} clauses"
    return ""


def _summed(result: Result) -> str:
    summary = result.summary
    verdicts = Counter(clause.verdict for clause in result.clauses)
    counted = {
        "violated": verdicts["violated"],
        "undetermined": verdicts["undetermined"],
        "pending": verdicts["pending"],
        "clean": verdicts["clean"],
        "not_exercised": verdicts["not exercised"],
        "findings": len(result.findings),
        "accepted": sum(finding.accepted is not None for finding in result.findings),
        "duties_pending": _duties(result.clauses),
    }
    for name, number in counted.items():
        said = getattr(summary, name)
        if said != number:
            return f"summary.{name} is {said}, and there are {number}"
    return ""


def _duties(clauses: tuple[ClauseResult, ...]) -> int:
    return sum(len(clause.pending) for clause in clauses)
