"""The `because` of each rule form, read aloud."""

from __future__ import annotations

import pytest

import tosrules
from tests.result import cases
from tosrules.result.assemble import assemble

SAID = {
    "no-access": (
        "8 times a profile is read, by bot-17, who acts for mass, on 2020-04-04 between 02:11:00 "
        "and 02:11:07Z. mass was barred from 2020-04-03 09:00:00Z on (trace.json:6)."
    ),
    "no-burst": (
        "4 times a like is given, by account a-1, within 1 hour; the clause allows no more than "
        "3. On 2020-05-01 between 10:00:00 and 10:03:00Z, done by bot."
    ),
    "no-replay": (
        "A credential is entered by ana at 2020-05-02 10:00:00Z (trace.json:25); then, 2 hours "
        "later, an account is logged on to by bot at 2020-05-02 12:00:00Z (trace.json:26), with "
        "the same account a-9."
    ),
    "delete-on-request": (
        "A notice is received by the party it is addressed to at 2020-05-03 10:00:00Z "
        '(trace.json:35), where kind is "deletion_request" and subject is "p-1". This called on '
        "mass for one thing by 2020-06-02 10:00:00Z, within 30 days: data is deleted "
        "(data.delete). It came at 2020-06-03 10:00:00Z (trace.json:45), 1 day late."
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_because(name):
    result = assemble(cases.policy(), cases.whole_trace(), cases.outcome())
    finding = next(f for f in result.findings if f.clause == f"house/{name}")
    assert finding.explanation == SAID[name]


def test_a_signal_is_counted_as_often_as_it_was_given(tmp_path):
    """Not as often as the events that it stands for, nor as one of them."""
    rules, trace = tmp_path / "rules.tos", tmp_path / "trace.jsonl"
    rules.write_text(
        'pack house "House"\nsource terms { title "Terms" }\n'
        "signal burst = at least 2 engagement.like per actor within 10 minutes\n"
        'clause again "Again" { cite terms severity low\n'
        "forbid at least 2 burst per actor within 1 day }\n"
    )
    minutes = ("00:00", "00:01", "01:00", "01:01")
    trace.write_text(
        "".join(
            f'{{"id": "e{n}", "time": "2020-06-01T{at}:00Z", "type": "engagement.like", '
            '"actor": "bot"}\n'
            for n, at in enumerate(minutes)
        )
    )
    (finding,) = tosrules.check([str(trace)], [str(rules)]).findings
    assert finding.explanation == (
        "2 times the signal burst, by bot, within 1 day; the clause allows fewer than 2. On "
        "2020-06-01 between 00:00:00 and 01:01:00Z."
    )
