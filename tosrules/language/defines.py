"""Definitions, checked on their own before they are written out where they are used."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.context import Context
from tosrules.language.names import Entry
from tosrules.language.scope import Role, Scope, role_of
from tosrules.policy import expressions as p


def check_defines(context: Context) -> None:
    """Every definition of every pack, used or not."""
    for scope in context.scopes.values():
        for entry in scope.entries.values():
            if entry.kind == "define":
                check_define(context, entry)


def check_define(context: Context, entry: Entry) -> bool:
    """Whether the definition makes sense for some event; its mistakes are said once."""
    known = context.sound_defines.get(entry.qualified)
    if known is not None:
        return known
    define = entry.node
    assert isinstance(define, s.Define)
    before = context.report.errors
    context.sound_defines[entry.qualified] = True
    seen: dict[str, s.Name] = {}
    for parameter in define.parameters:
        if parameter.text in seen:
            context.report.error(
                "duplicate-name",
                f"definition `{define.name.text}` has two inputs named `{parameter.text}`",
                parameter.span,
                help="give each input a name of its own",
            )
        seen[parameter.text] = parameter
    anything = _any_event(context)
    bound: dict[str, p.Expression | Role | None] = {}
    for name in seen:
        bound[name] = anything if used_as_event(define.body, name) else None
    scope = Scope(
        context,
        entry.scope,
        bare=None if define.parameters else anything,
        bound=bound,
        defining=(entry.qualified,),
    )
    from tosrules.language.values import value_or_event

    value_or_event(define.body, scope)
    sound = context.report.errors == before
    context.sound_defines[entry.qualified] = sound
    return sound


def _any_event(context: Context) -> Role:
    known: Role | None = context.any_event
    if known is None:
        known = context.any_event = _made_any_event(context)
    return known


def _made_any_event(context: Context) -> Role:
    every = [
        {a.name: a.type for a in t.attributes.values()} for t in context.vocabulary.types.values()
    ]
    role = role_of("", "any event type", every)
    # Of an attribute that differs from type to type nothing is said until it is used.
    return Role("", role.words, role.attributes, lenient=True)


def used_as_event(node: object, name: str) -> bool:
    """Whether a definition reads an attribute of its input."""
    if isinstance(node, s.Path):
        return node.text.startswith(name + ".")
    if isinstance(node, s.Node):
        return any(used_as_event(getattr(node, f), name) for f in node.field_names)
    if isinstance(node, tuple):
        return any(used_as_event(x, name) for x in node)
    return False
