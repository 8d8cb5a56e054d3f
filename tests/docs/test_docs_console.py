"""Every console block of the README and the docs is run, and prints what the page says.

A line with `…` alone stands for any lines. The blocks of a page are run in order, in one
temporary folder that holds a copy of `examples/` and the files that the page shows under
`<!-- file: NAME -->`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pages
import pytest

_WITH_CONSOLE = [page for page in pages.PAGES if pages.blocks(page, "console")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for copied in ("examples", "rules"):
        shutil.copytree(pages.ROOT / copied, tmp_path / copied)
    return tmp_path


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A terminal of 80 columns without colour, with `tosrules` on the path."""
    kept = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG", "TMPDIR", "SYSTEMROOT")}
    scripts = Path(sys.executable).parent
    extra: dict[str, str] = {}
    if not (scripts / "tosrules").exists():
        scripts = tmp_path_factory.mktemp("bin")
        script = scripts / "tosrules"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tosrules "$@"\n')
        script.chmod(0o755)
        extra["PYTHONPATH"] = str(pages.ROOT)
    path = os.pathsep.join([str(scripts), os.environ.get("PATH", "")])
    return {**kept, **extra, "PATH": path, "COLUMNS": "80", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


@pytest.mark.parametrize("page", _WITH_CONSOLE, ids=pages.name)
def test_console_blocks_print_what_the_page_says(
    page: Path, folder: Path, environment: dict[str, str]
) -> None:
    for block in pages.blocks(page):
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        if block.kind != "console":
            continue
        for shown in pages.commands(block):
            done = subprocess.run(
                ["bash", "-c", shown.command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            where = f"{pages.name(page)}:{shown.line}: $ {shown.command}"
            assert _matches(shown.output, done.stdout), (
                f"{where}\n--- the page says\n{shown.output}--- it prints\n{done.stdout}"
            )


def test_an_ellipsis_stands_for_any_lines() -> None:
    assert _matches("a\n…\nz\n", "a\nb\nc\nz\n")
    assert _matches("a\n…\nz\n", "a\nz\n")
    assert not _matches("a\nz\n", "a\nb\nz\n")
    assert not _matches("a\n…\n", "b\n")


def _matches(said: str, printed: str) -> bool:
    """Whether the output is what the page says; blanks at the ends of lines do not count."""
    expected, got = _lines(said), _lines(printed)
    pattern = "".join(
        "(?:.*\n)*?" if line.strip() == "…" else re.escape(line) + "\n" for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in got)) is not None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip("\n").split("\n")] if text.strip() else []
