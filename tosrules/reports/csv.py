"""`csv`: one row for each finding, for spreadsheets; RFC 4180, in UTF-8.

Every cell is quoted. Text that a spreadsheet would take for a formula begins with an
apostrophe; control characters and line breaks are written out (`\\u{a}`), so that a record is a
line. Columns are only ever added at the end.
"""

from __future__ import annotations

import re

from tosrules.reports import Options
from tosrules.reports.common import acceptance, cited, completing, law_words, named
from tosrules.reports.safe import visible
from tosrules.result.model import Finding, Result

COLUMNS = (
    "finding",
    "severity",
    "clause",
    "title",
    "subject_kind",
    "subject",
    "through",
    "first",
    "last",
    "due",
    "matches",
    "events",
    "file",
    "line",
    "event",
    "explanation",
    "citations",
    "laws",
    "remedy",
    "rule_form",
    "rule",
    "accepted",
)
# Also after a semicolon: where that parts the cells, a program may open the file with it.
_FORMULA = re.compile(r"(^\s*|;\s*)(?=[=+\-@＝＋－＠|%])")


def render(result: Result, options: Options) -> str:  # noqa: ARG001
    rows = [COLUMNS, *(_row(finding) for finding in result.findings)]
    return "".join(",".join(map(_cell, row)) + "\r\n" for row in rows)


def _cell(text: str) -> str:
    safe = _FORMULA.sub(r"\1'", visible(text))
    return '"' + safe.replace('"', '""') + '"'


def _row(of: Finding) -> tuple[str, ...]:
    kind, name = named(of.subject)
    at = completing(of)
    source = at.source if at is not None else None
    line = "" if source is None or source.line is None else str(source.line)
    return (
        of.id,
        of.severity,
        of.clause,
        of.title,
        kind or "",
        name or "",
        " | ".join(of.through),
        of.first,
        of.last,
        of.due or "",
        str(of.matches),
        str(of.evidence_total),
        source.file if source is not None else "",
        line,
        at.event if at is not None else "",
        of.explanation,
        " | ".join(cited(c) for c in of.citations),
        " | ".join(law_words(law) for law in of.laws),
        of.remedy,
        of.rule.form,
        of.rule.text,
        acceptance(of) or "",
    )
