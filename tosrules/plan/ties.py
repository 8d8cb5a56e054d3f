"""Finding the latest or the next of some events that agrees with an asking one by equalities,
and differs from it by a `!=`: a carry over both in one order, and no join of ranges.

Candidates and asks have columns `key0`, `key1`, … to be equal, and for a `!=` of a value or of
tuples `part0`, `part1`, …; a key or part that is missing has no partner (semantics C1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tosrules.plan.expr import (
    SO_FAR,
    Expr,
    both,
    case,
    col,
    eq,
    lit,
    null,
    op,
    present,
)
from tosrules.plan.relation import Relation, aggregate, over, union

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner


def nearest(
    planner: Planner,
    candidates: Relation,
    asks: Relation,
    *,
    keys: Sequence[str],
    parts: Sequence[str] = (),
    later: bool = False,
    unknown: bool = False,
) -> Relation:
    """For each ask, by its `at`, the candidate (`found`, its order) nearest before it in the
    order, or with `later` nearest after it. Asks that have none are left out; one that asks by
    several keys gets the nearest of all.

    `candidates` have `cand` (their order) and the keys and parts, `asks` have `at` and the
    same. With `unknown` parts may be missing: then nothing is told apart by them, and tuples
    differ that are not the same, missing values taken as a value.
    """
    agreeing = [present(col(k)) for k in keys]
    known = candidates.where(*agreeing).project("cand", *keys, *parts)
    asked = asks.where(*agreeing).project("at", *keys, *parts)
    if keys:
        # Only asks under keys that a candidate has at all take part.
        have = known.distinct(*keys).renamed({k: k + "!" for k in keys})
        asked = asked.join(have, [(col(k), col(k + "!")) for k in keys], how="semi")
        wanted = asked.distinct(*keys).renamed({k: k + "!" for k in keys})
        known = known.join(wanted, [(col(k), col(k + "!")) for k in keys], how="semi")
    if not parts:
        found = [_carried(known, asked, keys, later)]
    elif unknown:
        none_lacking = both(*(present(col(x)) for x in parts))
        found = [
            _carried(known, asked.where(op("not", none_lacking)), keys, later),
            _apart(planner, known, asked.where(none_lacking), keys, parts, later),
        ]
    else:
        found = [
            _apart(
                planner,
                known.where(present(col(x))),
                asked.where(present(col(x))),
                keys,
                [x],
                later,
            )
            for x in parts
        ]
    best = "min" if later else "max"
    whole = union(*(each.project("at", "found") for each in found))
    return planner.make(
        whole.group(["at"], found=aggregate(best, col("found"))), "nearest", "the nearest of each"
    )


def _carried(
    known: Relation, asked: Relation, keys: Sequence[str], later: bool, extra: Sequence[str] = ()
) -> Relation:
    """`at`, `found` and the keys: the nearest candidate, whatever its parts."""
    none = null("integer")
    # At one order an ask comes first, so that nothing is its own neighbour.
    rows = union(
        asked.project(*keys, *extra, place=col("at"), phase=lit(0), cand=none),
        known.project(*keys, *extra, place=col("cand"), phase=lit(1), cand=col("cand")),
    )
    carried = over(
        "min" if later else "max",
        col("cand"),
        by=[col(k) for k in keys],
        order=[(col("place"), later), (col("phase"), False)],
        frame=SO_FAR,
    )
    return (
        rows.project(*keys, *extra, "phase", at=col("place"), found=carried)
        .where(eq(col("phase"), lit(0)), present(col("found")))
        .project("at", "found", *keys, *extra)
    )


def _apart(
    planner: Planner,
    known: Relation,
    asked: Relation,
    keys: Sequence[str],
    parts: Sequence[str],
    later: bool,
) -> Relation:
    """The nearest candidate with other parts: the nearest of all if it has other ones, else
    the nearest to that one that differs from it."""
    order = [(col("cand"), later)]
    by = [col(k) for k in keys]
    marked = known.extend(
        {f"{x}~": over("lag", col(x), by=by, order=order) for x in parts},
        beside=over("lag", col("cand"), by=by, order=order),
    )
    differs = _differs(parts, "~")
    other = case((differs, col("beside")), otherwise=null("integer"))
    best = "min" if later else "max"
    runs = marked.extend(other=over(best, other, by=by, order=order, frame=SO_FAR))
    table = planner.make(
        runs.project("cand", *keys, *parts, "other"), "told", "candidates, told apart"
    )
    nearest_of_all = _carried(table, asked, keys, later, parts)
    mine = {n: n + "!" for n in ("cand", *parts, "other")}
    candidates = table.project("cand", *keys, *parts, "other").renamed(
        {**mine, **{k: k + "!" for k in keys}}
    )
    on = [(col("found"), col("cand!")), *((col(k), col(k + "!")) for k in keys)]
    joined = nearest_of_all.join(candidates, on)
    unlike = _differs(parts, "!")
    found = case((unlike, col("found")), otherwise=col("other!"))
    return joined.project("at", found=found).where(present(col("found")))


def _differs(parts: Sequence[str], mark: str) -> Expr:
    """Whether the tuples are not the same, a missing value taken as a value. Of the first
    candidate of a key, which has none beside it, it does not matter."""
    pairs = [op("differs", col(x), col(x + mark)) for x in parts]
    return pairs[0] if len(pairs) == 1 else op("or", *pairs)
