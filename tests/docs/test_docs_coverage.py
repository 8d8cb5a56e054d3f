"""The table of clause kinds names clauses that the shipped packs have."""

from __future__ import annotations

import re
from pathlib import Path

from tosrules.language.load import load

PAGE = Path(__file__).parents[2] / "docs" / "language.md"


def test_named_clauses_exist() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("## What kinds of clauses can be said")[2].partition("\n## ")[0]
    named = set(re.findall(r"`((?:core|meta)/[a-z-]+)`", table))
    policy = load(["core", "meta"]).policy
    assert policy is not None
    assert named
    assert named <= {clause.id for clause in policy.clauses}


def test_each_kind_is_said_or_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("## What kinds of clauses can be said")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    assert all(said.strip() or why.strip() for _, said, why in rows)
