"""Regular expressions that cost nothing until they are used.

Compiling one takes a quarter of a millisecond, and a run uses few of those that the readers of
traces have.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Late:
    """Stands for a pattern; becomes its methods one by one, so that each is found once."""

    def __init__(self, text: str, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile`, when it is first asked to match."""
    return cast("re.Pattern[str]", _Late(text, flags))
