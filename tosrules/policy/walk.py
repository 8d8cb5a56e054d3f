"""Walking over policy expressions."""

from __future__ import annotations

from collections.abc import Iterator

from tosrules.policy import expressions as p
from tosrules.policy import model as m
from tosrules.record import Record


def parts(record: Record) -> Iterator[Record]:
    """The records directly inside `record`."""
    for name in record.field_names:
        inner = getattr(record, name)
        if isinstance(inner, Record):
            yield inner
        elif isinstance(inner, tuple):
            for item in inner:
                if isinstance(item, Record):
                    yield item


def walk(record: Record) -> Iterator[Record]:
    """`record` and every record inside it, outermost first."""
    waiting = [record]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(parts(found))


def steps_of(record: Record) -> Iterator[m.Step]:
    """The steps of a rule, of a part of one, of a status or a link. No expression holds one."""
    for part in (record, *parts(record)):
        if isinstance(part, m.Step):
            yield part
        elif part is not record and not isinstance(part, p.Expression):
            yield from steps_of(part)


def roles_read(expression: p.Expression) -> frozenset[str]:
    """The roles whose attributes `expression` reads."""
    return frozenset(x.role for x in walk(expression) if isinstance(x, p.AttributeOf))


def params_read(record: Record) -> frozenset[str]:
    """Qualified names of the parameters that `record` reads."""
    return frozenset(x.name for x in walk(record) if isinstance(x, p.ParamValue))


def asked(record: Record) -> frozenset[str]:
    """Qualified names of the statuses and links that `record` asks."""
    names: set[str] = set()
    for x in walk(record):
        if isinstance(x, p.Held | p.Remembered):
            names.add(x.status)
        elif isinstance(x, p.GroupOf | p.LinkMembers):
            names.add(x.link)
    return frozenset(names)


def conjuncts(expression: p.Expression | None) -> list[p.Expression]:
    """The conditions that `and` joins at the top of `expression`."""
    if expression is None:
        return []
    if isinstance(expression, p.And):
        return [c for operand in expression.operands for c in conjuncts(operand)]
    return [expression]


def joined(conditions: list[p.Expression]) -> p.Expression | None:
    """The conditions joined by `and`; None for none."""
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else p.And(tuple(conditions))
