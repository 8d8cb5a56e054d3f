"""Overlays: changes to a clause of another pack, without copying it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.bound import exempt, graded_severity
from tosrules.language.clauses import find_clauses
from tosrules.language.context import Context
from tosrules.language.diagnostics import Related, did_you_mean
from tosrules.language.documents import param_origin, param_value
from tosrules.language.kinds import article
from tosrules.language.names import PackScope
from tosrules.language.patterns import check_pattern
from tosrules.language.scope import Scope
from tosrules.language.sequences import check_obligation
from tosrules.policy.expressions import TRUE
from tosrules.policy.model import (
    AppliedOverlay,
    BoundRule,
    Clause,
    Exempt,
    GradedSeverity,
    Param,
)
from tosrules.policy.walk import params_read
from tosrules.record import replace
from tosrules.span import Span
from tosrules.vocabulary import Type

Change: TypeAlias = Callable[[BoundRule, Scope], BoundRule]
"""What an overlay makes of a rule, given the scope of the rule's events."""


def apply_overlays(context: Context, clauses: list[Clause]) -> tuple[list[Clause], set[str]]:
    """The clauses as changed, and the packs whose clauses an overlay changes (by the pack
    that has the overlay: `house -> core`)."""
    changed = list(clauses)
    said: dict[tuple[str, str], Span] = {}
    targets: set[str] = set()
    for scope in context.scopes.values():
        for node in scope.declarations():
            if not isinstance(node, s.Overlay):
                continue
            found = find_clauses(context, scope, node.clause)
            if found is None:
                continue
            home, nodes = found
            _says_something(context, node)
            targets.add(f"{scope.id} -> {home.id}")
            id = f"{home.id}/{node.clause.name}"
            _once(context, id, node, said)
            for place, clause in enumerate(changed):
                if clause.id == id:
                    source = next((n for n in nodes if n.span == clause.span), nodes[0])
                    changed[place] = _overlay(context, scope, home, node, clause, source)
    return changed, targets


def _says_something(context: Context, node: s.Overlay) -> None:
    if not node.because.value.strip():
        context.report.error(
            "no-reason",
            "no reason is given for this overlay",
            node.because.span,
            help="say why the clause is changed; reports show the reason beside what it waives",
        )
    written = f"{node.clause.pack}/{node.clause.name}" if node.clause.pack else node.clause.name
    if not node.items and not {written, node.clause.name} & context.report.damaged:
        context.report.error(
            "overlay-changes-nothing",
            f"this overlay changes nothing of clause `{node.clause.name}`",
            node.clause.span,
            help="add `set …`, `severity …`, `unless …` or `off`",
        )


def _once(context: Context, id: str, node: s.Overlay, said: dict[tuple[str, str], Span]) -> None:
    """Two overlays that set one thing of one clause are an error (semantics V8)."""
    for item in node.items:
        if isinstance(item, s.OverlaySet):
            what = f"parameter `{item.name.text}`"
        elif isinstance(item, s.Severity) and item.when is None:
            what = "the severity"
        elif isinstance(item, s.OverlayOff):
            what = "`off`"
        else:
            continue
        first = said.setdefault((id, what), item.span)
        if first is not item.span:
            context.report.error(
                "two-overlays",
                f"{what} of clause `{id}` is set twice by overlays",
                item.span,
                help="keep one of the two",
                related=(Related(first, "set here first"),),
            )


def _overlay(
    context: Context,
    scope: PackScope,
    home: PackScope,
    node: s.Overlay,
    clause: Clause,
    source: s.Clause,
) -> Clause:
    settings = dict(clause.settings)
    rules = clause.rules
    changes: list[str] = []
    for item in node.items:
        match item:
            case s.OverlaySet():
                param = _setting(context, scope, home, clause, item)
                if param is not None:
                    settings[param.name] = param
                    changes.append(f"{item.name.text} = {param.text}")
            case s.Severity():
                rules = _per_rule(context, scope, source, rules, _graded(item))
                changes.append(context.written(item))
            case s.OverlayUnless():
                until = _until(item.until, context)
                waiving = _waiving(context, item, node, until)
                rules = _per_rule(context, scope, source, rules, waiving)
                changes.append(context.written(item))
            case s.OverlayOff():
                until = _until(item.until, context)
                off = Exempt(TRUE, "off", None, node.because.value, until, span=item.span)
                rules = tuple(_with_exception(rule, off) for rule in rules)
                changes.append(context.written(item))
    applied = AppliedOverlay(scope.id, node.because.value, tuple(changes), span=node.span)
    return replace(clause, settings=settings, rules=rules, overlays=(*clause.overlays, applied))


def _graded(item: s.Severity) -> Change:
    return lambda rule, where: _with_severity(rule, graded_severity(where, item))


def _waiving(context: Context, item: s.OverlayUnless, node: s.Overlay, until: int | None) -> Change:
    return lambda rule, where: _with_exception(rule, _waiver(context, where, item, node, until))


def _setting(
    context: Context,
    scope: PackScope,
    home: PackScope,
    clause: Clause,
    item: s.OverlaySet,
) -> Param | None:
    entry = context.find(home, item.name, "param", "parameter")
    found = param_value(context, scope, item.value)
    origin = param_origin(context, scope, item.origin)
    known = context.params.get(entry.qualified) if entry is not None else None
    if entry is None or found is None or known is None:
        return None
    value, kind, text = found
    if not same_type(context, item.name, item.value, kind, known):
        return None
    read = frozenset().union(*(params_read(rule) for rule in clause.rules))
    if entry.qualified not in read:
        own = sorted(name.rpartition("/")[2] for name in read)
        near = did_you_mean(item.name.text, own)
        context.report.error(
            "param-not-read",
            f"clause `{clause.name}` does not read parameter `{item.name.text}`",
            item.name.span,
            help=near
            or _of_signals(context, entry.qualified)
            or ("it reads " + ", ".join(f"`{n}`" for n in own) if own else "it reads no parameter"),
        )
        return None
    if known.set_by == "--set":
        return known  # what is set for this run goes before what an overlay sets
    by = f"overlay of {scope.id}"
    return Param(entry.qualified, kind, value, text, origin, by, span=item.span)


def same_type(context: Context, name: s.Name, value: s.Node, kind: Type, known: Param) -> bool:
    """Whether a parameter is set to what it is in its pack."""
    if kind == known.type:
        return True
    context.report.error(
        "param-type",
        f"parameter `{name.text}` is {article(known.type)} in its pack, and this is "
        f"{article(kind)}",
        value.span,
        help=f"write it as the pack does: `{known.text}`",
    )
    return False


def _of_signals(context: Context, param: str) -> str:
    """The mend for a parameter that signals or statuses read: it holds for all clauses."""
    for kind, table in (("signal", context.signals), ("status", context.statuses)):
        for name, declared in table.items():
            if param in params_read(declared):
                own = param.rpartition("/")[2]
                return (
                    f"{kind} `{name.rpartition('/')[2]}` reads it, for every clause that uses it; "
                    f"set it for the whole run by `--set {own}=…`"
                )
    return ""


def _until(node: s.Date | None, context: Context) -> int | None:
    return None if node is None else constants.midnight(node, None, context.report)


def _waiver(
    context: Context, where: Scope, item: s.OverlayUnless, node: s.Overlay, until: int | None
) -> Exempt | None:
    found = exempt(context, where, item.unless)
    if found is None:
        return None
    return replace(found, overlay=node.because.value, until=until)


def _with_exception(rule: BoundRule, exception: Exempt | None) -> BoundRule:
    if exception is None:
        return rule
    return replace(rule, exceptions=(*rule.exceptions, exception))


def _with_severity(rule: BoundRule, severity: GradedSeverity | None) -> BoundRule:
    if severity is None:
        return rule
    kept = tuple(g for g in rule.severities if severity.when is not None or g.when is not None)
    return replace(rule, severities=(*kept, severity))


def _per_rule(
    context: Context,
    scope: PackScope,
    source: s.Clause,
    rules: tuple[BoundRule, ...],
    change: Change,
) -> tuple[BoundRule, ...]:
    """`change` asked for each rule, in the scope of that rule's events and the overlay's
    names."""
    changed = []
    nodes = _rule_nodes(context, source)
    for rule, (home, node) in zip(rules, nodes, strict=True):
        found = (
            check_pattern(context, home, node.pattern)
            if isinstance(node, s.Forbid)
            else check_obligation(context, home, node)
        )
        if found is None:
            changed.append(rule)
            continue
        where = found[1]
        own = Scope(context, scope, where.roles, where.bare)
        changed.append(change(rule, own))
    return tuple(changed)


def _rule_nodes(context: Context, source: s.Clause) -> list[tuple[PackScope, s.Forbid | s.Require]]:
    from tosrules.language.clauses import base_of

    written = base_of(context, source)
    assert written is not None, "a clause that was checked has a base"
    return [
        (written.base_scope, i) for i in written.base.items if isinstance(i, s.Forbid | s.Require)
    ]
