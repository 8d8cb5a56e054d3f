"""The questions of benchmarks/rules/peers.tos as peers put them: EQL, SQL, a loop in Python.

Of a sequence each completing event is to be found once, if the latest first step of its actor
lies no further back than the window. EQL says so with `fork=true`; without it a first step is used
up by the second one that follows it, and fewer are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

WINDOWS = {"30s": 30, "5m": 300, "1h": 3600, "1d": 86_400}
"""Seconds."""
STEPS = {
    "few": ("credential.submit", "data.collect"),
    "dense": ("profile.read", "permission.grant"),
    "matching": ("session.logon", "profile.read"),
}
COLUMNS = {
    "filter": ("id", "type", "automated", "user_agent", "client"),
    "sequence": ("id", "type", "time", "actor"),
}
"""What a query reads of JSON Lines, with nested attributes by the object they are in."""
_TYPES = {
    "time": "TIMESTAMPTZ",
    "automated": "BOOLEAN",
    "user_agent": "STRUCT(original VARCHAR)",
    "client": "STRUCT(attested BOOLEAN)",
}
Event = dict[str, Any]


class Question(NamedTuple):
    name: str
    """The clause's."""
    eql: str
    sql: str
    """With `{source}` for the table."""
    columns: str
    """Of the table, for `read_json`."""
    loop: Callable[[Iterable[Event], Callable[[Any], Any]], list[str]]
    """From events and what makes an instant of their `time`, to ids of matches."""
    heavy: bool = False
    """Whether EQL's time grows with the square of the events, or nearly so."""


def questions() -> list[Question]:
    """The filter, then each pair of steps by growing windows."""
    found = [Question("filter", _FILTER_EQL, _FILTER_SQL, _columns("filter"), _filtered)]
    for name, (first, second) in STEPS.items():
        for window, seconds in WINDOWS.items():
            if name == "matching" and window in ("5m", "1h"):
                continue
            found.append(
                Question(
                    f"{name}-{window}",
                    _SEQUENCE_EQL.format(
                        window=window,
                        first=first.replace(".", "_"),
                        second=second.replace(".", "_"),
                    ),
                    _SEQUENCE_SQL.format(
                        source="{source}", first=first, second=second, seconds=seconds
                    ),
                    _columns("sequence"),
                    _sequence(first, second, seconds),
                    heavy=name != "few" and window != "30s",
                )
            )
    return found


def _columns(kind: str) -> str:
    given = (f"{name}: '{_TYPES.get(name, 'VARCHAR')}'" for name in COLUMNS[kind])
    return "{" + ", ".join(given) + "}"


_FILTER_EQL = (
    "api_call where automated == true and startsWith(user_agent.original, 'curl') "
    "and client.attested == false"
)
_FILTER_SQL = """
    SELECT id FROM {source} WHERE type = 'api.call' AND automated
        AND starts_with(user_agent.original, 'curl') AND NOT client.attested"""
_SEQUENCE_EQL = (
    "sequence by actor with maxspan={window} [{first} where true] [{second} where true] fork=true"
)
_SEQUENCE_SQL = """
    SELECT id FROM (
        SELECT id, time, type, last_value(CASE WHEN type = '{first}' THEN time END IGNORE NULLS)
            OVER (PARTITION BY actor ORDER BY time, id ROWS UNBOUNDED PRECEDING) AS since
        FROM {source} WHERE type IN ('{first}', '{second}'))
    WHERE type = '{second}' AND time - since <= INTERVAL {seconds} SECONDS"""


def _filtered(events: Iterable[Event], _moment: Callable[[Any], Any]) -> list[str]:
    return [
        event["id"]
        for event in events
        if event["type"] == "api.call"
        and event.get("automated") is True
        and event["user_agent"]["original"].startswith("curl")
        and event.get("client", {}).get("attested") is False
    ]


def _sequence(
    first: str, second: str, seconds: int
) -> Callable[[Iterable[Event], Callable[[Any], Any]], list[str]]:
    window = timedelta(seconds=seconds)

    def run(events: Iterable[Event], moment: Callable[[Any], Any]) -> list[str]:
        since: dict[str, Any] = {}
        found = []
        for event in events:
            kind = event["type"]
            if kind == second:
                began = since.get(event["actor"])
                if began is not None and moment(event["time"]) - began <= window:
                    found.append(event["id"])
            elif kind == first:
                since[event["actor"]] = moment(event["time"])
        return found

    return run
