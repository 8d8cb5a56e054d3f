"""Asking statuses and links of many events at once: answers as columns beside the events.

What was held just before an event is the last change of its key strictly before it: asks and
changes are put in one order per key and the last change is carried to each ask. Only asks whose
key ever changed take part. An ask of `any of` a set becomes one ask for each member.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tosrules.plan.conditions import condition, scalar, value
from tosrules.plan.expr import (
    FALSE,
    SO_FAR,
    TRUE,
    UNKNOWN,
    Expr,
    both,
    case,
    col,
    either,
    eq,
    lit,
    missing,
    null,
    op,
    possibly,
    present,
    surely,
)
from tosrules.plan.pieces import pays, piece, reached
from tosrules.plan.relation import Explode, Relation, aggregate, over, union
from tosrules.plan.scope import Answer, Scope, column_name
from tosrules.plan.values import Typed, kind_of
from tosrules.policy import expressions as p
from tosrules.policy.walk import conjuncts, walk
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner
    from tosrules.plan.statuses import StatusTables

_ASKS = (p.Held, p.Remembered, p.GroupOf)
NO_TEXTS = op("make list", lit(""))
NO_INTEGERS = op("make list", lit(0))
STATE = ("sure_until", "possible_until", "sure_since", "possible_since", "latest", "doubtful")


def asks_in(*records: Record | None) -> list[p.Expression]:
    """The questions inside, inner ones first, each once."""
    found: dict[p.Expression, None] = {}
    for record in records:
        if record is None:
            continue
        for x in reversed(list(walk(record))):
            linked = isinstance(x, p.Member) and isinstance(x.collection, p.LinkMembers)
            if isinstance(x, p.Expression) and (linked or isinstance(x, _ASKS)):
                found.setdefault(x)
    return list(found)


class Asking:
    """A relation that grows columns as its scope gets answers."""

    def __init__(self, planner: Planner, relation: Relation, scope: Scope) -> None:
        self.planner = planner
        self.relation = relation
        self.scope = scope

    def narrow(self, where: p.Expression | None) -> None:
        """Leave out rows for which a part of the condition is false that asks nothing, or that
        asks for a status which nobody of its key ever had, or had then."""
        for part in conjuncts(where):
            if not asks_in(part):
                self.relation = self.relation.where(possibly(condition(part, self.scope)))
        for part in conjuncts(where):
            if isinstance(part, p.Held) and part.any_of is None and not asks_in(*part.keys):
                self._narrow_held(part)

    def _narrow_held(self, e: p.Held) -> None:
        tables = self.planner.statuses.of(e.status)
        if tables.status.initially_unknown:
            return
        keys = self._columns({f"k{n}": scalar(k, self.scope) for n, k in enumerate(e.keys)})
        mine = {k: self.planner.fresh(f"?{k}") for k in tables.keys}
        changed: Relation = tables.states.distinct(*tables.keys)
        on = [(k, col(mine[t])) for k, t in zip(keys.values(), tables.keys, strict=True)]
        if tables.lasts is not None and pays(self.planner, tables.lasts):
            names = (*tables.keys, "piece")
            changed = reached(tables.changes, tables.keys, tables.lasts).distinct(*names)
            mine["piece"] = self.planner.fresh("?piece")
            on.append((piece(self.scope.time, tables.lasts), col(mine["piece"])))
        before = self.relation.columns
        joined = self.relation.join(changed.renamed(mine), on, how="left", small=True)
        some = present(col(mine[tables.keys[0]]))
        asked = joined.where(either(*map(missing, keys.values()), some))
        self.relation = asked.project(*before)

    def ask(self, *records: Record | None) -> None:
        """Answer every question inside these parts of the rules."""
        for question in asks_in(*records):
            if question in self.scope.answers:
                continue
            match question:
                case p.Held():
                    answer = self._held(question)
                case p.Remembered():
                    answer = self._remembered(question)
                case p.GroupOf():
                    answer = self._group(question)
                case p.Member():
                    answer = self._member(question)
                case _:
                    raise TypeError(f"no question: {question!r}")
            self.scope.answers[question] = answer

    def _columns(self, made: dict[str, Expr]) -> dict[str, Expr]:
        """Adds columns; how to read each."""
        named = {self.planner.fresh(f"?{hint}"): e for hint, e in made.items()}
        self.relation = self.relation.extend(named)
        return dict(zip(made, map(col, named), strict=True))

    def _held(self, e: p.Held) -> Answer:
        if e.any_of is not None:
            return Answer(_held_of_any(self, e))
        keys = self._columns({f"k{n}": scalar(k, self.scope) for n, k in enumerate(e.keys)})
        state = self._state(e.status, list(keys.values()))
        now = self.scope.time
        tables = self.planner.statuses.of(e.status)
        held = truth_of(tables, state, now, either(*map(missing, keys.values())))
        if e.for_at_least is not None:
            held = self._lasting(e, state, held, list(keys.values()))
        return Answer(held, {"begun": state["latest"], "held": held})

    def _lasting(self, e: p.Held, state: Mapping[str, Expr], held: Expr, keys: list[Expr]) -> Expr:
        assert e.for_at_least is not None
        return lasting(self, e.for_at_least, state, held, keys)

    def _state(self, status: str, keys: list[Expr]) -> dict[str, Expr]:
        """What is held of each row's key just before it."""
        planner, scope = self.planner, self.scope
        tables = planner.statuses.of(status)
        self.relation = planner.make(self.relation, "asking", "events that ask a status")
        at = planner.fresh("?at")
        asks = self.relation.project(
            **dict(zip(tables.keys, keys, strict=True)), at=scope.order
        ).where(*(present(col(k)) for k in tables.keys))
        found = states_at(planner, tables, asks)
        mine = {k: planner.fresh(f"?{k}") for k in (*tables.keys, *STATE)}
        mine["at"] = at
        renamed = found.renamed(mine)
        on = [(scope.order, col(at))]
        joined = self.relation.join(renamed, on, how="left")
        keep = [c for c in joined.columns if c != at and c not in (mine[k] for k in tables.keys)]
        self.relation = joined.project(*keep)
        return {name: col(mine[name]) for name in STATE}

    def _remembered(self, e: p.Remembered) -> Answer:
        planner = self.planner
        tables = planner.statuses.of(e.status)
        keys = self._columns({f"k{n}": scalar(k, self.scope) for n, k in enumerate(e.keys)})
        state = self._state(e.status, list(keys.values()))
        held = truth_of(tables, state, self.scope.time, either(*map(missing, keys.values())))
        of = planner.policy.statuses[e.status].attributes[e.attribute]
        if tables.remembered is None:
            return Answer(Typed(null(kind_of(of)), kind_of(of)), {"held": held})
        name = f"r:{column_name(e.attribute, of)}"
        mine = {k: planner.fresh(f"?{k}") for k in (*tables.keys, "ord", name)}
        known = tables.remembered.project(*tables.keys, "ord", name).renamed(mine)
        on = [(k, col(mine[t])) for k, t in zip(keys.values(), tables.keys, strict=True)]
        on.append((state["latest"], col(mine["ord"])))
        before = self.relation.columns
        joined = self.relation.join(known, on, how="left")
        self.relation = joined.project(*before, mine[name])
        sure = op(">=", op("coalesce", state["sure_until"], lit(-(2**62))), self.scope.time)
        told = both(sure, op("not", op("coalesce", state["doubtful"], FALSE)))
        found = case((told, col(mine[name])), otherwise=null(kind_of(of)))
        return Answer(Typed(found, kind_of(of)), {"held": held})

    def _group(self, e: p.GroupOf) -> Answer:
        planner = self.planner
        groups = planner.links.groups(e.link)
        member = self._columns({"member": scalar(e.member, self.scope)})["member"]
        mine = {n: planner.fresh(f"?{n}") for n in groups.columns}
        known = groups.where(eq(col("kind"), lit(e.kind))).renamed(mine)
        before = self.relation.columns
        joined = self.relation.join(known, [(member, col(mine["id"]))], how="left")
        self.relation = joined.project(*before, mine["canonical"])
        own = op("concat", lit(e.kind + ":"), member)
        found = case(
            (missing(member), null("text")),
            otherwise=op("coalesce", col(mine["canonical"]), own),
        )
        return Answer(Typed(found, "text"))

    def _member(self, e: p.Member) -> Answer:
        """Membership of the parties a link reaches: true by sure links, unknown by possible
        ones (semantics U5)."""
        planner, scope = self.planner, self.scope
        assert isinstance(e.collection, p.LinkMembers)
        made = {"start": scalar(e.collection.start, scope), "member": scalar(e.operand, scope)}
        asked = self._columns(made)
        reach = planner.links.reach(e.collection.link)
        mine = {n: planner.fresh(f"?{n}") for n in ("start", "member", "lo", "hi", "sure")}
        known = reach.project(*mine).renamed(mine)
        on = [(asked["start"], col(mine["start"])), (asked["member"], col(mine["member"]))]
        between = _between(scope.order, mine)
        before = self.relation.columns
        joined = self.relation.join(known, on, residual=between, how="left", small=True)
        self.relation = joined.project(*before, mine["sure"])
        found = case(
            (either(*map(missing, asked.values())), UNKNOWN),
            (eq(asked["start"], asked["member"]), TRUE),
            (col(mine["sure"]), TRUE),
            (missing(col(mine["sure"])), FALSE),
            otherwise=UNKNOWN,
        )
        return Answer(found)


def _between(order: Expr, names: dict[str, str]) -> Expr:
    """Whether an interval of a link's table holds for an ask at `order`."""
    return both(op("<", col(names["lo"]), order), op("<=", order, col(names["hi"])))


def truth_of(tables: StatusTables, state: Mapping[str, Expr], now: Expr, keyless: Expr) -> Expr:
    """Whether a status is held, of what is known of its key."""
    unknown = lit(tables.status.initially_unknown)
    never_changed = missing(state["sure_until"])
    return case(
        (keyless, UNKNOWN),
        (never_changed, case((unknown, UNKNOWN), otherwise=FALSE)),
        (op(">=", state["sure_until"], now), TRUE),
        (op(">=", state["possible_until"], now), UNKNOWN),
        otherwise=FALSE,
    )


def lasting(
    asking: Asking,
    period: p.PeriodValue,
    state: Mapping[str, Expr],
    held: Expr,
    keys: list[Expr],
) -> Expr:
    """Whether it has been held for at least a period: true if it is held and its first sure
    beginning lies so far back, false if it is not, or the first possible one does not (U4)."""
    from tosrules.plan.planner import NEVER

    planner, scope = asking.planner, asking.scope
    found = scope.period(period)
    dues: dict[str, Expr] = {}
    for name in ("sure_since", "possible_since"):
        into = planner.fresh(f"?{name}")
        asking.relation = planner.deadline(asking.relation, state[name], found, into)
        # Outside of the calendar: always held, or never begun.
        dues[name] = case(
            (op("<=", state[name], lit(NEVER)), TRUE),
            otherwise=op("coalesce", op(">=", scope.time, col(into)), FALSE),
        )
    sure = both(op(">=", state["sure_until"], scope.time), dues["sure_since"])
    possible = both(op(">=", state["possible_until"], scope.time), dues["possible_since"])
    never_changed = missing(state["sure_until"])
    return case(
        (either(*map(missing, keys)), UNKNOWN),
        (never_changed, held),
        (sure, TRUE),
        (possible, UNKNOWN),
        otherwise=FALSE,
    )


def states_at(planner: Planner, tables: StatusTables, asks: Relation) -> Relation:
    """For each ask (the key columns and `at`, an order) the state of its key just before it;
    asks of keys that never changed are left out."""
    keys = tables.keys
    here = tables.states
    changed = here.distinct(*keys).renamed({k: k + "!" for k in keys})
    on = [(col(k), col(k + "!")) for k in keys]
    asked = asks.join(changed, on, how="semi", small=True).distinct(*keys, "at")
    none = null("integer")
    both_kinds = union(
        asked.project(*keys, "at", sid=none, phase=lit(0)),
        here.project(*keys, "sid", at=col("sid"), phase=lit(1)).project(
            *keys, "at", "sid", "phase"
        ),
    )
    carried = both_kinds.project(
        *keys,
        "at",
        "phase",
        last=over(
            "max",
            col("sid"),
            by=[col(k) for k in keys],
            order=[col("at"), col("phase")],
            frame=SO_FAR,
        ),
    ).where(eq(col("phase"), lit(0)))
    states = here.renamed({k: k + "!" for k in keys})
    joined = carried.join(states, [*on, (col("last"), col("sid"))], how="inner")
    return planner.make(
        joined.project(*keys, "at", *STATE), "held", f"`{tables.status.name}` just before asked"
    )


# ---- any of a set -----------------------------------------------------------------------------


class Members(Record):
    """Asks of a status, one for each member of a set."""

    relation: Relation
    """`at`, `t`, the keys `k0`…, `sure` (the member is surely of the set), `member`, and by a
    link `way` and `opened`; with what is known of each key, and `held`."""
    held: Expr


def members_of(asking: Asking, e: p.Held) -> tuple[Members, Expr]:
    """One row for each ask and member, and where a key is missing."""
    planner, scope = asking.planner, asking.scope
    assert e.any_of is not None
    set_key = e.keys[e.any_of]
    made: dict[str, Expr] = {}
    for place, key in enumerate(e.keys):
        asked = key.start if isinstance(key, p.LinkMembers) else key
        made[f"k{place}"] = value(asked, scope).expr
    named = asking._columns(made)
    lacking = either(*map(missing, named.values()))
    asking.relation = planner.make(asking.relation, "asking", "events that ask `any of` a set")
    rows = asking.relation.where(op("not", lacking)).project(at=scope.order, t=scope.time, **named)
    set_name = f"k{e.any_of}"
    if isinstance(set_key, p.LinkMembers):
        rows = explode_link(planner, rows, set_key.link, set_name, "at")
        rows = rows.project(
            "at", "t", "sure", "way", "opened",
            **{k: col("member") if k == set_name else col(k) for k in made},
        )  # fmt: skip
    else:
        element = planner.fresh("element")
        rows = Explode(rows, col(set_name), element).project(
            "at", "t", sure=TRUE, way=NO_TEXTS, opened=NO_INTEGERS,
            **{k: col(element) if k == set_name else col(k) for k in made},
        ).distinct("at", "t", "sure", "way", "opened", *made)  # fmt: skip
    rows = planner.make(rows, "members", "one ask for each member of the set")
    tables = planner.statuses.of(e.status)
    asks = rows.project(**dict(zip(tables.keys, map(col, made), strict=True)), at=col("at"))
    found = states_at(planner, tables, asks)
    mine = {c: c + "!" for c in (*tables.keys, "at")}
    on = [(col(k), col(mine[t])) for k, t in zip(made, tables.keys, strict=True)]
    on.append((col("at"), col("at!")))
    joined = rows.join(found.renamed(mine), on, how="left").project(*rows.columns, *STATE)
    state = {n: col(n) for n in STATE}
    held = truth_of(tables, state, col("t"), FALSE)
    if e.for_at_least is not None:
        inner = Scope(planner, {"": ""}, "", scope.settings)
        member_asks = Asking(planner, joined, inner)
        held = lasting(member_asks, e.for_at_least, state, held, [])
        joined = member_asks.relation
    return Members(joined.extend(held=held), held), lacking


def _held_of_any(asking: Asking, e: p.Held) -> Expr:
    """True if true for a sure member, false if false for all possible ones (semantics U5)."""
    planner, scope = asking.planner, asking.scope
    members, lacking = members_of(asking, e)
    at, sure, false = (planner.fresh(f"?{n}") for n in ("at", "some", "none"))
    answers = members.relation.group(
        ["at"],
        some=aggregate("any", both(col("sure"), surely(col("held")))),
        none=aggregate("all", op("not", possibly(col("held")))),
    ).renamed({"at": at, "some": sure, "none": false})
    before = asking.relation.columns
    joined = asking.relation.join(answers, [(scope.order, col(at))], how="left")
    asking.relation = joined.project(*before, sure, false)
    return case(
        (lacking, UNKNOWN),
        (missing(col(sure)), FALSE),  # a set of nobody
        (col(sure), TRUE),
        (col(false), FALSE),
        otherwise=UNKNOWN,
    )


def explode_link(planner: Planner, rows: Relation, link: str, start: str, order: str) -> Relation:
    """A row for each party that a link may reach from `start` just before `order`: `member`,
    `sure`, `way` and `opened`. Whoever is tied to nobody reaches himself."""
    reach = planner.links.reach(link)
    names = {n: n + "!" for n in ("start", "member", "lo", "hi", "sure", "way", "opened")}
    known = reach.project(*names).renamed(names)
    on = [(col(start), col("start!"))]
    joined = rows.join(known, on, residual=_between(col(order), names), how="left", small=True)
    return joined.project(
        *rows.columns,
        member=op("coalesce", col("member!"), col(start)),
        sure=op("coalesce", col("sure!"), TRUE),
        way=op("coalesce", col("way!"), NO_TEXTS),
        opened=op("coalesce", col("opened!"), NO_INTEGERS),
    )
