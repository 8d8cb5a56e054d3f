"""Kinds of events in words: the vocabulary's titles where there are any."""

from __future__ import annotations

from collections.abc import Mapping

from tosrules.result.values import count, cut, listed
from tosrules.vocabulary import Vocabulary

SHOWN = 3
"""Kinds that a sentence names; the others it counts."""

_OFTEN = {"1": "once", "2": "twice"}


def title_of(type: str, vocabulary: Vocabulary) -> str:
    """`a profile is read`; "" where the vocabulary has no title for the very type."""
    declared = vocabulary.types.get(type)
    title = "" if declared is None else declared.title.strip().rstrip(".")
    if not title:
        return ""
    first = title.partition(" ")[0]
    # An abbreviation or a name keeps its capitals; a plain first word does not.
    plain = first == "A" or first[1:].islower()
    return title[0].lower() + title[1:] if plain else title


def one(type: str, vocabulary: Vocabulary) -> str:
    """One event: `a profile is read`, `one profile.read`."""
    return title_of(type, vocabulary) or f"one {cut(type)}"


def times(number: str, type: str, vocabulary: Vocabulary) -> str:
    """`214 times a profile is read`, `twice a profile is read`, `214 profile.read`."""
    title = title_of(type, vocabulary)
    if not title:
        return f"{number} {cut(type)}"
    return f"{_OFTEN.get(number, f'{number} times')} {title}"


def counted(found: Mapping[str, int], vocabulary: Vocabulary) -> str:
    """`40 times a like is given and 21 times an account follows another`, of type → events."""
    number = sum(found.values())
    ordered = sorted(found, key=lambda t: (-found[t], t))
    if number == 1:
        return one(ordered[0], vocabulary)
    if len(found) == 1:
        return times(f"{number:,}", ordered[0], vocabulary)
    said = [times(f"{found[t]:,}", t, vocabulary) for t in ordered[:SHOWN]]
    rest = sum(found[t] for t in ordered[SHOWN:])
    return listed([*said, count(rest, "other event")] if rest else said)
