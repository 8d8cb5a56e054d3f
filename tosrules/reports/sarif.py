"""`sarif`: SARIF 2.1.0, for code scanning and other viewers of analysis results.

A clause is a rule, a finding is a result of kind `fail` at the line of the trace that completes
it. What was not violated is there too, by its kind: clean `pass`, undetermined `open`, pending
`review`, not exercised `notApplicable`. Cited documents and laws are taxonomies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tosrules.reports import Options
from tosrules.reports.common import acceptance, completing, expiry, level, named, redacted, versions
from tosrules.reports.sarif_places import Places
from tosrules.reports.sarif_rules import Taxonomies, once, rule
from tosrules.reports.sarif_text import message
from tosrules.result.encode import to_json_data
from tosrules.result.model import ClauseResult, Evidence, Finding, PendingDuty, Result
from tosrules.result.parties import who
from tosrules.result.values import count, subject_words

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "tosrulesFinding/v1"
RANK = {"low": 25.0, "medium": 50.0, "high": 75.0, "critical": 100.0}


def render(result: Result, options: Options) -> str:
    report = _Report(result, options)
    return to_json_data({"$schema": SCHEMA, "version": "2.1.0", "runs": [report.run()]})


class _Report:
    def __init__(self, result: Result, options: Options) -> None:
        self.result = result
        self.options = options
        self.places = Places(result.run.traces, options.base)
        self.taxonomies = Taxonomies()
        self.of_rule: dict[str, int] = {}
        """Id of a clause → index of its rule; versions of one clause share it."""
        for clause in result.clauses:
            self.of_rule.setdefault(clause.id, len(self.of_rule))

    def run(self) -> dict[str, Any]:
        run = self.result.run
        # Rules and results first: they say which documents the taxonomies hold.
        rules = self._rules()
        results = [self._finding(f) for f in self.result.findings]
        for clause, name in versions(self.result.clauses):
            results.extend(self._clause(clause, name))
        return {
            "tool": {
                "driver": {
                    "name": "tosrules",
                    "version": run.version,
                    "semanticVersion": run.version,
                    "rules": rules,
                    "supportedTaxonomies": self.taxonomies.references(),
                },
                "extensions": [
                    {
                        "name": pack.id,
                        "fullName": pack.title or pack.id,
                        **({"version": pack.version} if pack.version else {}),
                        "properties": {
                            "sha256": pack.sha256,
                            "judged": pack.judged,
                            "files": {file.name: file.sha256 for file in pack.files},
                        },
                    }
                    for pack in run.packs
                ],
            },
            "language": "en",
            "invocations": [_invocation(self.result, self.options)],
            "artifacts": self.places.artifacts(),
            "taxonomies": self.taxonomies.components(),
            "results": results,
            "properties": _facts(self.result),
        }

    def _rules(self) -> list[dict[str, Any]]:
        findings = {f.id: f for f in self.result.findings}
        made = []
        for id in self.of_rule:
            clauses = [c for c in self.result.clauses if c.id == id]
            own = [findings[f] for c in clauses for f in c.findings]
            made.append(rule(clauses, own, self.taxonomies))
        return made

    # ---- results ---------------------------------------------------------------------------

    def _result(self, clause: str, kind: str, text: str) -> dict[str, Any]:
        return {
            "ruleId": clause,
            "ruleIndex": self.of_rule[clause],
            "kind": kind,
            "level": "none",
            "message": message(text),
        }

    def _finding(self, of: Finding) -> dict[str, Any]:
        at = completing(of)
        said = f"{who(of)}: {of.explanation}"
        made = self._result(of.clause, "fail", said)
        made["level"] = level(of.severity, "error", "warning", "note")
        made["rank"] = RANK[of.severity]
        events = {e.event: e for e in of.evidence}
        made["locations"] = [self.places.event(at)] if at is not None else self.places.whole()
        others = [*of.context, *(e for e in of.evidence if e is not at)]
        if others:
            made["relatedLocations"] = [
                {"id": number, **self.places.event(e)} for number, e in enumerate(others, 1)
            ]
        flows = [self._flow([events[id] for id in o.chain if id in events]) for o in of.occurrences]
        if any(flows):
            made["codeFlows"] = [flow for flow in flows if flow]
        made["partialFingerprints"] = {FINGERPRINT: of.id}
        made["occurrenceCount"] = of.matches
        taxa = once([self.taxonomies.law(law) for law in of.laws])
        if taxa:
            made["taxa"] = taxa
        reason = acceptance(of)
        if reason is not None:
            made["suppressions"] = [
                {"kind": "external", "status": "accepted", "justification": reason}
            ]
        made["properties"] = _properties(of)
        return made

    def _flow(self, chain: list[Evidence]) -> dict[str, Any]:
        """One chain of a sequence, step by step."""
        if not chain:
            return {}
        steps = [
            {
                "location": self.places.event(e),
                "executionOrder": number,
                "executionTimeUtc": e.time,
                "importance": "essential",
            }
            for number, e in enumerate(chain, 1)
        ]
        return {"threadFlows": [{"locations": steps}]}

    def _clause(self, of: ClauseResult, name: str) -> list[dict[str, Any]]:
        """What there is to say of a clause beside its findings."""
        made = [self._pending(of, duty) for duty in of.pending]
        for reason in of.undetermined:
            what = f" ({reason.attribute})" if reason.attribute else ""
            said = f"{name}: {count(reason.events, 'event')} could not be judged: "
            one = self._result(of.id, "open", f"{said}{reason.reason}{what}")
            one["locations"] = [self.places.place(p) for p in reason.examples[:1]]
            if reason.examples[1:]:
                one["relatedLocations"] = [self.places.place(p) for p in reason.examples[1:]]
            one["properties"] = {"reason": reason.reason, "attribute": reason.attribute}
            made.append(one)
        if of.verdict == "clean":
            events = count(of.relevant, "event")
            made.append(self._result(of.id, "pass", f"{name}: clean; {events} fall under it"))
        elif of.verdict == "not exercised":
            lacks = f"; there is no {', '.join(of.missing)}" if of.missing else ""
            said = f"{name}: not exercised: no event of the trace falls under it{lacks}"
            made.append(self._result(of.id, "notApplicable", said))
        elif of.verdict == "undetermined" and not of.undetermined:
            made.append(self._result(of.id, "open", f"{name}: undetermined"))
        for one in made:
            if not one.get("locations"):
                one["locations"] = self.places.whole()
        return made

    def _pending(self, of: ClauseResult, duty: PendingDuty) -> dict[str, Any]:
        said = f"{subject_words(duty.party)}: a duty is pending, due by {duty.due}"
        made = self._result(of.id, "review", said)
        made["locations"] = [self.places.event(duty.trigger)]
        made["properties"] = {"due": duty.due}
        return made


def _properties(of: Finding) -> dict[str, Any]:
    kind, name = named(of.subject)
    return {
        "severity": of.severity,
        "subjectKind": kind,
        "subject": name,
        "knownBy": of.known_by,
        "through": of.through,
        "first": of.first,
        "last": of.last,
        "due": of.due,
        "events": of.evidence_total,
        "rule": {"text": of.rule.text, "form": of.rule.form, "source": of.rule.source},
        "computed": of.computed,
        "laws": of.laws,
        "citations": [
            {"source": c.source, "section": c.section, "version": c.version} for c in of.citations
        ],
        "notEstablished": [e.text for e in of.not_established],
        "notExcused": [e.text for e in of.not_excused],
        "remedy": of.remedy,
        "expired": expiry(of),
    }


def _invocation(result: Result, options: Options) -> dict[str, Any]:
    run = result.run
    said: dict[str, Any] = {"executionSuccessful": True}
    if options.status is not None:
        said["exitCode"] = options.status
        said["exitCodeDescription"] = options.why
    if run.time:
        said["startTimeUtc"] = run.time
    notes = [("note", "redacted", redacted(result))] if redacted(result) else []
    notes += [("note", note.code, note.text) for note in run.notes]
    notes += [("warning", r.code, f"skipped: {r.message}") for r in run.skipped_records]
    if notes:
        said["toolExecutionNotifications"] = [
            {"level": level, "descriptor": {"id": code}, "message": message(text)}
            for level, code, text in notes
        ]
    return said


def _facts(result: Result) -> Mapping[str, Any]:
    run = result.run
    return {
        "result": result.result,
        "engine": run.engine,
        "title": run.title,
        "events": run.events,
        "observed": run.observed,
        "skipped": run.skipped,
        "summary": result.summary,
    }
