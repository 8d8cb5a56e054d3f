"""Accepted findings: a file that people keep, and what it changes in a result.

    baseline = "tosrules-baseline/1"

    [[accepted]]
    finding = "f-6f1c…"
    clause  = "house/no-pestering"
    subject = "shop-bot"
    reason  = "The shop has a permission on paper, see file 12."
    author  = "A. Reviewer"
    added   = 2026-11-22
    expires = 2027-06-01

It is TOML, so that it may hold comments and reads well in a diff. An update only adds at the
end of the text: what somebody wrote into it stays as it is, byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tosrules.record import Record, replace
from tosrules.result import model
from tosrules.result.values import listed, subject_words
from tosrules.trace.problems import nearest, printable, quoted

BASELINE = "tosrules-baseline/1"
KEYS = ("finding", "clause", "subject", "reason", "author", "added", "expires")
MAX_FILE = 16 * 2**20

_ID = re.compile(r"f-[0-9a-f]{32}", re.ASCII)
_ENTRY = re.compile(r"\s*\[\[\s*accepted\s*\]\]")
_LINE = re.compile(r" \(at line (\d+), column (\d+)\)|\(at end of document\)")


class BaselineError(ValueError):
    """The file is no baseline; the message names the line and the mend, and is safe to print."""

    def __init__(self, place: str, message: str, help: str = "") -> None:
        super().__init__(f"{place}: {message}")
        self.help = help


class Entry(Record):
    """One accepted finding."""

    finding: str
    clause: str
    subject: str
    """For the reader; the id of the finding tells who it is against."""
    acceptance: model.Acceptance
    line: int
    """1-based, of its `[[accepted]]`."""


class Baseline(Record):
    """A baseline as it was read."""

    file: model.InputFile
    entries: tuple[Entry, ...]
    shown: str
    """The path as it stands in messages."""


# ---- reading -------------------------------------------------------------------------------


def read_baseline(data: bytes, name: str) -> Baseline:
    """The baseline that the bytes of a file hold; `name` is shown. Raises BaselineError."""
    import tomllib

    shown = printable(name, 200)
    if len(data) > MAX_FILE:
        raise BaselineError(shown, "a baseline has at most 16 MB")
    try:
        text = data.decode("utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BaselineError(f"{shown}:{line}", "this is not UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        place = f"{shown}:{found[1]}" if found is not None and found[1] else shown
        said = printable(_LINE.sub("", str(error)), 200).strip()
        raise BaselineError(
            place, f"this is not TOML: {said[:1].lower()}{said[1:]}", "mend the line"
        ) from None
    except RecursionError:
        raise BaselineError(shown, "this is nested too deeply") from None
    lines = text.split("\n")
    if table.get("baseline") != BASELINE:
        raise BaselineError(
            f"{shown}:{_line_of(lines, 'baseline') or 1}",
            "this file does not say that it is a baseline",
            f'begin it with `baseline = "{BASELINE}"`',
        )
    for key in table:
        if key not in ("baseline", "accepted"):
            raise BaselineError(
                f"{shown}:{_line_of(lines, key) or 1}",
                f"unknown key {quoted(key)}",
                "a baseline holds `baseline` and `[[accepted]]`",
            )
    listed_ = table.get("accepted", [])
    if not isinstance(listed_, list) or not all(isinstance(e, dict) for e in listed_):
        raise BaselineError(shown, "`accepted` must be entries", "begin each with `[[accepted]]`")
    starts = [n for n, line in enumerate(lines, 1) if _ENTRY.match(line)]
    if len(starts) != len(listed_):  # written in another way: only the file can be named
        starts = [1] * len(listed_)
    reader = _Reader(shown, lines)
    entries = tuple(reader.entry(e, s) for e, s in zip(listed_, starts, strict=True))
    _each_once(entries, shown)
    file = model.InputFile(os.path.basename(name), hashlib.sha256(data).hexdigest(), len(data))
    return Baseline(file, entries, shown)


class _Reader:
    def __init__(self, shown: str, lines: list[str]) -> None:
        self._shown = shown
        self._lines = lines

    def entry(self, table: Mapping[str, Any], start: int) -> Entry:
        for key in table:
            if key not in KEYS:
                near = nearest(key, KEYS)
                raise self._wrong(
                    start,
                    key,
                    f"unknown key {quoted(key)} of an accepted finding",
                    f"did you mean `{near}`?" if near else f"the keys are {', '.join(KEYS)}",
                )
        finding = self._text(table, "finding", start)
        if not finding:
            raise self._wrong(
                start, "accepted", "the entry names no finding", 'write `finding = "f-…"`'
            )
        if _ID.fullmatch(finding) is None:
            raise self._wrong(
                start,
                "finding",
                f"{quoted(finding)} is not the id of a finding",
                "take the whole id, `f-` and 32 digits, from the JSON report",
            )
        return Entry(
            finding,
            self._text(table, "clause", start),
            self._text(table, "subject", start),
            model.Acceptance(
                self._text(table, "reason", start).strip(),
                self._text(table, "author", start).strip(),
                self._date(table, "added", start),
                self._date(table, "expires", start),
            ),
            start,
        )

    def _text(self, table: Mapping[str, Any], key: str, start: int) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self._wrong(start, key, f"`{key}` must be text", f'write `{key} = "…"`')
        return value

    def _date(self, table: Mapping[str, Any], key: str, start: int) -> str:
        value = table.get(key, "")
        if value == "":
            return ""
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = None
        if type(value) is not date:
            raise self._wrong(start, key, f"`{key}` must be a day", f"write `{key} = 2027-06-01`")
        return value.isoformat()

    def _wrong(self, start: int, key: str, message: str, help: str) -> BaselineError:
        line = _line_of(self._lines, key, start) or start
        return BaselineError(f"{self._shown}:{line}", message, help)


def _line_of(lines: list[str], key: str, after: int = 0) -> int:
    """The 1-based line that gives `key`, within the entry that begins at `after`; 0: none."""
    written = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    for number in range(after + 1, len(lines) + 1):
        line = lines[number - 1]
        if after and line.lstrip().startswith("["):
            return 0
        if written.match(line):
            return number
    return 0


def _each_once(entries: tuple[Entry, ...], shown: str) -> None:
    first: dict[str, Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.finding, entry)
        if known is not entry:
            raise BaselineError(
                f"{shown}:{entry.line}",
                f"`{entry.finding}` is accepted twice, first at line {known.line}",
                "keep one of the two",
            )


# ---- what it changes -----------------------------------------------------------------------


def held_against(result: model.Result, baseline: Baseline, today: str) -> model.Result:
    """The result with its accepted findings marked. `today` is a day, `2026-11-22`.

    Raises BaselineError for an entry that names another clause than the finding's.
    """
    entries = {e.finding: e for e in baseline.entries}
    findings = []
    for finding in result.findings:
        entry = entries.get(finding.id)
        if entry is None:
            findings.append(finding)
            continue
        if entry.clause and entry.clause != finding.clause:
            raise BaselineError(
                f"{baseline.shown}:{entry.line}",
                f"the entry says {quoted(entry.clause)}, and the finding is of `{finding.clause}`",
                "correct the clause, or the id",
            )
        acceptance = entry.acceptance
        if acceptance.expires and acceptance.expires <= today:
            findings.append(replace(finding, expired=acceptance))
        else:
            findings.append(replace(finding, accepted=acceptance))
    accepted = [f for f in findings if f.accepted is not None]
    bare = [f for f in accepted if f.accepted is not None and not f.accepted.reason]
    expired = [f for f in findings if f.expired is not None]
    found, judged = {f.id for f in findings}, {c.id for c in result.clauses}
    absent = tuple(
        e.finding
        for e in baseline.entries
        if e.finding not in found and (not e.clause or e.clause in judged)
    )
    use = model.BaselineUse(
        baseline.file, len(entries), len(accepted), len(expired), len(bare), absent
    )
    notes = _notes([f.id for f in bare], expired, [entries[id] for id in absent])
    return replace(
        result,
        findings=tuple(findings),
        summary=replace(result.summary, accepted=len(accepted)),
        run=replace(result.run, baseline=use, notes=(*result.run.notes, *notes)),
    )


NAMED = 10
"""Findings that a note names; the others it counts."""


def _notes(
    bare: list[str], expired: list[model.Finding], absent: list[Entry]
) -> tuple[model.Note, ...]:
    said = []
    if bare:
        many = f"{len(bare):,} findings without a reason"
        what = "a finding without a reason" if len(bare) == 1 else many
        said.append(("note-baseline-reason", f"The baseline accepts {what}: {_ids(bare)}."))
    if expired:
        ids = _ids([f.id for f in expired])
        what = (
            "The acceptance of a finding has"
            if len(expired) == 1
            else (f"The acceptances of {len(expired):,} findings have")
        )
        said.append(("note-baseline-expired", f"{what} expired: {ids}."))
    if absent:
        ids = _ids([e.finding for e in absent])
        what = "a finding that is" if len(absent) == 1 else f"{len(absent):,} findings that are"
        said.append(
            ("note-baseline-absent", f"The baseline accepts {what} no longer found: {ids}.")
        )
    return tuple(model.Note(code, text) for code, text in said)


def _ids(ids: list[str]) -> str:
    return listed(ids, limit=NAMED)


# ---- writing -------------------------------------------------------------------------------

_HEAD = f"""\
# Findings that are accepted: tosrules shows them, and does not count them for its exit status.
# Give each a reason and its author; from the day `expires = 2027-06-01` on it counts again.
baseline = "{BASELINE}"
"""


def updated(text: str, baseline: Baseline | None, result: model.Result, today: str) -> str:
    """The text of the baseline with an entry more for each finding that it has none for."""
    known = {e.finding for e in baseline.entries} if baseline is not None else set()
    new = [f for f in result.findings if f.id not in known]
    if baseline is None:
        text = _HEAD
    elif new and text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(_entry(f, today) for f in new)


def _entry(finding: model.Finding, today: str) -> str:
    return (
        "\n[[accepted]]\n"
        f"finding = {_quoted(finding.id)}\n"
        f"clause = {_quoted(finding.clause)}\n"
        f"subject = {_quoted(subject_words(finding.subject))}\n"
        'reason = ""\n'
        'author = ""\n'
        f"added = {today}\n"
    )


def _quoted(text: str) -> str:
    """A TOML string; what would act or hide in an editor is written as its number."""
    import unicodedata

    said = []
    for char in text:
        if char in '"\\':
            said.append("\\" + char)
        elif unicodedata.category(char) == "Cs":
            said.append("\\uFFFD")  # TOML has no way to write half a character
        elif unicodedata.category(char)[0] == "C" or char in "\u2028\u2029":
            said.append(f"\\U{ord(char):08X}")
        else:
            said.append(char)
    return '"' + "".join(said) + '"'
