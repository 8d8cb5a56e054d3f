"""Keeping secrets out of results: each is replaced by a name that tells two apart."""

from __future__ import annotations

import re
from collections.abc import Callable

from tosrules.trace.event import Event, Value
from tosrules.vocabulary import Vocabulary

PLACEHOLDER = "secret"
"""Stands for any secret where names would depend on what else is cited: in digests."""

SHORTEST_WITHIN = 6
"""A secret is looked for inside other texts only if it is at least that long: a password `a`
would otherwise turn every word of a report into its name."""

SHORTEST_TOKEN = 8
"""The same for a part of a cookie or of a header."""

_PART = re.compile(r"[^\s;,=\"]+")


class Secrets:
    """The secret attributes of a vocabulary, and the names given to their values so far."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._by_type: dict[str, frozenset[str]] = {}
        self._names: dict[str, str] = {}
        # An attribute may be misplaced: `password` on an event whose type has none is still one.
        declared = [t.attributes for t in vocabulary.types.values()]
        self._anywhere = frozenset(
            name
            for attributes in (*declared, vocabulary.common)
            for name, attribute in attributes.items()
            if attribute.secret
        )

    def of(self, event_type: str) -> frozenset[str]:
        """Names of the attributes whose values must not be shown on events of that type."""
        found = self._by_type.get(event_type)
        if found is None:
            declared = self.vocabulary.attributes_of(event_type)
            in_the_open = {name for name, attribute in declared.items() if not attribute.secret}
            found = self._by_type[event_type] = self._anywhere - in_the_open
        return found

    def cite(self, event: Event) -> None:
        """Names the secrets of a cited event, in the order in which its record has them."""
        secret = self.of(event.type)
        if secret.isdisjoint(event.attributes):
            return
        for name, value in event.attributes.items():
            if name in secret:
                self._names.setdefault(_text(value), f"secret-{len(self._names) + 1}")

    def shown(self, event: Event) -> dict[str, Value]:
        """The attributes of a cited event, secrets replaced by their names."""
        return self._replaced(event, lambda secret: self._names.get(secret, PLACEHOLDER))

    def masked(self, event: Event) -> dict[str, Value]:
        """The attributes with PLACEHOLDER for every secret: the same whatever else is cited."""
        return self._replaced(event, lambda _: PLACEHOLDER)

    def _replaced(self, event: Event, name_of: Callable[[str], str]) -> dict[str, Value]:
        secret = self.of(event.type)
        if secret.isdisjoint(event.attributes):
            return dict(event.attributes)
        own = _within(event, secret)
        shown: dict[str, Value] = {}
        for name, value in event.attributes.items():
            if name in secret:
                shown[name] = name_of(_text(value))
                continue
            if isinstance(value, str):
                for text in own:
                    value = value.replace(text, name_of(text))
            shown[name] = value
        return shown

    def within_texts(self) -> dict[str, str]:
        """Secrets of cited events, and the tokens within them, that are long enough to be looked
        for in other texts → their names."""
        found: dict[str, str] = {}
        for secret, name in self._names.items():
            parts = [p for p in _PART.findall(secret) if _is_token(p)]
            for text in (secret, *parts):
                if len(text) >= SHORTEST_WITHIN:
                    found.setdefault(text, name)
        return found

    def hide(self, value: Value) -> Value:
        """`value`, or its name if it is the secret of an event that was cited."""
        return self._names.get(value, value) if isinstance(value, str) else value


def _is_token(part: str) -> bool:
    """Of the parts of a cookie or a header, what is no word: `Bearer` and `theme` are none."""
    return (
        len(part) >= SHORTEST_TOKEN
        and any(c.isdigit() for c in part)
        and any(c.isalpha() for c in part)
    )


def _within(event: Event, secret: frozenset[str]) -> list[str]:
    """The event's own secrets that may stand inside its other texts, the longest first."""
    found = {
        value
        for name, value in event.attributes.items()
        if name in secret and isinstance(value, str) and len(value) >= SHORTEST_WITHIN
    }
    return sorted(found, key=lambda text: (-len(text), text))


def _text(value: Value) -> str:
    return value if isinstance(value, str) else repr(value)
