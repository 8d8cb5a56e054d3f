"""The text report, held word by word at two widths, and what it says in the other cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.result import cases
from tosrules.engines.outcome import Outcome, Undetermined
from tosrules.reports import FORMATS, Options, rendered
from tosrules.reports.text import render
from tosrules.result.assemble import assemble
from tosrules.result.run import RunFacts
from tosrules.trace.event import Event, Origin
from tosrules.trace.problems import TraceProblem
from tosrules.trace.trace import Trace

GOLDEN = Path(__file__).parent.parent / "fixtures" / "reports"


def whole(**options: object) -> str:
    result = assemble(cases.policy(), cases.whole_trace(), cases.outcome())
    closing = "Exit status 1: 4 findings."
    return render(result, Options(closing=closing, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [80, 120])
def test_a_whole_case(width):
    found = whole(width=width)
    assert found == (GOLDEN / f"case-{width}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_too_wide(width):
    for line in whole(width=width).splitlines():
        assert len(line) <= width or "://" in line


def test_colour_changes_nothing_else():
    import re

    plain = re.sub(r"\x1b\[[0-9;]*m", "", whole(color=True))
    assert plain == whole()


def test_all_shows_all():
    assert "--all" not in whole(all=True)
    assert whole(all=True).count("Z  profile.read ") == 8


def test_quiet_is_the_verdict_and_a_line_for_each():
    lines = whole(quiet=True).splitlines()
    assert lines[0].startswith("4 clauses are violated")
    assert len(lines) == 2 + 4
    assert lines[2].startswith("critical  f-")


# ---- verdicts in words ---------------------------------------------------------------------


def headline(*outcomes: object, trace: Trace | None = None, **facts: object) -> str:
    made = assemble(
        cases.policy(),
        trace or cases.trace(cases.LETTER),
        Outcome(outcomes, {}),  # type: ignore[arg-type]
        RunFacts(**facts),  # type: ignore[arg-type]
    )
    return render(made, Options(quiet=True))


def test_nothing_found():
    assert headline(cases.came("quiet", "clean")) == (
        "No violation was found.\n1 clause is clean.\n"
    )


def test_undetermined_does_not_pass_for_clean():
    came = cases.came(
        "quiet",
        "undetermined",
        undetermined=(Undetermined("attribute missing", "purpose", (cases.LETTER,), 1),),
    )
    assert headline(came).startswith("No violation was found, but not everything could be judged.")


def test_not_exercised_does_not_pass_for_clean():
    assert headline(cases.came("quiet", "not exercised", relevant=0)) == (
        "Nothing was judged: no event of the trace falls under the clause.\n"
    )


def test_skipped_records_are_said_at_the_top():
    from tosrules.record import replace

    trace = cases.trace(cases.LETTER)
    lost = TraceProblem("trace-bad-json", "expected a value", file="trace.json", line=9)
    (file,) = trace.files
    trace = replace(trace, files=(replace(file, skipped=1),), skipped=(lost,))
    said = headline(cases.came("quiet", "clean"), trace=trace)
    assert "1 record could not be read and went unjudged." in said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("attribute missing", "1 event does not say `x` (trace.json:6)"),
        ("before observation", "1 event lies before the observed period"),
        ("deadline unknown", "1 event sets no deadline: `x` is missing"),
        ("status unknown", "whether `x` held is not known at 1 event"),
        ("fulfilment unknown", "whether the duty was met is not known for 1 event"),
        ("division by zero", "1 event would divide by zero"),
    ],
)
def test_reasons_in_words(reason, said):
    came = cases.came(
        "quiet", "undetermined", undetermined=(Undetermined(reason, "x", (cases.LETTER,), 1),)
    )
    made = assemble(cases.policy(), cases.trace(cases.LETTER), Outcome((came,), {}))
    assert said in " ".join(render(made, Options(width=120)).split())


# ---- a hostile trace -----------------------------------------------------------------------


def test_text_from_a_trace_cannot_act():
    evil = "\x1b]0;owned\x07\u202e" + "x" * 500
    event = Event(
        "e\x1b[2J",
        cases.LETTER.time,
        "profile.read",
        {"actor": evil},
        Origin("a\x1b.json", 1),
        "",
        0,
    )
    subject = cases.Subject("party", evil)
    found = cases.finding(
        "no-access",
        [cases.match("no-access", subject, event)],
        [cases.Evidence(event, "violates")],
        [],
    )
    trace = cases.trace(event)
    result = assemble(
        cases.policy(), trace, Outcome((cases.came("no-access", "violated", found),), {})
    )
    text = render(result, Options(width=80))
    assert not any(c in text for c in "\x1b\x07\u202e")
    assert "x" * 200 not in text


def test_every_format_renders():
    result = assemble(cases.policy(), cases.whole_trace(), cases.outcome())
    for name in FORMATS:
        once = rendered(name, result, Options())
        assert isinstance(once, bytes)
        assert once == rendered(name, result, Options())
