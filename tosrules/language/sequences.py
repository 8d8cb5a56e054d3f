"""Sequences and obligations: steps tied to one another, and the restrictions that keep every
engine exact and near-linear (semantics S4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tosrules.language import syntax as s
from tosrules.language.conditions import condition
from tosrules.language.context import Context
from tosrules.language.events import Selected, select
from tosrules.language.kinds import article
from tosrules.language.names import PackScope
from tosrules.language.patterns import make_step, reserved_alias
from tosrules.language.periods import fixed, period
from tosrules.language.scope import Role, Scope, broken_role
from tosrules.language.values import value
from tosrules.policy import expressions as p
from tosrules.policy.model import (
    Difference,
    ObligationRule,
    SequenceRule,
    SequenceStep,
    Step,
    Tie,
    Without,
)
from tosrules.policy.walk import conjuncts, joined, roles_read
from tosrules.span import Span
from tosrules.vocabulary import TIME

MAX_STEPS = 8
MENDS = "make the first steps a signal that carries the attribute, or ask a status"


def check_sequence(
    context: Context, pack: PackScope, node: s.Pattern
) -> tuple[SequenceRule, Scope] | None:
    report = context.report
    if node.quantity is not None or node.window is not None or node.having is not None:
        place = node.quantity or node.window or node.having
        report.error(
            "rate-in-sequence",
            "a rate cannot be a step of a sequence as it stands",
            place.span if place is not None else node.span,
            help="name it first: `signal NAME = more than …`, then use NAME as the step",
        )
        return None
    if 1 + len(node.then) > MAX_STEPS:
        report.error(
            "too-many-steps",
            f"a sequence has at most {MAX_STEPS} steps, and this one has {1 + len(node.then)}",
            node.then[MAX_STEPS - 1].span,
            help="name the first steps, `signal NAME = …`, and begin this sequence with NAME",
        )
        return None
    chain = _Chain(context, pack, [node.alias, *(t.alias for t in node.then)])
    first = chain.first(node)
    steps = [first] if first is not None else []
    for then in node.then:
        found = chain.then(then)
        if found is not None:
            steps.append(found)
    if chain.failed or len(steps) != 1 + len(node.then):
        return None
    last = chain.selected[-1]
    assert last is not None, "the chain failed with it"
    scope = Scope(context, pack, chain.named, last.role(""))
    return SequenceRule(tuple(steps), context.written(node), span=node.span), scope


@dataclass
class Split:
    """The conditions of a step, sorted by what they read."""

    local: list[p.Expression] = field(default_factory=list)
    ties: list[tuple[Tie, str, Span]] = field(default_factory=list)
    """With the earlier role, before equalities are closed."""
    differences: list[tuple[Difference, str, Span]] = field(default_factory=list)
    sound: bool = True


class _Chain:
    """The steps of one sequence, checked from first to last."""

    def __init__(self, context: Context, pack: PackScope, aliases: Iterable[s.Name | None]) -> None:
        self.context = context
        self.report = context.report
        self.pack = pack
        self.order: list[str] = []
        """Roles so far."""
        self.named: dict[str, Role] = {}
        """By alias."""
        self.selected: list[Selected | None] = []
        self.equal: dict[tuple[str, str], tuple[str, str]] = {}
        """(role, attribute) → another that is equal to it in every chain."""
        self.failed = False
        self.duty = False
        """These are a trigger and its fulfilment."""
        self.aliases = [a.text for a in aliases if a is not None]

    # ---- steps --------------------------------------------------------------------------
    def first(self, node: s.Pattern) -> SequenceStep | None:
        selected, role = self._open(node.events, node.alias)
        split = self._split(node.where, role)
        if not split.sound or selected is None:
            self.failed = True
            return None
        step = make_step(role, selected, joined(split.local), node.events)
        return SequenceStep(step, None, (), None, (), span=node.span)

    def then(self, node: s.Then) -> SequenceStep | None:
        previous = self.order[-1]
        selected, role = self._open(node.events, node.alias)
        split = self._split(node.where, role)
        within = fixed(node.within, self._scope()) if node.within is not None else None
        if not split.sound or selected is None or (node.within is not None and within is None):
            self.failed = True
            return None
        ties = self._close(split, previous)
        difference = self._difference(split, previous)
        if not ties and not self.failed:
            self._untied(node, role, previous)
        for tie in ties:
            if not tie.link:
                self._remember(tie)
        without = [self._without(w, role) for w in node.without]
        if self.failed:
            return None
        step = make_step(role, selected, joined(split.local), node.events)
        found = tuple(w for w in without if w is not None)
        return SequenceStep(step, within, tuple(ties), difference, found, span=node.span)

    def _open(self, events: s.EventSet, alias: s.Name | None) -> tuple[Selected | None, str]:
        """Enter a step: its events, None if they are not known, and its role from here on."""
        selected = select(self.context, self.pack, events)
        if selected is None:
            self.failed = True
        if alias is not None and alias.text == "event":
            reserved_alias(alias, self.context)
            self.failed = True
        role = alias.text if alias is not None else f"step {len(self.order) + 1}"
        if alias is not None and alias.text in self.named:
            self.report.error(
                "duplicate-name",
                f"two steps are named `{alias.text}`",
                alias.span,
                help="give each step a name of its own",
            )
            self.failed = True
        self.order.append(role)
        self.selected.append(selected)
        if alias is not None:
            self.named[alias.text] = broken_role(role) if selected is None else selected.role(role)
        return selected, role

    def _scope(self) -> Scope:
        later = {
            a: (
                f"`{a}` comes later in the sequence",
                f"compare with it in the `where` of `{a}`",
            )
            for a in self.aliases
            if a not in self.named
        }
        return Scope(self.context, self.pack, self.named, None, elsewhere=later)

    # ---- obligations ----------------------------------------------------------------------
    def open_trigger(self, node: s.Require) -> tuple[Selected | None, str]:
        return self._open(node.trigger, node.trigger_alias)

    def trigger_where(self, where: s.Expression | None, role: str) -> p.Expression | None:
        split = self._split(where, role)
        self.failed = self.failed or not split.sound
        return joined(split.local)

    def fulfilment(
        self, node: s.Require, trigger: str
    ) -> tuple[Step, list[Tie], Difference | None] | None:
        """An equality to the trigger is optional; at most one `!=` (semantics O1)."""
        selected, role = self._open(node.fulfilment, node.fulfilment_alias)
        split = self._split(node.fulfilment_where, role)
        if not split.sound or selected is None:
            self.failed = True
            return None
        ties = self._close(split, trigger)
        difference = self._difference(split, trigger)
        step = make_step(role, selected, joined(split.local), node.fulfilment)
        return step, ties, difference

    # ---- conditions -----------------------------------------------------------------------
    def _split(self, where: s.Expression | None, own: str) -> Split:
        """Sort the conditions of a step by the events they read."""
        split = Split()
        if where is None:
            return split
        found = condition(where, self._scope())
        if found is None:
            split.sound = False
            return split
        for part in conjuncts(found):
            others = roles_read(part) - {own}
            if not others:
                split.local.append(part)
            elif len(others) > 1 or not self._cross(part, own, next(iter(others)), split):
                self._not_allowed(part, own, sorted(others))
                split.sound = False
        return split

    def _cross(self, part: p.Expression, own: str, other: str, split: Split) -> bool:
        """A comparison of one attribute of this step with one of an earlier step."""
        match part:
            case p.Compare(
                operator="=", left=p.AttributeOf() as left, right=p.AttributeOf() as right
            ):
                later, earlier = (left, right) if left.role == own else (right, left)
                split.ties.append((Tie(later, earlier, ""), other, part.span))
                return later.role == own
            case p.Compare(
                operator="!=", left=p.AttributeOf() as left, right=p.AttributeOf() as right
            ):
                later, earlier = (left, right) if left.role == own else (right, left)
                split.differences.append((Difference((later,), (earlier,)), other, part.span))
                return later.role == own
            case p.TupleDiffers():
                return self._cross_tuple(part, own, other, split)
            case p.Member(
                operand=p.AttributeOf() as earlier,
                collection=p.LinkMembers(start=p.AttributeOf() as later) as link,
            ):
                if earlier.role == own or later.role != own:
                    return False
                split.ties.append((Tie(later, earlier, link.link), other, part.span))
                return True
        return False

    def _cross_tuple(self, part: p.TupleDiffers, own: str, other: str, split: Split) -> bool:
        later, earlier = [], []
        for left, right in zip(part.left, part.right, strict=True):
            pair = (left, right) if roles_read(left) == {own} else (right, left)
            if not all(isinstance(x, p.AttributeOf) for x in pair):
                return False
            if roles_read(pair[0]) != {own} or roles_read(pair[1]) != {other}:
                return False
            later.append(pair[0])
            earlier.append(pair[1])
        difference = Difference(tuple(later), tuple(earlier))
        split.differences.append((difference, other, part.span))
        return True

    def _not_allowed(self, part: p.Expression, own: str, others: list[str]) -> None:
        names = " and ".join(f"`{o}`" for o in others)
        if own not in roles_read(part) and len(others) == 1:
            self.report.error(
                "cross-step",
                f"this condition is about {names} alone and stands at another step",
                part.span,
                help=f"move it to the `where` of {names}",
            )
            self.failed = True
            return
        if isinstance(part, p.Or | p.Not):
            word = "or" if isinstance(part, p.Or) else "not"
            joined_by = "joined by" if word == "or" else "under"
            message = f"a comparison with {names} {joined_by} `{word}`"
            mend = (
                "join comparisons with other steps by `and`; for an `or` write two rules"
                if word == "or"
                else "say `!=` instead"
            )
        elif isinstance(part, p.Compare) and part.operator not in ("=", "!="):
            message = f"`{part.operator}` between two steps"
            mend = (
                "steps are tied by `=` and told apart by `!=`; hold each attribute against a "
                "number or a text instead"
            )
        elif len(others) > 1:
            message = f"a comparison with {names} at once"
            mend = "compare with one step at a time, the one immediately before"
        else:
            message = f"reckoning with {names}"
            mend = (
                "compare attributes as they are, `use.account = ask.account`, and ask everything "
                "else of one step alone"
            )
        self.report.error(
            "cross-step", f"{message} is more than a sequence may say", part.span, help=mend
        )
        self.failed = True

    # ---- ties ------------------------------------------------------------------------------
    def _close(self, split: Split, previous: str) -> list[Tie]:
        """Each equality as one with the step immediately before."""
        ties: list[Tie] = []
        for tie, other, span in split.ties:
            if other == previous:
                ties.append(tie)
                continue
            near = self._equal_in(tie.earlier, previous)
            if near is None:
                self._not_adjacent(tie.earlier, previous, span)
                continue
            ties.append(Tie(tie.later, near, tie.link))
        return ties

    def _equal_in(self, expression: p.Expression, role: str) -> p.Expression | None:
        """The attribute of `role` that equals `expression` in every chain, if there is one."""
        assert isinstance(expression, p.AttributeOf)
        root = self._root((expression.role, expression.name))
        for candidate, name in sorted(self.equal):
            if candidate == role and self._root((candidate, name)) == root:
                return p.AttributeOf(role, name, expression.type, span=expression.span)
        return None

    def _root(self, place: tuple[str, str]) -> tuple[str, str]:
        while self.equal.get(place, place) != place:
            place = self.equal[place]
        return place

    def _remember(self, tie: Tie) -> None:
        assert isinstance(tie.later, p.AttributeOf)
        assert isinstance(tie.earlier, p.AttributeOf)
        earlier = (tie.earlier.role, tie.earlier.name)
        later = (tie.later.role, tie.later.name)
        self.equal.setdefault(earlier, earlier)
        self.equal.setdefault(later, later)  # two equalities of one attribute: all three are equal
        self.equal[self._root(later)] = self._root(earlier)

    def _difference(self, split: Split, previous: str) -> Difference | None:
        if not split.differences:
            return None
        if len(split.differences) > 1:
            self.report.error(
                "two-differences",
                "a step may be told apart from an earlier one by one `!=` only",
                split.differences[1][2],
                help=f"if one difference is enough, say `{self._tuple(split)}`; if both are "
                f"needed, {'ask a status' if self.duty else MENDS}",
            )
            self.failed = True
            return None
        difference, other, span = split.differences[0]
        if other == previous:
            return difference
        near = [self._equal_in(e, previous) for e in difference.earlier]
        if any(n is None for n in near):
            self._not_adjacent(difference.earlier[0], previous, span)
            return None
        return Difference(difference.later, tuple(n for n in near if n is not None))

    @staticmethod
    def _tuple(split: Split) -> str:
        pairs = [(d.later[0], d.earlier[0]) for d, _, _ in split.differences]
        sides = [
            ", ".join(f"{x.role}.{x.name}" for x in side if isinstance(x, p.AttributeOf))
            for side in zip(*pairs, strict=True)
        ]
        return f"({sides[0]}) != ({sides[1]})"

    def _not_adjacent(self, expression: p.Expression, previous: str, span: Span) -> None:
        assert isinstance(expression, p.AttributeOf)
        self.report.error(
            "not-adjacent",
            f"this compares with `{expression.role}`, and the step immediately before is "
            + (f"`{previous}`" if previous in self.named else "another"),
            span,
            help=(
                f"add `{previous}.{expression.name} = {expression.role}.{expression.name}` to the "
                f"step between them; or {MENDS}"
            )
            if previous in self.named
            else f"name the step between them with `as` and tie it too; or {MENDS}",
        )
        self.failed = True

    def _untied(self, node: s.Then, role: str, previous: str) -> None:
        example = self._example()
        self.report.error(
            "no-tie",
            "this step is not tied to the one before, so that anybody's event would do",
            node.events.span,
            help=f"add an equality: `where {role}.{example} = {previous}.{example}`"
            if node.alias is not None and previous in self.named
            else "name both steps with `as` and add an equality: `where use.account = ask.account`",
        )
        self.failed = True

    def _example(self) -> str:
        for name in ("account", "actor", "device", "app", "session", "source.ip"):
            if all(x is not None and name in x.role("").attributes for x in self.selected[-2:]):
                return name
        return "actor"

    # ---- without -----------------------------------------------------------------------------
    def _without(self, node: s.Without, role: str) -> Without | None:
        selected = select(self.context, self.pack, node.events)
        if selected is None:
            self.failed = True
            return None
        own = node.alias.text if node.alias is not None else "the unwanted event"
        if own in self.named:
            self.report.error(
                "duplicate-name",
                f"`{own}` already names a step",
                node.alias.span if node.alias is not None else node.span,
                help="give the unwanted event a name of its own",
            )
            self.failed = True
            return None
        if node.alias is not None:
            if own == "event":
                reserved_alias(node.alias, self.context)
                self.failed = True
            self.named[own] = selected.role(own)
        split = self._split(node.where, own)
        self.named.pop(own, None)
        if not split.sound:
            self.failed = True
            return None
        if split.differences:
            self.report.error(
                "without-difference",
                "`without` is tied to its step by equalities only",
                split.differences[0][2],
                help="compare by `=`, or ask the unwanted event about its own attributes",
            )
            self.failed = True
            return None
        ties = []
        for tie, other, span in split.ties:
            near = tie.earlier if other == role else self._equal_in(tie.earlier, role)
            if near is None:
                self.report.error(
                    "without-tie",
                    "`without` must be tied to the step it stands on, and this ties it to another",
                    span,
                    help=f"compare with an attribute of `{role}`"
                    if role in self.named
                    else "name that step with `as` and compare with an attribute of it",
                )
                self.failed = True
                return None
            ties.append(Tie(tie.later, near, tie.link))
        if not ties:
            self.report.error(
                "without-tie",
                "`without` is tied to no step, so any such event anywhere would break the chain",
                node.span,
                help=f"name it and add an equality: `as ok where ok.account = {role}.account`"
                if role in self.named
                else "name both with `as` and add an equality: `where ok.account = use.account`",
            )
            self.failed = True
            return None
        step = make_step(own, selected, joined(split.local), node.events)
        return Without(step, tuple(ties), span=node.span)


def check_obligation(
    context: Context, pack: PackScope, node: s.Require
) -> tuple[ObligationRule, Scope] | None:
    """`after … require …`: the trigger's scope is the one the clause's conditions see."""
    chain = _Chain(context, pack, [node.trigger_alias, node.fulfilment_alias])
    chain.duty = True
    trigger_selected, trigger_role = chain.open_trigger(node)
    bare = broken_role("") if trigger_selected is None else trigger_selected.role("")
    named = {node.trigger_alias.text: bare} if node.trigger_alias is not None else {}
    trigger_scope = Scope(context, pack, named, bare)
    trigger_split = chain.trigger_where(node.trigger_where, trigger_role)
    within = period(node.within, trigger_scope) if node.within is not None else None
    by = _deadline(node.by, trigger_scope) if node.by is not None else None
    fulfilment = chain.fulfilment(node, trigger_role)
    if fulfilment is None or chain.failed or (within is None and by is None):
        return None
    assert trigger_selected is not None, "the chain failed with it"
    step, ties, difference = fulfilment
    trigger = make_step(trigger_role, trigger_selected, trigger_split, node.trigger)
    rule = ObligationRule(
        trigger, step, within, by, tuple(ties), difference, context.written(node), span=node.span
    )
    return rule, trigger_scope


def _deadline(node: s.Expression, scope: Scope) -> p.Expression | None:
    found = value(node, scope)
    if found is None:
        return None
    if found.type != TIME:
        scope.report.error(
            "wrong-type",
            f"a deadline is a time, and this is {article(found.type)}",
            node.span,
            help="say `within 30 days` for a length of time, or `by served.deadline` for a time",
        )
        return None
    return found
