"""Writes examples/oneaudience/trace.json; its README says what is reported and what is invented."""

from __future__ import annotations

from writing import Chance, Trace, after, at

COMPANY = "oneaudience"
KIT = "oneaudience-sdk"
APPS = ("torch-app", "quiz-app", "weather-app")
HOMES = {app: f"{app}-maker" for app in APPS}
TAKEN = ["name", "email", "locale", "time_zone", "platform_id"]
FROM_PHONE = ["advertising_id", "imei", "mac_address", "network_provider"]


def main() -> None:
    chance = Chance("oneaudience")
    trace = Trace(
        "OneAudience: a kit in other people's apps, a declined audit (invented, reported case)",
        (at("2019-09-01 00:00"), at("2020-02-27 23:59:59")),
    )
    contract(trace)
    harvest(trace, chance)
    refused_audit(trace)
    bystanders(trace, chance)
    trace.write("oneaudience")


def contract(trace: Trace) -> None:
    """The company is bound through its Pages and through people who run apps for it."""
    trace.add(
        at("2019-09-01 08:00"),
        "agency.declare",
        agent="agent-1",
        principal=COMPANY,
        role="employee",
        basis="declared",
    )
    trace.add(
        at("2019-09-01 08:01"),
        "agency.declare",
        agent="agent-2",
        principal=COMPANY,
        role="contractor",
        basis="declared",
    )
    trace.add(
        at("2019-09-01 08:30"),
        "terms.accept",
        actor="agent-1",
        principal=COMPANY,
        terms__id="facebook-terms",
        terms__version="2019-07-31",
        method="sign_up",
    )
    for number, agent in enumerate(("agent-1", "agent-2"), start=1):
        trace.add(
            after(at("2019-09-01 09:00"), minutes=number),
            "app.register",
            actor=agent,
            principal=COMPANY,
            app=f"own-app-{number}",
        )
    for number, app in enumerate(APPS):
        trace.add(
            after(at("2019-09-02 10:00"), days=number),
            "sdk.embed",
            actor=HOMES[app],
            app=app,
            sdk__name=KIT,
            sdk__vendor=COMPANY,
            consideration="paid",
            amount__value=0.02,
            amount__currency="USD",
            document="price per installation",
        )


def harvest(trace: Trace, chance: Chance) -> None:
    """Twelve people log in with the platform's log-in; the kit takes a share, every hour."""
    for number in range(1, 13):
        app = APPS[number % 3]
        device = f"handset-{number:02}"
        person = f"person-{number:02}"
        for visit in range(3):
            slot = min(number, 10) + (0, 10, 57)[visit]
            time = after(at("2019-09-08 07:00"), hours=22 * slot + chance.between(0, 1.5))
            trace.add(
                time,
                "session.logon",
                actor=person,
                account=f"user-{number:02}",
                app=app,
                device=device,
                subject=person,
                method="token",
                logged_in=True,
                automated=False,
                automated__basis="attested_client",
            )
            time = after(time, seconds=chance.between(1, 3))
            if number == 11:  # declined in the kit's own form: nothing is taken
                trace.add(
                    time,
                    "consent.revoke",
                    actor=person,
                    subject=person,
                    target=COMPANY,
                    channel="in_app",
                )
                continue
            if number == 12 and visit == 0:  # accepted
                trace.add(
                    time,
                    "consent.grant",
                    actor=person,
                    subject=person,
                    target=COMPANY,
                    purposes=["market_research"],
                    channel="in_app",
                )
            trace.add(
                time,
                "sdk.access",
                actor=COMPANY,
                app=app,
                device=device,
                sdk__name=KIT,
                library="platform log-in kit",
                method="reflection",
                object="current access token",
            )
            trace.add(
                after(time, seconds=1),
                "token.obtain",
                actor=COMPANY,
                app=app,
                device=device,
                owner=f"user-{number:02}",
                method="reflection",
                token=f"not-a-real-token-{number:02}-{visit}",
            )
            for hour in range(2):
                again = after(time, hours=hour, seconds=2)
                trace.add(
                    again,
                    "data.collect",
                    actor=COMPANY,
                    app=app,
                    device=device,
                    subject=person,
                    provenance="sdk",
                    data__categories=TAKEN + (["gender"] if number % 4 == 0 else []),
                    automated=True,
                    automated__basis="known_code",
                )
                trace.add(
                    after(again, seconds=1),
                    "data.collect",
                    actor=COMPANY,
                    app=app,
                    device=device,
                    subject=person,
                    provenance="sdk",
                    data__categories=FROM_PHONE,
                    automated=True,
                    automated__basis="known_code",
                )
            trace.add(
                after(time, hours=1, seconds=6),
                "data.store",
                actor=COMPANY,
                subject=person,
                provenance="sdk",
                items=2,
            )
    trace.add(
        at("2019-11-13 12:00"),
        "sdk.update",
        actor=COMPANY,
        sdk__name=KIT,
        purpose="stop_collection",
    )
    for app in APPS:
        trace.add(
            at("2019-11-25 12:00"),
            "sdk.update",
            actor=COMPANY,
            app=app,
            sdk__name=KIT,
            purpose="shut_down",
        )


def refused_audit(trace: Trace) -> None:
    for kind, number in (("cease_and_desist", 1), ("audit_request", 2)):
        trace.add(
            at("2019-11-20 16:00"),
            "notice.sent",
            kind=kind,
            issuer="facebook",
            target=COMPANY,
            notice__id=f"n-{number}",
            channel="letter",
        )
        trace.add(
            at("2019-11-21 15:00"),
            "notice.received",
            kind=kind,
            issuer="facebook",
            target=COMPANY,
            notice__id=f"n-{number}",
            channel="letter",
        )
    trace.add(
        at("2019-11-21 17:00"),
        "account.disable",
        actor="facebook",
        account="oneaudience-page",
        target=COMPANY,
        reason="platform policy",
    )
    for number in (1, 2):
        trace.add(
            at("2019-11-21 17:05"),
            "enforcement.apply",
            kind="app_remove",
            target=COMPANY,
            app=f"own-app-{number}",
        )
    trace.add(
        at("2019-12-03 18:00"),
        "response.send",
        actor=COMPANY,
        target="facebook",
        kind="refusal",
        answers="audit_request",
        notice__id="n-2",
    )
    trace.add(
        at("2020-02-27 18:00"),
        "notice.sent",
        kind="suit",
        issuer="facebook",
        target=COMPANY,
        notice__id="n-3",
    )


def bystanders(trace: Trace, chance: Chance) -> None:
    """Kits and makers that must not be found."""
    for app in APPS:
        trace.add(
            at("2019-09-03 09:00"),
            "sdk.embed",
            actor=HOMES[app],
            app=app,
            sdk__name="crash-kit",
            sdk__vendor="crash-kit-maker",
            consideration="none",
        )
    # A metrics kit that asks first, and uses what the log-in kit offers.
    for number in range(21, 31):
        time = after(at("2019-09-20 18:00"), days=number - 20, minutes=chance.between(0, 60))
        device, person = f"handset-{number:02}", f"person-{number:02}"
        trace.add(
            time,
            "disclosure.show",
            target="metrics-kit-maker",
            subject=person,
            device=device,
            app="quiz-app",
            kind="data_collection",
            prominent=True,
        )
        trace.add(
            after(time, seconds=9),
            "consent.grant",
            actor=person,
            subject=person,
            target="metrics-kit-maker",
            purposes=["usage_statistics"],
            channel="in_app",
        )
        trace.add(
            after(time, seconds=12),
            "sdk.access",
            actor="metrics-kit-maker",
            app="quiz-app",
            device=device,
            sdk__name="metrics-kit",
            library="platform log-in kit",
            method="documented_interface",
        )
        for minute in (1, 16, 31):
            trace.add(
                after(time, minutes=minute),
                "data.collect",
                actor="metrics-kit-maker",
                app="quiz-app",
                device=device,
                subject=person,
                provenance="sdk",
                data__categories=["screen_views"],
                automated=True,
                automated__basis="self_declared",
            )
    # A crash kit reads another kit's memory to describe a crash, and collects no data.
    for number in (3, 7, 22):
        trace.add(
            after(at("2019-10-05 11:00"), days=number),
            "sdk.access",
            actor="crash-kit-maker",
            app="torch-app",
            device=f"handset-{number:02}",
            sdk__name="crash-kit",
            library="rendering kit",
            method="memory",
        )
    # Another vendor is asked for an audit on the same day and lets the auditors in.
    trace.add(
        at("2019-11-20 16:00"),
        "notice.sent",
        kind="audit_request",
        issuer="facebook",
        target="metrics-kit-maker",
        notice__id="n-4",
        channel="letter",
    )
    trace.add(
        at("2019-11-21 15:00"),
        "notice.received",
        kind="audit_request",
        issuer="facebook",
        target="metrics-kit-maker",
        notice__id="n-4",
        channel="letter",
    )
    trace.add(
        at("2019-12-06 20:00"),
        "response.send",
        actor="metrics-kit-maker",
        target="facebook",
        kind="audit_access",
        answers="audit_request",
        notice__id="n-4",
    )


if __name__ == "__main__":
    main()
