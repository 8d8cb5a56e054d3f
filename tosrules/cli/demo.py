"""`tosrules demo`: a shipped example, checked as the user would check a trace."""

from __future__ import annotations

from pathlib import Path

import click

from tosrules import resources
from tosrules.cli import exits
from tosrules.cli.check import command as check
from tosrules.cli.console import tell
from tosrules.trace.problems import nearest, quoted

EXAMPLE = "massroot8"

HELP = """Check one of the shipped examples: a case to look at.

The traces are invented, along the lines of cases that were reported; each example says which
parts are which. Whatever is found, the exit status is 0: there is nothing for you to mend.

\b
Examples:
  tosrules demo
  tosrules demo mgp25
  tosrules demo --list
"""


@click.command("demo", help=HELP, short_help="Check a shipped example.")
@click.argument("example", default=EXAMPLE)
@click.option("--list", "listing", is_flag=True, help="List the examples.")
@click.option("--all", "everything", is_flag=True, help="Show all evidence, uncut.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."
)
@click.pass_context
def command(ctx: click.Context, example: str, listing: bool, everything: bool, color: str) -> int:
    found = examples()
    if listing:
        click.echo("\n".join(found))
        return exits.DONE
    folder = found.get(example)
    if folder is None:
        near = nearest(example, found)
        raise exits.Unusable(
            f"there is no example {quoted(example)}",
            f"did you mean `{near}`?" if near else f"there are {', '.join(found)}",
        )
    trace = _shown(_trace_of(folder))
    tell(f"This is what `tosrules check {_quoted(trace)} --fail-on never` prints.")
    tell(f"{_shown(folder / 'README.md')} says what of it was reported and what is invented.")
    tell("")
    status = ctx.invoke(
        check, traces=(str(trace),), everything=everything, color=color, fail_on="never"
    )
    return exits.DONE if status == exits.DONE else int(status)


def examples() -> dict[str, Path]:
    """Name → folder of each example that comes with tosrules."""
    # Beside the rules: in the repository as in the data of a wheel.
    root = resources.rules_root().parent / "examples"
    return {folder.name: folder for folder in sorted(root.iterdir()) if _trace_of(folder).is_file()}


def _trace_of(folder: Path) -> Path:
    """The records of an example: a native trace, else a log."""
    log = folder / "access.log"
    return log if log.is_file() else folder / "trace.json"


def _quoted(path: Path) -> str:
    """The path as a shell takes it."""
    from shlex import quote

    return quote(str(path))


def _shown(path: Path) -> Path:
    """The path as a user would type it, where it lies below the working folder."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
