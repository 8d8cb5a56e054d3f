"""`tosrules schema`: the JSON Schemas of what is read and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from tosrules.cli import exits
from tosrules.cli.console import write

HELP = """Print the JSON Schema (draft 2020-12) of a file that tosrules reads or writes.

\b
  result   what `tosrules check --format json` writes
  trace    a native trace; its `$defs` have the header and the event of a line in JSON Lines
  config   tosrules.toml, or [tool.tosrules] in pyproject.toml

\b
Examples:
  tosrules schema result > result.schema.json
  tosrules schema trace > trace.schema.json
"""


def _result() -> dict[str, Any]:
    from tosrules.result.schema import result_schema

    return result_schema()


def _trace() -> dict[str, Any]:
    from tosrules.cli.judging import CORE, load_rules
    from tosrules.trace.schema import trace_schema

    return trace_schema(load_rules((CORE,), quiet=True, tests=False).vocabulary)


def _config() -> dict[str, Any]:
    from tosrules.cli.config_schema import config_schema

    return config_schema()


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "result": _result,
    "trace": _trace,
    "config": _config,
}


@click.command("schema", help=HELP, short_help="Print a JSON Schema.")
@click.argument("of", type=click.Choice(tuple(SCHEMAS)), metavar="result|trace|config")
def command(of: str) -> int:
    write(json.dumps(SCHEMAS[of](), indent=2, ensure_ascii=False) + "\n")
    return exits.DONE
