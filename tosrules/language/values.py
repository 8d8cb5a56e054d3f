"""Expressions with a value: names, attributes, calls, arithmetic → typed policy expressions.

Each function returns None after reporting what is wrong; None of a part makes None of the
whole without another word.
"""

from __future__ import annotations

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
)

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
    from tosrules.language import arithmetic, calls, conditions

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
            return calls.call(node, scope)
        case s.Arithmetic():
            return arithmetic.arithmetic(node, scope)
        case s.Negate():
            return arithmetic.negate(node, scope)
        case s.Choice():
            return arithmetic.choice(node, scope)
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
    if (
        known
        and declared is not None
        and isinstance(declared.node, s.Define)
        and (declared.node.parameters)
    ):
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
            misplaced(node.text, node, scope)
            return None
        if known or not _misspelt_name(node, scope):
            if scope.window:
                return _bare_in_window(node, scope)
            return scope.bare.read(node.text, node.span, scope.report, scope.compared)
        return None
    if rest:
        steps = ", ".join(f"`{r}`" for r in scope.roles)
        scope.report.unknown(
            "unknown-event-name",
            "event",
            head,
            node.span,
            [*scope.roles, *scope.bound],
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


def misplaced(name: str, node: s.Node, scope: Scope) -> None:
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
        from tosrules.language.calls import expand

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
