"""Writes into the pages what their console commands print now: `make docs`, then read the diff.

Where a page cuts an output with `…`, each piece keeps its length and begins at the line that is
most like its first line now; the piece after the last `…` stays at the end.
"""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pages

CUT = "…"


def main() -> int:
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    for page in pages.PAGES:
        if pages.blocks(page, "console"):
            refill(page, environment)
    return 0


def refill(page: Path, environment: dict[str, str]) -> None:
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for copied in ("examples", "rules"):
            shutil.copytree(pages.ROOT / copied, folder / copied)
        for block in pages.blocks(page):
            if block.file:
                (folder / block.file).write_text(block.text, encoding="utf-8")
            if block.kind != "console":
                continue
            filled = ""
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
                if "This is a defect of tosrules" in done.stdout:
                    sys.exit(f"{shown.command}\n{done.stdout}")
                printed = [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")]
                lines = cut(shown.output.rstrip("\n").split("\n"), printed if done.stdout else [])
                filled += "".join(f"{line}\n" for line in [f"$ {shown.command}", *lines])
            text = text.replace(block.text, filled, 1)
    if text != page.read_text(encoding="utf-8"):
        page.write_text(text, encoding="utf-8")
        print(f"filled {pages.name(page)} anew")


def cut(said: list[str], printed: list[str]) -> list[str]:
    """What is printed, cut as what was said is cut."""
    if CUT not in said:
        return printed
    pieces: list[list[str]] = [[]]
    for line in said:
        if line == CUT:
            pieces.append([])
        else:
            pieces[-1].append(line)
    lines: list[str] = []
    at = 0
    for number, piece in enumerate(pieces):
        if number:
            lines.append(CUT)
        if not piece:
            continue
        rest = printed[at:]
        if number == len(pieces) - 1:
            start = max(0, len(rest) - len(piece))
        elif number == 0:
            start = 0
        else:
            near = difflib.get_close_matches(piece[0], rest, 1, 0.0)
            start = rest.index(near[0]) if near else 0
        lines += rest[start : start + len(piece)]
        at += start + len(piece)
    return lines


if __name__ == "__main__":
    sys.exit(main())
