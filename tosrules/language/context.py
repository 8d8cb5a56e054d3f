"""What the checking passes share: the tables of all packs, resolved on demand.

Statuses, links and signals may build on one another. Each is checked when it is first asked
for; the order in which they finish is an order in which each stands after what it needs, and
one that is asked for while it is being checked depends on itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tosrules.language import syntax as s
from tosrules.language.diagnostics import Related
from tosrules.language.names import Entry, PackScope, name_span, words_for
from tosrules.language.reporting import Report
from tosrules.policy.model import (
    CalendarDeclaration,
    Link,
    ListDeclaration,
    Param,
    Signal,
    Source,
    Status,
)
from tosrules.span import Span
from tosrules.vocabulary import Vocabulary

_DECLARE = {
    "source": 'declare it: `source NAME { title "…" }`',
    "param": 'declare it: `param NAME = 60 chosen because "…"`',
    "calendar": 'declare it: `calendar NAME { weekdays in "America/New_York" }`',
    "list": 'declare it: `list NAME = ["…", "…"]`',
}
Lasting = Status | Link | Signal


class Context:
    """Tables filled by the passes; `report` collects what is wrong."""

    def __init__(
        self,
        scopes: Mapping[str, PackScope],
        vocabulary: Vocabulary,
        report: Report,
        folders: Mapping[str, Path],
        texts: Mapping[str, str],
    ) -> None:
        self.scopes = scopes
        self.vocabulary = vocabulary
        self.report = report
        self.folders = folders
        """The folder of each rule file, for lists and text copies beside it."""
        self.texts = texts
        self.sources: dict[str, Source] = {}
        self.params: dict[str, Param] = {}
        self.lists: dict[str, ListDeclaration] = {}
        self.calendars: dict[str, CalendarDeclaration] = {}
        self.statuses: dict[str, Status] = {}
        self.links: dict[str, Link] = {}
        self.signals: dict[str, Signal] = {}
        self.order: list[str] = []
        self.read_files: dict[str, dict[str, bytes]] = {}
        """Per pack: lists and text copies that were read, by name."""
        self._failed: set[str] = set()
        self._in_progress: list[tuple[str, Entry]] = []
        self.resolvers: dict[str, Callable[[Context, Entry], Any]] = {}
        """Kind → the pass that checks one status, link or signal."""
        self.sound_defines: dict[str, bool] = {}
        self.any_event: Any = None
        """The role of an event of any type, for definitions checked on their own."""
        self.circular_sets: set[str] = set()
        self.damaged_lists: set[str] = set()
        """Lists of which something was said: no more is said where they are used."""
        self.list_uses: dict[str, tuple[bool, Span]] = {}
        """How each list was first used: as networks, or as text."""
        self.copies: dict[str, str] = {}
        """The text of local copies, by source."""

    def resolve(self, entry: Entry, asked_at: Span) -> Any:
        """The checked status, link or signal of `entry`, or None where it has errors."""
        tables: dict[str, dict[str, Any]] = {
            "status": self.statuses,
            "link": self.links,
            "signal": self.signals,
        }
        table = tables[entry.kind]
        name = entry.qualified
        if name in table:
            return table[name]
        if name in self._failed:
            return None
        for place, (waiting, _) in enumerate(self._in_progress):
            if waiting == name:
                self._circle(self._in_progress[place:], asked_at)
                return None
        self._in_progress.append((name, entry))
        try:
            found = self.resolvers[entry.kind](self, entry)
        finally:
            self._in_progress.pop()
        if found is None or name in self._failed:
            self._failed.add(name)
            return None
        table[name] = found
        self.order.append(name)
        return found

    def _circle(self, circle: list[tuple[str, Entry]], asked_at: Span) -> None:
        for name, _ in circle:
            self._failed.add(name)
        first = circle[0][1]
        own = first.qualified.rpartition("/")[2]
        by_way = [f"{e.kind} `{e.qualified.rpartition('/')[2]}`" for _, e in circle[1:]]
        way = " by way of " + ", ".join(by_way) if by_way else ""
        self.report.error(
            "circle",
            f"{first.kind} `{own}` depends on itself{way}",
            asked_at,
            help="let one of them stand on recorded events alone"
            if by_way
            else f"let `{own}` stand on recorded events alone",
            related=tuple(Related(name_span(e.node), f"{e.kind} declared here") for _, e in circle),
        )

    def written(self, node: s.Node) -> str:
        """What the author wrote for `node`, on one line and without comments."""
        span = node.span
        lines = self.texts.get(span.file, "").split("\n")[span.line - 1 : span.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return " ".join(" ".join(_without_comment(line) for line in lines).split())

    def find(
        self, scope: PackScope, name: s.Name | s.Path, kind: str, what: str = ""
    ) -> Entry | None:
        """The declaration of `kind` that `name` means in `scope`; reports unknown names and
        names of another kind."""
        entry = self.lookup(scope, name)
        if entry is None:
            known = scope.visible(kind)
            self.report.unknown(
                f"unknown-{kind}",
                what or kind,
                name.text,
                name.span,
                known,
                help=_known(what or kind, known) or _DECLARE.get(kind, ""),
            )
            return None
        if entry.kind != kind:
            self.report.error(
                f"not-a-{kind}",
                f"`{name.text}` is a {words_for(entry.kind)}, and a {what or kind} is meant here",
                name.span,
                help=_known(what or kind, scope.visible(kind)) or _DECLARE.get(kind, ""),
                related=(Related(name_span(entry.node), f"`{name.text}` is declared here"),),
            )
            return None
        return entry

    def lookup(self, scope: PackScope, name: s.Name | s.Path | s.EventName) -> Entry | None:
        """What `name` means in `scope`, or None; reports a name that two imports share."""
        shared = scope.shared(name.text)
        if shared:
            packs = " and ".join(f"`{e.scope.id}`" for e in shared)
            self.report.error(
                "name-of-two-packs",
                f"`{name.text}` is declared by the imported packs {packs}, so it has two "
                "meanings here",
                name.span,
                help="import one of them only, or declare what is meant here under a name of "
                "its own",
                related=tuple(Related(name_span(e.node), "declared here") for e in shared),
            )
        return scope.lookup(name.text)


def _known(what: str, names: list[str]) -> str:
    """The names there are, for one that is not among them."""
    if not names:
        return ""
    some = ", ".join(f"`{n}`" for n in names[:8]) + (" …" if len(names) > 8 else "")
    return f"{what}s here are {some}" if len(names) > 1 else f"the only {what} here is {some}"


def _without_comment(line: str) -> str:
    """The line up to a `#` that stands in no text and no regular expression."""
    if "#" not in line:
        return line
    found = _CODE.match(line)
    return line if found is None else found.group()


_CODE = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|matches\s*/(?:[^/\\]|\\.)+/|[^"#])*""")
