"""Text in SARIF's messages, where `[words](target)` is a link and `{0}` a placeholder."""

from __future__ import annotations

import re

from tosrules.reports.safe import visible

_LINK = re.compile(r"[\\\[\]]")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def message(text: str) -> dict[str, str]:
    """A message that says `text` and nothing else: no link, no placeholder, no control."""
    said = "\n".join(visible(line) for line in text.split("\n"))
    if "](" in said:
        said = _LINK.sub(lambda mark: f"\\{mark[0]}", said)
    return {"text": _PLACEHOLDER.sub(r"{{\1}}", said)}
