"""Places in rule files; they live where every room may know them."""

from __future__ import annotations

from tosrules.span import NOWHERE, Span

__all__ = ["NOWHERE", "Span"]
