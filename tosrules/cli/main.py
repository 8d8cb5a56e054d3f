"""`tosrules`: the commands, and how each of them may end."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from tosrules import __version__
from tosrules.cli import exits
from tosrules.cli.console import tell

COMMANDS = {
    "check": "Judge recorded behaviour by rules; the main job.",
    "report": "Render a saved result again, in any format.",
    "test": "Run the tests that stand in rule files.",
    "explain": "Say a clause in plain words, with its sources.",
    "rules": "List the shipped packs and their clauses.",
    "fmt": "Lay rule files out in the one canonical way.",
    "compile": "Print the SQL of clauses, for DuckDB or Apache Spark.",
    "schema": "Print the JSON Schema of a result, a trace or a configuration.",
    "bundle": "Put a result, its rules and a report into one archive.",
    "verify": "Hold a result to its traces and rules.",
    "demo": "Check a shipped example: a case to look at.",
}

HELP = """Terms of Service as code: clauses that a program can check, with citations.

\b
Examples:
  tosrules demo                                   a case to look at
  tosrules check trace.json                       judge a trace by the core pack
  tosrules check logs/ --rules my-rules.tos       judge it by your own clauses
  tosrules explain core/no-fake-engagement        a clause in plain words
  tosrules test my-rules.tos                      run its tests

\b
Exit status:
  0    ran to the end; nothing at or above --fail-on
  1    ran to the end; violations, failed tests, files to lay out
  2    could not judge: command line, configuration, rules or trace unusable
  3    nothing was judged; or, with --fail-on-undetermined, not everything
  70   a defect of tosrules itself
  130  interrupted
"""


class Commands(click.Group):
    """Imports a command when it is called, so that `check` loads only what it uses."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        command = import_module(f"tosrules.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from tosrules.trace.problems import nearest, quoted

            near = nearest(args[0], COMMANDS)
            hint = f"did you mean `{near}`?" if near else f"there are {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {quoted(args[0])}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    "tosrules",
    cls=Commands,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="tosrules %(version)s")
def cli() -> None:
    """The group itself does nothing."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and answers with its exit status; never raises but for `SystemExit`."""
    try:
        status = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="tosrules",
            standalone_mode=False,
        )
        return status if isinstance(status, int) else exits.DONE
    except exits.Told:
        return exits.UNUSABLE
    except exits.Unusable as error:
        tell(f"error: {error}")
        if error.help:
            tell(f"  help: {error.help}")
        return exits.UNUSABLE
    except click.exceptions.NoArgsIsHelpError as error:
        # Nothing was asked for: the help says what could be, and a script learns that it erred.
        tell(error.format_message())
        return exits.UNUSABLE
    except click.ClickException as error:
        _misuse(error)
        return exits.UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted")
        return exits.INTERRUPTED
    except Exception as error:
        if os.environ.get("TOSRULES_DEBUG"):
            raise
        _defect(error)
        return exits.DEFECT


def collect_rarely() -> None:
    """A run builds much and throws away little: looking for garbage as often as Python does by
    default would take longer than the judging."""
    gc.set_threshold(200_000, 20, 50)


def main() -> None:
    """The entry point of the `tosrules` script."""
    collect_rarely()
    status = run()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _misuse(error: click.ClickException) -> None:
    message = error.format_message()
    message = message[:1].lower() + message[1:]
    tell(f"error: {message.rstrip('.')}")
    context = getattr(error, "ctx", None)
    if isinstance(context, click.Context):
        tell(f"  help: {context.command_path} --help says how it is used")


def _defect(error: Exception) -> None:
    """What to send, and nothing of what was read: neither messages nor values, only places."""
    import platform
    import traceback

    tell("error: tosrules has failed. This is a defect of tosrules, not of your rules or trace.")
    tell("Please report it with these lines; they hold nothing of what was read:")
    system = f"{platform.system()} {platform.machine()}"
    tell(f"  tosrules {__version__}, Python {platform.python_version()}, {system}")
    tell(f"  {type(error).__name__}")
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    frames = traceback.extract_tb(error.__traceback__)
    for frame in frames[-8:]:
        file = frame.filename
        inside = file.startswith(root)
        name = os.path.relpath(file, os.path.dirname(root)) if inside else os.path.basename(file)
        tell(f"    {name}:{frame.lineno} in {frame.name}")
    tell("Set TOSRULES_DEBUG=1 to see all of it.")
