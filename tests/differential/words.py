"""What random rules and random traces have in common: event types, attributes, values, days.

There are few of each, so that what rules ask for and what traces say do meet.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

ATTRIBUTES = {
    "k": "text",
    "j": "text",
    "link.url": "text",
    "pin": "text",
    "n": "number",
    "m": "number",
    "ok": "boolean",
    "due": "time",
    "span": "duration",
    "source.ip": "address",
    "tags": "list of text",
    "nums": "list of number",
    "actor": "party",
    "to": "party",
    "account": "account",
    "device": "device",
}
"""What every type of these packs may have; `actor`, `account`, `device` and `source.ip` come from
the shipped vocabulary."""

TYPES = ("a", "a.x", "a.y", "b", "c", "d", "x", "message.send")
PRELUDE = """
common {
  may have k text
  may have j text
  may have link.url text
  may have pin secret text
  may have n number
  may have m number
  may have ok boolean
  may have due time
  may have span duration
  may have tags list of text
  may have nums list of number
  may have to personal party
}
event a "A" { has k text }
event a.x "Below A" { may have own text }
event a.y "Below A too"
event b "B"
event c "C"
event d "D"
event x "X"
"""

TEXTS = ("p", "q", "P", "", "pé", "PÉ", "p q", "q\n")
URLS = (
    "https://p.example/q?x=1",
    "https://u@P.EXAMPLE:8080",
    "http://q.example/p#q",
    "/p?q",
    "p",
    "",
    "https://[2001:db8::1]/p",
)
NUMBERS = (1, 2, 0, -1, 0.5, 1.5, 3, 0.000001, 999_999, 12_345.678901)
"""None so large that a product or a square of what rules say could need more than 38 digits: an
engine may stop there or not, where the number is not needed (semantics C5)."""
SPANS = ("10 minutes", "1 hour", "0 seconds", "1 minute", "30 seconds", "1 day")
ADDRESSES = ("192.0.2.1", "192.0.2.200", "198.51.100.7", "2001:db8::1", "::ffff:192.0.2.1")
PARTIES = ("u", "v", "w")
ACCOUNTS = ("a1", "a2", "d1")
DEVICES = ("d1", "d2", "a1")

LENGTHS = (
    ("10 minutes", 10 * MINUTE),
    ("1 hour", HOUR),
    ("1 day", DAY),
    ("30 seconds", 30 * SECOND),
)
"""Lengths of windows and deadlines, the first by far the most frequent."""

ZONES = (
    "UTC",
    "Europe/Madrid",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
)
MOMENTS = (
    # what is near the instant: an ordinary night, and clocks that are changed
    "2024-01-02T00:00:00Z",
    "2024-03-31T01:00:00Z",  # Madrid, an hour that is left out
    "2024-10-27T01:00:00Z",  # Madrid, an hour that comes twice
    "2024-11-03T06:00:00Z",  # New York, an hour that comes twice
    "2010-11-07T02:30:00Z",  # St. John's, back over midnight
    "2024-04-06T15:00:00Z",  # Lord Howe, half an hour that comes twice
    "2024-04-14T02:00:00Z",  # Casablanca, after a month of other clocks
    "2011-12-30T10:00:00Z",  # Apia, a day that is left out
    "2024-02-29T00:00:00Z",
    "2023-12-31T23:00:00Z",
    "2024-07-31T22:00:00Z",
)


def instant_of(text: str) -> int:
    """Microseconds since the epoch."""
    return round(datetime.fromisoformat(text).timestamp()) * SECOND


def written(instant: int) -> str:
    """RFC 3339 in UTC, with as many digits as it needs."""
    whole, micros = divmod(instant, SECOND)
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole)
    digits = f".{micros:06d}".rstrip("0").rstrip(".") if micros else ""
    return at.strftime("%Y-%m-%dT%H:%M:%S") + digits + "Z"


def day_of(instant: int) -> date:
    return datetime.fromtimestamp(instant // SECOND, UTC).date()
