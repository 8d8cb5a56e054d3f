"""What the templates show of clauses and findings, in the order in which they show it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tosrules.engines.outcome import VERDICTS
from tosrules.record import Record
from tosrules.reports.html.cited import Listing, Register, Rows, cap, listing, register, rows
from tosrules.reports.text_clauses import out_of_force, remarks
from tosrules.reports.text_findings import laws_of_all, parameters_of, uncounted
from tosrules.result.ids import shortest
from tosrules.result.model import ClauseResult, Finding, Law, Parameter, PendingDuty, Result


class Clause(Record):
    """A clause and how it came out."""

    of: ClauseResult
    anchor: str
    numbers: Sequence[int]
    """Of its findings."""
    remarks: Sequence[str]
    out_of_force: bool


class Shown(Record):
    """One finding."""

    of: Finding
    number: int
    """1-based, in the order of the page."""
    short: str
    laws: Sequence[Law]
    """Those that not all findings of the clause have."""
    parameters: Sequence[Parameter]
    rows: Rows


class Group(Record):
    """A violated clause and its findings."""

    clause: Clause
    laws: Sequence[Law]
    """Named for every finding."""
    remedies: Sequence[str]
    findings: Sequence[Shown]


class Duty(Record):
    of: PendingDuty
    clause: Clause
    event: int
    """Number of its trigger."""


class View(Record):
    clauses: Sequence[Clause]
    groups: Sequence[Group]
    findings: Sequence[Finding]
    """In the order of their numbers."""
    duties: Sequence[Duty]
    register: Register
    listing: Listing


def view(result: Result) -> View:
    owner = {id: place for place, clause in enumerate(result.clauses) for id in clause.findings}
    by_clause: dict[int, list[Finding]] = {}
    for finding in result.findings:
        by_clause.setdefault(owner[finding.id], []).append(finding)
    findings = [f for group in by_clause.values() for f in group]
    cited = register(result, findings)
    numbers = {f.id: number for number, f in enumerate(findings, 1)}
    clauses = _clauses(result, numbers)
    short = shortest(numbers)
    every = listing(cited, len(result.run.traces) == 1)
    most = cap(findings, every)
    groups = tuple(
        _group(clauses[place], members, numbers, short, cited, result, most)
        for place, members in by_clause.items()
    )
    duties = sorted(
        (
            Duty(duty, clause, cited.numbers[duty.trigger.event])
            for clause in clauses
            for duty in clause.of.pending
        ),
        key=lambda duty: duty.of.due,
    )
    by_verdict = sorted(clauses, key=lambda c: (VERDICTS.index(c.of.verdict), c.out_of_force))
    return View(tuple(by_verdict), groups, tuple(findings), tuple(duties), cited, every)


def _clauses(result: Result, numbers: Mapping[str, int]) -> list[Clause]:
    taken: set[str] = set()
    made = []
    for clause in result.clauses:
        anchor = "c-" + (re.sub(r"[^a-z0-9]+", "-", clause.id.lower()).strip("-") or "clause")
        version = 1
        while (name := anchor if version == 1 else f"{anchor}-{version}") in taken:
            version += 1
        taken.add(name)
        own = tuple(sorted(numbers[id] for id in clause.findings))
        silent = out_of_force(clause, result)
        made.append(Clause(clause, name, own, tuple(remarks(clause)), silent))
    return made


def _group(
    clause: Clause,
    findings: Sequence[Finding],
    numbers: Mapping[str, int],
    short: Mapping[str, str],
    cited: Register,
    result: Result,
    most: int,
) -> Group:
    everywhere = laws_of_all(findings)
    shown = tuple(
        Shown(
            f,
            numbers[f.id],
            short[f.id],
            tuple(w for w in f.laws if uncounted(w) not in everywhere),
            tuple(parameters_of(f, result)),
            rows(f, cited.numbers, most),
        )
        for f in findings
    )
    remedies = tuple(dict.fromkeys(f.remedy for f in findings if f.remedy))
    return Group(clause, everywhere, remedies, shown)
