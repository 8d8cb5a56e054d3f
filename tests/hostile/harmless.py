"""What each format must be for its text to do nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable
from xml.etree import ElementTree

import duckdb

from tests.reports.pages import Page
from tests.reports.test_reports_github import parsed
from tests.reports.test_reports_markdown import page_of
from tests.reports.test_reports_sarif import validator

ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
TERMS = "https://terms.example/"
"""The one address that the rules name."""


def acting(text: str, but: str = "\n") -> set[str]:
    """Characters that would act on a terminal or hide, but for those in `but`."""
    found = {c for c in set(text) if unicodedata.category(c) in ACTING}
    return found - set(but)


def text(data: bytes, plain: bytes) -> None:
    assert acting(data.decode()) == set()
    # Nothing that a text says stands at the beginning of a line as if the report said it.
    for line in data.decode().splitlines():
        assert not line.startswith(("No violation was found", "Exit status 0", "::"))
    assert plain


def json_(data: bytes, plain: bytes) -> None:
    said = data.decode()
    assert acting(said) == set()
    assert said.count("\n") == plain.decode().count("\n"), "text has become structure"
    _keys_alike(json.loads(said), json.loads(plain))


def jsonl(data: bytes, plain: bytes) -> None:
    lines, others = data.decode().split("\n"), plain.decode().split("\n")
    assert acting(data.decode()) == set()
    assert len(lines) == len(others)
    for line, other in zip(lines[:-1], others[:-1], strict=True):
        assert list(json.loads(line)) == list(json.loads(other))


def _keys_alike(one: object, other: object) -> None:
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    assert list(one) == list(other)
    assert len(one["findings"]) == len(other["findings"])
    for found, wanted in zip(one["findings"], other["findings"], strict=True):
        assert list(found) == list(wanted)


def csv_(data: bytes, plain: bytes) -> None:
    said = data.decode()
    assert acting(said, "\r\n") == set()
    assert said.count("\r\n") == said.count("\n") == said.count("\r")
    rows = list(csv.reader(io.StringIO(said, newline=""), strict=True))
    others = list(csv.reader(io.StringIO(plain.decode(), newline=""), strict=True))
    assert [len(row) for row in rows] == [len(row) for row in others]
    for row in rows:
        for cell in row:
            for part in (cell, *cell.split(";")):
                assert not re.match(r"\s*[=+\-@＝＋－＠|%]", part), cell
    for line in said.split("\r\n")[:-1]:
        assert re.fullmatch(r'"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*', line)


def html(data: bytes, plain: bytes) -> None:
    said = data.decode()
    assert acting(said) == set()
    page, other = Page(said), Page(plain.decode())
    allowed = {tag for tag, _ in other.tags} | {"bdi", "code"}
    assert {tag for tag, _ in page.tags} <= allowed
    names = {(tag, name) for tag, attrs in other.tags for name in attrs}
    names |= {("code", "class")}
    assert {(tag, name) for tag, attrs in page.tags for name in attrs} <= names
    for tag in ("script", "style", "a", "article", "form", "button"):
        counts = [[t for t, _ in p.tags].count(tag) for p in (page, other)]
        assert counts[0] == counts[1], tag
    assert page.raw["script"][-1] == other.raw["script"][-1]
    assert page.raw["style"][0] == other.raw["style"][0]
    for address in page.attributes("href"):
        assert address.startswith("#") or address == TERMS
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    assert {a[1:] for a in page.attributes("href") if a.startswith("#")} - set(ids) == set()


def markdown(data: bytes, plain: bytes) -> None:
    said = data.decode()
    assert acting(said) == set()
    page, other = page_of(said), page_of(plain.decode())
    assert page.tags == other.tags
    assert set(page.links) == set(other.links) == {TERMS}
    for words in page.texts:
        # What GitHub looks for in each text of the finished page.
        assert not re.search(
            r"(?<!\w)@\w|(?<!&)#\d|\bGH-\d|https?://|www\.|:[a-z]+:", words.replace(TERMS, "")
        )


def sarif(data: bytes, plain: bytes) -> None:
    said = data.decode()
    assert acting(said) == set()
    log, other = json.loads(said), json.loads(plain)
    run = log["runs"][0]
    assert len(run["results"]) == len(other["runs"][0]["results"])
    for message in _messages(run):
        assert not re.search(r"(?<!\\)\[(?:[^\\\]]|\\.)*(?<!\\)\]\(", message), message
        assert not re.search(r"(?<!\{)\{\d+\}(?!\})", message), message
    run["results"] = run["results"][::40]  # the schema is slow, and results are alike
    problems = [f"{e.json_path}: {e.message}" for e in validator().iter_errors(log)]
    assert problems == []
    for artifact in run["artifacts"]:
        assert re.fullmatch(r"(?:\./)?[\w.~!$&'()*+,;=:@%/-]+", artifact["location"]["uri"])
        assert not re.match(r"[\w.+-]+:|//", artifact["location"]["uri"])


def _messages(run: dict) -> list[str]:
    return [
        location["message"]["text"]
        for result in run["results"]
        for location in (result, *result.get("relatedLocations", ()))
        if "message" in location
    ]


def junit(data: bytes, plain: bytes) -> None:
    said = data.decode()
    assert acting(said) == set()
    one, other = ElementTree.fromstring(said), ElementTree.fromstring(plain)
    assert [e.tag for e in one.iter()] == [e.tag for e in other.iter()]
    assert [list(e.attrib) for e in one.iter()] == [list(e.attrib) for e in other.iter()]


def github(data: bytes, plain: bytes) -> None:
    assert acting(data.decode()) == set()
    found, others = parsed(data), parsed(plain)
    assert [name for name, _, _ in found] == [name for name, _, _ in others]
    for (_, properties, said), (_, wanted, _) in zip(found, others, strict=True):
        assert list(properties) == list(wanted)
        assert acting(said) == set()


def parquet(data: bytes, plain: bytes, folder=None) -> None:
    assert folder is not None
    rows = []
    for name, content in (("one.parquet", data), ("other.parquet", plain)):
        (folder / name).write_bytes(content)
        with duckdb.connect() as connection:
            rows.append(
                connection.execute(
                    "SELECT finding, attributes FROM read_parquet($1)", [str(folder / name)]
                ).fetchall()
            )
    assert len(rows[0]) == len(rows[1])
    for _, attributes in rows[0]:
        assert isinstance(json.loads(attributes), dict)


CHECKS: dict[str, Callable[..., None]] = {
    "text": text,
    "json": json_,
    "jsonl": jsonl,
    "csv": csv_,
    "html": html,
    "markdown": markdown,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "parquet": parquet,
}
"""Format → a function of the report and of that of harmless text, which raises AssertionError."""
