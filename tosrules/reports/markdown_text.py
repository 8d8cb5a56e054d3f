"""Text from a trace or a stranger's rules in GitHub-flavoured Markdown, where it must not act.

Escaping what is markup is not enough: GitHub turns `@name`, `#12`, addresses and `:word:` in
the finished page into mentions, links and pictures. An empty comment keeps them apart.
"""

from __future__ import annotations

import re

from tosrules.reports.safe import visible

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "&#92;", "|": "&#124;", "$": "&#36;"}
# `visible` leaves braces and backslashes of what it has written out; they are escaped as well.
_MARKUP = str.maketrans({**_ENTITIES, **{mark: f"\\{mark}" for mark in "`*_[]~^#!{}"}})
_APART = "<!-- -->"
_ACTING = (
    (re.compile(r"@(?=\w)"), f"@{_APART}"),
    (re.compile(r"\\#(?=\w)"), f"\\#{_APART}"),
    (re.compile(r"\b(GH)-(?=\d)", re.IGNORECASE), rf"\1{_APART}-"),
    (re.compile(r":(?=//|[\w+\-\\]*[A-Za-z+\-][\w+\-\\]*(?::|$)|(?:100|1234):)"), f":{_APART}"),
    (re.compile(r"\b(www)\.", re.IGNORECASE), rf"\1{_APART}."),
    (re.compile(r"\b(mailto|xmpp):", re.IGNORECASE), rf"\1{_APART}:"),
)
_START = re.compile(r"^(\d{1,9})([.)])")
_FENCE = re.compile("`+")


def escaped(text: str) -> str:
    """`text` for a paragraph, a list item, a heading or a cell of a table."""
    said = visible(text).strip().translate(_MARKUP)
    for acting, apart in _ACTING:
        said = acting.sub(apart, said)
    said = _START.sub(r"\1\\\2", said)
    return f"\\{said}" if said[:1] in ("-", "+", "=") else said


def code(text: str) -> str:
    """`text` as it stands, in a code span; not for tables, whose bars it would break."""
    said = visible(text).strip()
    fence = "`" * (max((len(run) for run in _FENCE.findall(said)), default=0) + 1)
    pad = " " if not said or said[0] == "`" or said[-1] == "`" else ""
    return f"{fence}{pad}{said or ' '}{pad}{fence}"


def block(lines: list[str]) -> str:
    """Lines as they stand, in a block of code."""
    said = [visible(line) for line in lines]
    longest = max((len(run) for line in said for run in _FENCE.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *said, fence])
