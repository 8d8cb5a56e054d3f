"""Collecting diagnostics while checking."""

from __future__ import annotations

from collections.abc import Iterable

from tosrules.language.diagnostics import Diagnostic, Related, did_you_mean
from tosrules.language.span import Span


class Report:
    """The diagnostics of a run, in the order found. Names in `damaged` belong to parts that
    a syntax error took away: nothing is said about them a second time."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.damaged: set[str] = set()

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        help: str = "",
        label: str = "",
        related: tuple[Related, ...] = (),
    ) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help, label, related))

    def unknown(self, code: str, what: str, word: str, span: Span, known: Iterable[str]) -> None:
        """`unknown status `bared`; did you mean `barred`?` unless the word was lost to a
        syntax error."""
        if word in self.damaged:
            return
        near = did_you_mean(word, known)
        self.error(code, f"unknown {what} `{word}`" + (f"; {near}" if near else ""), span)

    @property
    def failed(self) -> bool:
        return any(not d.warning for d in self.diagnostics)
