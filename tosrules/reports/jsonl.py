"""`jsonl`: one line for each match, a JSON object; the shape is in docs/formats.md.

What a line cites it names; the documents themselves are in the `json` report.
"""

from __future__ import annotations

from typing import Any

from tosrules.reports import Options
from tosrules.reports.common import acceptance
from tosrules.result.encode import to_line
from tosrules.result.model import Finding, Result

MATCH = "tosrules-match/1"


def render(result: Result, options: Options) -> str:  # noqa: ARG001
    return "".join(line for finding in result.findings for line in _lines(finding))


def _lines(finding: Finding) -> list[str]:
    shared: dict[str, Any] = {
        "match": MATCH,
        "finding": finding.id,
        "clause": finding.clause,
        "pack": finding.pack,
        "rule": finding.rule.ordinal,
        "form": finding.rule.form,
        "severity": finding.severity,
        "accepted": acceptance(finding) is not None,
        "subject": finding.subject,
        "known_by": finding.known_by,
        "through": finding.through,
    }
    cites: dict[str, Any] = {
        "citations": [
            {"source": c.source, "version": c.version, "section": c.section}
            for c in finding.citations
        ],
        "laws": [
            {"source": law.source, "section": law.section, "jurisdiction": law.jurisdiction}
            for law in finding.laws
        ],
        "matches": finding.matches,
        "shown": len(finding.occurrences),
    }
    known = {e.event: e for e in finding.evidence}
    lines = []
    for match in finding.occurrences:
        event = known.get(match.completing)
        own: dict[str, Any] = {
            "first": match.first,
            "completing": match.completing,
            "chain": match.chain,
            "time": match.time,
            "due": match.due,
            "source": None if event is None else event.source,
            "digest": None if event is None else event.digest,
            "computed": match.computed,
        }
        lines.append(to_line({**shared, **own, **cites}) + "\n")
    return lines
