"""`json`: the result itself. Its shape is `tosrules.result.model`; see `tosrules schema result`."""

from __future__ import annotations

from tosrules.reports import Options
from tosrules.result.encode import to_json
from tosrules.result.model import Result


def render(result: Result, options: Options) -> str:  # noqa: ARG001
    return to_json(result)
