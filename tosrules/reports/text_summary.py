"""The table before the findings of a long report: a line for each clause to look at."""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.engines.outcome import VERDICTS
from tosrules.reports.layout import Page, widest
from tosrules.reports.safe import columns, visible
from tosrules.result.model import ClauseResult, Finding, Result
from tosrules.result.parties import who
from tosrules.result.status import SEVERITIES

SHORT = 2
"""Violated clauses that need no table: so few are seen at a glance."""
HEADS = ("findings", "matches", "parties", "worst")
SILENT = ("clean", "not exercised")


def summary(page: Page, result: Result) -> None:
    """Clause, verdict, findings, matches, parties and the gravest severity; the verdicts that
    ask for nothing are counted, and stand one by one after the findings."""
    told = [c for c in result.clauses if c.verdict not in SILENT]
    if sum(bool(c.findings) for c in told) <= SHORT:
        return
    findings = {f.id: f for f in result.findings}
    rows = [(c, [findings[id] for id in c.findings]) for c in told]
    rows.sort(key=lambda row: (VERDICTS.index(row[0].verdict), -_worst(row[1])))
    table = [("clause", "verdict", *HEADS)]
    table += [(_name(c, result), c.verdict, *_numbers(own)) for c, own in rows]
    widths = [widest(column, 60) for column in zip(*table, strict=True)]
    # Where the line is too short for all columns, the clause has a line of its own.
    stacked = 2 + sum(widths) + 2 * (len(widths) - 1) > page.width
    page.gap()
    page.say("Summary", style="strong")
    for place, cells in enumerate(table):
        style = "" if place else "faint"
        # Words stand at the left of their column, numbers at the right.
        laid = [
            (" " * (size - columns(visible(cell))) + cell if 2 <= n <= 4 else cell, size)
            for n, (cell, size) in enumerate(zip(cells, widths, strict=True))
        ]
        if stacked:
            page.say(cells[0], 2, style=style)
        page.row(laid[1:-1] if stacked else laid[:-1], cells[-1], 4 if stacked else 2, 4, style)
    silent = [c.verdict for c in result.clauses if c.verdict in SILENT]
    clean, idle = silent.count("clean"), silent.count("not exercised")
    said = [f"{clean:,} {'is' if clean == 1 else 'are'} clean"] if clean else []
    said += [f"{idle:,} {'was' if idle == 1 else 'were'} not exercised"] if idle else []
    if said:
        page.say(f"Of the other clauses {' and '.join(said)}.", 2)


def _name(clause: ClauseResult, result: Result) -> str:
    """The clause, without its pack where there is but one, with its period where several
    versions of it were judged."""
    alone = len({c.pack for c in result.clauses}) == 1
    name = clause.id.rpartition("/")[2] if alone else clause.id
    if sum(c.id == clause.id for c in result.clauses) == 1:
        return name
    start = clause.effective.start
    return f"{name} ({f'from {start[:10]}' if start else 'first version'})"


def _numbers(findings: Sequence[Finding]) -> tuple[str, str, str, str]:
    if not findings:
        return "", "", "", ""
    return (
        f"{len(findings):,}",
        f"{sum(f.matches for f in findings):,}",
        f"{len({who(f) for f in findings}):,}",
        SEVERITIES[_worst(findings)],
    )


def _worst(findings: Sequence[Finding]) -> int:
    return max((SEVERITIES.index(f.severity) for f in findings), default=-1)
