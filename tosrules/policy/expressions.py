"""Expressions of the policy: names resolved, types known, definitions written out.

An expression reads events by *role*: "" is the event of a rule of one event (and, in the
parts of a clause that stand outside its rules, the completing event or an obligation's
trigger); any other role is the alias of a step. Truth is three-valued (semantics C1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tosrules.record import Record, hidden
from tosrules.span import NOWHERE, Span
from tosrules.vocabulary import BOOLEAN, DURATION, NUMBER, TEXT, Type, Value


class Expression(Record):
    span: Span = hidden(default=NOWHERE, kw_only=True)

    if TYPE_CHECKING:

        @property
        def type(self) -> Type: ...


# ---- values --------------------------------------------------------------------------------


class Constant(Expression):
    value: Value
    type: Type


class ParamValue(Expression):
    """A parameter; its value is looked up when asked, since overlays and tests change it."""

    name: str
    """Qualified: `core/burst`."""
    type: Type


class AttributeOf(Expression):
    role: str
    name: str
    """Dotted attribute name; `time`, `id` and `type` are the event's own."""
    type: Type


class Remembered(Expression):
    """`licensed(actor).purpose`: the attribute of the status's latest sure beginning."""

    status: str
    keys: tuple[Expression, ...]
    attribute: str
    type: Type


class Function(Expression):
    """`lower length hour weekday date host path`; arguments beyond the first are constants."""

    name: str
    arguments: tuple[Expression, ...]
    type: Type


class GroupOf(Expression):
    """`same_kit(device)`: the canonical member of the group a mutual link puts it in."""

    link: str
    member: Expression
    kind: str
    """Kind of the member asked about."""
    type: Type


class Arithmetic(Expression):
    operator: str
    left: Expression
    right: Expression
    type: Type


class Choice(Expression):
    """`later of (…)` or `earlier of (…)`; missing if one side is (semantics O3)."""

    later: bool
    operands: tuple[Expression, ...]
    type: Type


class Aggregate(Expression):
    """`count`, `count_if`, `distinct`, `sum`, `min`, `max`, `stddev` over the counting
    events of a window; `operand` None for `count`, a condition for `count_if`, `Gap` for
    the time between consecutive counting events."""

    function: str
    operand: Expression | None
    type: Type


class Gap(Expression):
    type: Type = DURATION


class AnyElement(Expression):
    """`any of scopes`: a comparison with it holds if it holds for one element."""

    collection: Expression
    type: Type
    """Of an element."""


class LinkMembers(Expression):
    """`acts_for(actor)`: the parties a directed link reaches, with the party itself."""

    link: str
    start: Expression
    type: Type


class ListValues(Expression):
    """A declared list."""

    name: str
    type: Type
    """Of an element."""


# ---- conditions ----------------------------------------------------------------------------


class Condition(Expression):
    @property
    def type(self) -> Type:
        return BOOLEAN


class And(Condition):
    operands: tuple[Expression, ...]


class Or(Condition):
    operands: tuple[Expression, ...]


class Not(Condition):
    operand: Expression


class Compare(Condition):
    operator: str
    left: Expression
    right: Expression


class TupleDiffers(Condition):
    """`(a, b) != (c, d)`: true if a pair differs, unknown if none does but one is missing."""

    left: tuple[Expression, ...]
    right: tuple[Expression, ...]


class Missing(Condition):
    operand: Expression
    present: bool


class Matches(Condition):
    operand: Expression
    pattern: str
    """RE2 syntax, unanchored."""
    ignore_case: bool


class Member(Condition):
    """Membership of a list, a list attribute, networks, or the parties a link reaches."""

    operand: Expression
    collection: Expression
    networks: bool


class TextTest(Condition):
    test: str
    """`contains`, `starts with`, `ends with`."""
    operand: Expression
    argument: Expression


class Held(Condition):
    """A status asked just before the asking event; `any_of` is the place of the key that
    stands for a set of parties, `for_at_least` a period it must have been held."""

    status: str
    keys: tuple[Expression, ...]
    any_of: int | None
    for_at_least: PeriodValue | None


# ---- periods -------------------------------------------------------------------------------


class FixedPeriod(Expression):
    """A fixed length in microseconds; `text` as written: `30 days`."""

    micros: int
    text: str

    @property
    def type(self) -> Type:
        return DURATION


class CalendarPeriod(Expression):
    """Whole local days, weeks, months or years of a zone (semantics O3)."""

    amount: int
    unit: str
    zone: str
    text: str

    @property
    def type(self) -> Type:
        return Type("period")


class BusinessPeriod(Expression):
    amount: int
    calendar: str
    """Qualified name of the calendar."""
    text: str

    @property
    def type(self) -> Type:
        return Type("period")


PeriodValue: TypeAlias = "FixedPeriod | CalendarPeriod | BusinessPeriod | ParamValue"

TRUE = Constant(True, BOOLEAN)

__all__ = [name for name in dir() if name[0].isupper()] + ["NUMBER", "TEXT"]
