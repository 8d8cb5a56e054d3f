"""A clause explained: what it says, on what authority, and the names it builds on."""

from __future__ import annotations

from collections.abc import Iterable

from tosrules.policy.expressions import (
    GroupOf,
    Held,
    LinkMembers,
    ParamValue,
    Remembered,
)
from tosrules.policy.model import (
    BoundRule,
    Citation,
    Clause,
    Link,
    Policy,
    Signal,
    Status,
    Step,
    Tie,
)
from tosrules.record import Record
from tosrules.result import model
from tosrules.result.cite import citation, law
from tosrules.result.reading import form_of, parts
from tosrules.result.values import listed, moment_of
from tosrules.result.wording import bare, origin_words, param_of, period_text, written
from tosrules.result.words import Words


class Named(Record):
    """A name that the clause builds on, and what it means."""

    name: str
    kind: str
    """`status`, `link` or `signal`."""
    lines: tuple[str, ...]


class ExplainedRule(Record):
    words: str
    text: str
    """As written."""
    place: str


class Explanation(Record):
    clause: Clause
    citations: tuple[model.Citation, ...]
    laws: tuple[model.Law, ...]
    severities: tuple[str, ...]
    applies: str
    binds: str
    rules: tuple[ExplainedRule, ...]
    exceptions: tuple[str, ...]
    parameters: tuple[str, ...]
    named: tuple[Named, ...]


def explain(clause: Clause, policy: Policy) -> Explanation:
    words = Words(policy, clause)
    first = clause.rules[0]
    return Explanation(
        clause,
        tuple(citation(c, policy) for c in clause.citations),
        tuple(law(g, policy, clause) for g in first.laws),
        tuple(
            g.level if g.when is None else f"{g.level}, where {words.condition(g.when)}"
            for g in first.severities
        ),
        words.condition(first.applies) if first.applies is not None else "",
        words.binds(first.binds) if first.binds is not None else "",
        tuple(
            ExplainedRule(
                words.rule(b.rule),
                written(form_of(b.rule), b.rule.text),
                f"{b.rule.span.file}:{b.rule.span.line}",
            )
            for b in clause.rules
        ),
        tuple(dict.fromkeys(_exceptions(clause.rules, words, policy))),
        tuple(_parameters(clause, policy)),
        tuple(_names(clause, policy)),
    )


def _exceptions(rules: Iterable[BoundRule], words: Words, policy: Policy) -> Iterable[str]:
    for bound in rules:
        for exempt in bound.exceptions:
            said = words.condition(exempt.condition)
            if exempt.under is not None:
                said += f" (under {_source(exempt.under, policy)})"
            if exempt.overlay:
                until = "" if exempt.until is None else f" until {day_of(exempt.until)}"
                said += f" (an overlay{until}, because {exempt.overlay})"
            yield said


def day_of(until: int) -> str:
    """The instant at which something ends: a day where it is a day's beginning."""
    return moment_of(until).removesuffix(" 00:00:00Z")


def _source(of: Citation, policy: Policy) -> str:
    source = policy.sources.get(of.source)
    title = source.title if source is not None else of.source
    return f"{title}, section {of.section}" if of.section else title


def _parameters(clause: Clause, policy: Policy) -> Iterable[str]:
    read = (clause, *_built_on(clause, policy).values())
    names = dict.fromkeys(p.name for record in read for p in parts(record, ParamValue))
    for name in names:
        param = param_of(name, policy, clause)
        if param is not None:
            changed = f" (set by {param.set_by})" if param.set_by else ""
            yield f"{bare(name)} = {param.text}, {origin_words(param.origin, policy)}{changed}"


# ---- what the clause builds on -------------------------------------------------------------


def _names(clause: Clause, policy: Policy) -> Iterable[Named]:
    """Statuses, links and signals that the clause asks, and those that these ask, in order."""
    words = Words(policy, clause)
    for name in _built_on(clause, policy):
        if name in policy.statuses:
            yield _status(policy.statuses[name], words)
        elif name in policy.links:
            yield _link(policy.links[name], words)
        elif name in policy.signals:
            yield _signal(policy.signals[name], words)


def _built_on(clause: Clause, policy: Policy) -> dict[str, Record]:
    """Name → declaration of all that the clause asks, and that these ask, in order."""
    found: dict[str, Record] = {}
    pending: list[Record] = [clause]
    while pending:
        record = pending.pop(0)
        for name in _asked(record):
            if name in found:
                continue
            declared = (
                policy.statuses.get(name) or policy.links.get(name) or policy.signals.get(name)
            )
            if declared is not None:
                found[name] = declared
                pending.append(declared)
    return found


def _asked(record: Record) -> Iterable[str]:
    for held in parts(record, Held):
        yield held.status
    for remembered in parts(record, Remembered):
        yield remembered.status
    for members in parts(record, LinkMembers):
        yield members.link
    for group in parts(record, GroupOf):
        yield group.link
    for tie in parts(record, Tie):
        if tie.link:
            yield tie.link
    for step in parts(record, Step):
        yield from step.signals


def _status(status: Status, words: Words) -> Named:
    lines = []
    for change in status.changes:
        keys = listed([words.value(k) for k in change.keys])
        verb = "begins" if change.begins else "ends"
        lines.append(f"{verb} on {_step(change.step, words)}, for its {keys}")
    if status.initially_unknown:
        lines.append("may have held before the trace begins")
    if status.expires_after is not None:
        lines.append(f"expires after {period_text(status.expires_after, words.policy, None)}")
    if status.expires_at is not None:
        lines.append(f"expires at the time that {words.value(status.expires_at)} gives, if it does")
    return Named(bare(status.name), "status", tuple(lines))


def _link(link: Link, words: Words) -> Named:
    lines = []
    for change in link.changes:
        verb = "begins" if change.begins else "ends"
        ends = (words.value(change.first), words.value(change.second))
        pair = "from {} to {}" if link.directed else "between {} and {}"
        lines.append(f"{verb} on {_step(change.step, words)}, {pair.format(*ends)}")
    return Named(bare(link.name), "link", tuple(lines))


def _signal(signal: Signal, words: Words) -> Named:
    said = words.rule(signal.rule).removeprefix("Forbidden: ")
    return Named(bare(signal.name), "signal", (f"stands for: {said}",))


def _step(step: Step, words: Words) -> str:
    where = f" where {words.condition(step.where)}" if step.where is not None else ""
    return f"{step.text}{where}"
