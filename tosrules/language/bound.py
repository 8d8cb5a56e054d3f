"""A rule with what its clause says of it: scope, exceptions, severities, laws, who is bound."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.conditions import condition
from tosrules.language.context import Context
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.documents import check_quote
from tosrules.language.kinds import article
from tosrules.language.names import PackScope
from tosrules.language.patterns import check_pattern
from tosrules.language.scope import Scope
from tosrules.language.sequences import check_obligation
from tosrules.language.values import value
from tosrules.policy import expressions as p
from tosrules.policy.model import (
    SEVERITIES,
    Binds,
    BoundRule,
    Citation,
    Exempt,
    GradedLaw,
    GradedSeverity,
    LawCitation,
    Rule,
)
from tosrules.record import Record, replace
from tosrules.vocabulary import TEXT


class Written(Record):
    """A clause in its pack, and the clause whose rules it takes (itself, if none)."""

    scope: PackScope
    node: s.Clause
    base_scope: PackScope
    base: s.Clause

    @property
    def id(self) -> str:
        return f"{self.scope.id}/{self.node.name.text}"


def citation(context: Context, scope: PackScope, node: s.Cite | s.Under) -> Citation | None:
    entry = context.find(scope, node.source, "source")
    if entry is None:
        return None
    quote = node.quote.value if isinstance(node, s.Cite) and node.quote is not None else ""
    section = node.section.value if node.section is not None else ""
    if isinstance(node, s.Cite) and node.quote is not None:
        check_quote(context, entry.qualified, node.quote)
    modelled = isinstance(node, s.Cite) and node.modelled
    return Citation(entry.qualified, section, quote, modelled, span=node.span)


def bound_rule(
    context: Context, written: Written, ordinal: int, node: s.Forbid | s.Require
) -> BoundRule | None:
    found: tuple[Rule, Scope] | None
    if isinstance(node, s.Forbid):
        found = check_pattern(context, written.base_scope, node.pattern)
    else:
        found = check_obligation(context, written.base_scope, node)
    if found is None:
        return None
    rule, base_scope = found
    own_scope = replace(base_scope, pack=written.scope)
    others = _aliases(written.base) - set(base_scope.roles)
    elsewhere = {
        a: (
            f"`{a}` is named in one rule of clause `{written.base.name.text}`, and not in this one",
            "what a clause says of all its rules can name only an event that each rule has; give "
            f"every rule an event `as {a}`, or make a clause for each rule",
        )
        for a in others
    }
    base_scope = replace(base_scope, elsewhere=elsewhere)
    own_scope = replace(own_scope, elsewhere=elsewhere)
    items = [(base_scope, i) for i in written.base.items]
    if written.base is not written.node:
        items += [(own_scope, i) for i in written.node.items]
    before = context.report.errors
    applies = [condition(i.when, where) for where, i in items if isinstance(i, s.Applies)]
    exceptions = [exempt(context, where, i) for where, i in items if isinstance(i, s.Unless)]
    binds = [_binds(where, i) for where, i in items if isinstance(i, s.Binds)]
    severities = [
        graded_severity(own_scope, i) for i in written.node.items if isinstance(i, s.Severity)
    ]
    laws = [_law(own_scope, i) for i in written.node.items if isinstance(i, s.Law)]
    if context.report.errors > before:
        return None
    conditions = [c for c in applies if c is not None]
    return BoundRule(
        ordinal,
        rule,
        p.And(tuple(conditions)) if len(conditions) > 1 else next(iter(conditions), None),
        tuple(e for e in exceptions if e is not None),
        next((b for b in reversed(binds) if b is not None), None),
        tuple(g for g in severities if g is not None),
        tuple(g for g in laws if g is not None),
    )


def _aliases(node: s.Clause) -> set[str]:
    """The names that the rules of a clause give to their events."""
    found: set[str] = set()
    for item in node.items:
        names: list[s.Name | None] = []
        if isinstance(item, s.Forbid):
            names = [item.pattern.alias, *(t.alias for t in item.pattern.then)]
        elif isinstance(item, s.Require):
            names = [item.trigger_alias, item.fulfilment_alias]
        found |= {n.text for n in names if n is not None}
    return found


def exempt(context: Context, scope: Scope, node: s.Unless) -> Exempt | None:
    """`unless C but not if D` is C and not D, in Kleene's values (semantics C2)."""
    allowed = condition(node.condition, scope)
    limit = condition(node.but_not, scope) if node.but_not is not None else None
    under = citation(context, scope.pack, node.under) if node.under is not None else None
    if allowed is None or (node.but_not is not None and limit is None):
        return None
    whole: p.Expression = allowed
    text = context.written(node.condition)
    if limit is not None and node.but_not is not None:
        whole = p.And((allowed, p.Not(limit)), span=node.span)
        text += f" but not if {context.written(node.but_not)}"
    return Exempt(whole, text, under, "", None, span=node.span)


def level(node: s.Severity, context: Context) -> str | None:
    """The severity, or None with a diagnostic."""
    word = node.level.text
    if word in SEVERITIES:
        return word
    near = did_you_mean(word, SEVERITIES)
    context.report.error(
        "unknown-severity",
        f"unknown severity `{word}`" + (f"; {near}" if near else ""),
        node.level.span,
        help="" if near else "severities are `low`, `medium`, `high` and `critical`",
    )
    return None


def graded_severity(scope: Scope, node: s.Severity) -> GradedSeverity | None:
    found = level(node, scope.context)
    if node.when is None:
        return None if found is None else GradedSeverity(found, None, "", span=node.span)
    when = condition(node.when, scope)
    if when is None or found is None:
        return None
    return GradedSeverity(found, when, scope.context.written(node.when), span=node.span)


def _law(scope: Scope, node: s.Law) -> GradedLaw | None:
    context = scope.context
    entry = context.find(scope.pack, node.source, "source")
    when = condition(node.when, scope) if node.when is not None else None
    if entry is None or (node.when is not None and when is None):
        return None
    source = context.sources.get(entry.qualified)
    section = node.section.value if node.section is not None else ""
    law = LawCitation(
        entry.qualified, section, source.jurisdiction if source else "", span=node.span
    )
    text = context.written(node.when) if node.when is not None else ""
    return GradedLaw(law, when, text, span=node.span)


def _binds(scope: Scope, node: s.Binds) -> Binds | None:
    who = value(node.who, scope)
    report = scope.report
    if who is None:
        said = report.diagnostics[-1] if report.diagnostics else None
        named = said is not None and said.code == "unknown-attribute" and "?" not in said.message
        if said is not None and named and said.span == node.who.span:
            name = scope.context.written(node.who)
            help = f'name an attribute of the event, or somebody by name: `binds "{name}"`'
            report.diagnostics[-1] = replace(said, help=help)
        return None
    if node.each:
        if isinstance(who, p.LinkMembers):
            return Binds(True, who, span=node.span)
        report.error(
            "binds-each",
            f"`binds each of` takes the parties of a link, and this is {article(who.type)}",
            node.who.span,
            help="as in `binds each of acts_for(actor)`",
        )
        return None
    constant = isinstance(who, p.Constant) and who.type == TEXT
    if who.type.name == "reference" or constant:
        return Binds(False, who, span=node.span)
    report.error(
        "binds-whom",
        f"`binds` names who answers for a match, and this is {article(who.type)}",
        node.who.span,
        help="say `binds each of …` for all parties of a link"
        if isinstance(who, p.LinkMembers)
        else "name an attribute that refers to somebody, as in `binds ask.target`, or somebody by "
        'name: `binds "Meta"`',
    )
    return None
