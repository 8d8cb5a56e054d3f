"""Finding known values inside other texts, in one pass however many values there are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from urllib.parse import quote

from tosrules.trace.problems import printable

_WORD = re.compile(r"[^\W\d_]+|\d+")
"""Letters or digits without a break: `ana17` is two words, so that `ana` is found in it."""


LONGEST_CUT = 300
"""Code points that a sentence shows of a value at most."""


class Scan:
    """Known values, to be found in texts as whole words, whatever their case.

    A value that a sentence cut short (`anastas…`) is found by its beginning; also one whose
    characters were escaped, as messages and web addresses do.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._by_word: dict[str, dict[tuple[int, int], dict[str, str]]] = {}
        """First word → (length, place of the word in it) → form → value, the longest first."""
        self._wordless: list[tuple[str, str]] = []
        whole: dict[str, tuple[int, str]] = {}
        for value in values:
            for form in _forms(value):
                first = _WORD.search(form)
                if first is None:
                    self._wordless += [(form, value)] if form.strip() else []
                    continue
                folded = form.casefold()
                sizes = self._by_word.setdefault(first[0].casefold(), {})
                sizes.setdefault((len(form), first.start()), {}).setdefault(folded, value)
                whole.setdefault(folded, (first.start(), value))
        self._by_word = {w: dict(sorted(s.items(), reverse=True)) for w, s in self._by_word.items()}
        self._words = self._by_word.keys()
        self._wordless.sort(key=lambda v: (-len(v[0]), v))
        self._whole = sorted((form, *found) for form, found in whole.items())
        self._offsets = sorted({offset for _, offset, _ in self._whole})

    def replaced(self, text: str, name_of: Callable[[str], str]) -> str:
        """`text` with each known value in it replaced by `name_of(value)`."""
        cut = "…" in text
        if not cut and not self._wordless and self._words.isdisjoint(_words(text)):
            return text  # as most texts are, and told without a loop of our own
        said: list[str] = []
        done = 0
        for match in _WORD.finditer(text):
            if match.start() < done or not (cut or match[0].casefold() in self._words):
                continue
            found = self._at(text, match, done)
            if found is not None:
                start, end, value = found
                said += [text[done:start], name_of(value)]
                done = end
        result = "".join([*said, text[done:]]) if said else text
        for form, value in self._wordless:
            if form in result:
                result = result.replace(form, name_of(value))
        return result

    def _at(self, text: str, match: re.Match[str], done: int) -> tuple[int, int, str] | None:
        """(start, end, value) of the longest known value whose first word stands there."""
        for (length, offset), forms in self._by_word.get(match[0].casefold(), {}).items():
            start = match.start() - offset
            end = start + length
            if start < done or not _ends(text, end):
                continue
            value = forms.get(text[start:end].casefold())
            if value is not None:
                return start, end, value
        cut = text.find("…", match.end(), match.start() + LONGEST_CUT)
        return None if cut < 0 else self._cut(text, match.start(), cut, done)

    def _cut(self, text: str, word: int, cut: int, done: int) -> tuple[int, int, str] | None:
        """The same for a value of which only the beginning stands there, up to `cut`."""
        for offset in self._offsets:
            start = word - offset
            if start < done:
                continue
            begins = text[start:cut].casefold()
            for index in range(bisect_left(self._whole, (begins,)), len(self._whole)):
                form, place, value = self._whole[index]
                if not form.startswith(begins):
                    break
                if place == offset:
                    return start, cut + 1, value
        return None


def _words(text: str) -> list[str]:
    """The words of a text as they are looked up; of one word it is the case that is folded, since
    folding may add marks that are no letters."""
    if text.isascii():
        return _WORD.findall(text.lower())
    return [word.casefold() for word in _WORD.findall(text)]


def _forms(value: str) -> set[str]:
    """The value, and how messages and web addresses write it."""
    forms = {value}
    if not value.isprintable() or "`" in value:
        forms.add(printable(value, len(value) + 1))
    if not value.isalnum():
        forms.add(quote(value, safe="", errors="replace"))
    return forms


def _ends(text: str, end: int) -> bool:
    """True if no word goes on across that place."""
    if end >= len(text) or end == 0:
        return True
    before, after = text[end - 1], text[end]
    return not (before.isalpha() and after.isalpha()) and not (
        before.isdecimal() and after.isdecimal()
    )
