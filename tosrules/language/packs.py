"""Loading packs: find them, read their files, follow imports, check all of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tosrules import resources
from tosrules.language import syntax as s
from tosrules.language.check import Settings, check_policy, settings_text
from tosrules.language.diagnostics import Related, did_you_mean, in_order, nearest
from tosrules.language.load import ASKED, SETTINGS, VOCABULARY, Loaded, shipped_packs
from tosrules.language.names import PackScope
from tosrules.language.parser import parse
from tosrules.language.reporting import Report
from tosrules.span import Span

LANGUAGE = "1"
MAX_FILE = 4 * 2**20


def load_afresh(
    names: Sequence[str],
    *,
    settings: Mapping[str, str] | None = None,
    rule_path: Sequence[Path] = (),
    shipped_tests: bool = True,
) -> Loaded:
    """`load`, without looking for a prepared answer."""
    loader = _Loader(rule_path)
    loader.texts[ASKED] = "\n".join(names)
    loader.texts[SETTINGS] = settings_text(settings or {})
    loader.pack(VOCABULARY, _asked(0, VOCABULARY))
    for number, name in enumerate(names, 1):
        loader.named(name, _asked(number, name))
    loader.finish()
    policy = (
        None
        if loader.incomplete
        else check_policy(
            loader.scopes,
            loader.report,
            Settings(settings or {}),
            judged=loader.judged,
            folders=loader.folders,
            texts=loader.texts,
            hashes=loader.bytes,
            untested=() if shipped_tests else loader.shipped,
        )
    )
    diagnostics = tuple(in_order(loader.report.diagnostics))
    failed = any(not d.warning for d in diagnostics)
    return Loaded(None if failed else policy, diagnostics, loader.texts)


def _asked(number: int, name: str) -> Span:
    """The place of the name that was asked for as the `number`-th."""
    return Span(ASKED, number, 1, number, len(name) + 1)


def _start(file: str) -> Span:
    return Span(file, 1, 1, 1, 1)


def _near_file(path: Path) -> str:
    """`did you mean …?` for a path whose folder exists."""
    if not path.parent.is_dir():
        return ""
    names = [p.name for p in path.parent.iterdir() if p.is_dir() or p.suffix == ".tos"]
    near = nearest(path.name, names)
    return f"did you mean `{(path.parent / near).as_posix()}`?" if near is not None else ""


class _Loader:
    def __init__(self, rule_path: Sequence[Path]) -> None:
        self.report = Report()
        self.rule_path = [*rule_path, resources.rules_root()]
        self.shipped: set[str] = set()
        """Packs that come with tosrules."""
        self.scopes: dict[str, PackScope] = {}
        self.texts: dict[str, str] = {}
        self.bytes: dict[str, dict[str, bytes]] = {}
        """Per pack: the bytes of its files by their names in the pack."""
        self.folders: dict[str, Path] = {}
        self.judged: list[str] = []
        self._read: dict[Path, tuple[str, s.File] | None] = {}
        self._edges: list[tuple[PackScope, PackScope, Span]] = []
        """Which pack imports which, and where."""
        self.incomplete = False
        """A pack is not all there, so that checking it would say nothing true."""

    # ---- what the user named ------------------------------------------------------------
    def named(self, name: str, asked_at: Span) -> None:
        path = Path(name)
        # Of `os.path`: a name too long for any file is one that is not there, no exception.
        looks_like_path = (
            name.endswith(".tos") or "/" in name or "\\" in name or os.path.exists(path)
        )
        if not looks_like_path:
            scope = self.pack(name, asked_at)
            if scope is not None:
                self._judge([scope.id])
            return
        if os.path.isdir(path):
            files = sorted(p for p in path.rglob("*.tos") if p.is_file())
            if not files:
                self.report.error(
                    "no-rules",
                    f"there are no `.tos` files in folder `{name}`",
                    asked_at,
                    help="name a folder that holds rule files",
                )
                return
        elif os.path.isfile(path):
            files = [path]
        else:
            near = _near_file(path)
            self.report.error(
                "no-such-file",
                f"there is no file or folder `{name}`" + (f"; {near}" if near else ""),
                asked_at,
                help="" if near else self._packs_help(),
            )
            self.report.lost = True
            return
        # Packs beside what is named can be imported by id.
        self.rule_path.insert(-1, path if os.path.isdir(path) else path.parent)
        ids = self._files(files)
        # A folder of packs may hold the vocabulary, which has no clause, beside others.
        self._judge([i for i in ids if i != VOCABULARY] or ids)

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
            if os.path.isdir(folder) and (files := sorted(folder.glob("*.tos"))):
                self._files(files)
            elif os.path.isfile(file):
                self._files([file])
            if id in self.scopes:
                if root == self.rule_path[-1]:
                    self.shipped.add(id)
                return self.scopes[id]
        near = did_you_mean(id, [*shipped_packs(), *self.scopes])
        self.report.lost = True
        self.report.error(
            "unknown-pack",
            f"there is no pack `{id}`" + (f"; {near}" if near else ""),
            asked_at,
            help="" if near else self._packs_help() + "; name others by their path",
        )
        return None

    def _files(self, files: list[Path]) -> list[str]:
        """Read files and put each in its pack; ids of the packs, in order of appearance."""
        ids: list[str] = []
        fresh: list[tuple[Path, s.File, str]] = []
        for path in files:
            found = self._file(path)
            if found is None:
                continue
            name, file = found
            if file.pack is None:
                self.report.lost = True
                if name not in self.report_names():
                    self._without_pack(name)
                continue
            id = file.pack.name.text
            if id not in ids:
                ids.append(id)
            scope = self.scopes.setdefault(id, PackScope(id))
            if all(f is not file for f in scope.files):
                self._add(scope, file)
                fresh.append((path, file, id))
        for path, file, id in fresh:
            self._imports(self.scopes[id], file, path)
        return ids

    def report_names(self) -> set[str]:
        """Files that already have an error of their own."""
        return {d.span.file for d in self.report.diagnostics}

    def _without_pack(self, name: str) -> None:
        self.report.error(
            "no-pack",
            "this file does not say which pack it belongs to",
            _start(name),
            help='begin it with `pack NAME "Title" version "1"`, or `pack NAME` alone in the '
            "second file of a pack",
        )

    def _add(self, scope: PackScope, file: s.File) -> None:
        scope.files.append(file)
        header = file.pack
        if header is not None and (header.title is not None or header.version is not None):
            if scope.header is not None:
                self.report.error(
                    "two-headers",
                    f"pack `{scope.id}` has its title and version in two files",
                    header.span,
                    help=f"write `pack {scope.id}` alone in one of them",
                    related=(Related(scope.header.span, "the other one"),),
                )
            else:
                scope.header = header
                if header.language is not None and header.language.text != LANGUAGE:
                    self.incomplete = True
                    self.report.error(
                        "language-version",
                        f"this pack is written in language {header.language.text}, and this "
                        f"copy of tosrules reads language {LANGUAGE}",
                        header.language.span,
                        help="use a newer tosrules, or write `language 1` if it is written in that",
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
                    "file-too-large",
                    "a rule file has at most 4 MB",
                    _start(name),
                    help="divide it; each part begins with `pack NAME`",
                )
                self.report.lost = True
                return None
            data = path.read_bytes()
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            self.report.error(
                "no-such-file",
                f"`{name}` cannot be read: {reason}",
                _start(name),
                help="see that the file may be read",
            )
            self.report.lost = True
            return None
        parsed = parse(data, name)
        self.texts[name] = data.decode("utf-8", "replace").removeprefix("\ufeff")
        self.folders[name] = path.parent
        self.report.diagnostics += parsed.diagnostics
        self.report.damaged |= parsed.damaged
        self.report.mended |= {(name, line, column) for line, column in parsed.mended}
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
                help="import files beside this one; import another pack by its name: `import core`",
            )
            self.report.lost = True
            return
        if not beside.is_file():
            near = did_you_mean(node.value, [p.name for p in path.parent.glob("*.tos")])
            self.report.error(
                "no-such-file",
                f"there is no file `{node.value}` beside this rule file"
                + (f"; {near}" if near else ""),
                node.span,
                help="" if near else "import another pack by its name: `import core`",
            )
            self.report.lost = True
            return
        found = self._file(beside)
        if found is None:
            return
        file = found[1]
        id = file.pack.name.text if file.pack is not None else scope.id
        home = self.scopes.setdefault(id, PackScope(id))
        if all(f is not file for f in home.files):
            self._add(home, file)
            self._imports(home, file, beside)
        self._import(scope, home, node.span)

    def _import(self, scope: PackScope, home: PackScope, span: Span) -> None:
        if home is not scope and home not in scope.imports:
            scope.imports.append(home)
            self._edges.append((scope, home, span))

    def _import_pack(self, scope: PackScope, node: s.Import) -> None:
        assert node.pack is not None
        id = node.pack.text
        if id == scope.id:
            self.report.error(
                "circle", f"pack `{id}` imports itself", node.span, help="leave this line out"
            )
            return
        home = self.pack(id, node.pack.span)
        if home is None:
            return
        if (
            node.version is not None
            and home.header is not None
            and (home.header.version is None or home.header.version.value != node.version.value)
        ):
            has = home.header.version.value if home.header.version is not None else "none"
            self.report.error(
                "other-version",
                f"pack `{id}` is here in version `{has}`, not `{node.version.value}`",
                node.version.span,
                help=f'read what changed and write `version "{has}"`, or name the folder of the '
                "other version beside these rules",
            )
        self._import(scope, home, node.span)

    def finish(self) -> None:
        """What only shows when all files are read."""
        self._circles()
        for scope in self.scopes.values():
            if scope.header is not None or not scope.files:
                continue
            header = scope.files[0].pack
            assert header is not None, "a scope is made from a file that names its pack"
            if scope.id in self.report.damaged:
                continue
            self.incomplete = True
            elsewhere = self._titled_beside(scope, header.span.file)
            self.report.error(
                "pack-without-title",
                f"this is one file of pack `{scope.id}`, and the pack is not all there"
                if elsewhere
                else f"no file of pack `{scope.id}` gives its title and version",
                header.span,
                help=f"name the folder that holds all of it: `{elsewhere}`"
                if elsewhere
                else f'write `pack {scope.id} "Title" version "1"` in one of its files',
            )

    def _titled_beside(self, scope: PackScope, name: str) -> str:
        """The folder of the file, if another file in it gives the pack its title."""
        folder = self.folders[name]
        for path in sorted(folder.glob("*.tos"))[:1_000]:
            if path.resolve() in self._read or path.stat().st_size > MAX_FILE:
                continue
            header = parse(path.read_bytes(), path.name).file.pack
            if header is not None and header.name.text == scope.id and header.title is not None:
                return folder.as_posix()
        return ""

    def _circles(self) -> None:
        """Packs that import themselves by way of others; each circle once."""
        done: set[str] = set()

        def follow(scope: PackScope, way: list[PackScope]) -> None:
            if scope in way:
                circle = [*way[way.index(scope) :], scope]
                span = next(s_ for a, b, s_ in self._edges if a is circle[0] and b is circle[1])
                self.report.error(
                    "circle",
                    f"pack `{scope.id}` imports itself by way of "
                    + ", ".join(f"`{p.id}`" for p in circle[1:-1]),
                    span,
                    help="put what both need into a pack that both import",
                )
                self.incomplete = True
                return
            if scope.id in done:
                return
            for imported in scope.imports:
                follow(imported, [*way, scope])
            done.add(scope.id)

        for scope in list(self.scopes.values()):
            follow(scope, [])
