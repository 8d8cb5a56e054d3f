"""`tosrules check`: judge recorded behaviour, and report it."""

from __future__ import annotations

import click

from tosrules.cli import exits
from tosrules.cli.config import TRACE_FORMATS, Configuration, find, redactable
from tosrules.cli.console import tell
from tosrules.cli.files import put
from tosrules.cli.judging import CORE, Request, judge
from tosrules.cli.reporting import FORMAT_HELP, common_folder, deliver, wanted
from tosrules.cli.settings import assignments, period
from tosrules.result.status import SEVERITIES, status_of

HELP = """Judge what TRACE records by rules, and report every violation with its citations.

TRACE is a file, a folder, a glob or - for standard input: a native trace (JSON or JSON Lines),
a CSV file with columns id, time and type, a HAR file or an access log, each also with gzip or
zstd, or a Parquet file. Without --rules the configuration says which
rules hold (tosrules.toml, or [tool.tosrules] in pyproject.toml), else the core pack does.

\b
Examples:
  tosrules check trace.json
  tosrules check logs/ --rules core --rules house.tos
  tosrules check trace.json --select 'no-*' --fail-on high
  tosrules check trace.json --set burst=120 --report json=result.json
  tosrules check trace.json --baseline accepted.toml --update-baseline
  tosrules check trace.json --redact personal -o report.txt
  tosrules check trace.json --report sarif=out.sarif --report junit=out.xml
  zcat trace.jsonl.gz | tosrules check - --format json
  tosrules check s3a://bucket/events/ --engine spark --master spark://host:7077

\b
Exit status: 0 nothing at or above --fail-on, 1 violations, 2 could not judge,
3 nothing was judged (or, with --fail-on-undetermined, not everything).
"""


@click.command("check", help=HELP, short_help="Judge recorded behaviour by rules.")
@click.argument("traces", nargs=-1, metavar="TRACE…")
@click.option(
    "--rules", multiple=True, metavar="PATH|PACK", help="Rules to judge by; may be repeated."
)
@click.option("--select", multiple=True, metavar="GLOB", help="Judge only these clauses.")
@click.option("--ignore", multiple=True, metavar="GLOB", help="Leave these clauses out.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option(
    "--jurisdiction", multiple=True, metavar="PLACE", help="Name the laws of this place only."
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="Least severity that makes the exit status 1.  [default: low]",
)
@click.option(
    "--fail-on-undetermined", is_flag=True, default=None, help="Exit 3 if not all was judged."
)
@click.option("--zone", metavar="ZONE", help="Zone of times without an offset: Europe/Madrid.")
@click.option("--observed", metavar="FROM/TO", help="The observed period, both ends included.")
@click.option(
    "--skip-invalid", is_flag=True, default=None, help="Go on past unreadable records; list them."
)
@click.option("--allow-empty", is_flag=True, default=None, help="A trace may have no events.")
@click.option(
    "--trace-format", type=click.Choice(TRACE_FORMATS), help="Do not guess the trace's format."
)
@click.option("--format", "form", metavar="FORMAT", help=FORMAT_HELP)
@click.option(
    "--report",
    "others",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write another report; may be repeated.",
)
@click.option(
    "--baseline", metavar="FILE", help="Findings accepted there are shown and do not count."
)
@click.option(
    "--update-baseline", is_flag=True, help="Add the findings that the baseline has not to it."
)
@click.option(
    "--redact", multiple=True, metavar="WHAT", help="Pseudonyms in place of what is personal."
)
@click.option("-o", "--output", metavar="FILE", help="Write the report there, not to the screen.")
@click.option("--all", "everything", is_flag=True, help="Show all evidence, uncut.")
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict and a line per finding.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."
)
@click.option(
    "--engine",
    type=click.Choice(("auto", "reference", "duckdb", "spark")),
    default="auto",
    help="The evaluator; auto goes by the size of the traces, and the answer is the same.",
)
@click.option(
    "--threads", type=click.IntRange(1), metavar="N", help="Processors for the duckdb engine."
)
@click.option(
    "--memory-limit", metavar="SIZE", help="Memory for the duckdb engine, which spills: 4GB."
)
@click.option(
    "--master", metavar="URL", help="Where spark runs: local[2], spark://host:7077, yarn."
)
@click.option(
    "--spark-conf", multiple=True, metavar="NAME=VALUE", help="A setting of spark; repeatable."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=COLUMN",
    help="Which column of a table an attribute is; may be repeated.",
)
@click.option("--explain-plan", is_flag=True, help="Print what the duckdb engine would do.")
def command(
    traces: tuple[str, ...],
    rules: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    settings: tuple[str, ...],
    jurisdiction: tuple[str, ...],
    fail_on: str | None,
    fail_on_undetermined: bool | None,
    zone: str | None,
    observed: str | None,
    skip_invalid: bool | None,
    allow_empty: bool | None,
    trace_format: str | None,
    form: str | None,
    others: tuple[str, ...],
    baseline: str | None,
    update_baseline: bool,
    redact: tuple[str, ...],
    output: str | None,
    everything: bool,
    quiet: bool,
    color: str,
    engine: str,
    threads: int | None,
    memory_limit: str | None,
    master: str | None,
    spark_conf: tuple[str, ...],
    columns: tuple[str, ...],
    explain_plan: bool,
) -> int:
    if not traces:
        raise exits.Unusable(
            "no trace is named", "tosrules check trace.json; - reads standard input"
        )
    if engine != "spark" and (master or spark_conf or columns):
        raise exits.Unusable(
            "--master, --spark-conf and --column are for the spark engine", "add --engine spark"
        )
    said = find(traces[0])
    request = Request(
        traces=traces,
        rules=rules or said.rules or (CORE,),
        settings=assignments(settings, said),
        select=select or said.select,
        ignore=ignore or said.ignore,
        jurisdictions=jurisdiction or said.jurisdiction,
        zone=zone or said.zone,
        observed=period(observed or said.observed),
        skip_invalid=_flag(skip_invalid, said.skip_invalid),
        allow_empty=_flag(allow_empty, said.allow_empty),
        trace_format=trace_format or _known_trace_format(said),
        engine=engine,
        threads=threads,
        memory_limit=memory_limit,
        master=master,
        spark_conf=spark_conf,
        columns=columns,
        all=everything,
        quiet=quiet,
        configuration=said.input,
        baseline=baseline or said.baseline,
        update_baseline=update_baseline,
        redact=tuple(redactable(what) for what in redact) or said.redact,
    )
    reports = wanted(form, said.format, others, output, all=everything, quiet=quiet, color=color)
    if explain_plan:
        from tosrules.cli.planning import told

        put("-", told(request).encode())
        return exits.DONE
    result = judge(request)
    least = fail_on or said.fail_on or "low"
    status, why = status_of(result, least, _flag(fail_on_undetermined, said.fail_on_undetermined))
    base = common_folder(traces, [t.name for t in result.run.traces])
    deliver(reports, result, status=status, why=why, base=base)
    if not quiet and reports.format != "text" and status == exits.NOT_JUDGED:
        tell(f"note: exit status 3: {why}")
    return status


def _flag(given: bool | None, configured: bool | None) -> bool:
    return bool(configured) if given is None else given


def _known_trace_format(said: Configuration) -> str | None:
    if said.trace_format is None or said.trace_format in TRACE_FORMATS:
        return said.trace_format
    raise exits.Unusable(
        f"{said.file}: there is no trace format `{said.trace_format}`",
        f"there are {', '.join(TRACE_FORMATS)}",
    )
