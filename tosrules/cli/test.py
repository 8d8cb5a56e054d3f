"""`tosrules test`: run the tests that stand in rule files."""

from __future__ import annotations

import click

from tosrules.authoring.testing import Tested, own_tests, run_tests
from tosrules.cli import exits
from tosrules.cli.config import find
from tosrules.cli.console import busy, colored, width, write
from tosrules.cli.judging import CORE, load_rules
from tosrules.cli.settings import assignments
from tosrules.reports.layout import Page
from tosrules.reports.tested import failures_of
from tosrules.result.values import count

HELP = """Run the tests that stand in rule files: what is expected of each clause on a few events.

RULES are packs or paths; without them the configuration says which, else the core pack is
tested. A failure shows the line of the expectation, what came, and the values that decided.

\b
Examples:
  tosrules test house.tos
  tosrules test rules/ --verbose
  tosrules test core --set burst=120

\b
Exit status: 0 all tests passed, 1 some failed, 2 the rules cannot be used, 3 there are none.
"""


@click.command("test", help=HELP, short_help="Run the tests of rule files.")
@click.argument("rules", nargs=-1, metavar="RULES…")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option("-v", "--verbose", is_flag=True, help="Name the tests that passed, too.")
@click.option("-q", "--quiet", is_flag=True, help="Only what failed.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."
)
def command(
    rules: tuple[str, ...], settings: tuple[str, ...], verbose: bool, quiet: bool, color: str
) -> int:
    said = find(rules[0] if rules else None)
    named = rules or said.rules or (CORE,)
    policy = load_rules(named, assignments(settings, said), quiet=quiet)
    tests = own_tests(policy)
    page = Page(width(), colored(color))
    if not tests:
        packs = ", ".join(p.id for p in policy.packs if p.judged)
        page.say(f"Nothing was tested: {packs} has no test.", style="medium")
        write(page.text())
        return exits.NOT_JUDGED
    with busy(f"running {count(len(tests), 'test')}"):
        done = list(run_tests(policy, tests))
    failed = [t for t in done if not t.passed]
    for tested in done:
        if tested.passed and verbose:
            page.heading([("pass", "good"), (_place(tested), ""), (_title(tested), "")])
        elif not tested.passed:
            _failed(page, tested)
    if failed:
        page.gap()
        page.say(f"{len(failed):,} of {count(len(done), 'test')} failed.", style="critical")
    elif not quiet:
        passed = "The one test passed." if len(done) == 1 else f"All {len(done):,} tests passed."
        page.say(passed, style="good")
    if failed or not quiet:
        write(page.text())
    return exits.FOUND if failed else exits.DONE


def _failed(page: Page, tested: Tested) -> None:
    page.gap()
    page.heading([("FAIL", "critical"), (_place(tested), ""), (_title(tested), "strong")])
    failures_of(page, tested)


def _place(tested: Tested) -> str:
    return f"{tested.test.span.file}:{tested.test.span.line}"


def _title(tested: Tested) -> str:
    return f'"{tested.test.title}"'
