"""What is asked with parentheses: functions, aggregates, definitions, statuses and links."""

from __future__ import annotations

from typing import Any

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.diagnostics import Related
from tosrules.language.kinds import article
from tosrules.language.names import Entry, name_span, words_for
from tosrules.language.scope import Role, Scope
from tosrules.language.values import misplaced, value, value_or_event
from tosrules.policy import expressions as p
from tosrules.record import replace
from tosrules.vocabulary import DATE, NUMBER, TEXT, TIME, Type

FUNCTIONS = ("lower", "length", "hour", "weekday", "date", "host", "path")
AGGREGATES = ("count", "distinct", "sum", "min", "max", "stddev")


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
        misplaced(name, node, scope)
        return None
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
        "unknown-function",
        "name",
        name,
        node.function.span,
        known,
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
        at.span,
        lambda said: f"definition `{name}` cannot be used here: {said}",
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
