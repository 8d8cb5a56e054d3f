"""Why an exception did not excuse: the fact of the recorded event, or of the status, that decided.

That an exception does not hold is the engine's answer. Here it is only told why, from what the
event says and from what the trace records of the statuses; a part that neither settles is said
as the clause says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tosrules.engines.outcome import LOOKED_AT, Finding, Match
from tosrules.policy import expressions as e
from tosrules.policy.model import Clause, Exempt, ObligationRule, Policy, Status
from tosrules.result.reading import parts, steps_of
from tosrules.result.secrets import Secrets
from tosrules.result.settling import settled
from tosrules.result.states import past, reached
from tosrules.result.values import count, cut, listed, moment_of, plain, typed_words
from tosrules.result.wording import attribute_value, bare
from tosrules.result.words import Words
from tosrules.trace.event import Event, Value
from tosrules.trace.trace import Recorded

HISTORY = 100_000
"""Events that may begin or end a status up to which its history is told."""

NONE = "no beginning of it"
"""What is recorded of a status that nothing ever began."""


class Change(NamedTuple):
    """A recorded event that begins or ends a status."""

    event: Event
    begins: bool
    keys: tuple[Value | None, ...]
    sure: bool
    """False: whether its condition is true, the event alone does not say."""


class Excuses:
    """Tells why the exceptions of one policy did not excuse on one trace."""

    def __init__(self, policy: Policy, trace: Recorded, secrets: Secrets) -> None:
        self._policy = policy
        self._trace = trace
        self._secrets = secrets
        self._changes: dict[str, list[Change] | None] = {}
        self._reach: dict[str, dict[Value, set[Value]]] = {}
        self._unnamed = False

    def why_not(self, exempt: Exempt, matches: Sequence[Match], found_in: Finding) -> str:
        """The fact for which the exception is false of the first match that it might excuse;
        says so where it is another for the others. Empty where other steps' events decide."""
        if not _own(exempt, found_in):
            return ""
        if not matches:
            return ""
        clause = found_in.clause
        first = self._told(exempt, matches[0], clause)
        looked_at = matches[:LOOKED_AT]
        if not first or all(self._told(exempt, m, clause) == first for m in looked_at):
            return first
        self._unnamed = True
        kinds = {self._told(exempt, m, clause) for m in looked_at}
        self._unnamed = False
        others = count(len(matches) - 1, "other match", "other matches")
        if len(kinds) == 1:
            return f"{first}; likewise at the {others}"
        return f"{first} (at the first match; for such reasons also at the {others})"

    def why_open(self, exempt: Exempt, matches: Sequence[Match], found_in: Finding) -> str:
        """What is not known for the exception to be judged at the first match."""
        if not matches or not _own(exempt, found_in):
            return ""
        event = matches[0].completing
        # An attribute that the exception itself asks about may well be missing.
        asked = {m.operand for m in parts(exempt.condition, e.Missing)}
        missing = [
            a.name
            for a in dict.fromkeys(parts(exempt.condition, e.AttributeOf))
            if a not in asked and attribute_value(a, event) is None
        ]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            return f"{listed(missing)} {verb} not stated ({event.origin})"
        held = dict.fromkeys(bare(h.status) for h in parts(exempt.condition, e.Held))
        if held:
            return f"whether {listed([f'`{name}`' for name in held], 'or')} held is not known"
        return ""

    # ---- one match -------------------------------------------------------------------------

    def _told(self, exempt: Exempt, match: Match, clause: Clause) -> str:
        event = match.completing
        if exempt.until is not None and event.time >= exempt.until:
            return f"it ended at {moment_of(exempt.until)}"
        words = Words(self._policy, clause)
        facts = dict.fromkeys(self._false(exempt.condition, match, words))
        return listed([fact for fact in facts if fact])

    def _false(self, of: e.Expression, match: Match, words: Words) -> Iterator[str]:
        """Why a condition that is false is so."""
        if isinstance(of, e.Or):
            for operand in of.operands:
                yield from self._false(operand, match, words)
        elif isinstance(of, e.And):
            yield from self._decided(of, match, words, False)
        elif isinstance(of, e.Not):
            yield from self._true(of.operand, match, words)
        elif isinstance(of, e.Held):
            yield self._not_held(of, match)
        else:
            yield self._values(of, match) or words.condition(e.Not(of))

    def _true(self, of: e.Expression, match: Match, words: Words) -> Iterator[str]:
        """Why a condition that is true is so."""
        if isinstance(of, e.And):
            for operand in of.operands:
                yield from self._true(operand, match, words)
        elif isinstance(of, e.Or):
            yield from self._decided(of, match, words, True)
        elif isinstance(of, e.Not):
            yield from self._false(of.operand, match, words)
        elif isinstance(of, e.Held):
            yield self._held(of, match)
        else:
            yield self._values(of, match) or words.condition(of)

    def _decided(self, of: e.And | e.Or, match: Match, words: Words, truth: bool) -> Iterator[str]:
        """The operands that made it `truth`: those that the event settles so, else the only one
        that it leaves open, else the condition as it stands."""
        event = match.completing
        known = {o: settled(o, event, self._policy, self._was_held) for o in of.operands}
        tell = self._true if truth else self._false
        decided = [o for o, came in known.items() if came is truth]
        if not decided:
            decided = [o for o, came in known.items() if came is None]
            if len(decided) != 1:
                yield words.condition(of if truth else e.Not(of))
                return
        yield from tell(decided[0], match, words)

    def _values(self, of: e.Expression, match: Match) -> str:
        """`purpose is "marketing"`, `principal is not stated`, of all attributes it reads."""
        event = match.completing
        said = []
        for attribute in dict.fromkeys(parts(of, e.AttributeOf)):
            value = attribute_value(attribute, event)
            if value is None:
                said.append(f"{attribute.name} is not stated")
            elif attribute.name in self._secrets.of(event.type):
                said.append(f"{attribute.name} is stated")
            else:
                shown = plain(self._secrets.hide(value), attribute.type)
                said.append(f"{attribute.name} is {cut(typed_words(shown, attribute.type.name))}")
        return listed(said)

    # ---- statuses --------------------------------------------------------------------------

    def _held(self, of: e.Held, match: Match) -> str:
        who = self._who(of, match)
        said = past(of.status) if len(of.keys) == 1 else ""
        return f"{who} {said}" if said else f"`{bare(of.status)}` held for {who}"

    def _not_held(self, of: e.Held, match: Match) -> str:
        who = self._who(of, match)
        long = " for so long" if of.for_at_least is not None else ""
        said = past(of.status, holds=False) if len(of.keys) == 1 else ""
        if said:
            said = f"{who} {said}{long} at that time"
        else:
            said = f"`{bare(of.status)}` did not hold{long} for {who} at that time"
        history = "" if long else self._history(of, match)
        if history is NONE:
            history = "the trace records " + ("none for it" if "permission" in said else NONE)
        return f"{said}; {history}" if history else said

    def _was_held(self, of: e.Held, event: Event) -> bool | None:
        """Whether a status was held just before the event, where the trace alone tells: asked
        of plain keys, without an end by time, and no change of it in doubt."""
        status = self._policy.statuses.get(of.status)
        keys = tuple(attribute_value(key, event) for key in of.keys)
        if (
            status is None
            or None in keys
            or of.for_at_least is not None
            or status.initially_unknown
            or status.expires_after is not None
            or status.expires_at is not None
        ):
            return None
        changes = self._changes_of(status)
        if changes is None or any(not c.sure for c in changes if c.keys == keys):
            return None
        before = [c for c in changes if c.keys == keys and c.event.position < event.position]
        return before[-1].begins if before else False

    def _who(self, of: e.Held, match: Match) -> str:
        said = []
        for key in of.keys:
            start = key.start if isinstance(key, e.LinkMembers) else key
            value = attribute_value(start, match.completing)
            name = self._name(start, value, match.completing)
            if isinstance(key, e.LinkMembers):
                name += f" (or {reached(key.link, key.type.kind in ('party', 'person'))})"
            said.append(name)
        return listed(said)

    def _name(self, key: e.Expression, value: Value | None, event: Event) -> str:
        if self._unnamed:
            return "it"
        if isinstance(key, e.Constant):
            return cut(str(key.value))
        if value is None or getattr(key, "name", "") in self._secrets.of(event.type):
            return str(getattr(key, "name", "it"))
        return cut(str(plain(self._secrets.hide(value), None)))

    def _history(self, of: e.Held, match: Match) -> str:
        """What the trace records of the status for them: none, its end, or a later beginning."""
        status = self._policy.statuses.get(of.status)
        if status is None or status.initially_unknown:
            return ""
        changes = self._changes_of(status)
        if changes is None:
            return ""
        own, all_keys = self._sets(of, match)
        if not own:
            return ""
        position = match.completing.position
        ours = [c for c in changes if _within(c.keys, own)]
        earlier = [c for c in ours if c.event.position < position]
        if any(c.begins for c in earlier):
            last = earlier[-1]
            if last.begins:
                return ""
            return f"the last had ended at {moment_of(last.event.time)} ({last.event.origin})"
        before = [c for c in changes if c.begins and c.event.position < position]
        if any(_within(c.keys, all_keys) for c in before):
            return ""
        later = next((c for c in ours if c.begins and c.event.position >= position), None)
        if later is not None:
            return f"one begins only at {moment_of(later.event.time)} ({later.event.origin})"
        return NONE

    def _sets(self, of: e.Held, match: Match) -> tuple[list[set[Value]], list[set[Value]]]:
        """Of each key: those known to be asked about, and all whom the question may reach."""
        own: list[set[Value]] = []
        every: list[set[Value]] = []
        for key in of.keys:
            start = key.start if isinstance(key, e.LinkMembers) else key
            value = attribute_value(start, match.completing)
            if value is None:
                return [], []
            known: set[Value] = {value}
            if isinstance(key, e.LinkMembers):
                known |= set(match.through)
                if match.subject is not None and match.subject.kind == "party":
                    known.add(match.subject.id)
                every.append({*known, *self._reached(key.link, value)})
            else:
                every.append(known)
            own.append(known)
        return own, every

    def _changes_of(self, status: Status) -> list[Change] | None:
        """Events that begin or end the status, as far as they themselves can tell, in order;
        None where a signal or a computed key decides, which only the engine knows."""
        if status.name not in self._changes:
            self._changes[status.name] = self._found(status)
        return self._changes[status.name]

    def _found(self, status: Status) -> list[Change] | None:
        found = []
        for change in status.changes:
            if change.step.signals or any(not isinstance(k, e.AttributeOf) for k in change.keys):
                return None
            types = set(change.step.types)
            if self._trace.how_many(types, None, None) > HISTORY:
                return None
            for event in self._trace.events_of(types):
                where = change.step.where
                came = True if where is None else settled(where, event, self._policy)
                if came is not False:
                    if came is None and not change.begins:
                        return None
                    keys = tuple(attribute_value(key, event) for key in change.keys)
                    found.append(Change(event, change.begins, keys, came is not None))
        # Of one event the ends come before the beginnings, as they are judged.
        return sorted(found, key=lambda c: (c.event.position, c.begins))

    def _reached(self, link: str, start: Value) -> set[Value]:
        """All whom `start` may reach by the link at any time, whatever its conditions say."""
        if link not in self._reach:
            pairs: dict[Value, set[Value]] = {}
            declared = self._policy.links[link]
            for change in declared.changes:
                types = set(change.step.types) if change.begins else set()
                for event in self._trace.events_of(types) if types else ():
                    one = attribute_value(change.first, event)
                    other = attribute_value(change.second, event)
                    if one is not None and other is not None:
                        pairs.setdefault(one, set()).add(other)
            self._reach[link] = pairs
        pairs = self._reach[link]
        found: set[Value] = set()
        waiting = [start]
        while waiting:
            for other in pairs.get(waiting.pop(), ()):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found


def _own(exempt: Exempt, found_in: Finding) -> bool:
    """Whether the exception reads the completing event alone (a duty: its trigger)."""
    rule = found_in.rule.rule
    steps = steps_of(rule)
    own = steps[0] if isinstance(rule, ObligationRule) else steps[-1]
    roles = {a.role for a in parts(exempt.condition, e.AttributeOf)}
    return roles <= {"", own.role}


def _within(keys: tuple[Value | None, ...], sets: Sequence[set[Value]]) -> bool:
    """Whether each key is one of its set; a key that is missing is nobody's."""
    return len(keys) == len(sets) and all(
        k is not None and k in s for k, s in zip(keys, sets, strict=True)
    )
