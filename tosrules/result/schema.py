"""Validation of a result and its JSON Schema, derived from the records of `model`.

Imports pydantic, and so is imported only by who reads a saved result or asks for the schema.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails, from_json

from tosrules.record import Record, replace
from tosrules.result import model
from tosrules.result.consistency import contradiction
from tosrules.result.model import RESULT, Result


class ResultError(ValueError):
    """A file that is no result of this version; message and help are for the reader."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$"
_TIME: Any = Annotated[str, Field(pattern=_INSTANT)]
_HASH: Any = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_HASH_OR_NONE: Any = Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]
_WHO: Any = Annotated[dict[str, str], Field(min_length=1, max_length=1)]
_NARROWER: dict[str, Any] = {
    "Result.result": Literal["tosrules-result/1"],
    "Run.time": Annotated[str, Field(pattern=f"^$|{_INSTANT}")],
    "Observed.start": _TIME,
    "Observed.end": _TIME,
    "Interval.start": _TIME | None,
    "Interval.end": _TIME | None,
    "Pack.sha256": _HASH,
    "PackFile.sha256": _HASH,
    "TraceInput.sha256": _HASH_OR_NONE,
    "Citation.sha256": _HASH_OR_NONE,
    "Evidence.time": _TIME,
    "Evidence.digest": _HASH,
    "Occurrence.time": _TIME,
    "Occurrence.due": _TIME | None,
    "RuleOf.form": Literal["event", "rate", "quota", "sequence", "obligation"],
    "Finding.id": Annotated[str, Field(pattern="^f-[0-9a-f]{32}$")],
    "Finding.severity": Literal["low", "medium", "high", "critical"],
    "Finding.subject": _WHO | None,
    "Finding.first": _TIME,
    "Finding.last": _TIME,
    "Finding.due": _TIME | None,
    "PendingDuty.party": _WHO | None,
    "PendingDuty.due": _TIME,
    "ClauseResult.verdict": Literal[
        "violated", "undetermined", "pending", "clean", "not exercised"
    ],
}
"""Fields that may hold less than the type of the record says."""
_COUNT: Any = Annotated[int, Field(ge=0)]


def result_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `tosrules-result/1`."""
    schema = _model_of(Result).model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://tosrules.invalid/schema/{RESULT}",
        **schema,
        "title": RESULT,
    }


def read_result(text: str | bytes, consistent: bool = True) -> Result:
    """The result that `text` is the JSON of: of this version, of the shape of the schema, and
    (unless `consistent` is false) without contradiction. Raises ResultError."""
    try:
        data = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        said = str(error)
        raise ResultError(f"the file is not JSON: {said[:1].lower()}{said[1:]}") from None
    if not isinstance(data, dict) or "result" not in data:
        raise ResultError(
            "the file is no result of tosrules",
            "`tosrules check TRACE --report json=FILE` saves one",
        )
    if data["result"] != RESULT:
        raise ResultError(
            f"this tosrules reads {RESULT}, and the file says {_shown(data['result'])}",
            "read it with the version of tosrules that wrote it, or judge the trace again",
        )
    try:
        read = _model_of(Result).model_validate_json(text)
    except ValidationError as error:
        said = _fault(error.errors(include_url=False, include_input=False)[0])
        raise ResultError(f"this is no {RESULT}: {said}") from None
    found = _record(Result, read)
    assert isinstance(found, Result)
    said = contradiction(found) if consistent else ""
    if said:
        raise ResultError(
            f"the result contradicts itself: {said}",
            "the file was changed after it was written; judge the trace again",
        )
    return replace(found, sha256="")  # of the text that was read, not of what it says


def _shown(version: object) -> str:
    return ascii(version)[:60] if isinstance(version, str) else "something that is no version"


def _fault(error: ErrorDetails) -> str:
    """Where and what, without the value."""
    # A union names each of its members; the reader knows only the field.
    where = ".".join(
        str(p) for p in error["loc"] if isinstance(p, int) or p.replace("_", "").isidentifier()
    )
    if error["type"] == "missing":
        return f"{where} is missing"
    if error["type"] == "extra_forbidden":
        return f"{where} is unknown"
    said = error["msg"]
    return f"{where}: {said[:1].lower()}{said[1:]}"


@cache
def _model_of(record: type[Record]) -> type[BaseModel]:
    """The pydantic model with the fields of `record`."""
    hints = _hints(record)
    described = _descriptions(record)
    fields: Any = {
        name: (_narrowed(record, name, hints[name]), Field(description=described.get(name)))
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


def _narrowed(record: type[Record], name: str, hint: Any) -> Any:
    """The type of a field; every number that is not a value of a trace is a count or a place."""
    if hint is int:
        return _COUNT
    if hint == int | None:
        return _COUNT | None
    return _NARROWER.get(f"{record.__name__}.{name}") or _translated(hint)


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
