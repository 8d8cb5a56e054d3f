"""Loading the checker's fixtures, from the folder they stand in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tosrules.language.diagnostics import Diagnostic, render
from tosrules.language.load import Loaded, load

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "tests" / "fixtures" / "checker"
BAD, GOOD = FIXTURES / "bad", FIXTURES / "good"


def cases(folder: Path) -> list[str]:
    """Rule files, and folders of them; `files` holds what they read."""
    return sorted(
        p.name for p in folder.iterdir() if p.suffix == ".tos" or (p.is_dir() and p.name != "files")
    )


def asked(path: Path) -> list[str]:
    """What is named on the command line: what `asked.txt` says, else the file or folder."""
    lines = path / "asked.txt"
    return lines.read_text(encoding="utf-8").split() if lines.is_file() else [path.name]


def settings(path: Path) -> Mapping[str, str]:
    """The settings that comments of a file name: `# --set burst=90`."""
    if path.is_dir():
        return {}
    text = path.read_bytes().decode("utf-8", "replace")
    return dict(re.findall(r"^# --set (\w+)=(.+)$", text, flags=re.M))


def loaded(path: Path) -> Loaded:
    """The case at `path`; the working folder must be the one it stands in."""
    return load(asked(path), settings=settings(path))


def shown(found: Loaded) -> str:
    return "".join(render(d, found.texts) + "\n" for d in found.diagnostics)


def place_is_in_text(diagnostic: Diagnostic, texts: Mapping[str, str]) -> bool:
    span = diagnostic.span
    lines = texts[span.file].split("\n")
    inside = 1 <= span.line <= len(lines) and 1 <= span.column <= len(lines[span.line - 1]) + 1
    return inside and (span.line, span.column) <= (span.end_line, span.end_column)
