"""Writes examples/two-versions/trace.json: an invented collector under two versions of terms."""

from __future__ import annotations

from datetime import datetime

from writing import Chance, Trace, after, at

CRAWLER = {"actor": "collector", "automated": True, "automated__basis": "self_declared"}


def main() -> None:
    chance = Chance("two-versions")
    trace = Trace(
        "Two versions: the same conduct under the terms of 2018 and of 2025 (invented)",
        (at("2019-01-01 00:00"), at("2025-12-31 23:59:59")),
    )
    crawl(trace, chance, at("2019-03-05 02:00"), 40, logged_in=True)
    crawl(trace, chance, at("2019-06-11 02:00"), 40, logged_in=False)
    crawl(trace, chance, at("2019-09-17 02:00"), 10, logged_in=None)
    crawl(trace, chance, at("2022-03-08 02:00"), 40, logged_in=False)
    crawl(trace, chance, at("2025-02-11 02:00"), 40, logged_in=False)
    for year in (2019, 2022, 2025):
        reader(trace, chance, at(f"{year}-05-04 19:00"))
    trace.write("two-versions")


def crawl(
    trace: Trace, chance: Chance, time: datetime, profiles: int, *, logged_in: bool | None
) -> None:
    """So many profiles, one after another; whether logged in, where the record says it."""
    said = {} if logged_in is None else {"logged_in": logged_in}
    for number in range(profiles):
        trace.add(
            time,
            "profile.read",
            target=f"profile-{number:03}",
            provenance="scrape",
            visibility="public",
            **CRAWLER,
            **said,
        )
        time = after(time, seconds=chance.between(2, 6))


def reader(trace: Trace, chance: Chance, time: datetime) -> None:
    """A person who reads forty profiles by hand."""
    for number in range(40):
        trace.add(
            time,
            "profile.read",
            actor="reader",
            account="reader-account",
            target=f"profile-{number:03}",
            provenance="app",
            logged_in=True,
            automated=False,
        )
        time = after(time, seconds=chance.between(10, 200))


if __name__ == "__main__":
    main()
