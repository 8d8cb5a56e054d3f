"""Writes examples/honest-app/trace.json: an invented app that does everything right."""

from __future__ import annotations

from typing import Any

from writing import Chance, Trace, after, at

MAKER = "tide-table-maker"
HOST = "tide-table-host"
HAND = {"automated": False, "automated__basis": "attested_client"}
PROGRAM: dict[str, Any] = {
    "app": "tide-table",
    "automated": True,
    "automated__basis": "self_declared",
    "client__claimed": "tide-table",
    "client__actual": "tide-table",
}


def main() -> None:
    chance = Chance("honest-app")
    trace = Trace(
        "Honest app: consent, a documented interface, deletion in time, auditors let in (invented)",
        (at("2024-03-01 00:00"), at("2024-06-30 23:59:59")),
    )
    papers(trace)
    for number in range(1, 25):
        member(trace, chance, number)
    leavers(trace)
    audit(trace)
    trace.write("honest-app")


def papers(trace: Trace) -> None:
    trace.add(
        at("2024-03-01 08:00"),
        "terms.accept",
        actor=MAKER,
        terms__id="platform-terms",
        terms__version="2023-07-05",
        method="sign_up",
    )
    trace.add(at("2024-03-01 08:10"), "app.register", actor=MAKER, app="tide-table")
    trace.add(
        at("2024-03-01 08:20"),
        "agency.declare",
        agent=HOST,
        principal=MAKER,
        role="service_provider",
    )
    trace.add(
        at("2024-03-01 09:00"),
        "permission.grant",
        target=MAKER,
        scope="automation",
        purpose="scheduled posts",
    )


def member(trace: Trace, chance: Chance, number: int) -> None:
    person, account, device = f"sailor-{number:02}", f"account-{number:02}", f"phone-{number:02}"
    time = after(at("2024-03-04 07:00"), days=number, hours=chance.between(0, 12))
    where = {"app": "tide-table", "device": device}
    trace.add(
        time,
        "disclosure.show",
        target=MAKER,
        subject=person,
        kind="data_collection",
        prominent=True,
        **where,
    )
    trace.add(
        after(time, seconds=20),
        "consent.grant",
        actor=person,
        subject=person,
        target=MAKER,
        purposes=["tide_alerts"],
        channel="in_app",
    )
    trace.add(
        after(time, seconds=25),
        "token.obtain",
        actor=MAKER,
        owner=account,
        method="oauth",
        token=f"not-a-real-token-{number:02}",
        **where,
    )
    for day in range(5):
        again = after(time, days=3 * day, minutes=1)
        trace.add(
            again,
            "api.call",
            actor=MAKER,
            account=account,
            operation="read",
            http__response__status_code=200,
            **PROGRAM,
        )
        trace.add(
            after(again, seconds=1),
            "data.collect",
            actor=MAKER,
            subject=person,
            provenance="official_api",
            data__categories=["name", "email"],
            **PROGRAM,
        )
        trace.add(
            after(again, seconds=2),
            "data.store",
            actor=HOST,
            subject=person,
            provenance="official_api",
        )
    trace.add(
        after(time, days=1),
        "message.send",
        actor=MAKER,
        subject=person,
        target=account,
        **PROGRAM,
    )


def leavers(trace: Trace) -> None:
    """Four people leave: their data goes within a fortnight, once by the host's hand."""
    for number in range(1, 5):
        person = f"sailor-{number:02}"
        asked = after(at("2024-04-20 10:00"), days=number)
        trace.add(
            after(asked, minutes=-1), "consent.revoke", actor=person, subject=person, target=MAKER
        )
        trace.add(asked, "notice.received", kind="deletion_request", target=MAKER, subject=person)
        trace.add(
            after(asked, days=3 * number),
            "data.delete",
            actor=HOST if number == 3 else MAKER,
            subject=person,
        )


def audit(trace: Trace) -> None:
    trace.add(at("2024-05-13 09:00"), "notice.received", kind="audit_request", target=MAKER)
    trace.add(at("2024-05-13 09:00"), "notice.received", kind="proof_request", target=MAKER)
    trace.add(
        at("2024-05-20 15:00"),
        "response.send",
        actor=MAKER,
        kind="audit_access",
        answers="audit_request",
    )
    trace.add(
        at("2024-05-24 15:00"),
        "response.send",
        actor=HOST,
        kind="proof_of_deletion",
        answers="proof_request",
    )


if __name__ == "__main__":
    main()
