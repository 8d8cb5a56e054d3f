"""`html`: one self-contained page that opens without a network and lets nothing act.

The template library is imported only when a page is asked for. What a page holds is made in
`page` from the result alone, so that a saved result renders again, to the same bytes.
"""

from __future__ import annotations

from tosrules.reports import Options
from tosrules.result.model import Result


def render(result: Result, options: Options) -> str:  # noqa: ARG001
    from tosrules.reports.html.page import page

    return page(result)
