"""`markdown`: GitHub-flavoured, for a summary of a job, an issue or a wiki.

The verdict, a table of the clauses, each finding with the clause beside its events, what was
not decided, and what was judged. Nothing that a trace or a rule says can act in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.engines.outcome import VERDICTS
from tosrules.reports import Options
from tosrules.reports.common import (
    acceptance,
    cited,
    expiry,
    in_force,
    law_words,
    place,
    redacted,
    versions,
    web_address,
)
from tosrules.reports.markdown_text import block, code, escaped
from tosrules.reports.text import verdict
from tosrules.result.model import Citation, ClauseResult, Evidence, Finding, Result
from tosrules.result.parties import who
from tosrules.result.values import (
    count,
    cut,
    listed,
    moment,
    skipped_words,
    subject_words,
    value_words,
)

HEAD, TAIL = 8, 2
"""Events shown of a longer list."""
CONTEXT = 5
VALUES, VALUE = 6, 48
"""Attributes shown of an event, and code points of a value."""


def render(result: Result, options: Options) -> str:
    parts = ["# " + _verdict(result)]
    parts += [escaped(text) for text, _ in verdict(result)[1:]]
    if redacted(result):
        parts.append(f"**{escaped(redacted(result))}**")
    if result.clauses:
        parts.append(_table(result))
    found = {finding.id: finding for finding in result.findings}
    for clause in result.clauses:
        own = [found[id] for id in clause.findings]
        if own:
            parts += _violated(clause, own, options.all)
    parts += _undecided(result)
    parts += _judged(result)
    if options.closing:
        parts.append(escaped(options.closing))
    return "\n\n".join(parts) + "\n"


def _verdict(result: Result) -> str:
    return escaped(verdict(result)[0][0])


def _table(result: Result) -> str:
    rows = ["| verdict | clause | | findings | events |", "|---|---|---|--:|--:|"]
    named = versions(result.clauses)
    for clause, name in sorted(named, key=lambda pair: VERDICTS.index(pair[0].verdict)):
        verdict = f"**{clause.verdict}**" if clause.verdict == "violated" else clause.verdict
        cells = (
            verdict,
            escaped(name),
            escaped(clause.title),
            f"{len(clause.findings):,}" if clause.findings else "",
            f"{clause.relevant:,}" if clause.relevant else "",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _violated(clause: ClauseResult, findings: Sequence[Finding], all: bool) -> list[str]:
    parts = [f"## {escaped(clause.title)}"]
    facts = [f"- {code(clause.id)}"]
    facts += [_citation(c) for c in clause.citations]
    if in_force(clause):
        facts.append(f"- in force {in_force(clause)}")
    if findings[0].remedy:
        facts.append(f"- remedy: {escaped(findings[0].remedy)}")
    parts.append("\n".join(facts))
    for finding in findings:
        parts += _finding(finding, all)
    return parts


def _citation(of: Citation) -> str:
    label = "modelled on" if of.modelled else "clause"
    address = web_address(of.url)
    where = f" ([source](<{address}>))" if address else ""
    said = f": “{escaped(cut(of.quote, 300))}”" if of.quote else ""
    doubt = f" (not verified: {escaped(of.unverified)})" if of.unverified else ""
    return f"- {label}: {escaped(cited(of))}{where}{said}{doubt}"


def _finding(of: Finding, all: bool) -> list[str]:
    facts = [f"- {code(of.id)}"]
    if of.through:
        facts.append(f"- through: {escaped(listed([cut(p, 60) for p in of.through], limit=6))}")
    facts.append(f"- because: {escaped(of.explanation)}")
    if of.aggravated_by:
        facts.append(f"- {of.severity} when: {escaped(of.aggravated_by)}")
    facts += [f"- law: {escaped(law_words(law))}" for law in of.laws]
    facts += [f"- unless {escaped(e.text)}: could not be established" for e in of.not_established]
    facts += [f"- unless {escaped(e.text)}: does not hold" for e in of.not_excused]
    reason = acceptance(of)
    if reason is not None:
        facts.append(f"- accepted by the baseline: {escaped(reason)}")
    if expiry(of):
        facts.append(f"- {escaped(expiry(of))}")
    facts.append(f"- rule: {escaped(of.rule.text)} ({escaped(place(of.rule.source))})")
    heading = f"### {of.severity}: {escaped(who(of))}"
    return [heading, "\n".join(facts), block(_events(of, all))]


def _events(of: Finding, all: bool) -> list[str]:
    context = of.context if all else of.context[:CONTEXT]
    events = of.evidence
    head, tail = (events, events[:0]) if all else (events[:HEAD], events[HEAD:][-TAIL:])
    lines = [_event(e) for e in context]
    if of.context_total > len(context):
        lines.append(f"… {of.context_total - len(context):,} more that began it")
    lines += [_event(e) for e in head]
    left = of.evidence_total - len(head) - len(tail)
    if left > 0:
        lines.append(f"… {left:,} more")
    return lines + [_event(e) for e in tail]


def _event(of: Evidence) -> str:
    role = f"begins {of.note}" if of.role == "begins" else of.role
    names = list(dict.fromkeys(("actor", *of.reads)))
    values = [
        f"{name} {cut(value_words(of.attributes[name]), VALUE)}"
        for name in names
        if name in of.attributes
    ][:VALUES]
    said = [place(of.source), moment(of.time), of.type, role, ", ".join(values)]
    return "  ".join(part for part in said if part)


def _undecided(result: Result) -> list[str]:
    lines = []
    for clause, name in versions(result.clauses):
        for duty in clause.pending:
            who = escaped(cut(subject_words(duty.party), 60))
            since = escaped(f"{duty.trigger.type} at {place(duty.trigger.source)}")
            lines.append(f"- {escaped(name)}: {who} has until {moment(duty.due)}, since {since}")
        for reason in clause.undetermined:
            what = f" ({reason.attribute})" if reason.attribute else ""
            at = ", ".join(place(example) for example in reason.examples)
            said = f"{count(reason.events, 'event')}: {reason.reason}{what}"
            lines.append(f"- {escaped(name)}: {escaped(said)}, {escaped(at)}")
    return ["## Not decided", "\n".join(lines)] if lines else []


def _judged(result: Result) -> list[str]:
    run = result.run
    lines = [f"- tosrules {run.version}" + (f", {run.time}" if run.time else "")]
    if run.observed is not None:
        period = f"{moment(run.observed.start)} to {moment(run.observed.end)}"
        lines.append(f"- observed {period}" + ("" if run.observed.stated else " (by its events)"))
    for trace in run.traces:
        events = count(trace.events, "event")
        lines.append(f"- trace {escaped(trace.name)}: {events}, sha256 {code(trace.sha256)}")
    for pack in run.packs:
        version = f" {escaped(pack.version)}" if pack.version else ""
        lines.append(f"- rules {escaped(pack.id)}{version}: sha256 {code(pack.sha256)}")
    lines += [f"- note: {escaped(note.text)}" for note in run.notes]
    if run.skipped:
        lines.append(f"- {skipped_words(run)} could not be read and went unjudged")
    return ["## What was judged", "\n".join(lines)]
