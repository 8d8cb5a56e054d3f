"""Data goes one way: which room may import from which. docs/architecture.md has the map."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "tosrules"
NEUTRAL = {
    "errors",
    "late",
    "quoting",
    "record",
    "resources",
    "span",
    "vocabulary",
    "zones",
    "__version__",
}
"""What no room owns and every room may know; it knows no room."""
KNOWS: dict[str, set[str]] = {
    "policy": set(),
    "trace": set(),
    "language": {"policy", "trace"},
    "plan": {"policy", "trace"},
    "engines": {"policy", "trace", "plan"},
    "result": {"policy", "trace", "engines"},
    "reports": {"trace", "engines", "result"},
    "authoring": {"policy", "trace", "engines", "result"},
    "integrity": {"policy", "trace", "engines", "result", "authoring", "language"},
}
"""The rooms before the edge: what programs, pytest and the command line call knows all of them."""
EDGE = {"api", "cli", "pytest_plugin", "__init__", "__main__"}


def test_no_room_imports_from_one_after_it() -> None:
    backwards = [
        f"{file.relative_to(PACKAGE)}:{line} imports {other}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for room in [_room(file)]
        if room not in EDGE
        for other, line in _imports(file)
        if other != room and other not in NEUTRAL | KNOWS.get(room, set())
    ]
    assert backwards == []


def test_every_room_is_on_the_map() -> None:
    rooms = {_room(file) for file in PACKAGE.rglob("*.py")}
    assert rooms <= KNOWS.keys() | NEUTRAL | EDGE


def _room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(file: Path) -> Iterator[tuple[str, int]]:
    """The rooms that a file imports from, late imports too; not what only type checkers see."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            head, _, rest = name.partition(".")
            if head == "tosrules":
                yield rest.partition(".")[0], node.lineno
