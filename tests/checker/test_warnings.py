"""What the checker warns of: rules that can be used, and hardly say what was meant."""

from __future__ import annotations

import pytest

from rules import FIXTURES, cases, loaded, shown

WARNED = FIXTURES / "warned"


@pytest.mark.parametrize("name", cases(WARNED))
def test_a_warning_shows_all_and_refuses_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(WARNED)
    found = loaded(WARNED / name)
    assert found.policy is not None
    assert all(d.warning for d in found.diagnostics)
    expected = (WARNED / name).with_suffix(".txt").read_text(encoding="utf-8")
    assert shown(found) == expected
