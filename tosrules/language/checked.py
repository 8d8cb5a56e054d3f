"""Shipped packs come checked: policy ↔ JSON.

Checking the shipped packs anew takes longer than all else that a small check does. So the
policies of each shipped pack, and of all of them together, are made when the package is built.
One is used only for the very rule files it was made from, and only with the code that made
it; a run with settings, with rules of its own or with overlays checks everything as ever.

The file has a header line, then lines that hold the rules of one clause each, read when
somebody asks for them, then one line for each policy. A record is a list: the number of its
class, its span, its fields. Expressions come without their spans, of which only the checker
speaks, so that those that say the same are written once and made once. There is nothing in it
that could be run.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from tosrules import resources, vocabulary
from tosrules.policy import expressions, model
from tosrules.record import Record, postpone, replace
from tosrules.span import NOWHERE, Span

FORMAT = "tosrules-policies/1"
_TUPLE, _MAP, _POOLED, _ATTRIBUTES, _FRACTION, _CLAUSE = -1, -2, -3, -4, -5, -6
_CLASSES: list[type[Record]] = sorted(
    {
        c
        for room in (expressions, model, vocabulary)
        for c in vars(room).values()
        if isinstance(c, type) and issubclass(c, Record)
    },
    key=lambda c: c.__name__,
)
_POOL = (vocabulary.Type, vocabulary.Attribute, expressions.Expression)
"""What stands in thousands of places: each is written once, and made when it is first met."""
_RULES = "rules"
"""The field of a clause that is read when it is first asked for."""
_MAKERS = (
    *("language", "policy", "trace"),
    *("late.py", "quoting.py", "record.py", "span.py", "vocabulary.py", "zones.py"),
)
"""What makes a policy: all that the checker imports from this package lies there."""


# ---- writing -------------------------------------------------------------------------------


class _Writer:
    """Policies → lines; what all of them share goes into the header."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}
        self.pool: dict[str, int] = {}
        self.pooled: list[Any] = []
        self.rules: dict[str, int] = {}
        self._numbers = {c: n for n, c in enumerate(_CLASSES)}

    def value(self, value: Any) -> Any:
        if isinstance(value, _POOL):
            return [_POOLED, self._in_pool(value)]
        if isinstance(value, model.Clause):
            return [_CLAUSE, self._line_of(value.rules), *self._record(value, (_RULES,))]
        if isinstance(value, Record):
            return self._record(value)
        if isinstance(value, tuple):
            return [_TUPLE, *map(self.value, value)]
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, Fraction):
            return [_FRACTION, value.numerator, value.denominator]
        assert value is None or isinstance(value, str | int), value
        return value

    def _record(self, record: Record, without: Collection[str] = ()) -> list[Any]:
        assert record._unseen.keys() <= {"span"}, type(record)
        place: list[int] = []
        if _placed(type(record)):
            span: Span = record.span  # type: ignore[attr-defined]
            _, *numbers = span
            place = [self.files.setdefault(span.file, len(self.files)), *numbers]
        fields = [self.value(getattr(record, n)) for n in record.field_names if n not in without]
        return [self._numbers[type(record)], *place, *fields]

    def _in_pool(self, record: Record) -> int:
        # By what is written: 1 and true are equal, and must not be taken for one another.
        data = self._record(record)
        text = _json(data)
        if text not in self.pool:
            self.pool[text] = len(self.pooled)
            self.pooled.append(data)
        return self.pool[text]

    def _mapping(self, mapping: Mapping[str, Any]) -> list[Any]:
        if mapping and all(
            isinstance(v, vocabulary.Attribute) and v.name == k for k, v in mapping.items()
        ):
            return [_ATTRIBUTES, *map(self._in_pool, mapping.values())]
        flat: list[Any] = [_MAP]
        for key, value in mapping.items():
            assert isinstance(key, str), key
            flat += [key, self.value(value)]
        return flat

    def _line_of(self, rules: tuple[model.BoundRule, ...]) -> int:
        """The line that holds the rules of a clause; the header is line 0."""
        return self.rules.setdefault(_json(self.value(rules)), len(self.rules) + 1)


def _placed(cls: type[Record]) -> bool:
    """Whether the span of such records is kept."""
    return bool(cls._unseen) and not issubclass(cls, expressions.Expression)


def _json(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def pack(policies: Mapping[str, model.Policy]) -> str:
    """The prepared file for these policies, each under the ids of its packs, sorted, with
    blanks between them. None may be one that an overlay or a setting has changed."""
    writer = _Writer()
    heads = [_json(writer.value(policy)) for policy in policies.values()]
    rest = "\n".join([*writer.rules, *heads]) + "\n"
    first = len(writer.rules) + 1
    header = {
        "format": FORMAT,
        "digest": _digest(),
        "crc": zlib.crc32(rest.encode()),
        "policies": {names: first + n for n, names in enumerate(policies)},
        "files": list(writer.files),
        "pool": writer.pooled,
    }
    return _json(header) + "\n" + rest


def _digest() -> str:
    """What prepared policies depend on besides the rules: the grammar and what reads it."""
    whole = hashlib.sha256(FORMAT.encode())
    whole.update(resources.grammar_text().encode())
    package = os.path.dirname(os.path.dirname(__file__))
    for name in _MAKERS:
        at = os.path.join(package, name)
        files = (
            [at]
            if name.endswith(".py")
            else sorted(os.path.join(at, n) for n in os.listdir(at) if n.endswith(".py"))
        )
        for file in files:
            with open(file, "rb", buffering=0) as opened:
                whole.update(opened.read())
    return whole.hexdigest()


# ---- reading -------------------------------------------------------------------------------


class _Reader:
    """Lines → policies. Raises ValueError, KeyError, IndexError or TypeError for what `pack`
    did not write."""

    def __init__(self, header: dict[str, Any], lines: list[bytes]) -> None:
        self._lines = lines
        self._files: list[str] = header["files"]
        self._pool: list[Any] = header["pool"]
        """Data until they are met, then what was made of them."""
        self._value = self._decoder()

    def policy(self, line: int) -> model.Policy:
        found = self._value(json.loads(self._lines[line]))
        if not isinstance(found, model.Policy):
            raise ValueError("a line that holds no policy")
        return found

    def _decoder(self) -> Callable[[list[Any]], Any]:
        shapes, new, span, files, pool = (
            _shapes(), object.__new__, tuple.__new__, self._files, self._pool,
        )  # fmt: skip

        def value(part: list[Any]) -> Any:
            kind = part[0]
            if kind >= 0:
                cls, kept, place, setters = shapes[kind]
                made = new(cls)
                at = 1
                if kept:
                    place(made, span(Span, (files[part[1]], part[2], part[3], part[4], part[5])))
                    at = 6
                elif place is not None:
                    place(made, NOWHERE)
                for put in setters:
                    held = part[at]
                    put(made, value(held) if type(held) is list else held)
                    at += 1
                return made
            if kind == _POOLED:
                return pooled(part[1])
            if kind == _TUPLE:
                return tuple([value(p) if type(p) is list else p for p in part[1:]])
            if kind == _ATTRIBUTES:
                return {a.name: a for a in [pooled(n) for n in part[1:]]}
            if kind == _MAP:
                held = [value(p) if type(p) is list else p for p in part[1:]]
                return dict(zip(held[::2], held[1::2], strict=True))
            if kind == _CLAUSE:
                return clause(part)
            if kind == _FRACTION:
                return Fraction(part[1], part[2])
            raise ValueError(f"there is no kind {kind}")

        def pooled(number: int) -> Any:
            found = pool[number]
            if type(found) is list:
                found = pool[number] = value(found)
            return found

        def clause(part: list[Any]) -> model.Clause:
            fields = model.Clause.field_names
            record = part[2:]
            record.insert(6 + fields.index(_RULES), None)
            made: model.Clause = value(record)
            line = self._lines[part[1]]
            postpone(made, _RULES, lambda: value(json.loads(line)))
            return made

        return value


@cache
def _shapes() -> list[tuple[type[Record], bool, Any, tuple[Any, ...]]]:
    """For each class: whether its span is kept, and how its span and its fields are set, past
    the freezing of records."""

    def setter(c: type[Record], name: str) -> Any:
        return getattr(c, name).__set__

    return [
        (
            c,
            _placed(c),
            setter(c, "span") if c._unseen else None,
            tuple(setter(c, n) for n in c.field_names),
        )
        for c in _CLASSES
    ]


def find(names: Sequence[str]) -> tuple[model.Policy, dict[str, str]] | None:
    """The policy of the shipped packs with these ids, without their tests, and the text of
    each of their rule files by its name in places; None if it was not prepared from the files
    that are there."""
    stored = resources.prepared_bytes(resources.POLICIES)
    if stored is None or any(" " in name for name in names):
        return None
    try:
        first, _, rest = stored.partition(b"\n")
        header = json.loads(first)
        line = header["policies"].get(" ".join(sorted(set(names))))
        if line is None or header["digest"] != _digest() or header["crc"] != zlib.crc32(rest):
            return None
        policy = _Reader(header, stored.split(b"\n")).policy(line)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError):
        return None  # damaged: as good as none
    texts = _texts(policy)
    if texts is None:
        return None
    packs = tuple(replace(p, judged=p.id in names, named=p.id in names) for p in policy.packs)
    return replace(policy, packs=packs), texts


def _texts(policy: model.Policy) -> dict[str, str] | None:
    """The texts of the policy's rule files, if they are the very files it was made from."""
    root = resources.rules_folder()
    texts: dict[str, str] = {}
    try:
        for pack in policy.packs:
            folder = os.path.join(root, pack.id)
            rules = {name for name, _ in pack.files if name.endswith(".tos")}
            if {name for name in os.listdir(folder) if name.endswith(".tos")} != rules:
                return None
            for name, sha256 in pack.files:
                with open(os.path.join(folder, name), "rb", buffering=0) as file:
                    data = file.read()
                if hashlib.sha256(data).hexdigest() != sha256:
                    return None
                if name in rules:
                    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
                    texts[f"{pack.id}/{name}"] = text
    except OSError:
        return None
    return texts
