"""Expressions with a value: names, attributes, calls, arithmetic → typed policy expressions.

Each function returns None after reporting what is wrong; None of a part makes None of the
whole without another word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.diagnostics import Related, did_you_mean
from tosrules.language.names import Entry, name_span, words_for
from tosrules.language.scope import Role, Scope
from tosrules.policy import expressions as p
from tosrules.vocabulary import (
    BOOLEAN,
    DATE,
    DURATION,
    NUMBER,
    TEXT,
    TIME,
    Type,
)

FUNCTIONS = ("lower", "length", "hour", "weekday", "date", "host", "path")
AGGREGATES = ("count", "distinct", "sum", "min", "max", "stddev")
ORDERED = (NUMBER, DURATION, TIME, DATE)
"""Types whose values are more or less."""


def value(node: s.Expression, scope: Scope) -> p.Expression | None:
    """The typed expression of `node`, which must have a value (a condition is a boolean)."""
    found = value_or_event(node, scope)
    if isinstance(found, Role):
        scope.report.error(
            "event-as-value",
            "this is an event, and a value is needed here",
            node.span,
            help=f"name one of its attributes: `{_own_name(node, found)}.{_some(found)}`",
        )
        return None
    return found


def _own_name(node: s.Expression, role: Role) -> str:
    return node.text if isinstance(node, s.Path) else role.name or "event"


def _some(role: Role) -> str:
    return next((n for n in ("actor", "account") if n in role.attributes), "time")


def value_or_event(node: s.Expression, scope: Scope) -> p.Expression | Role | None:
    from tosrules.language import conditions

    report = scope.report
    match node:
        case s.Text():
            return p.Constant(node.value, TEXT, span=node.span)
        case s.Number():
            number = constants.number(node, report)
            return None if number is None else p.Constant(number, NUMBER, span=node.span)
        case s.Boolean():
            return p.Constant(node.value, BOOLEAN, span=node.span)
        case s.Duration():
            length = constants.duration(node, report)
            return None if length is None else p.Constant(length.micros, DURATION, span=node.span)
        case s.Date():
            found = constants.day(node, report)
            return None if found is None else p.Constant(node.text, DATE, span=node.span)
        case s.Moment():
            instant = constants.moment(node, report)
            return None if instant is None else p.Constant(instant, TIME, span=node.span)
        case s.Parenthesised():
            return value_or_event(node.inner, scope)
        case s.Path():
            return _path(node, scope)
        case s.Call():
            return call(node, scope)
        case s.Arithmetic():
            return _arithmetic(node, scope)
        case s.Negate():
            return _negate(node, scope)
        case s.Choice():
            return _choice(node, scope)
        case s.AnyOf():
            report.error(
                "any-of-misplaced",
                "`any of` stands in a comparison or as the party of a status",
                node.span,
                help='as in `any of scopes = "write"` or `barred(any of acts_for(actor))`',
            )
            return None
        case _:
            return conditions.condition(node, scope)


# ---- names -----------------------------------------------------------------------------------


def _path(node: s.Path, scope: Scope) -> p.Expression | Role | None:
    head, _, rest = node.text.partition(".")
    if head in scope.bound:
        return _of_bound(head, rest, node, scope)
    if head == "event":
        if scope.bare is None:
            _no_bare(node, scope)
            return None
        return scope.bare.read(rest, node.span, scope.report) if rest else scope.bare
    role = scope.roles.get(head)
    if role is not None:
        if rest and scope.bare is not None and node.text in scope.bare.attributes:
            scope.report.error(
                "ambiguous-name",
                f"`{node.text}` is an attribute, and could also be attribute `{rest}` of the "
                f"event named `{head}`",
                node.span,
                help=f"write `event.{node.text}` for the attribute, or name the event otherwise",
            )
            return None
        return role.read(rest, node.span, scope.report) if rest else role
    if head in scope.elsewhere:
        message, mend = scope.elsewhere[head]
        scope.report.error("unknown-event-name", message, node.span, help=mend)
        return None
    if not rest and scope.window and head in ("count", "gap"):
        if head == "count":
            return p.Aggregate("count", None, NUMBER, span=node.span)
        scope.report.error(
            "gap-alone",
            "`gap` is the time between consecutive events, of which a window has many",
            node.span,
            help="say which: `min(gap)`, `max(gap)`, `sum(gap)` or `stddev(gap)`",
        )
        return None
    declared = scope.context.lookup(scope.pack, node)
    known = scope.bare is not None and (
        node.text in scope.bare.attributes or node.text in ("time", "id", "type")
    )
    if known and declared is not None and getattr(declared.node, "parameters", ()):
        declared = None  # a definition with inputs is only called, so it clashes with nothing
    if known and declared is not None and declared.kind in ("param", "define", "list"):
        scope.report.error(
            "ambiguous-name",
            f"`{node.text}` is an attribute of the event and also a {words_for(declared.kind)} of "
            f"pack `{declared.scope.id}`",
            node.span,
            help=f"write `event.{node.text}` for the attribute, or give the "
            f"{words_for(declared.kind)} another name",
            related=(Related(name_span(declared.node), f"the {words_for(declared.kind)}"),),
        )
        return None
    if declared is not None and not known:
        return _declared(node, declared, scope)
    if scope.bare is not None:
        if rest and not known and _misspelt_alias(head, node, scope):
            return None
        if not known and node.text in ("count", "gap"):
            return _misplaced(node.text, node, scope)
        if known or not _misspelt_name(node, scope):
            if scope.window:
                return _bare_in_window(node, scope)
            return scope.bare.read(node.text, node.span, scope.report, scope.compared)
        return None
    if rest:
        steps = ", ".join(f"`{r}`" for r in scope.roles)
        scope.report.unknown(
            "unknown-event-name", "event", head, node.span, [*scope.roles, *scope.bound],
            help=f"events named here: {steps}" if steps else _NAME_IT,
        )
        return None
    if not _misspelt_name(node, scope):
        _no_bare(node, scope)
    return None


_NAME_IT = (
    "in a rule of several events every attribute names its event: `… as ask where ask.kind = …`"
)


def _misspelt_alias(head: str, node: s.Path, scope: Scope) -> bool:
    """Report `coll.actor` where an event is named `call`."""
    attributes = scope.bare.attributes if scope.bare is not None else {}
    if did_you_mean(node.text, attributes) or not did_you_mean(head, scope.roles):
        return False
    scope.report.unknown("unknown-event-name", "event", head, node.span, scope.roles)
    return True


def _misplaced(name: str, node: s.Node, scope: Scope) -> None:
    scope.report.error(
        "aggregate-misplaced",
        f"`{name}` speaks of all events of a window, and here it is one event",
        node.span,
        help="say it after `with`, in a rule that has `per … within …`",
    )


def _bare_in_window(node: s.Path, scope: Scope) -> p.Expression | None:
    assert scope.bare is not None
    if scope.bare.read(node.text, node.span, scope.report) is not None:
        scope.report.error(
            "bare-in-window",
            f"`{node.text}` differs from event to event of the window",
            node.span,
            help=f"say which: `min({node.text})`, `max({node.text})`, `distinct({node.text})`, "
            "or ask it of each event with `where`",
        )
    return None


def _misspelt_name(node: s.Path, scope: Scope) -> bool:
    """Report a bare name that is near a declared name and near no attribute."""
    if node.text in scope.report.damaged:
        return True
    attributes = list(scope.bare.attributes) if scope.bare is not None else []
    if did_you_mean(node.text, attributes):
        return False
    names = [
        n
        for n in scope.pack.visible()
        if (e := scope.pack.lookup(n)) is not None and e.kind in ("param", "list", "define")
    ]
    near = did_you_mean(node.text, [*names, *scope.roles])
    if not near:
        return False
    scope.report.error("unknown-name", f"unknown name `{node.text}`; {near}", node.span)
    return True


def _no_bare(node: s.Path, scope: Scope) -> None:
    if node.text.partition(".")[0] in scope.report.damaged:
        return
    roles = list(scope.roles)
    scope.report.error(
        "which-event",
        f"`{node.text}` does not say whose attribute it is",
        node.span,
        help=f"in a rule of several events every attribute names its event: "
        f"`{roles[-1]}.{node.text}`"
        if roles
        else _NAME_IT.replace("ask.kind", f"ask.{node.text}"),
    )


def _of_bound(head: str, rest: str, node: s.Path, scope: Scope) -> p.Expression | Role | None:
    bound = scope.bound[head]
    if isinstance(bound, Role):
        return bound.read(rest, node.span, scope.report) if rest else bound
    if rest and bound is not None:
        scope.report.error(
            "value-has-no-attributes",
            f"`{head}` stands for a value here and has no attribute `{rest}`",
            node.span,
            help="pass the event itself: `event`, or the name of a step",
        )
        return None
    return bound


def _declared(node: s.Path, entry: Entry, scope: Scope) -> p.Expression | Role | None:
    context = scope.context
    if entry.kind == "param":
        param = context.params.get(entry.qualified)
        if param is None:
            return None
        return p.ParamValue(entry.qualified, param.type, span=node.span)
    if entry.kind == "define":
        return expand(node, entry, (), scope)
    if entry.kind == "list":
        declared = context.lists.get(entry.qualified)
        if declared is None or entry.qualified in context.damaged_lists:
            return None
        return p.ListValues(entry.qualified, declared.type, span=node.span)
    mend = {
        "status": f"ask it of somebody: `{node.text}(actor)`",
        "link": f"ask it of somebody: `any of {node.text}(actor)`",
        "signal": f"use it as an event: `forbid {node.text}`",
        "events": f"use it as events: `forbid {node.text}`",
        "source": f"cite it: `cite {node.text}`",
        "calendar": f"use it in a period: `10 business days of {node.text}`",
    }
    scope.report.error(
        "not-a-value",
        f"`{node.text}` is a {words_for(entry.kind)} and has no value of its own",
        node.span,
        help=mend.get(entry.kind, ""),
    )
    return None


# ---- calls -----------------------------------------------------------------------------------


def call(node: s.Call, scope: Scope) -> p.Expression | Role | None:
    """A function, an aggregate, a definition, a status or a link with its arguments."""
    name = node.function.text
    entry = scope.context.lookup(scope.pack, node.function)
    if node.attribute is not None and (entry is None or entry.kind != "status"):
        scope.report.error(
            "no-attribute-here",
            f"`{name}(…)` has no attributes; only a status remembers those of its beginning",
            node.attribute.span,
            help=f"leave out `.{node.attribute.text}`",
        )
        return None
    if entry is not None:
        if entry.kind == "define":
            return expand(node.function, entry, node.arguments, scope)
        if entry.kind == "status":
            from tosrules.language.asking import ask_status

            return ask_status(node, entry, scope)
        if entry.kind == "link":
            from tosrules.language.asking import ask_link

            return ask_link(node, entry, scope)
    if scope.window and name in AGGREGATES:
        from tosrules.language.windows import aggregate

        return aggregate(node, scope)
    if name in FUNCTIONS:
        return _function(node, scope)
    if name in AGGREGATES:
        return _misplaced(name, node, scope)
    known = [
        *FUNCTIONS,
        *(AGGREGATES if scope.window else ()),
        *(n for k in ("define", "status", "link") for n in scope.pack.visible(k)),
    ]
    if entry is not None:
        scope.report.error(
            "not-callable",
            f"`{name}` is a {words_for(entry.kind)} and takes nothing in parentheses",
            node.function.span,
            help=f"ask what is in it: `… in {name}`"
            if entry.kind == "list"
            else f"write `{name}` alone",
        )
        return None
    scope.report.unknown(
        "unknown-function", "name", name, node.function.span, known,
        help="what is asked with parentheses is a status, a link, a definition, or one of "
        + ", ".join(f"`{f}`" for f in FUNCTIONS),
    )
    return None


def expand(
    at: s.Path, entry: Entry, arguments: tuple[s.Expression, ...], scope: Scope
) -> p.Expression | Role | None:
    """A definition written out where it is used."""
    define = entry.node
    assert isinstance(define, s.Define)
    name = define.name.text
    if entry.qualified in scope.defining:
        between = scope.defining[scope.defining.index(entry.qualified) + 1 :]
        names = ", ".join(f"`{d.rpartition('/')[2]}`" for d in between)
        way = f" by way of {names}" if names else ""
        for passed in scope.defining:
            scope.context.sound_defines[passed] = False
        scope.report.error(
            "circle",
            f"definition `{name}` uses itself{way}",
            at.span,
            help="a definition is written out where it is used, so it cannot stand in itself",
        )
        return None
    if scope.context.sound_defines.get(entry.qualified) is False:
        scope.report.errors += 1  # it was said at the definition
        return None
    if len(arguments) != len(define.parameters):
        scope.report.error(
            "wrong-number",
            f"definition `{name}` takes {_things(len(define.parameters))} in parentheses, "
            f"not {len(arguments)}",
            at.span,
            help=f"as in `{name}({', '.join(_inputs(define))})`"
            if define.parameters
            else f"write `{name}` alone",
        )
        return None
    bound: dict[str, Any] = {}
    for parameter, argument in zip(define.parameters, arguments, strict=True):
        given = value_or_event(argument, scope)
        if given is None:
            return None
        bound[parameter.text] = given
    if not _sound(entry, scope):
        return None
    inner = replace(
        scope,
        pack=entry.scope,
        bound=bound,
        roles={} if define.parameters else scope.roles,
        defining=(*scope.defining, entry.qualified),
        compared=False,
    )
    with scope.report.retold(
        at.span, lambda said: f"definition `{name}` cannot be used here: {said}",
        Related(name_span(define), "the definition"),
    ):
        return value_or_event(define.body, inner)


def _inputs(define: s.Define) -> list[str]:
    """The inputs of a definition, for an example."""
    from tosrules.language.defines import used_as_event

    names = [x.text for x in define.parameters]
    if len(names) == 1:
        return ["event" if used_as_event(define.body, names[0]) else "actor"]
    return names


def _sound(entry: Entry, scope: Scope) -> bool:
    """Whether the definition makes sense on its own; says once what is wrong with it."""
    from tosrules.language.defines import check_define

    return entry.qualified in scope.defining or check_define(scope.context, entry)


def _things(number: int) -> str:
    return "nothing" if number == 0 else "1 thing" if number == 1 else f"{number} things"


_SHAPES: dict[str, tuple[tuple[Type, ...], Type, bool]] = {
    # name: accepted types, result, takes a zone
    "lower": ((TEXT,), TEXT, False),
    "length": ((TEXT,), NUMBER, False),
    "host": ((TEXT,), TEXT, False),
    "path": ((TEXT,), TEXT, False),
    "hour": ((TIME,), NUMBER, True),
    "weekday": ((TIME,), NUMBER, True),
    "date": ((TIME,), DATE, True),
}


def _function(node: s.Call, scope: Scope) -> p.Expression | None:
    name = node.function.text
    accepted, result, zoned = _SHAPES[name]
    report = scope.report
    if zoned and len(node.arguments) == 1:
        report.error(
            "no-zone",
            f"`{name}` depends on where one is, and no zone is named",
            node.span,
            help=f'as in `{name}(time, "Europe/Madrid")`, or `{name}(time, "UTC")`',
        )
        return None
    if len(node.arguments) != (2 if zoned else 1):
        report.error(
            "wrong-number",
            f"`{name}` takes a time and a zone"
            if zoned
            else f"`{name}` takes one {accepted[0]}, not {len(node.arguments)}",
            node.span,
            help=f'as in `{name}(time, "Europe/Madrid")`' if zoned else f"as in `{name}(url.full)`",
        )
        return None
    argument = value(node.arguments[0], scope.outside_window() if scope.window else scope)
    if argument is None:
        return None
    if argument.type not in accepted and not (name == "length" and argument.type.name == "list"):
        report.error(
            "wrong-type",
            f"`{name}` takes {article(accepted[0])}, and this is {article(argument.type)}",
            node.arguments[0].span,
            help="numbers are compared as they are"
            if argument.type == NUMBER
            else f"name an attribute that is {article(accepted[0])}",
        )
        return None
    arguments = [argument]
    if len(node.arguments) == 2:
        zone = node.arguments[1]
        if not isinstance(zone, s.Text):
            report.error(
                "wrong-type",
                "a zone is written as text",
                zone.span,
                help='as in "Europe/Madrid"',
            )
            return None
        if constants.zone(zone, report) is None:
            return None
        arguments.append(p.Constant(zone.value, TEXT, span=zone.span))
    return p.Function(name, tuple(arguments), result, span=node.span)


# ---- arithmetic ------------------------------------------------------------------------------

_SUMS = {
    (NUMBER, NUMBER): NUMBER,
    (DURATION, DURATION): DURATION,
    (TIME, DURATION): TIME,
}
_DIFFERENCES = {**_SUMS, (TIME, TIME): DURATION}
_PRODUCTS = {
    (NUMBER, NUMBER): NUMBER,
    (NUMBER, DURATION): DURATION,
    (DURATION, NUMBER): DURATION,
}
_QUOTIENTS = {
    (NUMBER, NUMBER): NUMBER,
    (DURATION, NUMBER): DURATION,
    (DURATION, DURATION): NUMBER,
}
_TABLES = {"+": _SUMS, "-": _DIFFERENCES, "*": _PRODUCTS, "/": _QUOTIENTS}
_VERBS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}


def _arithmetic(node: s.Arithmetic, scope: Scope) -> p.Expression | None:
    left, right = value(node.left, scope), value(node.right, scope)
    if left is None or right is None:
        return None
    for side in (node.left, node.right):
        if _divides(side):
            scope.report.error(
                "inner-division",
                "a division may stand only at the top of a side of a comparison",
                side.span,
                help="multiply the other side by the divisor instead",
            )
            return None
    if _reads_spread(left) or _reads_spread(right):
        scope.report.error(
            "spread-in-sum",
            "`stddev` stands alone on its side of a comparison",
            node.span,
            help="move the rest to the other side: it is compared by its square",
        )
        return None
    kinds: tuple[Type, Type] = (left.type, right.type)
    result = _TABLES[node.operator].get(kinds)
    if result is None:
        scope.report.error(
            "wrong-type",
            f"cannot {_VERBS[node.operator]} {article(kinds[0])} and {article(kinds[1])}",
            node.span,
            help="give the number its unit: `2 seconds`"
            if set(kinds) == {NUMBER, DURATION}
            else "numbers go with numbers, durations with durations; a time may be moved by a "
            "duration: `time + 7 days`",
        )
        return None
    return p.Arithmetic(node.operator, left, right, result, span=node.span)


def _divides(node: s.Expression) -> bool:
    while isinstance(node, s.Parenthesised):
        node = node.inner
    return isinstance(node, s.Arithmetic) and node.operator == "/"


def _reads_spread(expression: p.Expression) -> bool:
    return isinstance(expression, p.Aggregate) and expression.function == "stddev"


def _negate(node: s.Negate, scope: Scope) -> p.Expression | None:
    inner = value(node.operand, scope)
    if inner is None:
        return None
    kind: Type = inner.type
    if kind not in (NUMBER, DURATION):
        scope.report.error(
            "wrong-type",
            f"`-` takes a number or a duration, and this is {article(kind)}",
            node.span,
            help="leave the sign out",
        )
        return None
    return p.Arithmetic("-", p.Constant(0, kind), inner, kind, span=node.span)


def _choice(node: s.Choice, scope: Scope) -> p.Expression | None:
    found = [value(operand, scope) for operand in node.operands]
    if any(f is None for f in found):
        return None
    operands = tuple(f for f in found if f is not None)
    kinds = {o.type for o in operands}
    first: Type = operands[0].type
    if len(kinds) > 1 or first not in (TIME, DATE):
        scope.report.error(
            "wrong-type",
            f"`{node.which} of` takes times, and these are "
            + " and ".join(article(o.type) for o in operands),
            node.span,
            help=f"as in `{node.which} of (served.deadline, served.time + 7 days)`",
        )
        return None
    return p.Choice(node.which == "later", operands, first, span=node.span)


def plural(kind: str) -> str:
    """`party` → `parties`."""
    return kind[:-1] + "ies" if kind.endswith("y") else kind + "s"


def article(kind: Type) -> str:
    """`a number`, `an address`: a type in a sentence."""
    text = str(kind)
    if kind == TEXT:
        return "text"
    if kind == BOOLEAN:
        return "true or false"
    if kind.name == "set":
        return f"a set of {plural(kind.kind)}"
    if kind.name == "group":
        return f"a group that link `{kind.kind}` makes"
    if kind.name == "reference":
        text = f"reference to {'an' if text[0] in 'aeiou' else 'a'} {text}"
    return f"{'an' if text[0] in 'aeio' else 'a'} {text}"
