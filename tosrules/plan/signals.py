"""Signals: rates, quotas and sequences that are events themselves (semantics R4, V7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tosrules.plan.asks import Asking, asks_in
from tosrules.plan.conditions import condition, value
from tosrules.plan.expr import (
    FALSE,
    TRUE,
    Expr,
    both,
    col,
    either,
    lit,
    negation,
    null,
    op,
    possibly,
    surely,
)
from tosrules.plan.reasons import lacking, reasons
from tosrules.plan.relation import Explode, Relation, Table, union
from tosrules.plan.scope import Scope, column_name
from tosrules.plan.sequences import Sequences, prefix
from tosrules.plan.tally import Tally
from tosrules.plan.values import held_as
from tosrules.plan.windows import Windows, needed, windows
from tosrules.policy.model import QuotaRule, RateRule, SequenceRule, Signal, Step
from tosrules.policy.ranks import ranks
from tosrules.record import Record
from tosrules.vocabulary import TEXT

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner


_ID = column_name("id", TEXT)


class SignalTables(Record):
    signal: Signal
    table: Table
    """The columns of every occurrence, `fires` (an episode opens), what it carries, and of its
    evidence the partition and `first_idx` and `last_idx`, or the orders of its steps."""
    windows: Windows | None
    types: frozenset[str]
    """The event types it is made of."""
    tally: Tally
    """Events that could not be judged for it."""


class Signals:
    """The signals of a policy, planned when first asked."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._known: dict[str, SignalTables] = {}
        self._ranks: dict[str, int] | None = None

    def rank(self, name: str) -> int:
        if self._ranks is None:
            self._ranks = ranks(self._planner.policy)
        return self._ranks[name]

    def of(self, name: str) -> SignalTables:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = _plan(self._planner, self._planner.policy.signals[name])
        return found

    def occurrences(self, name: str, names: Mapping[str, str], as_step: bool) -> Relation:
        """The signal as events: where it fires, or `as_step` wherever it holds."""
        from tosrules.plan.planner import OWN

        table = self.of(name).table
        rows: Relation = table if as_step else table.where(col("fires"))
        if _ID in names:
            # A signal has the id of the event that completes it.
            ids = self._planner.scan.project(_ID, **{"pos!": col("pos")})
            rows = rows.join(ids, [(col("pos"), col("pos!"))])
        carried = {n: col(n) if n in rows.columns else null(kind) for n, kind in names.items()}
        return rows.project(*OWN, **carried)

    def types(self, step: Step) -> frozenset[str]:
        """The event types that a step reads, those of its signals included."""
        found = set(step.types)
        for name in step.signals:
            rule = self._planner.policy.signals[name].rule
            below = [s.step for s in rule.steps] if isinstance(rule, SequenceRule) else [rule.step]
            for inner in below:
                found |= self.types(inner)
        return frozenset(found)

    def recorded(self, rows: Relation, tags: Sequence[str], signals: Sequence[str]) -> Relation:
        """All recorded events that the occurrences `rows` stand for, their own included: `tags`
        and `pos`. `rows` has `ord` and `pos`."""
        found = [rows.project(*tags, "pos")]
        for name in signals:
            found.append(self.below(rows, tags, name))
        return union(*found)

    def below(self, rows: Relation, tags: Sequence[str], name: str) -> Relation:
        """The recorded events that occurrences of one signal are made of."""
        tables = self.of(name)
        rule = tables.signal.rule
        if isinstance(rule, SequenceRule):
            own = {n: f"{n}!" for n in tables.table.columns}
            joined = rows.join(tables.table.renamed(own), [(col("ord"), col("ord!"))])
            found = []
            for place, step in enumerate(rule.steps):
                at = prefix(place)
                here = joined.project(*tags, **{n: col(f"{at}{n}!") for n in ("ord", "pos")})
                found.append(self.recorded(here, tags, step.step.signals))
            return union(*found)
        return self.recorded(self.counted(rows, tags, name), tags, rule.step.signals)

    def counted(self, rows: Relation, tags: Sequence[str], name: str) -> Relation:
        """The counting occurrences of a rate's or a quota's windows: `tags`, `ord`, `pos`,
        `tied`."""
        tables = self.of(name)
        assert tables.windows is not None
        partition = tables.windows.partition
        own = {n: f"{n}!" for n in ("ord", *partition, "first_idx", "last_idx")}
        renamed = tables.table.project(*own).renamed(own)
        joined = rows.project(*tags, "ord").join(renamed, [(col("ord"), col("ord!"))])
        return stretch(joined, tables.windows, tags, {p: f"{p}!" for p in partition}, "!")


def stretch(
    rows: Relation,
    judged: Windows,
    tags: Sequence[str],
    partition: Mapping[str, str],
    mark: str = "",
) -> Relation:
    """The counting events from `first_idx` to `last_idx` of a partition: `tags`, `ord`, `pos`,
    `tied`."""
    places = op("range", col(f"first_idx{mark}"), op("+", col(f"last_idx{mark}"), lit(1)))
    exploded = Explode(rows, places, "place!").project(
        *tags, "place!", **{f"{p}?": col(named) for p, named in partition.items()}
    )
    counted = judged.counted.project("ord", "pos", "tied", "idx", *judged.partition)
    on = [(col(f"{p}?"), col(p)) for p in judged.partition]
    on.append((col("place!"), col("idx")))
    return exploded.join(counted, on).project(*tags, "ord", "pos", "tied")


def _plan(planner: Planner, signal: Signal) -> SignalTables:
    tally = Tally(planner)
    rule = signal.rule
    carried = [c.value for c in signal.carried]
    attributes = sorted(planner.attributes(rule, *carried), key=str)
    if isinstance(rule, SequenceRule):
        steps: list[Step] = [s.step for s in rule.steps]
        table = _sequence(planner, signal, rule, attributes, tally)
        judged = None
    else:
        steps = [rule.step]
        table, judged = _window(planner, signal, rule, attributes, tally)
    types: frozenset[str] = frozenset()
    for step in steps:
        types |= planner.signals.types(step)
        for name in step.signals:
            for doubts in planner.signals.of(name).tally.doubts:
                tally.doubt_all(doubts)
    return SignalTables(signal, table, judged, types, tally)


def _own(planner: Planner, signal: Signal, at: str, carried: Mapping[str, Expr]) -> dict[str, Expr]:
    """The columns of an occurrence right after the event that completes it."""
    actor = [e for n, e in carried.items() if n.startswith("actor|")]
    event = col(f"{at}ewho")
    pos = col(f"{at}pos")
    rank = planner.signals.rank(signal.name)
    return {
        "ord": op("+", op("*", pos, lit(planner.stride)), lit(rank)),
        "pos": pos,
        "t": col(f"{at}t"),
        "type": lit(signal.name.rpartition("/")[2]),
        "who": op("coalesce", op("to text", actor[0]), event) if actor else event,
        "ewho": event,
    }


def _carried(signal: Signal, scope: Scope) -> dict[str, Expr]:
    return {
        column_name(c.name, c.type): held_as(value(c.value, scope), c.type) for c in signal.carried
    }


def _window(
    planner: Planner,
    signal: Signal,
    rule: RateRule | QuotaRule,
    attributes: Sequence[tuple[str, object]],
    tally: Tally,
) -> tuple[Table, Windows]:
    scope = Scope(planner, {"": "", rule.step.role: ""}, "", {})
    wanted = needed(rule)
    where = rule.step.where
    asking = Asking(planner, planner.occurrences(rule.step, attributes), scope)  # type: ignore[arg-type]
    asking.narrow(where)
    asking.ask(where, *wanted)
    met = condition(where, scope)
    lack = either(*(lacking(x, scope) for x in wanted))
    made = asking.relation.where(possibly(met)).extend(met=surely(met), lack=lack)
    if asks_in(where, *wanted):
        made = planner.make(made, "asked", "events that may count")
    good = both(col("met"), negation(col("lack")))
    if met != TRUE or lack != FALSE:
        why = reasons(where, scope)
        for x in wanted:
            why += reasons(x, scope)
        bad = planner.make(made.where(negation(good)), "unsure", "events that may count")
        tally.doubt(bad, why)
    kept = [n for n in made.columns if n not in ("met", "lack") and not n.startswith("?")]
    counting = planner.make(made.where(good).project(*kept), "counting", "events that count")
    judged = windows(planner, rule, counting, {})
    inner = Scope(planner, {"": "", rule.step.role: ""}, "", {})
    inner.aggregates = dict(judged.computed)
    carrying = Asking(planner, judged.judged, inner)
    carrying.ask(*(c.value for c in signal.carried))
    carried = _carried(signal, inner)
    own = _own(planner, signal, "", carried)
    made_of = {
        **own,
        "fpos": col("wfpos"),
        "ft": col("wft"),
        "last": col("wlast"),
        "tied": FALSE,
        "fires": col("opens"),
        **carried,
        **{n: col(n) for n in (*judged.partition, "first_idx", "last_idx")},
    }
    own_name = signal.name.rpartition("/")[2]
    table = planner.make(carrying.relation.project(**made_of), own_name, f"signal `{own_name}`")
    return table, judged


def _sequence(
    planner: Planner,
    signal: Signal,
    rule: SequenceRule,
    attributes: Sequence[tuple[str, object]],
    tally: Tally,
) -> Table:
    sequences = Sequences(planner, rule, {}, tally, lambda relation: relation, attributes, None)
    chains = sequences.complete()
    last = prefix(len(rule.steps) - 1)
    roles = {s.step.role: prefix(n) for n, s in enumerate(rule.steps)}
    scope = Scope(planner, {**roles, "": last}, last, {})
    asking = Asking(planner, chains, scope)
    asking.ask(*(c.value for c in signal.carried))
    carried = _carried(signal, scope)
    steps = range(len(rule.steps))
    made = {
        **_own(planner, signal, last, carried),
        "fpos": first_of([col(f"{prefix(n)}fpos") for n in steps]),
        "ft": first_of([col(f"{prefix(n)}ft") for n in steps]),
        "last": last_of([col(f"{prefix(n)}last") for n in steps]),
        "tied": col("chain.tied"),
        "fires": TRUE,
        **carried,
        **{f"{prefix(n)}{c}": col(f"{prefix(n)}{c}") for n in steps for c in ("ord", "pos")},
    }
    own_name = signal.name.rpartition("/")[2]
    return planner.make(asking.relation.project(**made), own_name, f"signal `{own_name}`")


def first_of(values: Sequence[Expr]) -> Expr:
    return values[0] if len(values) == 1 else op("least", *values)


def last_of(values: Sequence[Expr]) -> Expr:
    return values[0] if len(values) == 1 else op("greatest", *values)
