"""All engines on random cases: a fixed budget, the same on every machine.

`make drt SECONDS=600` goes on for longer (see run.py and docs/reliability.md).
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.differential.case import drawn
from tests.differential.engines import others
from tests.differential.expected_features import FEATURES
from tests.differential.features import Counts
from tests.differential.harness import Tried, differing
from tests.differential.themes import THEMES
from tosrules.engines.outcome import VERDICTS

SEEDS = 22
"""Of each theme."""
COMPARED = 5
"""Of these: an engine on columns takes a third of a second for a case."""
FIRST = 1_000


@cache
def tried_of(theme: str) -> tuple[Tried, tuple[str, ...]]:
    """What was tried of a theme, and in what an engine differed."""
    tried = Tried()
    place = list(THEMES).index(theme)
    first = FIRST * len(THEMES) + place
    failures = []
    for n in range(SEEDS):
        seed = first + n * len(THEMES)
        compared = others() if n < COMPARED else {}
        failures += [str(failure) for failure in differing(compared, seed, tried)]
    return tried, tuple(failures)


@pytest.mark.parametrize("theme", THEMES)
def test_engines_agree(theme: str) -> None:
    _, failures = tried_of(theme)
    assert not failures, "\n".join(failures)


def test_every_feature_is_drawn_and_something_comes_of_it() -> None:
    counts: Counts = {}
    for theme in THEMES:
        for feature, verdicts in tried_of(theme)[0].features.items():
            counts.setdefault(feature, Counter()).update(verdicts)
    assert sorted(set(FEATURES) - set(counts)) == [], "never drawn"
    assert sorted(set(counts) - set(FEATURES)) == [], "not in the list of features"
    idle = [f for f, by in counts.items() if by.total() == by["not exercised"]]
    assert idle == [], "drawn, and never exercised"
    for form in ("event rule", "rate", "quota", "sequence", "obligation"):
        wanted = set(VERDICTS) - ({"pending"} if form != "obligation" else set())
        assert {v for v in wanted if not counts[form][v]} == set(), form


def test_a_seed_draws_the_same_again() -> None:
    for seed in range(len(THEMES)):
        assert drawn(seed)[1] == drawn(seed)[1]
