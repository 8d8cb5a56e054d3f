"""Names: what each pack declares, and what a rule file may call by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tosrules.language import syntax as s
from tosrules.language.diagnostics import Related
from tosrules.language.reporting import Report
from tosrules.record import Record
from tosrules.span import Span

KINDS: Mapping[type[s.Node], str] = {
    s.Source: "source",
    s.List: "list",
    s.Calendar: "calendar",
    s.Param: "param",
    s.Define: "define",
    s.Events: "events",
    s.Status: "status",
    s.Link: "link",
    s.Signal: "signal",
}
"""Declarations that share one space of names, and the word that declares each."""

RESERVED = frozenset(
    {"not", "any", "later", "earlier", "true", "false", "event", "count", "gap", "distinct",
     "sum", "min", "max", "stddev", "lower", "length", "hour", "weekday", "date", "host", "path"}
)  # fmt: skip
"""Words that would be read as something else where a name is meant."""


class Entry(Record):
    """A declared name."""

    qualified: str
    kind: str
    node: s.Declaration
    scope: PackScope


@dataclass(eq=False, slots=True)
class PackScope:
    """One pack: its files, its own names, and the packs it imports."""

    id: str
    files: list[s.File] = field(default_factory=list)
    header: s.Pack | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    clauses: dict[str, list[s.Clause]] = field(default_factory=dict)
    imports: list[PackScope] = field(default_factory=list)

    def declarations(self) -> Iterator[s.Declaration]:
        for file in self.files:
            yield from file.declarations

    def lookup(self, name: str) -> Entry | None:
        """The declaration that `name` means in this pack: its own, else an imported one."""
        own = self.entries.get(name)
        if own is not None:
            return own
        for imported in self.imports:
            found = imported.entries.get(name)
            if found is not None:
                return found
        return None

    def shared(self, name: str) -> list[Entry]:
        """The declarations of imported packs that `name` might mean, if there are several."""
        if name in self.entries:
            return []
        found = [i.entries[name] for i in self.imports if name in i.entries]
        return found if len(found) > 1 else []

    def visible(self, kind: str | None = None) -> list[str]:
        """All names this pack may use, of one kind or of every kind, sorted."""
        scopes = [self, *self.imports]
        return sorted(
            name
            for scope in scopes
            for name, entry in scope.entries.items()
            if kind is None or entry.kind == kind
        )


def declare(scope: PackScope, report: Report) -> None:
    """Fill the tables of one pack from its files, and report names declared twice."""
    for node in scope.declarations():
        if isinstance(node, s.Clause):
            scope.clauses.setdefault(node.name.text, []).append(node)
            continue
        kind = KINDS.get(type(node))
        if kind is None:
            continue
        name: s.Name = node.name  # type: ignore[union-attr]
        if name.text in RESERVED:
            report.error(
                "reserved-name",
                f"`{name.text}` is a word of the language and cannot name {_a(kind)}",
                name.span,
                help="give it another name",
            )
            report.damaged.add(name.text)
            continue
        earlier = scope.entries.get(name.text)
        if earlier is not None:
            report.error(
                "duplicate-name",
                f"`{name.text}` is already declared in pack `{scope.id}`, as {_a(earlier.kind)}",
                name.span,
                help="give one of the two another name",
                related=(Related(name_span(earlier.node), "first declared here"),),
            )
            continue
        scope.entries[name.text] = Entry(f"{scope.id}/{name.text}", kind, node, scope)


def check_imports(scope: PackScope, report: Report) -> None:
    """Report own names that an imported pack has too."""
    for imported in scope.imports:
        for name in imported.entries:
            own = scope.entries.get(name)
            if own is not None:
                report.error(
                    "name-clash",
                    f"`{name}` is also declared by the imported pack `{imported.id}`, "
                    "so it would have two meanings here",
                    name_span(own.node),
                    help=f"give it another name, or use the "
                    f"{words_for(imported.entries[name].kind)} of "
                    f"`{imported.id}` as it is",
                    related=(
                        Related(name_span(imported.entries[name].node), "declared here as well"),
                    ),
                )


def check_event_names(scope: PackScope, types: Mapping[str, object], report: Report) -> None:
    """Report named sets and signals that are called like an event type."""
    for name, entry in scope.entries.items():
        if name in types and entry.kind in ("events", "signal"):
            report.error(
                "name-clash",
                f"`{name}` is also an event type, so that `forbid {name}` would have two meanings",
                name_span(entry.node),
                help=f"give the {words_for(entry.kind)} another name",
            )


def words_for(kind: str) -> str:
    """A kind of declaration in a sentence: `param` → `parameter`."""
    return {"param": "parameter", "define": "definition", "events": "named set"}.get(kind, kind)


def _a(kind: str) -> str:
    return (
        f"{'an' if kind[0] in 'aeiou' else 'a'} {words_for(kind)}"
        if kind != "events"
        else ("a named set")
    )


def name_span(node: s.Declaration) -> Span:
    name = getattr(node, "name", None)
    return name.span if isinstance(name, s.Name) else node.span
