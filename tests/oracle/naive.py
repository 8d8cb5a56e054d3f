"""A deliberately naive evaluator, for tests only: docs/semantics.md by definition.

Everything is asked by looking at every event, every pair of events, every possible world. It
shares the policy with the reference evaluator and no code with it; it answers what decides
(verdicts, matches, findings, what is relevant, undetermined, waived, pending), not how it is
shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Any
from zoneinfo import ZoneInfo

from tosrules.policy import expressions as p
from tosrules.policy import model as m

INFINITE = 2**90
SEVERITY = ("low", "medium", "high", "critical")


@dataclass(frozen=True, eq=False)
class Occ:
    """A recorded event, or a signal right after it."""

    place: tuple[int, int, str]
    """Position of the event; 0 for itself, the depth of a signal; its name."""
    time: int
    attributes: dict[str, Any]
    events: frozenset[int]
    """Positions of the recorded events it stands for."""
    event: Any

    def get(self, name: str) -> Any:
        return self.time if name == "time" else self.attributes.get(name)


Doubts = dict[int, set[tuple[str, str]]]
"""By position: reason and name."""


@dataclass
class Said:
    """What the naive evaluator says of a clause."""

    verdict: str = ""
    findings: list[tuple[Any, ...]] = field(default_factory=list)
    relevant: set[int] = field(default_factory=set)
    undetermined: Doubts = field(default_factory=dict)
    waived: set[int] = field(default_factory=set)
    pending: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class Fired:
    opening: list[Occ]
    holding: list[Occ]
    types: set[str]
    undetermined: Doubts


class Naive:
    def __init__(self, policy: m.Policy, events: tuple[Any, ...], observed: Any) -> None:
        self.policy = policy
        self.events = events
        self.observed = observed
        self.params = dict(policy.params)
        self.signals: dict[str, Fired] = {}
        self.recorded = [
            Occ(
                (e.position, 0, ""),
                e.time,
                {**e.attributes, "id": e.id, "type": e.type},
                frozenset([e.position]),
                e,
            )
            for e in events
        ]
        self.memo: dict[Any, Any] = {}
        for name in policy.order:
            if name in policy.signals:
                self.signals[name] = self.fire(policy.signals[name])

    # ---- events of a step -----------------------------------------------------------------------
    def of(self, step: m.Step, as_step: bool = False) -> list[Occ]:
        found = [o for o in self.recorded if o.event.type in step.types]
        for name in step.signals:
            found += self.signals[name].holding if as_step else self.signals[name].opening
        return sorted(found, key=lambda o: o.place)

    def depth(self, name: str) -> int:
        """How many signals a signal builds on, on the longest way."""
        if name in self.policy.signals:
            below = self.below(self.policy.signals[name])
            return 1 + max((self.depth(n) for n in below), default=0)
        declared = self.policy.statuses.get(name) or self.policy.links[name]
        return max((self.depth(n) for n in self.below(declared)), default=0)

    def below(self, record: Any) -> set[str]:
        found: set[str] = set()
        for part in inside(record):
            if isinstance(part, m.Step):
                found |= set(part.signals)
            elif isinstance(part, p.Held | p.Remembered):
                found.add(part.status)
            elif isinstance(part, p.GroupOf | p.LinkMembers):
                found.add(part.link)
        return found

    # ---- expressions ----------------------------------------------------------------------------
    def ev(self, e: Any, env: dict[str, Occ], asking: Occ, window: Any = None) -> Any:
        go = lambda x: self.ev(x, env, asking, window)  # noqa: E731
        match e:
            case None:
                return True
            case p.Constant():
                return e.value
            case p.ParamValue():
                value = self.params[e.name].value
                return value.micros if isinstance(value, p.FixedPeriod) else value
            case p.AttributeOf():
                return env[e.role].get(e.name)
            case p.And():
                values = [go(x) for x in e.operands]
                return False if False in values else (None if None in values else True)
            case p.Or():
                values = [go(x) for x in e.operands]
                return True if True in values else (None if None in values else False)
            case p.Not():
                value = go(e.operand)
                return None if value is None else not value
            case p.Missing():
                return (go(e.operand) is not None) == e.present
            case p.Compare():
                return compare(e.operator, go(e.left), go(e.right))
            case p.Arithmetic():
                left, right = go(e.left), go(e.right)
                if left is None or right is None:
                    return None
                if e.operator == "/":
                    return Fraction(left) / right if right else None
                return {"+": left + right, "-": left - right, "*": left * right}[e.operator]
            case p.Choice():
                values = [go(x) for x in e.operands]
                if None in values:
                    return None
                return max(values) if e.later else min(values)
            case p.ListValues():
                return self.policy.lists[e.name].values
            case p.Member():
                return self.member(e, env, asking)
            case p.Held():
                return self.asked(e, env, asking)
            case p.Remembered():
                keys = tuple(go(k) for k in e.keys)
                if None in keys:
                    return None
                return self.remembered(e.status, keys, asking, e.attribute)
            case p.GroupOf():
                value = go(e.member)
                return None if value is None else self.group(e.link, (e.kind, value))
            case p.Aggregate():
                return self.aggregate(e, window)
        raise NotImplementedError(type(e))

    def why(self, e: Any, env: dict[str, Occ], asking: Occ) -> set[tuple[str, str]]:
        """Why an expression is unknown; nothing if it is not."""
        if e is None or self.value(e, env, asking) is not None:
            return set()
        go = lambda parts: {r for x in parts for r in self.why(x, env, asking)}  # noqa: E731
        match e:
            case p.AttributeOf():
                return {("attribute missing", e.name)}
            case p.Held():
                return go(e.keys) or {("status unknown", own(e.status))}
            case p.Remembered():
                keys = tuple(self.ev(k, env, asking) for k in e.keys)
                if None in keys:
                    return go(e.keys)
                if self.held(e.status, keys, asking, None) is None:
                    return {("status unknown", own(e.status))}
                return {("attribute missing", f"{own(e.status)}.{e.attribute}")}
            case p.Member(collection=p.LinkMembers() as link):
                return go((e.operand, link.start)) or {("status unknown", own(link.link))}
            case p.Arithmetic(operator="/"):
                return go((e.left, e.right)) or {("division by zero", "")}
        return go(x for x in inside(e)[1:] if isinstance(x, p.Expression) and direct(e, x))

    def value(self, e: Any, env: dict[str, Occ], asking: Occ) -> Any:
        return self.ev(e.start if isinstance(e, p.LinkMembers) else e, env, asking)

    def member(self, e: p.Member, env: dict[str, Occ], asking: Occ) -> Any:
        value = self.ev(e.operand, env, asking)
        if isinstance(e.collection, p.LinkMembers):
            start = self.ev(e.collection.start, env, asking)
            if value is None or start is None:
                return None
            if value in self.reached(e.collection.link, start, asking, sure=True):
                return True
            return None if value in self.reached(e.collection.link, start, asking, False) else False
        values = self.ev(e.collection, env, asking)
        return None if value is None or values is None else value in values

    def asked(self, e: p.Held, env: dict[str, Occ], asking: Occ) -> Any:
        choices: list[list[Any]] = []
        possible: list[list[Any]] = []
        for place, key in enumerate(e.keys):
            if place == e.any_of:
                assert isinstance(key, p.LinkMembers)
                start = self.ev(key.start, env, asking)
                if start is None:
                    return None
                choices.append(list(self.reached(key.link, start, asking, True)))
                possible.append(list(self.reached(key.link, start, asking, False)))
            else:
                value = self.ev(key, env, asking)
                if value is None:
                    return None
                choices.append([value])
                possible.append([value])
        length = None if e.for_at_least is None else self.length(e.for_at_least)
        if any(self.held(e.status, k, asking, length) is True for k in product(*choices)):
            return True
        answers = [self.held(e.status, k, asking, length) for k in product(*possible)]
        return False if all(a is False for a in answers) else None

    def length(self, period: Any) -> int:
        if isinstance(period, p.ParamValue):
            period = self.params[period.name].value
        assert isinstance(period, p.FixedPeriod)
        return period.micros

    # ---- statuses: every possible world ---------------------------------------------------------
    def changes(self, status: m.Status, key: Any) -> list[tuple[Any, ...]]:
        """(place, begins, truth, by, expiry), at one event ends first."""
        known = self.memo.get((status.name, "changes", key))
        if known is None:
            known = []
            for change in status.changes:
                for o in self.of(change.step):
                    truth = self.ev(change.step.where, {"": o}, o)
                    found = tuple(self.ev(k, {"": o}, o) for k in change.keys)
                    if truth is False or found != key:
                        continue
                    expiry = INFINITE
                    if status.expires_after is not None:
                        expiry = o.time + self.length(status.expires_after)
                    elif status.expires_at is not None:
                        at = self.ev(status.expires_at, {"": o}, o) if change.begins else None
                        expiry = INFINITE if at is None else at
                    known.append((o.place, change.begins, truth, o, expiry))
            known.sort(key=lambda c: (c[0], c[1]))
            self.memo[status.name, "changes", key] = known
        return known

    def held(self, name: str, key: Any, asking: Occ, length: int | None) -> Any:
        status = self.policy.statuses[name]
        memo = (name, key, asking.place, length)
        if memo in self.memo:
            return self.memo[memo]
        before = [c for c in self.changes(status, key) if c[0] < asking.place]
        unknown = [n for n, c in enumerate(before) if c[2] is None]
        answers = set()
        for first in (False, True) if status.initially_unknown else (False,):
            for taken in product((False, True), repeat=len(unknown)):
                left_out = {n for n, t in zip(unknown, taken, strict=True) if not t}
                world = [c for n, c in enumerate(before) if n not in left_out]
                answers.add(held_in(world, first, asking.time, length))
        result = answers.pop() if len(answers) == 1 else None
        self.memo[memo] = result
        return result

    def remembered(self, name: str, key: Any, asking: Occ, attribute: str) -> Any:
        if self.held(name, key, asking, None) is not True:
            return None
        before = [c for c in self.changes(self.policy.statuses[name], key) if c[0] < asking.place]
        begun = [c for c in before if c[1]]
        sure = [c for c in begun if c[2] is True][-1]
        if any(c[2] is None and c[0] > sure[0] for c in begun):
            return None
        return sure[3].get(attribute)

    # ---- links ----------------------------------------------------------------------------------
    def tie_changes(self, link: m.Link) -> list[tuple[Any, ...]]:
        if link.name not in self.memo:
            found = []
            for change in link.changes:
                for o in self.of(change.step):
                    truth = self.ev(change.step.where, {"": o}, o)
                    ends = (self.ev(change.first, {"": o}, o), self.ev(change.second, {"": o}, o))
                    if truth is not False and None not in ends:
                        found.append((o.place, change.begins, truth, o, ends))
            self.memo[link.name] = sorted(found, key=lambda c: (c[0], c[1]))
        return self.memo[link.name]

    def open_pairs(self, link: m.Link, asking: Occ, sure: bool) -> set[tuple[Any, Any]]:
        found = set()
        for place, begins, truth, _, ends in self.tie_changes(link):
            if place >= asking.place:
                continue
            if begins and (truth is True or not sure):
                found.add(ends)
            elif not begins and (truth is True or sure):
                found.discard(ends)
        return found

    def reached(self, name: str, start: Any, asking: Occ, sure: bool) -> set[Any]:
        pairs = self.open_pairs(self.policy.links[name], asking, sure)
        found = {start}
        while True:
            more = {b for a, b in pairs if a in found} - found
            if not more:
                return found
            found |= more

    def group(self, name: str, member: Any) -> str:
        link = self.policy.links[name]
        groups: list[set[Any]] = [{member}]
        for pair in {c[4] for c in self.tie_changes(link)}:
            if self.meets([c for c in self.tie_changes(link) if c[4] == pair and c[2] is True]):
                both = {(link.first.kind, pair[0]), (link.second.kind, pair[1])}
                groups = [g for g in groups if not g & both] + [
                    both.union(*(g for g in groups if g & both))
                ]
        kind, id = min(next(g for g in groups if member in g))
        return f"{kind}:{id}"

    def meets(self, changes: list[tuple[Any, ...]]) -> bool:
        times: list[list[int]] = []
        for _, begins, _, by, _ in changes:
            if begins and (not times or times[-1][1] != INFINITE):
                times.append([by.time, INFINITE])
            elif not begins and times and times[-1][1] == INFINITE:
                times[-1][1] = by.time
        start, end = self.observed
        return any(a <= end and b >= start for a, b in times)

    # ---- windows --------------------------------------------------------------------------------
    def aggregate(self, e: p.Aggregate, window: list[Occ]) -> Any:
        if isinstance(e.operand, p.Gap):
            values: list[Any] = [b.time - a.time for a, b in pairwise(window)]
        elif e.operand is None:
            values = list(window)
        else:
            values = [self.ev(e.operand, {"": o}, o) for o in window]
        match e.function:
            case "count":
                return len(values)
            case "count_if":
                return values.count(True)
            case "distinct":
                return len(set(values))
            case "sum":
                return sum(values) if values else None
            case "min":
                return min(values, default=None)
            case "max":
                return max(values, default=None)
        if len(values) < 2:
            return None
        mean = Fraction(sum(values)) / len(values)
        return Root(sum((v - mean) ** 2 for v in values) / (len(values) - 1))

    def judged(self, rule: m.RateRule, counting: list[Occ]) -> list[tuple[Any, ...]]:
        """(key, at, truth, window) once per key and instant."""
        within = self.length(rule.within)
        found = []
        for key in unique(self.key(rule, o) for o in counting):
            mine = [o for o in counting if self.key(rule, o) == key]
            for t in unique(o.time for o in mine):
                window = [o for o in mine if t - within <= o.time <= t]
                truth = self.ev(rule.having, {}, window[-1], window)
                found.append((key, window[-1], truth, window))
        return found

    def broken(self, rule: m.QuotaRule, counting: list[Occ]) -> list[tuple[Any, ...]]:
        """(key and window, its events, those from the completing one on)."""
        found = []
        slot = lambda o: (self.key(rule, o), window_of(rule.window, o.time))  # noqa: E731
        for which in unique(slot(o) for o in counting):
            mine = [o for o in counting if slot(o) == which]
            holds = [
                self.ev(rule.having, {}, mine[n], mine[: n + 1]) is True for n in range(len(mine))
            ]
            for n in range(len(mine)):
                if all(holds[n:]):
                    found.append((which, mine, mine[n:]))
                    break
        return found

    def key(self, rule: Any, o: Occ) -> tuple[Any, ...]:
        return tuple(self.ev(k.value, {"": o}, o) for k in rule.keys)

    def needed(self, rule: Any) -> list[Any]:
        found = [k.value for k in rule.keys]
        for part in inside(rule.having):
            if isinstance(part, p.Aggregate) and part.operand is not None:
                found.append(part.operand)
        return [x for x in found if not isinstance(x, p.Gap)]

    # ---- signals --------------------------------------------------------------------------------
    def fire(self, signal: m.Signal) -> Fired:
        rule = signal.rule
        steps = [s.step for s in rule.steps] if isinstance(rule, m.SequenceRule) else [rule.step]
        types: set[str] = set()
        doubts: Doubts = {}
        for step in steps:
            types |= set(step.types)
            for name in step.signals:
                types |= self.signals[name].types
                take(doubts, self.signals[name].undetermined)

        def occ(by: Occ, env: dict[str, Occ], parts: list[Occ]) -> Occ:
            carried = {c.name: self.ev(c.value, env, by) for c in signal.carried}
            carried = {k: v for k, v in carried.items() if v is not None}
            events = frozenset().union(*(o.events for o in parts), by.events)
            place = (by.event.position, self.depth(signal.name), signal.name)
            return Occ(place, by.time, carried, events, by.event)

        if isinstance(rule, m.SequenceRule):
            chains = Sequence(self, rule, lambda _: True, None)
            made = [occ(c[-1], chains.env(c), list(c)) for c in chains.complete()]
            take(doubts, chains.undetermined)
            return Fired(made, made, types, doubts)
        counting = []
        for o in self.of(rule.step):
            truth = self.ev(rule.step.where, {"": o}, o)
            lacks = [x for x in self.needed(rule) if self.ev(x, {"": o}, o) is None]
            if truth is True and not lacks:
                counting.append(o)
            elif truth is not False:
                for x in (rule.step.where, *lacks):
                    note(doubts, o.event.position, self.why(x, {"": o}, o))
        if isinstance(rule, m.RateRule):
            judged = self.judged(rule, counting)
            holding = [occ(by, {"": by}, w) for _, by, truth, w in judged if truth is True]
            opening = []
            for n, (key, by, truth, w) in enumerate(judged):
                before = n > 0 and judged[n - 1][0] == key and judged[n - 1][2] is True
                if truth is True and not before:
                    opening.append(occ(by, {"": by}, w))
        else:
            holding, opening = [], []
            for _, whole, rest in self.broken(rule, counting):
                opening.append(occ(rest[0], {"": rest[0]}, whole))
                holding += [occ(by, {"": by}, whole) for by in rest]
        return Fired(
            sorted(opening, key=lambda o: o.place),
            sorted(holding, key=lambda o: o.place),
            types,
            doubts,
        )

    # ---- clauses --------------------------------------------------------------------------------
    def judge(self, clause: m.Clause) -> Said:
        said = Said()
        self.params = {**self.policy.params, **clause.settings}
        for bound in clause.rules:
            Clause(self, clause, bound, said).judge()
        self.params = dict(self.policy.params)
        said.findings.sort(key=repr)
        said.pending.sort(key=repr)
        said.verdict = (
            "violated"
            if said.findings
            else "undetermined"
            if said.undetermined
            else "pending"
            if said.pending
            else "clean"
            if said.relevant
            else "not exercised"
        )
        return said


class Clause:
    """One rule of a clause."""

    def __init__(self, world: Naive, clause: m.Clause, bound: m.BoundRule, said: Said) -> None:
        self.w, self.clause, self.bound, self.said = world, clause, bound, said

    def inside(self, o: Occ) -> bool:
        period = self.clause.period
        return (period.start is None or o.time >= period.start) and (
            period.until is None or o.time < period.until
        )

    def counts(self, o: Occ, where: Any, env: dict[str, Occ], needed: list[Any]) -> bool:
        """Whether an event counts; notes what is relevant, undetermined and waived."""
        applies = self.w.ev(self.bound.applies, env, o)
        if applies is not False:
            self.said.relevant.add(o.event.position)
        truth = self.w.ev(where, env, o)
        excused, waived = self.excuses(o, env)
        lacks = [x for x in needed if self.w.ev(x, env, o) is None]
        if truth is False or applies is False or excused:
            return False
        if truth is None or applies is None or lacks:
            for x in () if waived else (where, self.bound.applies, *lacks):
                note(self.said.undetermined, o.event.position, self.w.why(x, env, o))
            return False
        if waived:
            self.said.waived.add(o.event.position)
        return not waived

    def excuses(self, o: Occ, env: dict[str, Occ]) -> tuple[bool, bool]:
        true = [
            e
            for e in self.bound.exceptions
            if (e.until is None or o.time < e.until)
            and reads(e.condition, env)
            and self.w.ev(e.condition, env, o) is True
        ]
        return any(not e.overlay for e in true), any(e.overlay for e in true)

    def below(self, *steps: m.Step) -> None:
        for step in steps:
            for name in step.signals:
                fired = self.w.signals[name]
                for o in self.w.recorded:
                    if self.inside(o):
                        if o.event.type in fired.types:
                            self.said.relevant.add(o.event.position)
                        if o.event.position in fired.undetermined:
                            why = fired.undetermined[o.event.position]
                            note(self.said.undetermined, o.event.position, why)

    # ---- who, how severe ------------------------------------------------------------------------
    def match(
        self, env: dict[str, Occ], by: Occ, parts: frozenset[int], key: Any = ()
    ) -> list[Any]:
        """(subject, severity, laws, unknown exceptions, by, parts) for each who answers."""
        said = [(g.level, self.w.ev(g.when, env, by)) for g in self.bound.severities]
        severity = max((level for level, truth in said if truth is True), key=SEVERITY.index)
        laws = tuple(
            sorted(g.law.source for g in self.bound.laws if self.w.ev(g.when, env, by) is True)
        )
        unknown = tuple(
            e.text
            for e in self.bound.exceptions
            if (e.until is None or by.time < e.until) and self.w.ev(e.condition, env, by) is None
        )
        return [
            (subject, severity, laws, unknown, by, parts) for subject in self.subjects(env, by, key)
        ]

    def subjects(self, env: dict[str, Occ], by: Occ, key: Any) -> list[Any]:
        binds = self.bound.binds
        if binds is not None and binds.each:
            start = self.w.ev(binds.who.start, env, by)
            if start is None:
                return [None]
            return sorted(self.w.reached(binds.who.link, start, by, True))
        if binds is not None:
            return [self.w.ev(binds.who, env, by)]
        for part, value in key:
            if part.type.name == "reference" and part.type.kind in ("party", "account"):
                return [value]
        actor = by.get("actor")
        return [by.event.attributes.get("actor") if actor is None else actor]

    def add(self, matches: list[Any]) -> None:
        """One finding."""
        matches.sort(key=lambda x: x[4].place)
        parts = sorted(frozenset().union(*(x[5] for x in matches)))
        severity = max((x[1] for x in matches), key=SEVERITY.index)
        self.said.findings.append(
            (
                self.bound.ordinal,
                matches[0][0],
                severity,
                tuple(sorted({n for x in matches for n in x[2]})),
                tuple(sorted({n for x in matches for n in x[3]})),
                tuple(x[4].event.position for x in matches),
                tuple(parts),
            )
        )

    # ---- forms ----------------------------------------------------------------------------------
    def judge(self) -> None:
        rule = self.bound.rule
        match rule:
            case m.EventRule():
                self.event(rule)
            case m.RateRule():
                self.rate(rule)
            case m.QuotaRule():
                self.quota(rule)
            case m.SequenceRule():
                self.sequence(rule)
            case m.ObligationRule():
                self.obligation(rule)

    def event(self, rule: m.EventRule) -> None:
        self.below(rule.step)
        matches = []
        for o in self.w.of(rule.step):
            if self.inside(o) and self.counts(o, rule.step.where, {"": o}, []):
                matches += self.match({"": o}, o, o.events)
        together = self.clause.together
        length = 86_400_000_000 if together is None else self.w.length(together)
        for group in joined(
            matches,
            lambda a, b: a[0] is not None and a[0] == b[0] and abs(a[4].time - b[4].time) <= length,
        ):
            self.add(group)

    def counting(self, rule: Any) -> list[Occ]:
        self.below(rule.step)
        return [
            o
            for o in self.w.of(rule.step)
            if self.inside(o) and self.counts(o, rule.step.where, {"": o}, self.w.needed(rule))
        ]

    def rate(self, rule: m.RateRule) -> None:
        matches = []
        for key, by, truth, window in self.w.judged(rule, self.counting(rule)):
            if truth is True:
                parts = frozenset().union(*(o.events for o in window))
                named = list(zip(rule.keys, key, strict=True))
                matches += [(*x, key) for x in self.match({"": by}, by, parts, named)]
        within = self.w.length(rule.within)
        for group in joined(
            matches,
            lambda a, b: (a[0], a[6]) == (b[0], b[6]) and abs(a[4].time - b[4].time) <= within,
        ):
            self.add(group)

    def quota(self, rule: m.QuotaRule) -> None:
        for (key, _), whole, rest in self.w.broken(rule, self.counting(rule)):
            parts = frozenset().union(*(o.events for o in whole))
            named = list(zip(rule.keys, key, strict=True))
            for match in self.match({"": rest[0]}, rest[0], parts, named):
                self.add([match])

    def sequence(self, rule: m.SequenceRule) -> None:
        self.below(*(s.step for s in rule.steps))
        chains = Sequence(self.w, rule, self.inside, self)
        matches = []
        for chain in chains.complete():
            env = chains.env(chain)
            if self.counts(chain[-1], None, env, []):
                parts = frozenset().union(*(o.events for o in chain))
                matches += self.match(env, chain[-1], parts)
        take(self.said.undetermined, chains.undetermined)
        self.said.relevant |= chains.relevant
        time = {o.event.position: o.time for o in self.w.recorded}
        ends = lambda x: (time[min(x[5])], time[max(x[5])])  # noqa: E731
        for group in joined(
            matches,
            lambda a, b: (
                a[0] is not None
                and a[0] == b[0]
                and ends(a)[0] <= ends(b)[1]
                and ends(b)[0] <= ends(a)[1]
            ),
        ):
            self.add(group)

    def obligation(self, rule: m.ObligationRule) -> None:
        self.below(rule.trigger)
        for o in self.w.of(rule.trigger):
            env = {"": o, rule.trigger.role: o}
            if not self.inside(o) or not self.counts(o, rule.trigger.where, env, []):
                continue
            if rule.by is not None:
                due = self.w.ev(rule.by, env, o)
            else:
                due = o.time + self.w.length(rule.within)
            if due is None:
                why = {("deadline unknown", n) for _, n in self.w.why(rule.by, env, o)}
                note(self.said.undetermined, o.event.position, why)
                continue
            answers = []
            for f in self.w.of(rule.fulfilment, as_step=True):
                if f.place > o.place:
                    answers.append((f, self.fulfils(rule, o, f)))
            if any(truth is True and f.time <= due for f, truth in answers):
                continue
            start, end = self.w.observed
            unknown = [f for f, truth in answers if truth is None and f.time <= due]
            if o.time < start:
                note(self.said.undetermined, o.event.position, {("before observation", "")})
            elif due > end:
                for subject in self.subjects(env, o, ()):
                    self.said.pending.append((o.event.position, subject, due))
            elif unknown:
                why = self.why_unknown(rule, o, unknown[0])
                note(self.said.undetermined, o.event.position, why)
            else:
                late = [f for f, truth in answers if truth is True][:1]
                parts = frozenset([o.event.position, *(f.event.position for f in late)])
                for match in self.match(env, o, parts):
                    self.add([match])

    def why_unknown(self, rule: m.ObligationRule, o: Occ, f: Occ) -> set[tuple[str, str]]:
        mine, theirs = {"": f, rule.fulfilment.role: f}, {rule.trigger.role: o, "": o}
        why = self.w.why(rule.fulfilment.where, mine, f)
        why |= why_differs(self.w, rule.difference, f, mine, theirs)
        for tie in rule.ties:
            why |= why_tied(self.w, tie, f, mine, theirs)
        return {("fulfilment unknown", name) for _, name in why}

    def fulfils(self, rule: m.ObligationRule, o: Occ, f: Occ) -> Any:
        mine, theirs = {"": f, rule.fulfilment.role: f}, {rule.trigger.role: o, "": o}
        parts = [self.w.ev(rule.fulfilment.where, mine, f)]
        parts += [tied(self.w, t, f, mine, theirs) for t in rule.ties]
        if rule.difference is not None:
            parts.append(differs(self.w, rule.difference, f, mine, theirs))
        return False if False in parts else (None if None in parts else True)


class Sequence:
    """Every chain, by trying every step before."""

    def __init__(
        self, world: Naive, rule: m.SequenceRule, inside: Any, clause: Clause | None
    ) -> None:
        self.w, self.rule, self.inside, self.clause = world, rule, inside, clause
        self.undetermined: Doubts = {}
        self.relevant: set[int] = set()
        self.memo: dict[Any, Any] = {}

    def env(self, chain: tuple[Occ, ...]) -> dict[str, Occ]:
        found = {s.step.role: o for s, o in zip(self.rule.steps, chain, strict=True)}
        return {**found, "": chain[-1]}

    def complete(self) -> list[tuple[Occ, ...]]:
        found = []
        for n, step in enumerate(self.rule.steps):
            for o in self.w.of(step.step, as_step=True):
                if self.inside(o):
                    chain = self.chain(n, o)
                    if chain is not None and n == len(self.rule.steps) - 1:
                        found.append(chain)
        return found

    def stands(self, n: int, o: Occ) -> bool:
        """Whether an event may stand as the n-th step, whatever the others are."""
        step = self.rule.steps[n]
        env = {"": o, step.step.role: o}
        needed = [t.later for t in step.ties] + [t.earlier for w in step.without for t in w.ties]
        if step.difference is not None and len(step.difference.later) == 1:
            needed += step.difference.later
        last = n == len(self.rule.steps) - 1
        if not last:
            after = self.rule.steps[n + 1]
            needed += [t.earlier for t in after.ties]
            if after.difference is not None and len(after.difference.later) == 1:
                needed += after.difference.earlier
        truth = self.w.ev(step.step.where, env, o)
        lacks = [x for x in needed if self.w.ev(x, env, o) is None]
        why = {r for x in (step.step.where, *lacks) for r in self.w.why(x, env, o)}
        doubtful = truth is None or (truth is True and lacks)
        if last and self.clause is not None:
            # What names other steps is asked of the whole chain, once there is one.
            bound = self.clause.bound
            applies = not reads(bound.applies, env) or self.w.ev(bound.applies, env, o)
            excused, waived = self.clause.excuses(o, env)
            if applies is not False:
                self.relevant.add(o.event.position)
            if truth is False or applies is False or excused:
                return False
            if (doubtful or applies is None) and not waived:
                if applies is None:
                    why |= self.w.why(bound.applies, env, o)
                note(self.undetermined, o.event.position, why)
            return truth is True and applies is True and not lacks
        self.relevant.add(o.event.position)
        if doubtful:
            note(self.undetermined, o.event.position, why)
        return truth is True and not lacks

    def chain(self, n: int, o: Occ) -> tuple[Occ, ...] | None:
        if (n, o.place) not in self.memo:
            self.memo[n, o.place] = None
            self.memo[n, o.place] = self.find(n, o)
        return self.memo[n, o.place]

    def find(self, n: int, o: Occ) -> tuple[Occ, ...] | None:
        if not self.inside(o) or not self.stands(n, o):
            return None
        if n == 0:
            return (o,)
        step, before = self.rule.steps[n], self.rule.steps[n - 1]
        env = {"": o, step.step.role: o}
        unknown: set[tuple[str, str]] = set()
        for a in reversed(self.w.of(before.step, as_step=True)):
            if a.place >= o.place or self.chain(n - 1, a) is None:
                continue
            if step.within is not None and o.time - a.time > self.w.length(step.within):
                continue
            theirs = {before.step.role: a}
            parts = [tied(self.w, t, o, env, theirs) for t in step.ties]
            if step.difference is not None:
                parts.append(differs(self.w, step.difference, o, env, theirs))
            if False in parts:
                continue
            broken, doubts = self.broken(n, a, o)
            if broken:
                continue
            if None in parts and not unknown:
                unknown = why_differs(self.w, step.difference, o, env, theirs)
                for tie in step.ties:
                    unknown |= why_tied(self.w, tie, o, env, theirs)
            if None in parts:
                continue
            if doubts:
                for x, why in doubts:
                    note(self.undetermined, x.event.position, why)
                return None
            return (*self.chain(n - 1, a), o)
        if unknown:
            note(self.undetermined, o.event.position, unknown)
        return None

    def broken(self, n: int, a: Occ, o: Occ) -> tuple[bool, list[tuple[Occ, Any]]]:
        """Whether an unwanted event surely lies between; else the latest that may, and why."""
        step = self.rule.steps[n]
        doubts = []
        for without in step.without:
            latest = None
            for x in self.w.of(without.step, as_step=True):
                mine, theirs = {"": x, without.step.role: x}, {step.step.role: o, "": o}
                if not a.place < x.place < o.place:
                    continue
                if any(self.w.ev(t.later, mine, x) is None for t in without.ties):
                    continue
                parts = [self.w.ev(without.step.where, mine, x)]
                parts += [tied(self.w, t, x, mine, theirs) for t in without.ties]
                if False in parts:
                    continue
                if None not in parts:
                    return True, []
                why = self.w.why(without.step.where, mine, x)
                for tie in without.ties:
                    why |= why_tied(self.w, tie, x, mine, theirs)
                latest = (x, why)
            if latest is not None:
                doubts.append(latest)
        return False, doubts


def tied(w: Naive, tie: m.Tie, later: Occ, own: dict[str, Occ], theirs: dict[str, Occ]) -> Any:
    value, other = w.ev(tie.later, own, later), w.ev(tie.earlier, theirs, later)
    if value is None or other is None:
        return None
    if not tie.link:
        return value == other
    if other in w.reached(tie.link, value, later, True):
        return True
    return None if other in w.reached(tie.link, value, later, False) else False


def differs(w: Naive, d: m.Difference, later: Occ, own: Any, theirs: Any) -> Any:
    pairs = [
        compare("!=", w.ev(x, own, later), w.ev(y, theirs, later))
        for x, y in zip(d.later, d.earlier, strict=True)
    ]
    return True if True in pairs else (None if None in pairs else False)


def why_tied(w: Naive, tie: m.Tie, later: Occ, own_: Any, theirs: Any) -> set[tuple[str, str]]:
    if tied(w, tie, later, own_, theirs) is not None:
        return set()
    missing = w.why(tie.later, own_, later) | w.why(tie.earlier, theirs, later)
    return missing or {("status unknown", own(tie.link))}


def why_differs(w: Naive, d: Any, later: Occ, own_: Any, theirs: Any) -> set[tuple[str, str]]:
    if d is None or differs(w, d, later, own_, theirs) is not None:
        return set()
    return {r for x in d.later for r in w.why(x, own_, later)} | {
        r for x in d.earlier for r in w.why(x, theirs, later)
    }


def own(qualified: str) -> str:
    return qualified.split("/")[-1]


def direct(outer: Any, part: Any) -> bool:
    """Whether a record lies directly inside another."""
    for name in outer.field_names:
        inner = getattr(outer, name)
        if any(x is part for x in (inner if isinstance(inner, tuple) else (inner,))):
            return True
    return False


def note(doubts: Doubts, position: int, why: set[tuple[str, str]]) -> None:
    doubts.setdefault(position, set()).update(why)


def take(doubts: Doubts, others: Doubts) -> None:
    for position, why in others.items():
        note(doubts, position, why)


# ---- small things -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Root:
    """The square root of a number."""

    of: Any


def compare(operator: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, Root) or isinstance(right, Root):
        left, right = squared(left), squared(right)
    return {
        "=": left == right,
        "!=": left != right,
        **(
            {}
            if isinstance(left, str | bool)
            else {
                "<": left < right,
                "<=": left <= right,
                ">": left > right,
                ">=": left >= right,
            }
        ),
    }[operator]


def squared(value: Any) -> Any:
    """The square, with the sign of the value."""
    return value.of if isinstance(value, Root) else abs(value) * Fraction(value)


def held_in(world: list[tuple[Any, ...]], before: bool, now: int, length: int | None) -> bool:
    """Whether a status is held, and for how long, where every change is sure."""
    spans = [(-INFINITE, INFINITE)] if before else []
    for _, begins, _, by, expiry in world:
        if begins:
            spans.append((by.time, expiry))
        else:
            spans = []
    # Held from a beginning to its expiry; how far back without a gap?
    spans = [(a, b) for a, b in spans if b >= a]
    since = None
    for a, b in sorted(spans, key=lambda s: -s[1]):
        if b >= (now if since is None else since):
            since = a if since is None else min(since, a)
    if since is None:
        return False
    return length is None or now - since >= length


def unique(items: Any) -> list[Any]:
    return list(Counter(items))


def joined(matches: list[Any], related: Any) -> list[list[Any]]:
    """The connected groups of a relation."""
    groups: list[list[Any]] = []
    for match in matches:
        near = [g for g in groups if any(related(match, other) for other in g)]
        groups = [g for g in groups if g not in near]
        groups.append([x for g in near for x in g] + [match])
    return groups


def inside(record: Any) -> list[Any]:
    """A record and all records in it."""
    found = [record]
    for name in getattr(record, "field_names", ()):
        inner = getattr(record, name)
        for part in inner if isinstance(inner, tuple) else (inner,):
            if hasattr(part, "field_names"):
                found += inside(part)
    return found


def reads(condition: Any, env: dict[str, Occ]) -> bool:
    """Whether a condition reads only the events at hand."""
    return all(x.role in env for x in inside(condition) if isinstance(x, p.AttributeOf))


def window_of(window: m.CalendarWindow | None, time: int) -> Any:
    if window is None:
        return None
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)
    local = utc.astimezone(ZoneInfo(window.zone))
    text = local.strftime("%Y-%m-%dT%H:%M")
    match window.unit:
        case "minute":
            return text[:14] + str(local.minute // window.amount), local.utcoffset()
        case "hour":
            return text[:13], local.utcoffset()
        case "day":
            return text[:10]
        case "week":
            return local.isocalendar()[:2]
        case "month":
            return text[:7]
    return text[:4]
