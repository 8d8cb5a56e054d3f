"""Shipped packs come parsed: syntax ↔ JSON.

The file of prepared packs has a header line and then one line for each rule file: the
SHA-256 of its text and its syntax. A line is used only for the very text it was made from,
and the whole only with the grammar and the modules that made it.

A node is a list: the number of its class, its span, its fields; a tuple begins with -1, a
span that is a field with -2, a tuple of texts needs no mark of its own. There is nothing in
it that could be run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tosrules import resources
from tosrules.language import syntax as s
from tosrules.span import Span

if TYPE_CHECKING:
    from tosrules.policy.model import Policy

FILES = (resources.TABLES, resources.PACKS, resources.POLICIES)
"""The prepared files that a wheel carries."""
_TUPLE, _SPAN = -1, -2
_CLASSES: list[type[s.Node]] = sorted(
    (c for c in vars(s).values() if isinstance(c, type) and issubclass(c, s.Node)),
    key=lambda c: c.__name__,
)
_NUMBER = {c: i for i, c in enumerate(_CLASSES)}
_FIELDS = [(c, (*c.field_names, *(n for n in c._unseen if n != "span"))) for c in _CLASSES]
_MAKERS = ("syntax.py", "build.py", "machine.py", "lexicon.py", "tables.py", "prepared.py")


@cache
def _digest() -> str:
    """What prepared packs depend on besides the rules: the grammar and what reads it."""
    whole = hashlib.sha256(resources.grammar_text().encode())
    folder = Path(__file__).parent
    for name in _MAKERS:
        whole.update((folder / name).read_bytes())
    return whole.hexdigest()


def encode(value: Any) -> Any:
    """A node, or what a node may hold, as JSON data."""
    if isinstance(value, s.Node):
        number = _NUMBER[type(value)]
        fields = [encode(getattr(value, n)) for n in _FIELDS[number][1]]
        return [number, *value.span[1:], *fields]
    if isinstance(value, Span):
        return [_SPAN, *value[1:]]
    if isinstance(value, tuple):
        return [_TUPLE, *(encode(v) for v in value)]
    assert value is None or isinstance(value, str | bool), value
    return value


def decode(data: Any, file: str) -> Any:
    """What `encode` was given; spans are of `file`."""
    shapes, new, make, span_class = _shapes(), object.__new__, tuple.__new__, Span

    def node(part: list[Any]) -> Any:
        number = part[0]
        if number >= 0:
            cls, set_span, setters = shapes[number]
            made = new(cls)
            set_span(made, make(span_class, (file, part[1], part[2], part[3], part[4])))
            at = 5
            for put in setters:
                value = part[at]
                put(made, node(value) if type(value) is list else value)
                at += 1
            return made
        if number == _TUPLE:
            return tuple([node(p) if type(p) is list else p for p in part[1:]])
        return make(span_class, (file, *part[1:]))

    return node(data) if isinstance(data, list) else data


@cache
def _shapes() -> list[tuple[type[s.Node], Any, tuple[Any, ...]]]:
    """For each class: how its span and its fields are set, past the freezing of records."""
    return [
        (c, c.span.__set__, tuple(getattr(c, n).__set__ for n in names))  # type: ignore[attr-defined]
        for c, names in _FIELDS
    ]


def _sha256(text: str | bytes) -> str:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()


def pack(texts: list[str]) -> str:
    """The prepared file for rule files with these texts, which must be without errors."""
    from tosrules.language.parser import parse_afresh

    lines = [json.dumps({"digest": _digest()})]
    for text in sorted(set(texts)):
        parsed = parse_afresh(text, "")
        if not parsed.diagnostics:
            data = json.dumps(encode(parsed.file), separators=(",", ":"), ensure_ascii=False)
            lines.append(f"{_sha256(text)} {data}")
    return "\n".join(lines) + "\n"


@cache
def _stored() -> str | None:
    text = resources.prepared(resources.PACKS)
    if text is None:
        return None
    try:
        digest = json.loads(text.partition("\n")[0])["digest"]
        return text if digest == _digest() else None
    except (ValueError, KeyError, TypeError, OSError):
        return None


def find(text: str | bytes, file: str) -> s.File | None:
    """The syntax of a rule file, if it was prepared."""
    stored = _stored()
    if stored is None:
        return None
    start = stored.find(f"\n{_sha256(text)} ")
    if start < 0:
        return None
    start += 66
    try:
        found = decode(json.loads(stored[start : stored.index("\n", start)]), file)
    except (ValueError, IndexError, TypeError):
        return None  # damaged: as good as none
    return found if isinstance(found, s.File) else None


def prepare() -> Iterator[tuple[str, str]]:
    """All that a wheel carries beside grammar and rules: names of files and their texts. What
    comes later is made faster where what came before is in place. Needs Lark."""
    from tosrules.language import checked, tables

    yield resources.TABLES, tables.build(resources.grammar_text())
    rules = sorted(resources.rules_root().rglob("*.tos"))
    yield resources.PACKS, pack([r.read_bytes().decode("utf-8") for r in rules])
    _stored.cache_clear()
    yield resources.POLICIES, checked.pack(shipped_policies())


def shipped_policies() -> dict[str, Policy]:
    """The policies that come checked: of each shipped pack, and of all of them."""
    from tosrules.language.load import VOCABULARY, shipped_packs

    ids = [i for i in shipped_packs() if i != VOCABULARY]
    return policies_of([*([i] for i in ids), ids])


def policies_of(choices: Iterable[Sequence[str]]) -> dict[str, Policy]:
    """The policy of each choice of shipped packs; not where there is a warning to give, or an
    overlay, which says whose clauses are judged."""
    from tosrules.language.packs import load_afresh

    made: dict[str, Policy] = {}
    for names in choices:
        loaded = load_afresh(names, shipped_tests=False)
        assert loaded.policy is not None, loaded.diagnostics
        if not loaded.diagnostics and not any(c.overlays for c in loaded.policy.clauses):
            made[" ".join(sorted(names))] = loaded.policy
    return made
