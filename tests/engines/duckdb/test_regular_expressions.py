"""A regular expression means what RE2 says, in every engine: patterns that tell implementations
apart, on texts that do, asked as the columnar engine asks them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import duckdb
import pytest

from tosrules.engines.duckdb.emit import scalar
from tosrules.engines.reference.functions import search
from tosrules.language.regex import check_pattern
from tosrules.language.reporting import Report
from tosrules.plan.expr import col, lit, op
from tosrules.span import NOWHERE

PATTERNS = (
    "", "a", "A", "é", "É", "ß", "\u017f", "K", "İ", "ı", "σ", "ς", "^a", "a$", "^$", "^a$",
    "a\\z", "\\Aa", "^\n", "\n$", "a\\n", "$a", "a^", "(^a|b$)", ".", "^.$", "^..$", "a.b",
    "a.*b", "[^a]", "^[^a]$", "[^\\n]", "\\C?a", "\\w", "^\\w+$", "\\W", "\\d", "\\D", "\\s",
    "^\\s$", "\\S", "[[:alpha:]]", "[[:^alpha:]]", "[[:space:]]", "[[:word:]]", "\\ba", "a\\b",
    "\\bé", "é\\b", "\\Bé", "\\b", "\\B", "^\\B$", "\\bp\\b", "\\pL", "\\p{Lu}", "\\p{Greek}",
    "\\PL", "[\\p{Nd}]", "\\p{Cyrillic}", "[a-z]", "[A-z]", "[à-ÿ]", "[à-ÿ]+$", "[^à-ÿ]", "[k-m]",
    "a|", "|a", "a|b|", "(a)(b)?", "(?:ab)+", "(a*)+", "(a|aa)+$", "a{2}", "a{0}", "a{2,}",
    "a{,2}", "a*?b", "a+?", "(a+)+$", "\\x00", "\\x{0}", "[\\x00-\\x1f]", "\\x{1F600}",
    "\\Q.*\\E", "\\.", "\\/", "\\t", "\\r", "\\f", "\\v", "\\x41", "\\101", "[]a]", "[a\\]]",
    "[\\-a]", "x*", "^(?:)$", "\\$", "\\^", "'", '"', "''", "\\\\", "%", "_", "{", "}", "a{",
    "a{1", "a{1,2,3}", "é{2}", "(é|e)$",
)  # fmt: skip
TEXTS = (
    "", "a", "A", "b", "ab", "AB", "aab", "aaa", "a\n", "\n", "\na", "a\nb", "a\r\n", "\r", "a b",
    " ", "é", "É", "e\u0301", "éé", "aé", "éa", "café", "CAFÉ", "ß", "ẞ", "ss", "\u017f", "s",
    "S", "K", "k", "K", "İ", "i", "ı", "I", "σ", "ς", "Σ", "ÿ", "Ÿ", "à", "д", "Д", "1", "١", "_",
    "-", ".", "/", "\\", "$", "^", "'", "''", '"', "%", "{", "}", "a{", "a{1", "\t", "\x0b",
    "\x0c", "\xa0", "\x85", "\u2028", "\x00", "a\x00b", "\x00a", "\x1f", "\x7f", "\u200b", "😀",
    "a😀b", "p", "pq", "p q", "xpx", "]", "[", "ab\nab", "a" * 50 + "b", ".*", "AA", "\ufeffa",
)  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:")
    connection.execute("CREATE TABLE texts AS SELECT unnest($1::VARCHAR[]) AS t", [list(TEXTS)])
    yield connection
    connection.close()


def by_columns(
    texts: duckdb.DuckDBPyConnection, pattern: str, ignore_case: bool
) -> list[bool | None]:
    asked = op("matches any case" if ignore_case else "matches", col("t"), lit(pattern))
    rows = texts.execute(f"SELECT {scalar(asked)} FROM texts").fetchall()
    return [held for (held,) in rows]


def accepted(pattern: str) -> bool:
    return all(check_pattern(pattern, i, NOWHERE, Report()) for i in (False, True))


def assert_alike(texts: duckdb.DuckDBPyConnection, pattern: str) -> None:
    for ignore_case in (False, True):
        found = search(pattern, ignore_case)
        wanted = [found(text) for text in TEXTS]
        came = by_columns(texts, pattern, ignore_case)
        differ = [
            (text, one, other)
            for text, one, other in zip(TEXTS, wanted, came, strict=True)
            if one != other
        ]
        assert not differ, f"/{pattern}/{'i' if ignore_case else ''}: {differ}"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_engines_read_a_pattern_alike(texts: duckdb.DuckDBPyConnection, pattern: str) -> None:
    assert accepted(pattern) == (pattern not in REFUSED)
    if pattern not in REFUSED:
        assert_alike(texts, pattern)


REFUSED = ("\\101",)
"""What the checker lets no rule have."""


def test_engines_read_random_patterns_alike(texts: duckdb.DuckDBPyConnection) -> None:
    draw = Random("tosrules patterns")
    pieces = [p for p in PATTERNS if p and accepted(p)]
    asked = 0
    for _ in range(600):
        some = [draw.choice(pieces) for _ in range(draw.randint(2, 4))]
        pattern = "".join(f"(?:{p})" if draw.random() < 0.3 else p for p in some)
        pattern += draw.choice(("", "", "*", "?", "|"))
        if accepted(pattern):
            asked += 1
            assert_alike(texts, pattern)
    assert asked > 300
