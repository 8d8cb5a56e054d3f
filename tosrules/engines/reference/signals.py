"""Signals: rates, quotas and sequences that are events themselves (semantics R4, V7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tosrules.engines.reference.chains import Chains
from tosrules.engines.reference.counting import Tally
from tosrules.engines.reference.expressions import evaluate, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.rates import (
    Judged,
    Key,
    episodes,
    judge_quota,
    judge_rate,
    keys_of,
)
from tosrules.engines.reference.reasons import reasons
from tosrules.engines.reference.windows import Counting, operands
from tosrules.policy import expressions as p
from tosrules.policy.aggregates import aggregates_of
from tosrules.policy.model import QuotaRule, RateRule, SequenceRule, Signal, Step
from tosrules.trace.event import Value

if TYPE_CHECKING:
    from tosrules.engines.reference.world import World


class SignalHistory:
    """Where a signal is met."""

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self.fired: list[Occurrence] = []
        """Where an episode opens: so for event rules, triggers, statuses and links."""
        self.holding: list[Occurrence] = []
        """Every judged event at which it holds: so for steps of sequences and fulfilments."""
        self.types: frozenset[str] = frozenset()
        """The event types it is made of."""
        self.tally = Tally()
        """Events that could not be judged for it."""


def complete_signal(signal: Signal, world: World) -> SignalHistory:
    history = SignalHistory(signal)
    rule = signal.rule
    if isinstance(rule, SequenceRule):
        steps: list[Step] = [s.step for s in rule.steps]
        _sequence(signal, rule, world, history)
    else:
        steps = [rule.step]
        _window(signal, rule, world, history)
    types: frozenset[str] = frozenset()
    for step in steps:
        types |= world.recorded_types(step)
        for name in step.signals:
            history.tally.join(world.signals[name].tally)
    history.types = types
    history.fired.sort(key=lambda o: o.order)
    history.holding.sort(key=lambda o: o.order)
    return history


def _window(
    signal: Signal, rule: RateRule | QuotaRule, world: World, history: SignalHistory
) -> None:
    aggregates = aggregates_of(rule.having)
    by_key: dict[Key, list[Counting]] = {}
    needed = [k.value for k in rule.keys]
    needed += [a.operand for a in aggregates if a.operand and not isinstance(a.operand, p.Gap)]
    for occurrence in world.events_of(rule.step):
        view = world.view_of(occurrence)
        met = truth(rule.step.where, view)
        if met is False:
            continue
        lacking = [x for x in needed if evaluate(x, view) is None]
        if met is None or lacking:
            why = set() if rule.step.where is None else reasons(rule.step.where, view)
            why |= {r for x in lacking for r in reasons(x, view)}
            history.tally.doubt(occurrence.event, why)
            continue
        counting = Counting(occurrence, operands(aggregates, view))
        by_key.setdefault(keys_of(rule.keys, view), []).append(counting)

    def occur(judged: Judged) -> Occurrence:
        view = world.view_of(judged.by)
        carried = {c.name: v for c in signal.carried if (v := evaluate(c.value, view)) is not None}
        return Occurrence(
            judged.by.event,
            world.after(judged.by, signal.name),
            signal.name,
            carried,
            judged.stretch,
        )

    if isinstance(rule, RateRule):
        within = world.length(rule.within, {})
        judged = list(judge_rate(by_key, within, rule.having, world, {}))
        made = {id(j): occur(j) for j in judged if j.holds}
        history.holding = list(made.values())
        history.fired = [made[id(j)] for j in episodes(judged)]
        return
    for completed, rest in judge_quota(by_key, rule.window, rule.having, world, {}):
        history.fired.append(occur(completed))
        history.holding += [occur(completed._replace(by=by)) for by in rest]


def _sequence(signal: Signal, rule: SequenceRule, world: World, history: SignalHistory) -> None:
    chains = Chains(rule, world, {}, history.tally)
    for chain in chains.complete():
        view = chain.view(world, {})
        carried: dict[str, Value] = {}
        for c in signal.carried:
            value = evaluate(c.value, view)
            if value is not None:
                carried[c.name] = value
        occurrence = Occurrence(
            chain.last.event,
            world.after(chain.last, signal.name),
            signal.name,
            carried,
            chain=chain.steps,
            tied=chain.tied,
        )
        history.fired.append(occurrence)
    history.holding = list(history.fired)
