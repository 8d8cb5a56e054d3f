"""Writes examples/massroot8/trace.json; its README says what is reported and what is invented."""

from __future__ import annotations

from datetime import datetime

from writing import Chance, Trace, after, at

SERVICE = "massroot8"
SITE = "massroot8.example"
PLATFORM = "facebook.com"
BOTS = {
    "bot-17": {"device": "emulator-17", "device__model": "SM-G930F"},
    "bot-21": {"device": "emulator-21", "device__model": "SM-J530F"},
}
"""Each says it is a telephone of its own that runs the official app."""

CLAIM = {
    "client__claimed": "Facebook for Android",
    "client__attested": False,
    "automated": True,
    "automated__basis": "timing",
}
HAND = {"automated": False, "automated__basis": "attested_client"}
APP = {"client__claimed": "Facebook for Android", "client__attested": True}

FIRST_LETTER = at("2020-04-03 09:00")


def main() -> None:
    chance = Chance("massroot8")
    trace = Trace(
        "Massroot8: passwords asked for, and used on after the letter (invented, reported case)",
        (at("2019-11-02 00:00"), at("2020-06-18 23:59:59")),
    )
    trace.add(
        at("2019-11-02 08:00"),
        "terms.accept",
        actor=SERVICE,
        account="massroot8-page",
        terms__id="facebook-terms",
        terms__version="2019-07-31",
        method="continued_use",
    )
    for minute, bot in enumerate(BOTS):
        trace.add(
            after(at("2019-11-02 08:05"), minutes=minute),
            "agency.declare",
            agent=bot,
            principal=SERVICE,
            role="program",
            basis="common_control",
        )
    users = customers(trace, chance)
    harvest(trace, chance, users[:5], at("2019-11-18 01:30"), reads=(11, 14))
    letter(trace)
    after_letter(trace, chance, users)
    bystanders(trace, chance)
    trace.write("massroot8")


def customers(trace: Trace, chance: Chance) -> list[int]:
    """Ten people enter their passwords on a site that is not the platform's."""
    time = at("2019-11-04 17:00")
    users = list(range(1, 11))
    for number in users:
        trace.add(
            time,
            "credential.solicit",
            actor=SERVICE,
            recipient=SERVICE,
            subject=f"person-{number:02}",
            site=SITE,
            issuer=PLATFORM,
            channel="web_form",
            purpose="account_management",
        )
        trace.add(
            after(time, seconds=chance.between(20, 60)),
            "credential.submit",
            actor=f"person-{number:02}",
            subject=f"person-{number:02}",
            account=f"user-{number:02}",
            recipient=SERVICE,
            site=SITE,
            issuer=PLATFORM,
            channel="web_form",
            username=f"user{number:02}@mail.example",
            password=f"not-a-real-password-{number:02}",
        )
        time = after(time, hours=chance.between(14, 22))
    return users


def log_on(trace: Trace, bot: str, number: int, time: datetime) -> None:
    trace.add(
        time,
        "session.logon",
        actor=bot,
        account=f"user-{number:02}",
        subject=f"person-{number:02}",
        method="password",
        credential__owner=f"person-{number:02}",
        outcome="success",
        logged_in=True,
        source__ip=address(bot),
        **BOTS[bot],
        **CLAIM,
    )


def read(trace: Trace, bot: str, number: int, friend: int, time: datetime) -> None:
    trace.add(
        time,
        "profile.read",
        actor=bot,
        account=f"user-{number:02}",
        target=f"friend-{number:02}-{friend:02}",
        provenance="scrape",
        visibility="friends",
        logged_in=True,
        source__ip=address(bot),
        **BOTS[bot],
        **CLAIM,
    )


def address(bot: str) -> str:
    return {"bot-17": "198.51.100.17", "bot-21": "203.0.113.21"}[bot]


def harvest(
    trace: Trace, chance: Chance, users: list[int], time: datetime, reads: tuple[int, int]
) -> None:
    """One account after another, a profile every other second."""
    for number in users:
        bot = ("bot-17", "bot-21")[number % 2]
        log_on(trace, bot, number, time)
        moment = after(time, seconds=4)
        friends = reads[0] + int(chance.between(0, reads[1] - reads[0] + 1))
        for friend in range(1, friends + 1):
            read(trace, bot, number, friend, moment)
            moment = after(moment, seconds=chance.between(1, 3))
        trace.add(
            after(moment, seconds=2),
            "data.store",
            actor=SERVICE,
            provenance="scrape",
            items=friends,
            data__categories=["name", "friends", "photos"],
        )
        time = after(time, hours=chance.between(9, 11))


def letter(trace: Trace) -> None:
    for type, time in (("notice.sent", at("2020-04-01 15:00")), ("notice.received", FIRST_LETTER)):
        trace.add(
            time,
            type,
            kind="cease_and_desist",
            issuer="facebook",
            target=SERVICE,
            notice__id="n-1",
            channel="letter",
        )
    trace.add(
        at("2020-04-08 12:00"),
        "account.disable",
        actor="facebook",
        account="massroot8-page",
        target=SERVICE,
        reason="collection by automated means",
    )
    trace.add(
        at("2020-06-18 12:00"),
        "notice.sent",
        kind="suit",
        issuer="facebook",
        target=SERVICE,
        notice__id="n-2",
    )


def after_letter(trace: Trace, chance: Chance, users: list[int]) -> None:
    """214 profiles, the first of them seventeen hours after the letter."""
    left = 214
    time = at("2020-04-04 02:11:07")
    for turn, number in enumerate(users * 2):
        if not left:
            break
        bot = ("bot-17", "bot-21")[turn % 2]
        log_on(trace, bot, number, after(time, seconds=-3))
        for friend in range(30, 30 + min(left, 11)):
            read(trace, bot, number, friend, time)
            time = after(time, seconds=chance.between(1, 3))
            left -= 1
        time = after(time, hours=chance.between(9, 11))


def bystanders(trace: Trace, chance: Chance) -> None:
    """People who must not be found."""
    # Those who had entered their passwords also use their accounts themselves.
    for number in (1, 2, 3):
        time = after(at("2019-12-01 19:00"), days=number)
        trace.add(
            time,
            "session.logon",
            actor=f"person-{number:02}",
            account=f"user-{number:02}",
            device=f"phone-{number:02}",
            logged_in=True,
            **HAND,
            **APP,
        )
        for friend in (1, 2, 3, 4):
            time = after(time, seconds=chance.between(20, 200))
            trace.add(
                time,
                "profile.read",
                actor=f"person-{number:02}",
                account=f"user-{number:02}",
                target=f"friend-{number:02}-{friend:02}",
                device=f"phone-{number:02}",
                visibility="friends",
                logged_in=True,
                provenance="app",
                **HAND,
                **APP,
            )
    # A recruiter who reads candidates' pages all afternoon.
    time = at("2020-04-06 13:00")
    for candidate in range(1, 40):
        trace.add(
            time,
            "profile.read",
            actor="recruiter",
            account="recruiter-account",
            target=f"candidate-{candidate:02}",
            device="recruiter-laptop",
            visibility="public",
            logged_in=True,
            provenance="web",
            client__claimed="web browser",
            client__attested=True,
            **HAND,
        )
        time = after(time, seconds=chance.between(25, 240))
    # An app with the platform's own log-in and its documented interface.
    time = at("2020-02-11 10:00")
    for number in range(1, 11):
        trace.add(
            time,
            "token.obtain",
            actor="calendar-app-maker",
            app="calendar-app",
            owner=f"friend-01-{number:02}",
            method="oauth",
            site=PLATFORM,
            issuer=PLATFORM,
        )
        trace.add(
            after(time, seconds=2),
            "profile.read",
            actor="calendar-app-maker",
            app="calendar-app",
            target=f"friend-01-{number:02}",
            provenance="official_api",
            automated=True,
            automated__basis="self_declared",
            client__claimed="calendar-app",
            client__actual="calendar-app",
        )
        time = after(time, hours=chance.between(1, 20))
    # The platform asks for its own passwords.
    for number in (4, 5, 6):
        trace.add(
            after(at("2020-01-10 08:00"), hours=number),
            "credential.solicit",
            actor="facebook",
            recipient="facebook",
            subject=f"person-{number:02}",
            site=PLATFORM,
            issuer=PLATFORM,
            channel="app",
        )
        trace.add(
            after(at("2020-01-10 08:01"), hours=number),
            "session.logon",
            actor=f"person-{number:02}",
            account=f"user-{number:02}",
            device=f"phone-{number:02}",
            logged_in=True,
            **HAND,
            **APP,
        )


if __name__ == "__main__":
    main()
