"""Writes examples/settlement/trace.json: two invented firms after they have settled."""

from __future__ import annotations

from writing import Chance, Trace, after, at

KEEPS = "follow-forge"
BREAKS = "scrape-shed"
HAND = {"automated": False, "automated__basis": "attested_client"}


def main() -> None:
    chance = Chance("settlement")
    trace = Trace(
        "Settlement: two firms bound by orders, one keeps its word for a while (invented)",
        (at("2021-03-01 00:00"), at("2021-07-31 23:59:59")),
    )
    disputes(trace)
    keeps_its_word(trace)
    comes_back_through_a_cousin(trace, chance)
    breaks_its_word(trace)
    bystanders(trace, chance)
    trace.write("settlement")


def disputes(trace: Trace) -> None:
    for number, (party, served) in enumerate(
        ((KEEPS, at("2021-05-14 09:00")), (BREAKS, at("2021-05-20 09:00"))), start=1
    ):
        suit = f"n-{number}"
        trace.add(at("2021-03-02 09:00"), "notice.sent", kind="suit", target=party, notice__id=suit)
        trace.add(
            at("2021-03-05 10:00"), "notice.received", kind="suit", target=party, notice__id=suit
        )
        order = {
            "target": party,
            "kind": "settlement",
            "prohibits": ["access", "collection"],
            "requires": ["information", "deletion", "proof_of_deletion"],
            "deadline": "2021-06-14T23:59:59Z" if party == KEEPS else "2021-06-21T23:59:59Z",
        }
        trace.add(after(served, days=-1), "order.enter", **order)
        trace.add(served, "order.served", **order)


def keeps_its_word(trace: Trace) -> None:
    """Its lawyer hands over the code; it deletes, and proves it."""
    trace.add(
        at("2021-05-15 09:00"), "agency.declare", agent="lawyer", principal=KEEPS, role="counsel"
    )
    trace.add(
        at("2021-06-01 15:00"), "data.delete", actor=KEEPS, items=48_000, proof="certificate 1"
    )
    trace.add(
        at("2021-06-10 15:00"),
        "response.send",
        actor="lawyer",
        principal=KEEPS,
        kind="information",
        document="source code, list of servers, list of accounts",
    )
    trace.add(
        at("2021-06-12 15:00"),
        "response.send",
        actor="lawyer",
        principal=KEEPS,
        kind="proof_of_deletion",
        document="certificate 1",
    )


def comes_back_through_a_cousin(trace: Trace, chance: Chance) -> None:
    trace.add(
        at("2021-06-20 09:00"), "agency.declare", agent="cousin", principal=KEEPS, role="contractor"
    )
    time = at("2021-07-01 20:00")
    trace.add(time, "session.logon", actor="cousin", account="cousin-account", **HAND)
    for number in range(1, 26):
        time = after(time, seconds=chance.between(15, 90))
        trace.add(
            time,
            "profile.read",
            actor="cousin",
            account="cousin-account",
            target=f"member-{number:02}",
            provenance="web",
            **HAND,
        )


def breaks_its_word(trace: Trace) -> None:
    """It wipes its logs, and hands over the code a week late and no proof at all."""
    trace.add(at("2021-05-25 23:10"), "evidence.destroy", actor=BREAKS, kind="log")
    trace.add(at("2021-05-25 23:40"), "evidence.destroy", actor=BREAKS, kind="database")
    trace.add(at("2021-06-28 09:00"), "response.send", actor=BREAKS, kind="information")


def bystanders(trace: Trace, chance: Chance) -> None:
    """The lawyer on his own account, a cousin who is nobody's, and members at home."""
    for day in (3, 9, 17):
        trace.add(
            after(at("2021-06-01 21:00"), days=day),
            "session.logon",
            actor="lawyer",
            principal="lawyer",
            account="lawyer-account",
            **HAND,
        )
    trace.add(at("2021-07-02 20:00"), "session.logon", actor="other-cousin", account="oc", **HAND)
    for member in range(1, 31):
        time = after(at("2021-05-01 18:00"), days=chance.between(0, 80))
        name = f"member-{member:02}"
        trace.add(time, "session.logon", actor=name, account=name, **HAND)
        for _ in range(4):
            time = after(time, seconds=chance.between(10, 200))
            friend = f"member-{int(chance.between(1, 31)):02}"
            trace.add(
                time,
                "profile.read",
                actor=name,
                account=name,
                target=friend,
                provenance="app",
                **HAND,
            )
    # A court that has set nothing aside leaves logs of a finished quarrel alone.
    trace.add(
        at("2021-04-01 09:00"), "notice.received", kind="suit", target="baker", notice__id="n-9"
    )
    trace.add(
        at("2021-05-01 09:00"), "notice.withdrawn", kind="suit", target="baker", notice__id="n-9"
    )
    trace.add(at("2021-05-10 09:00"), "evidence.destroy", actor="baker", kind="log")


if __name__ == "__main__":
    main()
