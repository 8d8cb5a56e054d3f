"""What a failed test of a rule file says, for the command line and for pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tosrules.reports.layout import Page

if TYPE_CHECKING:
    from tosrules.authoring.testing import Tested


def failures_of(page: Page, tested: Tested, indent: int = 2) -> None:
    """What was expected and what came, with the values that decided."""
    if tested.error:
        page.labelled("error", tested.error, indent)
    for failure in tested.failures:
        span = failure.expected.span
        page.labelled("expected", f"{failure.wanted}  ({span.file}:{span.line})", indent)
        page.labelled("came", failure.came, indent)
        for why in failure.why:
            page.labelled("because", why, indent)
    for param in tested.test.settings.values():
        page.labelled("set", f"{param.name} = {param.text}", indent)
