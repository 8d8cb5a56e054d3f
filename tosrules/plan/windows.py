"""Rates and quotas: counting events of a key over windows (semantics R and Q).

Counts, sums and extremes are aggregates over a range of time; a number of different values is
a running sum of arrivals and expiries; gaps stand at their start, just after the events there,
so that one range holds exactly those that begin inside the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tosrules.plan import calendars
from tosrules.plan.asks import Asking
from tosrules.plan.conditions import condition, value
from tosrules.plan.dense import dense, filled, least_number
from tosrules.plan.expr import (
    SO_FAR,
    Expr,
    Frame,
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
    surely,
)
from tosrules.plan.relation import Relation, Table, aggregate, over, union
from tosrules.plan.scope import Scope
from tosrules.plan.values import Spread, Typed, held_as, wide
from tosrules.policy import expressions as p
from tosrules.policy.aggregates import aggregates_of
from tosrules.policy.model import Param, QuotaRule, RateRule
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner


class Windows(Record):
    """A rate or a quota judged."""

    counted: Table
    """Counting events: `idx` within `partition`, 1-based, `ord`, `pos`, `tied`."""
    partition: tuple[str, ...]
    """Key columns, and for a quota those of the window."""
    judged: Relation
    """Where it holds: all columns of the counting occurrence, `idx`, `first_idx`, `last_idx`
    (the counting events of the window), `wfpos`, `wft`, `wlast` (position and instant of the
    first recorded event of the window, and the instant of the last), `opens` (an episode opens;
    for a quota, it completes), and the columns that `computed` reads. A quota has every event
    from the completing one on."""
    computed: tuple[tuple[p.Aggregate, Any], ...]
    """Each aggregate with its value of `judged`: Typed or Spread; None: none."""


def needed(rule: RateRule | QuotaRule) -> list[p.Expression]:
    """What an event must have to count: the keys, and what the aggregates read."""
    found: list[p.Expression] = [k.value for k in rule.keys]
    found += [
        a.operand
        for a in aggregates_of(rule.having)
        if a.operand is not None and not isinstance(a.operand, p.Gap)
    ]
    return found


def windows(
    planner: Planner,
    rule: RateRule | QuotaRule,
    counting: Relation,
    settings: Mapping[str, Param],
) -> Windows:
    """Judges a rate or a quota over the events that count for it."""
    scope = Scope(planner, {"": "", rule.step.role: ""}, "", settings)
    asking = Asking(planner, counting, scope)
    asking.ask(*needed(rule))
    keys = {f"key{n}": held_as(value(k.value, scope), k.type) for n, k in enumerate(rule.keys)}
    found = aggregates_of(rule.having)
    operands: dict[p.Aggregate, tuple[str, Any]] = {}
    made: dict[str, Expr] = dict(keys)
    for n, each in enumerate(found):
        if each.operand is not None and not isinstance(each.operand, p.Gap):
            typed = value(each.operand, scope)
            operands[each] = (f"val{n}", typed)
            made[f"val{n}"] = typed.expr
    partition = list(keys)
    if isinstance(rule, QuotaRule) and rule.window is not None:
        window = rule.window
        parts = calendars.window(col("t"), window.amount, window.unit, planner.zone(window.zone))
        made.update({f"win{n}": part for n, part in enumerate(parts)})
        partition += [f"win{n}" for n in range(len(parts))]
    kept = [c for c in asking.relation.columns if not c.startswith("?")]
    by = [col(k) for k in partition]
    keyed = asking.relation.extend(made).project(*kept, *made)
    # A sum that cannot be held is an error, in whichever window it stands.
    summed = any(a.function in ("sum", "stddev") for a in found)
    number = 0 if summed else least_number(rule.having, scope)
    if isinstance(rule, RateRule):
        within = planner.length(rule.within, scope)
        placed = dense(planner, keyed, partition, number, within)
    else:
        placed = filled(planner, keyed, partition, number)
        placed = placed.extend(idx=over("row number", by=by, order=[col("ord")]))
    base = planner.make(placed, "keyed", "counting events by key, in order")
    if isinstance(rule, RateRule):
        judge: _Rate | _Quota = _Rate(planner, rule, scope, base, partition, operands)
    else:
        judge = _Quota(planner, rule, scope, base, partition, operands)
    return judge.windows(found)


class _Judging:
    def __init__(
        self,
        planner: Planner,
        rule: Any,
        scope: Scope,
        base: Table,
        partition: Sequence[str],
        operands: Mapping[p.Aggregate, tuple[str, Typed]],
    ) -> None:
        self.planner = planner
        self.rule = rule
        self.scope = scope
        self.base = base
        self.partition = tuple(partition)
        self.by = [col(k) for k in partition]
        self.operands = operands
        self.order = [col("ord")]
        self.columns: dict[str, Expr] = {}
        """Windows over the base itself."""
        self.joined: list[Relation] = []
        """`ord!` and values worked out apart."""

    def value(self, each: p.Aggregate, n: int) -> Any:
        raise NotImplementedError

    def measured(self, found: Sequence[p.Aggregate]) -> Relation:
        """The base with the value of every aggregate."""
        for n, each in enumerate(found):
            self.scope.aggregates[each] = self.value(each, n)
        relation: Relation = self.base.extend(self.columns)
        for other in self.joined:
            joined = relation.join(other, [(col("ord"), col("ord!"))], how="left")
            relation = joined.project(*(c for c in joined.columns if c != "ord!"))
        return relation

    def computed(self, found: Sequence[p.Aggregate]) -> tuple[tuple[p.Aggregate, Any], ...]:
        return tuple((each, self.scope.aggregates[each]) for each in found)

    def column(self, name: str, made: Expr) -> Expr:
        self.columns[name] = made
        return col(name)

    def gathered(self, each: p.Aggregate, n: int, of: Typed, over_: Any, number: Expr) -> Any:
        """Sum, extreme or spread of `of`, by the window function `over_`; `number`: of values."""
        name = f"agg{n}"
        match each.function:
            case "sum":
                operand = of if of.kind == "integer" else wide(of)
                return Typed(over_(name, "sum", operand.expr), "wide", operand.places)
            case "min" | "max":
                return Typed(over_(name, each.function, of.expr), of.kind, of.places)
            case "stddev":
                operand = wide(of)
                square = op("*", operand.expr, operand.expr)
                total = op("wide", over_(f"{name}.s", "sum", operand.expr))
                squares = op("wide", over_(f"{name}.q", "sum", square))
                return Spread(number, total, squares, operand.places)
        raise ValueError(f"no aggregate {each.function}")


def _flag(when: Expr) -> Expr:
    return case((when, lit(1)), otherwise=lit(0))


# ---- rates ---------------------------------------------------------------------------------


class _Rate(_Judging):
    """Once per key and instant, at the key's last counting event there, over those at most
    `within` back (semantics R1)."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.within = self.planner.length(self.rule.within, self.scope)
        self.frame = Frame("range", self.within)

    def ranged(self, name: str, function: str, *args: Expr) -> Expr:
        made = over(function, *args, by=self.by, order=[col("t")], frame=self.frame)
        return self.column(name, made)

    def windows(self, found: Sequence[p.Aggregate]) -> Windows:
        self.ranged("number", "count")
        recorded = not self.rule.step.signals
        if not recorded:
            self.ranged("wfpos", "min", col("fpos"))
            self.ranged("wft", "min", col("ft"))
            self.ranged("wlast", "max", col("last"))
        following = over("lead", col("t"), by=self.by, order=self.order)
        self.column("following", following)
        measured = self.measured(found)
        last = op("coalesce", op("<>", col("following"), col("t")), lit(True))
        holds = surely(condition(self.rule.having, self.scope))
        judged = measured.where(last).extend(holds=holds)
        # Where events were left out, it did not hold at the last of them.
        before = over("lag", col("holds"), by=[*self.by, col("stretch")], order=self.order)
        episodes = judged.extend(before=before)
        holding = episodes.where(col("holds")).extend(
            opens=negation(op("coalesce", col("before"), lit(False))),
            first_idx=op("+", op("-", col("idx"), col("number")), lit(1)),
            last_idx=col("idx"),
        )
        if recorded:
            holding = self._spanned(holding)
        kept = self.planner.make(holding, "rates", "where the rate holds")
        return Windows(self.base, self.partition, kept, self.computed(found))

    def _spanned(self, holding: Relation) -> Relation:
        """Of recorded events the first in order is the first of all, and each is its own last."""
        mine = {c: f"{c}!" for c in self.partition}
        first = self.base.project(
            **{m: col(c) for c, m in mine.items()},
            **{"idx!": col("idx"), "wfpos": col("pos"), "wft": col("t")},
        )
        on = [(col(c), col(m)) for c, m in mine.items()]
        on.append((col("first_idx"), col("idx!")))
        joined = holding.join(first, on).extend(wlast=col("t"))
        return joined.project(*holding.columns, "wfpos", "wft", "wlast")

    def value(self, each: p.Aggregate, n: int) -> Any:
        if isinstance(each.operand, p.Gap):
            return self.gap(each, n)
        if each.function == "count":
            return Typed(self.ranged("number", "count"), "integer")
        name, typed = self.operands[each]
        here = Typed(col(name), typed.kind, typed.places)
        if each.function == "count_if":
            return Typed(self.ranged(f"agg{n}", "sum", _flag(here.expr)), "integer")
        if each.function == "distinct":
            return self.distinct(n, here.expr)
        return self.gathered(each, n, here, self.ranged, col("number"))

    def distinct_gaps(self, n: int) -> Typed:
        """As for values, but a gap arrives with its end and leaves when its start does; one
        longer than the window is never inside."""
        length = lit(self.within)
        start = over("lag", col("t"), by=self.by, order=self.order)
        begun = self.base.project(*self.partition, "ord", "t", start=start)
        short = op("<=", op("-", col("t"), col("start")), length)
        inside = begun.where(short).extend(gap=op("-", col("t"), col("start")))
        values = [*self.by, col("gap")]
        marked = inside.extend(
            earlier=over("lag", col("start"), by=values, order=self.order),
            later=over("lead", col("t"), by=values, order=self.order),
        )
        until = op("+", col("start"), length)
        new = either(missing(col("earlier")), op("<", op("+", col("earlier"), length), col("t")))
        gone = either(missing(col("later")), op(">", col("later"), until))
        arrivals = marked.project(
            *self.partition, ord=col("ord"), at=col("t"), phase=lit(0), step=_flag(new)
        )
        others = begun.where(negation(surely(short))).project(
            *self.partition, ord=col("ord"), at=col("t"), phase=lit(0), step=lit(0)
        )
        expiries = marked.where(gone).project(
            *self.partition, ord=col("ord"), at=until, phase=lit(1), step=lit(-1)
        )
        return self.swept(n, union(arrivals, others, expiries))

    def distinct(self, n: int, of: Expr) -> Typed:
        """+1 where a value arrives that was not in the window, −1 where one leaves it that
        does not come again; what expires at an instant does so after the arrivals there."""
        values = [*self.by, of]
        length = lit(self.within)
        marked = self.base.extend(
            earlier=over("lag", col("t"), by=values, order=self.order),
            later=over("lead", col("t"), by=values, order=self.order),
        )
        new = either(missing(col("earlier")), op(">", op("-", col("t"), col("earlier")), length))
        gone = either(missing(col("later")), op(">", op("-", col("later"), col("t")), length))
        arrivals = marked.project(
            *self.partition, ord=col("ord"), at=col("t"), phase=lit(0), step=_flag(new)
        )
        expiries = marked.where(gone).project(
            *self.partition, ord=col("ord"), at=op("+", col("t"), length), phase=lit(1),
            step=lit(-1),
        )  # fmt: skip
        return self.swept(n, union(arrivals, expiries))

    def swept(self, n: int, steps: Relation) -> Typed:
        """The running sum of arrivals and expiries, at each arrival."""
        name = f"agg{n}"
        running = over(
            "sum",
            col("step"),
            by=self.by,
            order=[col("at"), col("phase"), col("ord")],
            frame=SO_FAR,
        )
        swept = steps.project("ord", "phase", **{name: running})
        self.joined.append(
            swept.where(eq(col("phase"), lit(0))).project(**{"ord!": col("ord"), name: col(name)})
        )
        return Typed(col(name), "integer")

    def gap(self, each: p.Aggregate, n: int) -> Any:
        """Times are doubled: a gap stands at twice its start, plus one if it has a length, an
        asking event at twice its time (semantics R2)."""
        if each.function == "distinct":
            return self.distinct_gaps(n)
        start = over("lag", col("t"), by=self.by, order=self.order)
        gaps = self.base.project(*self.partition, "ord", "t", start=start).where(
            op("is not null", col("start"))
        )
        length = op("-", col("t"), col("start"))
        doubled = op("*", col("start"), lit(2))
        place = case((op(">", length, lit(0)), op("+", doubled, lit(1))), otherwise=doubled)
        none = null("integer")
        rows = union(
            gaps.project(*self.partition, at=place, gap=length, ord=none),
            self.base.project(
                *self.partition, at=op("*", col("t"), lit(2)), gap=none, ord=col("ord")
            ),
        )
        made: dict[str, Expr] = {}
        frame = Frame("range", 2 * self.within)

        def ranged(name: str, function: str, *args: Expr) -> Expr:
            made[name] = over(function, *args, by=self.by, order=[col("at")], frame=frame)
            return col(name)

        number = ranged(f"agg{n}.n", "count", col("gap"))
        found = _of_gaps(self, each, n, ranged, number)
        kept = rows.project("ord", **made).where(op("is not null", col("ord")))
        self.joined.append(kept.renamed({"ord": "ord!"}))
        return found


def _of_gaps(judging: _Judging, each: p.Aggregate, n: int, over_: Any, number: Expr) -> Any:
    gap = Typed(col("gap"), "integer")
    if each.function == "count":
        return Typed(number, "integer")
    return judging.gathered(each, n, gap, over_, number)


# ---- quotas --------------------------------------------------------------------------------


class _Quota(_Judging):
    """Over the whole window, completed by the first event from which it holds at every later
    one (semantics Q2)."""

    def running(self, name: str, function: str, *args: Expr) -> Expr:
        made = over(function, *args, by=self.by, order=self.order, frame=SO_FAR)
        return self.column(name, made)

    def windows(self, found: Sequence[p.Aggregate]) -> Windows:
        if any(isinstance(each.operand, p.Gap) for each in found):
            lag = over("lag", col("t"), by=self.by, order=self.order)
            self.base = self.planner.make(
                self.base.extend(gap=op("-", col("t"), lag)), "gaps", "with the gap before each"
            )
        for n, each in enumerate(found):
            if each.function == "distinct":
                name = "gap" if isinstance(each.operand, p.Gap) else self.operands[each][0]
                again = over("row number", by=[*self.by, col(name)], order=self.order)
                self.base = self.planner.make(
                    self.base.extend({f"nth{n}": again}), "firsts", "with first values marked"
                )
        measured = self.measured(found)
        holds = surely(condition(self.rule.having, self.scope))
        judged = self.planner.make(measured.extend(holds=holds), "quotas", "after each event")
        whole = {c: f"{c}!" for c in self.partition}
        ends = self.planner.make(
            judged.group(
                list(self.partition),
                bad=aggregate("max", case((negation(col("holds")), col("idx")), otherwise=lit(0))),
                last_idx=aggregate("max", col("idx")),
                wfpos=aggregate("min", col("fpos")),
                wft=aggregate("min", col("ft")),
                wlast=aggregate("max", col("last")),
            )
            .where(op("<", col("bad"), col("last_idx")))
            .renamed(whole),
            "broken",
            "windows over which the quota is broken at the end",
        )
        on = [(col(c), col(f"{c}!")) for c in self.partition]
        values = _columns_read(self.computed(found))
        own = [c for c in judged.columns if c not in values]
        holding = judged.project(*own).join(ends, on, residual=op(">", col("idx"), col("bad")))
        final = judged.project(*self.partition, "idx", *values).renamed(
            {"idx": "idx?", **{c: f"{c}?" for c in self.partition}}
        )
        final_on = [(col(c), col(f"{c}?")) for c in self.partition]
        final_on.append((col("last_idx"), col("idx?")))
        joined = holding.join(final, final_on)
        gone = {f"{c}!" for c in self.partition} | {f"{c}?" for c in self.partition} | {"idx?"}
        kept = self.planner.make(
            joined.extend(
                first_idx=lit(1), opens=eq(col("idx"), op("+", col("bad"), lit(1)))
            ).project(*own, *values, "first_idx", "last_idx", "wfpos", "wft", "wlast", "opens"),
            "completed",
            "events from which the quota stays broken",
        )
        assert not gone & set(kept.columns)
        return Windows(self.base, self.partition, kept, self.computed(found))

    def value(self, each: p.Aggregate, n: int) -> Any:
        if isinstance(each.operand, p.Gap):
            if each.function == "distinct":
                first = both(eq(col(f"nth{n}"), lit(1)), op("is not null", col("gap")))
                return Typed(self.running(f"agg{n}", "sum", _flag(first)), "integer")
            number = self.running(f"agg{n}.n", "count", col("gap"))
            return _of_gaps(self, each, n, self.running, number)
        number = self.column("number", col("idx"))
        if each.function == "count":
            return Typed(number, "integer")
        name, typed = self.operands[each]
        here = Typed(col(name), typed.kind, typed.places)
        if each.function == "count_if":
            return Typed(self.running(f"agg{n}", "sum", _flag(here.expr)), "integer")
        if each.function == "distinct":
            first = _flag(eq(col(f"nth{n}"), lit(1)))
            return Typed(self.running(f"agg{n}", "sum", first), "integer")
        return self.gathered(each, n, here, self.running, number)


def _columns_read(computed: Sequence[tuple[p.Aggregate, Any]]) -> list[str]:
    """Columns that the values are read from."""
    from tosrules.plan.expr import columns_of

    found: dict[str, None] = {}
    for _, of in computed:
        exprs: list[Expr] = []
        if isinstance(of, Typed):
            exprs = [of.expr]
        elif isinstance(of, Spread):
            exprs = [of.count, of.sum, of.squares]
        for expr in exprs:
            for name in sorted(columns_of(expr)):
                if name != "idx":
                    found.setdefault(name)
    return list(found)
