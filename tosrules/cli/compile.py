"""`tosrules compile`: clauses as SQL, for people who schedule SQL themselves."""

from __future__ import annotations

import re
from collections import Counter

import click

from tosrules.cli import exits
from tosrules.cli.config import find
from tosrules.cli.console import tell
from tosrules.cli.files import put, writable
from tosrules.cli.judging import chosen, load_rules
from tosrules.cli.settings import assignments, period

HELP = """Print the SQL that judges clauses, to be run over a table of events by DuckDB or Apache
Spark. Comments name each clause with its place in the rules, and the columns of that table.

RULES are packs and rule files. A clause with deadlines or local time needs to know when the
events were, which --observed says. What asks links is not SQL alone: such a script stops where
there are any among the events.

\b
Examples:
  tosrules compile house.tos
  tosrules compile core --clause no-account-farm --dialect spark
  tosrules compile core --clause 'no-*' --observed 2020-01-01/2020-06-30 -o clauses.sql
"""


@click.command("compile", help=HELP, short_help="Print the SQL of clauses.")
@click.argument("rules", nargs=-1, metavar="RULES…")
@click.option(
    "--dialect",
    "language",
    type=click.Choice(("duckdb", "spark")),
    default="duckdb",
    help="Whose SQL.  [default: duckdb]",
)
@click.option("--clause", "clauses", multiple=True, metavar="GLOB", help="Only these clauses.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option("--observed", metavar="FROM/TO", help="When the events were, both ends included.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Write the SQL there.")
def command(
    rules: tuple[str, ...],
    language: str,
    clauses: tuple[str, ...],
    settings: tuple[str, ...],
    observed: str | None,
    output: str,
) -> int:
    if not rules:
        raise exits.Unusable("no rules are named", "tosrules compile house.tos")
    from tosrules.engines.scripts import dialect, head, printed, unprinted
    from tosrules.plan.script import NotAlone, script

    writable(output)
    said = find(None)
    policy = load_rules(rules, assignments(settings, said), tests=False)
    kept = chosen(policy, clauses, ())
    between = period(observed)
    if between is not None and between[0] > between[1]:
        raise exits.Unusable("--observed ends before it begins")
    spoken = dialect(language)
    scripts = []
    texts = []
    left: list[tuple[str, NotAlone]] = []
    names = _names([clause.id for clause in kept])
    for clause, name in zip(kept, names, strict=True):
        try:
            found = script(policy, clause, between)
        except NotAlone as error:
            left.append((clause.id, error))
            texts.append(unprinted(clause, error))
            continue
        scripts.append(found)
        texts.append(printed(found, spoken, name))
    if not scripts:
        id, why = left[0]
        raise exits.Unusable(f"`{id}` cannot be SQL alone: {why}", why.mend)
    put(output, "\n".join([head(scripts, spoken, policy.vocabulary), *texts]).encode())
    for id, why in left:
        tell(f"note: `{id}` is left out: {why}; {why.mend}")
    links = dict.fromkeys(link for found in scripts for link in found.links)
    if links:
        named = " and ".join(f"`{link}`" for link in links)
        tell(f"note: links are no SQL: statements stop where a link {named} is opened")
    return exits.DONE


def _names(ids: list[str]) -> list[str]:
    """What the names of each clause's tables begin with: its name, told apart from others."""
    short = [re.sub(r"\W", "_", id.partition("/")[2]) for id in ids]
    long = [re.sub(r"\W", "_", id) for id in ids]
    often = Counter(short)
    found = [s if often[s] == 1 else full for s, full in zip(short, long, strict=True)]
    numbers: Counter[str] = Counter()
    for place, name in enumerate(found):
        if found.count(name) > 1:  # versions of one clause
            numbers[name] += 1
            found[place] = f"{name}_{numbers[name]}"
    return found
