"""Clauses: rules with their citations, laws, severities, period, scope and exceptions."""

from __future__ import annotations

from itertools import pairwise

from tosrules.language import syntax as s
from tosrules.language.bound import Written, bound_rule, citation, level
from tosrules.language.context import Context
from tosrules.language.diagnostics import Related, did_you_mean
from tosrules.language.documents import effective
from tosrules.language.names import PackScope
from tosrules.language.periods import fixed
from tosrules.language.scope import Scope
from tosrules.policy.model import (
    ALWAYS,
    BoundRule,
    Citation,
    Clause,
    EffectivePeriod,
)
from tosrules.span import Span


def find_clauses(
    context: Context, scope: PackScope, name: s.Qualified
) -> tuple[PackScope, list[s.Clause]] | None:
    """The clauses that `pack/name` or `name` means; reports unknown ones."""
    report = context.report
    if name.pack:
        home = context.scopes.get(name.pack)
        if home is None or (home is not scope and home not in scope.imports):
            known = [scope.id, *(i.id for i in scope.imports)]
            near = did_you_mean(name.pack, known)
            report.error(
                "unknown-pack",
                f"pack `{name.pack}` is not imported here" + (f"; {near}" if near else ""),
                name.span,
                help=""
                if near
                else f"write `import {name.pack}` below the line that begins with `pack`",
            )
            return None
        homes = [home]
    else:
        homes = [scope, *scope.imports]
    for home in homes:
        if name.name in home.clauses:
            return home, home.clauses[name.name]
    if name.name not in report.damaged:
        known = [n for h in homes for n in h.clauses]
        near = did_you_mean(name.name, known)
        where = f" in pack `{name.pack}`" if name.pack else ""
        report.error(
            "unknown-clause",
            f"unknown clause `{name.name}`{where}" + (f"; {near}" if near else ""),
            name.span,
            help="" if near else _clauses_here(known),
        )
    return None


def _clauses_here(known: list[str]) -> str:
    if not known:
        return "no clause is declared here; import the pack that has it"
    return (
        "clauses are "
        + ", ".join(f"`{n}`" for n in sorted(known)[:6])
        + (" …" if len(known) > 6 else "")
    )


def check_clauses(context: Context) -> list[Clause]:
    """Every clause of every pack, in order of pack, name and period."""
    clauses: list[Clause] = []
    for scope in context.scopes.values():
        for nodes in scope.clauses.values():
            made = [c for c in (_clause(context, scope, node) for node in nodes) if c is not None]
            _disjoint(context, made)
            clauses += made
    return sorted(clauses, key=lambda c: (c.pack, c.name, c.period.start or -(2**63)))


def _disjoint(context: Context, versions: list[Clause]) -> None:
    ordered = sorted(versions, key=lambda c: c.period.start or -(2**63))
    for earlier, later in pairwise(ordered):
        if (
            earlier.period.until is None
            or later.period.start is None
            or (later.period.start < earlier.period.until)
        ):
            context.report.error(
                "overlapping-versions",
                f"clause `{later.name}` is declared twice for the same time",
                name_of(context, later.span),
                help="give each version its own period, `effective from … until …`, or another "
                "name",
                related=(Related(name_of(context, earlier.span), "the other version"),),
            )


def name_of(context: Context, span: Span) -> Span:
    """Where the clause that stands at `span` is named."""
    for scope in context.scopes.values():
        for nodes in scope.clauses.values():
            for node in nodes:
                if node.span == span:
                    return node.name.span
    return span


# ---- one clause ----------------------------------------------------------------------------


def _clause(context: Context, scope: PackScope, node: s.Clause) -> Clause | None:
    report = context.report
    own = node.name.text
    written = _base(context, scope, node, ())
    singles = _said_once(context, node)
    _names(context, scope, node)
    citations = tuple(
        c
        for item in node.items
        if isinstance(item, s.Cite)
        if (c := citation(context, scope, item)) is not None
    )
    period, period_text = _period(context, node, citations, singles.get("effective"))
    remedy = singles.get("remedy")
    plain = _plain_severities(context, node)
    if written is None:
        return None
    together = singles.get("together")
    base_together = _said_once(context, written.base, quiet=True).get("together")
    length = None
    for home, item in ((scope, together), (written.base_scope, base_together)):
        if length is None and isinstance(item, s.Together):
            length = fixed(item.duration, Scope(context, home))
    rule_nodes = [i for i in written.base.items if isinstance(i, s.Forbid | s.Require)]
    damaged = own in report.damaged
    if not rule_nodes and not damaged and written.base is node:
        report.error(
            "no-rule",
            f"clause `{own}` has no rule, so it can never be broken",
            node.name.span,
            help="add `forbid …` or `after … require …`",
        )
    if written.base is not node:
        extra = next((i for i in node.items if isinstance(i, s.Forbid | s.Require)), None)
        if extra is not None:
            report.error(
                "rules-twice",
                f"clause `{own}` takes its rules from another and has one of its own",
                extra.span,
                help="put this rule in a clause of its own",
            )
    rules: list[BoundRule] = []
    failed = False
    for ordinal, rule_node in enumerate(rule_nodes):
        bound = bound_rule(context, written, ordinal, rule_node)
        if bound is None:
            failed = True
        else:
            rules.append(bound)
    if failed or not rules or not plain:
        return None
    return Clause(
        scope.id,
        own,
        node.title.value,
        citations,
        period,
        period_text,
        length,
        tuple(rules),
        remedy.text.value if isinstance(remedy, s.Remedy) else "",
        {},
        f"{written.base_scope.id}/{written.base.name.text}" if written.base is not node else "",
        (),
        span=node.span,
    )


def _names(context: Context, scope: PackScope, node: s.Clause) -> None:
    """Severities and sources that a clause names, whatever becomes of its rules."""
    for item in node.items:
        if isinstance(item, s.Severity):
            level(item, context)
        elif isinstance(item, s.Law):
            context.find(scope, item.source, "source")


def _plain_severities(context: Context, node: s.Clause) -> list[s.Severity]:
    """The severities without a condition: exactly one, or it is reported."""
    own = node.name.text
    plain = [i for i in node.items if isinstance(i, s.Severity) and i.when is None]
    if own in context.report.damaged or len(plain) == 1:
        return plain
    if not plain:
        graded = any(isinstance(i, s.Severity) for i in node.items)
        context.report.error(
            "no-severity",
            f"clause `{own}` has no severity" + (" for when no `when` is true" if graded else ""),
            node.name.span,
            help="add `severity low`, `medium`, `high` or `critical`"
            + (", without `when`" if graded else ""),
        )
    else:
        context.report.error(
            "said-twice",
            f"clause `{own}` says its severity twice",
            plain[1].span,
            help="keep one, or say `when` the other holds",
            related=(Related(plain[0].span, "said here first"),),
        )
    return plain


def _base(
    context: Context, scope: PackScope, node: s.Clause, passed: tuple[str, ...]
) -> Written | None:
    """Follow `same rules as` to the clause that states the rules."""
    same = [i for i in node.items if isinstance(i, s.SameRules)]
    if not same:
        return Written(scope, node, scope, node)
    id = f"{scope.id}/{node.name.text}"
    if len(same) > 1:
        context.report.error(
            "said-twice",
            f"clause `{node.name.text}` takes its rules from two clauses",
            same[1].span,
            help="make a clause for each",
            related=(Related(same[0].span, "said here first"),),
        )
        return None
    if id in passed:
        if not context.report.damaged.issuperset(passed):
            by_way = [f"`{i.rpartition('/')[2]}`" for i in passed[passed.index(id) + 1 :]]
            way = " by way of " + ", ".join(by_way) if by_way else ""
            context.report.error(
                "circle",
                f"clause `{node.name.text}` takes its rules from itself{way}",
                same[0].span,
                help="state the rules in one of them",
            )
            context.report.damaged |= set(passed)
        return None
    found = find_clauses(context, scope, same[0].clause)
    if found is None:
        return None
    home, nodes = found
    if len(nodes) > 1:
        context.report.error(
            "several-versions",
            f"clause `{same[0].clause.name}` has {len(nodes)} versions, and which one is meant "
            "cannot be said",
            same[0].clause.span,
            help="give each version a name of its own, or write the rules here",
        )
        return None
    inner = _base(context, home, nodes[0], (*passed, id))
    return None if inner is None else Written(scope, node, inner.base_scope, inner.base)


def base_of(context: Context, node: s.Clause) -> Written | None:
    """The clause that states the rules of `node`, wherever `node` is declared."""
    for scope in context.scopes.values():
        if any(n is node for n in scope.clauses.get(node.name.text, ())):
            return _base(context, scope, node, ())
    return None


_SINGLES = {
    s.Effective: "effective",
    s.Together: "together",
    s.Remedy: "remedy",
    s.Binds: "binds",
}


def _said_once(context: Context, node: s.Clause, quiet: bool = False) -> dict[str, s.ClauseItem]:
    found: dict[str, s.ClauseItem] = {}
    for item in node.items:
        name = _SINGLES.get(type(item))
        if name is None:
            continue
        if name in found and not quiet:
            word = {
                "effective": "when it is effective",
                "remedy": "its remedy",
                "together": "what belongs together",
                "binds": "who is bound",
            }[name]
            context.report.error(
                "said-twice",
                f"clause `{node.name.text}` says twice {word}",
                item.span,
                help="keep one of the two",
                related=(Related(found[name].span, "said here first"),),
            )
            continue
        found[name] = item
    return found


def _period(
    context: Context,
    node: s.Clause,
    citations: tuple[Citation, ...],
    own: s.ClauseItem | None,
) -> tuple[EffectivePeriod, str]:
    """The clause's own period, else that of what it cites (semantics V2). What it is merely
    modelled on gives it none."""
    if isinstance(own, s.Effective):
        return effective(context, own), _words(own)
    periods: dict[EffectivePeriod, Citation] = {}
    for cited in citations:
        source = context.sources.get(cited.source)
        if cited.modelled:
            continue
        if source is not None and source.effective != ALWAYS:
            periods.setdefault(source.effective, cited)
    if len(periods) > 1:
        first, second = list(periods.values())[:2]
        context.report.error(
            "two-periods",
            f"clause `{node.name.text}` cites documents that were in force at different times "
            "and does not say when it is effective",
            second.span,
            help="add `effective from … until …` to the clause",
            related=(Related(first.span, "cited here"),),
        )
    for period in periods:
        return period, _span_text(period)
    return ALWAYS, ""


def _words(node: s.Effective) -> str:
    zone = f" ({node.zone.value})" if node.zone is not None else ""
    if node.until is None:
        return f"from {node.start.text}{zone}"
    return f"from {node.start.text} until {node.until.text}{zone}"


def _span_text(period: EffectivePeriod) -> str:
    from tosrules.trace.instants import format_instant

    start = format_instant(period.start).removesuffix("T00:00:00Z") if period.start else ""
    if period.until is None:
        return f"from {start}"
    return f"from {start} until {format_instant(period.until).removesuffix('T00:00:00Z')}"
