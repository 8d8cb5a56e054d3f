"""Conditions: comparisons, membership, text tests, and their joining → policy conditions."""

from __future__ import annotations

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.kinds import article
from tosrules.language.scope import Role, Scope
from tosrules.language.values import ORDERED, value
from tosrules.policy import expressions as p
from tosrules.record import replace
from tosrules.vocabulary import ADDRESS, BOOLEAN, DATE, DURATION, NUMBER, TEXT, TIME, Type


def condition(node: s.Expression, scope: Scope) -> p.Expression | None:
    """The typed condition of `node`, or None after reporting what is wrong."""
    match node:
        case s.And() | s.Or():
            parts = [condition(operand, scope) for operand in node.operands]
            if any(x is None for x in parts):
                return None
            whole = tuple(x for x in parts if x is not None)
            kind = p.And if isinstance(node, s.And) else p.Or
            return kind(whole, span=node.span)
        case s.Not():
            inner = condition(node.operand, scope)
            return None if inner is None else p.Not(inner, span=node.span)
        case s.Parenthesised():
            return condition(node.inner, scope)
        case s.Compare():
            return _compare(node, scope)
        case s.TupleDiffers():
            return _tuple_differs(node, scope)
        case s.Missing():
            return _missing(node, scope)
        case s.Matches():
            return _matches(node, scope)
        case s.Member():
            from tosrules.language.membership import member

            return member(node, scope)
        case s.TextTest():
            return _text_test(node, scope)
        case s.HeldFor():
            from tosrules.language.asking import held_for

            return held_for(node, scope)
        case _:
            return _boolean(node, scope)


def _boolean(node: s.Expression, scope: Scope) -> p.Expression | None:
    found = value(node, scope)
    if found is None:
        return None
    if found.type != BOOLEAN:
        wanted = "a condition"
        scope.report.error(
            "not-a-condition",
            f"this is {article(found.type)}, and {wanted} is needed here",
            node.span,
            help="compare it with something: `… = …`, `… is present`, `… in …`",
        )
        return None
    if isinstance(found, p.AttributeOf | p.ParamValue | p.Constant | p.Remembered):
        if isinstance(found, p.Constant):
            scope.report.error(
                "constant-condition",
                f"this condition is always {'true' if found.value else 'false'}",
                node.span,
                help="leave it out, or say what is meant",
            )
            return None
        return p.Compare("=", found, p.Constant(True, BOOLEAN), span=node.span)
    return found


def operand(node: s.Expression, scope: Scope) -> p.Expression | None:
    """A side of a comparison: a value, or `any of` a list."""
    if not isinstance(node, s.AnyOf):
        return value(node, scope)
    collection = value(node.operand, scope)
    if collection is None:
        return None
    if isinstance(collection, p.LinkMembers):
        scope.report.error(
            "any-of-link",
            "the parties of a link are asked for by a status or with `in`",
            node.span,
            help="as in `barred(any of acts_for(actor))` or `ask.target in acts_for(done.actor)`",
        )
        return None
    if isinstance(collection, p.ListValues):
        return p.AnyElement(collection, collection.type, span=node.span)
    if collection.type.name != "list" or collection.type.of is None:
        scope.report.error(
            "any-of-value",
            f"`any of` takes a list, and this is {article(collection.type)}",
            node.span,
            help="leave `any of` out",
        )
        return None
    return p.AnyElement(collection, collection.type.of, span=node.span)


def _compare(node: s.Compare, scope: Scope) -> p.Expression | None:
    alone = isinstance(node.right, s.Path)
    left = operand(node.left, scope)
    right = operand(node.right, replace(scope, compared=True) if alone else scope)
    if left is None or right is None:
        return None
    if isinstance(left, p.AnyElement) and isinstance(right, p.AnyElement):
        scope.report.error(
            "two-any-of",
            "only one side of a comparison may be `any of` a list",
            node.span,
            help="ask for membership: `… in …`",
        )
        return None
    pair = agree(left, right, node, scope)
    if pair is None:
        return None
    left, right = pair
    if not _orderable(node, left.type, scope):
        return None
    for side, other in ((left, right), (right, left)):
        if _spread(side) and _reads_spread(other):
            scope.report.error(
                "two-spreads",
                "`stddev` may stand on one side of a comparison only",
                node.span,
                help="compare each with a number or a duration",
            )
            return None
    return p.Compare(node.operator, left, right, span=node.span)


def _spread(expression: p.Expression) -> bool:
    return isinstance(expression, p.Aggregate) and expression.function == "stddev"


def _reads_spread(expression: p.Expression) -> bool:
    if isinstance(expression, p.Arithmetic):
        return _reads_spread(expression.left) or _reads_spread(expression.right)
    return _spread(expression)


def agree(
    left: p.Expression, right: p.Expression, node: s.Node, scope: Scope
) -> tuple[p.Expression, p.Expression] | None:
    """Both sides, a text constant turned into what the other side is, or None if they can
    never be equal."""
    left_type, right_type = left.type, right.type
    if left_type == right_type:
        if left_type.name == "list":
            scope.report.error(
                "list-compared",
                "lists are not compared whole",
                node.span,
                help="say `… contains …` of one value at a time",
            )
            return None
        return left, right
    for side, other in ((left, right), (right, left)):
        if side.type == TEXT and isinstance(side, p.Constant | p.ParamValue | p.AnyElement):
            if isinstance(side, p.AnyElement) and not isinstance(side.collection, p.ListValues):
                continue
            if other.type.name == "reference":
                return left, right
            if other.type == ADDRESS:
                return _with_address(left, right, scope)
    if {left_type.name, right_type.name} <= {"reference", "group"}:
        scope.report.error(
            "different-kinds",
            f"{article(left_type)} is never the same as {article(right_type)}",
            node.span,
            help="compare references to the same kind of thing",
        )
        return None
    scope.report.error(
        "wrong-type",
        f"{article(left_type)} cannot be compared with {article(right_type)}",
        node.span,
        help=_mend(left_type, right_type),
    )
    return None


def _mend(left: Type, right: Type) -> str:
    pair = {left, right}
    if pair == {TIME, DATE}:
        return 'a day depends on the zone: `date(time, "UTC") < 2020-06-01`'
    if pair == {TIME, TEXT}:
        return "write the instant without quotation marks: `2020-06-01T00:00:00Z`"
    if pair == {DURATION, TEXT}:
        return "write the duration without quotation marks: `30 days`"
    if pair == {NUMBER, TEXT}:
        return "write the number without quotation marks"
    if pair == {BOOLEAN, TEXT}:
        return "write `true` or `false` without quotation marks"
    if pair == {NUMBER, DURATION}:
        return "write the unit: `2 seconds`"
    if "list" in (left.name, right.name):
        return 'say `… contains "…"`, or `any of …` before the list'
    return "compare two values of one type"


def _with_address(
    left: p.Expression, right: p.Expression, scope: Scope
) -> tuple[p.Expression, p.Expression] | None:
    from tosrules.trace.values import canonical_address

    sides: list[p.Expression] = []
    for side in (left, right):
        if isinstance(side, p.Constant) and side.type == TEXT:
            canonical = canonical_address(str(side.value))
            if canonical is None:
                scope.report.error(
                    "not-an-address",
                    f"`{side.value}` is no IP address",
                    side.span,
                    help="an address is written as 192.0.2.1 or 2001:db8::1; for a network use "
                    "`in` and a list: `source.ip in office`",
                )
                return None
            sides.append(p.Constant(canonical, ADDRESS, span=side.span))
        else:
            sides.append(side)
    return sides[0], sides[1]


def _orderable(node: s.Compare, kind: Type, scope: Scope) -> bool:
    if node.operator in ("=", "!=") or kind in ORDERED:
        return True
    if kind == TEXT:
        scope.report.error(
            "text-order",
            "text has no order that everybody agrees on, so it is not more or less",
            node.span,
            help="compare with `=` or `!=`; what is to be more or less is declared as a number or "
            "a time",
        )
    else:
        scope.report.error(
            "no-order",
            f"{article(kind)} has no order, so it is not more or less",
            node.span,
            help="compare with `=` or `!=`",
        )
    return False


def _tuple_differs(node: s.TupleDiffers, scope: Scope) -> p.Expression | None:
    if len(node.left) != len(node.right):
        scope.report.error(
            "tuple-length",
            f"the left side has {len(node.left)} parts and the right one {len(node.right)}",
            node.span,
            help="name as many parts on each side, in the same order",
        )
        return None
    left, right = [], []
    for one, other in zip(node.left, node.right, strict=True):
        first, second = value(one, scope), value(other, scope)
        if first is None or second is None:
            return None
        pair = agree(first, second, one, scope)
        if pair is None:
            return None
        left.append(pair[0])
        right.append(pair[1])
    return p.TupleDiffers(tuple(left), tuple(right), span=node.span)


def _missing(node: s.Missing, scope: Scope) -> p.Expression | None:
    found = value(node.operand, scope)
    if found is None:
        return None
    if not isinstance(found, p.AttributeOf | p.Remembered):
        scope.report.error(
            "never-missing",
            "only an attribute can be missing or present",
            node.span,
            help="ask it of the attribute itself",
        )
        return None
    return p.Missing(found, node.present, span=node.span)


def _matches(node: s.Matches, scope: Scope) -> p.Expression | None:
    from tosrules.language.regex import check_pattern

    side = operand(node.operand, scope)
    sound = check_pattern(node.pattern, node.ignore_case, node.pattern_span, scope.report)
    if side is None or not sound:
        return None
    if side.type != TEXT:
        scope.report.error(
            "wrong-type",
            f"`matches` reads text, and this is {article(side.type)}",
            node.operand.span,
            help=_instead(side.type),
        )
        return None
    found = p.Matches(side, node.pattern, node.ignore_case, span=node.span)
    return p.Not(found, span=node.span) if node.negated else found


def _text_test(node: s.TextTest, scope: Scope) -> p.Expression | None:
    left, right = operand(node.operand, scope), operand(node.argument, scope)
    if left is None or right is None:
        return None
    if node.test == "contains" and left.type.name == "list":
        element = left.type.of or TEXT
        pair = agree(p.AnyElement(left, element, span=left.span), right, node, scope)
        if pair is None:
            return None
        return p.Compare("=", pair[0], pair[1], span=node.span)
    if isinstance(left, p.AnyElement) and isinstance(right, p.AnyElement):
        scope.report.error(
            "two-any-of",
            f"only one side of `{node.test}` may be `any of` a list",
            node.span,
            help="ask about one value at a time",
        )
        return None
    for side, place in ((left, node.operand), (right, node.argument)):
        if side.type != TEXT:
            what = "text or a list" if node.test == "contains" and side is left else "text"
            scope.report.error(
                "wrong-type",
                f"`{node.test}` reads {what}, and this is {article(side.type)}",
                place.span,
                help=_instead(side.type),
            )
            return None
    return p.TextTest(node.test, left, right, span=node.span)


def _instead(kind: Type) -> str:
    if kind == NUMBER:
        return "compare the number: `… >= 400 and … < 500`"
    if kind.name == "list":
        return "say `any of …` before the list"
    if kind.name == "reference":
        return 'name the thing itself, `… = "a-1"`, or a list of them, `… in …`'
    return "compare with `=`"


def number_or_param(node: s.Number | s.Name | s.Scaled, scope: Scope) -> p.Expression | None:
    """A threshold: a number, a parameter, or a number times a parameter."""
    match node:
        case s.Number():
            found = constants.number(node, scope.report)
            return None if found is None else p.Constant(found, NUMBER, span=node.span)
        case s.Name():
            return _numeric_param(node, scope)
        case s.Scaled():
            factor = number_or_param(node.factor, scope)
            param = _numeric_param(node.param, scope)
            if factor is None or param is None:
                return None
            return p.Arithmetic("*", factor, param, NUMBER, span=node.span)


def _numeric_param(node: s.Name, scope: Scope) -> p.Expression | None:
    entry = scope.context.find(scope.pack, node, "param", "parameter")
    param = scope.context.params.get(entry.qualified) if entry is not None else None
    if entry is None or param is None:
        return None
    if param.type != NUMBER:
        scope.report.error(
            "wrong-type",
            f"a limit is a number, and parameter `{node.text}` is `{param.text}`",
            node.span,
            help=f"write a number where `{node.text}` is declared, or name another parameter",
        )
        return None
    return p.ParamValue(entry.qualified, NUMBER, span=node.span)


__all__ = ["Role", "agree", "condition", "number_or_param", "operand"]
