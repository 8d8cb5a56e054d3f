"""`tosrules explain`: a clause in plain words, with its sources."""

from __future__ import annotations

import click

from tosrules.authoring.explaining import Explanation, explain
from tosrules.cli import exits
from tosrules.cli.config import Configuration, find
from tosrules.cli.console import colored, width, write
from tosrules.cli.judging import CORE, clause_help, load_rules
from tosrules.cli.settings import assignments
from tosrules.language.load import shipped_packs
from tosrules.policy.model import Clause, Policy
from tosrules.reports.layout import Page
from tosrules.reports.text_findings import cited, named_law
from tosrules.trace.problems import quoted

HELP = """Say a clause in plain words: what it forbids or requires, on what authority, where its
numbers come from, its exceptions, and the statuses and links that it builds on.

\b
Examples:
  tosrules explain no-fake-engagement
  tosrules explain core/delete-on-request
  tosrules explain house/no-resale --rules house.tos
  tosrules explain no-fake-engagement --set burst=120
"""


@click.command("explain", help=HELP, short_help="Say a clause in plain words.")
@click.argument("clause")
@click.option(
    "--rules", multiple=True, metavar="PATH|PACK", help="Rules that have it; may be repeated."
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."
)
def command(clause: str, rules: tuple[str, ...], settings: tuple[str, ...], color: str) -> int:
    said = find(None)
    changed = assignments(settings, said)
    policy = load_rules(rules or said.rules or (CORE,), changed, quiet=True, tests=False)
    pack, named, _ = clause.partition("/")
    missing = not any(clause == c.id for c in policy.clauses)
    if missing and not rules and named and pack in shipped_packs():
        # Another shipped pack than those that the configuration names.
        own = assignments(settings, Configuration())
        policy = load_rules((pack,), own, quiet=True, tests=False)
    page = Page(width(), colored(color))
    for each in clauses_called(clause, policy):
        page.gap()
        _page(page, explain(each, policy))
    write(page.text())
    return exits.DONE


def clauses_called(name: str, policy: Policy) -> list[Clause]:
    """The clause of that name, in all its versions. Raises Unusable."""
    found = [c for c in policy.clauses if name in (c.id, c.name)]
    ids = dict.fromkeys(c.id for c in found)
    if not found:
        raise exits.Unusable(
            f"no clause is called {quoted(name)}", clause_help(name, policy.clauses)
        )
    if len(ids) > 1:
        raise exits.Unusable(
            f"several clauses are called {quoted(name)}", f"name one of {', '.join(ids)}"
        )
    return found


def _page(page: Page, of: Explanation) -> None:
    clause = of.clause
    page.heading([(clause.title, "strong"), (clause.id, "")])
    if clause.period_text:
        page.labelled("in force", clause.period_text)
    for severity in of.severities:
        page.labelled("severity", severity)
    for citation in of.citations:
        page.labelled(*cited(citation))
        if citation.url:
            page.labelled("", citation.url)
    for law in of.laws:
        page.labelled("law", named_law(law))
    if of.applies:
        page.labelled("applies", f"only where {of.applies}")
    if of.binds:
        page.labelled("binds", of.binds)
    for rule in of.rules:
        page.gap()
        page.say(rule.words, 2)
        page.labelled("written", f"{rule.text}  ({rule.place})", 4)
    if of.exceptions:
        page.gap()
        page.say("Not where", 2, style="strong")
        for exception in of.exceptions:
            page.say(f"- {exception}", 2, 4)
    if of.parameters:
        page.gap()
        page.say("Numbers", 2, style="strong")
        for parameter in of.parameters:
            page.say(f"- {parameter}", 2, 4)
    if of.named:
        page.gap()
        page.say("What it builds on", 2, style="strong")
        for named in of.named:
            page.say(f"- `{named.name}`, a {named.kind}", 2, 4)
            for line in named.lines:
                page.say(line, 6, 8)
    for overlay in clause.overlays:
        page.gap()
        page.say(
            f"Changed by an overlay: {', '.join(overlay.changes)}, because {overlay.because}", 2
        )
    if clause.derived_from:
        page.gap()
        page.say(f"Its rules are those of {clause.derived_from}.", 2)
    if clause.remedy:
        page.gap()
        page.labelled("remedy", clause.remedy)
