"""Every text of the corpus in every place of a trace, through every format."""

from __future__ import annotations

import json

import pytest

from tests.hostile.corpus import ALL, EMPTY, GROUPS, LARGE, TEN
from tests.hostile.harmless import CHECKS, acting
from tests.hostile.trace import events_of
from tosrules.reports import FORMATS


def test_the_corpus_is_large_enough():
    texts = [*ALL, EMPTY, *LARGE.values()]
    assert len(set(texts)) == len(texts) >= 150
    assert len(GROUPS) >= 14
    assert len(set(TEN)) == 10


def test_it_is_judged_and_every_text_is_cited_in_every_place(judged):
    assert judged.ended.status == 1, judged.ended.err
    result = json.loads(judged.report("json"))
    cited = [
        e for f in result["findings"] for e in (*f["evidence"], *f["context"]) if "attributes" in e
    ]
    for place in ("actor", "account", "purpose", "target"):
        assert {e["attributes"][place] for e in cited if place in e["attributes"]} >= set(ALL)
    names = {name for e in cited for name in e["attributes"]}
    own = {"id", "time", "type"}
    assert names >= {t for t in ALL if t not in own}
    assert {e["event"] for e in cited} >= set(ALL)
    assert {next(iter((f["subject"] or {"": None}).values())) for f in result["findings"]} >= set(
        ALL
    )
    assert {u["type"] for u in result["run"]["unknown_types"]} == {*ALL, "no.type"}
    assert {t["title"] for t in result["run"]["traces"]} == {*ALL, EMPTY}
    assert len(result["run"]["traces"]) == len(ALL) + 1
    assert sum(len(events_of(t, n)) for n, t in enumerate((*ALL, EMPTY))) == result["run"]["events"]


def test_every_format_has_its_check():
    assert set(CHECKS) == set(FORMATS), "what is harmless in a format must be said here"


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_acts(judged, harmless, format, tmp_path):
    more = {"folder": tmp_path} if format == "parquet" else {}
    CHECKS[format](judged.report(format), harmless.report(format), **more)


def test_nothing_acts_on_the_screen(judged):
    assert acting(judged.ended.out.decode()) == set()
    assert acting(judged.ended.err) == set()
