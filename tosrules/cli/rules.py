"""`tosrules rules`: what packs there are, and what is in one."""

from __future__ import annotations

import click

from tosrules.cli import exits
from tosrules.cli.console import colored, width, write
from tosrules.cli.judging import CORE, load_rules
from tosrules.language.load import VOCABULARY, shipped_packs
from tosrules.policy.model import Policy
from tosrules.reports.layout import Page, widest
from tosrules.result.values import count, listed
from tosrules.result.wording import bare, origin_words
from tosrules.vocabulary import Attribute

HELP = """List the shipped packs, or what one pack has: its clauses, the documents they cite, and
its parameters with where their values come from.

\b
Examples:
  tosrules rules
  tosrules rules core
  tosrules rules house.tos
"""


@click.command("rules", help=HELP, short_help="List packs and their clauses.")
@click.argument("pack", required=False)
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."
)
def command(pack: str | None, color: str) -> int:
    page = Page(width(), colored(color))
    if pack is None:
        _packs(page)
    elif pack == VOCABULARY:
        _vocabulary(page, load_rules((CORE,), quiet=True, tests=False))
    else:
        _pack(page, load_rules((pack,), quiet=True, tests=False))
    write(page.text())
    return exits.DONE


def _packs(page: Page) -> None:
    ids = shipped_packs()
    policy = load_rules([id for id in ids if id != VOCABULARY], quiet=True, tests=False)
    page.say("Packs that come with tosrules", style="strong")
    size = widest(ids, 30)
    for info in sorted(policy.packs, key=lambda p: ids.index(p.id) if p.id in ids else len(ids)):
        clauses = sum(1 for c in policy.clauses if c.pack == info.id)
        if clauses:
            has = count(clauses, "clause")
        else:
            types = sum(1 for t in policy.vocabulary.types.values() if t.pack == info.id)
            has = count(types, "event type")
        page.row([(info.id, size), (info.version, 8)], f"{info.title} ({has})", 2, size + 14)
    page.gap()
    page.say("`tosrules rules PACK` lists its clauses; `tosrules explain CLAUSE` explains one.")


def _pack(page: Page, policy: Policy) -> None:
    # What was named comes before the packs whose clauses it changes.
    for info in sorted(policy.packs, key=lambda p: not p.named):
        if not info.judged:
            continue
        page.gap()
        page.heading([(f"{info.id} {info.version}".strip(), "strong"), (info.title, "")])
        page.labelled("sha256", info.sha256)
        _clauses(page, policy, info.id)
        _overlays(page, policy, info.id)
        _sources(page, policy, info.id)
        _parameters(page, policy, info.id)


def _vocabulary(page: Page, policy: Policy) -> None:
    types = sorted(
        (t for t in policy.vocabulary.types.values() if t.pack == VOCABULARY), key=lambda t: t.name
    )
    page.say("Event types that every trace may use", style="strong")
    size = widest([t.name for t in types], 30)
    for each in types:
        page.row([(each.name, size)], each.title, 2, 6)
        common = policy.vocabulary.common
        own = [a for n, a in each.attributes.items() if common.get(n) != a]
        if own:
            page.say(", ".join(_attribute(a) for a in own), 6, style="faint")
    page.gap()
    page.say("Attributes that every event may have", style="strong")
    page.say(", ".join(_attribute(a) for a in policy.vocabulary.common.values()), 2)


def _attribute(of: Attribute) -> str:
    """`target (party)`, with what marks it."""
    marks = [str(of.type)]
    marks += [word for word in ("required", "secret", "personal") if getattr(of, word)]
    return f"{of.name} ({', '.join(marks)})"


def _clauses(page: Page, policy: Policy, pack: str) -> None:
    clauses = [c for c in policy.clauses if c.pack == pack]
    if not clauses:
        return
    page.gap()
    page.say("Clauses", 2, style="strong")
    size = widest([c.name for c in clauses], 40)
    for clause in clauses:
        period = f" ({clause.period_text})" if clause.period_text else ""
        page.row([(clause.name, size)], f"{clause.title}{period}", 2, 6)


def _overlays(page: Page, policy: Policy, pack: str) -> None:
    """The clauses of other packs that the pack changes."""
    changed = [(c, o) for c in policy.clauses for o in c.overlays if o.pack == pack]
    if not changed:
        return
    page.gap()
    page.say("Overlays", 2, style="strong")
    size = widest([c.id for c, _ in changed], 40)
    for clause, overlay in changed:
        page.row([(clause.id, size)], f"{listed(overlay.changes)}, because {overlay.because}", 2, 6)


def _sources(page: Page, policy: Policy, pack: str) -> None:
    sources = [s for n, s in sorted(policy.sources.items()) if n.startswith(f"{pack}/")]
    if not sources:
        return
    page.gap()
    page.say("Sources", 2, style="strong")
    size = widest([bare(s.name) for s in sources], 30)
    for source in sources:
        said = ", ".join(
            part
            for part in (source.title, source.citation, source.version, source.jurisdiction)
            if part
        )
        doubt = " (not verified)" if source.unverified else ""
        page.row([(bare(source.name), size)], f"{said}{doubt}", 2, 6)
        if source.url:
            page.say(source.url, 6, style="faint")


def _parameters(page: Page, policy: Policy, pack: str) -> None:
    params = [p for n, p in sorted(policy.params.items()) if n.startswith(f"{pack}/")]
    if not params:
        return
    page.gap()
    page.say("Parameters (--set NAME=VALUE)", 2, style="strong")
    for param in params:
        page.say(f"{bare(param.name)} = {param.text}, {origin_words(param.origin, policy)}", 2, 6)
