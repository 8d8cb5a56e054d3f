"""Secrets stand as hashes where the rules only tell them apart, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tosrules.language.load import load
from tosrules.plan.planner import needed_columns

HEAD = """pack case "A case" version "1"
source s { title "The text" }
common { may have pin secret text may have k text }
event x "X"
event y "Y"
clause c "C" {
  cite s
  severity low
"""


@pytest.mark.parametrize(
    ("rule", "hashed"),
    [
        ("forbid more than 1 x per pin within 1 hour", True),
        ("forbid more than 1 distinct pin in x per actor within 1 hour", True),
        ("forbid x where pin is missing", True),
        ("forbid x as one then y as two within 1 hour where two.pin = one.pin", True),
        ('forbid x where pin starts with "EAA"', False),
        ('forbid x where pin = "1234"', False),
        ("forbid x where pin = k", False),
    ],
)
def test_only_told_apart(rule: str, hashed: bool, tmp_path: Path) -> None:
    file = tmp_path / "rules.tos"
    file.write_text(f"{HEAD}  {rule}\n}}\n", encoding="utf-8")
    loaded = load([str(file)])
    assert loaded.policy is not None, loaded.diagnostics
    scan = needed_columns(loaded.policy, loaded.policy.judged())
    assert {c.secret for c in scan.columns if c.attribute == "pin"} == {hashed}
