"""JSON as it is written: every character reads back, and none acts on whoever looks at it."""

from __future__ import annotations

import json
import unicodedata

from tosrules.result.encode import to_line


def test_every_character_reads_back_and_none_acts():
    text = "".join(c for c in map(chr, range(0x110000)) if not "\ud800" <= c <= "\udfff")
    written = to_line(text)
    assert json.loads(written) == text
    assert {unicodedata.category(c) for c in written}.isdisjoint({"Cc", "Cf", "Co", "Zl", "Zp"})


def test_few_that_act_among_others():
    assert to_line("a\x7f\x9b\u202e…漢") == '"a\\u007f\\u009b\\u202e…漢"'
