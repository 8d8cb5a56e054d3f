"""Frozen records, as `dataclasses` makes them but without its cost at import.

The syntax and the policy have some hundred and fifty node types. `dataclasses` compiles
methods for each one, about a millisecond a class, which alone would be longer than a whole
check of a small trace may take. A `Record` class costs what a plain class costs; type
checkers see a frozen dataclass (PEP 681).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

_MISSING: Any = object()
_set = object.__setattr__


class _Hidden:
    __slots__ = ("default",)

    def __init__(self, default: Any) -> None:
        self.default = default


def hidden(*, default: Any, kw_only: bool) -> Any:
    """A keyword-only field that takes no part in equality, hash or repr."""
    assert kw_only, "hidden fields are keyword-only"
    return _Hidden(default)


class _RecordType(type):
    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _RecordType:
        own = [n for n, t in namespace.get("__annotations__", {}).items() if "ClassVar" not in t]
        shown: dict[str, Any] = {}
        unseen: dict[str, Any] = {}
        for base in bases:
            shown.update(getattr(base, "_shown", {}))
            unseen.update(getattr(base, "_unseen", {}))
        for field_name in own:
            default = namespace.pop(field_name, _MISSING)
            if isinstance(default, _Hidden):
                unseen[field_name] = default.default
            else:
                shown[field_name] = default
        namespace["__slots__"] = (*namespace.get("__slots__", ()), *own)
        namespace["_shown"] = shown
        namespace["_unseen"] = unseen
        namespace["field_names"] = tuple(shown)
        return super().__new__(mcs, name, bases, namespace)


@dataclass_transform(frozen_default=True, eq_default=True, field_specifiers=(hidden,))
class Record(metaclass=_RecordType):
    """Base of all records. Fields are the annotations, in order, as for dataclasses."""

    field_names: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that take part in equality, in order."""
    _shown: ClassVar[dict[str, Any]] = {}
    _unseen: ClassVar[dict[str, Any]] = {}

    def __init__(self, *values: Any, **named: Any) -> None:
        cls = type(self)
        fields = cls.field_names
        if len(values) > len(fields):
            raise TypeError(f"{cls.__name__} takes {len(fields)} values, not {len(values)}")
        for name, value in zip(fields, values, strict=False):
            _set(self, name, value)
        if not named and len(values) == len(fields):
            for name, default in cls._unseen.items():
                _set(self, name, default)
            return
        for name in fields[len(values) :]:
            value = named.pop(name, _MISSING)
            if value is _MISSING:
                value = cls._shown[name]
                if value is _MISSING:
                    raise TypeError(f"{cls.__name__} lacks `{name}`")
            _set(self, name, value)
        for name, default in cls._unseen.items():
            _set(self, name, named.pop(name, default))
        if named:
            raise TypeError(f"{cls.__name__} has no {', '.join(named)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, n) == getattr(other, n) for n in self.field_names)

    def __hash__(self) -> int:
        return hash((type(self).__name__, *(getattr(self, n) for n in self.field_names)))

    def __repr__(self) -> str:
        inside = ", ".join(f"{n}={getattr(self, n)!r}" for n in self.field_names)
        return f"{type(self).__name__}({inside})"

    def __reduce__(self) -> tuple[Any, ...]:
        names = (*self.field_names, *self._unseen)
        return _rebuild, (type(self), {n: getattr(self, n) for n in names})


def _rebuild(cls: type[Record], values: dict[str, Any]) -> Record:
    return cls(**values)


class Late(Record):
    """A record of which one field may be made when it is first asked for: see `postpone`.

    A class of this kind has `__slots__ = ("_later",)`, which is no field."""

    _later: ClassVar[tuple[str, Callable[[], Any]]]

    if not TYPE_CHECKING:  # a checker would believe that there is an attribute of any name

        def __getattr__(self, name: str) -> Any:
            # Only asked for what is not there.
            if name != "_later" and hasattr(self, "_later") and self._later[0] == name:
                value = self._later[1]()
                _set(self, name, value)
                return value
            raise AttributeError(f"{type(self).__name__} has no {name}")


def postpone(record: Late, name: str, make: Callable[[], Any]) -> None:
    """Forget what the field `name` holds: `make` is asked for it when somebody asks."""
    object.__delattr__(record, name)
    _set(record, "_later", (name, make))


def setters(cls: type[Record]) -> tuple[Callable[[Any, Any], None], ...]:
    """How each field of a class is set, past the freezing: for the `__init__` of a class of
    which there are hundreds of thousands, which then takes a third of the time."""
    return tuple(getattr(cls, name).__set__ for name in cls.field_names)


R = TypeVar("R", bound=Record)


def replace(record: R, **changes: Any) -> R:
    """A copy of `record` with some fields changed."""
    values = {n: getattr(record, n) for n in (*record.field_names, *record._unseen)}
    values.update(changes)
    return type(record)(**values)
