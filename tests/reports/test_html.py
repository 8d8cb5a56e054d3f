"""The HTML report as a document: what it holds, what it can never do, and how large it gets."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.reports.pages import Page
from tests.result import cases
from tosrules.record import replace
from tosrules.reports import Options, rendered
from tosrules.reports.html import cited
from tosrules.result.assemble import assemble
from tosrules.result.encode import to_json
from tosrules.result.model import Acceptance, Redaction, Result
from tosrules.result.schema import read_result

ROOT = Path(__file__).resolve().parents[2]


def whole() -> Result:
    return assemble(cases.policy(), cases.whole_trace(), cases.outcome())


def html(result: Result) -> str:
    return rendered("html", result, Options()).decode("utf-8")


@cache
def case() -> Page:
    return Page(html(whole()))


# ---- what it holds -------------------------------------------------------------------------


def test_the_same_result_gives_the_same_bytes_also_once_saved():
    result = whole()
    assert html(result) == html(read_result(to_json(result)))


def test_the_verdict_comes_first():
    headings = [tag for tag, _ in case().tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    for before, after in pairwise(headings):
        assert int(after[1]) <= int(before[1]) + 1, "a level of headings is left out"
    assert case().words.index("4 clauses are violated") < case().words.index("Every clause")


def test_every_clause_and_its_verdict():
    for clause in whole().clauses:
        assert clause.id in case().words
        assert clause.title in case().words
    for verdict in {c.verdict for c in whole().clauses}:
        assert verdict in case().words


def test_a_finding_says_what_text_says_of_it():
    result = whole()
    for finding in result.findings:
        assert finding.id in case().attributes("id")
        assert " ".join(finding.explanation.split()) in case().words
        assert finding.rule.text in case().words
        for exception in (*finding.not_excused, *finding.not_established):
            assert exception.words in case().words
            assert exception.why in case().words
        for law in finding.laws:
            assert law.citation in case().words
        for evidence in (*finding.evidence, *finding.context):
            assert evidence.time.replace("T", " ") in case().words
    assert "could not be established" in case().words
    assert "chosen because the terms name no number" in case().words
    assert "stated in House Terms, section 4" in case().words


def test_links_lead_somewhere_and_names_are_given_once():
    ids = case().attributes("id")
    assert len(ids) == len(set(ids))
    inner = [href[1:] for href in case().attributes("href") if href.startswith("#")]
    assert inner
    assert set(inner) <= set(ids)


def test_findings_lead_to_their_events_and_back():
    text = html(whole())
    for number, article in enumerate(re.findall(r"<article.*?</article>", text, re.S), 1):
        events = set(re.findall(r"<a href=#(e\d+)>", article))
        assert events
        for event in events:
            row = re.search(rf"<li id={event}>.*", text)
            assert row is not None
            assert f"<a href=#n{number}>" in row.group()


def test_how_to_verify_it():
    result = whole()
    digest = hashlib.sha256(to_json(result).encode()).hexdigest()
    assert digest in case().words
    assert f"Result SHA-256 {digest}" in case().raw["style"][1]
    assert "tosrules verify result.json --trace trace.json --rules house" in case().words
    for trace in result.run.traces:
        assert trace.sha256 in case().words
    for pack in result.run.packs:
        assert pack.sha256 in case().words


def test_what_the_baseline_accepts_is_shown_and_marked():
    result = whole()
    first, second, *others = result.findings
    accepted = Acceptance("a known partner", "counsel", "2020-01-01", "2030-01-01")
    expired = Acceptance("an old test", "", "2019-01-01", "2020-01-01")
    findings = (replace(first, accepted=accepted), replace(second, expired=expired), *others)
    words = Page(html(replace(result, findings=findings))).words
    assert "Accepted by the baseline because a known partner, by counsel" in words
    assert "Acceptance expired: accepted until 2020-01-01, because an old test" in words


def test_redaction_is_said_at_the_head():
    result = whole()
    redaction = Redaction("personal", 7, "Times stay as they are.")
    page = Page(html(replace(result, run=replace(result.run, redaction=redaction))))
    said = "Redacted (personal): pseudonyms stand in place of 7 values. Times stay as they are."
    assert said in page.words[:400]


# ---- what it can never do ------------------------------------------------------------------


def test_the_policy_admits_the_own_style_and_script_alone():
    (policy,) = (
        attrs["content"] or ""
        for tag, attrs in case().tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )

    def source(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    data, script = case().raw["script"]
    styles = " ".join(source(style) for style in case().raw["style"])
    assert policy == (
        f"default-src 'none'; style-src {styles}; script-src {source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    json.loads(data)


def test_nothing_is_fetched_and_nothing_stands_in_attributes_that_act():
    assert not {tag for tag, _ in case().tags} & {"img", "link", "iframe", "object", "embed"}
    for _, attrs in case().tags:
        for name, value in attrs.items():
            assert not name.startswith("on")
            assert name not in ("style", "src", "srcset", "action", "formaction", "data")
            assert name != "href" or (value or "").startswith(("#", "http://", "https://"))


def test_an_address_of_another_scheme_is_no_link():
    result = whole()
    citation = replace(result.clauses[0].citations[0], url="javascript:alert(1)")
    clauses = tuple(replace(c, citations=(citation,)) for c in result.clauses)
    page = Page(html(replace(result, clauses=clauses)))
    assert not [href for href in page.attributes("href") if not href.startswith("#")]


HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)> ' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&#60;b&#62; &lt;b&gt; &#34;",
    "<!-- ]]> -->",
    "\u202eevil\u2066\u200b\x1b[31m\x00",
    "\ud800 alone",
    "שלום (עולם) 12",
    "名前\u3000漢字",
    "javascript:alert(1)",
    "x" * 100_000,
)


def hostile(result: Result, text: str) -> Result:
    """`text` in every place that a trace or a stranger's rules fill."""

    def evidence(of):
        return replace(
            of,
            event=f"{of.event} {text}",
            type=text,
            source=replace(of.source, file=text),
            attributes={"actor": text, text: (text, text)},
            reads=("actor", text),
            note=text,
        )

    def citation(of):
        return replace(
            of, title=text, version=text, publisher=text, section=text, quote=text, url=text
        )

    def finding(of):
        return replace(
            of,
            title=text,
            subject={"actor": text},
            through=(text, text),
            evidence=tuple(map(evidence, of.evidence)),
            context=tuple(map(evidence, of.context)),
            occurrences=tuple(
                replace(o, completing=f"{o.completing} {text}", chain=()) for o in of.occurrences
            ),
            citations=tuple(map(citation, of.citations)),
            laws=tuple(replace(w, title=text, jurisdiction=text, when=text) for w in of.laws),
            explanation=text,
            remedy=text,
            aggravated_by=text,
            rule=replace(of.rule, text=text, source=replace(of.rule.source, file=text)),
            not_excused=tuple(replace(e, text=text, source=text) for e in of.not_excused),
            computed=tuple(replace(c, text=text, value=text) for c in of.computed),
        )

    def clause(of):
        return replace(
            of,
            id=f"house/{text}",
            title=text,
            citations=tuple(map(citation, of.citations)),
            missing=tuple(text for _ in of.missing),
            pending=tuple(
                replace(d, trigger=evidence(d.trigger), party={"actor": text}) for d in of.pending
            ),
            undetermined=tuple(replace(u, attribute=text) for u in of.undetermined),
        )

    run = replace(
        result.run,
        title=text,
        traces=tuple(replace(t, name=text, format=text) for t in result.run.traces),
        packs=tuple(replace(p, id=text, title=text, version=text) for p in result.run.packs),
        parameters=tuple(replace(p, name=text, text=text) for p in result.run.parameters),
        notes=tuple(replace(n, text=text) for n in result.run.notes),
        selection=replace(result.run.selection, select=(text,), ignore=(text,)),
    )
    return replace(
        result,
        run=run,
        clauses=tuple(map(clause, result.clauses)),
        findings=tuple(map(finding, result.findings)),
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_cannot_act(text):
    made = html(hostile(whole(), text))
    page = Page(made)
    assert [tag for tag, _ in page.tags if tag not in KNOWN] == []
    allowed = {name for _, attrs in case().tags for name in attrs} | {"value", "open"}
    assert {name for _, attrs in page.tags for name in attrs} <= allowed
    assert len(page.raw["script"]) == len(case().raw["script"])
    assert page.raw["script"][-1] == case().raw["script"][-1]
    assert page.raw["style"][0] == case().raw["style"][0]
    assert re.fullmatch(
        r'@page\{@top-left\{content:"[^"<]*" \'\\a\' \'[^\'<]*\'\}\}', page.raw["style"][1]
    )
    for char in "\u202e\u2066\u200b\x1b\x00\ud800":
        assert char not in made
    assert len(made) < 2_000_000


MORE = {"bdi", "code", "details", "summary", "output", "option", "blockquote", "svg"}
KNOWN = MORE | {tag for tag, _ in case().tags}


def test_what_acts_or_hides_is_shown():
    page = html(hostile(whole(), "a\u202eb"))
    assert "a<code class=acting>\\u{202e}</code>b" in page


def test_text_from_right_to_left_keeps_to_itself():
    page = html(hostile(whole(), "שלום (עולם) 12"))
    assert "<bdi>שלום (עולם</bdi>) 12" in page


# ---- how large it gets ---------------------------------------------------------------------


def large(findings: int, each: int, shared: bool = False) -> Result:
    """`findings` findings of `each` events; no event is in two, or all are in all."""
    result = whole()
    pattern = next(f for f in result.findings if f.rule.form == "event")
    event = pattern.evidence[0]
    made = []
    for number in range(findings):
        base = 0 if shared else number * each
        evidence = tuple(
            replace(
                event,
                event=f"e{base + n}",
                time=f"2020-{1 + n % 9:02d}-{1 + (base + n) // 997 % 28:02d}T{n % 24:02d}:00:00Z",
                source=replace(event.source, line=base + n),
                attributes={"actor": f"party-{number}", "purpose": "to see what is there"},
                reads=("actor", "purpose"),
            )
            for n in range(each)
        )
        made.append(
            replace(
                pattern,
                id=f"f-{number:032x}",
                subject={"actor": f"party-{number}"},
                evidence=evidence,
                evidence_total=each,
                occurrences=(),
                context=(),
                context_total=0,
            )
        )
    clauses = tuple(
        replace(c, findings=tuple(f.id for f in made) if c.id == pattern.clause else ())
        for c in result.clauses
    )
    return replace(
        result,
        run=replace(result.run, events=findings * each),
        clauses=clauses,
        findings=tuple(made),
    )


@pytest.mark.parametrize(
    ("findings", "each", "shared"), [(500, 40, False), (500, 210, True), (1, 20_000, False)]
)
def test_a_large_report_stays_below_three_megabytes(findings, each, shared):
    made = html(large(findings, each, shared))
    assert len(made.encode()) < 3_000_000
    page = Page(made)
    if findings > 1:  # each says how many of its events stand elsewhere
        assert page.words.count("more events under Events cited, marked") == findings
    ids = set(page.attributes("id"))
    assert {href[1:] for href in page.attributes("href") if href.startswith("#")} <= ids
    assert {f"e{n}" for n in range(1, 1 + (each if shared else findings * each))} <= ids


def test_beyond_twenty_thousand_events_marks_are_binned_and_that_is_said():
    most = large(1, cited.LISTED)
    more = large(1, cited.LISTED + 1)
    assert "too many to draw each by itself" not in html(most)
    page = Page(html(more))
    assert "too many to draw each by itself" in page.words
    assert "The first 20,000 are listed; the JSON result has them all." in page.words
    assert "and of them" not in page.words
    data = json.loads(page.raw["script"][0])
    assert data["binned"] is True
    assert len(data["findings"][0][2]) <= 1_001


# ---- what it costs others ------------------------------------------------------------------


def test_no_other_report_imports_the_template_library():
    script = (
        "import sys\n"
        "from tosrules.cli.main import main\n"
        "sys.argv = ['tosrules', 'check', 'examples/honest-app/trace.json']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'jinja2', 'markupsafe'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"
