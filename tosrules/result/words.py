"""Expressions and rules in plain English, for who does not read the rule language."""

from __future__ import annotations

from tosrules.policy import expressions as e
from tosrules.policy.model import (
    Binds,
    Clause,
    EventRule,
    ObligationRule,
    Policy,
    QuotaRule,
    RateRule,
    Rule,
    SequenceRule,
    SequenceStep,
    Step,
    Tie,
)
from tosrules.result.states import kind_of, predicate, reached
from tosrules.result.values import listed, plain, plural, typed_words, value_words
from tosrules.result.wording import bare, param_of, period_text, window_text

_COMPARED = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_NOT_SO = {
    "contains": "does not contain",
    "starts with": "does not start with",
    "ends with": "does not end with",
}
_IN_TIME = {"<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before"}
_FUNCTIONS = {
    "lower": "{} in lower case",
    "length": "the length of {}",
    "host": "the host of {}",
    "path": "the path of {}",
    "hour": "the hour of {}",
    "weekday": "the weekday of {}",
    "date": "the date of {}",
}
_AGGREGATES = {
    "count": "how many there are",
    "count_if": "the number of those where {}",
    "distinct": "the number of different {}",
    "sum": "the sum of {}",
    "min": "the least {}",
    "max": "the greatest {}",
    "stddev": "the spread (standard deviation) of {}",
}

LISTED = 8
"""Values of a list that are said; a longer one is called by its name."""


class Words:
    """Says the expressions of one clause; its parameters have the values that hold for it."""

    def __init__(self, policy: Policy, clause: Clause | None, own: str = "") -> None:
        self.policy = policy
        self.clause = clause
        self.own = own
        """The event that is spoken of, whose attributes need not name it."""

    # ---- conditions ------------------------------------------------------------------------

    def condition(self, of: e.Expression, nested: bool = False) -> str:
        if isinstance(of, e.And | e.Or):
            return self._joined(of, nested)
        if isinstance(of, e.Not):
            return self._not(of.operand)
        if isinstance(of, e.Compare):
            return self._compare(of)
        if isinstance(of, e.TupleDiffers):
            left, right = (listed([self.value(v) for v in side]) for side in (of.left, of.right))
            return f"{left} are not both the same as {right}"
        if isinstance(of, e.Missing):
            return f"{self.value(of.operand)} is {'stated' if of.present else 'not stated'}"
        if isinstance(of, e.Matches):
            case = ", whatever its case" if of.ignore_case else ""
            return f"{self.value(of.operand)} matches /{of.pattern}/{case}"
        if isinstance(of, e.Member):
            return self._member(of, "is")
        if isinstance(of, e.TextTest):
            return f"{self.value(of.operand)} {of.test} {self.value(of.argument)}"
        if isinstance(of, e.Held):
            return self._held(of)
        if isinstance(of, e.Constant):
            return "in every case" if of.value else "in no case"
        return f"{self.value(of)} is true"

    def _joined(self, of: e.And | e.Or, nested: bool) -> str:
        """Operands joined; statuses asked of the same one are said together: `is disabled or
        banned`."""
        word = "and" if isinstance(of, e.And) else "or"
        said: list[str] = []
        waiting = list(of.operands)
        while waiting:
            first = waiting.pop(0)
            alike = [first]
            while waiting and _alike(first, waiting[0]):
                alike.append(waiting.pop(0))
            if len(alike) > 1:
                said.append(self._together(alike, word))
            else:
                said.append(self.condition(first, True))
        text = f" {word} ".join(said)
        return f"({text})" if nested and len(said) > 1 else text

    def _together(self, alike: list[e.Expression], word: str, holds: bool = True) -> str:
        held = [h for h in alike if isinstance(h, e.Held)]
        return f"{self._keys(held[0])} {predicate([h.status for h in held], word, holds)}"

    def _not(self, of: e.Expression) -> str:
        if isinstance(of, e.Held):
            return self._held(of, False)
        if isinstance(of, e.Or) and all(_alike(of.operands[0], o) for o in of.operands):
            return self._together(list(of.operands), "or", False)
        if isinstance(of, e.Not):
            return self.condition(of.operand)
        if isinstance(of, e.Compare) and not any(
            isinstance(side, e.AnyElement) for side in (of.left, of.right)
        ):
            opposite = _OPPOSITE.get(of.operator)
            if opposite is not None:
                return self._compare(e.Compare(opposite, of.left, of.right))
        if isinstance(of, e.TextTest) and not isinstance(of.operand, e.AnyElement):
            return f"{self.value(of.operand)} {_NOT_SO[of.test]} {self.value(of.argument)}"
        if isinstance(of, e.Matches) and not isinstance(of.operand, e.AnyElement):
            return self.condition(of).replace(" matches /", " does not match /", 1)
        if isinstance(of, e.Member):
            return self._member(of, "is not")
        if isinstance(of, e.Missing):
            return f"{self.value(of.operand)} is {'not stated' if of.present else 'stated'}"
        return f"not ({self.condition(of)})"

    def _compare(self, of: e.Compare) -> str:
        said = _COMPARED.get(of.operator, of.operator)
        if getattr(of.left, "type", None) is not None and of.left.type.name == "time":
            said = _IN_TIME.get(of.operator, said)
        return f"{self.value(of.left)} {said} {self.value(of.right)}"

    def _member(self, of: e.Member, verb: str) -> str:
        what = self.value(of.operand)
        if isinstance(of.collection, e.LinkMembers):
            return f"{what} {verb} {self.value(of.collection)}"
        if of.networks:
            return f"{what} {verb} in a network of {self.value(of.collection)}"
        if isinstance(of.collection, e.ListValues) and self._few(of.collection):
            verb = verb if verb == "is" else "is none of"
            return f"{what} {verb} {self.value(of.collection)}"
        return f"{what} {verb} one of {self.value(of.collection)}"

    def _few(self, of: e.ListValues) -> bool:
        """Whether the list is short enough to be said in full."""
        found = self.policy.lists.get(of.name)
        return found is not None and len(found.values) <= LISTED

    def _held(self, of: e.Held, holds: bool = True) -> str:
        lasted = ""
        if of.for_at_least is not None:
            lasted = period_text(of.for_at_least, self.policy, self.clause)
        if kind_of(of.status) and len(of.keys) == 1:
            said = f"{self._keys(of)} {predicate([of.status], holds=holds or bool(lasted))}"
        else:
            verb = "holds" if holds or lasted else "does not hold"
            said = f"`{bare(of.status)}` {verb} for {self._keys(of)}"
        if not lasted:
            return said
        said += f", and has done for at least {lasted}"
        return said if holds else f"not ({said})"

    def _keys(self, of: e.Held) -> str:
        return listed([self._key(key) for key in of.keys])

    def _key(self, of: e.Expression) -> str:
        if isinstance(of, e.LinkMembers):
            return f"{self.value(of.start)} (or {self._reached(of)})"
        return self.value(of)

    def _reached(self, of: e.LinkMembers, many: bool = False) -> str:
        return reached(of.link, of.type.kind in ("party", "person"), many)

    # ---- values ----------------------------------------------------------------------------

    def value(self, of: e.Expression) -> str:
        if isinstance(of, e.Constant):
            return typed_words(plain(of.value, of.type), of.type.name)
        if isinstance(of, e.ParamValue):
            param = param_of(of.name, self.policy, self.clause)
            name = bare(of.name)
            return name if param is None else f"{param.text} ({name})"
        if isinstance(of, e.AttributeOf):
            return f"{of.role}.{of.name}" if of.role not in ("", self.own) else of.name
        if isinstance(of, e.Remembered):
            keys = listed([self._key(k) for k in of.keys])
            return f"the {of.attribute} with which `{bare(of.status)}` began for {keys}"
        if isinstance(of, e.Function):
            return self._function(of)
        if isinstance(of, e.GroupOf):
            return f"the `{bare(of.link)}` group of {self.value(of.member)}"
        if isinstance(of, e.Arithmetic):
            return f"{self.value(of.left)} {of.operator} {self.value(of.right)}"
        if isinstance(of, e.Choice):
            which = "later" if of.later else "earlier"
            return f"the {which} of {listed([self.value(o) for o in of.operands])}"
        return self._many(of)

    def _many(self, of: e.Expression) -> str:
        if isinstance(of, e.Aggregate):
            inner = ""
            if of.operand is not None:
                asked = of.function == "count_if"
                inner = self.condition(of.operand) if asked else self.value(of.operand)
            return _AGGREGATES.get(of.function, of.function).format(inner)
        if isinstance(of, e.Gap):
            return "the time between one and the next"
        if isinstance(of, e.AnyElement):
            return f"any of {self.value(of.collection)}"
        if isinstance(of, e.LinkMembers):
            return f"{self.value(of.start)} or {self._reached(of)}"
        if isinstance(of, e.ListValues):
            return self._list(of)
        if isinstance(of, e.FixedPeriod | e.CalendarPeriod | e.BusinessPeriod):
            return of.text
        return self.condition(of)

    def _list(self, of: e.ListValues) -> str:
        found = self.policy.lists.get(of.name)
        name = bare(of.name)
        if found is None or not self._few(of):
            return f"the list {name}"
        return listed([value_words(plain(v, found.type)) for v in found.values], "or")

    def _function(self, of: e.Function) -> str:
        said = _FUNCTIONS.get(of.name, f"{of.name} of {{}}").format(self.value(of.arguments[0]))
        zones = [str(a.value) for a in of.arguments[1:] if isinstance(a, e.Constant)]
        return f"{said} in {zones[0]}" if zones else said

    # ---- rules -----------------------------------------------------------------------------

    def rule(self, rule: Rule) -> str:
        if isinstance(rule, EventRule):
            return f"Forbidden: any {self._step(rule.step)}."
        if isinstance(rule, RateRule | QuotaRule):
            return self._window(rule)
        if isinstance(rule, SequenceRule):
            return self._sequence(rule)
        return self._obligation(rule)

    def _step(self, step: Step) -> str:
        name = f" (called {step.role})" if step.role and "." not in step.role else ""
        where = f", where {self.condition(step.where)}" if step.where is not None else ""
        return f"{step.text}{name}{where}"

    def _window(self, rule: RateRule | QuotaRule) -> str:
        keys = listed([k.name for k in rule.keys])
        if isinstance(rule, RateRule):
            span = f"within any {period_text(rule.within, self.policy, self.clause)}"
        else:
            span = window_text(rule.window)
        per = f"for one and the same {keys}, " if keys else ""
        where = rule.step.where
        counted = f" Those count where {self.condition(where)}." if where is not None else ""
        quantity = rule.quantity
        if quantity is None:
            return (
                f"Forbidden: {rule.step.text}, taken together {per}{span}, when "
                f"{self.condition(rule.having)}.{counted}"
            )
        least = "at least" if quantity.at_least else "more than"
        number = self.value(quantity.threshold)
        what = rule.step.text
        if quantity.distinct is not None:
            what = f"different {plural(self.value(quantity.distinct))} in {what}"
        return f"Forbidden: {least} {number} {what}, {per}{span}.{counted}"

    def _sequence(self, rule: SequenceRule) -> str:
        first, *later = rule.steps
        said = [f"Forbidden: first {self._step(first.step)}"]
        for step in later:
            limit = period_text(step.within, self.policy, self.clause) if step.within else ""
            within = f"within {limit}" if limit else "at any time later"
            said.append(f"then, {within}, {self._step(step.step)}{self._tied(step)}")
        return "; ".join(said) + "."

    def _tied(self, step: SequenceStep) -> str:
        said = [self._tie(t) for t in step.ties]
        if step.difference is not None:
            ours, theirs = (
                listed([self.value(v) for v in side])
                for side in (step.difference.later, step.difference.earlier)
            )
            said.append(f"{ours} not the same as {theirs}")
        text = f", with {listed(said)}" if said else ""
        for without in step.without:
            ties = listed([self._tie(t) for t in without.ties])
            text += (
                f", and no {self._step(without.step)} in between{f' with {ties}' if ties else ''}"
            )
        return text

    def _tie(self, tie: Tie) -> str:
        if tie.link:
            whom = f"{self.value(tie.later)} or {reached(tie.link)}"
            return f"{self.value(tie.earlier)} being {whom}"
        return f"{self.value(tie.later)} the same as {self.value(tie.earlier)}"

    def _obligation(self, rule: ObligationRule) -> str:
        if rule.within is not None:
            by = f"within {period_text(rule.within, self.policy, self.clause)}"
            if isinstance(rule.within, e.ParamValue):
                by += f" ({bare(rule.within.name)})"
        else:
            by = f"by {self.value(rule.by)}" if rule.by is not None else ""
        ties = [self._tie(t) for t in rule.ties]
        with_ties = f", with {listed(ties)}" if ties else ""
        return (
            f"Required: after {self._step(rule.trigger)}, "
            f"{self._step(rule.fulfilment)}{with_ties}, {by}."
        )

    def binds(self, of: Binds) -> str:
        if isinstance(of.who, e.LinkMembers):
            return f"{self.value(of.who.start)}, and {self._reached(of.who, many=True)}"
        return self.value(of.who)


def _alike(one: e.Expression, other: e.Expression) -> bool:
    """Two statuses asked of the same one, that one verb can say of it."""
    if not (isinstance(one, e.Held) and isinstance(other, e.Held)):
        return False
    return (
        len(one.keys) == 1
        and one.keys == other.keys
        and one.for_at_least is None
        and other.for_at_least is None
        and kind_of(one.status) != ""
        and kind_of(one.status) == kind_of(other.status)
    )
