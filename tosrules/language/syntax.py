"""The syntax of a rule file: what the author wrote, before names and types are looked at.

Frozen dataclasses; two nodes are equal when they say the same, wherever they stand: spans
take no part in comparison. `tosrules/language/build.py` makes them from the parse tree,
`tosrules/language/printer.py` writes them back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from tosrules.language.span import NOWHERE, Span


def _span() -> Span:
    return field(default=NOWHERE, compare=False, repr=False, kw_only=True)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Node:
    span: Span = _span()


# ---- words ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A single name, where it is declared or referred to."""

    text: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A dotted name: an attribute, an event type, or in an expression a declared name."""

    text: str


@dataclass(frozen=True, slots=True)
class Qualified(Node):
    """`pack/name`, or `name` alone (`pack` is then empty)."""

    pack: str
    name: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    text: str
    """As exact decimal, without underscores; `-` first if negative (in tests only)."""


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Date(Node):
    text: str
    """`YYYY-MM-DD`."""


@dataclass(frozen=True, slots=True)
class Moment(Node):
    text: str
    """An instant with its offset, RFC 3339."""


@dataclass(frozen=True, slots=True)
class Duration(Node):
    amount: str
    unit: str
    """Singular: `second` … `year`."""


@dataclass(frozen=True, slots=True)
class CalendarPeriod(Node):
    amount: str
    unit: str
    zone: Text


@dataclass(frozen=True, slots=True)
class BusinessPeriod(Node):
    amount: str
    unit: str
    calendar: Name


Period: TypeAlias = "Duration | CalendarPeriod | BusinessPeriod | Name"

# ---- expressions ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(arguments)` or `name(arguments).attribute`."""

    function: Path
    arguments: tuple[Expression, ...]
    attribute: Path | None


@dataclass(frozen=True, slots=True)
class Parenthesised(Node):
    inner: Expression


@dataclass(frozen=True, slots=True)
class Or(Node):
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Expression


@dataclass(frozen=True, slots=True)
class Compare(Node):
    left: Expression
    operator: str
    """`= != < <= > >=`"""
    right: Expression


@dataclass(frozen=True, slots=True)
class TupleDiffers(Node):
    left: tuple[Path, ...]
    right: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Missing(Node):
    operand: Expression
    present: bool
    """True for `is present`."""


@dataclass(frozen=True, slots=True)
class Matches(Node):
    operand: Expression
    pattern: str
    ignore_case: bool
    negated: bool
    pattern_span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Member(Node):
    operand: Expression
    collection: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class TextTest(Node):
    operand: Expression
    test: str
    """`contains`, `starts with` or `ends with`."""
    argument: Expression


@dataclass(frozen=True, slots=True)
class HeldFor(Node):
    operand: Expression
    period: Period


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    left: Expression
    operator: str
    """`+ - * /`"""
    right: Expression


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Expression


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    operand: Expression


@dataclass(frozen=True, slots=True)
class Choice(Node):
    which: str
    """`later` or `earlier`."""
    operands: tuple[Expression, ...]


Expression: TypeAlias = (
    "Text | Number | Boolean | Date | Moment | Duration | Path | Call | Parenthesised | Or | And"
    " | Not | Compare | TupleDiffers | Missing | Matches | Member | TextTest | HeldFor"
    " | Arithmetic | Negate | AnyOf | Choice"
)

# ---- event sets and patterns -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventName(Node):
    """A type, a named set or a signal; with `prefix`, every type below `text`."""

    text: str
    prefix: bool


@dataclass(frozen=True, slots=True)
class EventSet(Node):
    names: tuple[EventName, ...]


@dataclass(frozen=True, slots=True)
class Key(Node):
    expression: Expression
    """A `Path` or a `Call`."""
    alias: Name | None


@dataclass(frozen=True, slots=True)
class Scaled(Node):
    """`1_000 * param`."""

    factor: Number
    param: Name


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    at_least: bool
    """False: `more than`."""
    threshold: Number | Name | Scaled
    distinct: Expression | None


@dataclass(frozen=True, slots=True)
class Within(Node):
    duration: Duration | Name


@dataclass(frozen=True, slots=True)
class Each(Node):
    amount: str
    unit: str
    zone: Text


@dataclass(frozen=True, slots=True)
class InTotal(Node):
    pass


@dataclass(frozen=True, slots=True)
class Window(Node):
    keys: tuple[Key, ...]
    reach: Within | Each | InTotal


@dataclass(frozen=True, slots=True)
class Without(Node):
    events: EventSet
    alias: Name | None
    where: Expression | None


@dataclass(frozen=True, slots=True)
class Then(Node):
    events: EventSet
    alias: Name | None
    within: Duration | Name | None
    """None: `later`."""
    where: Expression | None
    without: tuple[Without, ...]


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    quantity: Quantity | None
    events: EventSet
    alias: Name | None
    window: Window | None
    where: Expression | None
    having: Expression | None
    then: tuple[Then, ...]


# ---- declarations --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pack(Node):
    name: Name
    title: Text | None
    version: Text | None
    language: Number | None


@dataclass(frozen=True, slots=True)
class Import(Node):
    file: Text | None
    pack: Name | None
    version: Text | None


@dataclass(frozen=True, slots=True)
class AttributeDeclaration(Node):
    path: Path
    required: bool
    secret: bool
    personal: bool
    is_list: bool
    type: Name


@dataclass(frozen=True, slots=True)
class Common(Node):
    attributes: tuple[AttributeDeclaration, ...]


@dataclass(frozen=True, slots=True)
class EventDeclaration(Node):
    path: Path
    title: Text | None
    attributes: tuple[AttributeDeclaration, ...]


@dataclass(frozen=True, slots=True)
class Effective(Node):
    start: Date
    until: Date | None
    zone: Text | None


@dataclass(frozen=True, slots=True)
class SourceField(Node):
    """One line of a source: `title`, `publisher`, `url`, `citation`, `version`, `text`,
    `sha256`, `jurisdiction` or `unverified`."""

    name: str
    value: Text | Name


@dataclass(frozen=True, slots=True)
class Source(Node):
    name: Name
    fields: tuple[SourceField | Effective, ...]


@dataclass(frozen=True, slots=True)
class List(Node):
    name: Name
    file: Text | None
    items: tuple[Text | Number | Duration | Boolean, ...]


@dataclass(frozen=True, slots=True)
class Calendar(Node):
    name: Name
    holidays: Name | None
    zone: Text


@dataclass(frozen=True, slots=True)
class ChosenBecause(Node):
    reason: Text


@dataclass(frozen=True, slots=True)
class StatedIn(Node):
    source: Name
    section: Text | None


ParamValue: TypeAlias = "Period | Number | Text | Boolean"
ParamOrigin: TypeAlias = "ChosenBecause | StatedIn"


@dataclass(frozen=True, slots=True)
class Param(Node):
    name: Name
    value: ParamValue
    origin: ParamOrigin


@dataclass(frozen=True, slots=True)
class Define(Node):
    name: Name
    parameters: tuple[Name, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class Events(Node):
    name: Name
    events: EventSet


@dataclass(frozen=True, slots=True)
class StatusChange(Node):
    """`begins on …` or `ends on …` of a status."""

    begins: bool
    events: EventSet
    where: Expression | None
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class ExpiresAfter(Node):
    duration: Duration | Name


@dataclass(frozen=True, slots=True)
class ExpiresAt(Node):
    expression: Expression


@dataclass(frozen=True, slots=True)
class InitiallyUnknown(Node):
    pass


@dataclass(frozen=True, slots=True)
class Status(Node):
    name: Name
    items: tuple[StatusChange | ExpiresAfter | ExpiresAt | InitiallyUnknown, ...]


@dataclass(frozen=True, slots=True)
class Tie(Node):
    """`from … to …` (directed) or `between … and …` (mutual)."""

    directed: bool
    first: Path
    second: Path


@dataclass(frozen=True, slots=True)
class LinkChange(Node):
    begins: bool
    events: EventSet
    where: Expression | None
    tie: Tie


@dataclass(frozen=True, slots=True)
class Link(Node):
    name: Name
    items: tuple[LinkChange, ...]


@dataclass(frozen=True, slots=True)
class Carried(Node):
    name: Path
    value: Path


@dataclass(frozen=True, slots=True)
class Signal(Node):
    name: Name
    pattern: Pattern
    carrying: tuple[Carried, ...]


@dataclass(frozen=True, slots=True)
class Cite(Node):
    source: Name
    section: Text | None
    quote: Text | None


@dataclass(frozen=True, slots=True)
class Law(Node):
    source: Name
    section: Text | None
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Severity(Node):
    level: Name
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Binds(Node):
    each: bool
    who: Expression


@dataclass(frozen=True, slots=True)
class Applies(Node):
    when: Expression


@dataclass(frozen=True, slots=True)
class Together(Node):
    duration: Duration | Name


@dataclass(frozen=True, slots=True)
class SameRules(Node):
    clause: Qualified


@dataclass(frozen=True, slots=True)
class Under(Node):
    source: Name
    section: Text | None


@dataclass(frozen=True, slots=True)
class Unless(Node):
    under: Under | None
    condition: Expression
    but_not: Expression | None


@dataclass(frozen=True, slots=True)
class Remedy(Node):
    text: Text


@dataclass(frozen=True, slots=True)
class Forbid(Node):
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Require(Node):
    """`after TRIGGER require FULFILMENT within PERIOD` (or `by EXPRESSION`)."""

    trigger: EventSet
    trigger_alias: Name | None
    trigger_where: Expression | None
    fulfilment: EventSet
    fulfilment_alias: Name | None
    within: Period | None
    by: Expression | None
    fulfilment_where: Expression | None


ClauseItem: TypeAlias = (
    "Cite | Law | Severity | Binds | Applies | Effective | Together | SameRules | Forbid"
    " | Require | Unless | Remedy"
)


@dataclass(frozen=True, slots=True)
class Clause(Node):
    name: Name
    title: Text
    items: tuple[ClauseItem, ...]


@dataclass(frozen=True, slots=True)
class OverlaySet(Node):
    name: Name
    value: ParamValue
    origin: ParamOrigin


@dataclass(frozen=True, slots=True)
class OverlayUnless(Node):
    unless: Unless
    until: Date | None


@dataclass(frozen=True, slots=True)
class OverlayOff(Node):
    until: Date | None


@dataclass(frozen=True, slots=True)
class Overlay(Node):
    clause: Qualified
    because: Text
    items: tuple[OverlaySet | Severity | OverlayUnless | OverlayOff, ...]


@dataclass(frozen=True, slots=True)
class After(Node):
    """`2 days after ask`."""

    period: Period
    given: Name


Instant: TypeAlias = "Moment | After"


@dataclass(frozen=True, slots=True)
class LiteralList(Node):
    items: tuple[Text | Number | Duration | Boolean, ...]


@dataclass(frozen=True, slots=True)
class MemberValue(Node):
    name: Path
    value: Text | Number | Duration | Boolean | LiteralList | Moment | After


@dataclass(frozen=True, slots=True)
class Given(Node):
    number: Number | None
    type: Path
    alias: Name | None
    every: Duration | Name | None
    """The distance between the events when there are several; None: one moment, `at`."""
    start: Instant
    members: tuple[MemberValue, ...]


@dataclass(frozen=True, slots=True)
class TestObserved(Node):
    start: Moment
    until: Moment


@dataclass(frozen=True, slots=True)
class TestSet(Node):
    name: Name
    value: ParamValue


@dataclass(frozen=True, slots=True)
class Told(Node):
    """One thing an expectation says of the findings: `by`, `findings`, `matches`,
    `severity`, `first`, `last` or `due`."""

    what: str
    value: Text | Number | Name | Moment | After


@dataclass(frozen=True, slots=True)
class Expect(Node):
    clause: Qualified
    verdict: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Test(Node):
    title: Text
    items: tuple[TestObserved | TestSet | Given | Expect, ...]


Declaration: TypeAlias = (
    "Import | Common | EventDeclaration | Source | List | Calendar | Param | Define | Events"
    " | Status | Link | Signal | Clause | Overlay | Test"
)


@dataclass(frozen=True, slots=True)
class Comment(Node):
    text: str
    """With its `#`."""
    own_line: bool
    """False: it stands after code on the same line."""


@dataclass(frozen=True, slots=True)
class File(Node):
    pack: Pack | None
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
