"""Traces to measure on: the same events for the same number and seed, on every machine.

    python benchmarks/generate.py EVENTS FILE [--seed N] [--hot PERCENT] [--span SECONDS]
                                              [--shuffled]

FILE ends in `.parquet`, `.csv`, `.jsonl`, `.jsonl.gz` or `.jsonl.zst`. Actors follow a power
law; one of them, `p-hot`, has 10 % of all events; one event in twenty has the instant of the one
before it. The types and attributes are the shipped vocabulary's. DuckDB makes and writes the rows
as a stream, so that a hundred million need no memory (but for `--shuffled`).
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

START = 1_577_836_800_000_000
"""2020-01-01T00:00:00Z."""
PRIME = 2**31 - 1

# Shares of a thousand.
TYPES = (
    ("profile.read", 300),
    ("engagement.like", 170),
    ("api.call", 150),
    ("message.send", 80),
    ("content.publish", 70),
    ("engagement.follow", 70),
    ("session.logon", 60),
    ("profile.search", 40),
    ("data.collect", 30),
    ("credential.submit", 10),
    ("account.create", 8),
    ("data.delete", 5),
    ("notice.received", 4),
    ("permission.grant", 3),
)
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "okhttp/4.9", "curl/7.68.0", "ExampleApp/3.1")


def chance(salt: int) -> str:
    """SQL: a number from 0 to PRIME − 1 that looks random, made of `i` and the seed alone.

    Squaring modulo a prime, twice: DuckDB's own functions of chance differ by version and thread.
    """
    first = f"(((i * 48271 + {salt} * 7919 + 12345) % {PRIME}))"
    squared = f"(({first} * {first} + {salt} * 104729 + 7) % {PRIME})"
    return f"(({squared} * {squared} + {first}) % {PRIME})"


def rows(events: int, seed: int, hot: float, span: int, keys: int | None = None) -> str:
    """The query that makes the events, in their order; with `keys`, that many actors have equal
    shares of what the hot one leaves."""
    actors = max(10, events // 200)
    salt = seed * 1000

    def part(n: int) -> str:
        """From 0 to just under 1."""
        return f"({chance(salt + n)} / {PRIME}.0::DOUBLE)"

    def below(n: int, size: int) -> str:
        return f"({chance(salt + n)} % {size})"

    bounds, cases = 0, []
    for name, share in TYPES:
        bounds += share
        cases.append(f"WHEN kind < {bounds} THEN '{name}'")
    # By the inverse of its distribution a rank r has a share of about 1 / r.
    ranked = f"'p-' || CAST(floor(exp({part(1)} * {math.log(actors)!r})) AS BIGINT)"
    others = ranked if keys is None else f"'p-' || {below(1, keys)}"
    gap = span * 1_000_000 / events
    return f"""
        SELECT
            'e' || lpad(i::VARCHAR, 9, '0') AS id,
            {START} + CAST(floor((i - CASE WHEN {below(2, 20)} = 0 AND i > 0 THEN 1 ELSE 0 END)
                * {gap!r}) AS BIGINT) AS t,
            type, actor,
            'a-' || CASE WHEN {below(3, 10)} = 0 THEN {below(4, actors)}::VARCHAR
                ELSE substr(actor, 3) END AS account,
            CASE WHEN {below(5, 10)} < 9 THEN 'd-' || {below(6, actors * 2)} END AS device,
            CASE WHEN type IN ('engagement.like', 'engagement.follow', 'message.send',
                'profile.read', 'notice.received', 'permission.grant')
                THEN {"'p-' || " + below(7, actors)} END AS target,
            CASE WHEN type IN ('data.collect', 'data.delete')
                THEN {"'u-' || " + below(8, actors)} END AS subject,
            CASE WHEN {below(9, 10)} < 6 THEN {below(10, 4)} = 0 END AS automated,
            '10.' || {below(11, 256)} || '.' || {below(12, 256)} || '.' || {below(13, 256)}
                AS ip,
            {list(AGENTS)}[1 + {below(14, len(AGENTS))}] AS agent,
            CASE WHEN {below(15, 10)} < 3 THEN {below(16, 2)} = 0 END AS attested,
            CASE WHEN type IN ('profile.read', 'profile.search', 'api.call')
                THEN 1 + {below(17, 50)} END AS items,
            CASE WHEN type = 'data.collect'
                THEN CAST({below(18, 100000)} / 100 AS DECIMAL(18, 2)) END AS amount,
            CASE type WHEN 'notice.received' THEN 'cease_and_desist'
                WHEN 'data.delete' THEN NULL END AS kind,
            CASE type WHEN 'permission.grant' THEN 'automation' END AS scope,
            CASE type WHEN 'credential.submit' THEN 'pw-' || {below(19, 1000)} END AS password
        FROM (
            SELECT i, CASE {" ".join(cases)} END AS type,
                CASE WHEN {part(20)} < {hot / 100!r} THEN 'p-hot' ELSE {others} END AS actor
            FROM (SELECT i, {below(21, 1000)} AS kind FROM range({events}) r(i)))"""


PARQUET = """
    SELECT id, make_timestamptz(t) AS time, type, actor, account, device, target, subject,
        automated, ip AS "source.ip", agent AS "user_agent.original",
        attested AS "client.attested", items, amount AS "amount.value", kind, scope, password
    FROM ({rows})"""

CSV = """
    SELECT id, strftime(time, '%Y-%m-%dT%H:%M:%S.%fZ') AS time, * EXCLUDE (id, time)
    FROM ({rows})"""

# Text by text, since a struct would write every missing attribute as null.
JSON_LINES = """
    SELECT '{{"id":"' || id || '","time":"' || strftime(make_timestamp(t), '%Y-%m-%dT%H:%M:%S.%fZ')
        || '","type":"' || type || '","actor":"' || actor || '","account":"' || account || '"'
        || coalesce(',"device":"' || device || '"', '')
        || coalesce(',"target":"' || target || '"', '')
        || coalesce(',"subject":"' || subject || '"', '')
        || coalesce(',"automated":' || automated, '')
        || ',"source":{{"ip":"' || ip || '"}}'
        || ',"user_agent":{{"original":"' || agent || '"}}'
        || coalesce(',"client":{{"attested":' || attested || '}}', '')
        || coalesce(',"items":' || items, '')
        || coalesce(',"amount":{{"value":' || amount || '}}', '')
        || coalesce(',"kind":"' || kind || '"', '')
        || coalesce(',"scope":"' || scope || '"', '')
        || coalesce(',"password":"' || password || '"', '')
        || '}}' AS line
    FROM ({rows})"""

_PACKED = {".jsonl": "uncompressed", ".gz": "gzip", ".zst": "zstd"}


def generate(
    events: int,
    file: Path,
    seed: int = 1,
    hot: float = 10.0,
    span: int | None = None,
    shuffled: bool = False,
) -> None:
    """Writes the trace. `hot`: percent of the events that one actor has; `span`: seconds from
    the first to the last event, by default one event in ten seconds and actor; `shuffled`: in an
    order without meaning, the same each time."""
    made = rows(events, seed, hot, span if span is not None else usual_span(events))
    if shuffled:
        made = f"SELECT * FROM ({made}) ORDER BY md5(id)"
    if file.suffix in (".parquet", ".csv"):
        table = PARQUET.format(rows=made)
        copy(table if file.suffix == ".parquet" else CSV.format(rows=table), file)
    else:
        copy(JSON_LINES.format(rows=made), file)


def usual_span(events: int) -> int:
    """Seconds from the first to the last event unless told."""
    return max(86_400, events // 10)


def copy(query: str, file: Path) -> None:
    """Writes the rows of `query` in their order; JSON Lines have their only column as lines."""
    import duckdb

    target = str(file).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = true")
        if file.suffix == ".parquet":
            connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
        elif file.suffix == ".csv":
            connection.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER)")
        else:
            packed = _PACKED[file.suffix]
            connection.execute(
                f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER false, "
                f"QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION {packed})"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("events", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hot", type=float, default=10.0, help="percent of one actor [10]")
    parser.add_argument("--span", type=int, help="seconds from first to last event")
    parser.add_argument("--shuffled", action="store_true", help="events in no order")
    asked = parser.parse_args(arguments)
    if asked.file.suffix not in (".parquet", ".csv", *_PACKED):
        parser.error("FILE ends in .parquet, .csv, .jsonl, .jsonl.gz or .jsonl.zst")
    generate(asked.events, asked.file, asked.seed, asked.hot, asked.span, asked.shuffled)
    return 0


if __name__ == "__main__":
    sys.exit(main())
