"""Which clauses of a policy a run judges."""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.policy.model import Clause, Policy


class NoSuchClause(Exception):
    """No clause fits `pattern`; `near` is what to write instead, or empty."""

    def __init__(self, pattern: str, near: str, ignoring: bool) -> None:
        super().__init__(pattern)
        self.pattern = pattern
        self.near = near
        self.ignoring = ignoring


def selected(policy: Policy, select: Sequence[str], ignore: Sequence[str]) -> tuple[Clause, ...]:
    """The judged clauses that the globs of `select` keep (without any: all) and those of
    `ignore` leave, by name or `pack/name`. Raises NoSuchClause for a glob that fits none."""
    every = policy.judged()
    kept = every
    for patterns, keep in ((select, True), (ignore, False)):
        if not patterns:
            continue
        for pattern in patterns:
            if not any(_fits(c, pattern) for c in every):
                raise NoSuchClause(pattern, near_clause(pattern, every), not keep)
        kept = tuple(c for c in kept if any(_fits(c, p) for p in patterns) is keep)
    return kept


def _fits(clause: Clause, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(clause.id, pattern) or fnmatchcase(clause.name, pattern)


def near_clause(name: str, clauses: Sequence[Clause]) -> str:
    """The qualified name of the clause that was most likely meant, or empty."""
    from tosrules.trace.problems import nearest

    pack, _, bare = name.rpartition("/")
    words = [word for word in bare.lower().split("-") if word]
    # `fake` or `no-fake` is likelier short for a name than a slip of the pen.
    for said in (
        {c.id: c.name for c in clauses},
        {c.id: c.title.lower().replace(" ", "-") for c in clauses},
    ):
        fitting = [id for id, text in said.items() if set(words) <= set(text.split("-"))]
        if words and len(fitting) == 1:
            return fitting[0]
    ids = {c.id: c.id for c in clauses}
    names = {c.name: c.id for c in clauses}
    near = nearest(name, {**ids, **names})
    if near is None and pack:
        near = nearest(bare, names)
    return "" if near is None else ids.get(near) or names[near]
