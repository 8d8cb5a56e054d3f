"""Markdown: what GitHub's own renderer makes of it, and that nothing in it acts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest

from tests.reports.samples import HOSTILE, accepted, hostile, whole
from tosrules.reports import Options, rendered
from tosrules.reports.markdown_text import block, code, escaped


class Page(HTMLParser):
    """Tags, the targets of links, and the text outside code."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.texts, self.inside = [], [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.inside += tag == "code"
        self.links += [value for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag):
        self.inside -= tag == "code"

    def handle_data(self, data):
        if not self.inside:
            self.texts.append(data)


def page_of(markdown):
    # Without the filter that hides raw HTML: it must not be needed.
    return Page(
        cmarkgfm.github_flavored_markdown_to_html(markdown, cmarkgfm.Options.CMARK_OPT_UNSAFE)
    )


def made(result, **options):
    return rendered("markdown", result, Options(**options)).decode("utf-8")


def test_a_whole_case():
    text = made(whole(), closing="Exit status 1: 4 findings.")
    assert text.startswith("# 4 clauses are violated")
    assert "| **violated** | house/no-access | Who is barred stays away | 1 | 4 |" in text
    assert "### critical: mass" in text
    assert "- law: HO: Access Act, 1 H.C. 2, (a)" in text
    assert "trace.json:7  2020-04-04 02:11:00Z  profile.read  violates" in text
    assert "has until 2020-07-01 10:00:00Z" in text
    assert text.endswith("Exit status 1: 4 findings.\n")
    page = page_of(text)
    assert page.tags.count("h3") == 4
    assert page.tags.count("tr") == 1 + 5
    assert set(page.links) == {"https://house.example/terms"}


def test_what_the_baseline_accepts_says_why():
    assert "- accepted by the baseline: settled" in made(accepted())


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text):
    plain = page_of(made(hostile("word")))
    page = page_of(made(hostile(text)))
    assert page.tags == plain.tags
    assert page.links == plain.links == []
    for said in page.texts:
        # What GitHub looks for in each text of the finished page.
        assert not re.search(r"(?<!\w)@\w|(?<!&)#\d|\bGH-\d|https?://|www\.|:[a-z]+:", said)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("before", ["", "# ", "- ", "> "])
def test_escaped_text_says_what_it_said(text, before):
    from tosrules.reports.safe import visible

    page = page_of(before + escaped(text))
    wanted = " ".join(visible(text).split())
    assert " ".join("".join(page.texts).split()) == wanted


@pytest.mark.parametrize("text", ["a`b", "``", "` `", "", " x ", "a``b`c"])
def test_code_holds_what_it_was_given(text):
    (said,) = re.findall(
        r"<code>(.*)</code>", cmarkgfm.github_flavored_markdown_to_html(code(text))
    )
    assert said.strip() == text.strip()


def test_a_block_is_not_left():
    html = cmarkgfm.github_flavored_markdown_to_html(block(["```", "# x", "~~~~~", "`````"]))
    assert html.count("<pre") == 1
    assert "<h1>" not in html
