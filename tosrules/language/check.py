"""All checking passes in order: parsed packs → the policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tosrules.language.clauses import check_clauses
from tosrules.language.context import Context
from tosrules.language.defines import check_defines
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.documents import check_documents, param_value
from tosrules.language.event_types import build_vocabulary
from tosrules.language.events import check_named_sets
from tosrules.language.kinds import article
from tosrules.language.lasting import RESOLVERS, check_lasting
from tosrules.language.load import SETTINGS
from tosrules.language.names import PackScope, check_event_names, check_imports, declare
from tosrules.language.overlays import apply_overlays
from tosrules.language.reporting import Report
from tosrules.language.testblocks import check_tests
from tosrules.policy.model import Clause, Origin, PackInfo, Param, ParamConstant, Policy
from tosrules.span import Span
from tosrules.vocabulary import Type


class Settings(NamedTuple):
    """Parameter values from the command line or the configuration, as text."""

    values: Mapping[str, str]


def check_policy(
    scopes: Mapping[str, PackScope],
    report: Report,
    settings: Settings,
    *,
    judged: Sequence[str],
    folders: Mapping[str, Path],
    texts: Mapping[str, str],
    hashes: Mapping[str, Mapping[str, bytes]],
    untested: Collection[str] = (),
) -> Policy:
    """The policy of the packs in `scopes`; meaningful only if `report` stayed without errors.

    `hashes` holds the bytes of each pack's files by name.
    """
    for scope in scopes.values():
        declare(scope, report)
    for scope in scopes.values():
        check_imports(scope, report)
    vocabulary = build_vocabulary(scopes.values(), report)
    context = Context(scopes, vocabulary, report, folders, texts)
    for scope in scopes.values():
        check_event_names(scope, vocabulary.types, report)
    context.resolvers.update(RESOLVERS)
    check_documents(context)
    _apply(context, settings)
    check_named_sets(context)
    check_defines(context)
    check_lasting(context)
    clauses, targets = apply_overlays(context, check_clauses(context))
    tests = check_tests(context, untested)
    wanted = [
        *judged,
        *(
            home
            for pair in sorted(targets)
            for house, _, home in [pair.partition(" -> ")]
            if house in judged
        ),
    ]
    _empty_packs(context, wanted, clauses)
    packs = tuple(
        _pack_info(
            scope, id in wanted, id in judged, hashes.get(id, {}), context.read_files.get(id, {})
        )
        for id, scope in sorted(scopes.items())
    )
    return Policy(
        vocabulary,
        packs,
        context.sources,
        context.params,
        context.lists,
        context.calendars,
        context.statuses,
        context.links,
        context.signals,
        tuple(context.order),
        tuple(clauses),
        tuple(t for t in tests),
    )


def settings_text(settings: Mapping[str, str]) -> str:
    """The settings as the lines of a text, for messages about them."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _apply(context: Context, settings: Settings) -> None:
    """Set parameters by name, or by `pack/name` where several packs have one."""
    for number, (name, text) in enumerate(settings.values.items(), 1):
        place = Span(SETTINGS, number, 1, number, len(name) + 1)
        value_place = Span(SETTINGS, number, len(name) + 2, number, len(name) + len(text) + 2)
        found = [q for q in context.params if name in (q, q.rpartition("/")[2])]
        if not found:
            own = {q.rpartition("/")[2] for q in context.params}
            near = did_you_mean(name, sorted({*own, *context.params} if "/" in name else own))
            if name.rpartition("/")[2] in context.report.damaged:
                continue
            context.report.error(
                "unknown-param",
                f"unknown parameter `{name}`" + (f"; {near}" if near else ""),
                place,
                help="" if near else "`tosrules rules PACK` lists the parameters of a pack",
            )
            continue
        for qualified in found:
            old = context.params[qualified]
            value = _setting(context, context.scopes[qualified.partition("/")[0]], text)
            if value is None or value[1] != old.type:
                context.report.error(
                    "param-type",
                    f"parameter `{name}` is {article(old.type)} in pack "
                    f"`{qualified.partition('/')[0]}`, and this is not",
                    value_place,
                    help=f"write it as the pack does: `--set '{name}={old.text}'`",
                )
                continue
            context.params[qualified] = Param(
                qualified, old.type, value[0], value[2],
                Origin("", "", "set for this run"), SETTINGS, span=old.span,
            )  # fmt: skip


def _setting(
    context: Context, pack: PackScope, text: str
) -> tuple[ParamConstant, Type, str] | None:
    """The value that `text` says, read as in a `param`; None if it says none."""
    from tosrules.language import syntax as s
    from tosrules.language.parser import parse

    parsed = parse(f'pack x\nparam x = {text}\nchosen because "set"\n', SETTINGS)
    nodes = parsed.file.declarations
    if parsed.diagnostics or len(nodes) != 1 or not isinstance(nodes[0], s.Param):
        return None
    aside, context.report = context.report, Report()
    try:
        found = param_value(context, pack, nodes[0].value)
        return None if context.report.failed else found
    finally:
        context.report = aside


def _empty_packs(context: Context, judged: Sequence[str], clauses: list[Clause]) -> None:
    """A pack that judges nothing would pass every trace in silence."""
    have = {c.pack for c in clauses}
    for id in dict.fromkeys(judged):
        scope = context.scopes.get(id)
        if scope is None or id in have or scope.clauses or id in context.report.damaged:
            continue
        from tosrules.language import syntax as s

        if any(isinstance(d, s.Overlay) for d in scope.declarations()):
            continue
        refused = any(not d.warning for d in context.report.diagnostics)
        if not scope.files or context.report.failed or refused:
            continue
        header = scope.header or scope.files[0].pack
        assert header is not None
        context.report.error(
            "no-clause",
            f"pack `{id}` has no clause, so nothing could ever be found",
            header.span,
            help="add a clause, or name a pack that has some",
        )


def _pack_info(
    scope: PackScope,
    judged: bool,
    named: bool,
    files: Mapping[str, bytes],
    read: Mapping[str, bytes],
) -> PackInfo:
    import hashlib

    both = {**files, **read}
    hashed = tuple((name, hashlib.sha256(data).hexdigest()) for name, data in sorted(both.items()))
    whole = hashlib.sha256("".join(f"{h}  {n}\n" for n, h in hashed).encode()).hexdigest()
    header = scope.header
    return PackInfo(
        scope.id,
        header.title.value if header is not None and header.title is not None else "",
        header.version.value if header is not None and header.version is not None else "",
        hashed,
        whole,
        judged,
        named,
    )
