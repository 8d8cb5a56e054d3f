"""The syntax of a rule file: what the author wrote, before names and types are looked at.

Frozen records; two nodes are equal when they say the same, wherever they stand: spans
take no part in comparison. `tosrules/language/build.py` makes them from the parse tree,
`tosrules/language/printer.py` writes them back.
"""

from __future__ import annotations

from typing import TypeAlias

from tosrules.record import Record, hidden
from tosrules.span import NOWHERE, Span


class Node(Record):
    span: Span = hidden(default=NOWHERE, kw_only=True)


# ---- words ---------------------------------------------------------------------------------


class Name(Node):
    """A single name, where it is declared or referred to."""

    text: str


class Path(Node):
    """A dotted name: an attribute, an event type, or in an expression a declared name."""

    text: str


class Qualified(Node):
    """`pack/name`, or `name` alone (`pack` is then empty)."""

    pack: str
    name: str


class Text(Node):
    value: str


class Number(Node):
    text: str
    """As exact decimal, without underscores; `-` first if negative (in tests only)."""


class Boolean(Node):
    value: bool


class Date(Node):
    text: str
    """`YYYY-MM-DD`."""


class Moment(Node):
    text: str
    """An instant with its offset, RFC 3339."""


class Duration(Node):
    amount: str
    unit: str
    """Singular: `second` … `year`."""


class CalendarPeriod(Node):
    amount: str
    unit: str
    zone: Text


class BusinessPeriod(Node):
    amount: str
    unit: str
    calendar: Name


Period: TypeAlias = "Duration | CalendarPeriod | BusinessPeriod | Name"

# ---- expressions ---------------------------------------------------------------------------


class Call(Node):
    """`name(arguments)` or `name(arguments).attribute`."""

    function: Path
    arguments: tuple[Expression, ...]
    attribute: Path | None


class Parenthesised(Node):
    inner: Expression


class Or(Node):
    operands: tuple[Expression, ...]


class And(Node):
    operands: tuple[Expression, ...]


class Not(Node):
    operand: Expression


class Compare(Node):
    left: Expression
    operator: str
    """`= != < <= > >=`"""
    right: Expression


class TupleDiffers(Node):
    left: tuple[Path, ...]
    right: tuple[Path, ...]


class Missing(Node):
    operand: Expression
    present: bool
    """True for `is present`."""


class Matches(Node):
    operand: Expression
    pattern: str
    ignore_case: bool
    negated: bool
    pattern_span: Span = hidden(default=NOWHERE, kw_only=True)


class Member(Node):
    operand: Expression
    collection: Expression
    negated: bool


class TextTest(Node):
    operand: Expression
    test: str
    """`contains`, `starts with` or `ends with`."""
    argument: Expression


class HeldFor(Node):
    operand: Expression
    period: Period


class Arithmetic(Node):
    left: Expression
    operator: str
    """`+ - * /`"""
    right: Expression


class Negate(Node):
    operand: Expression


class AnyOf(Node):
    operand: Expression


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


class EventName(Node):
    """A type, a named set or a signal; with `prefix`, every type below `text`."""

    text: str
    prefix: bool


class EventSet(Node):
    names: tuple[EventName, ...]


class Key(Node):
    expression: Expression
    """A `Path` or a `Call`."""
    alias: Name | None


class Scaled(Node):
    """`1_000 * param`."""

    factor: Number
    param: Name


class Quantity(Node):
    at_least: bool
    """False: `more than`."""
    threshold: Number | Name | Scaled
    distinct: Expression | None


class Within(Node):
    duration: Duration | Name


class Each(Node):
    amount: str
    unit: str
    zone: Text


class InTotal(Node):
    pass


class Window(Node):
    keys: tuple[Key, ...]
    reach: Within | Each | InTotal


class Without(Node):
    events: EventSet
    alias: Name | None
    where: Expression | None


class Then(Node):
    events: EventSet
    alias: Name | None
    within: Duration | Name | None
    """None: `later`."""
    where: Expression | None
    without: tuple[Without, ...]


class Pattern(Node):
    quantity: Quantity | None
    events: EventSet
    alias: Name | None
    window: Window | None
    where: Expression | None
    having: Expression | None
    then: tuple[Then, ...]


# ---- declarations --------------------------------------------------------------------------


class Pack(Node):
    name: Name
    title: Text | None
    version: Text | None
    language: Number | None


class Import(Node):
    file: Text | None
    pack: Name | None
    version: Text | None


class AttributeDeclaration(Node):
    path: Path
    required: bool
    secret: bool
    personal: bool
    is_list: bool
    type: Name


class Common(Node):
    attributes: tuple[AttributeDeclaration, ...]


class EventDeclaration(Node):
    path: Path
    title: Text | None
    attributes: tuple[AttributeDeclaration, ...]


class Effective(Node):
    start: Date
    until: Date | None
    zone: Text | None


class SourceField(Node):
    """One line of a source: `title`, `publisher`, `url`, `citation`, `version`, `text`,
    `sha256`, `jurisdiction` or `unverified`."""

    name: str
    value: Text | Name


class Source(Node):
    name: Name
    fields: tuple[SourceField | Effective, ...]


class List(Node):
    name: Name
    file: Text | None
    items: tuple[Text | Number | Duration | Boolean, ...]


class Calendar(Node):
    name: Name
    holidays: Name | None
    zone: Text


class ChosenBecause(Node):
    reason: Text


class StatedIn(Node):
    source: Name
    section: Text | None


ParamValue: TypeAlias = "Period | Number | Text | Boolean"
ParamOrigin: TypeAlias = "ChosenBecause | StatedIn"


class Param(Node):
    name: Name
    value: ParamValue
    origin: ParamOrigin


class Define(Node):
    name: Name
    parameters: tuple[Name, ...]
    body: Expression


class Events(Node):
    name: Name
    events: EventSet


class StatusChange(Node):
    """`begins on …` or `ends on …` of a status."""

    begins: bool
    events: EventSet
    where: Expression | None
    keys: tuple[Key, ...]


class ExpiresAfter(Node):
    duration: Duration | Name


class ExpiresAt(Node):
    expression: Expression


class InitiallyUnknown(Node):
    pass


class Status(Node):
    name: Name
    items: tuple[StatusChange | ExpiresAfter | ExpiresAt | InitiallyUnknown, ...]


class Tie(Node):
    """`from … to …` (directed) or `between … and …` (mutual)."""

    directed: bool
    first: Path
    second: Path


class LinkChange(Node):
    begins: bool
    events: EventSet
    where: Expression | None
    tie: Tie


class Link(Node):
    name: Name
    items: tuple[LinkChange, ...]


class Carried(Node):
    name: Path
    value: Path


class Signal(Node):
    name: Name
    pattern: Pattern
    carrying: tuple[Carried, ...]


class Cite(Node):
    source: Name
    section: Text | None
    quote: Text | None
    modelled: bool
    """`modelled on`: the clause follows the document and is not its text."""


class Law(Node):
    source: Name
    section: Text | None
    when: Expression | None


class Severity(Node):
    level: Name
    when: Expression | None


class Binds(Node):
    each: bool
    who: Expression


class Applies(Node):
    when: Expression


class Together(Node):
    duration: Duration | Name


class SameRules(Node):
    clause: Qualified


class Under(Node):
    source: Name
    section: Text | None


class Unless(Node):
    under: Under | None
    condition: Expression
    but_not: Expression | None


class Remedy(Node):
    text: Text


class Forbid(Node):
    pattern: Pattern


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


class Clause(Node):
    name: Name
    title: Text
    items: tuple[ClauseItem, ...]


class OverlaySet(Node):
    name: Name
    value: ParamValue
    origin: ParamOrigin


class OverlayUnless(Node):
    unless: Unless
    until: Date | None


class OverlayOff(Node):
    until: Date | None


class Overlay(Node):
    clause: Qualified
    because: Text
    items: tuple[OverlaySet | Severity | OverlayUnless | OverlayOff, ...]


class After(Node):
    """`2 days after ask`."""

    period: Period
    given: Name


Instant: TypeAlias = "Moment | After"


class LiteralList(Node):
    items: tuple[Text | Number | Duration | Boolean, ...]


class MemberValue(Node):
    name: Path
    value: Text | Number | Duration | Boolean | LiteralList | Moment | After


class Given(Node):
    number: Number | None
    type: Path
    alias: Name | None
    every: Duration | Name | None
    """The distance between the events when there are several; None: one moment, `at`."""
    start: Instant
    members: tuple[MemberValue, ...]


class TestObserved(Node):
    start: Moment
    until: Moment


class TestSet(Node):
    name: Name
    value: ParamValue


class Told(Node):
    """One thing an expectation says of the findings: `by`, `findings`, `matches`,
    `severity`, `first`, `last` or `due`."""

    what: str
    value: Text | Number | Name | Moment | After


class Expect(Node):
    clause: Qualified
    verdict: str
    told: tuple[Told, ...]


class Test(Node):
    title: Text
    items: tuple[TestObserved | TestSet | Given | Expect, ...]


Declaration: TypeAlias = (
    "Import | Common | EventDeclaration | Source | List | Calendar | Param | Define | Events"
    " | Status | Link | Signal | Clause | Overlay | Test"
)


class Comment(Node):
    text: str
    """With its `#`."""
    own_line: bool
    """False: it stands after code on the same line."""


class File(Node):
    pack: Pack | None
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = hidden(default=(), kw_only=True)
