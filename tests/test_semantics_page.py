"""docs/semantics.md names every conformance case, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
CASES = {p.name for p in (ROOT / "tests" / "conformance").iterdir() if p.is_dir()}
STATEMENTS = [
    f"{letter}{n}"
    for letter, last in zip("TCRQSUOV", (5, 7, 4, 3, 5, 6, 5, 8), strict=True)
    for n in range(1, last + 1)
]


def sections() -> dict[str, str]:
    parts = re.split(r"^### (\w\d)$", PAGE, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_statement_has_a_case_and_every_case_a_statement() -> None:
    assert list(sections()) == STATEMENTS
    named: dict[str, str] = {}
    for statement, text in sections().items():
        found = re.findall(r"`([TCRQSUOV]\d-[a-zA-Z0-9-]+)`", text)
        assert found, f"{statement} names no case"
        assert all(name.startswith(f"{statement}-") for name in found), statement
        named.update(dict.fromkeys(found, statement))
    assert sorted(set(named) - CASES) == [], "named, but not there"
    assert sorted(CASES - set(named)) == [], "there, but not named"


def test_the_expression_for_urls_is_the_one_in_force() -> None:
    from tosrules.engines.reference.functions import _URL

    assert f"```\n{_URL.pattern}\n```" in PAGE
