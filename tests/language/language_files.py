"""Fixture files of the language's tests."""

from __future__ import annotations

from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
FORMS = sorted((FIXTURES / "forms").glob("*.tos"))
SYNTAX = sorted((FIXTURES / "syntax").glob("*.tos"))
LAYOUT = sorted((FIXTURES / "layout").glob("*.tos"))
RULES = sorted((FIXTURES.parent.parent / "rules").rglob("*.tos"))


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")
