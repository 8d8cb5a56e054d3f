"""docs/errors.md has an entry for each code, and for nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from rules import BAD, FIXTURES, ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
SAYING = {"error", "warn", "unknown", "Diagnostic", "mistake", "lacks", "Refused"}
"""What is called with a code."""
LOOKED_UP = ("source", "list", "calendar", "param")
"""What `Context.find` is asked for; it makes a code of each."""
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+")


def constants(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may be."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from constants(body)
            yield from constants(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str() as start), ast.FormattedValue()]):
            yield from (start + kind for kind in LOOKED_UP)


def codes_in_source() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tosrules" / "language").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SAYING:
                for argument in [*node.args[:3], *(k.value for k in node.keywords)]:
                    found |= {c for c in constants(argument) if CODE.fullmatch(c)}
    return found


def codes_in_fixtures() -> set[str]:
    texts = [*FIXTURES.rglob("*.txt"), *(ROOT / "tests" / "fixtures" / "syntax").glob("*.txt")]
    said = "".join(t.read_bytes().decode("utf-8", "replace") for t in texts)
    return set(re.findall(r"(?:error|warning)\[([a-z0-9-]+)\]", said))


def test_each_code_has_an_entry_and_each_entry_a_code() -> None:
    headings = re.findall(r"^### (\S+)$", PAGE, flags=re.M)
    assert len(headings) == len(set(headings))
    known = codes_in_source() | codes_in_fixtures()
    assert known - set(headings) == set(), "codes without an entry"
    assert set(headings) - known == set(), "entries without a code"


def test_each_entry_has_a_sentence_an_example_and_a_mend() -> None:
    for entry in PAGE.split("\n### ")[1:]:
        entry = entry.partition("\n## ")[0]
        assert re.fullmatch(
            r"[a-z0-9-]+\n\n[^\n]+\.\n\n```text\nwrong   [^\n]+\nright   [^\n]+\n```\n*", entry
        ) or re.match(r"missing-unit\n", entry), entry


def test_the_checker_says_each_of_its_codes_in_a_fixture() -> None:
    texts = "".join(t.read_text(encoding="utf-8") for t in BAD.glob("*.txt"))
    said = set(re.findall(r"error\[([a-z0-9-]+)\]", texts))
    unsaid = {"file-too-large", "no-such-date"}  # too large for a fixture; said while reading
    checked: set[str] = set()
    for path in (ROOT / "tosrules" / "language").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = (
                node.func.attr
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                else ""
            )
            if isinstance(node, ast.Call) and called in ("error", "unknown"):
                checked |= {c for a in node.args[:1] for c in constants(a)}
    assert len(checked) > 100
    assert checked - said - unsaid == set()
