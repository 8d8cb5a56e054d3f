"""Statuses and links said in words: `may_return` is what somebody may, `barred` what he is."""

from __future__ import annotations

from tosrules.result.values import listed
from tosrules.result.wording import bare

_MODAL = ("may", "can", "must")
_PLACED = ("on", "in", "under", "at", "out", "off")
_JOINING = ("for", "by", "to", "with", "of", "from")


def is_said_of(name: str) -> bool:
    """True if the status reads as a predicate: `may_return`, `barred`, `on_hold`."""
    first, *rest = bare(name).split("_")
    if first in _MODAL:
        return bool(rest)
    return (bool(rest) and first in _PLACED) or any(w.endswith("ed") for w in (first, *rest))


def predicate(names: list[str], joint: str = "or", holds: bool = True) -> str:
    """`is barred`, `may return`, `is not disabled or banned`; of one kind, see `kind_of`."""
    words = [bare(name).replace("_", " ") for name in names]
    if kind_of(names[0]) == "is":
        return f"{'is' if holds else 'is not'} {listed(words, joint)}"
    verb = words[0].partition(" ")[0]
    what = listed([word.partition(" ")[2] for word in words], joint)
    return f"{verb} {what}" if holds else f"{verb} not {what}"


def kind_of(name: str) -> str:
    """The verb with which the status is said: `is`, or a modal of its own; else empty."""
    if not is_said_of(name):
        return ""
    first = bare(name).partition("_")[0]
    return first if first in _MODAL else "is"


def past(name: str, holds: bool = True) -> str:
    """Of a time gone by: `was barred`, `had no such permission`; empty where the status cannot
    be said so."""
    kind = kind_of(name)
    if kind == "is":
        return f"was {'' if holds else 'not '}{bare(name).replace('_', ' ')}"
    if kind == "may":
        return "had that permission" if holds else "had no such permission"
    return ""


def reached(link: str, of_parties: bool = True, many: bool = False) -> str:
    """Whom a link reaches: `anyone it acts for`; `anything it reaches by `part_of``."""
    whom = (
        ("everyone" if many else "anyone") if of_parties else "everything" if many else "anything"
    )
    first, *rest = bare(link).split("_")
    reads = bool(rest) and first.endswith("s") and first[-2:] != "ss" and rest[-1] in _JOINING
    if reads:
        return f"{whom} it {bare(link).replace('_', ' ')}"
    return f"{whom} it reaches by `{bare(link)}`"
