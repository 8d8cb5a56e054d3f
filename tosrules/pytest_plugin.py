"""pytest collects the `test` blocks of `.tos` files: `pytest rules/` runs the tests of the rules.

Each rule file is a collector and each of its tests an item, at its line. The files of a folder
that belong to one pack are loaded once, together, and each gives its own tests. A pack that a
rule file imports by id is looked for beside it, then in the folders of `tosrules_rule_path`,
then among the packs that come with tosrules. Parameters that the project's configuration sets
hold here too, as for `tosrules test`.

pytest imports this module in every project, so it imports nothing at its top but pytest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo, TerminalRepr

    from tosrules.authoring.testing import Tested
    from tosrules.language.diagnostics import Diagnostic
    from tosrules.policy.model import Policy, TestCase

RULE_PATH = "tosrules_rule_path"
MARK = "tosrules"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        RULE_PATH,
        "folders in which packs are looked for that rule files import by id",
        type="paths",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}: a test that stands in a rule file (.tos)")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RuleFile | None:
    if file_path.suffix == ".tos":
        return RuleFile.from_parent(parent, path=file_path)
    return None


class RuleFile(pytest.File):
    """A `.tos` file; its items are the tests that stand in it."""

    def collect(self) -> Iterator[RuleTest]:
        pack = _packs(self.config).of(self.path)
        policy = pack.policy
        if policy is None:
            if not pack.without_clause:
                self._unusable(pack)
            return
        names: dict[str, int] = {}
        for test in pack.tests_in(self.path):
            name = _name(test.title)
            names[name] = seen = names.get(name, 0) + 1
            yield RuleTest.from_parent(
                self,
                name=name if seen == 1 else f"{name} ({seen})",
                policy=policy,
                test=test,
            )

    def _unusable(self, pack: _Pack) -> None:
        """Tells a mistake where it stands and once, however many files the pack has."""
        own = [d for d in pack.errors if pack.path_of(d.span.file) == _real(self.path)]
        if own:
            raise RulesUnusable(pack.rendered(own), own)
        others = {pack.path_of(d.span.file) for d in pack.errors}
        beside = bool(others) and others <= {_real(p) for p in pack.files}
        if pack.told or (beside and not self.session.isinitpath(self.path)):
            where = ", ".join(sorted({d.span.file for d in pack.errors})) or "what it builds on"
            pytest.skip(f"its pack cannot be loaded: errors in {where}", allow_module_level=True)
        pack.told = True
        raise RulesUnusable(pack.said or pack.rendered(pack.errors), pack.errors)

    def repr_failure(
        self,
        excinfo: ExceptionInfo[BaseException],
        style: object = None,  # noqa: ARG002  # pytest's own signature
    ) -> str | TerminalRepr:
        error = excinfo.value
        if not isinstance(error, RulesUnusable):
            return super().repr_failure(excinfo)
        if not error.errors:
            return _told(f"{error}\n", self.nodeid, 1, str(error).partition("\n")[0])
        first, more = error.errors[0], len(error.errors) - 1
        message = first.message + (f" (and {more} more)" if more else "")
        return _told(f"{error}\n", first.span.file, first.span.line, _visible(message))


class RuleTest(pytest.Item):
    """One `test` block of a rule file."""

    def __init__(self, *, policy: Policy, test: TestCase, **kw: object) -> None:
        super().__init__(**kw)  # type: ignore[arg-type]  # what from_parent passes on
        self.policy = policy
        self.test = test
        self.add_marker(MARK)
        for expected in test.expected:
            # `-k no-account-farm` runs the tests of that clause.
            self.extra_keyword_matches.add(expected.clause)

    def runtest(self) -> None:
        from tosrules.authoring.testing import run_test

        tested = run_test(self.policy, self.test)
        if not tested.passed:
            raise RuleTestFailed(tested)

    def repr_failure(
        self,
        excinfo: ExceptionInfo[BaseException],
        style: object = None,  # noqa: ARG002  # pytest's own signature
    ) -> str | TerminalRepr:
        if isinstance(excinfo.value, RuleTestFailed):
            return _failure(excinfo.value.tested, self.location[0])
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        return self.path, max(0, self.test.span.line - 1), self.name


class RulesUnusable(pytest.Collector.CollectError):
    """The rules of a file cannot be loaded; as text, what is wrong with them."""

    def __init__(self, text: str, errors: list[Diagnostic]) -> None:
        super().__init__(text)
        self.errors = errors


class RuleTestFailed(Exception):
    """What a test expects did not come true."""

    def __init__(self, tested: Tested) -> None:
        super().__init__(tested.test.title)
        self.tested = tested


# ---- packs ---------------------------------------------------------------------------------


class _Pack:
    """The files of one pack in one folder, loaded together."""

    def __init__(self, files: list[Path], rule_path: list[Path]) -> None:
        from tosrules.cli.exits import Unusable
        from tosrules.language.load import load

        self.files = files
        self.policy: Policy | None = None
        self.errors: list[Diagnostic] = []
        self.said = ""
        """Why nothing could be loaded, where that is no mistake in a rule file."""
        self.told = False
        self.without_clause = False
        names = [_beside(path) for path in files]
        loaded = load(names, rule_path=rule_path)
        if loaded.policy is not None:
            try:
                settings = _settings(files[0], loaded.policy)
            except Unusable as error:
                self.said = f"error: {error}" + (f"\n  help: {error.help}" if error.help else "")
                return
            if settings:
                loaded = load(names, rule_path=rule_path, settings=settings)
        self.policy = loaded.policy
        self.errors = [d for d in loaded.diagnostics if not d.warning]
        # A pack without a clause, such as a vocabulary, can judge nothing and has no test; to
        # name it for a check is a mistake, to meet it in a folder is none.
        self.without_clause = bool(self.errors) and {d.code for d in self.errors} == {"no-clause"}
        self._texts = loaded.texts

    def rendered(self, errors: Iterable[Diagnostic]) -> str:
        from tosrules.language.diagnostics import render

        return "\n\n".join(render(d, self._texts) for d in errors)

    def path_of(self, name: str) -> Path:
        """The file that a span names."""
        from tosrules import resources

        shipped = resources.rules_root() / name
        if name in self._texts and not os.path.isabs(name) and shipped.is_file():
            return _real(shipped)
        return _real(Path(name))

    def tests_in(self, file: Path) -> list[TestCase]:
        assert self.policy is not None
        own = _real(file)
        paths = {name: self.path_of(name) for name in {t.span.file for t in self.policy.tests}}
        return [t for t in self.policy.tests if paths[t.span.file] == own]


class _Packs:
    """The packs of a session, each loaded when the first of its files is collected."""

    def __init__(self, config: pytest.Config) -> None:
        self._rule_path = [Path(p) for p in config.getini(RULE_PATH)]
        self._loaded: dict[tuple[Path, str], _Pack] = {}
        self._ids: dict[Path, str] = {}

    def of(self, file: Path) -> _Pack:
        file = Path(os.path.abspath(file))
        id = self._id(file)
        files = [file]
        if id:
            beside = sorted(p for p in file.parent.glob("*.tos") if p.is_file())
            files = [p for p in beside if p == file or self._id(p) == id]
        key = (file.parent, id or file.name)
        if key not in self._loaded:
            around = [file.parent.parent, file.parent]
            self._loaded[key] = _Pack(files, [*around, *self._rule_path])
        return self._loaded[key]

    def _id(self, file: Path) -> str:
        """The pack that the file says it belongs to; empty if it says none in the first line
        that counts."""
        if file not in self._ids:
            self._ids[file] = _pack_id(file)
        return self._ids[file]


_PACKS: pytest.StashKey[_Packs] = pytest.StashKey()


def _packs(config: pytest.Config) -> _Packs:
    found = config.stash.get(_PACKS, None)
    if found is None:
        found = config.stash[_PACKS] = _Packs(config)
    return found


def _pack_id(file: Path) -> str:
    import re

    try:
        with file.open("rb") as stream:
            head = stream.read(65_536).decode("utf-8", "replace").removeprefix("\ufeff")
    except OSError:
        return ""
    found = re.match(r"(?:\s|#[^\n]*(?:\n|\Z))*pack\s+([A-Za-z][\w.-]*)", head)
    return found[1] if found is not None else ""


def _settings(file: Path, policy: Policy) -> dict[str, str]:
    """The parameters that the configuration sets and these rules have. Raises Unusable."""
    from tosrules.cli.config import find

    known = {*policy.params, *(name.rpartition("/")[2] for name in policy.params)}
    return {name: text for name, text in find(str(file)).set.items() if name in known}


def _beside(path: Path) -> str:
    """The path as it is best shown: from the working folder, if it lies in it."""
    try:
        relative = path.relative_to(Path.cwd())
    except ValueError:
        return str(path)
    return os.path.join(".", relative)


def _real(path: Path) -> Path:
    return path.resolve()


# ---- what is shown -------------------------------------------------------------------------


def _name(title: str) -> str:
    """The title as part of a node id, whose parts `::` divides."""
    return _visible(title).replace("::", ":") or "a test without a title"


def _visible(text: str) -> str:
    from tosrules.reports.safe import visible

    return visible(text)


def _failure(tested: Tested, file: str) -> TerminalRepr:
    """A failed test, at the line of the expectation."""
    from tosrules.reports.layout import Page
    from tosrules.reports.tested import failures_of

    page = Page(100, color=False)
    failures_of(page, tested, 0)
    first = tested.failures[0] if tested.failures else None
    line = first.expected.span.line if first is not None else tested.test.span.line
    said = tested.error if first is None else f"expected {first.wanted}; came {first.came}"
    message = _visible(said)
    return _told(f"{page.text()}\n{file}:{line}: {message}\n", file, line, message)


def _told(text: str, file: str, line: int, message: str) -> TerminalRepr:
    """`text` as pytest shows a failure; other plugins, the summary and distributed runs know
    one by its traceback and its place, so it has the shape of one, without frames."""
    from _pytest._code.code import (
        ReprEntryNative,
        ReprExceptionInfo,
        ReprFileLocation,
        ReprTraceback,
    )

    return ReprExceptionInfo(
        ReprTraceback([ReprEntryNative([text])], None, "native"),
        ReprFileLocation(file, line, message),
    )
