"""All checking passes in order: parsed packs → the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tosrules.language.clauses import check_clauses
from tosrules.language.context import Context
from tosrules.language.defines import check_defines
from tosrules.language.diagnostics import did_you_mean
from tosrules.language.documents import check_documents, param_value
from tosrules.language.event_types import build_vocabulary
from tosrules.language.events import check_named_sets
from tosrules.language.lasting import RESOLVERS, check_lasting
from tosrules.language.names import PackScope, check_imports, declare
from tosrules.language.overlays import apply_overlays
from tosrules.language.reporting import Report
from tosrules.language.span import Span
from tosrules.language.testblocks import check_tests
from tosrules.policy.model import Clause, Origin, PackInfo, Param, Policy

_HERE = "--set"


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
    context.resolvers.update(RESOLVERS)
    check_documents(context)
    _apply(context, settings)
    check_named_sets(context)
    check_defines(context)
    check_lasting(context)
    clauses, targets = apply_overlays(context, check_clauses(context))
    tests = check_tests(context)
    wanted = [*judged, *(home for pair in sorted(targets) for house, _, home in
                         [pair.partition(" -> ")] if house in judged)]
    _empty_packs(context, wanted, clauses)
    packs = tuple(
        _pack_info(scope, id in wanted, hashes.get(id, {}), context.read_files.get(id, {}))
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


def _apply(context: Context, settings: Settings) -> None:
    """Set parameters by name, or by `pack/name` where several packs have one."""
    from tosrules.language.parser import parse
    from tosrules.language import syntax as s

    for name, text in settings.values.items():
        place = Span(f"{_HERE} {name}={text}", 1, 1, 1, 1)
        found = [
            q for q in context.params if q == name or q.rpartition("/")[2] == name
        ]
        if not found:
            known = [q.rpartition("/")[2] for q in context.params]
            near = did_you_mean(name, known)
            context.report.error(
                "unknown-param",
                f"unknown parameter `{name}`" + (f"; {near}" if near else ""),
                place,
                help="" if near else "`tosrules rules PACK` lists the parameters of a pack",
            )
            continue
        parsed = parse(f'param x = {text} chosen because "set"\n', place.file)
        node = next((d for d in parsed.file.declarations if isinstance(d, s.Param)), None)
        for qualified in found:
            pack = context.scopes[qualified.partition("/")[0]]
            value = param_value(context, pack, node.value) if node is not None else None
            old = context.params[qualified]
            if value is None or value[1] != old.type:
                context.report.error(
                    "param-type",
                    f"parameter `{name}` is {old.text} in the pack, and cannot be `{text}`",
                    place,
                    help=f"write it as the pack does: `--set '{name}={old.text}'`",
                )
                continue
            context.params[qualified] = Param(
                qualified, old.type, value[0], value[2],
                Origin("", "", "set for this run"), _HERE, span=old.span,
            )


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
        if not scope.files or context.report.failed:
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
    files: Mapping[str, bytes],
    read: Mapping[str, bytes],
) -> PackInfo:
    import hashlib

    both = {**files, **read}
    hashed = tuple(
        (name, hashlib.sha256(data).hexdigest()) for name, data in sorted(both.items())
    )
    whole = hashlib.sha256("".join(f"{h}  {n}\n" for n, h in hashed).encode()).hexdigest()
    header = scope.header
    return PackInfo(
        scope.id,
        header.title.value if header is not None and header.title is not None else "",
        header.version.value if header is not None and header.version is not None else "",
        hashed,
        whole,
        judged,
    )
