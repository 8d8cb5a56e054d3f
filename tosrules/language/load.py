"""From the names a user gives to a checked policy."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tosrules import resources
from tosrules.language import checked
from tosrules.language.diagnostics import Diagnostic
from tosrules.policy.model import Policy

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARY = "vocabulary"
"""The shipped pack of event types, which every pack has without importing it."""
ASKED = "--rules"
"""The file that places of asked-for packs and paths name; its lines are those names."""
SETTINGS = "--set"
"""The file that places of settings name."""


class Loaded(NamedTuple):
    """What came of loading: a policy unless there is an error among the diagnostics."""

    policy: Policy | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]
    """Text of each rule file by its name in spans."""


def load(
    names: Sequence[str],
    *,
    settings: Mapping[str, str] | None = None,
    rule_path: Sequence[Path] = (),
    shipped_tests: bool = True,
) -> Loaded:
    """Load packs by id (`core`) or by path (a `.tos` file or a folder of them).

    `settings` are parameter values as text, by name or `pack/name`; `rule_path` are folders
    in which packs are looked for by id, after the folders named and before the shipped packs.
    Without `shipped_tests` the `test` blocks of shipped packs, which take as long to check as
    their clauses, are left out; a run that only judges has no use for them.
    """
    if not (settings or rule_path or shipped_tests or any(map(os.path.lexists, names))):
        found = checked.find(names)
        if found is not None:
            return Loaded(found[0], (), {ASKED: "\n".join(names), SETTINGS: "", **found[1]})
    from tosrules.language.packs import load_afresh  # the checker, which few runs need

    return load_afresh(names, settings=settings, rule_path=rule_path, shipped_tests=shipped_tests)


def shipped_packs() -> list[str]:
    """Ids of the packs that come with tosrules, the vocabulary last."""
    root = resources.rules_root()
    ids = sorted(p.name for p in root.iterdir() if p.is_dir() and any(p.glob("*.tos")))
    return [i for i in ids if i != VOCABULARY] + [VOCABULARY]
