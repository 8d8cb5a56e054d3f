"""Writes examples/missing-evidence/trace.json: invented records that leave much unsaid."""

from __future__ import annotations

from writing import Chance, Trace, after, at


def main() -> None:
    chance = Chance("missing-evidence")
    trace = Trace(
        "Missing evidence: what a thin record can and cannot settle (invented)",
        (at("2023-02-01 00:00"), at("2023-03-31 23:59:59")),
    )
    likes_without_a_hand(trace, chance)
    accounts_without_a_device(trace)
    consent_before_the_record(trace)
    an_order_without_a_day(trace)
    a_request_before_the_record(trace)
    a_deletion_of_nobody_knows_whom(trace)
    a_request_still_open(trace)
    a_letter_without_a_reader(trace)
    trace.write("missing-evidence")


def likes_without_a_hand(trace: Trace, chance: Chance) -> None:
    """A hundred likes in an hour. By hand, or by program? The record does not say."""
    time = at("2023-02-03 20:00")
    for number in range(1, 101):
        trace.add(
            time,
            "engagement.like",
            actor="someone",
            account="someone-account",
            target=f"page-{number:03}",
        )
        time = after(time, seconds=chance.between(10, 50))


def accounts_without_a_device(trace: Trace) -> None:
    for number in range(1, 13):
        trace.add(
            after(at("2023-02-06 09:00"), minutes=3 * number),
            "account.create",
            actor=f"newcomer-{number:02}",
            account=f"new-account-{number:02}",
            automated=False,
        )


def consent_before_the_record(trace: Trace) -> None:
    """The newsletter's readers may have agreed last year."""
    for number in range(1, 11):
        trace.add(
            after(at("2023-02-10 08:00"), seconds=number),
            "message.send",
            actor="newsletter",
            subject=f"reader-{number:02}",
            target=f"reader-account-{number:02}",
            automated=True,
        )


def an_order_without_a_day(trace: Trace) -> None:
    trace.add(
        at("2023-02-13 10:00"),
        "order.served",
        target="dealer",
        kind="settlement",
        requires=["information", "proof_of_deletion"],
    )


def a_request_before_the_record(trace: Trace) -> None:
    """Made in December: what happened in January was not recorded."""
    trace.add(
        at("2022-12-10 10:00"),
        "notice.received",
        kind="deletion_request",
        target="dealer",
        subject="person-1",
    )


def a_deletion_of_nobody_knows_whom(trace: Trace) -> None:
    trace.add(
        at("2023-02-14 10:00"),
        "notice.received",
        kind="deletion_request",
        target="dealer",
        subject="person-2",
    )
    trace.add(at("2023-02-20 10:00"), "data.delete", actor="dealer", items=1)


def a_request_still_open(trace: Trace) -> None:
    trace.add(
        at("2023-03-20 10:00"),
        "notice.received",
        kind="deletion_request",
        target="archive",
        subject="person-3",
    )
    trace.add(at("2023-03-28 10:00"), "notice.received", kind="audit_request", target="archive")


def a_letter_without_a_reader(trace: Trace) -> None:
    """A letter that was sent; whether it arrived is not on record. And one with no addressee."""
    trace.add(at("2023-03-01 09:00"), "notice.sent", kind="cease_and_desist", target="dealer")
    trace.add(at("2023-03-02 09:00"), "notice.received", kind="cease_and_desist")
    for day in range(1, 6):
        trace.add(
            after(at("2023-03-06 09:00"), days=day),
            "session.logon",
            actor="dealer",
            account="dealer-account",
            automated=False,
        )


if __name__ == "__main__":
    main()
