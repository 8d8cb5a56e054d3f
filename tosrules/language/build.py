"""Words and rules of the grammar → syntax: one short method for each rule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tosrules.language import syntax as s
from tosrules.language.machine import Refused, Token
from tosrules.span import Span

Part = Any
"""A built node, a token, or None where an optional part is absent."""


def _only(parts: Iterable[Part], kind: type | tuple[type, ...]) -> Any:
    return next((p for p in parts if isinstance(p, kind)), None)


def _all(parts: Iterable[Part], kind: type | tuple[type, ...]) -> tuple[Any, ...]:
    return tuple(p for p in parts if isinstance(p, kind))


class _Where:
    """A `where` condition on its way to the node it belongs to."""

    def __init__(self, condition: s.Expression) -> None:
        self.condition = condition


class _Alias:
    def __init__(self, name: s.Name) -> None:
        self.name = name


class _Distinct:
    def __init__(self, expression: s.Expression) -> None:
        self.expression = expression


class _Having:
    def __init__(self, condition: s.Expression) -> None:
        self.condition = condition


class _By:
    def __init__(self, expression: s.Expression) -> None:
        self.expression = expression


class _Until:
    """A list of parts that only serves its parent."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts


def _condition(part: Part) -> s.Expression | None:
    return part.condition if part is not None else None


def _name_of(part: Part) -> s.Name | None:
    return part.name if part is not None else None


class Builder:
    """Builds the syntax of one file, bottom up: `on_RULE(parts, span)` for each rule."""

    def token(self, token: Token) -> Part:
        """A word of the text; those that only have a kind stay tokens."""
        kind, text, span = token
        match kind:
            case "NAME":
                return s.Name(text, span=span)
            case "TEXT":
                return s.Text(_text(text, span), span=span)
            case "NUMBER":
                return s.Number(_number(text, span), span=span)
            case "DATE":
                return s.Date(_date(text, span), span=span)
            case "DATETIME":
                return s.Moment(_moment(text, span), span=span)
            case _:
                return token

    # ---- file and header ----------------------------------------------------------------
    def on_file(self, p: list[Part], span: Span) -> s.File:
        pack = _only(p, s.Pack)
        return s.File(pack, tuple(x for x in p if x is not None and x is not pack), span=span)

    def on_pack(self, p: list[Part], span: Span) -> s.Pack:
        return s.Pack(*p, span=span)

    def on_import_file(self, p: list[Part], span: Span) -> s.Import:
        return s.Import(p[0], None, None, span=span)

    def on_import_pack(self, p: list[Part], span: Span) -> s.Import:
        return s.Import(None, p[0], p[1], span=span)

    # ---- vocabulary ------------------------------------------------------------------------
    def on_common(self, p: list[Part], span: Span) -> s.Common:
        return s.Common(_all(p, s.AttributeDeclaration), span=span)

    def on_event(self, p: list[Part], span: Span) -> s.EventDeclaration:
        return s.EventDeclaration(
            p[0], _only(p, s.Text), _all(p, s.AttributeDeclaration), span=span
        )

    def on_presence(self, p: list[Part], _span: Span) -> bool:
        return len(p) == 1

    def on_type(self, p: list[Part], _span: Span) -> _Until:
        return _Until((p[0] is not None, p[1]))

    def on_attribute(self, p: list[Part], span: Span) -> s.AttributeDeclaration:
        required, path, *marks, kind = p
        words = [str(m) for m in marks]
        return s.AttributeDeclaration(
            path,
            required,
            "secret" in words,
            "personal" in words,
            kind.parts[0],
            kind.parts[1],
            span=span,
        )

    # ---- sources, lists, calendars, params, defines ---------------------------------------
    def on_source(self, p: list[Part], span: Span) -> s.Source:
        return s.Source(p[0], tuple(p[1:]), span=span)

    def on_source_text(self, p: list[Part], span: Span) -> s.SourceField:
        return s.SourceField(str(p[0]), p[1], span=span)

    def on_jurisdiction(self, p: list[Part], span: Span) -> s.SourceField:
        return s.SourceField("jurisdiction", p[0], span=span)

    def on_unverified(self, p: list[Part], span: Span) -> s.SourceField:
        return s.SourceField("unverified", p[0], span=span)

    def on_effective(self, p: list[Part], span: Span) -> s.Effective:
        return s.Effective(*p, span=span)

    def on_list(self, p: list[Part], span: Span) -> s.List:
        parts = p[1].parts
        if parts and parts[0] == "file":
            return s.List(p[0], parts[1], (), span=span)
        return s.List(p[0], None, parts[1:], span=span)

    def on_list_file(self, p: list[Part], _span: Span) -> _Until:
        return _Until(("file", p[0]))

    def on_list_items(self, p: list[Part], _span: Span) -> _Until:
        return _Until(("items", *(x for x in p if x is not None)))

    def on_calendar(self, p: list[Part], span: Span) -> s.Calendar:
        return s.Calendar(*p, span=span)

    def on_param(self, p: list[Part], span: Span) -> s.Param:
        return s.Param(*p, span=span)

    def on_chosen(self, p: list[Part], span: Span) -> s.ChosenBecause:
        return s.ChosenBecause(p[0], span=span)

    def on_stated(self, p: list[Part], span: Span) -> s.StatedIn:
        return s.StatedIn(*p, span=span)

    def on_define(self, p: list[Part], span: Span) -> s.Define:
        return s.Define(p[0], p[1].parts if p[1] is not None else (), p[2], span=span)

    def on_define_parameters(self, p: list[Part], _span: Span) -> _Until:
        return _Until(tuple(p))

    def on_events(self, p: list[Part], span: Span) -> s.Events:
        return s.Events(*p, span=span)

    # ---- statuses, links, signals -----------------------------------------------------------
    def on_status(self, p: list[Part], span: Span) -> s.Status:
        return s.Status(p[0], tuple(p[1:]), span=span)

    def _status_change(self, begins: bool, p: list[Part], span: Span) -> s.StatusChange:
        return s.StatusChange(begins, p[0], _condition(p[1]), p[2].parts, span=span)

    def on_status_begins(self, p: list[Part], span: Span) -> s.StatusChange:
        return self._status_change(True, p, span)

    def on_status_ends(self, p: list[Part], span: Span) -> s.StatusChange:
        return self._status_change(False, p, span)

    def on_expires_after(self, p: list[Part], span: Span) -> s.ExpiresAfter:
        return s.ExpiresAfter(p[0], span=span)

    def on_expires_at(self, p: list[Part], span: Span) -> s.ExpiresAt:
        return s.ExpiresAt(p[0], span=span)

    def on_initially_unknown(self, _p: list[Part], span: Span) -> s.InitiallyUnknown:
        return s.InitiallyUnknown(span=span)

    def on_link(self, p: list[Part], span: Span) -> s.Link:
        return s.Link(p[0], tuple(p[1:]), span=span)

    def on_link_begins(self, p: list[Part], span: Span) -> s.LinkChange:
        return s.LinkChange(True, p[0], _condition(p[1]), p[2], span=span)

    def on_link_ends(self, p: list[Part], span: Span) -> s.LinkChange:
        return s.LinkChange(False, p[0], _condition(p[1]), p[2], span=span)

    def on_directed_tie(self, p: list[Part], span: Span) -> s.Tie:
        return s.Tie(True, p[0], p[1], span=span)

    def on_mutual_tie(self, p: list[Part], span: Span) -> s.Tie:
        return s.Tie(False, p[0], p[1], span=span)

    def on_signal(self, p: list[Part], span: Span) -> s.Signal:
        return s.Signal(p[0], p[1], _all(p, s.Carried), span=span)

    def on_carried(self, p: list[Part], span: Span) -> s.Carried:
        return s.Carried(*p, span=span)

    # ---- clauses ------------------------------------------------------------------------------
    def on_clause(self, p: list[Part], span: Span) -> s.Clause:
        return s.Clause(p[0], p[1], tuple(p[2:]), span=span)

    def on_cite(self, p: list[Part], span: Span) -> s.Cite:
        return s.Cite(p[0], p[1], p[2], False, span=span)

    def on_modelled(self, p: list[Part], span: Span) -> s.Cite:
        return s.Cite(p[0], p[1], p[2], True, span=span)

    def on_law(self, p: list[Part], span: Span) -> s.Law:
        return s.Law(*p, span=span)

    def on_severity(self, p: list[Part], span: Span) -> s.Severity:
        return s.Severity(*p, span=span)

    def on_binds(self, p: list[Part], span: Span) -> s.Binds:
        return s.Binds(p[0] is not None, p[1], span=span)

    def on_applies(self, p: list[Part], span: Span) -> s.Applies:
        return s.Applies(p[0], span=span)

    def on_together(self, p: list[Part], span: Span) -> s.Together:
        return s.Together(p[0], span=span)

    def on_same_rules(self, p: list[Part], span: Span) -> s.SameRules:
        return s.SameRules(p[0], span=span)

    def on_unless(self, p: list[Part], span: Span) -> s.Unless:
        return s.Unless(p[0], p[1], _condition(p[2]), span=span)

    def on_under(self, p: list[Part], span: Span) -> s.Under:
        return s.Under(*p, span=span)

    def on_but_not(self, p: list[Part], _span: Span) -> _Where:
        return _Where(p[0])

    def on_remedy(self, p: list[Part], span: Span) -> s.Remedy:
        return s.Remedy(p[0], span=span)

    def on_forbid(self, p: list[Part], span: Span) -> s.Forbid:
        return s.Forbid(p[0], span=span)

    def on_require(self, p: list[Part], span: Span) -> s.Require:
        trigger, alias, where, fulfilment, fulfilment_alias, due, fulfilment_where = p
        return s.Require(
            trigger,
            _name_of(alias),
            _condition(where),
            fulfilment,
            _name_of(fulfilment_alias),
            None if isinstance(due, _By) else due,
            due.expression if isinstance(due, _By) else None,
            _condition(fulfilment_where),
            span=span,
        )

    def on_due_within(self, p: list[Part], _span: Span) -> Part:
        return p[0]

    def on_due_by(self, p: list[Part], _span: Span) -> _By:
        return _By(p[0])

    # ---- patterns -----------------------------------------------------------------------------
    def on_pattern(self, p: list[Part], span: Span) -> s.Pattern:
        return s.Pattern(
            p[0],
            p[1],
            _name_of(p[2]),
            p[3],
            _condition(p[4]),
            _condition(p[5]),
            tuple(p[6:]),
            span=span,
        )

    def on_quantity(self, p: list[Part], span: Span) -> s.Quantity:
        distinct = p[2].expression if p[2] is not None else None
        return s.Quantity(p[0], p[1], distinct, span=span)

    def on_more_than(self, _p: list[Part], _span: Span) -> bool:
        return False

    def on_at_least(self, _p: list[Part], _span: Span) -> bool:
        return True

    def on_scaled(self, p: list[Part], span: Span) -> s.Scaled:
        return s.Scaled(*p, span=span)

    def on_distinct(self, p: list[Part], _span: Span) -> _Distinct:
        return _Distinct(p[0])

    def on_window(self, p: list[Part], span: Span) -> s.Window:
        return s.Window(p[0].parts, p[1], span=span)

    def on_within(self, p: list[Part], span: Span) -> s.Within:
        return s.Within(p[0], span=span)

    def on_each(self, p: list[Part], span: Span) -> s.Each:
        amount = p[0].text if p[0] is not None else "1"
        return s.Each(amount, _unit(p[1]), p[2], span=span)

    def on_in_total(self, _p: list[Part], span: Span) -> s.InTotal:
        return s.InTotal(span=span)

    def on_having(self, p: list[Part], _span: Span) -> _Having:
        return _Having(p[0])

    def on_then(self, p: list[Part], span: Span) -> s.Then:
        within = p[2].duration if isinstance(p[2], s.Within) else None
        return s.Then(p[0], _name_of(p[1]), within, _condition(p[3]), tuple(p[4:]), span=span)

    def on_later(self, _p: list[Part], _span: Span) -> str:
        return "later"

    def on_without(self, p: list[Part], span: Span) -> s.Without:
        return s.Without(p[0], _name_of(p[1]), _condition(p[2]), span=span)

    def on_key_list(self, p: list[Part], _span: Span) -> _Until:
        return _Until(tuple(p))

    def on_key(self, p: list[Part], span: Span) -> s.Key:
        return s.Key(p[0], _name_of(p[1]), span=span)

    def on_where(self, p: list[Part], _span: Span) -> _Where:
        return _Where(p[0])

    def on_alias(self, p: list[Part], _span: Span) -> _Alias:
        return _Alias(p[0])

    def on_event_set(self, p: list[Part], span: Span) -> s.EventSet:
        return s.EventSet(tuple(p), span=span)

    def on_event_name(self, p: list[Part], span: Span) -> s.EventName:
        return s.EventName(p[0].text, False, span=span)

    def on_event_prefix(self, p: list[Part], span: Span) -> s.EventName:
        return s.EventName(str(p[0])[:-2], True, span=span)

    # ---- overlays and tests --------------------------------------------------------------------
    def on_overlay(self, p: list[Part], span: Span) -> s.Overlay:
        return s.Overlay(p[0], p[1], tuple(p[2:]), span=span)

    def on_overlay_set(self, p: list[Part], span: Span) -> s.OverlaySet:
        return s.OverlaySet(*p, span=span)

    def on_overlay_unless(self, p: list[Part], span: Span) -> s.OverlayUnless:
        but_not = _condition(p[2])
        end = (but_not or p[1]).span
        unless = s.Unless(p[0], p[1], but_not, span=span.to(end))
        return s.OverlayUnless(unless, p[3], span=span)

    def on_overlay_off(self, p: list[Part], span: Span) -> s.OverlayOff:
        return s.OverlayOff(p[0], span=span)

    def on_test(self, p: list[Part], span: Span) -> s.Test:
        return s.Test(p[0], tuple(p[1:]), span=span)

    def on_test_observed(self, p: list[Part], span: Span) -> s.TestObserved:
        return s.TestObserved(*p, span=span)

    def on_test_set(self, p: list[Part], span: Span) -> s.TestSet:
        return s.TestSet(*p, span=span)

    def on_given(self, p: list[Part], span: Span) -> s.Given:
        number, path, alias, (every, start), members = p
        return s.Given(
            number,
            path,
            _name_of(alias),
            every,
            start,
            members.parts if members is not None else (),
            span=span,
        )

    def on_at(self, p: list[Part], _span: Span) -> tuple[None, Part]:
        return (None, p[0])

    def on_every(self, p: list[Part], _span: Span) -> tuple[Part, Part]:
        return (p[0], p[1])

    def on_moment(self, p: list[Part], _span: Span) -> Part:
        return p[0]

    def on_after(self, p: list[Part], span: Span) -> s.After:
        return s.After(*p, span=span)

    def on_object(self, p: list[Part], _span: Span) -> _Until:
        return _Until(_all(p, s.MemberValue))

    def on_member(self, p: list[Part], span: Span) -> s.MemberValue:
        return s.MemberValue(*p, span=span)

    def on_literal_list(self, p: list[Part], span: Span) -> s.LiteralList:
        return s.LiteralList(tuple(x for x in p if x is not None), span=span)

    def on_negative_literal(self, p: list[Part], span: Span) -> s.Number:
        return s.Number("-" + p[0].text, span=span)

    def on_expect(self, p: list[Part], span: Span) -> s.Expect:
        return s.Expect(p[0], p[1], tuple(p[2:]), span=span)

    def on_verdict(self, p: list[Part], _span: Span) -> str:
        return " ".join(str(x) for x in p)

    def on_told_by(self, p: list[Part], span: Span) -> s.Told:
        return s.Told("by", p[0], span=span)

    def on_told_count(self, p: list[Part], span: Span) -> s.Told:
        what = "findings" if str(p[1]).startswith("finding") else "matches"
        return s.Told(what, p[0], span=span)

    def on_told_severity(self, p: list[Part], span: Span) -> s.Told:
        return s.Told("severity", p[0], span=span)

    def on_told_first(self, p: list[Part], span: Span) -> s.Told:
        return s.Told("first", p[0], span=span)

    def on_told_last(self, p: list[Part], span: Span) -> s.Told:
        return s.Told("last", p[0], span=span)

    def on_told_due(self, p: list[Part], span: Span) -> s.Told:
        return s.Told("due", p[0], span=span)

    def on_qualified(self, p: list[Part], span: Span) -> s.Qualified:
        first, second = p
        if second is None:
            return s.Qualified("", first.text, span=span)
        return s.Qualified(first.text, second.text, span=span)

    # ---- durations ----------------------------------------------------------------------------
    def on_duration(self, p: list[Part], span: Span) -> s.Duration:
        return s.Duration(p[0].text, _unit(p[1]), span=span)

    def on_calendar_period(self, p: list[Part], span: Span) -> s.CalendarPeriod:
        return s.CalendarPeriod(p[0].text, _unit(p[1]), p[2], span=span)

    def on_business_period(self, p: list[Part], span: Span) -> s.BusinessPeriod:
        return s.BusinessPeriod(p[0].text, _unit(p[1]), p[2], span=span)

    # ---- expressions --------------------------------------------------------------------------
    def on_or(self, p: list[Part], span: Span) -> s.Or:
        return s.Or(tuple(p), span=span)

    def on_and(self, p: list[Part], span: Span) -> s.And:
        return s.And(tuple(p), span=span)

    def on_not(self, p: list[Part], span: Span) -> s.Not:
        return s.Not(p[0], span=span)

    def on_compare(self, p: list[Part], span: Span) -> s.Compare:
        return s.Compare(p[0], str(p[1]), p[2], span=span)

    def on_tuple_differs(self, p: list[Part], span: Span) -> s.TupleDiffers:
        return s.TupleDiffers(p[0].parts, p[1].parts, span=span)

    def on_tuple(self, p: list[Part], _span: Span) -> _Until:
        return _Until(tuple(p))

    def on_missing(self, p: list[Part], span: Span) -> s.Missing:
        return s.Missing(p[0], str(p[-1]) == "present", span=span)

    def on_matches(self, p: list[Part], span: Span) -> s.Matches:
        _, regex, place = p[2]
        ignore_case = regex.endswith("/i")
        return s.Matches(
            p[0],
            regex[1 : -2 if ignore_case else -1].replace("\\/", "/"),
            ignore_case,
            p[1].type == "DOES_NOT_MATCH",
            pattern_span=place,
            span=span,
        )

    def on_member_of(self, p: list[Part], span: Span) -> s.Member:
        return s.Member(p[0], p[2], p[1].type == "NOT_IN", span=span)

    def on_text_test(self, p: list[Part], span: Span) -> s.TextTest:
        words = " ".join(" ".join(str(w).split()) for w in p[1:-1])
        return s.TextTest(p[0], words, p[-1], span=span)

    def on_held_for(self, p: list[Part], span: Span) -> s.HeldFor:
        return s.HeldFor(p[0], p[1], span=span)

    def on_add(self, p: list[Part], span: Span) -> s.Arithmetic:
        return s.Arithmetic(p[0], str(p[1]), p[2], span=span)

    on_multiply = on_add

    def on_negate(self, p: list[Part], span: Span) -> s.Negate:
        return s.Negate(p[1], span=span)

    def on_parenthesised(self, p: list[Part], span: Span) -> s.Parenthesised:
        return s.Parenthesised(p[0], span=span)

    def on_any_of(self, p: list[Part], span: Span) -> s.AnyOf:
        return s.AnyOf(p[0], span=span)

    def on_choice(self, p: list[Part], span: Span) -> s.Choice:
        return s.Choice(str(p[0]), tuple(p[1:]), span=span)

    def on_call(self, p: list[Part], span: Span) -> s.Call:
        attribute = p[-1] if isinstance(p[-1], s.Path) else None
        arguments = tuple(x for x in p[1:-1] if x is not None)
        return s.Call(p[0], arguments, attribute, span=span)

    def on_name(self, p: list[Part], _span: Span) -> s.Name:
        return p[0]  # type: ignore[no-any-return]

    def on_path_name(self, p: list[Part], _span: Span) -> s.Path:
        return p[0]  # type: ignore[no-any-return]

    def on_path(self, p: list[Part], span: Span) -> s.Path:
        return s.Path(".".join(n.text for n in p), span=span)

    def on_text(self, p: list[Part], _span: Span) -> s.Text:
        return p[0]  # type: ignore[no-any-return]

    def on_number(self, p: list[Part], _span: Span) -> s.Number:
        return p[0]  # type: ignore[no-any-return]

    def on_date(self, p: list[Part], _span: Span) -> s.Date:
        return p[0]  # type: ignore[no-any-return]

    def on_boolean(self, p: list[Part], span: Span) -> s.Boolean:
        return s.Boolean(str(p[0]) == "true", span=span)


def _unit(token: Token) -> str:
    return token.text.removesuffix("s")


def _number(written: str, span: Span) -> str:
    digits = written.replace("_", "")
    if digits[0] == "0" and digits[1:2].isdigit():
        raise Refused("number-form", f"a number does not begin with `0`: `{written}`", span)
    return digits


def _text(written: str, span: Span) -> str:
    value: str = json.loads(written)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(
            "bad-escape",
            "this text holds half of a character: `\\ud800` to `\\udfff` only make one in pairs",
            span,
            "write the character itself",
        ) from None
    if "\0" in value:
        raise Refused("bad-escape", "a text cannot hold the character `\\u0000`", span)
    return value


def _date(written: str, span: Span) -> str:
    from datetime import date

    try:
        date.fromisoformat(written)
    except ValueError:
        raise Refused(
            "no-such-date",
            f"there is no day `{written}`",
            span,
            "a date is written year, month, day: `2020-06-01`",
        ) from None
    return written


def _moment(written: str, span: Span) -> str:
    from datetime import datetime

    fraction = written.partition(".")[2].rstrip("Z").partition("+")[0].partition("-")[0]
    if len(fraction) > 6:
        raise Refused(
            "no-such-time", f"`{written}` is finer than a microsecond", span, "six digits at most"
        )
    try:
        datetime.fromisoformat(written)
    except ValueError:
        raise Refused(
            "no-such-time",
            f"there is no time `{written}`",
            span,
            "a time is written `2020-06-01T10:00:00Z` or `2020-06-01T12:00:00+02:00`",
        ) from None
    return written
