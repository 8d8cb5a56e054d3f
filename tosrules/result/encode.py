"""A result as JSON text: the same bytes for the same result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tosrules.record import Record
from tosrules.result.model import Result


def to_data(value: object) -> Any:
    """Records as objects, tuples as lists, mappings in their order."""
    if isinstance(value, Record):
        return {name: to_data(getattr(value, name)) for name in value.field_names}
    if isinstance(value, tuple):
        return [to_data(part) for part in value]
    if isinstance(value, Mapping):
        return {name: to_data(part) for name, part in value.items()}
    return value


def to_json(result: Result) -> str:
    return json.dumps(to_data(result), ensure_ascii=False, indent=2) + "\n"
