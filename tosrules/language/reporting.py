"""Collecting diagnostics while checking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tosrules.language.diagnostics import Diagnostic, Related, did_you_mean
from tosrules.span import Span

NAMES = frozenset(
    {
        "empty-prefix", "unknown-attribute", "unknown-calendar", "unknown-clause",
        "unknown-event-type", "unknown-function", "unknown-list", "unknown-name", "unknown-param",
        "unknown-source", "which-event",
    }
)  # fmt: skip
"""Codes of names that nothing declares."""


class Report:
    """The diagnostics of a run, in the order found.

    Names in `damaged` belong to parts that an error took away: nothing is said about them a
    second time. Where a whole file or pack is `lost`, any name may have stood there, so that
    nothing is said of unknown names at all.
    """

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.damaged: set[str] = set()
        self.mended: set[tuple[str, int, int]] = set()
        """File, line and column of what the recovery from a syntax error made up."""
        self.lost = False
        self.errors = 0
        """How often something was wrong, said or not."""
        self.owners: Mapping[str, Sequence[str]] = {}
        """Attribute → the event types that have it, to say where a misplaced one belongs."""
        self._said: set[tuple[str, Span]] = set()

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
        self.errors += 1
        if (span.file, span.line, span.column) in self.mended:
            return
        if (code, span) in self._said or (self.lost and code in NAMES):
            return  # a condition is read once for each rule of its clause
        self._said.add((code, span))
        self.diagnostics.append(Diagnostic(code, message, span, help, label, related))

    def warn(self, code: str, message: str, span: Span, *, help: str) -> None:
        """Something that can be used as it stands, and is hardly what was meant."""
        if (code, span) not in self._said:
            self._said.add((code, span))
            self.diagnostics.append(Diagnostic(code, message, span, help, warning=True))

    def unknown(
        self,
        code: str,
        what: str,
        word: str,
        span: Span,
        known: Iterable[str],
        help: str = "",
    ) -> None:
        """`unknown status `bared`; did you mean `barred`?` unless the word was lost to a
        syntax error."""
        if word in self.damaged:
            self.errors += 1
            return
        near = did_you_mean(word, known)
        message = f"unknown {what} `{word}`" + (f"; {near}" if near else "")
        self.error(code, message, span, help="" if near else help)

    @contextmanager
    def retold(self, span: Span, words: Callable[[str], str], related: Related) -> Iterator[None]:
        """What is found wrong inside is said once of `span`, with the place itself beside."""
        before = len(self.diagnostics)
        yield
        inner = self.diagnostics[before:]
        if inner and inner[0].code != "circle":
            del self.diagnostics[before:]
            self._said -= {(d.code, d.span) for d in inner}
            first = inner[0]
            self.error(
                first.code,
                words(first.message),
                span,
                help=first.help,
                label=first.label,
                related=(related, *first.related),
            )

    @property
    def failed(self) -> bool:
        return self.errors > 0
