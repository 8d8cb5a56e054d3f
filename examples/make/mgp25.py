"""Writes examples/mgp25/trace.json; its README says what is reported and what is invented."""

from __future__ import annotations

from datetime import datetime

from writing import Chance, Trace, after, at

COMPANY = "mgp25-cyberint"
SERVICE = "mgp25-service"
"""The program of the company; it drives all accounts."""

# What the public library claims to be, and the calls it makes before it logs on.
CLAIM = {
    "client__claimed": "Instagram for Android",
    "client__version": "85.0.0.21.100",
    "client__attested": False,
    "automated": True,
    "automated__basis": "known_code",
}
WARM_UP = (
    "accounts/read_msisdn_header/",
    "qe/sync/",
    "launcher/sync/",
    "attribution/log_attribution/",
    "zr/token/result/",
    "accounts/contact_point_prefill/",
)
AFTER_LOGON = ("launcher/sync/", "feed/timeline/", "direct_v2/inbox/", "news/inbox/")
MODELS = ("SM-G935F", "ONEPLUS A3010", "HUAWEI MATE 9 PRO", "LG-H918")

HAND = {"automated": False, "automated__basis": "attested_client"}
APP = {"client__claimed": "Instagram for Android", "client__attested": True}


def main() -> None:
    chance = Chance("mgp25")
    trace = Trace(
        "MGP25: an automation service before and after its letter (invented, reported case)",
        (at("2020-03-01 00:00"), at("2020-08-12 00:00")),
    )
    background(trace)
    open_accounts(trace, chance, at("2020-03-02 10:00"), range(1, 9))
    deliver(trace, chance, at("2020-03-10 14:00"), range(1, 9), likes=74, follows=14, comments=8)
    enforce(trace)
    open_accounts(trace, chance, at("2020-04-20 10:00"), range(9, 11))
    deliver(
        trace, chance, at("2020-05-05 15:00"), (6, 7, 8, 9, 10), likes=70, follows=10, comments=4
    )
    court(trace)
    bystanders(trace, chance)
    trace.write("mgp25")


def background(trace: Trace) -> None:
    trace.add(
        at("2020-03-01 08:00"),
        "terms.accept",
        actor=COMPANY,
        terms__id="instagram-terms-of-use",
        terms__version="2018-04-19",
        method="sign_up",
    )
    trace.add(
        at("2020-03-01 08:05"),
        "agency.declare",
        agent=SERVICE,
        principal=COMPANY,
        role="program",
        basis="common_control",
    )
    trace.add(
        at("2020-03-01 09:00"),
        "offer.make",
        actor=COMPANY,
        goods="likes",
        items=1000,
        amount__value=9,
        amount__currency="EUR",
    )
    for number, day in enumerate(("2020-03-09", "2020-03-10", "2020-05-04"), start=1):
        trace.add(
            at(f"{day} 11:30"),
            "purchase.make",
            actor=f"customer-{number}",
            target=COMPANY,
            goods="likes",
            items=100,
            amount__value=1,
            amount__currency="EUR",
            object__owner=f"shopfront-{number}",
        )


def phone(number: int) -> dict[str, str]:
    """Each account is pinned to one model; four accounts share a device."""
    return {"device": f"phone-{(number - 1) // 4 + 1}", "device__model": MODELS[(number - 1) // 4]}


def log_on(trace: Trace, chance: Chance, time: datetime, number: int) -> datetime:
    """The ordered burst of calls with which the library starts a session. Returns its end."""
    account = f"bot-account-{number:02}"
    for path in (*WARM_UP, "accounts/login/", *AFTER_LOGON):
        kind = "session.logon" if path == "accounts/login/" else "http.request"
        detail: dict[str, object] = (
            {"method": "password"}
            if kind == "session.logon"
            else {
                "http__request__method": "POST",
                "url__path": f"/api/v1/{path}",
                "http__response__status_code": 200,
            }
        )
        trace.add(time, kind, actor=SERVICE, account=account, **phone(number), **CLAIM, **detail)
        time = after(time, seconds=chance.between(1, 3))
    return time


def open_accounts(trace: Trace, chance: Chance, time: datetime, numbers: range) -> None:
    for number in numbers:
        account = f"bot-account-{number:02}"
        trace.add(
            time,
            "account.create",
            actor=SERVICE,
            account=account,
            outcome="success",
            **phone(number),
            **CLAIM,
        )
        trace.add(
            after(time, seconds=2), "device.seen", account=account, device=phone(number)["device"]
        )
        time = after(time, minutes=chance.between(6, 14))


def deliver(
    trace: Trace,
    chance: Chance,
    time: datetime,
    numbers: range | tuple[int, ...],
    *,
    likes: int,
    follows: int,
    comments: int,
) -> None:
    """An hour and a half of bought engagement: no account is fast, the service is."""
    start = time
    for number in numbers:
        log_on(trace, chance, after(start, seconds=40 * numbers.index(number)), number)
    time = after(start, minutes=10)
    kinds = (
        ["engagement.like"] * likes
        + ["engagement.follow"] * follows
        + ["engagement.comment"] * comments
    )
    while kinds:
        kind = kinds.pop(int(chance.between(0, len(kinds))))
        number = chance.pick(tuple(numbers))
        customer = chance.pick((1, 2, 3))
        detail = (
            {}
            if kind == "engagement.follow"
            else {"object": f"photo-{customer}{int(chance.between(10, 19))}"}
        )
        trace.add(
            time,
            kind,
            actor=SERVICE,
            account=f"bot-account-{number:02}",
            target=f"shopfront-{customer}",
            consideration="paid",
            **detail,
            **phone(number),
            **CLAIM,
        )
        time = after(time, seconds=chance.between(25, 65))


def enforce(trace: Trace) -> None:
    trace.add(
        at("2020-04-01 09:00"),
        "notice.sent",
        kind="cease_and_desist",
        issuer="facebook",
        target=COMPANY,
        notice__id="n-1",
        channel="letter",
    )
    trace.add(
        at("2020-04-03 09:00"),
        "notice.received",
        kind="cease_and_desist",
        issuer="facebook",
        target=COMPANY,
        notice__id="n-1",
        channel="letter",
    )
    for number in range(1, 6):
        trace.add(
            after(at("2020-04-08 12:00"), minutes=number),
            "account.disable",
            actor="facebook",
            account=f"bot-account-{number:02}",
            target=COMPANY,
            reason="fake engagement",
        )


def court(trace: Trace) -> None:
    trace.add(
        at("2020-06-18 12:00"),
        "notice.sent",
        kind="suit",
        issuer="facebook",
        target=COMPANY,
        notice__id="n-2",
    )
    trace.add(
        at("2020-06-25 10:00"),
        "notice.received",
        kind="suit",
        issuer="facebook",
        target=COMPANY,
        notice__id="n-2",
        channel="process_server",
    )
    trace.add(
        at("2020-08-07 10:00"),
        "order.enter",
        kind="preliminary_injunction",
        target=COMPANY,
        court="Commercial Court, Madrid",
        prohibits=["access"],
        requires=["cessation"],
    )
    trace.add(
        at("2020-08-10 10:00"),
        "order.served",
        kind="preliminary_injunction",
        target=COMPANY,
        court="Commercial Court, Madrid",
        prohibits=["access"],
        requires=["cessation"],
    )


def bystanders(trace: Trace, chance: Chance) -> None:
    """People who must not be found."""
    # A photographer who likes eighty pictures of an evening, by hand.
    time = at("2020-03-14 19:30")
    for _ in range(80):
        trace.add(
            time,
            "engagement.like",
            actor="photographer",
            account="ana-photo",
            target=f"artist-{int(chance.between(1, 40)):02}",
            device="ana-phone",
            **HAND,
            **APP,
        )
        time = after(time, seconds=chance.between(4, 60))
    # A family: three accounts on one tablet in one evening.
    for number, name in enumerate(("mother", "son", "daughter")):
        time = after(at("2020-03-21 18:00"), minutes=9 * number)
        trace.add(
            time,
            "account.create",
            actor=name,
            account=f"{name}-account",
            device="tablet",
            **HAND,
            **APP,
        )
        trace.add(after(time, minutes=1), "device.seen", account=f"{name}-account", device="tablet")
    # A bakery's planner that the platform has allowed to act by program, under its own name.
    trace.add(
        at("2020-03-01 07:00"),
        "permission.grant",
        target="planner",
        grantor="facebook",
        scope="automation",
        purpose="scheduling",
    )
    for day in range(2, 12):
        trace.add(
            after(at("2020-03-01 06:30"), days=day),
            "content.publish",
            actor="planner",
            account="bakery",
            app="planner-app",
            content__hash=f"bread-{day}",
            automated=True,
            automated__basis="self_declared",
            client__claimed="planner-app",
            client__actual="planner-app",
        )
    # A phone that its owner has rooted: the check fails, and no program is at work.
    for minute in (0, 3, 4, 11):
        trace.add(
            after(at("2020-04-11 21:00"), minutes=minute),
            "engagement.like",
            actor="tinkerer",
            account="tinkerer-account",
            target="artist-07",
            device="tinkerer-phone",
            client__claimed="Instagram for Android",
            client__attested=False,
            automated=False,
        )
    # A former customer opens one account for herself after the letter.
    trace.add(
        at("2020-04-25 17:00"),
        "account.create",
        actor="customer-1",
        account="customer-1-private",
        device="customer-1-phone",
        **HAND,
        **APP,
    )


if __name__ == "__main__":
    main()
