"""`test` blocks → test cases: events with exact times, and what is expected of clauses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from tosrules.language import constants
from tosrules.language import syntax as s
from tosrules.language.bound import level
from tosrules.language.clauses import find_clauses
from tosrules.language.context import Context
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.documents import param_value
from tosrules.language.names import PackScope, words_for
from tosrules.language.overlays import same_type
from tosrules.language.periods import fixed, period
from tosrules.language.scope import BUILT_IN, Role, Scope
from tosrules.policy.deadlines import deadline
from tosrules.policy.expressions import ParamValue, PeriodValue
from tosrules.policy.model import Expected, GivenEvent, Origin, Param, TestCase
from tosrules.trace.instants import format_instant
from tosrules.vocabulary import Attribute, Type, Value

MAX_GIVEN = 100_000
"""Events one `given` may make."""


def check_tests(context: Context, untested: Collection[str] = ()) -> list[TestCase]:
    """The tests of every pack but those `untested`."""
    cases = []
    for scope in context.scopes.values():
        if scope.id in untested:
            continue
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
        self.broken: set[str] = set()
        """Aliases of events of which something was said."""

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
                                "empty-period",
                                "this period of observation ends before it begins",
                                item.span,
                                help="write the earlier time after `from`",
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
                help="add `expect CLAUSE violated`, or another verdict: `undetermined`, `pending`, "
                "`clean` or `not exercised`",
            )
        return TestCase(
            self.pack.id,
            title,
            observed,
            self.settings,
            tuple(self.events),
            tuple(expected),
            span=self.node.span,
        )

    def _set(self, node: s.TestSet) -> None:
        entry = self.context.find(self.pack, node.name, "param", "parameter")
        found = param_value(self.context, self.pack, node.value)
        known = self.context.params.get(entry.qualified) if entry is not None else None
        if entry is None or found is None or known is None:
            return
        value, kind, text = found
        if not same_type(self.context, node.name, node.value, kind, known):
            return
        origin = Origin("", "", "set by this test")
        self.settings[entry.qualified] = Param(
            entry.qualified, kind, value, text, origin, "a test", span=node.span
        )

    # ---- given ------------------------------------------------------------------------------
    def _given(self, node: s.Given) -> None:
        alias = node.alias.text if node.alias is not None else ""
        if alias in self.groups or alias in self.broken:
            assert node.alias is not None
            self.report.error(
                "duplicate-name",
                f"two given events are named `{alias}`",
                node.alias.span,
                help="give each a name of its own",
            )
            return
        if not self._made(node, alias) and alias:
            self.broken.add(alias)

    def _made(self, node: s.Given, alias: str) -> bool:
        """Make the events of a `given`; False after an error."""
        kind = node.type.text
        known = self.context.vocabulary.types
        if kind not in known:
            if kind not in self.report.damaged:
                self._unknown_type(node.type)
            return False
        number = self._number(node)
        start = self._instant(node.start)
        step = 0
        if node.every is not None:
            resolved = self._length(self._every(node.every))
            if resolved is None:
                return False
            step = resolved
        elif number not in (None, 1):
            self.report.error(
                "given-at-once",
                f"{number} events are given `at` one moment",
                node.number.span if node.number is not None else node.span,
                help="say how far apart they are: `every 10 minutes from …`; if they are at one "
                "moment, `every 0 seconds from …`",
            )
            return False
        attributes = self._members(node, known[kind].attributes)
        if number is None or start is None or attributes is None:
            return False
        before = sum(1 for i in self.node.items if isinstance(i, s.Given) and i.span < node.span)
        base = alias or f"given-{before + 1}"
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
        return True

    def _every(self, node: s.Duration | s.Name) -> PeriodValue | None:
        """The distance between events, which may be none."""
        if isinstance(node, s.Duration):
            return constants.duration(node, self.report)
        return fixed(node, self.scope)

    def _unknown_type(self, node: s.Path) -> None:
        types = self.context.vocabulary.types
        near = did_you_mean(node.text, types)
        if any(t.startswith(node.text + ".") for t in types):
            self.report.error(
                "unknown-event-type",
                f"`{node.text}` is the beginning of event types and none itself",
                node.span,
                help="give one of them: "
                + ", ".join(f"`{t}`" for t in sorted(types) if t.startswith(node.text + "."))[:80],
            )
            return
        entry = self.pack.lookup(node.text)
        if entry is not None:
            self.report.error(
                "unknown-event-type",
                f"`{node.text}` is a {words_for(entry.kind)}, and events of a type are given",
                node.span,
                help="give the recorded events that it is made of",
            )
            return
        self.report.error(
            "unknown-event-type",
            f"unknown event type `{node.text}`" + (f"; {near}" if near else ""),
            node.span,
            help="" if near else "`tosrules rules vocabulary` lists the event types",
        )

    def _group(self, name: s.Name) -> list[GivenEvent] | None:
        """The events given under a name, or None after an error."""
        group = self.groups.get(name.text)
        if group is not None:
            return group
        if name.text in self.broken or self.node.title.value in self.report.damaged:
            self.report.errors += 1
            return None
        later = any(
            isinstance(i, s.Given) and i.alias is not None and i.alias.text == name.text
            for i in self.node.items
        )
        if later:
            self.report.error(
                "unknown-given",
                f"`{name.text}` is given further down",
                name.span,
                help="give it first",
            )
        else:
            self.report.unknown(
                "unknown-given",
                "given event",
                name.text,
                name.span,
                self.groups,
                help=f"name the event where it is given: `given … as {name.text} at …`",
            )
        return None

    def _number(self, node: s.Given) -> int | None:
        if node.number is None:
            return 1
        if "." in node.number.text or not 1 <= constants.whole(node.number.text) <= MAX_GIVEN:
            self.report.error(
                "given-number",
                f"`{node.number.text}` is no number of events that can be given",
                node.number.span,
                help=f"write a whole number from 1 to {MAX_GIVEN:_}",
            )
            return None
        return constants.whole(node.number.text)

    def _instant(self, node: s.Instant) -> int | None:
        if isinstance(node, s.Moment):
            return constants.moment(node, self.report)
        length = (
            self._every(node.period)
            if isinstance(node.period, s.Duration)
            else period(node.period, self.scope)
        )
        group = self._group(node.given)
        if length is None or group is None:
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

    def _members(self, node: s.Given, declared: Mapping[str, Attribute]) -> dict[str, Value] | None:
        attributes: dict[str, Value] = {}
        sound = True
        for member in node.members:
            name = member.name.text
            attribute = declared.get(name)
            if attribute is None:
                kinds = {n: frozenset({a.type}) for n, a in declared.items()}
                if name in BUILT_IN:
                    self._built_in(name, member)
                else:
                    Role("", f"`{node.type.text}`", kinds).read(name, member.name.span, self.report)
                sound = False
                continue
            if name in attributes:
                self.report.error(
                    "said-twice",
                    f"`{name}` is given twice",
                    member.span,
                    help="keep one of the two",
                )
            value = self._value(member.value, attribute.type, name)
            if value is None:
                sound = False
            else:
                attributes[name] = value
        return attributes if sound else None

    def _built_in(self, name: str, member: s.MemberValue) -> None:
        mend = {
            "time": "say `at …` before the braces",
            "type": "the type stands after `given`",
            "id": "name the event: `given … as ask at …`",
        }
        self.report.error(
            "built-in-attribute",
            f"every event has `{name}`, and it is not given in the braces",
            member.name.span,
            help=mend[name],
        )

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
                f"`{name}` is {_what(kind)}, and this is not",
                node.span,
                help=_example(kind),
            )
        return found

    # ---- expect -------------------------------------------------------------------------------
    def _expect(self, node: s.Expect) -> Expected | None:
        found = find_clauses(self.context, self.pack, node.clause)
        told: dict[str, Any] = {}
        sound = True
        for item in node.told:
            if item.what in told:
                self.report.error(
                    "said-twice",
                    f"`{item.what}` is expected twice",
                    item.span,
                    help="keep one of the two",
                )
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
                f"only a clause that is {wanted} has {_HAS[item.what]}, and this one is expected "
                f"to be {node.verdict}",
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
                        "given-number",
                        f"`{value.text}` is no number of {item.what}",
                        value.span,
                        help="write a whole number",
                    )
                    return None
                return constants.whole(value.text)
            case s.Name() if item.what == "severity":
                return level(s.Severity(value, None, span=value.span), self.context)
            case s.Name():
                group = self._group(value)
                if group is None:
                    return None
                return group[0].id if item.what == "first" else group[-1].id
            case _:
                return self._instant(value)


_HAS = {
    "findings": "findings", "matches": "matches", "severity": "a severity",
    "first": "a first event", "last": "a last event", "due": "a time when it is due",
}  # fmt: skip


def _numbered(value: Value, n: int) -> Value:
    if isinstance(value, str):
        return value.replace("{n}", str(n))
    if isinstance(value, tuple):
        return tuple(_numbered(v, n) for v in value)
    return value


def _what(kind: Type) -> str:
    from tosrules.language.kinds import article

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
