"""Judging again, as a result says that it was judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tosrules.authoring.selecting import selected
from tosrules.engines.reference import evaluate
from tosrules.policy.model import Policy
from tosrules.record import replace
from tosrules.result import model
from tosrules.result.assemble import assemble
from tosrules.result.run import RunFacts
from tosrules.trace.inputs import InputFile
from tosrules.trace.instants import parse_instant
from tosrules.trace.read import read_traces
from tosrules.trace.trace import Trace


def settings_of(run: model.Run) -> dict[str, str]:
    """Parameters that the command line or the configuration set."""
    return {p.name: p.text for p in run.parameters if p.set_by == "--set" and not p.clause}


def packs_of(run: model.Run) -> tuple[str, ...]:
    """Ids of the packs that were judged by."""
    return tuple(p.id for p in run.packs if p.judged)


def read_again(run: model.Run, policy: Policy, files: Sequence[InputFile]) -> Trace:
    """The traces, read as they were. Raises TraceError."""
    period = run.asked.observed
    observed = None
    if period is not None and period.start is not None and period.end is not None:
        observed = parse_instant(period.start), parse_instant(period.end)
    return read_traces(
        (),
        policy.vocabulary,
        named=files,
        zone=run.asked.zone or None,
        observed=observed,
        skip_invalid=run.asked.skip_invalid,
        format=run.asked.trace_format or None,
    )


def judged_again(
    said: model.Result,
    policy: Policy,
    trace: Trace,
    held: Callable[[model.Result], model.Result],
) -> model.Result:
    """The result that comes out now, redacted as the other was. `held` holds it against the
    baseline before that, where there is one.

    Raises EvaluationError, and NoSuchClause for a selection that these rules do not have.
    """
    run = said.run
    clauses = selected(policy, run.selection.select, run.selection.ignore)
    facts = RunFacts(
        time=run.time,
        engine=run.engine,
        select=run.selection.select,
        ignore=run.selection.ignore,
        jurisdictions=run.selection.jurisdictions,
        evidence=run.asked.evidence,
        asked=run.asked,
        configuration=run.configuration,
    )
    result = held(assemble(policy, trace, evaluate(policy, trace, clauses), facts))
    if run.redaction is not None:
        from tosrules.result.redact import redacted

        result = redacted(result, policy.vocabulary, trace.events)
    return result


def accepted_alike(said: model.Result, now: model.Result) -> model.Result:
    """What comes out now, with the acceptances that the other result has: without the file of the
    baseline they can only be believed."""
    marks = {f.id: f for f in said.findings}
    findings = tuple(
        replace(f, accepted=marks[f.id].accepted, expired=marks[f.id].expired)
        if f.id in marks
        else f
        for f in now.findings
    )
    notes = tuple(n for n in said.run.notes if n.code.startswith("note-baseline"))
    return replace(
        now,
        findings=findings,
        summary=replace(now.summary, accepted=said.summary.accepted),
        run=replace(now.run, baseline=said.run.baseline, notes=(*now.run.notes, *notes)),
    )
