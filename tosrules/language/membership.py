"""`in` and `not in`: a list, a list attribute, networks, or the parties a link reaches."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.conditions import agree
from tosrules.language.diagnostics import Related
from tosrules.language.kinds import article, plural
from tosrules.language.scope import Scope
from tosrules.language.values import value
from tosrules.policy import expressions as p
from tosrules.vocabulary import ADDRESS, NUMBER, TEXT


def member(node: s.Member, scope: Scope) -> p.Expression | None:
    left, collection = value(node.operand, scope), value(node.collection, scope)
    if left is None or collection is None:
        return None
    if isinstance(collection, p.LinkMembers):
        found = _of_link(node, left, collection, scope)
    elif isinstance(collection, p.ListValues):
        found = _of_list(node, left, collection, scope)
    elif collection.type.name == "list" and collection.type.of is not None:
        element = p.AnyElement(collection, collection.type.of, span=collection.span)
        if agree(left, element, node, scope) is None:
            return None
        found = p.Member(left, collection, False, span=node.span)
    else:
        scope.report.error(
            "not-a-collection",
            f"`in` needs a list or a link, and this is {article(collection.type)}",
            node.collection.span,
            help="compare with `!=`" if node.negated else "compare with `=`",
        )
        return None
    if found is None:
        return None
    return p.Not(found, span=node.span) if node.negated else found


def _of_link(
    node: s.Member, left: p.Expression, collection: p.LinkMembers, scope: Scope
) -> p.Expression | None:
    kind = collection.type.kind
    constant = isinstance(left, p.Constant) and left.type == TEXT
    if not constant and (left.type.name != "reference" or left.type.kind != kind):
        scope.report.error(
            "different-kinds",
            f"the link ties {plural(kind)}, and this is {article(left.type)}",
            node.operand.span,
            help=f"name an attribute that is a reference to {'an' if kind[0] in 'aeiou' else 'a'} "
            f"{kind}",
        )
        return None
    return p.Member(left, collection, False, span=node.span)


def _of_list(
    node: s.Member, left: p.Expression, collection: p.ListValues, scope: Scope
) -> p.Expression | None:
    declared = scope.context.lists[collection.name]
    networks = left.type == ADDRESS
    before, place = scope.context.list_uses.setdefault(collection.name, (networks, node.span))
    if before != networks:
        one = f"`{_own(collection.name)}`"
        scope.report.error(
            "list-of-both",
            f"list {one} is asked about text here and about addresses elsewhere"
            if before
            else f"list {one} is asked about addresses here and about text elsewhere",
            node.collection.span,
            help="declare two lists: networks such as `192.0.2.0/24` are never equal to a text",
            related=(Related(place, "asked here"),),
        )
        return None
    if networks:
        return _of_networks(node, left, collection, scope)
    if left.type == declared.type or (left.type.name == "reference" and declared.type == TEXT):
        return p.Member(left, collection, False, span=node.span)
    holds = "numbers" if declared.type == NUMBER else "text"
    scope.report.error(
        "wrong-type",
        f"list `{_own(collection.name)}` holds {holds}, and this is {article(left.type)}",
        node.operand.span,
        help="ask about an attribute of that type, or write the list anew",
    )
    return None


def _of_networks(
    node: s.Member, left: p.Expression, collection: p.ListValues, scope: Scope
) -> p.Expression | None:
    import ipaddress

    for item in scope.context.lists[collection.name].values:
        try:
            ipaddress.ip_network(str(item))
        except ValueError as error:
            host_bits = "host bits" in str(error)
            scope.report.error(
                "not-a-network",
                f"`{item}` in list `{_own(collection.name)}` is no network"
                + (": its address goes beyond its prefix" if host_bits else ""),
                node.collection.span,
                help=f"write `{ipaddress.ip_network(str(item), strict=False)}`"
                if host_bits
                else "networks are written as 192.0.2.0/24 or 2001:db8::/32",
            )
            return None
    return p.Member(left, collection, True, span=node.span)


def _own(qualified: str) -> str:
    return qualified.rpartition("/")[2]
