"""Places in rule files."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of one rule file. Lines and columns are 1-based; columns count code points;
    the end column is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of `other`."""
        return Span(self.file, self.line, self.column, other.end_line, other.end_column)


NOWHERE = Span("", 0, 0, 0, 0)
"""The span of what no file says: built-in names, parts made by the program."""
