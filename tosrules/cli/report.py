"""`tosrules report`: render a saved result again, without judging anything."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tosrules.cli import exits
from tosrules.cli.console import busy
from tosrules.cli.reporting import FORMAT_HELP, deliver, wanted
from tosrules.result.model import Result
from tosrules.trace.problems import quoted

HELP = """Render a result that `tosrules check --report json=RESULT` has saved, in any format.

RESULT is that file, or - for standard input. Nothing is judged, and neither the trace nor the
rules are needed. The file is checked against the schema (tosrules schema result), and its
numbers against one another, and its text against the hash in its last line; a file that was cut
off or edited is refused.

\b
Examples:
  tosrules report result.json
  tosrules report result.json --format markdown
  tosrules report result.json --report sarif=out.sarif --report csv=out.csv

\b
Exit status: 0 the reports were written, whatever they say; 2 RESULT cannot be used.
"""


@click.command("report", help=HELP, short_help="Render a saved result again.")
@click.argument("result", metavar="RESULT")
@click.option("--format", "form", metavar="FORMAT", help=FORMAT_HELP)
@click.option(
    "--report",
    "others",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write another report; may be repeated.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the report there, not to the screen.")
@click.option("--all", "everything", is_flag=True, help="Show all evidence that RESULT holds.")
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict and a line per finding.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."
)
def command(
    result: str,
    form: str | None,
    others: tuple[str, ...],
    output: str | None,
    everything: bool,
    quiet: bool,
    color: str,
) -> int:
    reports = wanted(form, None, others, output, all=everything, quiet=quiet, color=color)
    with busy("reading the result"):
        saved = read(result)
    deliver(reports, saved)
    return exits.DONE


def read(path: str) -> Result:
    """The result saved in that file; `-` is standard input. Raises Unusable."""
    from tosrules.result.encode import sealed
    from tosrules.result.schema import ResultError, read_result

    name = "standard input" if path == "-" else quoted(path, 200)
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise exits.Unusable(f"{name} cannot be read: {reason}") from None
    except ValueError:
        raise exits.Unusable(f"{name} is no name of a file") from None
    try:
        found = read_result(data)
    except ResultError as error:
        raise exits.Unusable(f"{name}: {error}", error.help) from None
    if not sealed(data):
        raise exits.Unusable(
            f"{name} was changed after it was written: it is not the text that its `sha256` is of",
            "render the file as tosrules wrote it; `tosrules verify` says what differs",
        )
    return found
