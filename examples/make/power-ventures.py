"""Writes examples/power-ventures/trace.json; its README says what is reported and what invented."""

from __future__ import annotations

from datetime import datetime

from writing import Chance, Trace, after, at

PARTY = "power-ventures"
PLATFORM = "facebook.com"
PROGRAM = {"device": "aggregator", "automated": True, "automated__basis": "timing"}
HAND = {"automated": False, "automated__basis": "self_declared"}
BLOCKED = "192.0.2.10"
NEXT = ("198.51.100.20", "198.51.100.31", "203.0.113.42")


def main() -> None:
    chance = Chance("power-ventures")
    trace = Trace(
        "Power Ventures: an aggregator before and after the letter (invented, decided case)",
        (at("2008-11-10 00:00"), at("2009-01-31 23:59:59")),
    )
    members = range(1, 16)
    sign_up(trace, chance, members)
    for number in members:
        gather(trace, chance, number, after(at("2008-11-17 02:00"), hours=19 * number), BLOCKED)
    letter_and_block(trace)
    for turn, number in enumerate(members):
        time = after(at("2008-12-13 03:00"), hours=19 * turn)
        gather(trace, chance, number, time, NEXT[turn % len(NEXT)])
    bystanders(trace, chance)
    trace.write("power-ventures")


def sign_up(trace: Trace, chance: Chance, members: range) -> None:
    time = at("2008-11-10 15:00")
    for number in members:
        person = f"person-{number:02}"
        where = {"site": "power.com", "issuer": PLATFORM, "channel": "web_form"}
        trace.add(time, "credential.solicit", actor=PARTY, recipient=PARTY, subject=person, **where)
        trace.add(
            after(time, seconds=30),
            "credential.submit",
            actor=person,
            subject=person,
            account=f"user-{number:02}",
            recipient=PARTY,
            password=f"not-a-real-password-{number:02}",
            **where,
        )
        time = after(time, hours=chance.between(3, 9))


def gather(trace: Trace, chance: Chance, number: int, time: datetime, address: str) -> None:
    account = f"user-{number:02}"
    trace.add(
        time,
        "session.logon",
        actor=PARTY,
        account=account,
        method="password",
        source__ip=address,
        **PROGRAM,
    )
    for friend in range(1, 9):
        time = after(time, seconds=chance.between(1, 4))
        trace.add(
            time,
            "profile.read",
            actor=PARTY,
            account=account,
            target=f"friend-{number:02}-{friend}",
            provenance="scrape",
            visibility="friends",
            source__ip=address,
            **PROGRAM,
        )


def letter_and_block(trace: Trace) -> None:
    for time, type in (
        (at("2008-12-01 17:00"), "notice.sent"),
        (at("2008-12-01 20:00"), "notice.received"),
    ):
        trace.add(
            time, type, kind="cease_and_desist", issuer="facebook", target=PARTY, notice__id="n-1"
        )
    trace.add(
        at("2008-12-12 18:00"),
        "enforcement.apply",
        kind="network_block",
        target=PARTY,
        source__ip=BLOCKED,
    )


def bystanders(trace: Trace, chance: Chance) -> None:
    """The members themselves; and one who was blocked by mistake and takes the train."""
    for number in range(1, 11):
        time = after(at("2008-12-20 18:00"), days=number)
        account = f"user-{number:02}"
        person = f"person-{number:02}"
        home = {"actor": person, "account": account, "source__ip": f"192.0.2.{100 + number}"}
        trace.add(time, "session.logon", method="password", **home, **HAND)
        for friend in (1, 2, 3):
            time = after(time, seconds=chance.between(20, 120))
            friend_name = f"friend-{number:02}-{friend}"
            trace.add(time, "profile.read", target=friend_name, provenance="web", **home, **HAND)
    traveller = {"actor": "traveller", "account": "traveller-account"}
    trace.add(
        at("2008-12-22 08:00"),
        "enforcement.apply",
        kind="network_block",
        target="traveller",
        source__ip="192.0.2.77",
    )
    trace.add(
        at("2008-12-22 09:00"), "session.logon", source__ip="198.51.100.77", **traveller, **HAND
    )


if __name__ == "__main__":
    main()
