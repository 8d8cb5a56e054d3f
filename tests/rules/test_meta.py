"""The pack `meta`: what it says of its sources holds of the texts that were read."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

import tosrules
from tosrules.policy.model import Clause, Source

TEXTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "terms"
"""Dated copies of the documents; they lie beside the working copy, if at all."""

POLICY = tosrules.load_rules("meta")
SOURCES = [s for s in POLICY.sources.values() if s.name.startswith("meta/")]
CLAUSES = [c for c in POLICY.clauses if c.pack == "meta"]


def test_every_source_has_title_publisher_address_and_dates() -> None:
    assert len(SOURCES) == 15
    for source in SOURCES:
        assert source.title, source.name
        assert source.publisher, source.name
        assert source.version, source.name
        assert source.url.startswith("https://"), source.name
        assert source.effective.start is not None, source.name


@pytest.mark.parametrize("source", [s for s in SOURCES if s.sha256], ids=lambda s: s.name)
def test_a_hash_is_that_of_a_copy_that_was_read(source: Source) -> None:
    if not TEXTS.is_dir():
        pytest.skip("the dated copies of the terms are not here")

    hashes = {sha256(file.read_bytes()).hexdigest() for file in TEXTS.iterdir()}

    assert source.sha256 in hashes


def test_a_clause_cites_only_what_was_in_force_when_it_is() -> None:
    for clause in CLAUSES:
        for citation in clause.citations:
            source = POLICY.sources[citation.source]
            assert source.effective == clause.period, (clause.id, source.name)


def test_versions_of_a_clause_follow_one_another() -> None:
    versions: dict[str, list[Clause]] = {}
    for clause in CLAUSES:
        versions.setdefault(clause.id, []).append(clause)

    for several in versions.values():
        several.sort(key=lambda c: c.period.start or 0)
        for earlier, later in pairwise(several):
            assert earlier.period.until is not None
            assert later.period.start is not None
            assert earlier.period.until <= later.period.start
