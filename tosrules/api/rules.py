"""Rules for Python: load packs and files, run the tests that stand in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tosrules.authoring.testing import Tested
from tosrules.authoring.testing import run_tests as tested
from tosrules.language.diagnostics import Diagnostic, render
from tosrules.language.load import load
from tosrules.policy import model
from tosrules.result.values import count

Name: TypeAlias = "str | os.PathLike[str]"
"""The id of a pack (`core`), a rule file, or a folder of rule files."""
Settings: TypeAlias = "Mapping[str, str | int]"
"""Parameters by name, or by `pack/name`: a number, or text as a rule file has it (`30 days`)."""


class RulesError(Exception):
    """The rules cannot be used. `str()` shows every mistake with its line, as `check` does."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], texts: Mapping[str, str]) -> None:
        super().__init__(diagnostics, texts)
        self.diagnostics = diagnostics
        """Every mistake: `code`, `message`, `help`, and its place in `span` (`file`, `line` and
        `column` from 1)."""
        self.texts = texts
        """The text of each rule file by its name in `span.file`."""

    def __str__(self) -> str:
        shown = [render(d, self.texts) for d in self.diagnostics]
        errors = count(len(self.diagnostics), "error")
        return "\n\n".join([*shown, f"the rules cannot be used: {errors}"])


class Policy(model.Policy):
    """Checked rules, ready to judge by.

    `packs` are the packs read (`id`, `title`, `version`, `sha256`, `judged`); `judged()` gives
    the clauses that a check judges (`id`, `title`, …); `tests` are the tests in the rule files.
    """

    def __repr__(self) -> str:
        packs = ", ".join(f"{p.id} {p.version}".strip() for p in self.packs if p.judged)
        return f"<Policy: {packs or 'no pack'}, {count(len(self.judged()), 'clause')}>"


def load_rules(
    *names_or_paths: Name,
    settings: Settings | None = None,
    rule_path: Iterable[Name] = (),
) -> Policy:
    """Load and check rules: packs by id (`"core"`), rule files, folders of rule files.

    `settings` sets parameters, as `--set` does. `rule_path` are folders in which packs that are
    named or imported by id are looked for, before those that come with tosrules.

    Raises RulesError with every mistake in the rules, and ValueError if nothing is named.
    """
    if not names_or_paths:
        raise ValueError('no rules are named: load_rules("core"), or the path of a rule file')
    return loaded(names_or_paths, settings, rule_path)


def loaded(
    names: Iterable[Name], settings: Settings | None = None, rule_path: Iterable[Name] = ()
) -> Policy:
    """`load_rules`, which may also load nothing but the shipped vocabulary."""
    found = load(
        [_name(n) for n in names],
        settings={name: _setting(name, value) for name, value in (settings or {}).items()},
        rule_path=[Path(p) for p in rule_path],
    )
    if found.policy is None:
        errors = tuple(d for d in found.diagnostics if not d.warning)
        raise RulesError(errors, dict(found.texts))
    return as_policy(found.policy)


def as_policy(policy: model.Policy) -> Policy:
    """The public form of a policy."""
    values: dict[str, Any] = {name: getattr(policy, name) for name in policy.field_names}
    return Policy(**values)


def policy_of(
    rules: model.Policy | Name | Iterable[Name], settings: Settings | None = None
) -> model.Policy:
    """The policy of whatever names rules. Raises RulesError and ValueError."""
    if isinstance(rules, model.Policy):
        if settings:
            raise ValueError("these rules are loaded already: give the settings to load_rules")
        return rules
    if isinstance(rules, str | os.PathLike):
        return load_rules(rules, settings=settings)
    if isinstance(rules, bytes) or not isinstance(rules, Iterable):
        raise ValueError(
            "rules are the id of a pack, a path, several of these, or what load_rules gave, not "
            f"a Python {type(rules).__name__}"
        )
    named = tuple(rules)
    return load_rules(*named, settings=settings)


def run_tests(
    rules: model.Policy | Name | Iterable[Name], *, settings: Settings | None = None
) -> tuple[Tested, ...]:
    """Run the tests that stand in rule files, in their order; one `Tested` for each.

    `rules` is what `load_rules` takes, or what it gave. Of a `Tested`, `passed` says what came
    of it, `test` what was run (`title`, `span`), `failures` what did not come true (`wanted`,
    `came`, `why`), and `error` why its events could not be judged.

    Raises RulesError.
    """
    return tuple(tested(policy_of(rules, settings)))


def _name(name: Name) -> str:
    """The name as the loader takes it; a path object is never the id of a pack."""
    text = os.fspath(name)
    if not isinstance(text, str):
        raise TypeError(f"the name of a pack or path must be text, not {type(text).__name__}")
    if isinstance(name, str) or os.path.isabs(text):
        return text
    return os.path.join(".", text)


def _setting(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise ValueError(
        f"the setting {name!r} must be a whole number or text, not {type(value).__name__}; write "
        f'{name}="{value}", which is exact'
    )
