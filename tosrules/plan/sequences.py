"""Sequences: of each completing event the latest complete chain (semantics S), carried from
step to step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tosrules.plan.asks import Asking, asks_in, explode_link
from tosrules.plan.conditions import condition, scalar, value
from tosrules.plan.expr import (
    FALSE,
    TRUE,
    Expr,
    both,
    case,
    col,
    either,
    eq,
    lit,
    missing,
    negation,
    null,
    op,
    possibly,
    surely,
)
from tosrules.plan.pieces import pays, piece, reached
from tosrules.plan.reasons import When, lacking, reasons
from tosrules.plan.relation import Relation, Table, aggregate
from tosrules.plan.scope import Scope
from tosrules.plan.tally import Tally
from tosrules.plan.ties import nearest
from tosrules.policy import expressions as p
from tosrules.policy.model import Difference, Param, SequenceRule, SequenceStep, Tie, Without
from tosrules.policy.unknown import STATUS_UNKNOWN, Reason, own_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tosrules.plan.planner import Planner

Admit = Callable[[Relation, Scope, "p.Expression | None", "list[p.Expression]"], Table]
"""The events that may stand as the completing step; tallies what it decides."""
STEP = ("ord", "pos", "t", "fpos", "ft", "tied")
"""What is kept of each step of a chain, with the attributes that anybody reads."""


def prefix(place: int) -> str:
    """Of the columns of a step: `s0.`, `s1.`, …"""
    return f"s{place}."


class Sequences:
    """The complete chains of a sequence."""

    def __init__(
        self,
        planner: Planner,
        rule: SequenceRule,
        settings: Mapping[str, Param],
        tally: Tally,
        in_period: Callable[[Relation], Relation],
        attributes: Sequence[tuple[str, object]],
        admit: Admit | None,
    ) -> None:
        self.planner = planner
        self.rule = rule
        self.settings = settings
        self.tally = tally
        self.in_period = in_period
        self.attributes = attributes
        self.admit = admit
        self._known_unwanted: dict[tuple[int, int], Table] = {}
        self._unwanted_rows: dict[tuple[int, int], tuple[Table, Scope]] = {}

    def complete(self) -> Table:
        """One row for each completing event that has a chain: the columns of every step under
        its prefix, and `chain.tied`."""
        chains: Table | None = None
        for place, step in enumerate(self.rule.steps):
            following = self.rule.steps[place + 1 :][:1]
            here = self._standing(step, following[0] if following else None)
            marked = here.renamed({n: prefix(place) + n for n in here.columns})
            if chains is None:
                tied = col(prefix(0) + "tied")
                chains = self.planner.make(
                    marked.extend({"chain.tied": tied}), "chains", "first steps"
                )
            else:
                chains = self._continued(place, chains, marked)
        assert chains is not None, "a sequence has steps"
        return chains

    def scope(self, role: str, at: str = "") -> Scope:
        return Scope(self.planner, {"": at, role: at}, at, self.settings)

    # ---- one event on its own ---------------------------------------------------------------
    def _standing(self, step: SequenceStep, following: SequenceStep | None) -> Table:
        planner = self.planner
        needed = _needed(step, following)
        where = step.step.where
        scope = self.scope(step.step.role)
        occurrences = self.in_period(
            planner.occurrences(step.step, self.attributes, as_step=True)  # type: ignore[arg-type]
        )
        if following is None and self.admit is not None:
            return self.admit(occurrences, scope, where, needed)
        asking = Asking(planner, occurrences, scope)
        self.tally.see(asking.relation)
        asking.narrow(where)
        asking.ask(where, *needed)
        met = condition(where, scope)
        lack = either(*(lacking(x, scope) for x in needed))
        made = asking.relation.where(possibly(met)).extend(met=surely(met), lack=lack)
        if met != TRUE or asks_in(*needed):
            made = planner.make(made, "asked", "events that may be this step")
        good = both(col("met"), negation(col("lack")))
        if met != TRUE or lack != FALSE:
            why = reasons(where, scope)
            for x in needed:
                why += reasons(x, scope)
            bad = planner.make(made.where(negation(good)), "unsure", "events that may be this step")
            self.tally.doubt(bad, why)
        kept = [n for n in occurrences.columns if not n.startswith("?")]
        return planner.make(made.where(good).project(*kept), "steps", f"step {step.step.role}")

    # ---- the step before --------------------------------------------------------------------
    def _continued(self, place: int, chains: Table, here: Relation) -> Table:
        planner = self.planner
        step = self.rule.steps[place]
        at, before = prefix(place), prefix(place - 1)
        scope = self.scope(step.step.role, at)
        earlier_role = self.rule.steps[place - 1].step.role
        earlier = self.scope(earlier_role, before)
        asking = Asking(planner, here, scope)
        asking.ask(*_later(step), *(t.earlier for w in step.without for t in w.ties))
        standing = planner.make(
            asking.relation, "standing", f"step {step.step.role}, with its ties"
        )
        candidates_asking = Asking(planner, chains, earlier)
        candidates_asking.ask(*_earlier(step))
        keys = [f"key{n}" for n in range(len(step.ties))]
        difference = step.difference
        parts = [f"part{n}" for n in range(len(difference.later))] if difference else []
        candidates = candidates_asking.relation.project(
            cand=col(before + "ord"),
            t=col(before + "t"),
            **{k: scalar(t.earlier, earlier) for k, t in zip(keys, step.ties, strict=True)},
            **{
                k: scalar(x, earlier)
                for k, x in zip(parts, difference.earlier if difference else (), strict=True)
            },
        )
        asked = self._in_reach(place, standing, candidates, keys)
        asks = tie_asks(planner, step.ties, asked, scope, at, parts, difference)
        sure = asks.where(col("sure")) if "sure" in asks.columns else asks
        found = nearest(planner, candidates, sure, keys=keys, parts=parts)
        linked = self._linked(place, asked, found, chains)
        judged = self._judged(place, linked, scope, bool(step.without))
        good = both(col("near"), eq(col("broken"), lit(0)))
        if step.without:
            self._doubt_unwanted(place, judged)
        possible = any(t.link for t in step.ties)
        if possible or len(parts) > 1:
            matched = judged.where(both(col("near"), op("<=", col("broken"), lit(1)))).project(
                **{"at!": col(at + "ord")}
            )
            rest = standing.join(matched, [(col(at + "ord"), col("at!"))], how="anti")
            rest = planner.make(rest, "rest", "events without a sure chain")
            perhaps = tie_asks(planner, step.ties, rest, scope, at, parts, difference)
            near = nearest(planner, candidates, perhaps, keys=keys, parts=parts, unknown=True)
            maybe = self._judged(place, self._linked(place, rest, near, chains), scope, False)
            unsure = planner.make(
                maybe.where(col("near"), op("<=", col("broken"), lit(1))),
                "perhaps",
                "events that may follow a chain",
            )
            self._doubt(place, unsure)
        tied = either(
            col("beside"), col("chain.tied"), col(at + "tied"), eq(col(before + "t"), col(at + "t"))
        )
        kept = [n for n in (*chains.columns, *here.columns) if n != "chain.tied"]
        return planner.make(
            judged.where(good).project(*kept, **{"chain.tied": tied}),
            "chains",
            f"chains up to step {step.step.role}",
        )

    def _in_reach(
        self, place: int, standing: Table, candidates: Relation, keys: Sequence[str]
    ) -> Table:
        """The events, those left out of which it is plain that no step before lies near."""
        planner, step, at = self.planner, self.rule.steps[place], prefix(place)
        if step.within is None or any(tie.link for tie in step.ties) or not step.ties:
            return standing
        scope = self.scope(step.step.role, at)
        within = planner.length(step.within, scope)
        if not pays(planner, within):
            return standing
        near = reached(candidates, keys, within)
        on = [(scalar(t.later, scope), col(k)) for k, t in zip(keys, step.ties, strict=True)]
        on.append((piece(col(at + "t"), within), col("piece")))
        return planner.make(
            standing.join(near, on, how="semi", small=True),
            "reached",
            f"step {step.step.role}, where the step before may lie near",
        )

    def _linked(self, place: int, standing: Relation, found: Relation, chains: Table) -> Table:
        """Each event beside the chain that was found for it."""
        at, before = prefix(place), prefix(place - 1)
        near = found.renamed({"at": "at!", "found": "found!"})
        joined = standing.join(near, [(col(at + "ord"), col("at!"))]).join(
            chains, [(col("found!"), col(before + "ord"))]
        )
        rest = [n for n in joined.columns if n not in ("at!", "found!")]
        return self.planner.make(joined.project(*rest), "linked", "events with the chain before")

    def _judged(self, place: int, linked: Table, scope: Scope, ties: bool) -> Table:
        """With `near`: in time; `broken`: 0 no, 1 perhaps, 2 surely by an unwanted event, and
        `unwanted0`, … the order of the latest doubtful one of each `without`; `beside`: an
        unwanted event lies outside only by the order of records."""
        step = self.rule.steps[place]
        at, before = prefix(place), prefix(place - 1)
        near: Expr = TRUE
        if step.within is not None:
            since = op("-", col(at + "t"), col(before + "t"))
            near = op("<=", since, lit(self.planner.length(step.within, scope)))
        relation: Relation = linked.extend(near=near)
        broken: list[Expr] = []
        doubtful: list[Expr] = []
        beside: list[Expr] = [FALSE]
        for n, without in enumerate(step.without):
            relation = self._without(n, place, without, relation, scope, ties)
            broken.append(op("coalesce", op(">", col(f"sure{n}"), col(before + "ord")), FALSE))
            doubtful.append(
                op("coalesce", op(">", col(f"unwanted{n}"), col(before + "ord")), FALSE)
            )
            if ties:
                beside.append(col(f"beside{n}"))
        state = case((either(*broken), lit(2)), (either(*doubtful), lit(1)), otherwise=lit(0))
        return self.planner.make(
            relation.extend(broken=state, beside=either(*beside)), "judged", "in time, unbroken"
        )

    # ---- without ----------------------------------------------------------------------------
    def _without(
        self, n: int, place: int, without: Without, relation: Relation, scope: Scope, ties: bool
    ) -> Relation:
        planner = self.planner
        at, before = prefix(place), prefix(place - 1)
        unwanted = self._unwanted(place, n, without)
        keys = [f"key{k}" for k in range(len(without.ties))]
        relation = planner.make(relation, "stretch", "the stretch between two steps")
        asks = relation.project(
            at=col(at + "ord"),
            **{k: scalar(t.earlier, scope) for k, t in zip(keys, without.ties, strict=True)},
        )
        made: Relation = relation
        for name, sure in ((f"sure{n}", True), (f"unwanted{n}", False)):
            some = unwanted.where(col("sure") if sure else negation(col("sure")))
            found = nearest(planner, some.project("cand", *keys), asks, keys=keys)
            renamed = found.renamed({"at": "at!", "found": name})
            joined = made.join(renamed, [(col(at + "ord"), col("at!"))], how="left")
            made = joined.project(*made.columns, name)
        if not ties:
            return made
        ends = planner.make(
            unwanted.group(
                [*keys, "t"],
                least=aggregate("min", col("cand")),
                most=aggregate("max", col("cand")),
            ),
            "unwanted_ends",
            "unwanted events by instant",
        )
        mine = {k: k + "!" for k in (*keys, "t", "least", "most")}
        names = []
        for side, when in (("before", before), ("after", at)):
            own = {k: f"{k}!{side}{n}" for k in mine}
            on = [
                (scalar(t.earlier, scope), col(own[k]))
                for k, t in zip(keys, without.ties, strict=True)
            ]
            on.append((col(when + "t"), col(own["t"])))
            made_now = made.columns
            joined = made.join(ends.renamed(own), on, how="left")
            made = joined.project(*made_now, own["least"], own["most"])
            names.append(own)
        low = op("<", col(names[0]["least"]), col(before + "ord"))
        high = op(">", col(names[1]["most"]), col(at + "ord"))
        gone = {own[k] for own in names for k in ("least", "most")}
        beside = either(op("coalesce", low, FALSE), op("coalesce", high, FALSE))
        return made.extend({f"beside{n}": beside}).project(
            *(c for c in made.columns if c not in gone), f"beside{n}"
        )

    def _unwanted(self, place: int, n: int, without: Without) -> Table:
        """`cand`, `t`, the keys, `sure`: the events that break a chain at this step, and those
        that may (semantics S3). One that lacks a key breaks none."""
        known = self._known_unwanted.get((place, n))
        if known is not None:
            return known
        planner = self.planner
        where = without.step.where
        expressions = [where, *(t.later for t in without.ties)]
        attributes = planner.attributes(*(x for x in expressions if x is not None))
        scope = self.scope(without.step.role)
        occurrences = planner.occurrences(without.step, attributes, as_step=True)
        asking = Asking(planner, occurrences, scope)
        asking.narrow(where)
        asking.ask(*expressions)
        met = condition(where, scope)
        lack = either(*(lacking(t.later, scope) for t in without.ties))
        table = planner.make(
            asking.relation.where(possibly(met), negation(lack)).extend(met=surely(met)),
            "unwanted",
            f"what must not be: {without.step.text}",
        )
        asks = tie_asks(planner, without.ties, table, scope, "", [], None)
        keys = [f"key{k}" for k in range(len(without.ties))]
        marks = table.project(**{"ord!": col("ord"), "met": col("met"), "t": col("t")})
        joined = asks.join(marks, [(col("at"), col("ord!"))])
        sure = both(col("met"), col("sure")) if "sure" in asks.columns else col("met")
        found = planner.make(
            joined.project(*keys, "t", cand=col("at"), sure=sure), "unwanted", "by what ties them"
        )
        self._unwanted_rows[place, n] = (table, scope)
        self._known_unwanted[place, n] = found
        return found

    def _doubt_unwanted(self, place: int, judged: Table) -> None:
        """The latest doubtful unwanted event of each `without` is undetermined, where it may
        break a chain and none surely does."""
        planner = self.planner
        before = prefix(place - 1)
        step = self.rule.steps[place]
        stretch = judged.where(col("near"), eq(col("broken"), lit(1)))
        own = self.scope(step.step.role, prefix(place))
        for n, without in enumerate(step.without):
            table, scope = self._unwanted_rows[place, n]
            hit = stretch.where(op(">", col(f"unwanted{n}"), col(before + "ord")))
            why = reasons(without.step.where, scope)
            linked = [t for t in without.ties if t.link]
            if not linked:
                found = hit.distinct(f"unwanted{n}")
                doubted = table.join(found, [(col("ord"), col(f"unwanted{n}"))], how="semi")
                self.tally.doubt(planner.make(doubted, "doubted", "may break a chain"), why)
                continue
            joined = hit.join(table, [(col(f"unwanted{n}"), col("ord"))])
            rows = planner.make(joined, "doubted", "may break a chain")
            for tie in without.ties:
                why += tie_reasons(tie, scope, own)
            told, more = with_link_reasons(planner, rows, linked, scope, own, "")
            self.tally.doubt(told, why + more)

    # ---- doubts -----------------------------------------------------------------------------
    def _doubt(self, place: int, rows: Table) -> None:
        """An event that only a possible link, or a `!=` that is unknown, keeps from following
        a chain in time is undetermined (semantics C4)."""
        step = self.rule.steps[place]
        at = prefix(place)
        inner = self.scope(step.step.role, at)
        before = self.scope(self.rule.steps[place - 1].step.role, prefix(place - 1))
        relation: Relation = rows
        here = Asking(self.planner, relation, inner)
        here.ask(*_later(step))
        there = Asking(self.planner, here.relation, before)
        there.ask(*_earlier(step))
        relation = there.relation
        why = difference_reasons(step.difference, inner, before)
        for tie in step.ties:
            why += tie_reasons(tie, inner, before)
        linked = [t for t in step.ties if t.link]
        relation, more = with_link_reasons(self.planner, relation, linked, inner, before, at)
        self.tally.doubt(
            self.planner.make(relation, "doubted", "may follow a chain"),
            why + more,
            position=col(at + "pos"),
        )


def tie_asks(
    planner: Planner,
    ties: Sequence[Tie],
    rows: Relation,
    scope: Scope,
    at: str,
    parts: Sequence[str],
    difference: Difference | None,
) -> Relation:
    """`at`, the keys and parts of each event; with a link one row for each party reached just
    before it, and `sure`."""
    made: dict[str, Expr] = {"at": col(at + "ord")}
    for n, tie in enumerate(ties):
        made[f"key{n}"] = scalar(tie.later, scope)
    for name, x in zip(parts, difference.later if difference else (), strict=True):
        made[name] = scalar(x, scope)
    asks: Relation = rows.project(**made)
    sure: Expr = TRUE
    for n, tie in enumerate(ties):
        if not tie.link:
            continue
        exploded = explode_link(planner, asks, tie.link, f"key{n}", "at")
        known = col("sure") if sure == TRUE else both(col("sofar"), col("sure"))
        names = [c for c in asks.columns if c not in (f"key{n}", "sofar")]
        lost = missing(col(f"key{n}"))
        asks = exploded.project(
            *names,
            **{f"key{n}": case((lost, null("text")), otherwise=col("member")), "sofar": known},
        )
        sure = col("sofar")
    if sure == TRUE:
        return asks
    made_of = [c for c in asks.columns if c != "sofar"]
    # A value reached both surely and possibly is surely reached.
    return asks.group(made_of, sure=aggregate("any", col("sofar")))


def with_link_reasons(
    planner: Planner,
    rows: Relation,
    linked: Sequence[Tie],
    later: Scope,
    earlier: Scope,
    at: str,
) -> tuple[Relation, list[When]]:
    """Where a value is reached by possible links only."""
    why: list[When] = []
    for tie in linked:
        reach = planner.links.reach(tie.link)
        mine = {n: planner.fresh(f"?{n}") for n in ("start", "member", "lo", "hi", "sure")}
        known = reach.project(*mine).renamed(mine)
        start, member = scalar(tie.later, later), scalar(tie.earlier, earlier)
        rows = planner.make(rows, "tying", "events that a link ties")
        order = col(at + "ord")
        between = both(op("<", col(mine["lo"]), order), op("<=", order, col(mine["hi"])))
        before = rows.columns
        joined = rows.join(
            known,
            [(start, col(mine["start"])), (member, col(mine["member"]))],
            residual=between,
            how="left",
            small=True,
        )
        rows = joined.project(*before, mine["sure"])
        unknown = both(op("coalesce", op("not", col(mine["sure"])), FALSE), op("<>", start, member))
        why.append((Reason(STATUS_UNKNOWN, own_name(tie.link)), unknown))
    return rows, why


def tie_reasons(tie: Tie, later: Scope, earlier: Scope) -> list[When]:
    """Why an equality of two events is unknown: a value is missing."""
    found: list[When] = []
    for x, scope in ((tie.later, later), (tie.earlier, earlier)):
        found += [(r, both(lacking(x, scope), when)) for r, when in reasons(x, scope)]
    return found


def difference_reasons(difference: Difference | None, later: Scope, earlier: Scope) -> list[When]:
    """Why a `!=` of two events is unknown; none if it is not."""
    if difference is None:
        return []
    pairs = list(zip(difference.later, difference.earlier, strict=True))
    told = either(
        *(surely(op("<>", value(a, later).expr, value(b, earlier).expr)) for a, b in pairs)
    )
    found: list[When] = []
    for x, scope in [(a, later) for a, _ in pairs] + [(b, earlier) for _, b in pairs]:
        for reason, when in reasons(x, scope):
            found.append((reason, both(negation(told), when)))
    return found


def _later(step: SequenceStep) -> list[p.Expression]:
    found = [t.later for t in step.ties]
    return found + list(step.difference.later if step.difference else ())


def _earlier(step: SequenceStep) -> list[p.Expression]:
    found = [t.earlier for t in step.ties]
    return found + list(step.difference.earlier if step.difference else ())


def _needed(step: SequenceStep, following: SequenceStep | None) -> list[p.Expression]:
    """What ties the event to the step before, to unwanted events and to the step after. A
    tuple in a `!=` may lack a part and differ in another, so only a single value is needed."""
    ties: list[Tie] = [t for without in step.without for t in without.ties]
    needed = [t.later for t in step.ties] + [t.earlier for t in ties]
    if step.difference is not None and len(step.difference.later) == 1:
        needed += step.difference.later
    if following is not None:
        needed += [t.earlier for t in following.ties]
        if following.difference is not None and len(following.difference.earlier) == 1:
            needed += following.difference.earlier
    return needed
