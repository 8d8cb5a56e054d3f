"""The facts of a run: what was read, by which rules, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Mapping

from tosrules import __version__
from tosrules.policy.model import Param, Policy
from tosrules.record import Record, replace
from tosrules.result import model
from tosrules.result.wording import param_plain
from tosrules.trace.instants import format_instant
from tosrules.trace.trace import Recorded, Stretch

EVIDENCE = 500
"""Events that a finding shows where nobody asks for all."""


class RunFacts(Record):
    """What the result says of a run beside policy, trace and outcome."""

    time: str = ""
    """When it began, RFC 3339; empty where the wall clock is none of the result's business."""
    engine: str = "reference"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    """Laws of others are left out; none: all are named."""
    evidence: int | None = EVIDENCE
    """Events that a finding shows at most; None: all."""
    notes: tuple[model.Note, ...] = ()
    asked: model.Asked = model.Asked()
    configuration: model.InputFile | None = None


def run_of(
    policy: Policy, trace: Recorded, keyless: Mapping[str, int], facts: RunFacts
) -> model.Run:
    return model.Run(
        version=__version__,
        engine=facts.engine,
        time=facts.time,
        packs=tuple(
            model.Pack(
                p.id,
                p.title,
                p.version,
                p.sha256,
                p.judged,
                tuple(model.PackFile(name, sha256) for name, sha256 in p.files),
            )
            for p in policy.packs
        ),
        traces=_inputs(trace),
        title=trace.title,
        events=trace.count,
        observed=_observed(trace),
        parameters=_parameters(policy),
        selection=model.Selection(facts.select, facts.ignore, facts.jurisdictions),
        moved=trace.moved,
        duplicates=trace.duplicates,
        outside=trace.outside,
        skipped=sum(f.skipped for f in trace.files),
        skipped_records=tuple(
            model.SkippedRecord(
                p.code, p.message, model.Place(p.file, p.line, p.index), p.scope == "rest"
            )
            for p in trace.skipped
        ),
        unknown_types=tuple(
            model.UnknownType(name, events, nearest)
            for name, (events, nearest) in sorted(trace.unknown_types.items())
        ),
        missing_required=tuple(
            model.MissingRequired(event_type, attribute, events)
            for (event_type, attribute), events in sorted(trace.missing_required.items())
        ),
        keyless=tuple(model.Keyless(name, events) for name, events in sorted(keyless.items())),
        notes=(*(model.Note(n.code, n.text) for n in trace.notes), *facts.notes),
        asked=replace(facts.asked, evidence=facts.evidence),
        configuration=facts.configuration,
    )


def _observed(trace: Recorded) -> model.Observed | None:
    if trace.observed is None:
        return None
    start, end = trace.observed
    return model.Observed(format_instant(start), format_instant(end), trace.observed_stated)


def _inputs(trace: Recorded) -> tuple[model.TraceInput, ...]:
    """Each file with the period of its own events, and whether they stood in order."""
    stretches = trace.stretches
    return tuple(
        model.TraceInput(
            f.name,
            f.sha256,
            f.bytes,
            f.format,
            f.title,
            f.events,
            f.skipped,
            _interval(stretches.get(f.name)),
            f.name not in stretches or stretches[f.name].in_order,
        )
        for f in trace.files
    )


def _interval(of: Stretch | None) -> model.Interval | None:
    if of is None:
        return None
    return model.Interval(format_instant(of.first), format_instant(of.last))


def _parameters(policy: Policy) -> tuple[model.Parameter, ...]:
    """Every parameter of the judged packs and of what they build on, overlays' own values too."""
    found = [_parameter(name, param, "", policy) for name, param in sorted(policy.params.items())]
    for clause in policy.judged():
        for name, param in sorted(clause.settings.items()):
            found.append(_parameter(name, param, clause.id, policy))
    return tuple(found)


def _parameter(name: str, param: Param, clause: str, policy: Policy) -> model.Parameter:
    origin = param.origin
    source = policy.sources.get(origin.source)
    return model.Parameter(
        name,
        param_plain(param),
        param.text,
        model.ParameterOrigin(
            "stated" if origin.source else "chosen",
            origin.source,
            source.title if source is not None else "",
            origin.section,
            origin.reason,
        ),
        param.set_by,
        clause,
    )
