"""Statuses, links and signals: what begins, lasts and ends, and what counts as one event."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.conditions import condition
from tosrules.language.context import Context
from tosrules.language.diagnostics import Related
from tosrules.language.events import Selected, select
from tosrules.language.kinds import article
from tosrules.language.names import Entry
from tosrules.language.patterns import check_pattern, make_step, single_scope
from tosrules.language.periods import fixed
from tosrules.language.scope import Role, Scope
from tosrules.language.values import value
from tosrules.policy import expressions as p
from tosrules.policy.model import (
    Carried,
    EventRule,
    KeyPart,
    Link,
    LinkChange,
    ObligationRule,
    QuotaRule,
    RateRule,
    Signal,
    Status,
    StatusChange,
)
from tosrules.vocabulary import TIME, Type


def check_lasting(context: Context) -> None:
    """Every status, link and signal of every pack, used or not."""
    for scope in context.scopes.values():
        for entry in scope.entries.values():
            if entry.kind in context.resolvers:
                context.resolve(entry, entry.node.span)


# ---- statuses ------------------------------------------------------------------------------


def _status(context: Context, entry: Entry) -> Status | None:
    node = entry.node
    assert isinstance(node, s.Status)
    report = context.report
    own = node.name.text
    changes: list[StatusChange] = []
    sound = True
    key_types: tuple[Type, ...] | None = None
    remembered: dict[str, set[Type]] = {}
    beginnings: list[Scope] = []
    initially_unknown = False
    after: p.PeriodValue | None = None
    at: p.Expression | None = None
    expiry: s.ExpiresAfter | s.ExpiresAt | None = None
    for item in node.items:
        if isinstance(item, s.InitiallyUnknown):
            initially_unknown = True
        elif isinstance(item, s.ExpiresAfter | s.ExpiresAt):
            if expiry is not None:
                report.error(
                    "said-twice",
                    f"status `{own}` says twice when it expires",
                    item.span,
                    help="keep one of the two",
                    related=(Related(expiry.span, "said here first"),),
                )
                sound = False
            expiry = item
        else:
            found = _change(context, entry, item)
            if found is None:
                sound = False
                continue
            change, scope, selected = found
            kinds = tuple(k.type for k in change.keys)
            if key_types is None:
                key_types = kinds
            elif kinds != key_types:
                report.error(
                    "keys-differ",
                    f"status `{own}` is kept per {_kinds(key_types)} above, and per "
                    f"{_kinds(kinds)} here",
                    item.keys[0].span,
                    help="begin and end it for the same kinds of things, in the same order",
                )
                sound = False
            if change.begins:
                beginnings.append(scope)
                for group in selected.groups:
                    for name, kind in group.items():
                        remembered.setdefault(name, set()).add(kind)
            changes.append(change)
    damaged = own in report.damaged
    if not any(c.begins for c in changes) and sound and not damaged:
        report.error(
            "never-begins",
            f"status `{own}` never begins",
            node.name.span,
            help="add `begins on … for …`",
        )
        sound = False
    if isinstance(expiry, s.ExpiresAfter) and beginnings:
        after = fixed(expiry.duration, beginnings[0])
        sound = sound and after is not None
    if isinstance(expiry, s.ExpiresAt) and beginnings:
        at = _expiry(expiry.expression, beginnings, own)
        sound = sound and at is not None
    if not sound or key_types is None:
        return None
    attributes = {n: next(iter(k)) for n, k in remembered.items() if len(k) == 1}
    attributes["time"] = TIME
    return Status(
        entry.qualified,
        key_types,
        tuple(changes),
        initially_unknown,
        after,
        at,
        attributes,
        span=node.span,
    )


def _change(
    context: Context, entry: Entry, node: s.StatusChange
) -> tuple[StatusChange, Scope, Selected] | None:
    selected = select(context, entry.scope, node.events)
    if selected is None:
        return None
    scope = single_scope(context, entry.scope, selected, None)
    where = condition(node.where, scope) if node.where is not None else None
    keys = [_key(key, scope) for key in node.keys]
    if (node.where is not None and where is None) or any(k is None for k in keys):
        return None
    step = make_step("", selected, where, node.events)
    kept = tuple(k for k in keys if k is not None)
    return StatusChange(node.begins, step, kept, span=node.span), scope, selected


def _key(node: s.Key, scope: Scope) -> p.Expression | None:
    found = value(node.expression, scope)
    if found is None:
        return None
    if not isinstance(found, p.AttributeOf) or found.type.name in ("list", "boolean"):
        scope.report.error(
            "bad-key",
            f"a status is kept for one thing at a time, and this is {article(found.type)}",
            node.span,
            help="name attributes that refer to somebody or something: `for target`, "
            "`for target, subject`",
        )
        return None
    return found


def _kinds(kinds: tuple[Type, ...]) -> str:
    return " and ".join(str(k) for k in kinds)


def _expiry(node: s.Expression, beginnings: list[Scope], own: str) -> p.Expression | None:
    """The expiry asked of every beginning; each must have the attributes it reads."""
    merged: dict[str, frozenset[Type]] = {}
    for scope in beginnings:
        assert scope.bare is not None
        for name, kinds in scope.bare.attributes.items():
            merged[name] = merged.get(name, frozenset()) | kinds
    first = beginnings[0]
    role = Role("", f"what begins status `{own}`", merged)
    found = value(node, Scope(first.context, first.pack, {}, role))
    if found is None:
        return None
    if found.type != TIME:
        first.report.error(
            "wrong-type",
            f"a status expires at a time, and this is {article(found.type)}",
            node.span,
            help="say `expires after 30 days` for a length of time",
        )
        return None
    return found


# ---- links ---------------------------------------------------------------------------------


def _link(context: Context, entry: Entry) -> Link | None:
    node = entry.node
    assert isinstance(node, s.Link)
    report = context.report
    own = node.name.text
    changes: list[LinkChange] = []
    sound = True
    shape: tuple[bool, Type, Type] | None = None
    for item in node.items:
        selected = select(context, entry.scope, item.events)
        if selected is None:
            sound = False
            continue
        scope = single_scope(context, entry.scope, selected, None)
        where = condition(item.where, scope) if item.where is not None else None
        ends = [value(end, scope) for end in (item.tie.first, item.tie.second)]
        if (item.where is not None and where is None) or any(e is None for e in ends):
            sound = False
            continue
        first, second = (e for e in ends if e is not None)
        sound = _tied(context, item, first, second) and sound
        found = (item.tie.directed, first.type, second.type)
        if shape is None:
            shape = found
        elif shape != found:
            report.error(
                "keys-differ",
                f"link `{own}` is {_shape(shape, found)} above, and {_shape(found, shape)} here",
                item.tie.span,
                help="begin and end it the same way, between the same kinds of things",
            )
            sound = False
        step = make_step("", selected, where, item.events)
        changes.append(LinkChange(item.begins, step, first, second, span=item.span))
    if not any(c.begins for c in changes) and sound and own not in report.damaged:
        report.error(
            "never-begins",
            f"link `{own}` never begins",
            node.name.span,
            help="add `begins on … from … to …` or `begins on … between … and …`",
        )
        sound = False
    if not sound or shape is None:
        return None
    return Link(entry.qualified, *shape, tuple(changes), span=node.span)


def _tied(context: Context, item: s.LinkChange, first: p.Expression, second: p.Expression) -> bool:
    for end, node in ((first, item.tie.first), (second, item.tie.second)):
        if not isinstance(end, p.AttributeOf) or end.type.name != "reference":
            context.report.error(
                "bad-tie",
                f"a link ties references, and `{node.text}` is {article(end.type)}",
                node.span,
                help="name attributes that refer to a party, an account, a device …",
            )
            return False
    if item.tie.directed and first.type != second.type:
        context.report.error(
            "bad-tie",
            f"`from … to …` ties two of one kind, and `{item.tie.first.text}` is of kind "
            f"{first.type}, `{item.tie.second.text}` of kind {second.type}",
            item.tie.span,
            help=f"tie different kinds by `between {item.tie.first.text} and "
            f"{item.tie.second.text}`",
        )
        return False
    return True


def _shape(shape: tuple[bool, Type, Type], other: tuple[bool, Type, Type]) -> str:
    directed, first, second = shape
    if directed != other[0]:
        return "`from … to …`" if directed else "`between … and …`"
    return f"from {first} to {second}" if directed else f"between {first} and {second}"


# ---- signals -------------------------------------------------------------------------------


def _signal(context: Context, entry: Entry) -> Signal | None:
    node = entry.node
    assert isinstance(node, s.Signal)
    found = check_pattern(context, entry.scope, node.pattern)
    if found is None:
        return None
    rule, scope = found
    own = node.name.text
    if isinstance(rule, EventRule | ObligationRule):
        context.report.error(
            "signal-of-one",
            f"signal `{own}` is neither a rate nor a sequence, but each single event",
            node.pattern.span,
            help="name event types by `events`, and a condition on them by `define`",
        )
        return None
    if isinstance(rule, QuotaRule) and node.pattern.having is not None:
        context.report.error(
            "quota-signal",
            "a calendar window is judged when it is over, so only `more than` and `at least` "
            "can be a signal",
            node.pattern.having.span,
            help="say `more than …` or `at least …`, or use a window `within …`",
        )
        return None
    carried: dict[str, Carried] = {}
    if isinstance(rule, RateRule | QuotaRule):
        for key in rule.keys:
            carried[key.name] = _from_key(key)
    sound = True
    for give in node.carrying:
        value_found = value(give.value, scope)
        if value_found is None:
            sound = False
            continue
        name = give.name.text
        if name in carried or name in ("time", "id", "type"):
            context.report.error(
                "duplicate-name",
                f"signal `{own}` already has an attribute `{name}`",
                give.span,
                help="carry it under another name",
            )
            sound = False
            continue
        carried[name] = Carried(name, value_found, value_found.type)
    if not sound:
        return None
    return Signal(entry.qualified, rule, tuple(carried.values()), span=node.span)


def _from_key(key: KeyPart) -> Carried:
    return Carried(key.name, key.value, key.type)


RESOLVERS = {"status": _status, "link": _link, "signal": _signal}
"""The pass for each kind of thing that lasts."""
