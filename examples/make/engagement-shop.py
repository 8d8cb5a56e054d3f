"""Writes examples/engagement-shop/trace.json: an invented shop for likes, closed and reopened."""

from __future__ import annotations

from datetime import datetime

from writing import Chance, Trace, after, at

OLD = "likes-bazaar"
NEW = "heart-market"
PROGRAM = {"automated": True, "automated__basis": "timing"}
HAND = {"automated": False, "automated__basis": "attested_client"}


def main() -> None:
    chance = Chance("engagement-shop")
    trace = Trace(
        "Engagement shop: likes by the thousand, closed, and open again next door (invented)",
        (at("2018-01-08 00:00"), at("2018-06-30 23:59:59")),
    )
    open_shop(trace, OLD, at("2018-01-08 09:00"))
    network(trace, chance, OLD, "spring", at("2018-01-10 01:00"))
    deliver(trace, chance, OLD, "spring", "newcomer", at("2018-01-20 12:00"))
    deliver(trace, chance, OLD, "spring", "singer", at("2018-01-27 12:00"))
    shut(trace)
    trace.add(
        at("2018-04-02 09:00"),
        "identity.succeed",
        successor=NEW,
        predecessor=OLD,
        basis="common_control",
    )
    open_shop(trace, NEW, at("2018-04-03 09:00"))
    network(trace, chance, NEW, "summer", at("2018-04-04 01:00"))
    deliver(trace, chance, NEW, "summer", "newcomer", at("2018-04-20 12:00"))
    bystanders(trace, chance)
    trace.write("engagement-shop")


def open_shop(trace: Trace, shop: str, time: datetime) -> None:
    for goods, price in (("likes", 10), ("followers", 15)):
        trace.add(
            time,
            "offer.make",
            actor=shop,
            goods=goods,
            items=50,
            amount__value=price,
            amount__currency="USD",
        )


def network(trace: Trace, chance: Chance, shop: str, name: str, time: datetime) -> None:
    """Fifty-five accounts on six telephones, opened by program in one night."""
    for number in range(1, 56):
        account = f"{name}-{number:02}"
        device = f"{name}-phone-{number % 6 + 1}"
        trace.add(time, "account.create", actor=shop, account=account, device=device, **PROGRAM)
        trace.add(after(time, seconds=1), "device.seen", account=account, device=device)
        time = after(time, seconds=chance.between(120, 400))
    # One account that was tried on all six ties them together.
    for phone in range(1, 7):
        trace.add(
            after(time, minutes=phone),
            "device.seen",
            account=f"{name}-01",
            device=f"{name}-phone-{phone}",
        )


def deliver(
    trace: Trace, chance: Chance, shop: str, name: str, target: str, time: datetime
) -> None:
    trace.add(
        after(time, minutes=-30),
        "purchase.make",
        actor=f"{target}-manager",
        target=shop,
        goods="likes",
        items=55,
        object__owner=target,
        amount__value=10,
        amount__currency="USD",
    )
    for number in range(1, 56):
        trace.add(
            time,
            "engagement.like",
            actor=shop,
            account=f"{name}-{number:02}",
            device=f"{name}-phone-{number % 6 + 1}",
            target=target,
            object=f"photo-of-{target}",
            consideration="paid",
            **PROGRAM,
        )
        time = after(time, seconds=chance.between(2, 8))


def shut(trace: Trace) -> None:
    notice = {"kind": "cease_and_desist", "issuer": "platform", "target": OLD, "notice__id": "n-1"}
    trace.add(at("2018-02-01 09:00"), "notice.sent", **notice)
    trace.add(at("2018-02-05 09:00"), "notice.received", **notice)
    trace.add(at("2018-02-05 10:00"), "offer.withdraw", actor=OLD, goods="likes")
    trace.add(at("2018-02-06 09:00"), "enforcement.apply", kind="ban", target=OLD)


def bystanders(trace: Trace, chance: Chance) -> None:
    """A star whose readers are quick, and a bakery that buys advertising."""
    time = at("2018-02-14 18:00")
    for number in range(1, 91):
        trace.add(
            time,
            "engagement.like",
            actor=f"reader-{number:02}",
            account=f"reader-account-{number:02}",
            device=f"reader-phone-{number:02}",
            target="star",
            object="photo-of-star",
            **HAND,
        )
        time = after(time, seconds=chance.between(1, 6))
    trace.add(
        at("2018-02-20 09:00"),
        "purchase.make",
        actor="bakery",
        target="platform",
        goods="advertising",
        amount__value=50,
        amount__currency="USD",
    )


if __name__ == "__main__":
    main()
