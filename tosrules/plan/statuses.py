"""Statuses in the plan: what is held of each key after each of its changes, by running
maxima over stretches between ends (semantics U1 to U4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tosrules.plan.asks import Asking
from tosrules.plan.conditions import condition, value
from tosrules.plan.expr import (
    BEFORE,
    FALSE,
    SO_FAR,
    Expr,
    both,
    case,
    col,
    either,
    eq,
    lit,
    missing,
    negation,
    null,
    op,
    possibly,
    present,
    surely,
)
from tosrules.plan.relation import Relation, Table, aggregate, over, union
from tosrules.plan.scope import Scope, column_name
from tosrules.policy.model import Status, StatusChange
from tosrules.record import Record

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner


class StatusTables(Record):
    """What is known of one status."""

    status: Status
    keys: tuple[str, ...]
    """Names of the key columns: `k0`, `k1`, …"""
    states: Table
    """Per key and order of a change, what is held after it: `sure_until`, `possible_until`,
    `sure_since`, `possible_since`, `latest` (order of the latest sure beginning), `doubtful`."""
    changes: Table
    """Every beginning and end, with `pos` and `t`."""
    remembered: Table | None
    """Per key and order of a sure beginning, the attributes that somebody may ask."""
    lasts: int | None
    """Microseconds for which a beginning holds at most; None if that differs or has no end."""
    keyless: Table
    """One row: `n` beginnings and ends that name no key."""


class Statuses:
    """The statuses of a policy, planned when first asked."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._known: dict[str, StatusTables] = {}

    def of(self, name: str) -> StatusTables:
        found = self._known.get(name)
        if found is None:
            status = self._planner.policy.statuses[name]
            found = self._known[name] = _plan(self._planner, status)
        return found

    def planned(self) -> dict[str, StatusTables]:
        return dict(self._known)


def _plan(planner: Planner, status: Status) -> StatusTables:
    own = status.name.rpartition("/")[2]
    keys = tuple(f"k{n}" for n in range(len(status.key_types)))
    found = planner.make(
        union(*(_changes(planner, status, change, keys) for change in status.changes)),
        f"{own}_changes",
        f"what begins and ends `{own}`",
    )
    keyless = planner.make(
        found.where(either(*(missing(col(k)) for k in keys))).group([], n=aggregate("count")),
        f"{own}_keyless",
        f"beginnings and ends of `{own}` that name no key",
    )
    changes = found.where(*(present(col(k)) for k in keys))
    remembered = None
    names = [n for n in found.columns if n.startswith("r:")]
    if names:
        remembered = planner.make(
            changes.where(col("begins"), col("sure")).group(
                [*keys, "ord"], **{n: aggregate("max", col(n)) for n in names}
            ),
            f"{own}_remembered",
            f"what beginnings of `{own}` say",
        )
    states = planner.make(
        _states(changes, keys, status.initially_unknown),
        f"{own}_states",
        f"what is known of `{own}` after each change",
    )
    slim = planner.make(
        changes.project(*keys, "ord", "pos", "t"), f"{own}_marks", f"when `{own}` changed"
    )
    lasts = None
    if status.expires_after is not None and not status.initially_unknown:
        lasts = planner.length(status.expires_after, Scope(planner, {}, "", {}))
    return StatusTables(status, keys, states, slim, remembered, lasts, keyless)


def _changes(
    planner: Planner, status: Status, change: StatusChange, keys: tuple[str, ...]
) -> Relation:
    from tosrules.plan.planner import FOREVER

    remembered = list(status.attributes.items()) if change.begins else []
    asked: list[Any] = [change.step.where, *change.keys]
    if change.begins:
        asked.append(status.expires_at)
    attributes = planner.attributes(*(x for x in asked if x is not None))
    attributes |= {(n, of) for n, of in remembered}
    scope = Scope(planner, {"": "", change.step.role: ""}, "", {})
    asking = Asking(planner, planner.occurrences(change.step, attributes), scope)
    asking.narrow(change.step.where)
    asking.ask(*(x for x in asked if x is not None))
    met = condition(change.step.where, scope)
    expiry: Expr = lit(FOREVER)
    if change.begins and status.expires_after is not None:
        expiry = op("+", col("t"), lit(planner.length(status.expires_after, scope)))
    elif change.begins and status.expires_at is not None:
        from tosrules.plan.values import whole_instant

        expiry = op("coalesce", whole_instant(value(status.expires_at, scope)), lit(FOREVER))
    made: dict[str, Expr] = {
        **{k: value(e, scope).expr for k, e in zip(keys, change.keys, strict=True)},
        "ord": col("ord"),
        "pos": col("pos"),
        "t": col("t"),
        "begins": lit(change.begins),
        "sure": surely(met),
        "expiry": expiry,
    }
    for name, of in status.attributes.items():
        from tosrules.plan.values import kind_of

        read = scope.read("", name, of).expr if change.begins else null(kind_of(of))
        made[f"r:{column_name(name, of)}"] = read
    return asking.relation.where(possibly(met)).project(**made)


def _states(changes: Relation, keys: tuple[str, ...], initially_unknown: bool) -> Relation:
    from tosrules.plan.planner import FOREVER, NEVER

    by = [col(k) for k in keys]
    # One event that both ends and begins: ends first. A sure change after a possible one.
    order = [
        col("ord"),
        case((col("begins"), lit(1)), otherwise=lit(0)),
        case((col("sure"), lit(1)), otherwise=lit(0)),
    ]
    begins, sure = col("begins"), col("sure")
    ends = negation(begins)
    one = lit(1)

    def number(when: Expr) -> Expr:
        counted = case((when, one), otherwise=lit(0))
        return over("sum", counted, by=by, order=order, frame=SO_FAR)

    stretches = changes.extend(
        after_end=number(ends),
        after_sure_end=number(both(ends, sure)),
        following=over("lead", col("ord"), by=by, order=order),
    )
    in_sure = [*by, col("after_end")]
    in_possible = [*by, col("after_sure_end")]

    def greatest(of: Expr, stretch: Sequence[Expr], frame: object = SO_FAR) -> Expr:
        return over("max", of, by=stretch, order=order, frame=frame)

    surely_begun = both(begins, sure)
    sure_expiry = case((surely_begun, col("expiry")), otherwise=null("integer"))
    expiry = case((begins, col("expiry")), otherwise=null("integer"))
    begun = case((surely_begun, col("ord")), otherwise=null("integer"))
    doubted = case((both(begins, negation(sure)), col("ord")), otherwise=null("integer"))
    known = stretches.extend(
        sure_until=greatest(sure_expiry, in_sure),
        sure_before=greatest(sure_expiry, in_sure, BEFORE),
        possible_until=greatest(expiry, in_possible),
        possible_before=greatest(expiry, in_possible, BEFORE),
        latest=greatest(begun, in_possible),
        doubt=greatest(doubted, in_possible),
    )
    fresh_sure = both(
        surely_begun, op("<", op("coalesce", col("sure_before"), lit(NEVER)), col("t"))
    )
    fresh = both(begins, op("<", op("coalesce", col("possible_before"), lit(NEVER)), col("t")))
    since = known.extend(
        sure_since=greatest(case((fresh_sure, col("t")), otherwise=null("integer")), in_sure),
        possible_since=greatest(case((fresh, col("t")), otherwise=null("integer")), in_possible),
    )
    from_start = both(lit(initially_unknown), eq(col("after_sure_end"), lit(0)))
    last = since.where(op("coalesce", op("<>", col("following"), col("ord")), lit(True)))
    return last.project(
        *keys,
        sid=col("ord"),
        sure_until=op("coalesce", col("sure_until"), lit(NEVER)),
        possible_until=case(
            (from_start, lit(FOREVER)),
            otherwise=op("coalesce", col("possible_until"), lit(NEVER)),
        ),
        sure_since=op("coalesce", col("sure_since"), lit(FOREVER)),
        possible_since=case(
            (from_start, lit(NEVER)),
            otherwise=op("coalesce", col("possible_since"), lit(FOREVER)),
        ),
        latest=col("latest"),
        doubtful=op("coalesce", op(">", col("doubt"), col("latest")), FALSE),
    )
