"""A small policy and what an engine might answer on it, built by hand: the result room is
tested without any evaluator."""

from __future__ import annotations

from contextlib import chdir
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tosrules.engines.outcome import (
    ClauseOutcome,
    Computed,
    Evidence,
    Finding,
    Match,
    Outcome,
    Pending,
    Subject,
    Undetermined,
)
from tosrules.language.load import load
from tosrules.policy.model import Clause, Policy
from tosrules.trace.event import Event, Origin
from tosrules.trace.instants import parse_instant
from tosrules.trace.trace import Note, Trace, TraceFile

RULES = """
pack house "House rules" version "2"

source terms {
  title "House Terms" version "2020-01-01" publisher "House" url "https://house.example/terms"
}
source act { title "Access Act" citation "1 H.C. 2" jurisdiction HO }
source act-here { title "Local Act" jurisdiction HO-X unverified because "not read" }

param burst = 3 chosen because "the terms name no number"
param grace = 30 days stated in terms section "4"

status barred {
  begins on notice.received where kind = "cease_and_desist" for target
  ends   on notice.withdrawn for target
}
link acts_for {
  begins on agency.declare from agent to principal
  ends on agency.end from agent to principal
}

clause no-access "Who is barred stays away" {
  cite terms section "3.2"
  law act section "(a)"
  law act-here when automated = true
  severity high
  severity critical when automated = true
  binds each of acts_for(actor)
  forbid profile.read where barred(any of acts_for(actor))
  unless purpose = "audit"
  remedy "Stop."
}
clause no-burst "No bursts of likes" {
  cite terms section "Fair use"
  severity medium
  forbid more than burst engagement.like per account within 1 hour where automated = true
}
clause no-replay "No credential is used twice" {
  cite terms
  severity critical
  forbid credential.submit as ask
    then session.logon as use within 1 day where use.account = ask.account
}
clause delete-on-request "Data is deleted when asked" {
  cite terms section "4"
  severity medium
  binds ask.target
  after notice.received as ask where ask.kind = "deletion_request"
  require data.delete as done within grace where done.subject = ask.subject
}
clause quiet "Nobody shouts" {
  cite terms severity low forbid content.publish where purpose = "shouting"
}
"""


@cache
def policy() -> Policy:
    with TemporaryDirectory() as folder:
        Path(folder, "house.tos").write_text(RULES)
        with chdir(folder):  # so that places are the same on every machine
            loaded = load(["house.tos"])
    assert loaded.policy is not None, loaded.diagnostics
    return loaded.policy


def clause(name: str) -> Clause:
    return next(c for c in policy().clauses if c.name == name)


def event(time: str, type: str, position: int, **attributes: object) -> Event:
    named = {name.replace("__", "."): value for name, value in attributes.items()}
    return Event(
        f"e{position}",
        parse_instant(time),
        type,
        named,  # type: ignore[arg-type]
        Origin("trace.json", position + 5, position),
        time,
        position,
    )


def match(
    of: str,
    subject: Subject | None,
    completing: Event,
    first: Event | None = None,
    *,
    grave: bool = False,
    **more: object,
) -> Match:
    rule = clause(of).rules[0]
    levels = sorted(rule.severities, key=lambda s: s.when is None)
    values = {
        "key": {},
        "laws": rule.laws if grave else tuple(law for law in rule.laws if law.when is None),
        "not_established": (),
        "not_excused": (),
        "computed": (),
        "through": (),
        **more,
    }
    return Match(
        subject=subject,
        completing=completing,
        first=first or completing,
        severity=levels[0] if grave else levels[-1],
        **values,  # type: ignore[arg-type]
    )


def finding(
    of: str, matches: list[Match], evidence: list[Evidence], context: list[Evidence]
) -> Finding:
    owner = clause(of)
    return Finding(
        owner,
        owner.rules[0],
        matches[0].subject,
        tuple(matches),
        tuple(evidence),
        tuple(context),
        False,
    )


def came(of: str, verdict: str, *findings: Finding, **more: object) -> ClauseOutcome:
    values = {
        "matches": sum(len(f.matches) for f in findings),
        "relevant": 4,
        "waived": 0,
        "undetermined_events": 0,
        "pending": (),
        "undetermined": (),
        "missing": (),
        **more,
    }
    return ClauseOutcome(clause(of), verdict, findings, **values)  # type: ignore[arg-type]


def trace(*events: Event) -> Trace:
    file = TraceFile("trace.json", "ab" * 32, 1234, "json", len(events), 0, "A case")
    return Trace(
        events=events,
        observed=(events[0].time, events[-1].time),
        observed_stated=True,
        title="A case",
        files=(file,),
        notes=(Note("note-moved", "1 record stood after a later one and was sorted by time."),),
        moved=1,
    )


# ---- a whole case --------------------------------------------------------------------------

LETTER = event("2020-04-03T09:00:00Z", "notice.received", 1, kind="cease_and_desist", target="mass")
AGENCY = event("2020-04-01T09:00:00Z", "agency.declare", 0, agent="bot-17", principal="mass")
READS = [
    event(
        f"2020-04-04T02:11:0{n}Z",
        "profile.read",
        2 + n,
        actor="bot-17",
        automated=True,
        target=f"p-{n}",
    )
    for n in range(8)
]
LIKES = [
    event(
        f"2020-05-01T10:0{n}:00Z",
        "engagement.like",
        10 + n,
        actor="bot",
        account="a-1",
        automated=True,
    )
    for n in range(4)
]
SUBMIT = event(
    "2020-05-02T10:00:00Z", "credential.submit", 20, actor="ana", account="a-9", password="hunter22"
)
LOGON = event("2020-05-02T12:00:00Z", "session.logon", 21, actor="bot", account="a-9")
ASKED = event(
    "2020-05-03T10:00:00Z",
    "notice.received",
    30,
    kind="deletion_request",
    target="mass",
    subject="p-1",
)
DELETED = event("2020-06-03T10:00:00Z", "data.delete", 40, actor="mass", subject="p-1")
ASKED_LATE = event(
    "2020-06-01T10:00:00Z",
    "notice.received",
    35,
    kind="deletion_request",
    target="mass",
    subject="p-2",
)
MASS = Subject("party", "mass")
DUE = parse_instant("2020-06-02T10:00:00Z")


def outcome() -> Outcome:
    access = finding(
        "no-access",
        [
            match(
                "no-access",
                MASS,
                read,
                grave=True,
                through=("bot-17",),
                not_established=clause("no-access").rules[0].exceptions,
            )
            for read in READS
        ],
        [Evidence(read, "violates") for read in READS],
        [Evidence(AGENCY, "begins", "acts_for"), Evidence(LETTER, "begins", "barred")],
    )
    burst = finding(
        "no-burst",
        [
            match(
                "no-burst",
                Subject("account", "a-1"),
                LIKES[3],
                LIKES[0],
                key={"account": "a-1"},
                computed=(Computed("count", 4, "number"),),
            )
        ],
        [*(Evidence(e, "counts") for e in LIKES[:3]), Evidence(LIKES[3], "violates")],
        [],
    )
    replay = finding(
        "no-replay",
        [match("no-replay", None, LOGON, SUBMIT)],
        [Evidence(SUBMIT, "ask"), Evidence(LOGON, "use")],
        [],
    )
    late = finding(
        "delete-on-request",
        [match("delete-on-request", MASS, ASKED, due=DUE)],
        [Evidence(ASKED, "trigger"), Evidence(DELETED, "late")],
        [],
    )
    waiting = Pending(ASKED_LATE, MASS, parse_instant("2020-07-01T10:00:00Z"))
    return Outcome(
        (
            came(
                "delete-on-request",
                "violated",
                late,
                pending=(waiting,),
            ),
            came("no-access", "violated", access),
            came(
                "no-burst",
                "violated",
                burst,
                undetermined_events=1,
                undetermined=(Undetermined("attribute missing", "automated", (LIKES[0],), 1),),
            ),
            came("no-replay", "violated", replay),
            came("quiet", "not exercised", relevant=0, missing=("content.publish",)),
        ),
        {"house/barred": 2},
    )


def whole_trace() -> Trace:
    events = [AGENCY, LETTER, *READS, *LIKES, SUBMIT, LOGON, ASKED, ASKED_LATE, DELETED]
    return trace(*sorted(events, key=lambda e: (e.time, e.position)))
