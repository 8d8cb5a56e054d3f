"""`tosrules bundle`: one archive to hand on, and its custody log."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

import click

from tosrules.cli import exits
from tosrules.cli.clock import now, stamp
from tosrules.cli.console import tell
from tosrules.cli.files import writable
from tosrules.integrity import bundle, custody
from tosrules.integrity.archive import (
    ArchiveError,
    Opener,
    form_of,
    of_bytes,
    opened,
    write_archive,
)
from tosrules.integrity.inputs import hashed, paired
from tosrules.integrity.signing import SigningError, sign
from tosrules.reports import FORMATS, Options, rendered
from tosrules.result import model
from tosrules.result.encode import to_json
from tosrules.trace.inputs import resolve
from tosrules.trace.problems import describe, nearest, quoted

HELP = """Put RESULT, a report of it, its rule files and the hashes of its traces into one archive.

RESULT is a result as --report json=FILE writes it. The archive has SHA256SUMS, which
`sha256sum -c` checks, and custody.jsonl, a log of who did what when, each line bound to the one
before. `tosrules verify` checks all of it. With --add, RESULT is a bundle that gets a line more.

\b
Examples:
  tosrules bundle result.json -o case.zip --by "A. Analyst"
  tosrules bundle result.json -o case.tar.gz --rules house.tos --with-trace trace.json
  tosrules bundle result.json -o case.zip --sign ~/.ssh/id_ed25519
  tosrules bundle case.zip --add "B. Clerk: received by courier"
  tosrules verify case.zip --trace trace.json
"""

_ENDINGS = {"text": "txt", "markdown": "md", "sarif": "sarif.json", "junit": "xml", "github": "txt"}


@click.command("bundle", help=HELP, short_help="One archive to hand on.")
@click.argument("result", metavar="RESULT")
@click.option("-o", "--output", metavar="FILE", help="The archive: FILE.zip or FILE.tar.gz.")
@click.option("--rules", multiple=True, metavar="PATH", help="Where rules of your own lie.")
@click.option(
    "--with-trace", "traces", multiple=True, metavar="TRACE", help="Put the traces in, too."
)
@click.option("--report", "form", metavar="FORMAT", help="Format of the report.  [default: html]")
@click.option("--by", "who", metavar="WHO", help="Who makes the bundle, for the custody log.")
@click.option("--sign", "key", metavar="KEY", help="Sign with this private key (ssh-keygen).")
@click.option("--add", "line", metavar='"WHO: WHAT"', help="Add a line to the log of a bundle.")
def command(
    result: str,
    output: str | None,
    rules: tuple[str, ...],
    traces: tuple[str, ...],
    form: str | None,
    who: str | None,
    key: str | None,
    line: str | None,
) -> int:
    if line is not None:
        if rules or traces or form or key or who:
            raise exits.Unusable("--add goes with a bundle alone, and with --output")
        return _add(result, output or result, line)
    if output is None:
        raise exits.Unusable("the archive has no name", "name it with -o case.zip")
    return _make(result, output, rules, traces, form, who, key)


def _make(
    path: str,
    output: str,
    rules: Sequence[str],
    traces: Sequence[str],
    form: str | None,
    who: str | None,
    key: str | None,
) -> int:
    kind = _kind(output)
    writable(output)
    format = _format(form)
    from tosrules.cli.report import read

    saved = read(path)
    with open(path, "rb") as file:
        data = file.read()
    if data != to_json(saved).encode():
        raise exits.Unusable(
            f"{quoted(path, 200)} was changed after it was written",
            "`tosrules verify` says what differs",
        )
    moment = now()
    try:
        members: dict[str, Opener] = {
            bundle.RESULT: of_bytes(data),
            _report_name(format): of_bytes(rendered(format, saved, Options(width=100))),
            bundle.TRACES: of_bytes(bundle.trace_sums(saved.run)),
            **bundle.rule_members(saved.run, rules),
            **_traces(saved.run, traces),
        }
    except bundle.BundleError as error:
        raise exits.Unusable(str(error), error.help) from None
    sums = bundle.sums_of(members)
    members[bundle.SUMS] = of_bytes(sums)
    if key is not None:
        try:
            members[bundle.SIGNATURE] = of_bytes(sign(sums, key))
        except SigningError as error:
            raise exits.Unusable(f"--sign {quoted(key, 200)}: {error}") from None
    log = custody.added(b"", stamp(moment), who or "not stated", "made the bundle", sums)
    members[bundle.CUSTODY] = of_bytes(log)
    _write(output, kind, members, _epoch(saved.run, moment))
    return exits.DONE


def _add(path: str, output: str, line: str) -> int:
    who, colon, what = line.partition(":")
    if not colon or not who.strip() or not what.strip():
        raise exits.Unusable(
            f"--add {quoted(line)} does not say who did what", 'write --add "B. Clerk: received it"'
        )
    kind = _kind(output)
    writable(output)
    moment = now()
    try:
        with opened(path) as archive:
            differences = bundle.archive_differences(archive)
            if differences:
                raise exits.Unusable(
                    f"{quoted(path, 200)} is no sound bundle: {quoted(differences[0].where, 200)}",
                    "`tosrules verify` says all that differs",
                )
            members = {name: archive.opener(name) for name in archive.names}
            log = custody.added(
                archive.read(bundle.CUSTODY),
                stamp(moment),
                who.strip(),
                what.strip(),
                archive.read(bundle.SUMS),
            )
            members[bundle.CUSTODY] = of_bytes(log)
            from tosrules.result.schema import read_result

            run = read_result(archive.read(bundle.RESULT), consistent=False).run
            _write(output, kind, members, _epoch(run, moment))
    except ArchiveError as error:
        raise exits.Unusable(f"{quoted(path, 200)}: {error}") from None
    except OSError as error:
        reason = (error.strerror or "it gives no data").lower()
        raise exits.Unusable(f"{quoted(path, 200)} cannot be read: {reason}") from None
    return exits.DONE


def _kind(output: str) -> str:
    kind = form_of(output)
    if not kind:
        raise exits.Unusable(
            f"{quoted(output, 200)} names no kind of archive", "end it with .zip or .tar.gz"
        )
    return kind


def _format(name: str | None) -> str:
    if name is None:
        return "html" if "html" in FORMATS else "text"
    if name not in FORMATS:
        near = nearest(name, FORMATS)
        raise exits.Unusable(
            f"there is no report format {quoted(name)}",
            f"did you mean `{near}`?" if near else f"there are {', '.join(FORMATS)}",
        )
    return name


def _report_name(format: str) -> str:
    return f"report.{_ENDINGS.get(format, format)}"


def _traces(run: model.Run, given: Sequence[str]) -> dict[str, Opener]:
    """The traces to put in, each with the bytes that were judged. Raises Unusable."""
    if not given:
        return {}
    if run.redaction is not None:
        raise exits.Unusable(
            "the result is redacted, and its traces say what was redacted",
            "leave --with-trace out, or make the bundle of a result that is not redacted",
        )
    found = resolve(given)
    for problem in found.problems:
        tell(describe(problem))
    if found.problems:
        raise exits.Told
    files = paired(run.traces, [hashed(f) for f in found.files])
    if files.differences:
        raise exits.Unusable(files.differences[0].where)
    if files.missing:
        raise exits.Unusable(f"the trace {quoted(files.missing[0], 200)} is not among those named")
    return bundle.trace_members(files.files)


def _epoch(run: model.Run, moment: datetime) -> int:
    """The time of the files in the archive: of the run, so that the same is the same again."""
    if os.environ.get("SOURCE_DATE_EPOCH") or not run.time:
        return int(moment.timestamp())
    return int(datetime.fromisoformat(run.time.replace("Z", "+00:00")).timestamp())


def _write(output: str, kind: str, members: dict[str, Opener], epoch: int) -> None:
    try:
        write_archive(output, kind, members, epoch)
    except OSError as error:
        reason = (error.strerror or "it takes no data").lower()
        raise exits.Unusable(f"{quoted(output, 200)} cannot be written: {reason}") from None
