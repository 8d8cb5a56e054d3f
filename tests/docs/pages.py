"""The pages of the documentation as data: their fenced blocks, links and paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
_FENCE = re.compile(r"^(```+)(\S*)[^\n]*\n(.*?)^\1[ \t]*$", re.M | re.S)
_FILE = re.compile(r"<!-- file: (\S+) -->\s*\Z")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: Path
    line: int
    """Of its first line of text."""
    kind: str
    text: str
    file: str
    """Name in the comment `<!-- file: NAME -->` just above it; else empty."""


@dataclass(frozen=True)
class Shown:
    """One command of a console block, and what the page says that it prints."""

    line: int
    command: str
    output: str


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, *kinds: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        if kinds and match[2] not in kinds:
            continue
        above = _FILE.search(text, 0, match.start())
        line = text.count("\n", 0, match.start(3)) + 1
        found.append(Block(page, line, match[2], match[3], above[1] if above else ""))
    return found


def commands(block: Block) -> list[Shown]:
    """`$ ` begins a command; what follows until the next is its output."""
    shown: list[Shown] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        if line.startswith("$ "):
            shown.append(Shown(number, line[2:], ""))
        else:
            assert shown, f"{name(block.page)}:{number}: output without a command"
            last = shown[-1]
            shown[-1] = Shown(last.line, last.command, f"{last.output}{line}\n")
    return shown


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    return _LINK.findall(prose(page))


def spans(page: Path) -> list[str]:
    """What stands in backticks."""
    return _CODE.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The headings as a link names them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.M):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(plain.replace(" ", "-"))
    return found
