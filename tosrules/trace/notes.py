"""What a reader of the result should know of the trace, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from tosrules.trace.event import Event, Origin
from tosrules.trace.problems import nearest, printable, quoted
from tosrules.trace.reading import Reading
from tosrules.trace.trace import SKIPPED_SHOWN, Note
from tosrules.vocabulary import Vocabulary

_NAMED = 5
"""Types or attributes that one note names."""
_COMPARED = 50
"""Unknown types for which the nearest known one is sought: it takes time."""


def unknown_types(
    counts: Mapping[str, int], vocabulary: Vocabulary
) -> dict[str, tuple[int, str | None]]:
    """Type that the vocabulary does not declare → (events, nearest declared type), by name.
    `counts`: type → events."""
    unknown = sorted(name for name in counts if name not in vocabulary.types)
    often = sorted(unknown, key=lambda name: (-counts[name], name))[:_COMPARED]
    near = {name: nearest(name, vocabulary.types) for name in often}
    return {name: (counts[name], near.get(name)) for name in unknown}


def missing_required(events: Sequence[Event], vocabulary: Vocabulary) -> dict[tuple[str, str], int]:
    """(type, required attribute) → events that lack it, by name."""
    required: dict[str, tuple[str, ...]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for event in events:
        names = required.get(event.type)
        if names is None:
            attributes = vocabulary.attributes_of(event.type)
            names = tuple(name for name, a in attributes.items() if a.required)
            required[event.type] = names
        for name in names:
            if name not in event.attributes:
                counts[event.type, name] += 1
    return dict(sorted(counts.items()))


def misspelt(events: Sequence[Event], vocabulary: Vocabulary) -> list[Note]:
    """A note for each attribute that the vocabulary does not know and that is near one it
    knows of that type: a misspelt key is evidence lost without a word."""
    known: dict[str, frozenset[str]] = {}
    first: dict[tuple[str, str], Event] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for event in events:
        names = known.get(event.type)
        if names is None:
            names = known[event.type] = frozenset(vocabulary.attributes_of(event.type))
        for name in event.attributes.keys() - names:
            first.setdefault((event.type, name), event)
            counts[event.type, name] += 1
    return misspelt_of(counts, lambda type_, name: first[type_, name].origin, vocabulary)


def misspelt_of(
    counts: Mapping[tuple[str, str], int],
    first: Callable[[str, str], Origin],
    vocabulary: Vocabulary,
) -> list[Note]:
    """`misspelt` from (type, attribute that the vocabulary does not know) → events, and where
    the first of them stands."""
    found: list[Note] = []
    for type_, name in sorted(counts, key=lambda k: (-counts[k], k))[:_COMPARED]:
        near = nearest(name, vocabulary.attributes_of(type_))
        if near is None or len(found) == _NAMED or not close(name, near):
            continue
        often = counts[type_, name]
        place = first(type_, name)
        found.append(
            Note(
                "note-misspelt",
                f"{quoted(name)} of {quoted(type_)} is no attribute that the vocabulary knows, "
                f"and no rule read it ({_records(often)}, the first at {printable(str(place))}); "
                f"did you mean {quoted(near)}?",
            )
        )
    return found


def close(one: str, other: str) -> bool:
    """Near enough for a slip of the pen; a name of one's own may share its beginning."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio() >= 0.8


def notes(
    readings: Sequence[Reading],
    moved: int,
    duplicates: int,
    outside: int,
    skipped: int,
    naive: tuple[int, str],
    unknown: Mapping[str, tuple[int, str | None]],
    missing: Mapping[tuple[str, str], int],
) -> list[Note]:
    """The notes of one reading, always in the same order. `naive` is (times, zone name)."""
    counts: Counter[str] = sum((reading.counts for reading in readings), Counter())
    found: list[Note] = []

    def note(count: int, code: str, text: str) -> None:
        if count:
            found.append(Note(f"note-{code}", text))

    note(
        moved,
        "moved",
        f"{_records(moved)} stood after a later one and {_was(moved)} sorted by time.",
    )
    note(
        duplicates,
        "duplicates",
        f"{_records(duplicates)} repeated an earlier one with the same id and content, and "
        f"{_was(duplicates)} not counted again.",
    )
    note(
        outside,
        "outside",
        f"{_count(outside, 'event')} lay before or after the observed period; "
        f"{'it counts' if outside == 1 else 'they count'} all the same.",
    )
    listed = "" if skipped <= SKIPPED_SHOWN else f" The first {SKIPPED_SHOWN:,} are listed."
    note(
        skipped,
        "skipped",
        f"{_count(skipped, 'unreadable part')} of the input {_was(skipped)} skipped; what "
        f"{'it' if skipped == 1 else 'they'} said was not judged.{listed}",
    )
    note(
        naive[0],
        "zone",
        f"{_count(naive[0], 'time')} without an offset from UTC {_was(naive[0])} read in "
        f"{quoted(naive[1])}.",
    )
    note(len(unknown), "unknown-types", _unknown(unknown))
    note(len(missing), "missing-required", _missing(missing))
    count = counts["secret-in-url"]
    note(
        count,
        "secret-in-url",
        f"{_count(count, 'value')} in web addresses, parameters whose names say that they are "
        f"secret or user names and passwords, {_was(count)} replaced by `secret`.",
    )
    count = counts["secret-left-out"]
    note(
        count,
        "secret-left-out",
        f"{_count(count, 'cookie or authorization header')} {_was(count)} left out, since the "
        "vocabulary does not declare them secret.",
    )
    count = counts["page-start"]
    note(
        count,
        "page-start",
        f"{_count(count, 'HAR entry', 'HAR entries')} without a time of "
        f"{'its' if count == 1 else 'their'} own took the start of "
        f"{'its' if count == 1 else 'their'} page.",
    )
    count = counts["odd-request"]
    note(
        count,
        "odd-request",
        f"{_count(count, 'request')} of an access log {_was(count)} malformed and kept as "
        "`http.request.line`.",
    )
    count = counts["more-fields"]
    note(
        count,
        "more-fields",
        f"{_count(count, 'line')} of an access log had fields after the usual ones, which were "
        "not read.",
    )
    return found


def _unknown(unknown: Mapping[str, tuple[int, str | None]]) -> str:
    often = sorted(unknown.items(), key=lambda item: (-item[1][0], item[0]))
    said = []
    for name, (count, near) in often[:_NAMED]:
        hint = f", nearest known `{printable(near)}`" if near else ""
        said.append(f"{quoted(name)} ({_count(count, 'event')}{hint})")
    more = f"; and {len(often) - _NAMED} more" if len(often) > _NAMED else ""
    return f"The vocabulary does not know the event types {'; '.join(said)}{more}."


def _missing(missing: Mapping[tuple[str, str], int]) -> str:
    often = sorted(missing.items(), key=lambda item: (-item[1], item[0]))
    said = [
        f"{quoted(name)} of {quoted(event_type)} ({_count(count, 'event')})"
        for (event_type, name), count in often[:_NAMED]
    ]
    more = f"; and {len(often) - _NAMED} more" if len(often) > _NAMED else ""
    return f"Attributes that the vocabulary requires were missing: {'; '.join(said)}{more}."


def _count(count: int, one: str, many: str = "") -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def _records(count: int) -> str:
    return _count(count, "record")


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
