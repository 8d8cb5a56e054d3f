"""What a rule looks at: the attributes, parameters and statuses that its expressions name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from tosrules.policy.expressions import AttributeOf, ParamValue
from tosrules.policy.model import (
    BoundRule,
    EventRule,
    ObligationRule,
    Policy,
    QuotaRule,
    RateRule,
    Rule,
    SequenceRule,
    Step,
)
from tosrules.record import Record

T = TypeVar("T", bound=Record)


def parts(record: object, of: type[T]) -> Iterator[T]:
    """Every record of the class `of` inside `record`, in the order in which they stand there."""
    if isinstance(record, of):
        yield record
    if isinstance(record, tuple):
        for part in record:
            yield from parts(part, of)
    elif isinstance(record, Record):
        for name in record.field_names:
            yield from parts(getattr(record, name), of)


def steps_of(rule: Rule) -> list[Step]:
    """The rule's steps in their order; `without` events left out."""
    if isinstance(rule, SequenceRule):
        return [s.step for s in rule.steps]
    if isinstance(rule, ObligationRule):
        return [rule.trigger, rule.fulfilment]
    return [rule.step]


def reads(rule: Rule) -> dict[str, tuple[str, ...]]:
    """Role of a step → the attributes that the rule reads of its event, the first-named first."""
    steps = steps_of(rule)
    found: dict[str, dict[str, None]] = {step.role: {} for step in steps}
    for attribute in parts(rule, AttributeOf):
        if attribute.role in found and attribute.name not in ("time", "id", "type"):
            found[attribute.role].setdefault(attribute.name)
    return {role: tuple(names) for role, names in found.items()}


def parameters_of(bound: BoundRule, policy: Policy) -> tuple[str, ...]:
    """Names of the parameters that the rule reads, itself or through its signals."""
    found: dict[str, None] = {}
    pending: list[Record] = [bound.rule]
    seen: set[str] = set()
    while pending:
        record = pending.pop(0)
        for parameter in parts(record, ParamValue):
            found.setdefault(parameter.name)
        for step in parts(record, Step):
            for name in step.signals:
                signal = policy.signals.get(name)
                if signal is not None and name not in seen:
                    seen.add(name)
                    pending.append(signal)
    return tuple(found)


def form_of(rule: Rule) -> str:
    """`event`, `rate`, `quota`, `sequence` or `obligation`."""
    if isinstance(rule, EventRule):
        return "event"
    if isinstance(rule, RateRule):
        return "rate"
    if isinstance(rule, QuotaRule):
        return "quota"
    return "obligation" if isinstance(rule, ObligationRule) else "sequence"
