"""Known values inside other texts."""

from __future__ import annotations

import pytest

from tosrules.result.scan import Scan


@pytest.mark.parametrize(
    ("values", "text", "came"),
    [
        (["ana"], "by ana, and Ana's", "by <ana>, and <ana>'s"),
        (["ana"], "banana anaconda", "banana anaconda"),
        (["ana"], "ana17 and m_ana_1", "<ana>17 and m_<ana>_1"),
        (["ana", "ana17"], "ana17", "<ana17>"),
        (["bot 1", "bot"], "bot 1, bot 2", "<bot 1>, <bot> 2"),
        (["@ana"], "to @ana and ana", "to <@ana> and ana"),
        (["a@b.example"], "u=a%40b.example", "u=<a@b.example>"),
        (["anastasia the second"], "by anastasia the s…", "by <anastasia the second>"),
        (["anastasia"], "by anast…", "by <anastasia>"),
        (["10.0.0.1"], "from 10.0.0.1, not 10.0.0.12", "from <10.0.0.1>, not 10.0.0.12"),
        (["İstanbul"], "İstanbul", "<İstanbul>"),
        (["山田", "山"], "by 山田.", "by <山田>."),
        (["🙂"], "by 🙂!", "by <🙂>!"),
        (["a\x1bb"], "type `a\\u{1b}b`", "type `<a\x1bb>`"),
        (["a", ""], "", ""),
        ([], "ana", "ana"),
    ],
)
def test_found(values, text, came):
    assert Scan(values).replaced(text, lambda v: f"<{v}>") == came


def test_many_values_in_a_long_text_take_one_pass():
    values = [f"user{n:05d}" for n in range(20_000)]
    text = " ".join(values)
    assert Scan(values).replaced(text, lambda _: "x") == " ".join("x" for _ in values)
