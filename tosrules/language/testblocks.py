"""`test` blocks → test cases: events with exact times, and what is expected of clauses."""

from __future__ import annotations

from datetime import UTC, datetime

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.clauses import find_clauses
from tosrules.language.context import Context
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.documents import param_value
from tosrules.language.names import PackScope
from tosrules.language.scope import Scope
from tosrules.language.periods import period
from tosrules.policy.deadlines import deadline
from tosrules.policy.expressions import ParamValue, PeriodValue
from tosrules.policy.model import SEVERITIES, Expected, GivenEvent, Origin, Param, TestCase
from tosrules.trace.event import Value
from tosrules.trace.instants import format_instant
from tosrules.vocabulary import Attribute, Type

MAX_GIVEN = 100_000
"""Events one `given` may make."""


def check_tests(context: Context) -> list[TestCase]:
    cases = []
    for scope in context.scopes.values():
        for node in scope.declarations():
            if isinstance(node, s.Test):
                cases.append(_Test(context, scope, node).check())
    return cases


class _Test:
    def __init__(self, context: Context, pack: PackScope, node: s.Test) -> None:
        self.context = context
        self.report = context.report
        self.pack = pack
        self.node = node
        self.scope = Scope(context, pack)
        self.settings: dict[str, Param] = {}
        self.events: list[GivenEvent] = []
        self.groups: dict[str, list[GivenEvent]] = {}
        """Events by alias."""

    def check(self) -> TestCase:
        observed: tuple[int, int] | None = None
        expected: list[Expected] = []
        for item in self.node.items:
            match item:
                case s.TestObserved():
                    start = constants.moment(item.start, self.report)
                    until = constants.moment(item.until, self.report)
                    if start is not None and until is not None:
                        observed = (start, until)
                        if until < start:
                            self.report.error(
                                "empty-period", "this observed period ends before it begins",
                                item.span, help="write the earlier time first",
                            )
                case s.TestSet():
                    self._set(item)
                case s.Given():
                    self._given(item)
                case s.Expect():
                    found = self._expect(item)
                    if found is not None:
                        expected.append(found)
        expects = any(isinstance(i, s.Expect) for i in self.node.items)
        title = self.node.title.value
        if not expects and title not in self.report.damaged:
            self.report.error(
                "test-without-expect",
                f'test "{title}" expects nothing, so it can never fail',
                self.node.title.span,
                help="add `expect CLAUSE violated` or another verdict",
            )
        return TestCase(
            self.pack.id, title, observed, self.settings, tuple(self.events), tuple(expected),
            span=self.node.span,
        )

    def _set(self, node: s.TestSet) -> None:
        entry = self.context.find(self.pack, node.name, "param", "parameter")
        found = param_value(self.context, self.pack, node.value)
        known = self.context.params.get(entry.qualified) if entry is not None else None
        if entry is None or found is None or known is None:
            return
        value, kind, text = found
        if kind != known.type:
            self.report.error(
                "param-type",
                f"parameter `{node.name.text}` is a {known.type}, and this is a {kind}",
                node.value.span,
                help=f"write it as the pack does: `{known.text}`",
            )
            return
        origin = Origin("", "", "set by this test")
        self.settings[entry.qualified] = Param(
            entry.qualified, kind, value, text, origin, "a test", span=node.span
        )

    # ---- given ------------------------------------------------------------------------------
    def _given(self, node: s.Given) -> None:
        kind = node.type.text
        known = self.context.vocabulary.types
        if kind not in known:
            near = did_you_mean(kind, known)
            self.report.error(
                "unknown-event-type",
                f"unknown event type `{kind}`" + (f"; {near}" if near else ""),
                node.type.span,
            )
            return
        number = self._number(node)
        start = self._instant(node.start)
        step = 0
        if node.every is not None:
            length = period(node.every, self.scope)
            resolved = self._length(length)
            if resolved is None:
                return
            step = resolved
        elif number not in (None, 1):
            self.report.error(
                "given-at-once",
                f"{number} events at one moment",
                node.span,
                help="say `every 10 minutes from …`; for one moment say `every 0 seconds from …`",
            )
            return
        attributes = self._members(node, known[kind].attributes)
        if number is None or start is None or attributes is None:
            return
        alias = node.alias.text if node.alias is not None else ""
        if alias and alias in self.groups:
            assert node.alias is not None
            self.report.error(
                "duplicate-name", f"two givens are named `{alias}`", node.alias.span,
                help="give each a name of its own",
            )
        base = alias or f"given-{sum(1 for i in self.node.items if isinstance(i, s.Given) and i.span < node.span) + 1}"
        made = [
            GivenEvent(
                base if number == 1 else f"{base}-{n}",
                kind,
                start + (n - 1) * step,
                {name: _numbered(value, n) for name, value in attributes.items()},
                span=node.span,
            )
            for n in range(1, number + 1)
        ]
        self.events += made
        if alias:
            self.groups[alias] = made

    def _number(self, node: s.Given) -> int | None:
        if node.number is None:
            return 1
        if "." in node.number.text or not 1 <= int(node.number.text) <= MAX_GIVEN:
            self.report.error(
                "given-number",
                f"`{node.number.text}` is no number of events",
                node.number.span,
                help=f"a whole number from 1 to {MAX_GIVEN:_}",
            )
            return None
        return int(node.number.text)

    def _instant(self, node: s.Instant) -> int | None:
        if isinstance(node, s.Moment):
            return constants.moment(node, self.report)
        length = period(node.period, self.scope)
        group = self.groups.get(node.given.text)
        if group is None:
            self.report.unknown(
                "unknown-given", "given event", node.given.text, node.given.span, self.groups
            )
            return None
        if length is None:
            return None
        value = self._value_of(length)
        return None if value is None else deadline(group[-1].time, value, self.context.calendars)

    def _value_of(self, length: PeriodValue) -> object:
        if isinstance(length, ParamValue):
            param = self.settings.get(length.name) or self.context.params.get(length.name)
            return None if param is None else param.value
        return length

    def _length(self, length: PeriodValue | None) -> int | None:
        value = None if length is None else self._value_of(length)
        return getattr(value, "micros", None)

    def _members(
        self, node: s.Given, known: dict[str, Attribute] | object
    ) -> dict[str, Value] | None:
        attributes: dict[str, Value] = {}
        sound = True
        declared: dict[str, Attribute] = dict(known)  # type: ignore[call-overload]
        for member in node.members:
            name = member.name.text
            attribute = declared.get(name)
            if attribute is None:
                near = did_you_mean(name, declared)
                self.report.error(
                    "unknown-attribute",
                    f"unknown attribute `{name}` of `{node.type.text}`"
                    + (f"; {near}" if near else ""),
                    member.name.span,
                )
                sound = False
                continue
            if name in attributes:
                self.report.error(
                    "said-twice", f"`{name}` is given twice", member.span, help="keep one"
                )
            value = self._value(member.value, attribute.type, name)
            if value is None:
                sound = False
            else:
                attributes[name] = value
        return attributes if sound else None

    def _value(self, node: s.Node, kind: Type, name: str) -> Value | None:
        found: Value | None = None
        match node:
            case s.Text() if kind.name in ("text", "reference"):
                found = node.value
            case s.Text() if kind.name == "address":
                from tosrules.trace.values import canonical_address

                found = canonical_address(node.value.replace("{n}", "1"))
                if found is not None and "{n}" in node.value:
                    found = node.value
            case s.Number() if kind.name == "number":
                return constants.number(node, self.report)
            case s.Boolean() if kind.name == "boolean":
                found = node.value
            case s.Duration() if kind.name == "duration":
                length = constants.duration(node, self.report)
                return None if length is None else length.micros
            case s.Moment() | s.After() if kind.name == "time":
                return self._instant(node)
            case s.LiteralList() if kind.name == "list" and kind.of is not None:
                items = [self._value(i, kind.of, name) for i in node.items]
                if any(i is None for i in items):
                    return None
                return tuple(i for i in items if i is not None)
        if found is None:
            self.report.error(
                "wrong-type",
                f"`{name}` is {_what(kind)}",
                node.span,
                help=_example(kind),
            )
        return found

    # ---- expect -------------------------------------------------------------------------------
    def _expect(self, node: s.Expect) -> Expected | None:
        found = find_clauses(self.context, self.pack, node.clause)
        told: dict[str, object] = {}
        sound = True
        for item in node.told:
            if item.what in told:
                self.report.error("said-twice", f"`{item.what}` is expected twice", item.span)
            value = self._told(item, node)
            if value is None:
                sound = False
            told[item.what] = value
        if found is None or not sound:
            return None
        return Expected(
            f"{found[0].id}/{node.clause.name}",
            node.verdict,
            told.get("by"),
            told.get("findings"),
            told.get("matches"),
            told.get("severity"),
            told.get("first"),
            told.get("last"),
            told.get("due"),
            span=node.span,
        )

    def _told(self, item: s.Told, node: s.Expect) -> object:
        value = item.value
        wanted = "pending" if item.what == "due" else "violated"
        if item.what != "by" and node.verdict != wanted:
            self.report.error(
                "expect-nothing-of",
                f"`{item.what}` can be expected of a clause that is {wanted}, not of one that is "
                f"{node.verdict}",
                item.span,
                help="leave it out",
            )
            return None
        match value:
            case s.Text():
                return value.value
            case s.Number():
                if "." in value.text:
                    self.report.error(
                        "given-number", f"`{value.text}` is no number of {item.what}", value.span
                    )
                    return None
                return int(value.text)
            case s.Name() if item.what == "severity":
                if value.text in SEVERITIES:
                    return value.text
                near = did_you_mean(value.text, SEVERITIES)
                self.report.error(
                    "unknown-severity",
                    f"unknown severity `{value.text}`" + (f"; {near}" if near else ""),
                    value.span,
                )
                return None
            case s.Name():
                group = self.groups.get(value.text)
                if group is None:
                    self.report.unknown(
                        "unknown-given", "given event", value.text, value.span, self.groups
                    )
                    return None
                return group[0].id if item.what == "first" else group[-1].id
            case _:
                return self._instant(value)


def _numbered(value: Value, n: int) -> Value:
    if isinstance(value, str):
        return value.replace("{n}", str(n))
    if isinstance(value, tuple):
        return tuple(_numbered(v, n) for v in value)
    return value


def _what(kind: Type) -> str:
    from tosrules.language.values import article

    return article(kind)


def _example(kind: Type) -> str:
    now = format_instant(int(datetime(2020, 6, 1, 10, tzinfo=UTC).timestamp()) * 1_000_000)
    return {
        "text": 'write it as text: `"…"`',
        "reference": 'write its identifier as text: `"a-1"`',
        "number": "write a number without quotation marks",
        "boolean": "write `true` or `false`",
        "time": f"write an instant, `{now}`, or `2 days after NAME`",
        "duration": "write a number with its unit: `10 minutes`",
        "address": 'write an address as text: `"192.0.2.1"`',
        "list": 'write a list: `["…", "…"]`',
    }.get(kind.name, "")


