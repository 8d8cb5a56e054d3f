"""Baselines: what a file of accepted findings may say, what it changes, and how it grows."""

from __future__ import annotations

import tomllib
from functools import cache

import pytest

from tests.result.cases import outcome, policy, whole_trace
from tosrules.record import replace
from tosrules.result.assemble import assemble
from tosrules.result.baseline import BASELINE, BaselineError, held_against, read_baseline, updated
from tosrules.result.status import DONE, FOUND, status_of

HEAD = f'baseline = "{BASELINE}"\n'
ID = "f-" + "0" * 32


@cache
def result():
    return assemble(policy(), whole_trace(), outcome())


def held(text: str, today: str = "2026-11-22"):
    return held_against(result(), read_baseline(text.encode(), "b.toml"), today)


def entry(id: str, **more: str) -> str:
    said = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'\n[[accepted]]\nfinding = "{id}"\n{said}'


def test_what_is_accepted_is_marked_and_does_not_count():
    every = result().findings
    marked = held(HEAD + entry(every[0].id, reason='"known"', author='"A. B."'))
    assert marked.findings[0].accepted is not None
    assert marked.findings[0].accepted.reason == "known"
    assert [f.accepted for f in marked.findings[1:]] == [None] * (len(every) - 1)
    assert marked.summary.accepted == 1
    assert marked.summary.findings == len(every)
    status, why = status_of(marked, "low", False)
    assert (status, why) == (
        FOUND,
        f"{len(every)} findings, 1 of them accepted by the baseline",
    )


def test_all_accepted_is_done():
    marked = held(HEAD + "".join(entry(f.id, reason='"known"') for f in result().findings))
    status, why = status_of(marked, "low", False)
    assert status == DONE
    assert why == f"all {len(marked.findings)} findings are accepted by the baseline"
    assert marked.clauses == result().clauses, "a verdict says what was recorded"


def test_an_expired_acceptance_counts_from_its_day_on():
    text = HEAD + entry(result().findings[0].id, reason='"known"', expires="2027-01-01")
    assert held(text, "2026-12-31").findings[0].accepted is not None
    marked = held(text, "2027-01-01")
    assert marked.findings[0].accepted is None
    assert marked.findings[0].expired is not None
    assert marked.summary.accepted == 0
    assert marked.run.baseline.expired == 1
    assert "has expired" in marked.run.notes[-1].text


def test_what_is_no_longer_found_is_named_where_its_clause_was_judged():
    clause = result().clauses[0].id
    marked = held(HEAD + entry(ID, clause=f'"{clause}"', reason='"x"'))
    assert marked.run.baseline.absent == (ID,)
    assert ID in marked.run.notes[-1].text
    elsewhere = held(HEAD + entry(ID, clause='"other/clause"', reason='"x"'))
    assert elsewhere.run.baseline.absent == ()


def test_an_empty_reason_is_told():
    marked = held(HEAD + entry(result().findings[0].id))
    assert marked.run.baseline.without_reason == 1
    assert "without a reason" in marked.run.notes[-1].text


def test_an_entry_for_another_clause_accepts_nothing():
    text = HEAD + entry(result().findings[0].id, clause='"house/other"')
    with pytest.raises(BaselineError, match=r"b.toml:3: the entry says `house/other`"):
        held(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "b.toml:1: this file does not say that it is a baseline"),
        ('x = "\n', "b.toml:1: this is not TOML: illegal character"),
        ('baseline = "tosrules-baseline/9"', "b.toml:1: this file does not say"),
        (HEAD + "acepted = 1", "b.toml:2: unknown key `acepted`"),
        (HEAD + "accepted = 1", "b.toml: `accepted` must be entries"),
        (HEAD + "[[accepted]]\n", "b.toml:2: the entry names no finding"),
        (HEAD + '[[accepted]]\n\nfinding = "f-12"', "b.toml:4: `f-12` is not the id of a finding"),
        (HEAD + entry(ID, resaon='"x"'), "b.toml:5: unknown key `resaon` of an accepted finding"),
        (HEAD + entry(ID, reason="1"), "b.toml:5: `reason` must be text"),
        (HEAD + entry(ID, expires='"soon"'), "b.toml:5: `expires` must be a day"),
        (HEAD + entry(ID, expires="2027-01-01T00:00:00Z"), "b.toml:5: `expires` must be a day"),
        (HEAD + entry(ID) + entry(ID), f"b.toml:6: `{ID}` is accepted twice, first at line 3"),
    ],
)
def test_errors_name_the_line(text, message):
    with pytest.raises(BaselineError) as caught:
        read_baseline(text.encode(), "b.toml")
    assert str(caught.value).startswith(message)


def test_bytes_that_are_no_text():
    with pytest.raises(BaselineError, match=r"b.toml:2: this is not UTF-8"):
        read_baseline(HEAD.encode() + b"# \xff", "b.toml")


def test_an_update_adds_and_keeps_every_byte():
    first = result().findings[0]
    before = HEAD + "# mine\n" + entry(first.id, reason='"known"') + entry(ID) + "# the end"
    baseline = read_baseline(before.encode(), "b.toml")
    after = updated(before, baseline, result(), "2026-11-22")
    assert after.startswith(before + "\n")
    read = read_baseline(after.encode(), "b.toml")
    assert [e.finding for e in read.entries] == [
        first.id,
        ID,
        *(f.id for f in result().findings[1:]),
    ]
    assert [e.acceptance.reason for e in read.entries][:3] == ["known", "", ""]
    assert read.entries[2].acceptance.added == "2026-11-22"
    assert updated(after, read, result(), "2027-01-01") == after


def test_a_new_baseline_accepts_all_and_can_be_read():
    text = updated("", None, result(), "2026-11-22")
    marked = held(text)
    assert marked.summary.accepted == len(marked.findings)


def test_hostile_subjects_are_written_harmlessly():
    hostile = 'a"b\\c\n\x1b[31m\u202e\x7f\ud800 = ]]'
    finding = replace(result().findings[0], subject={"actor": hostile})
    text = updated("", None, replace(result(), findings=(finding,)), "2026-11-22")
    assert text.isprintable() is False  # its own line breaks
    assert all(line.isprintable() for line in text.split("\n"))
    (read,) = tomllib.loads(text)["accepted"]
    assert read["subject"] == hostile.replace("\ud800", "\ufffd")
