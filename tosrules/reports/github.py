"""`github`: workflow commands, which GitHub Actions shows as annotations at the trace's lines.

One line for each finding, gravest first, then what is open or could not be judged, then the
verdict. Each line begins with a command, so that nothing in it can be taken for another.
"""

from __future__ import annotations

from tosrules.reports import Options
from tosrules.reports.common import (
    acceptance,
    completing,
    expiry,
    level,
    place,
    redacted,
    versions,
)
from tosrules.reports.safe import visible
from tosrules.reports.text import verdict
from tosrules.result.model import ClauseResult, Finding, Place, Result
from tosrules.result.parties import who
from tosrules.result.values import count, cut, subject_words

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(result: Result, options: Options) -> str:
    base = f"{options.base}/" if options.base else ""
    lines = [_finding(finding, base) for finding in result.findings]
    for clause, name in versions(result.clauses):
        lines.extend(_open(clause, name, base))
    said = [text for text, _ in verdict(result)]
    said += [redacted(result)] if redacted(result) else []
    lines.append(_command("notice", "tosrules", " ".join(said), None, base))
    return "".join(f"{line}\n" for line in lines)


def _command(name: str, title: str, message: str, at: Place | None, base: str) -> str:
    """`::error file=trace.json,line=4,title=…::message`, with the escapes GitHub documents."""
    properties = {"title": visible(title)}
    if at is not None:
        properties = {"file": visible(base + at.file), **properties}
        if at.line is not None:
            properties = {"file": properties["file"], "line": str(at.line), **properties}
    said = ",".join(f"{key}={text.translate(_PROPERTY)}" for key, text in properties.items())
    lines = "\n".join(visible(line) for line in message.split("\n"))
    return f"::{name} {said}::{lines.translate(_DATA)}"


def _finding(of: Finding, base: str) -> str:
    at = completing(of)
    reason = acceptance(of)
    name = "notice" if reason is not None else level(of.severity, "error", "warning", "notice")
    title = f"{of.severity}: {of.title} ({of.clause})"
    said = [f"{who(of)}: {of.explanation}"]
    if of.remedy:
        said.append(f"Remedy: {of.remedy}")
    if reason is not None:
        said.append(f"Accepted by the baseline: {reason}")
    if expiry(of):
        said.append(expiry(of))
    said.append(of.id)
    return _command(name, title, "\n".join(said), None if at is None else at.source, base)


def _open(of: ClauseResult, name: str, base: str) -> list[str]:
    """What is not decided: duties not yet due, and events that do not say enough."""
    lines = []
    for duty in of.pending:
        said = f"{cut(subject_words(duty.party), 120)}: a duty is due by {duty.due}"
        lines.append(
            _command("notice", f"pending: {of.title} ({name})", said, duty.trigger.source, base)
        )
    for reason in of.undetermined:
        what = f"{count(reason.events, 'event')}: {reason.reason}"
        what += f" ({cut(reason.attribute)})" if reason.attribute else ""
        what += "".join(f"\n{place(example)}" for example in reason.examples)
        at = reason.examples[0] if reason.examples else None
        lines.append(_command("notice", f"undetermined: {of.title} ({name})", what, at, base))
    return lines
