"""Asking statuses and links: `barred(any of acts_for(actor))`, `same_kit(device)`."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.kinds import article, plural
from tosrules.language.names import Entry
from tosrules.language.periods import period
from tosrules.language.scope import Scope
from tosrules.language.values import value
from tosrules.policy import expressions as p
from tosrules.policy.model import Link, Status
from tosrules.vocabulary import TEXT, Type


def ask_status(node: s.Call, entry: Entry, scope: Scope) -> p.Expression | None:
    """A status asked of somebody, or with an attribute what it remembers."""
    status: Status | None = scope.context.resolve(entry, node.span)
    own = node.function.text
    if status is None:
        return None
    wanted = status.key_types
    if len(node.arguments) != len(wanted):
        kept = " and ".join(str(t) for t in wanted)
        scope.report.error(
            "wrong-number",
            f"status `{own}` is kept per {kept}, and is asked here of "
            f"{len(node.arguments) or 'nobody'}",
            node.span,
            help=f"as in `{own}({', '.join(_example(t) for t in wanted)})`",
        )
        return None
    keys: list[p.Expression] = []
    any_of: int | None = None
    for place, (argument, kind) in enumerate(zip(node.arguments, wanted, strict=True)):
        key = _key(argument, kind, own, scope)
        if key is None:
            return None
        if isinstance(argument, s.AnyOf):
            if any_of is not None:
                scope.report.error(
                    "two-any-of",
                    "a status is asked of `any of` one set at a time",
                    argument.span,
                    help="leave one `any of` out",
                )
                return None
            any_of = place
        keys.append(key)
    if node.attribute is None:
        return p.Held(entry.qualified, tuple(keys), any_of, None, span=node.span)
    return _remembered(node, node.attribute, status, tuple(keys), any_of, scope)


def _remembered(
    node: s.Call,
    attribute: s.Path,
    status: Status,
    keys: tuple[p.Expression, ...],
    any_of: int | None,
    scope: Scope,
) -> p.Expression | None:
    own = node.function.text
    if any_of is not None:
        scope.report.error(
            "remembered-of-any",
            f"`{own}` of `any of` a set has no one beginning to remember",
            node.span,
            help=f"ask it of one party: `{own}(actor).{attribute.text}`",
        )
        return None
    kind = status.attributes.get(attribute.text)
    if kind is None and own in scope.report.damaged:
        scope.report.errors += 1
        return None
    if kind is None:
        near = status.attributes
        from tosrules.language.diagnostics import did_you_mean

        mean = did_you_mean(attribute.text, near)
        scope.report.error(
            "unknown-attribute",
            f"what begins status `{own}` has no attribute `{attribute.text}`"
            + (f"; {mean}" if mean else ""),
            attribute.span,
            help="" if mean else "it remembers the attributes of the events that begin it",
        )
        return None
    return p.Remembered(status.name, keys, attribute.text, kind, span=node.span)


def _key(node: s.Expression, wanted: Type, own: str, scope: Scope) -> p.Expression | None:
    inner = node.operand if isinstance(node, s.AnyOf) else node
    found = value(inner, scope.outside_window() if scope.window else scope)
    if found is None:
        return None
    kind: Type | None = found.type
    if isinstance(node, s.AnyOf):
        if isinstance(found, p.LinkMembers):
            kind = Type("reference", found.type.kind)
        elif found.type.name == "list":
            kind = found.type.of
        else:
            scope.report.error(
                "any-of-value",
                f"`any of` takes a link or a list, and this is {article(found.type)}",
                node.span,
                help="leave `any of` out",
            )
            return None
    elif isinstance(found, p.LinkMembers):
        scope.report.error(
            "set-as-key",
            f"`{_words(inner)}` is a set of parties",
            node.span,
            help=f"say `any of {_words(inner)}`",
        )
        return None
    constant = isinstance(found, p.Constant) and found.type == TEXT
    if kind == wanted or (constant and wanted.name == "reference"):
        return found
    scope.report.error(
        "wrong-kind",
        f"status `{own}` is kept per {wanted}, and this is {article(kind or found.type)}, "
        "so that it would never hold",
        node.span,
        help=f"name an attribute that is {article(wanted)}, as in `{own}({_example(wanted)})`",
    )
    return None


def _words(node: s.Expression) -> str:
    if isinstance(node, s.Call):
        return f"{node.function.text}({', '.join(_words(a) for a in node.arguments)})"
    return node.text if isinstance(node, s.Path) else "…"


def _example(kind: Type) -> str:
    return {"party": "actor", "person": "subject"}.get(kind.kind, kind.kind or "…")


def ask_link(node: s.Call, entry: Entry, scope: Scope) -> p.Expression | None:
    """The parties a directed link reaches, or the group a mutual one puts its member in."""
    link: Link | None = scope.context.resolve(entry, node.span)
    own = node.function.text
    if link is None:
        return None
    if len(node.arguments) != 1:
        scope.report.error(
            "wrong-number",
            f"link `{own}` is asked of one at a time, not of {len(node.arguments)}",
            node.span,
            help=f"as in `{own}({_example(link.first)})`",
        )
        return None
    start = value(node.arguments[0], scope.outside_window() if scope.window else scope)
    if start is None:
        return None
    kinds = (link.first,) if link.directed else (link.first, link.second)
    constant = isinstance(start, p.Constant) and start.type == TEXT
    if start.type not in kinds and not (constant and len(set(kinds)) == 1):
        ties = " and ".join(dict.fromkeys(plural(k.kind) for k in kinds))
        scope.report.error(
            "wrong-kind",
            f"link `{own}` ties {ties}, and this is {article(start.type)}, so that nothing would "
            "be found",
            node.arguments[0].span,
            help=f"name an attribute that is {article(kinds[0])}, as in "
            f"`{own}({_example(kinds[0])})`",
        )
        return None
    if link.directed:
        members = Type("set", link.second.kind)
        return p.LinkMembers(entry.qualified, start, members, span=node.span)
    kind = start.type.kind if start.type.name == "reference" else link.first.kind
    group = Type("group", own)
    return p.GroupOf(entry.qualified, start, kind, group, span=node.span)


def held_for(node: s.HeldFor, scope: Scope) -> p.Expression | None:
    asked = value(node.operand, scope)
    length = period(node.period, scope)
    if asked is None or length is None:
        return None
    if not isinstance(asked, p.Held):
        scope.report.error(
            "held-for-what",
            "`held for at least` is said of a status",
            node.operand.span,
            help="as in `barred(actor) held for at least 10 days`",
        )
        return None
    return p.Held(asked.status, asked.keys, asked.any_of, length, span=node.span)
