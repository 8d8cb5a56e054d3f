"""`tosrules fmt`: one canonical layout for rule files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tosrules.cli import exits
from tosrules.cli.config import find
from tosrules.cli.console import tell, write
from tosrules.cli.files import put
from tosrules.language.diagnostics import render
from tosrules.language.formatting import format_text
from tosrules.result.values import count
from tosrules.trace.problems import printable, quoted

HELP = """Lay rule files out in the one canonical way. There are no options of taste; the meaning
and the comments are kept, and a second run changes nothing.

PATHS are files and folders; - reads standard input and writes to standard output. Without
PATHS, the rules of the configuration are laid out.

\b
Examples:
  tosrules fmt house.tos
  tosrules fmt rules/
  tosrules fmt --check rules/        change nothing; exit 1 if something would change
  tosrules fmt - < house.tos

\b
Exit status: 0 done, 1 --check found files to lay out, 2 a file cannot be read or parsed.
"""


@click.command("fmt", help=HELP, short_help="Lay rule files out.")
@click.argument("paths", nargs=-1, metavar="PATHS…")
@click.option("--check", is_flag=True, help="Change nothing; say what would change.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing of files that are changed.")
def command(paths: tuple[str, ...], check: bool, quiet: bool) -> int:
    if paths == ("-",):
        return _standard_input(check)
    files = _files(paths or _configured())
    changed, failed = 0, False
    for file in files:
        text = _read(file)
        laid_out = _laid_out(text, str(file))
        if laid_out is None:
            failed = True
        elif laid_out.encode() != text:
            changed += 1
            if not quiet:
                tell(f"{'would lay out' if check else 'laid out'} {printable(str(file), 200)}")
            if not check:
                put(str(file), laid_out.encode())
    if failed:
        return exits.UNUSABLE
    if not quiet:
        verb = "would be" if check else "were" if changed != 1 else "was"
        tell(f"{count(changed, 'file')} of {len(files):,} {verb} laid out anew")
    return exits.FOUND if check and changed else exits.DONE


def _configured() -> tuple[str, ...]:
    """The paths among the rules of the configuration; shipped packs are nobody's to lay out."""
    said = find(None)
    paths = tuple(name for name in said.rules if os.path.exists(name))
    if not paths:
        raise exits.Unusable("no file is named", "tosrules fmt house.tos; - reads standard input")
    return paths


def _files(paths: tuple[str, ...]) -> list[Path]:
    """Every rule file that is meant, each once, in order. Raises Unusable."""
    found: dict[Path, None] = {}
    for name in paths:
        path = Path(name)
        # Of `os.path`: a name too long for any file is one that is not there, no exception.
        if os.path.isdir(path):
            below = sorted(p for p in path.rglob("*.tos") if p.is_file())
            if not below:
                raise exits.Unusable(f"there are no `.tos` files in {quoted(name, 200)}")
            found.update(dict.fromkeys(below))
        elif os.path.isfile(path):
            found[path] = None
        else:
            raise exits.Unusable(f"there is no file or folder {quoted(name, 200)}")
    return list(found)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it gives no data").lower()
        raise exits.Unusable(f"{quoted(str(file), 200)} cannot be read: {reason}") from None


def _laid_out(text: bytes, file: str) -> str | None:
    """The canonical text; None once the errors of the file have been shown."""
    formatted = format_text(text, file)
    if formatted.text is None:
        texts = {file: text.decode("utf-8", "replace")}
        for diagnostic in formatted.diagnostics:
            tell(render(diagnostic, texts) + "\n")
    return formatted.text


def _standard_input(check: bool) -> int:
    text = sys.stdin.buffer.read()
    laid_out = _laid_out(text, "-")
    if laid_out is None:
        return exits.UNUSABLE
    if check:
        return exits.FOUND if laid_out.encode() != text else exits.DONE
    write(laid_out)
    return exits.DONE
