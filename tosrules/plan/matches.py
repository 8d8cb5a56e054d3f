"""Matches: who answers for one, how severe it is, what shows it (semantics V3, V5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tosrules.plan.asks import NO_TEXTS, Asking, explode_link, members_of
from tosrules.plan.conditions import condition, scalar, value
from tosrules.plan.counting import Judge, has_bit
from tosrules.plan.expr import (
    TRUE,
    Expr,
    both,
    case,
    col,
    eq,
    lit,
    missing,
    null,
    op,
    present,
    surely,
)
from tosrules.plan.relation import Explode, Relation, Table, over, union
from tosrules.plan.scope import Scope
from tosrules.policy import expressions as p
from tosrules.policy.model import SEVERITIES, BoundRule, KeyPart
from tosrules.policy.unknown import own_name
from tosrules.policy.walk import walk
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner

SUBJECT = ("skind", "sid", "through")
MATCH = ("mid", "pos", "t", "fpos", "ft", "lt", "tied", "sev", "laws", "unknown", "false", *SUBJECT)
"""Columns of every match: its completing occurrence's order (which names it), position and
instant; position and instant of its first evidence and instant of its last; whether order
decided it; severity (place among the rule's), laws (bits), exceptions (bits); the subject's kind
and id (null: unknown) and the parties through whom it acted."""


class Asked(Record):
    """A condition that was asked of each match: by which columns, and of which matches."""

    expression: p.Expression
    scope: Scope
    when: Expr = TRUE


class Drafted(Record):
    """The matches of a rule before they are joined."""

    matches: Table
    """MATCH, then the extra columns of the rule's form."""
    context: Table | None
    """`mid`, `pos`, `note`: number of the status or link that an event began; None: none."""


def drafted(
    judge: Judge,
    relation: Relation,
    scope: Scope,
    *,
    conditions: Sequence[tuple[p.Expression | None, Scope]],
    extra: Iterable[str] = (),
    keys: Sequence[KeyPart] = (),
) -> Drafted:
    """The matches that stand in `relation`, one for each subject. It has `mid`, `fpos`, `ft`,
    `lt`, `tied`, `unknown`, `false`, by `scope` what is asked, `extra` columns to keep, and for
    rates and quotas the key under the names of `keys`. `conditions` are what was asked of
    which event, for context and ties."""
    planner, rule = judge.planner, judge.rule
    asking = Asking(planner, relation, scope)
    binds = rule.binds
    asking.ask(
        *(s.when for s in rule.severities),
        *(law.when for law in rule.laws),
        *((binds.who,) if binds is not None and not binds.each else ()),
        *(e for e in (rule.applies, *(x.condition for x in rule.exceptions)) if e and _asks(e)),
    )
    asked = [Asked(c, seen_by) for c, seen_by in conditions if c is not None and _asks(c)]
    for each in asked:
        inner = Asking(planner, asking.relation, each.scope)
        inner.ask(each.expression)
        asking.relation = inner.relation
    if rule.applies is not None:
        asked.append(Asked(rule.applies, scope))
    graded = _severity(rule, scope)
    laws: Expr = lit(0)
    for place, law in enumerate(rule.laws):
        true = surely(condition(law.when, scope))
        laws = op("+", laws, case((true, lit(1 << place)), otherwise=lit(0)))
    made = asking.relation.extend(sev=graded, laws=laws)
    asked += [
        Asked(s.when, scope, eq(col("sev"), lit(place)))
        for place, s in enumerate(rule.severities)
        if s.when is not None
    ]
    asked += [
        Asked(law.when, scope, has_bit(col("laws"), place))
        for place, law in enumerate(rule.laws)
        if law.when is not None
    ]
    others = [
        Asked(
            e.condition,
            scope,
            op("or", has_bit(col("unknown"), place), has_bit(col("false"), place)),
        )
        for place, e in enumerate(rule.exceptions)
    ]
    if binds is not None:
        others.append(Asked(binds.who, scope))
    table: Relation = made
    interesting = [a for a in (*asked, *others) if _asks(a.expression)]
    if interesting:
        table = planner.make(made, "judged", "matches, as yet without context")
    context = _context(planner, table, [a for a in asked if _asks(a.expression)])
    table = _tied(planner, table, interesting)
    table = _subjects(judge, table, scope, keys)
    names = [*extra, *(k.name for k in keys)]
    kept = planner.make(
        table.project(
            *dict.fromkeys(n for n in (*MATCH, *names) if n not in ("pos", "t")),
            pos=scope.position,
            t=scope.time,
        ),
        "matches",
        "matches with who answers for them",
    )
    return Drafted(kept, context)


def _asks(e: p.Expression) -> bool:
    return any(isinstance(x, p.Held | p.LinkMembers) for x in walk(e))


def _severity(rule: BoundRule, scope: Scope) -> Expr:
    """The place of the highest severity that is true; unknown is not true (semantics V3)."""
    places = sorted(
        range(len(rule.severities)),
        key=lambda n: (-SEVERITIES.index(rule.severities[n].level), n),
    )
    branches = [(surely(condition(rule.severities[n].when, scope)), lit(n)) for n in places]
    return case(*branches, otherwise=lit(places[-1]))


# ---- who answers ---------------------------------------------------------------------------


def _subjects(judge: Judge, table: Relation, scope: Scope, keys: Sequence[KeyPart]) -> Relation:
    binds = judge.rule.binds
    if binds is not None and binds.each:
        assert isinstance(binds.who, p.LinkMembers)
        return _each(judge, table, scope, binds.who)
    kind = "party"
    who: Expr = col(f"{scope.prefix}who")
    if binds is not None:
        kind = binds.who.type.kind if binds.who.type.name == "reference" else "text"
        who = op("to text", value(binds.who, scope).expr)
    else:
        for part in keys:
            if part.type.name == "reference" and part.type.kind in ("party", "account"):
                kind, who = part.type.kind, op("to text", col(part.name))
                break
    known = case((missing(who), null("text")), otherwise=lit(kind))
    return table.extend(skind=known, sid=who, through=NO_TEXTS)


def _each(judge: Judge, table: Relation, scope: Scope, who: p.LinkMembers) -> Relation:
    """A match for each party that sure links reach, through those on the way (V5)."""
    planner = judge.planner
    asking = Asking(planner, table, scope)
    asking.ask(who.start)
    start = planner.fresh("?start")
    rows = planner.make(
        asking.relation.extend({start: scalar(who.start, scope)}), "binding", "who may answer"
    )
    reached = explode_link(planner, rows, who.link, start, f"{scope.prefix}ord")
    known = reached.where(either_missing_or(col(start), col("sure")))
    kind = lit(who.type.kind)
    return known.project(
        *rows.columns,
        skind=case((missing(col(start)), null("text")), otherwise=kind),
        sid=col("member"),
        through=col("way"),
    )


def either_missing_or(first: Expr, condition: Expr) -> Expr:
    return op("or", missing(first), condition)


# ---- context -------------------------------------------------------------------------------


def _context(planner: Planner, table: Relation, asked: Sequence[Asked]) -> Table | None:
    """What began the statuses and links that true conditions rest on."""
    found: list[Relation] = []
    for each in asked:
        for leaf, when in _grounds(each.expression, each.scope, each.when):
            rows = table.where(when)
            if isinstance(leaf, p.Held) and leaf.any_of is None:
                begun = each.scope.answers[leaf].extra["begun"]
                note = lit(planner.note(own_name(leaf.status)))
                pos = op("trunc div", begun, lit(planner.stride))
                found.append(rows.project("mid", pos=pos, note=note).where(present(col("pos"))))
            elif isinstance(leaf, p.Held):
                found += _of_any(planner, rows, each.scope, leaf)
            else:
                assert isinstance(leaf, p.Member)
                found.append(_of_member(planner, rows, each.scope, leaf))
    if not found:
        return None
    return planner.make(
        union(*found).distinct("mid", "pos", "note"), "context", "what began what was held"
    )


def _grounds(e: p.Expression, scope: Scope, when: Expr) -> Iterable[tuple[p.Held | p.Member, Expr]]:
    """The questions that make a condition true, each with when it does."""
    true = both(when, surely(condition(e, scope)))
    match e:
        case p.And() | p.Or():
            for operand in e.operands:
                yield from _grounds(operand, scope, true)
        case p.Held():
            yield e, true
        case p.Member(collection=p.LinkMembers()):
            yield e, true


def _of_any(planner: Planner, rows: Relation, scope: Scope, e: p.Held) -> list[Relation]:
    """The first member of whom the status is held, and the way to it."""
    inner = Scope(planner, scope.roles, scope.prefix, scope.settings)
    inner.answers = dict(scope.answers)
    asking = Asking(planner, planner.make(rows, "resting", "matches that rest on a set"), inner)
    mids = asking.relation.project(at=scope.order, mid=col("mid")).renamed({"at": "at!"})
    members, _ = members_of(asking, e)
    assert e.any_of is not None
    place = f"k{e.any_of}"
    holding = members.relation.where(col("sure"), surely(col("held")))
    first = holding.extend(nth=over("row number", by=[col("at")], order=[col(place)])).where(
        eq(col("nth"), lit(1))
    )
    named = planner.make(first.join(mids, [(col("at"), col("at!"))]), "holder", "who holds it")
    begun = op("trunc div", col("latest"), lit(planner.stride))
    note = lit(planner.note(own_name(e.status)))
    found = [named.project("mid", pos=begun, note=note).where(present(col("pos")))]
    link = e.keys[e.any_of]
    if isinstance(link, p.LinkMembers):
        opened = planner.fresh("opened")
        ways = Explode(named, col("opened"), opened)
        note = lit(planner.note(own_name(link.link)))
        found.append(ways.project("mid", pos=col(opened), note=note))
    return found


def _of_member(planner: Planner, rows: Relation, scope: Scope, e: p.Member) -> Relation:
    assert isinstance(e.collection, p.LinkMembers)
    link = e.collection
    asks = rows.project(
        "mid",
        at=scope.order,
        start=scalar(link.start, scope),
        wanted=scalar(e.operand, scope),
    )
    reached = explode_link(planner, asks, link.link, "start", "at").where(
        col("sure"), eq(col("member"), col("wanted"))
    )
    opened = planner.fresh("opened")
    note = lit(planner.note(own_name(link.link)))
    return Explode(reached, col("opened"), opened).project("mid", pos=col(opened), note=note)


# ---- ties ----------------------------------------------------------------------------------


def _tied(planner: Planner, table: Relation, asked: Sequence[Asked]) -> Relation:
    """Adds to `tied` where a status or a link that was asked changed at the asking event's own
    instant, so that only the order of records decided what was held."""
    found: list[Relation] = []
    for each in asked:
        rows = table.where(each.when)
        seen: set[p.Expression] = set()
        for part in walk(each.expression):
            if isinstance(part, p.Held) and part not in seen:
                seen.add(part)
                found.append(_status_tied(planner, rows, each.scope, part))
            elif isinstance(part, p.LinkMembers) and part not in seen:
                seen.add(part)
                found.append(_link_tied(planner, rows, each.scope, part))
    if not found:
        return table
    mids = planner.make(
        union(*found).distinct("mid"), "ties", "matches that records' order decided"
    )
    renamed = mids.project(**{"mid!": col("mid"), "shared!": TRUE})
    joined = table.join(renamed, [(col("mid"), col("mid!"))], how="left")
    return joined.project(
        *(n for n in table.columns if n != "tied"),
        tied=op("or", col("tied"), op("coalesce", col("shared!"), lit(False))),
    )


def _status_tied(planner: Planner, rows: Relation, scope: Scope, e: p.Held) -> Relation:
    tables = planner.statuses.of(e.status)
    marks = tables.changes.renamed({n: n + "!" for n in tables.changes.columns})
    made = {}
    for place, key in enumerate(e.keys):
        asked = key.start if isinstance(key, p.LinkMembers) else key
        made[f"k{place}"] = value(asked, scope).expr
    asks = rows.project("mid", at=scope.order, t=scope.time, pos=scope.position, **made)
    if e.any_of is not None:
        name = f"k{e.any_of}"
        key = e.keys[e.any_of]
        if isinstance(key, p.LinkMembers):
            asks = explode_link(planner, asks, key.link, name, "at")
            asks = asks.project(
                "mid", "t", "pos", **{k: col("member") if k == name else col(k) for k in made}
            )
        else:
            element = planner.fresh("element")
            asks = Explode(asks, col(name), element).project(
                "mid", "t", "pos", **{k: col(element) if k == name else col(k) for k in made}
            )
    on = [(col(k), col(t + "!")) for k, t in zip(made, tables.keys, strict=True)]
    on.append((col("t"), col("t!")))
    other = op("<>", col("pos"), col("pos!"))
    return asks.join(marks, on, residual=other).project("mid")


def _link_tied(planner: Planner, rows: Relation, scope: Scope, e: p.LinkMembers) -> Relation:
    asks = rows.project(
        "mid", at=scope.order, t=scope.time, pos=scope.position, start=scalar(e.start, scope)
    )
    reached = explode_link(planner, asks.where(present(col("start"))), e.link, "start", "at")
    changes = planner.links.of(e.link).changes
    marks = changes.project("first", "t", "pos").renamed({"first": "f!", "t": "t!", "pos": "p!"})
    on = [(col("member"), col("f!")), (col("t"), col("t!"))]
    return reached.join(marks, on, residual=op("<>", col("pos"), col("p!"))).project("mid")
