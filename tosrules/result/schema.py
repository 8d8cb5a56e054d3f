"""Validation of a result and its JSON Schema, derived from the records of `model`.

Imports pydantic, and so is imported only by who reads a saved result or asks for the schema.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from tosrules.record import Record
from tosrules.result import model
from tosrules.result.model import RESULT, Result


class ResultError(ValueError):
    """A file that is no result of this version; the message is for the reader."""


def result_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `tosrules-result/1`."""
    schema = _model_of(Result).model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://tosrules.invalid/schema/{RESULT}",
        **schema,
        "title": RESULT,
    }


def read_result(text: str | bytes) -> Result:
    """The result that `text` is the JSON of. Raises ResultError."""
    try:
        read = _model_of(Result).model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ResultError(f"this is no {RESULT}: {where}: {first['msg']}") from None
    found = _record(Result, read)
    if found.result != RESULT:
        raise ResultError(f"this tosrules reads {RESULT}, and the file says {found.result!r}")
    assert isinstance(found, Result)
    return found


@cache
def _model_of(record: type[Record]) -> type[BaseModel]:
    """The pydantic model with the fields of `record`."""
    hints = _hints(record)
    described = _descriptions(record)
    fields: Any = {
        name: (_translated(hints[name]), Field(description=described.get(name)))
        for name in record.field_names
    }
    doc = inspect.getdoc(record) if record.__doc__ else None
    made: type[BaseModel] = create_model(
        record.__name__.rstrip("_"),
        __config__=ConfigDict(extra="forbid", strict=True, frozen=True),
        __doc__=doc,
        **fields,
    )
    return made


def _hints(record: type[Record]) -> dict[str, Any]:
    """Types of the fields; `ClassVar` and `Any` are named by the base of all records."""
    return get_type_hints(record, {**vars(model), "ClassVar": ClassVar, "Any": Any})


def _translated(hint: Any) -> Any:
    """A type hint with models in the place of records."""
    if isinstance(hint, type) and issubclass(hint, Record):
        return _model_of(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return Union[tuple(_translated(a) for a in arguments)]  # noqa: UP007
    if origin is tuple:
        element: Any = _translated(arguments[0])
        return tuple[element, ...]
    if origin is Mapping:
        value: Any = _translated(arguments[1])
        return dict[str, value]
    return hint


def _descriptions(record: type[Record]) -> dict[str, str]:
    """The texts that stand under the fields in the source of `model`."""
    (definition,) = ast.parse(inspect.getsource(record)).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for field, after in zip(definition.body, definition.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            found[field.target.id] = inspect.cleandoc(str(after.value.value))
    return found


def _record(hint: Any, value: Any) -> Any:
    """What pydantic read, as the record it stands for."""
    if isinstance(hint, type) and issubclass(hint, Record):
        hints = _hints(hint)
        return hint(**{n: _record(hints[n], getattr(value, n)) for n in hint.field_names})
    if isinstance(value, tuple):
        return tuple(_record(get_args(hint)[0], part) for part in value)
    if isinstance(value, BaseModel):
        kinds = [a for a in get_args(hint) if isinstance(a, type) and issubclass(a, Record)]
        return _record(kinds[0], value)
    return value
