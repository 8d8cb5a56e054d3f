"""From the names a user gives to a checked policy: find packs, read files, follow imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tosrules import resources
from tosrules.language import syntax as s
from tosrules.language.check import Settings, check_policy
from tosrules.language.diagnostics import Diagnostic, did_you_mean, in_order
from tosrules.language.names import PackScope
from tosrules.language.parser import parse
from tosrules.language.reporting import Report
from tosrules.language.span import Span
from tosrules.policy.model import Policy

VOCABULARY = "vocabulary"
"""The shipped pack of event types, which every pack has without importing it."""
LANGUAGE = "1"
MAX_FILE = 4 * 2**20


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
) -> Loaded:
    """Load packs by id (`core`) or by path (a `.tos` file or a folder of them).

    `settings` are parameter values as text, by name or `pack/name`; `rule_path` are folders
    in which packs are looked for by id before the shipped ones.
    """
    loader = _Loader(rule_path)
    loader.pack(VOCABULARY, _command_line(VOCABULARY))
    for name in names:
        loader.named(name)
    loader.finish()
    policy = check_policy(
        loader.scopes,
        loader.report,
        Settings(settings or {}),
        judged=loader.judged,
        folders=loader.folders,
        texts=loader.texts,
        hashes=loader.bytes,
    )
    diagnostics = tuple(in_order(loader.report.diagnostics))
    failed = any(not d.warning for d in diagnostics)
    return Loaded(None if failed else policy, diagnostics, loader.texts)


def shipped_packs() -> list[str]:
    """Ids of the packs that come with tosrules, the vocabulary last."""
    root = resources.rules_root()
    ids = sorted(p.name for p in root.iterdir() if p.is_dir() and any(p.glob("*.tos")))
    return [i for i in ids if i != VOCABULARY] + [VOCABULARY]


def _command_line(name: str) -> Span:
    return Span(name, 1, 1, 1, 1)


class _Loader:
    def __init__(self, rule_path: Sequence[Path]) -> None:
        self.report = Report()
        self.rule_path = [*rule_path, resources.rules_root()]
        self.scopes: dict[str, PackScope] = {}
        self.texts: dict[str, str] = {}
        self.bytes: dict[str, dict[str, bytes]] = {}
        """Per pack: the bytes of its files by their names in the pack."""
        self.folders: dict[str, Path] = {}
        self.judged: list[str] = []
        self._read: dict[Path, tuple[str, s.File] | None] = {}
        self._loading: list[str] = []

    # ---- what the user named ------------------------------------------------------------
    def named(self, name: str) -> None:
        path = Path(name)
        looks_like_path = name.endswith(".tos") or "/" in name or "\\" in name or path.exists()
        if not looks_like_path:
            scope = self.pack(name, _command_line(name))
            if scope is not None:
                self._judge([scope.id])
            return
        if path.is_dir():
            files = sorted(p for p in path.rglob("*.tos") if p.is_file())
            if not files:
                self.report.error(
                    "no-rules", f"there are no `.tos` files in `{name}`", _command_line(name),
                    help="name a folder that holds rule files",
                )
                return
        elif path.is_file():
            files = [path]
        else:
            self.report.error(
                "no-such-file", f"there is no file or folder `{name}`", _command_line(name),
                help=self._packs_help(),
            )
            return
        self._judge(self._files(files, name))

    def _judge(self, ids: Iterable[str]) -> None:
        for id in ids:
            if id not in self.judged:
                self.judged.append(id)

    def _packs_help(self) -> str:
        return "shipped packs are " + ", ".join(
            f"`{p}`" for p in shipped_packs() if p != VOCABULARY
        )

    # ---- packs and files -------------------------------------------------------------------
    def pack(self, id: str, asked_at: Span) -> PackScope | None:
        """The pack of that id, from what is loaded, the rule path, or the shipped rules."""
        known = self.scopes.get(id)
        if known is not None:
            return known
        for root in self.rule_path:
            folder, file = root / id, root / f"{id}.tos"
            if folder.is_dir() and (files := sorted(folder.glob("*.tos"))):
                self._files(files, str(folder))
            elif file.is_file():
                self._files([file], str(file))
            if id in self.scopes:
                return self.scopes[id]
        near = did_you_mean(id, [*shipped_packs(), *self.scopes])
        self.report.error(
            "unknown-pack",
            f"there is no pack `{id}`" + (f"; {near}" if near else ""),
            asked_at,
            help="" if near else self._packs_help() + "; name others by their path",
        )
        return None

    def _files(self, files: list[Path], origin: str) -> list[str]:
        """Read files and put each in its pack; ids of the packs, in order of appearance."""
        ids: list[str] = []
        fresh: list[tuple[Path, s.File, str]] = []
        for path in files:
            found = self._file(path)
            if found is None:
                continue
            name, file = found
            if file.pack is None:
                if name not in self.report_names():
                    self._without_pack(name, origin)
                continue
            id = file.pack.name.text
            if id not in ids:
                ids.append(id)
            scope = self.scopes.setdefault(id, PackScope(id))
            if file not in scope.files or all(f is not file for f in scope.files):
                self._add(scope, file, path)
                fresh.append((path, file, id))
        for path, file, id in fresh:
            self._imports(self.scopes[id], file, path)
        return ids

    def report_names(self) -> set[str]:
        """Files that already have an error of their own."""
        return {d.span.file for d in self.report.diagnostics}

    def _without_pack(self, name: str, origin: str) -> None:
        self.report.error(
            "no-pack",
            "this file does not say which pack it belongs to",
            Span(name, 1, 1, 1, 1),
            help='begin it with `pack NAME "Title" version "1"`, or `pack NAME` alone in the '
            "second file of a pack",
        )

    def _add(self, scope: PackScope, file: s.File, path: Path) -> None:
        scope.files.append(file)
        header = file.pack
        if header is not None and (header.title is not None or header.version is not None):
            if scope.header is not None:
                self.report.error(
                    "two-headers",
                    f"pack `{scope.id}` has its title and version in two files",
                    header.span,
                    help=f"write `pack {scope.id}` alone here",
                )
            else:
                scope.header = header
                if header.language is not None and header.language.text != LANGUAGE:
                    self.report.error(
                        "language-version",
                        f"this pack is written in language {header.language.text}, and this "
                        f"program reads language {LANGUAGE}",
                        header.language.span,
                        help="use a newer tosrules, or write `language 1`",
                    )

    def _file(self, path: Path) -> tuple[str, s.File] | None:
        """Read and parse one file, once; its name in spans and its syntax."""
        key = path.resolve()
        if key in self._read:
            return self._read[key]
        self._read[key] = None
        name = self._shown(path)
        try:
            if path.stat().st_size > MAX_FILE:
                self.report.error(
                    "file-too-large", "a rule file has at most 4 MB", Span(name, 1, 1, 1, 1)
                )
                return None
            data = path.read_bytes()
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            self.report.error(
                "no-such-file", f"`{name}` cannot be read: {reason}", _command_line(name)
            )
            return None
        parsed = parse(data, name)
        self.texts[name] = data.decode("utf-8", "replace").removeprefix("\ufeff")
        self.folders[name] = path.parent
        self.report.diagnostics += parsed.diagnostics
        self.report.damaged |= parsed.damaged
        self._read[key] = (name, parsed.file)
        id = parsed.file.pack.name.text if parsed.file.pack is not None else ""
        self.bytes.setdefault(id, {})[path.name] = data
        return self._read[key]

    def _shown(self, path: Path) -> str:
        root = resources.rules_root()
        try:
            return path.resolve().relative_to(root.resolve()).as_posix()
        except ValueError:
            return path.as_posix()

    # ---- imports -------------------------------------------------------------------------------
    def _imports(self, scope: PackScope, file: s.File, path: Path) -> None:
        for node in file.declarations:
            if not isinstance(node, s.Import):
                continue
            if node.file is not None:
                self._import_file(scope, node.file, path)
            elif node.pack is not None:
                self._import_pack(scope, node)

    def _import_file(self, scope: PackScope, node: s.Text, path: Path) -> None:
        beside = path.parent / node.value
        outside = not beside.resolve().is_relative_to(path.parent.resolve())
        if outside or Path(node.value).is_absolute():
            self.report.error(
                "outside-folder",
                f"`{node.value}` lies outside the folder of this rule file",
                node.span,
                help="import files beside this one; import another pack by its id: `import core`",
            )
            return
        if not beside.is_file():
            near = did_you_mean(node.value, [p.name for p in path.parent.glob("*.tos")])
            self.report.error(
                "no-such-file",
                f"there is no file `{node.value}` beside this one" + (f"; {near}" if near else ""),
                node.span,
            )
            return
        found = self._file(beside)
        if found is None:
            return
        file = found[1]
        id = file.pack.name.text if file.pack is not None else scope.id
        home = self.scopes.setdefault(id, PackScope(id))
        if all(f is not file for f in home.files):
            self._add(home, file, beside)
            self._imports(home, file, beside)
        if home is not scope and home not in scope.imports:
            scope.imports.append(home)

    def _import_pack(self, scope: PackScope, node: s.Import) -> None:
        assert node.pack is not None
        id = node.pack.text
        if id == scope.id:
            self.report.error("circle", f"pack `{id}` imports itself", node.span,
                              help="leave this line out")
            return
        if id in self._loading:
            way = self._loading[self._loading.index(id) :]
            self.report.error(
                "circle",
                f"pack `{id}` imports itself by way of "
                + ", ".join(f"`{p}`" for p in [*way[1:], scope.id]),
                node.span,
                help="move what both need into a pack that both import",
            )
            return
        self._loading.append(scope.id)
        home = self.pack(id, node.pack.span)
        self._loading.pop()
        if home is None:
            return
        if node.version is not None and home.header is not None and (
            home.header.version is None or home.header.version.value != node.version.value
        ):
            has = home.header.version.value if home.header.version is not None else "none"
            self.report.error(
                "other-version",
                f"pack `{id}` is version {has}, not {node.version.value}",
                node.version.span,
                help="import the version that is there after reading its changes, or provide the "
                "other one by `--rules`",
            )
        if home not in scope.imports:
            scope.imports.append(home)

    def finish(self) -> None:
        """What only shows when all files are read."""
        for scope in self.scopes.values():
            if scope.header is not None or not scope.files:
                continue
            header = scope.files[0].pack
            assert header is not None, "a scope is made from a file that names its pack"
            if scope.id in self.report.damaged:
                continue
            self.report.error(
                "pack-without-title",
                f"no file of pack `{scope.id}` gives its title and version",
                header.span,
                help=f'write `pack {scope.id} "Title" version "1"` in one of its files, or name '
                "the folder that has them all",
            )
