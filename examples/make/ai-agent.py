"""Writes examples/ai-agent/trace.json: two invented AI agents that act for people on a platform."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from writing import Chance, Trace, after, at

BY_AGENT = {"automated": True, "automated__basis": "self_declared"}
HAND = {"automated": False, "automated__basis": "attested_client"}

GOOD: dict[str, Any] = {
    "actor": "agent-7",
    "principal": "clara",
    "account": "clara-account",
    "app": "assistant-app",
    "client__claimed": "assistant-app",
    "client__actual": "assistant-app",
    **BY_AGENT,
}
BAD: dict[str, Any] = {
    "actor": "agent-9",
    "principal": "dealer",
    "device": "server-1",
    "client__claimed": "web browser",
    "client__actual": "agent runtime",
    **BY_AGENT,
}


def main() -> None:
    chance = Chance("ai-agent")
    trace = Trace(
        "AI agent: one that asks first, one that passes itself off as a person (invented)",
        (at("2026-05-01 00:00"), at("2026-06-15 23:59:59")),
    )
    for agent, person in (("agent-7", "clara"), ("agent-9", "dealer")):
        trace.add(
            at("2026-05-01 08:00"),
            "agency.declare",
            agent=agent,
            principal=person,
            role="program",
            basis="declared",
        )
    assistant(trace, chance)
    salesman(trace, chance)
    people(trace, chance)
    trace.write("ai-agent")


def assistant(trace: Trace, chance: Chance) -> None:
    """Agent 7 has permission, says what it is, and stops when it is told to."""
    trace.add(
        at("2026-05-01 09:00"),
        "permission.grant",
        target="clara",
        scope="automation",
        purpose="assistant",
        expires="2026-12-31T00:00:00Z",
    )
    trace.add(
        at("2026-05-01 09:30"),
        "token.obtain",
        actor="agent-7",
        app="assistant-app",
        owner="clara-account",
        method="oauth",
    )
    for day in range(20):
        time = after(at("2026-05-04 07:30"), days=day)
        trace.add(time, "session.logon", method="token", **GOOD)
        for number in range(3):
            time = after(time, seconds=chance.between(2, 20))
            trace.add(
                time, "profile.read", target=f"friend-{number}", provenance="official_api", **GOOD
            )
        trace.add(
            after(time, seconds=30),
            "message.send",
            subject=f"friend-{day % 3}",
            target=f"friend-{day % 3}-account",
            in_reply_to=f"message-{day}",
            **GOOD,
        )
    letter(trace, "clara", at("2026-05-26 10:00"))
    trace.add(
        at("2026-05-26 12:00"),
        "response.send",
        actor="agent-7",
        principal="clara",
        kind="acknowledgement",
        answers="cease_and_desist",
    )


def letter(trace: Trace, party: str, time: datetime) -> None:
    trace.add(after(time, days=-1), "notice.sent", kind="cease_and_desist", target=party)
    trace.add(time, "notice.received", kind="cease_and_desist", target=party)


def salesman(trace: Trace, chance: Chance) -> None:
    """Agent 9 reads whole lists, posts one text thrice, writes to who said no, and goes on."""
    for day in range(4):
        time = after(at("2026-05-05 01:00"), days=day)
        trace.add(time, "session.logon", account="dealer-1", **BAD)
        for number in range(25):
            time = after(time, seconds=chance.between(2, 5))
            trace.add(
                time,
                "profile.read",
                account="dealer-1",
                target=f"prospect-{25 * day + number:03}",
                provenance="scrape",
                **BAD,
            )
    for number in (1, 2, 3):
        trace.add(
            after(at("2026-05-09 09:00"), minutes=7 * number),
            "content.publish",
            account=f"dealer-{number}",
            content__hash="offer-of-the-week",
            **BAD,
        )
    for number in range(1, 6):
        person = f"prospect-{number:03}"
        trace.add(
            after(at("2026-05-08 12:00"), minutes=number),
            "consent.revoke",
            actor=person,
            subject=person,
            target="dealer",
            channel="platform_settings",
        )
        trace.add(
            after(at("2026-05-08 12:00"), minutes=number),
            "consent.revoke",
            actor=person,
            subject=person,
            target="agent-9",
            channel="platform_settings",
        )
        trace.add(
            after(at("2026-05-10 10:00"), minutes=number),
            "message.send",
            account="dealer-1",
            subject=person,
            target=f"{person}-account",
            **BAD,
        )
    letter(trace, "dealer", at("2026-05-26 10:00"))
    for number in range(15):
        trace.add(
            after(at("2026-05-27 02:00"), seconds=4 * number),
            "profile.read",
            account="dealer-2",
            target=f"prospect-{200 + number}",
            provenance="scrape",
            **BAD,
        )


def people(trace: Trace, chance: Chance) -> None:
    for number in range(1, 21):
        time = after(at("2026-05-02 17:00"), days=chance.between(0, 40))
        person = {"actor": f"person-{number:02}", "account": f"person-account-{number:02}"}
        client = {"client__claimed": "official app", "client__attested": True}
        trace.add(time, "session.logon", **person, **client, **HAND)
        for _ in range(3):
            time = after(time, seconds=chance.between(10, 100))
            trace.add(
                time,
                "profile.read",
                target=f"friend-{int(chance.between(0, 9))}",
                provenance="app",
                **person,
                **client,
                **HAND,
            )


if __name__ == "__main__":
    main()
