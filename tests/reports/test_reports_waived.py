"""What an overlay waives stands in the headline, not at the end alone."""

from __future__ import annotations

from pathlib import Path

import tosrules

RULES = """pack house "House rules" version "1" language 1
import core
overlay core/no-credential-collection because "under review" { off }
"""


def test_the_headline_counts_what_is_waived(tmp_path: Path) -> None:
    rules = tmp_path / "house.tos"
    rules.write_text(RULES, encoding="utf-8")
    asked = {
        "id": "e1",
        "time": "2020-03-01T10:00:00Z",
        "type": "credential.solicit",
        "actor": "tool",
        "site": "tool.example",
        "issuer": "social.example",
    }
    result = tosrules.check([asked], str(rules), select=["*credential-collection"])
    assert result.to_text().splitlines()[:2] == [
        "No violation was found.",
        "1 event under 1 clause would count but for an overlay.",
    ]
