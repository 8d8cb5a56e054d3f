"""Event sets: types, prefixes, named sets and signals → what a step reads."""

from __future__ import annotations

from collections.abc import Mapping

from tosrules.language import syntax as s
from tosrules.language.context import Context
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.event_types import prefixes
from tosrules.language.names import PackScope, words_for
from tosrules.language.scope import Role, role_of
from tosrules.policy.model import Signal
from tosrules.record import Record, replace
from tosrules.vocabulary import Type


class Selected(Record):
    """What an event set selects."""

    types: tuple[str, ...]
    signals: tuple[str, ...]
    groups: tuple[Mapping[str, Type], ...]
    """The attributes of each."""
    words: str
    text: str
    """As written."""

    partial: bool = False
    """A declaration of one of the types lost something to an error."""

    def role(self, name: str) -> Role:
        return replace(role_of(name, self.words, self.groups), partial=self.partial)


def select(context: Context, scope: PackScope, node: s.EventSet) -> Selected | None:
    """Resolve an event set; None where a name in it is not known."""
    chosen = _Choice(context, scope)
    known = [chosen.add(name, ()) for name in node.names]
    if not all(known):
        return None
    _families(context, node)
    types = tuple(sorted(chosen.types))
    signals = tuple(sorted(chosen.signals))
    groups: list[Mapping[str, Type]] = [
        {a.name: a.type for a in context.vocabulary.types[t].attributes.values()} for t in types
    ]
    groups += [{c.name: c.type for c in chosen.signals[q].carried} for q in signals]
    text = " or ".join(n.text + (".*" if n.prefix else "") for n in node.names)
    damaged = context.report.damaged
    partial = bool(damaged) and any(
        name in damaged for t in types for name in ("common", *prefixes(t))
    )
    return Selected(types, signals, tuple(groups), f"`{text}`", text, partial)


def _families(context: Context, node: s.EventSet) -> None:
    """Warns of a type named alone where types stand below it that the set has none of."""
    whole = {name.text for name in node.names if name.prefix}
    named = {name.text for name in node.names}
    for name in node.names:
        below = [t for t in context.vocabulary.types if t.startswith(name.text + ".")]
        if name.prefix or name.text in whole or not below or named & set(below):
            continue
        if name.text in context.vocabulary.types:
            context.report.warn(
                "family-alone",
                f"`{name.text}` is that one event type, and none of those below it, such as "
                f"`{below[0]}`",
                name.span,
                help=f"write `{name.text}.*` for all types below it",
            )


class _Choice:
    def __init__(self, context: Context, scope: PackScope) -> None:
        self.context = context
        self.scope = scope
        self.types: set[str] = set()
        self.signals: dict[str, Signal] = {}

    def add(self, node: s.EventName, inside: tuple[str, ...]) -> bool:
        if node.prefix:
            return self._prefix(node)
        entry = self.context.lookup(self.scope, node)
        if entry is not None and entry.kind == "events":
            return self._named_set(node, inside)
        if entry is not None and entry.kind == "signal":
            if inside:
                self.context.report.error(
                    "signal-in-set",
                    f"a named set holds event types, and `{node.text}` is a signal",
                    node.span,
                    help=f"name the signal where the set is used: `… or {node.text}`",
                )
                return False
            signal: Signal | None = self.context.resolve(entry, node.span)
            if signal is None:
                return False
            self.signals[entry.qualified] = signal
            return True
        if node.text in self.context.vocabulary.types:
            self.types.add(node.text)
            return True
        return self._unknown(node)

    def _prefix(self, node: s.EventName) -> bool:
        below = [t for t in self.context.vocabulary.types if t.startswith(node.text + ".")]
        if below:
            self.types.update(below)
            return True
        report = self.context.report
        prefixes = {t.rpartition(".")[0] for t in self.context.vocabulary.types if "." in t}
        if node.text in report.damaged:
            return False
        alone = node.text in self.context.vocabulary.types
        near = "" if alone else did_you_mean(node.text, prefixes)
        report.error(
            "empty-prefix",
            f"no event type begins with `{node.text}.`" + (f"; {near[:-2]}.*`?" if near else ""),
            node.span,
            help=f"write `{node.text}` for that type alone"
            if alone
            else ""
            if near
            else "`tosrules rules vocabulary` lists the event types",
        )
        return False

    def _named_set(self, node: s.EventName, inside: tuple[str, ...]) -> bool:
        entry = self.scope.lookup(node.text)
        assert entry is not None
        assert isinstance(entry.node, s.Events)
        if entry.qualified in inside:
            for name in inside:
                self.context.circular_sets.add(name)
            self.context.report.error(
                "circle",
                f"named set `{node.text}` contains itself",
                node.span,
                help="name the event types themselves",
            )
            return False
        if entry.qualified in self.context.circular_sets:
            return False
        here = self.scope
        self.scope = entry.scope
        known = [self.add(n, (*inside, entry.qualified)) for n in entry.node.events.names]
        self.scope = here
        return all(known)

    def _unknown(self, node: s.EventName) -> bool:
        report = self.context.report
        types = self.context.vocabulary.types
        if node.text in report.damaged:
            return False
        if any(t.startswith(node.text + ".") for t in types):
            report.error(
                "unknown-event-type",
                f"`{node.text}` is the beginning of event types and none itself",
                node.span,
                help=f"write `{node.text}.*` for all types below it",
            )
            return False
        entry = self.scope.lookup(node.text)
        if entry is not None:
            report.error(
                "not-events",
                f"`{node.text}` is a {words_for(entry.kind)}, and events are meant here",
                node.span,
                help=f"name the events, and ask it of them: `forbid … where {node.text}(actor)`"
                if entry.kind == "status"
                else f"name the events, and ask it of them: `forbid … where {node.text}(event)`"
                if entry.kind == "define"
                else "name an event type, a prefix such as `engagement.*`, a named set or a signal",
            )
            return False
        known = [*types, *self.scope.visible("events"), *self.scope.visible("signal")]
        near = did_you_mean(node.text, known)
        report.error(
            "unknown-event-type",
            f"unknown event type `{node.text}`" + (f"; {near}" if near else ""),
            node.span,
            help=""
            if near
            else "`tosrules rules vocabulary` lists the event types; declare one of your own by "
            f'`event {node.text} "…" {{ has actor party }}`',
        )
        return False


def check_named_sets(context: Context) -> None:
    """Every named set of every pack, used or not."""
    for scope in context.scopes.values():
        for entry in scope.entries.values():
            if isinstance(entry.node, s.Events) and entry.qualified not in context.circular_sets:
                chosen = _Choice(context, scope)
                known = [chosen.add(n, (entry.qualified,)) for n in entry.node.events.names]
                if all(known):
                    _families(context, entry.node.events)
