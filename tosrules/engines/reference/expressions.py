"""What an expression says of an event: a value, None where it is missing or unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

from tosrules.engines.reference.functions import FUNCTIONS, in_networks, search
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.truth import Truth, both, either, negation
from tosrules.errors import EvaluationError
from tosrules.policy import expressions as p
from tosrules.policy.model import Param
from tosrules.policy.places import DIGITS, Parameters, places_of
from tosrules.trace.event import Value
from tosrules.vocabulary import TEXT

if TYPE_CHECKING:
    from tosrules.engines.reference.windows import Window
    from tosrules.engines.reference.world import World

SURELY_HELD = 10**8
"""A number so small fits, whatever its places: five recorded ones multiplied have thirty."""


class Spread:
    """A standard deviation, kept as its square so that comparing it stays exact."""

    __slots__ = ("variance",)

    def __init__(self, variance: Fraction) -> None:
        self.variance = variance


class View:
    """The events an expression reads, and the event that asks (semantics U2)."""

    __slots__ = ("asking", "roles", "settings", "window", "world")

    def __init__(
        self,
        world: World,
        roles: Mapping[str, Occurrence],
        asking: Occurrence,
        settings: Mapping[str, Param],
        window: Window | None = None,
    ) -> None:
        self.world = world
        self.roles = roles
        self.asking = asking
        self.settings = settings
        self.window = window

    def param(self, name: str) -> Any:
        """The value of a parameter, as set for this clause if an overlay sets it."""
        param = self.settings.get(name)
        if param is None:
            param = self.world.params[name]
        return param.value


def evaluate(expression: p.Expression, view: View) -> Any:
    """The value of `expression`, or for a condition its truth; None is missing or unknown."""
    return _FORMS[type(expression)](expression, view)


def truth(condition: p.Expression | None, view: View) -> Truth:
    """The truth of a condition; an absent one is true."""
    if condition is None:
        return True
    return evaluate(condition, view)  # type: ignore[no-any-return]


# ---- values --------------------------------------------------------------------------------


def _constant(e: p.Constant, _view: View) -> Value:
    return e.value


def _param(e: p.ParamValue, view: View) -> Any:
    value = view.param(e.name)
    return value.micros if isinstance(value, p.FixedPeriod) else value


def _attribute(e: p.AttributeOf, view: View) -> Value | None:
    return view.roles[e.role].get(e.name)


def _remembered(e: p.Remembered, view: View) -> Value | None:
    keys = [evaluate(k, view) for k in e.keys]
    if any(k is None for k in keys):
        return None
    return view.world.statuses[e.status].remembered(tuple(keys), view.asking, e.attribute)


def _function(e: p.Function, view: View) -> Any:
    arguments = [evaluate(a, view) for a in e.arguments]
    if arguments[0] is None:
        return None
    return FUNCTIONS[e.name](*arguments)


def _group(e: p.GroupOf, view: View) -> Any:
    member = evaluate(e.member, view)
    return None if member is None else view.world.links[e.link].group((e.kind, member))


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def _arithmetic(e: p.Arithmetic, view: View) -> Any:
    left, right = evaluate(e.left, view), evaluate(e.right, view)
    if left is None or right is None:
        return None
    if e.operator == "/":
        return None if right == 0 else Fraction(left) / Fraction(right)
    return exact(_OPERATIONS[e.operator](left, right), e, view.param)


def exact(
    value: int | Fraction, of: p.Expression, value_of: Parameters, power: int = 1
) -> int | Fraction:
    """The value of the computation `of`, unless it needs more digits than every engine can hold
    with the places that it has (semantics C5); a square (`power` 2) has twice as many."""
    if -SURELY_HELD < value < SURELY_HELD:
        return value
    if abs(value) * 10 ** (power * places_of(of, value_of)) >= 10**DIGITS:
        raise EvaluationError(
            f"a sum or product has more than {DIGITS} digits, so it cannot be held exactly; "
            "leave out the events with such numbers, or scale the attribute"
        )
    return value


def _choice(e: p.Choice, view: View) -> Any:
    values = [evaluate(o, view) for o in e.operands]
    if any(v is None for v in values):
        return None
    return max(values) if e.later else min(values)


def _aggregate(e: p.Aggregate, view: View) -> Any:
    assert view.window is not None, "the checker allows aggregates in windows only"
    return view.window.value(e)


def _list(e: p.ListValues, view: View) -> tuple[Value, ...]:
    return view.world.policy.lists[e.name].values


# ---- conditions ------------------------------------------------------------------------------


def _and(e: p.And, view: View) -> Truth:
    return both(map(evaluate, e.operands, repeat(view)))


def _or(e: p.Or, view: View) -> Truth:
    return either(map(evaluate, e.operands, repeat(view)))


def _not(e: p.Not, view: View) -> Truth:
    return negation(evaluate(e.operand, view))


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _compare(e: p.Compare, view: View) -> Truth:
    return _each_pair(e.left, e.right, view, partial(_compared, e.operator))


def _compared(comparison: str, left: Any, right: Any) -> Truth:
    if left is None or right is None:
        return None
    if type(left) is Spread:
        return _spread(left, comparison, right)
    if type(right) is Spread:
        return _spread(right, _MIRRORED[comparison], left)
    return _COMPARISONS[comparison](left, right)


def _each_pair(
    left: p.Expression, right: p.Expression, view: View, holds: Callable[[Any, Any], Truth]
) -> Truth:
    """A comparison, true for one element where a side is `any of` a list."""
    if isinstance(left, p.AnyElement):
        elements, other = evaluate(left.collection, view), evaluate(right, view)
        return None if elements is None else either(holds(x, other) for x in elements)
    if isinstance(right, p.AnyElement):
        other, elements = evaluate(left, view), evaluate(right.collection, view)
        return None if elements is None else either(holds(other, x) for x in elements)
    return holds(evaluate(left, view), evaluate(right, view))


def _spread(spread: Spread, comparison: str, other: int | Fraction) -> bool:
    """Compare a standard deviation by its square."""
    if other < 0:
        return comparison in (">", ">=", "!=")
    return _COMPARISONS[comparison](spread.variance, Fraction(other) ** 2)


def _tuple_differs(e: p.TupleDiffers, view: View) -> Truth:
    return either(
        _differ(evaluate(left, view), evaluate(right, view))
        for left, right in zip(e.left, e.right, strict=True)
    )


def _differ(left: Any, right: Any) -> Truth:
    return None if left is None or right is None else left != right


def _missing(e: p.Missing, view: View) -> Truth:
    return (evaluate(e.operand, view) is not None) == e.present


def _matches(e: p.Matches, view: View) -> Truth:
    found = search(e.pattern, e.ignore_case)

    def one(text: Any, _none: Any) -> Truth:
        return None if text is None else found(text)

    return _each_pair(e.operand, _NOTHING, view, one)


_NOTHING = p.Constant("", TEXT)


def _member(e: p.Member, view: View) -> Truth:
    value = evaluate(e.operand, view)
    if isinstance(e.collection, p.LinkMembers):
        start = evaluate(e.collection.start, view)
        if value is None or start is None:
            return None
        sure, possible = view.world.links[e.collection.link].reached(start, view.asking)
        return True if value in sure else (None if value in possible else False)
    elements = evaluate(e.collection, view)
    if value is None or elements is None:
        return None
    if e.networks:
        return in_networks(value, elements)
    return value in elements


_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "starts with": str.startswith,
    "ends with": str.endswith,
}


def _text_test(e: p.TextTest, view: View) -> Truth:
    holds = _TEXT_TESTS[e.test]

    def one(text: Any, part: Any) -> Truth:
        return None if text is None or part is None else holds(text, part)

    return _each_pair(e.operand, e.argument, view, one)


def _held(e: p.Held, view: View) -> Truth:
    status = view.world.statuses[e.status]
    length = period_of(e.for_at_least, view) if e.for_at_least is not None else None
    if e.any_of is None:
        key = tuple([evaluate(k, view) for k in e.keys])
        return None if None in key else status.held(key, view.asking, length)
    sure, possible = key_sets(e, view)
    if possible is None:
        return None
    if len(possible) == len(sure) == 1:
        return status.held(sure[0], view.asking, length)
    answers = {key: status.held(key, view.asking, length) for key in possible}
    if any(answers[key] is True for key in sure):
        return True
    return False if all(a is False for a in answers.values()) else None


def key_sets(
    e: p.Held, view: View
) -> tuple[list[tuple[Value, ...]], list[tuple[Value, ...]] | None]:
    """The keys a status is asked of: those of sure members of an `any of`, and those of all
    possible members. None: a key is missing."""
    parts: list[Any] = []
    for place, key in enumerate(e.keys):
        asked = key.start if isinstance(key, p.LinkMembers) else key
        part = evaluate(asked, view)
        if part is None:
            return [], None
        if isinstance(key, p.LinkMembers):
            part = view.world.links[key.link].reached(part, view.asking)
        elif place == e.any_of:
            part = (part, part)
        parts.append(part)
    if e.any_of is None:
        return [tuple(parts)], [tuple(parts)]
    sure, possible = parts[e.any_of]

    if len(parts) == 1:
        return [(m,) for m in sure], [(m,) for m in possible]

    def with_member(member: Value) -> tuple[Value, ...]:
        return tuple(member if n == e.any_of else part for n, part in enumerate(parts))

    return [with_member(m) for m in sure], [with_member(m) for m in possible]


def period_of(period: p.PeriodValue, view: View) -> Any:
    """The fixed, calendar or business period, parameters looked up."""
    return view.param(period.name) if isinstance(period, p.ParamValue) else period


_FORMS: dict[type, Callable[[Any, View], Any]] = {
    p.Constant: _constant,
    p.ParamValue: _param,
    p.AttributeOf: _attribute,
    p.Remembered: _remembered,
    p.Function: _function,
    p.GroupOf: _group,
    p.Arithmetic: _arithmetic,
    p.Choice: _choice,
    p.Aggregate: _aggregate,
    p.ListValues: _list,
    p.And: _and,
    p.Or: _or,
    p.Not: _not,
    p.Compare: _compare,
    p.TupleDiffers: _tuple_differs,
    p.Missing: _missing,
    p.Matches: _matches,
    p.Member: _member,
    p.TextTest: _text_test,
    p.Held: _held,
}
