"""Which lines of JSON Lines are plain: one regular expression that no doubtful line matches.

A sample of the file is read strictly and gives, for each event type, the names that its records
have and their order. Of that an expression is made which a line can only match if it is well
formed, has no name twice, no escapes, and in each place a value of the declared type, in range
and held exactly. It may fail to match a good line; that is then read by the strict reader. It
runs as an automaton, at a fixed cost a byte.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from tosrules.engines.duckdb.emit import value_type
from tosrules.vocabulary import Attribute, Type, Vocabulary

_TYPES = 200
"""Event types of a file that are looked at; records of rarer ones are read strictly."""
_OPTIONAL = 6
"""Names of an inner object of which none needs to be there."""
_DEPTH = 4
HEAD = ("id", "time", "type")

# Nothing of this needs an escape or is a control character.
_CHAR = r'[^"\\\x00-\x1f]'
_TEXT = f'"{_CHAR}*"'
_NAMED = f'"{_CHAR}+"'
# So few digits that a double holds them exactly.
NUMBER = r"-?(?:(?:0|[1-9][0-9]{0,14})|(?:0|[1-9][0-9]{0,8})\.[0-9]{1,6})"
SHORT = r"-?(?:0|[1-9][0-9]{0,8})"
_BOOLEAN = "(?:true|false)"
# Each character decides; so it is matched in one pass.
_OCTET = r"(?:0|1(?:[0-9][0-9]?)?|2(?:[0-4][0-9]?|5[0-5]?|[6-9])?|[3-9][0-9]?)"
ADDRESS = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
"""Plain addresses, RE2."""
# Every such text is an instant; 29 February and the far past are left to the strict reader.
INSTANT = (
    r"(?:1[6-9]|2[0-9])[0-9]{2}-"
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
"""Plain instants, RE2."""
_COMMA = ", ?"
_KEY = re.compile(r'[^"\\\x00-\x1f]+')

Path = tuple[str, ...]
Keys = tuple["tuple[str, Keys | None]", ...]
"""The names of an object in their order, with those of inner objects."""


class NotPlain(Exception):
    """Records of this kind are left to the strict reader."""


class Plain:
    """What is plain in one file."""

    def __init__(self, expressions: Mapping[str, str], leaves: Mapping[Path, str]) -> None:
        self.expressions = expressions
        """Event type → RE2 of its plain lines, to be matched in full."""
        self.expression = "|".join(expressions.values())
        """RE2, to be matched in full."""
        self.leaves = leaves
        """Path of a value in the record → SQL type that takes it; `JSON` if nobody declares it."""
        self.types = frozenset(expressions)
        """Event types that plain records may have."""


def learn(sample: Iterable[dict[str, object]], vocabulary: Vocabulary) -> Plain | None:
    """What is plain, by records that were read strictly; None if nothing is."""
    seen: defaultdict[str, Counter[Keys]] = defaultdict(Counter)
    for record in sample:
        try:
            name, keys = str(record["type"]), _keys(record, 0)
        except NotPlain:
            continue
        if _KEY.fullmatch(name) is not None:
            seen[name][keys] += 1
    _one_spelling(seen)
    often = sorted(seen, key=lambda name: (-sum(seen[name].values()), name))[:_TYPES]
    leaves: dict[Path, str] = {}
    inner: set[Path] = set()
    expressions: dict[str, str] = {}
    declared = {name: vocabulary.attributes_of(name) for name in often}
    wanted = _declared_leaves(seen, declared)
    for name in often:
        form = _form(name, seen[name], declared[name], wanted)
        if form is None:
            continue
        if any(p in inner for p in form.leaves) or any(p in leaves for p in form.inner):
            continue  # one path cannot be a value and an object
        if any(leaves.get(p, of) != of for p, of in form.leaves.items()):
            continue
        leaves.update(form.leaves)
        inner |= form.inner
        expressions[name] = form.expression
    if not expressions:
        return None
    return Plain(expressions, leaves)


def _one_spelling(seen: dict[str, Counter[Keys]]) -> None:
    """Leaves out records with a name that is more often written with other capitals: SQL does
    not tell the two apart."""
    counts: Counter[Path] = Counter()
    for kinds in seen.values():
        for keys, often in kinds.items():
            for path in _every_path(keys, ()):
                counts[path] += often
    spelled: dict[str, Path] = {}
    for path, _ in counts.most_common():
        spelled.setdefault("\0".join(path).lower(), path)
    good = set(spelled.values())
    for name, kinds in list(seen.items()):
        kept = Counter({k: n for k, n in kinds.items() if good.issuperset(_every_path(k, ()))})
        if kept:
            seen[name] = kept
        else:
            del seen[name]


def _every_path(keys: Keys, prefix: Path) -> Iterable[Path]:
    """Paths of values and of objects."""
    for key, inside in keys:
        yield (*prefix, key)
        if inside is not None:
            yield from _every_path(inside, (*prefix, key))


def _keys(record: Mapping[str, object], depth: int) -> Keys:
    if depth > _DEPTH:
        raise NotPlain
    found: list[tuple[str, Keys | None]] = []
    for key, value in record.items():
        if _KEY.fullmatch(key) is None:
            raise NotPlain
        inside = isinstance(value, dict)
        found.append((key, _keys(value, depth + 1) if inside else None))  # type: ignore[arg-type]
    return tuple(found)


def _form(
    name: str,
    seen: Counter[Keys],
    declared: Mapping[str, Attribute],
    wanted: Mapping[Path, str],
) -> _Form | None:
    """The form of a type's records; of the more frequent half if it has none for all."""
    size = len(seen)
    while size:
        try:
            return _Form(name, Counter(dict(seen.most_common(size))), declared, wanted)
        except NotPlain:
            size //= 2
    return None


def _declared_leaves(
    seen: Mapping[str, Counter[Keys]], declared: Mapping[str, Mapping[str, Attribute]]
) -> dict[Path, str]:
    """Path → SQL type of its values, where any of the types declares it."""
    found: dict[Path, str] = {}
    for name, attributes in declared.items():
        for keys in seen[name]:
            for path in _paths(keys, ()):
                attribute = attributes.get(".".join(path))
                if attribute is not None:
                    found.setdefault(path, leaf_type(attribute.type))
    return found


def leaf_type(of: Type) -> str:
    """How the value of a declared attribute is taken out of the JSON."""
    if of.name == "list" and of.of is not None:
        return f"{leaf_type(of.of)}[]"
    if of.name == "time":
        return "VARCHAR"
    return "DECIMAL(24,6)" if of.name == "duration" else value_type(of)


def _paths(keys: Keys, prefix: Path) -> Iterable[Path]:
    for key, inside in keys:
        if inside is None:
            yield (*prefix, key)
        else:
            yield from _paths(inside, (*prefix, key))


class _Form:
    """The records of one event type."""

    def __init__(
        self,
        name: str,
        seen: Counter[Keys],
        declared: Mapping[str, Attribute],
        wanted: Mapping[Path, str],
    ) -> None:
        self.name = name
        self.declared = declared
        self.wanted = wanted
        self.leaves: dict[Path, str] = {}
        self.inner: set[Path] = set()
        self.expression = self._object(seen, ())
        flat = [".".join(path) for path in self.leaves]
        if len(set(flat)) < len(flat):
            raise NotPlain  # a name may come nested and with dots, so twice

    def _object(self, seen: Counter[Keys], prefix: Path) -> str:
        orders: Counter[tuple[str, ...]] = Counter()
        inside: dict[str, Counter[Keys]] = {}
        values: set[str] = set()
        for keys, often in seen.items():
            orders[tuple(key for key, _ in keys)] += often
            for key, inner in keys:
                if inner is None:
                    values.add(key)
                else:
                    inside.setdefault(key, Counter())[inner] += often
        if values & inside.keys():
            raise NotPlain
        order = merged(orders)
        slots = {}
        for key in order:
            path = (*prefix, key)
            if key in inside:
                self.inner.add(path)
                value = self._object(inside[key], path)
            else:
                value = self._value(path)
            slots[key] = f'"{re.escape(key)}": ?{value}'
        always = [key for key in order if all(key in each for each in orders)]
        return r"\{" + _listed([slots[key] for key in order], order, always) + r"\}"

    def _value(self, path: Path) -> str:
        if len(path) == 1 and path[0] in HEAD:
            self.leaves[path] = "VARCHAR"
            if path[0] == "type":
                return f'"{re.escape(self.name)}"'
            return _NAMED if path[0] == "id" else f'"{INSTANT}"'
        attribute = self.declared.get(".".join(path))
        if attribute is not None:
            of = leaf_type(attribute.type)
            if attribute.secret and of != "VARCHAR":
                raise NotPlain  # the strict reader spells what is hashed
            expression = f"(?:null|{_expression(attribute.type)})"
        else:
            of = self.wanted.get(path, "JSON")
            # What nobody declares is only counted; a null is no value and would be.
            expression = UNDECLARED[of] if of in UNDECLARED else _none()
        self.leaves[path] = of
        return expression


UNDECLARED = {
    "VARCHAR": _TEXT,
    "BOOLEAN": _BOOLEAN,
    "DECIMAL(24,6)": NUMBER,
    "JSON": f"(?:{_TEXT}|{NUMBER}|{_BOOLEAN})",
}


def _none() -> str:
    raise NotPlain


def _expression(of: Type) -> str:
    """Plain values of a declared type."""
    if of.name == "list" and of.of is not None and of.of.name != "list":
        part = _expression(of.of)
        return rf"\[(?:{part}(?:{_COMMA}{part})*)?\]"
    return _OF[of.name] if of.name in _OF else _none()


_OF = {
    "text": _TEXT,
    "reference": _NAMED,
    "number": NUMBER,
    "boolean": _BOOLEAN,
    "time": f'"{INSTANT}"',
    "duration": SHORT,
    "address": f'"{ADDRESS}"',
}


def _listed(slots: list[str], order: list[str], always: list[str]) -> str:
    """The members of an object in that order; those not in `always` may be left out."""
    if not slots:
        return ""
    if not always:
        if len(slots) > _OPTIONAL:
            raise NotPlain
        starts = [
            slot + "".join(f"(?:{_COMMA}{other})?" for other in slots[place + 1 :])
            for place, slot in enumerate(slots)
        ]
        return f"(?:{'|'.join(starts)})?"
    pivot = order.index(always[0])
    parts = [f"(?:{slot}{_COMMA})?" for slot in slots[:pivot]] + [slots[pivot]]
    for key, slot in zip(order[pivot + 1 :], slots[pivot + 1 :], strict=True):
        parts.append(f"{_COMMA}{slot}" if key in always else f"(?:{_COMMA}{slot})?")
    return "".join(parts)


def merged(orders: Counter[tuple[str, ...]]) -> list[str]:
    """One order that the most frequent orders agree with; the others are not plain."""
    kept: dict[str, set[str]] = {}
    found: list[str] = []
    for order, _ in orders.most_common():
        trial = {key: set(before) for key, before in kept.items()}
        for before, after in pairwise(order):
            trial.setdefault(after, set()).add(before)
        for key in order:
            trial.setdefault(key, set())
        try:
            found = list(TopologicalSorter({k: sorted(v) for k, v in trial.items()}).static_order())
        except CycleError:
            continue
        kept = trial
    return found
