"""What came nearest to a match where there was none: the numbers and values that spared it."""

from __future__ import annotations

from tosrules.errors import EvaluationError
from tosrules.policy.expressions import Compare, Constant
from tosrules.policy.model import BoundRule, Clause, Policy, QuotaRule, RateRule
from tosrules.record import replace
from tosrules.result.reading import reads, steps_of
from tosrules.result.secrets import Secrets
from tosrules.result.values import listed, number_text, plain, value_words
from tosrules.result.wording import allowance, period_text, window_text
from tosrules.trace.event import Event
from tosrules.trace.trace import Trace
from tosrules.vocabulary import NUMBER

EVENTS = 4
"""Events whose values are told."""


def nearest_to_a_match(clause: Clause, policy: Policy, trace: Trace, secrets: Secrets) -> list[str]:
    """A sentence for each rule of a clause that found nothing."""
    said = []
    for bound in clause.rules:
        rule = bound.rule
        told = ""
        if isinstance(rule, RateRule | QuotaRule) and rule.quantity is not None:
            told = _most(clause, bound, rule, policy, trace)
        said.append(told or _values(bound, policy, trace, secrets))
    return [text for text in said if text]


def _most(
    clause: Clause, bound: BoundRule, rule: RateRule | QuotaRule, policy: Policy, trace: Trace
) -> str:
    """How many there were at most: the rule judged once more with a limit of none."""
    from tosrules.engines.reference import evaluate

    quantity = rule.quantity
    if quantity is None or not isinstance(rule.having, Compare):
        return ""
    none = Constant(0, NUMBER)
    open_rule = replace(
        rule,
        having=replace(rule.having, operator=">", right=none),
        quantity=replace(quantity, at_least=False, threshold=none),
    )
    opened = replace(clause, rules=(replace(bound, rule=open_rule),))
    try:
        (came,) = evaluate(policy, trace, (opened,)).clauses
    except EvaluationError:
        return ""
    numbers = [
        c.value
        for f in came.findings
        for m in f.matches
        for c in m.computed[:1]
        if not isinstance(c.value, str | tuple | bool) and c.value is not None
    ]
    if not numbers:
        return f"no {rule.step.text} counted"
    if isinstance(rule, RateRule):
        span = f"within {period_text(rule.within, policy, clause)}"
    else:
        span = window_text(rule.window)
    allowed = allowance(quantity, policy, clause)
    return f"the most that counted was {number_text(max(numbers))} {span}; {allowed}".rstrip("; ")


def _values(bound: BoundRule, policy: Policy, trace: Trace, secrets: Secrets) -> str:
    """What the rule saw on the events of its types."""
    read = reads(bound.rule)
    seen: list[str] = []
    for step in steps_of(bound.rule):
        for event in trace.events:
            if event.type in step.types and len(seen) < EVENTS:
                seen.append(_event(event, read.get(step.role, ()), policy, secrets))
    return listed(list(dict.fromkeys(seen))) if seen else ""


def _event(event: Event, names: tuple[str, ...], policy: Policy, secrets: Secrets) -> str:
    types = policy.vocabulary.attributes_of(event.type)
    secret = secrets.of(event.type)
    values = []
    for name in names:
        if name not in event.attributes:
            values.append(f"no {name}")
        elif name in secret:
            values.append(f"{name} secret")
        else:
            of = types[name].type if name in types else None
            values.append(f"{name} {value_words(plain(event.attributes[name], of))}")
    return f"{event.id} ({event.origin}) has {listed(values)}" if values else event.id
