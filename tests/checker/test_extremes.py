"""Numbers of thousands of digits are mistakes with a place, never a breakdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tosrules.language.load import load

HEAD = """pack p "P" version "1" language 1
source s { title "S" }
"""
LONG = "1" + "0" * 5_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'param d = {LONG} chosen because "x"', "number-too-long"),
        (f'param d = {LONG} seconds chosen because "x"', "period-too-long"),
        (f'param d = {LONG} calendar days in "UTC" chosen because "x"', "period-amount"),
        (
            'clause c "C" { cite s severity low forbid more than 2 engagement.like '
            f'per actor each {LONG} minutes in "UTC" }}',
            "window-unit",
        ),
    ],
)
def test_long_numbers(tmp_path: Path, text: str, code: str) -> None:
    rules = tmp_path / "p.tos"
    rules.write_text(HEAD + text + "\n", encoding="utf-8")
    assert [d.code for d in load([str(rules)]).diagnostics] == [code]


def test_zeros_that_say_nothing(tmp_path: Path) -> None:
    rules = tmp_path / "p.tos"
    clause = (
        'clause c "C" { cite s severity low forbid more than d engagement.like per actor in total }'
    )
    rules.write_text(
        f'{HEAD}param d = 2.{"0" * 5_000} chosen because "x"\n{clause}\n', encoding="utf-8"
    )
    loaded = load([str(rules)])
    assert loaded.policy is not None
    assert loaded.policy.params["p/d"].value == 2
