"""A result beside the one that comes out now: findings, clauses, and what is said of the run.

Cited events are compared on their own (`tosrules.integrity.events`), and the files of traces
and rules by their hashes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from tosrules.integrity.differences import Difference, differing, shown
from tosrules.result import model
from tosrules.result.encode import to_data
from tosrules.result.values import subject_words

_ELSEWHERE = ("version", "engine", "time", "packs", "asked", "selection", "configuration")
"""Parts of `run` that are compared by other means, or hold only for the run that wrote them."""
_OF_FILES = ("sha256", "bytes")
_OF_FOLDERS = ("note-ignored-files", "note-same-file")
"""Notes on how files were found, which depend on what was named."""
_EVENT = ("event", "role", "note", "reads")


def result_differences(said: model.Result, now: model.Result) -> Iterator[Difference]:
    yield from _findings(said, now)
    yield from _clauses(said, now)
    for path, one, other in differing("summary", to_data(said.summary), to_data(now.summary)):
        yield Difference("run", path, shown(one), shown(other))
    for path, one, other in differing("run", _run(said.run), _run(now.run)):
        yield Difference("run", path, shown(one), shown(other))


def _run(run: model.Run) -> dict[str, Any]:
    data: dict[str, Any] = to_data(run)
    for name in _ELSEWHERE:
        del data[name]
    for trace in data["traces"]:
        for name in _OF_FILES:
            del trace[name]
    data["notes"] = [n for n in data["notes"] if n["code"] not in _OF_FOLDERS]
    return data


def _findings(said: model.Result, now: model.Result) -> Iterator[Difference]:
    here = {f.id: f for f in now.findings}
    for finding in said.findings:
        found = here.pop(finding.id, None)
        if found is None:
            yield Difference("finding", _finding(finding), _words(finding), "is not found now")
            continue
        for path, one, other in differing("", _data(finding), _data(found)):
            where = f"{_finding(finding)}: {path}"
            yield Difference("finding", where, shown(one), shown(other))
    for finding in here.values():
        yield Difference("finding", _finding(finding), "was not found", _words(finding))
    order = [f.id for f in said.findings], [f.id for f in now.findings]
    if order[0] != order[1] and sorted(order[0]) == sorted(order[1]):
        yield Difference("finding", "order of the findings", shown(order[0]), shown(order[1]))


def _data(finding: model.Finding) -> dict[str, Any]:
    data: dict[str, Any] = to_data(finding)
    for name in ("evidence", "context"):
        data[name] = [{k: e[k] for k in _EVENT} for e in data[name]]
    # Rules may lie elsewhere now.
    data["rule"]["source"]["file"] = os.path.basename(data["rule"]["source"]["file"])
    return data


def _clauses(said: model.Result, now: model.Result) -> Iterator[Difference]:
    here = {(c.id, c.effective.start): c for c in now.clauses}
    for clause in said.clauses:
        found = here.pop((clause.id, clause.effective.start), None)
        if found is None:
            yield Difference("clause", clause.id, clause.verdict, "is not judged now")
            continue
        for path, one, other in differing("", _clause(clause), _clause(found)):
            yield Difference("clause", f"{clause.id}: {path}", shown(one), shown(other))
    for clause in here.values():
        yield Difference("clause", clause.id, "was not judged", clause.verdict)


def _clause(clause: model.ClauseResult) -> dict[str, Any]:
    data: dict[str, Any] = to_data(clause)
    for duty in data["pending"]:
        duty["trigger"] = {k: duty["trigger"][k] for k in _EVENT}
    return data


def _finding(of: model.Finding) -> str:
    return f"finding {of.id}"


def _words(of: model.Finding) -> str:
    return f"{of.severity}, {of.clause}, {subject_words(of.subject)}"
