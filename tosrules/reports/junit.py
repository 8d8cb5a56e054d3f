"""`junit`: XML that test reporters read; a clause is a test case.

violated → failure, unless the baseline accepts all of its findings; clean → passed. What was
not decided (undetermined, pending, not exercised) is skipped: it is no pass, and it is no error
either, since the run ends with 0 for it unless it is told otherwise.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tosrules.reports import Options
from tosrules.reports.common import (
    acceptance,
    cited,
    completing,
    expiry,
    law_words,
    place,
    redacted,
    versions,
)
from tosrules.reports.safe import visible
from tosrules.result.model import ClauseResult, Finding, Result
from tosrules.result.parties import who
from tosrules.result.values import count, listed

SHOWN = 20
"""Findings that the text of a failure tells; the others it counts."""


def render(result: Result, options: Options) -> str:
    base = f"{options.base}/" if options.base else ""
    found = {finding.id: finding for finding in result.findings}
    suite = Element("testsuite", {"name": "tosrules"})
    properties = SubElement(suite, "properties")
    for name, value in _facts(result):
        _put(SubElement(properties, "property"), name=name, value=value)
    outcomes = []
    for clause, name in versions(result.clauses):
        own = [found[id] for id in clause.findings]
        case = SubElement(suite, "testcase")
        _put(case, classname=clause.pack, name=f"{name}: {clause.title}")
        outcomes.append(_judged(case, clause, own, base))
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count("failure")),
        "errors": "0",
        "skipped": str(outcomes.count("skipped")),
    }
    root = Element("testsuites", {"name": "tosrules", **counts})
    for key, value in counts.items():
        suite.set(key, value)
    if result.run.time:
        suite.set("timestamp", result.run.time)
    root.append(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _put(element: Element, **attributes: str) -> None:
    for name, value in attributes.items():
        element.set(name, visible(value))


def _facts(result: Result) -> list[tuple[str, str]]:
    run = result.run
    return [
        ("tosrules", run.version),
        *((f"pack {p.id}", f"{p.version} sha256:{p.sha256}".strip()) for p in run.packs),
        *((f"trace {t.name}", f"sha256:{t.sha256}") for t in run.traces),
        *([("redacted", redacted(result))] if redacted(result) else []),
    ]


def _judged(case: Element, clause: ClauseResult, findings: list[Finding], base: str) -> str:
    """Fills the test case; answers with what it is: `failure`, `skipped` or empty: passed."""
    if clause.verdict == "clean":
        return ""
    counting = [f for f in findings if acceptance(f) is None]
    if clause.verdict == "violated" and (counting or not findings):
        failure = SubElement(case, "failure")
        worst = findings[0].severity if findings else ""
        names = [who(f) for f in counting]
        parties = listed(list(dict.fromkeys(names)), limit=4)
        by = f" by {parties}" if parties else ""
        _put(failure, message=f"{count(len(findings), 'finding')}{by}", type=worst)
        failure.text = _lines([line for f in findings[:SHOWN] for line in _told(f)], findings)
        at = completing(findings[0]) if findings else None
        if at is not None:
            _put(case, file=base + at.source.file)
            if at.source.line is not None:
                _put(case, line=str(at.source.line))
        return "failure"
    skipped = SubElement(case, "skipped")
    _put(skipped, message=_undecided(clause, findings))
    return "skipped"


def _lines(lines: list[str], findings: list[Finding]) -> str:
    more = len(findings) - SHOWN
    if more > 0:
        lines.append(f"… {more:,} more findings")
    return "\n" + "\n".join(visible(line) for line in lines) + "\n"


def _told(of: Finding) -> list[str]:
    at, reason = completing(of), acceptance(of)
    return [
        f"{of.severity}  {who(of)}  {of.id}",
        f"  because   {of.explanation}",
        *([f"  at        {place(at.source)}"] if at is not None else []),
        *(f"  clause    {cited(c)}" for c in of.citations),
        *(f"  law       {law_words(law)}" for law in of.laws),
        *([f"  remedy    {of.remedy}"] if of.remedy else []),
        *([f"  accepted  {reason}"] if reason is not None else []),
        *([f"  expired   {expiry(of)}"] if expiry(of) else []),
    ]


def _undecided(clause: ClauseResult, findings: list[Finding]) -> str:
    if findings:
        return f"violated: {count(len(findings), 'finding')}, accepted by the baseline"
    if clause.verdict == "pending":
        return f"pending: {count(len(clause.pending), 'duty', 'duties')} not yet due"
    if clause.verdict == "undetermined":
        why = [
            f"{u.reason} ({u.attribute})" if u.attribute else u.reason for u in clause.undetermined
        ]
        return f"undetermined: {count(clause.undetermined_events, 'event')}: {listed(why, limit=4)}"
    missing = f": there is no {listed(clause.missing, 'or', 4)}" if clause.missing else ""
    return f"{clause.verdict}{missing}"
