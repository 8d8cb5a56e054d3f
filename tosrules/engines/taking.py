"""The values of events as the columns of `ColumnTrace` hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tosrules.engines.columns import spelled
from tosrules.plan.scan import ScanColumn
from tosrules.trace.event import Event, Value
from tosrules.trace.numbers import decimal_text
from tosrules.vocabulary import Type, Vocabulary

Hash = Callable[[str], str]


def taking(column: ScanColumn, hashed: Hash, vocabulary: Vocabulary) -> Callable[[Event], Any]:
    """How to take the value of a column from an event. Numbers are handed over as text, which is
    exact; of secrets `hashed` is."""
    if column.attribute == "id":
        return lambda event: event.id
    name, convert = column.attribute, _conversion(column, hashed)
    filled: dict[str, bool] = {}

    def take(event: Event) -> Any:
        value = event.attributes.get(name)
        if value is None:
            return None
        declared = filled.get(event.type)
        if declared is None:
            declared = filled[event.type] = declares(vocabulary, event.type, column)
        return convert(value) if declared else None

    return take


def declares(vocabulary: Vocabulary, event_type: str, column: ScanColumn) -> bool:
    """Whether events of that type fill the column."""
    attribute = vocabulary.attributes_of(event_type).get(column.attribute)
    return attribute is not None and attribute.type == column.type


def _conversion(column: ScanColumn, hashed: Hash) -> Callable[[Value], Any]:
    """From the readers' value to what is handed over."""
    if column.type.name == "list" and column.type.of is not None:
        part = _part(column.type.of, column.secret, hashed)
        return lambda value: [part(each) for each in value]  # type: ignore[union-attr]
    return _part(column.type, column.secret, hashed)


def _part(of: Type, secret: bool, hashed: Hash) -> Callable[[Any], Any]:
    if of.name == "list" and of.of is not None:
        inner = _part(of.of, secret, hashed)
        return lambda value: [inner(each) for each in value]
    if secret:
        return lambda value: hashed(spelled(value))
    if of.name == "number":
        return decimal_text
    return lambda value: value
