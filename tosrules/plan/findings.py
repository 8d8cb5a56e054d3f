"""Findings: matches of one rule joined by what the form of the rule says (semantics R3, Q3, S5,
O4, V4), with their evidence and its roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tosrules.plan.expr import (
    BEFORE,
    SO_FAR,
    TRUE,
    Expr,
    both,
    case,
    col,
    either,
    lit,
    negation,
    op,
    present,
)
from tosrules.plan.relation import Relation, Table, aggregate, over, union
from tosrules.plan.rules import RulePlan
from tosrules.plan.scope import Scope
from tosrules.plan.sequences import prefix
from tosrules.plan.signals import stretch
from tosrules.policy.model import (
    Clause,
    EventRule,
    ObligationRule,
    QuotaRule,
    RateRule,
    SequenceRule,
)
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner

DAY = 86_400 * 1_000_000
"""Matches of event rules join within a day unless the clause says otherwise (V4)."""
COUNTS = "counts"
COMPLETES = "violates"
_PIECES = 16
_ROLES = 64
_LATE = 2**62
"""Of a role that says nothing more than that the event counts."""


class FindingPlan(Record):
    """The findings of one rule."""

    rule: RulePlan
    matches: Table
    """Of MATCH and its extras what an outcome tells of one, with `fid` (the finding) and `nth`
    (the match within it, 1-based). What can only be one thing for the rule has no column."""
    evidence: Table
    """`fid`, `pos`, `role`: number of the role among `roles`."""
    roles: tuple[str, ...]
    context: Table | None
    """`fid`, `pos`, `note`."""
    ties: Table | None
    """`fid` of findings whose counting events rest on the order of records; None: none."""


def findings(planner: Planner, clause: Clause, rule: RulePlan, kept: Relation) -> FindingPlan:
    """The findings that the kept matches of a rule make."""
    numbered = _numbered(planner, clause, rule, kept)
    roles = _roles(rule)
    evidence, ties = _evidence(planner, rule, numbered, roles)
    context = None
    if rule.drafted.context is not None:
        pairs = numbered.distinct("mid", "fid").renamed({"mid": "mid!"})
        joined = rule.drafted.context.join(pairs, [(col("mid"), col("mid!"))])
        context = planner.make(
            joined.distinct("fid", "pos", "note"), "grounds", "what findings rest on"
        )
    told = Table(numbered.name, _told(rule, numbered.columns))
    return FindingPlan(rule, told, evidence, roles, context, ties)


def _told(rule: RulePlan, columns: Sequence[str]) -> tuple[str, ...]:
    bound, form = rule.bound, rule.bound.rule
    names = {"fid", "nth", "pos", "fpos", "tied", "skind", "sid", *rule.keys}
    names.update(name for each in rule.computed for name in each.columns)
    if len(bound.severities) > 1:
        names.add("sev")
    if bound.laws:
        names.add("laws")
    if bound.exceptions:
        names |= {"unknown", "false"}
    if bound.binds is not None and bound.binds.each:
        names.add("through")
    if isinstance(form, ObligationRule):
        names.add("due")
    if isinstance(form, SequenceRule):
        names.update(f"{prefix(place)}pos" for place in range(len(form.steps)))
    return tuple(name for name in columns if name in names)


# ---- joining -------------------------------------------------------------------------------


def _numbered(planner: Planner, clause: Clause, rule: RulePlan, kept: Relation) -> Table:
    form = rule.bound.rule
    who = [col("skind"), col("sid")]
    order: list[Expr] = [col("mid"), col("fpos")]
    by = who
    new: Expr = TRUE
    known = present(col("skind"))
    scope = Scope(planner, {}, "", clause.settings)
    match form:
        case EventRule():
            together = DAY
            if clause.together is not None:
                together = planner.length(clause.together, scope)
            since = op("-", col("t"), over("lag", col("t"), by=by, order=order))
            new = op("coalesce", op(">", since, lit(together)), TRUE)
        case RateRule():
            by = [*(col(k) for k in rule.keys), *who]
            known = TRUE
            since = op("-", col("t"), over("lag", col("t"), by=by, order=order))
            new = op("coalesce", op(">", since, lit(planner.length(form.within, scope))), TRUE)
        case SequenceRule():
            order = [col("ft"), col("mid")]
            until = over("max", col("lt"), by=by, order=order, frame=BEFORE)
            new = op("coalesce", op(">", col("ft"), until), TRUE)
    marked = kept.extend(new=new)
    counted = case((either(negation(known), col("new")), lit(1)), otherwise=lit(0))
    number = over("sum", counted, order=[*by, *order], frame=SO_FAR)
    joined = planner.make(
        marked.extend(fid=op("integer", number)).project(*kept.columns, "fid"),
        "joined",
        "matches by finding",
    )
    nth = over("row number", by=[col("fid")], order=[col("pos"), col("fpos"), col("mid")])
    return planner.make(joined.extend(nth=nth), "numbered", "matches in the order of each finding")


# ---- evidence ------------------------------------------------------------------------------


def _roles(rule: RulePlan) -> tuple[str, ...]:
    found = [COUNTS, COMPLETES, "trigger", "late"]
    form = rule.bound.rule
    if isinstance(form, SequenceRule):
        found += [s.step.role for s in form.steps]
    return tuple(dict.fromkeys(found))


def _evidence(
    planner: Planner, rule: RulePlan, matches: Table, roles: tuple[str, ...]
) -> tuple[Table, Table | None]:
    """Each event once, in the role that says most of it: of roles other than `counts` the
    first match's, and of an event that completes a match `violates`."""
    form = rule.bound.rule
    found: list[Relation] = []
    ties: list[Relation] = []

    def put(role: str, piece: int, pos: Expr, rows: Relation = matches) -> None:
        place = op("+", op("*", col("nth"), lit(_PIECES)), lit(piece))
        code = op("+", op("*", place, lit(_ROLES)), lit(roles.index(role)))
        found.append(rows.project("fid", pos=pos, code=code))

    def count(rows: Relation) -> None:
        found.append(rows.project("fid", "pos", code=lit(_LATE + roles.index(COUNTS))))

    def below(signals: tuple[str, ...], order: str, pos: str) -> None:
        """What a signal is made of counts."""
        occurrences = matches.project("fid", ord=col(order), pos=col(pos))
        for name in signals:
            count(planner.signals.below(occurrences, ["fid"], name))
            inner = planner.signals.of(name)
            if inner.windows is not None and _nested(planner, name):
                counted = planner.signals.counted(occurrences, ["fid"], name)
                ties.append(counted.where(col("tied")).project("fid"))

    match form:
        case EventRule():
            put(COMPLETES, 0, col("pos"))
            below(form.step.signals, "mid", "pos")
        case RateRule() | QuotaRule():
            assert rule.windows is not None
            partition = rule.windows.partition
            spans = matches.group(
                ["fid", *partition],
                first_idx=aggregate("min", col("first_idx")),
                last_idx=aggregate("max", col("last_idx")),
            )
            inside = stretch(spans, rule.windows, ["fid"], {k: k for k in partition})
            if form.step.signals:
                inside = planner.make(inside, "counted", "what the windows hold")
                ties.append(inside.where(col("tied")).project("fid"))
            count(planner.signals.recorded(inside, ["fid"], form.step.signals))
        case SequenceRule():
            for place, step in enumerate(form.steps):
                put(step.step.role, place, col(f"{prefix(place)}pos"))
                below(step.step.signals, f"{prefix(place)}ord", f"{prefix(place)}pos")
        case ObligationRule():
            put("trigger", 0, col("pos"))
            put("late", 1, col("latepos"), matches.where(present(col("latepos"))))
    coded = union(*found).group(["fid", "pos"], code=aggregate("min", col("code")))
    completing = matches.distinct("fid", "pos").renamed({"fid": "fid!", "pos": "pos!"})
    on = [(col("fid"), col("fid!")), (col("pos"), col("pos!"))]
    role = op("mod", col("code"), lit(_ROLES))
    counts = op(">=", col("code"), lit(_LATE))
    completes = both(counts, present(col("fid!")))
    evidence = planner.make(
        coded.join(completing, on, how="left").project(
            "fid", "pos", role=case((completes, lit(roles.index(COMPLETES))), otherwise=role)
        ),
        "evidence",
        "the events of each finding",
    )
    tied = None
    if ties:
        tied = planner.make(union(*ties).distinct("fid"), "shared", "findings that order decided")
    return evidence, tied


def _nested(planner: Planner, name: str) -> bool:
    """Whether a signal counts other signals, which may rest on the order of records."""
    rule = planner.policy.signals[name].rule
    return not isinstance(rule, SequenceRule) and bool(rule.step.signals)
