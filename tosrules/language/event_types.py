"""Event declarations → the vocabulary: attributes with types, inherited along the dots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tosrules.language import syntax as s
from tosrules.language.diagnostics import Related, did_you_mean
from tosrules.language.names import PackScope
from tosrules.language.reporting import Report
from tosrules.span import Span
from tosrules.vocabulary import (
    REFERENCE_KINDS,
    SCALARS,
    Attribute,
    EventType,
    Type,
    Vocabulary,
    list_of,
    reference,
)

BUILT_IN = ("id", "time", "type")
"""Every event has these; they cannot be declared."""


class _Declared:
    """What has been said of one event type (or of `common`) so far."""

    def __init__(self, title: str = "", pack: str = "") -> None:
        self.title = title
        self.pack = pack
        self.attributes: dict[str, Attribute] = {}
        self.places: dict[str, Span] = {}
        self.disputed: set[str] = set()
        """Attributes declared as two types: nothing more is said of them."""


def build_vocabulary(scopes: Iterable[PackScope], report: Report) -> Vocabulary:
    """The event types of all packs together. A pack may say more of a type that another
    pack declares (an attribute added, an optional one made required), never something else."""
    common = _Declared()
    types: dict[str, _Declared] = {}
    for scope in scopes:
        for node in scope.declarations():
            if isinstance(node, s.Common):
                _add(common, "every event", node.attributes, report)
            elif isinstance(node, s.EventDeclaration):
                declared = types.setdefault(node.path.text, _Declared(pack=scope.id))
                if node.title is not None:
                    declared.title = declared.title or node.title.value
                _add(declared, f"`{node.path.text}`", node.attributes, report)
    resolved: dict[str, EventType] = {}
    for name in sorted(types):
        attributes = dict(common.attributes)
        disputed: set[str] = set()
        for prefix in prefixes(name):
            ancestor = types.get(prefix)
            if ancestor is None:
                continue
            for attribute in ancestor.attributes.values():
                known = attributes.get(attribute.name)
                if known is not None and known.type != attribute.type:
                    first = _declared_by(attribute.name, prefix, common, types)
                    _conflict(
                        report, attribute, known, ancestor.places[attribute.name], prefix, first
                    )
                    disputed.add(attribute.name)
                    continue
                attributes[attribute.name] = _stronger(known, attribute)
        for attribute_name in disputed | types[name].disputed:
            attributes.pop(attribute_name, None)
        report.damaged |= disputed | types[name].disputed
        resolved[name] = EventType(name, types[name].title, attributes, types[name].pack)
    owners: dict[str, list[str]] = {}
    for name, declared in types.items():
        for attribute_name in declared.attributes:
            above = any(t.startswith(f"{name}.") for t in types)
            owners.setdefault(attribute_name, []).append(f"{name}.*" if above else name)
    report.owners = owners
    return Vocabulary(resolved, common.attributes)


def _declared_by(
    attribute: str, name: str, common: _Declared, types: Mapping[str, _Declared]
) -> Span | None:
    """Where `name` inherits the attribute from."""
    if attribute in common.places:
        return common.places[attribute]
    for prefix in prefixes(name)[:-1]:
        if prefix in types and attribute in types[prefix].places:
            return types[prefix].places[attribute]
    return None


def prefixes(name: str) -> list[str]:
    """The dotted prefixes of an event type, itself included."""
    parts = name.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _add(
    declared: _Declared,
    of: str,
    attributes: Iterable[s.AttributeDeclaration],
    report: Report,
) -> None:
    for node in attributes:
        kind = _type(node, report)
        if kind is None:
            report.damaged.add(node.path.text)
            continue
        name = node.path.text
        if name in BUILT_IN:
            report.error(
                "built-in-attribute",
                f"every event has `{name}`; it cannot be declared again",
                node.path.span,
                help="leave this line out, or give the attribute another name",
            )
            continue
        attribute = Attribute(name, kind, node.required, node.secret, node.personal)
        known = declared.attributes.get(name)
        if known is not None and known.type != kind:
            report.error(
                "attribute-conflict",
                f"attribute `{name}` of {of} is declared as `{kind}`, and elsewhere as "
                f"`{known.type}`",
                node.span,
                help=f"say `{known.type}` here, or give the attribute another name",
                related=(Related(declared.places[name], "declared here"),),
            )
            declared.disputed.add(name)
            continue
        declared.attributes[name] = _stronger(known, attribute)
        declared.places.setdefault(name, node.span)


def _stronger(known: Attribute | None, new: Attribute) -> Attribute:
    if known is None:
        return new
    return Attribute(
        new.name,
        new.type,
        known.required or new.required,
        known.secret or new.secret,
        known.personal or new.personal,
    )


def _conflict(
    report: Report,
    attribute: Attribute,
    known: Attribute,
    span: Span,
    name: str,
    first: Span | None,
) -> None:
    report.error(
        "attribute-conflict",
        f"`{name}` has attribute `{attribute.name}` as `{known.type}` already, and it is declared "
        f"here as `{attribute.type}`",
        span,
        help=f"say `{known.type}` here, or give the attribute another name",
        related=(Related(first, "it comes from here"),) if first is not None else (),
    )


def _type(node: s.AttributeDeclaration, report: Report) -> Type | None:
    word = node.type.text
    if word in SCALARS:
        kind = Type(word)
    elif word in REFERENCE_KINDS:
        kind = reference(word)
    else:
        near = did_you_mean(word, (*SCALARS, *REFERENCE_KINDS))
        report.error(
            "unknown-type",
            f"unknown type `{word}`" + (f"; {near}" if near else ""),
            node.type.span,
            help=""
            if near
            else "types are "
            + ", ".join(f"`{t}`" for t in (*SCALARS, *REFERENCE_KINDS))
            + ", and `list of` one of these",
        )
        return None
    return list_of(kind) if node.is_list else kind
