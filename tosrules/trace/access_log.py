"""Access logs of web servers: common and combined format, as Apache and nginx write them."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from functools import lru_cache
from typing import BinaryIO

from tosrules.trace.instants import InstantError, parse_instant
from tosrules.trace.lines import lines
from tosrules.trace.problems import TraceProblem
from tosrules.trace.reading import Reading, Record
from tosrules.trace.redact import redact
from tosrules.trace.values import ValueFault, canonical_address
from tosrules.trace.web import address_attributes, http_version

EVENT_TYPE = "http.request"

_QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_LINE = re.compile(
    r"(\S+) \S+ (.*?) \[(\d\d)/(\w{3})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\] "
    + _QUOTED
    + r" (\d{3}|-) (\d+|-)(?: "
    + _QUOTED
    + " "
    + _QUOTED
    + r")?(?:\s(.*))?",
    re.DOTALL | re.ASCII,
)
_REQUEST = re.compile(r"([A-Za-z][A-Za-z0-9_-]*) (\S+)(?: (HTTP/[\d.]+))?", re.ASCII)
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"v": b"\v", b"f": b"\f"}
_MONTHS = {
    month: f"{number:02d}"
    for number, month in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


def is_access_line(line: bytes) -> bool:
    """True if the line has the form of an access log."""
    return _LINE.fullmatch(_decode(line)) is not None


def read_access_log(stream: BinaryIO, reading: Reading) -> None:
    """Reads one request a line into `reading`. Raises Refused where it cannot read further."""
    ids: Counter[str] = Counter()
    for number, data, _ in lines(stream, reading):
        line = data.rstrip(b"\r\n")
        if not line or line.isspace():
            continue
        try:
            _take(line, number, reading, ids)
        except (InstantError, ValueFault) as error:
            problem = TraceProblem(
                "trace-bad-time" if isinstance(error, InstantError) else error.code,
                f"the time of the line {error}"
                if isinstance(error, InstantError)
                else error.message(EVENT_TYPE),
                file=reading.name,
                line=number,
                column=1,
                scope="record",
            )
            reading.problems.append(problem)


def _take(line: bytes, number: int, reading: Reading, ids: Counter[str]) -> None:
    match = _LINE.fullmatch(_decode(line))
    month = None if match is None else _MONTHS.get(match[4])
    if match is None or month is None:
        reading.problems.append(_no_log_line(reading.name, number, line))
        return
    host, user, day, name, year, clock, zone, request, status, size, referrer, agent, more = (
        match.groups()
    )
    time = _instant(f"{year}-{month}-{day}", clock, zone)
    raw: dict[str, object] = {}
    before = reading.counts["secret-in-url"]
    address = canonical_address(host)
    if address is not None:
        raw["source.ip"] = address
    elif host != "-":
        raw["source.domain"] = _plain(host)
    if user != "-":
        raw["http.request.remote_user"] = _plain(user)
    _request(_plain(request), raw, reading)
    if status not in ("-", "000"):
        raw["http.response.status_code"] = int(status)
    if size != "-" and len(size) <= 18:
        raw["http.response.bytes"] = int(size)
    if referrer is not None and referrer != "-":
        raw["http.request.referrer"], count = redact(_plain(referrer))
        reading.counts["secret-in-url"] += count
    if agent is not None and agent != "-":
        raw["user_agent.original"] = _plain(agent)
    if more:
        reading.counts["more-fields"] += 1
    own = hashlib.sha256(line).hexdigest()[:16]
    ids[own] += 1
    digest = own if before == reading.counts["secret-in-url"] and not more else _public(match)
    reading.records.append(
        Record(
            time,
            reading.name,
            number,
            digest,
            EVENT_TYPE,
            reading.typing.form(EVENT_TYPE).attributes(raw),
            f"{day}/{name}/{year}:{clock} {zone}",
            number,
            None,
            f"{own}-{ids[own]}",
        )
    )


def _public(match: re.Match[str]) -> str:
    """The hash of a line without its secrets, and without the fields that are not read, which
    may be cookies: a hash of a password would let anybody try passwords against it."""
    *said, more = match.groups()
    fields = [redact(_plain(field))[0] if field else field for field in said]
    text = json.dumps([*fields, bool(more)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _request(request: str, raw: dict[str, object], reading: Reading) -> None:
    """Method, target and version of a request line; the line itself if it is none."""
    match = _REQUEST.fullmatch(request)
    if match is None:
        raw["http.request.line"], count = redact(request)
        reading.counts["secret-in-url"] += count
        reading.counts["odd-request"] += 1
        return
    method, target, version = match.groups()
    raw["http.request.method"] = method
    if version is not None:
        known = http_version(version)
        raw["http.version"] = version if known is None else known
    if method == "CONNECT":
        raw["url.domain"] = target.rpartition(":")[0] or target
        return
    parts, count = address_attributes(target, absolute="://" in target.partition("?")[0])
    raw.update(parts)
    reading.counts["secret-in-url"] += count


@lru_cache(maxsize=4096)
def _instant(day: str, clock: str, zone: str) -> int:
    return parse_instant(f"{day}T{clock}{zone}")


def _decode(line: bytes) -> str:
    """One character per byte where the bytes are not UTF-8, to be undone by `_plain`."""
    return line.decode("utf-8", "surrogateescape")


def _plain(text: str) -> str:
    """A field without its escapes (`\\x22`, `\\"`); bytes that are not UTF-8 become `\\xff`."""
    if text.isascii() and "\\" not in text:
        return text
    data = text.encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(_unescape, data).decode("utf-8", "backslashreplace")


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return bytes.fromhex(match[1].decode())
    return _LETTERS.get(match[2], match[2])


def _no_log_line(file: str, number: int, line: bytes) -> TraceProblem:
    if not line.strip(b"\x00"):
        message, help = "the line holds NUL bytes only", "the log was damaged here"
    else:
        message = "this is not a line of an access log"
        help = (
            "a line begins with the address, two names, the time in brackets and the request in "
            "quotation marks"
        )
    return TraceProblem("trace-not-a-log-line", message, help, file, number, 1, scope="record")
