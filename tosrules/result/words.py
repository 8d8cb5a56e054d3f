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
            joint = " and " if isinstance(of, e.And) else " or "
            text = joint.join(self.condition(o, True) for o in of.operands)
            return f"({text})" if nested else text
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
            return self._held(of, "holds")
        return f"{self.value(of)} is true"

    def _not(self, of: e.Expression) -> str:
        if isinstance(of, e.Held):
            return self._held(of, "does not hold")
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
        return f"{what} {verb} one of {self.value(of.collection)}"

    def _held(self, of: e.Held, verb: str) -> str:
        keys = listed([self.value(k) for k in of.keys])
        said = f"`{bare(of.status)}` {verb} for {keys}"
        if of.for_at_least is not None:
            lasted = period_text(of.for_at_least, self.policy, self.clause)
            said += f", and has done for at least {lasted}"
        return said

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
            keys = listed([self.value(k) for k in of.keys])
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
            return f"{self.value(of.start)} or whom it reaches by `{bare(of.link)}`"
        if isinstance(of, e.ListValues):
            return self._list(of)
        if isinstance(of, e.FixedPeriod | e.CalendarPeriod | e.BusinessPeriod):
            return of.text
        return self.condition(of)

    def _list(self, of: e.ListValues) -> str:
        found = self.policy.lists.get(of.name)
        name = bare(of.name)
        if found is None or len(found.values) > 8:
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
            whom = f"{self.value(tie.later)} or whom it reaches by `{bare(tie.link)}`"
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
            reached = f"whoever {self.value(of.who.start)} reaches by `{bare(of.who.link)}`"
            return f"{self.value(of.who.start)}, and {reached}"
        return self.value(of.who)
