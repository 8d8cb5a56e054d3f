"""`tosrules verify`: hold a result to its traces and rules."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from tosrules.cli import exits
from tosrules.cli.config import find
from tosrules.cli.console import busy, tell, write
from tosrules.integrity.archive import ArchiveError, is_archive
from tosrules.integrity.differences import Difference, Verification
from tosrules.reports.safe import visible
from tosrules.result.schema import ResultError
from tosrules.result.values import count
from tosrules.trace.inputs import InputFile, resolve
from tosrules.trace.problems import describe, quoted

if TYPE_CHECKING:
    from tosrules.integrity.verify import Given

HELP = """Hold RESULT to its traces and rules: what a stranger does before believing it.

RESULT is a result as --format json writes it, or a bundle. Hashes every trace, rule file and the
configuration, compares every cited event with what the trace says now, judges again, and says
exactly what differs. Without --rules the shipped packs that the result names are taken; a bundle
has its own.

\b
Examples:
  tosrules check trace.json --report json=result.json
  tosrules verify result.json --trace trace.json
  tosrules verify result.json --trace logs/ --rules house.tos
  tosrules verify case.zip --trace trace.json --allowed-signers signers

\b
Exit status: 0 all is as the result says, 1 something differs, 2 it cannot be verified.
"""

MOST = 40
"""Differences that are shown where nobody asks for all."""


@click.command("verify", help=HELP, short_help="Hold a result to its traces and rules.")
@click.argument("result", metavar="RESULT")
@click.option("--trace", "traces", multiple=True, metavar="TRACE", help="A trace that was judged.")
@click.option("--rules", multiple=True, metavar="PATH|PACK", help="The rules judged by.")
@click.option("--config", metavar="FILE", help="The configuration, if it lies elsewhere.")
@click.option("--baseline", metavar="FILE", help="The baseline that the run was held against.")
@click.option(
    "--allowed-signers",
    metavar="FILE",
    help="Who may have signed a bundle, as ssh-keygen reads it.",
)
@click.option("--all", "everything", is_flag=True, help="Show every difference.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help="How it is said."
)
def command(
    result: str,
    traces: tuple[str, ...],
    rules: tuple[str, ...],
    config: str | None,
    baseline: str | None,
    allowed_signers: str | None,
    everything: bool,
    form: str,
) -> int:
    from tosrules.integrity.verify import Given

    given = Given(
        _files(traces),
        rules,
        configuration=_configuration(config, traces),
        baseline=None if baseline is None else (baseline, _bytes(baseline, "the baseline")),
    )
    try:
        with busy("verifying"):
            came = _verified(result, given, allowed_signers)
    except ResultError as error:
        raise exits.Unusable(f"{quoted(result, 200)}: {visible(str(error))}") from None
    except ArchiveError as error:
        raise exits.Unusable(f"{quoted(result, 200)}: {error}") from None
    except OSError as error:
        reason = (error.strerror or "it gives no data").lower()
        raise exits.Unusable(f"a trace cannot be read: {reason}") from None
    if form == "json":
        write(_json(came))
    else:
        write(_text(came, None if everything else MOST))
    return came.status


def _verified(path: str, given: Given, signers: str | None) -> Verification:
    from tosrules.integrity.verify import verify

    data = _bytes(path, "the result")
    if is_archive(data[:4]):
        from tosrules.integrity.unbundle import verify_bundle

        return verify_bundle(path, given, signers)
    if signers is not None:
        raise exits.Unusable(
            "--allowed-signers is about bundles", f"{quoted(path, 200)} is a result, not a bundle"
        )
    return verify(data, given)


# ---- what is given -------------------------------------------------------------------------


def _bytes(path: str, what: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        reason = (error.strerror or "it gives no data").lower()
        raise exits.Unusable(f"{what} {quoted(path, 200)} cannot be read: {reason}") from None


def _files(traces: tuple[str, ...]) -> tuple[InputFile, ...]:
    if not traces:
        return ()
    if "-" in traces:
        raise exits.Unusable(
            "a trace is verified from a file, not from standard input", "name the file"
        )
    found = resolve(traces)
    for problem in found.problems:
        tell(describe(problem))
    if found.problems:
        raise exits.Told
    return tuple(found.files)


def _configuration(named: str | None, traces: tuple[str, ...]) -> tuple[str, bytes] | None:
    if named is not None:
        return os.path.basename(named), _bytes(named, "the configuration")
    if not traces:
        return None
    found = find(traces[0])
    return None if found.input is None else (found.input.name, found.data)


# ---- what came of it -----------------------------------------------------------------------


def _text(came: Verification, most: int | None) -> str:
    lines = [_verdict(came), ""]
    for difference in came.differences[:most]:
        lines += [
            f"differs   {_safe(difference.where)}",
            f"  said    {_safe(difference.said)}",
            f"  now     {_safe(difference.now)}",
        ]
    if most is not None and len(came.differences) > most:
        lines.append(f"… {len(came.differences) - most:,} more (--all shows them)")
    for label, said in (
        ("cannot", came.impossible),
        ("same", came.confirmed),
        ("unchecked", came.unchecked),
    ):
        for text in said:
            first, *rest = text.split("\n")
            lines.append(f"{label.ljust(10)}{_safe(first)}")
            lines += [f"{'':10}{_safe(line)}" for line in rest]
    return "\n".join(lines) + "\n"


def _verdict(came: Verification) -> str:
    if came.status == 0:
        return "Verified: all is as the result says."
    if came.status == 1:
        return f"Not as the result says: {count(len(came.differences), 'difference')}."
    return "This cannot be verified with what is here."


def _safe(text: str) -> str:
    return visible(text)


def _json(came: Verification) -> str:
    status = {0: "verified", 1: "differs", 2: "cannot be verified"}[came.status]
    said = {
        "verification": "tosrules-verification/1",
        "status": status,
        "differences": [_data(d) for d in came.differences],
        "confirmed": list(came.confirmed),
        "unchecked": list(came.unchecked),
        "impossible": list(came.impossible),
    }
    return json.dumps(said, ensure_ascii=True, indent=2) + "\n"


def _data(of: Difference) -> dict[str, str]:
    return {"kind": of.kind, "where": of.where, "said": of.said, "now": of.now}
