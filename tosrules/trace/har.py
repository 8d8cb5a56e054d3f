"""HAR 1.1 and 1.2: every entry is an `http.request`, and nothing more is guessed from it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import BinaryIO

from tosrules.trace.cursor import Cursor
from tosrules.trace.decode import HAR, Numeral, numeral
from tosrules.trace.event import Value
from tosrules.trace.numbers import exact
from tosrules.trace.problems import Refused
from tosrules.trace.reading import Reading, Record, kind, not_har, plain, repeated
from tosrules.trace.redact import redact
from tosrules.trace.values import ValueFault, canonical_address
from tosrules.trace.web import address_attributes, http_version

EVENT_TYPE = "http.request"
DEPTH = 256
"""Browsers nest the stacks of asynchronous calls deeply."""

_MILLISECONDS = re.compile(r"(\d{1,15})(?:\.(\d+))?", re.ASCII)
_Place = tuple[int | None, int | None]
_Id = tuple[str, str]
"""The hash of what an entry says in the open, and what tells it from others with that hash."""
_SECRET = ("http.request.authorization", "http.request.cookie")


def read_har(stream: BinaryIO, reading: Reading) -> None:
    """Reads `{"log": {"entries": [ … ]}}` into `reading`.

    Raises Refused where the file cannot be read further.
    """
    cursor = Cursor(stream, reading.name, reading.max_record, HAR, numeral, DEPTH)
    log = _Log(cursor, reading)
    if cursor.peek() != "{":
        raise cursor.unexpected("the object of a HAR file")
    place = cursor.position(cursor.at)
    _members(cursor, reading, log.top)
    if cursor.peek():
        raise cursor.unexpected("nothing after the end of the HAR file")
    if not log.found:
        raise reading.unusable(not_har("the file has no `log`"), place)
    log.finish()


def _members(cursor: Cursor, reading: Reading, take: Callable[[str, _Place], None]) -> None:
    """Reads an object at the place; `take(name, place)` reads the value of each name."""
    cursor.take("{", "an object")
    if cursor.peek() == "}":
        cursor.at += 1
        return
    seen: set[str] = set()
    while True:
        if cursor.peek() != '"':
            raise cursor.unexpected("a name in double quotation marks")
        place = cursor.position(cursor.at)
        name = str(cursor.value())
        if name in seen:
            raise reading.unusable(repeated(name), place)
        seen.add(name)
        cursor.take(":", "`:` after the name")
        cursor.peek()
        take(name, cursor.position(cursor.at))
        if cursor.peek() != ",":
            break
        cursor.at += 1
    cursor.take("}", "`,` or `}`")


class _Log:
    """The `log` object of a HAR file while it is read."""

    def __init__(self, cursor: Cursor, reading: Reading) -> None:
        self.cursor = cursor
        self.reading = reading
        self.found = False
        self.form = reading.typing.form(EVENT_TYPE)
        self.pages: dict[str, str] = {}
        self.page_starts: list[str] = []
        self.waiting: list[tuple[int, _Place, str | None, _Id, dict[str, Value]]] = []
        """Entries without a time of their own: (index, place, page, id, attributes)."""
        self.entries_place: _Place | None = None
        self.ids: Counter[str] = Counter()

    def top(self, name: str, place: _Place) -> None:
        if name != "log":
            self.skip()
            return
        self.found = True
        if self.cursor.peek() != "{":
            raise self.reading.unusable(not_har("`log` is not an object"), place)
        _members(self.cursor, self.reading, self.member)
        if self.entries_place is None:
            raise self.reading.unusable(not_har("`log` has no `entries`"), place)

    def member(self, name: str, place: _Place) -> None:
        if name == "entries":
            self.entries_place = place
            if self.cursor.peek() != "[":
                raise self.reading.unusable(not_har("`log.entries` is not a list"), place)
            self.entries()
        elif name == "pages":
            self.take_pages(self.cursor.value())
        else:
            self.skip()

    def skip(self) -> None:
        """Passes over a value that says nothing about requests."""
        try:
            self.cursor.value()
        except Refused as refused:
            if refused.problem.scope != "record":
                raise

    def take_pages(self, pages: object) -> None:
        for page in pages if type(pages) is list else ():
            start = page.get("startedDateTime") if type(page) is dict else None
            if type(start) is str and start:
                self.page_starts.append(start)
                if type(page.get("id")) is str:
                    self.pages[page["id"]] = start

    def entries(self) -> None:
        cursor = self.cursor
        cursor.at += 1
        if cursor.peek() == "]":
            cursor.at += 1
            return
        index = 0
        while True:
            cursor.peek()
            cursor.line()
            try:
                entry = cursor.value()
            except Refused as refused:
                self.reading.passed(refused, index)
            else:
                self.entry(entry, index)
            index += 1
            mark = cursor.peek()
            if mark not in ("]", ","):
                raise cursor.unexpected("`,` or `]` after an entry")
            cursor.at += 1
            if mark == "]":
                return

    def entry(self, entry: object, index: int) -> None:
        cursor = self.cursor
        place = cursor.position(cursor.began)
        digest = hashlib.sha256(cursor.text[cursor.began : cursor.at].encode()).hexdigest()[:16]
        self.ids[digest] += 1
        own = f"{digest}-{self.ids[digest]}"
        try:
            if type(entry) is not dict:
                raise plain("trace-ill-typed", f"an entry must be an object, not {kind(entry)}")
            if type(entry.get("request")) is not dict:
                raise plain("trace-ill-typed", "the entry has no `request` object")
            said = self.attributes(entry)
            start = entry.get("startedDateTime")
            identifier = _public(said, start), own
            attributes = self.form.attributes(said)
            if start is None:
                page = entry.get("pageref")
                named = page if type(page) is str else None
                self.waiting.append((index, place, named, identifier, attributes))
                return
            if type(start) is not str:
                fault = plain(
                    "trace-ill-typed", f"`startedDateTime` must be text, not {kind(start)}"
                )
                fault.name = "startedDateTime"
                raise fault
            self.add(index, start, identifier, attributes)
        except ValueFault as fault:
            at: _Place = cursor.place_of(fault.name) if fault.name else place
            self.reading.refuse(fault, "", lambda _: at, index)

    def add(self, index: int, start: str, identifier: _Id, attributes: dict[str, Value]) -> None:
        """Adds the event. Raises ValueFault if `start` is no instant."""
        try:
            time = self.reading.typing.instant(start)
        except ValueFault as fault:
            fault.name = "startedDateTime"
            raise
        self.reading.records.append(
            Record(
                time,
                self.reading.name,
                index,
                identifier[0],
                EVENT_TYPE,
                attributes,
                start,
                None,
                index,
                identifier[1],
            )
        )

    def finish(self) -> None:
        """Gives entries without a time the start of their page, where there is no doubt."""
        for index, place, page, identifier, attributes in self.waiting:
            start = self.pages.get(page) if page is not None else None
            if start is None and len(self.page_starts) == 1:
                start = self.page_starts[0]
            try:
                if start is None:
                    raise plain(
                        "trace-no-time",
                        "the entry has no `startedDateTime`, and no page that tells its time",
                    )
                self.add(index, start, identifier, attributes)
                self.reading.counts["page-start"] += 1
            except ValueFault as fault:
                self.reading.refuse(fault, "", lambda _, at=place: at, index)  # type: ignore[misc]
        self.reading.records.sort(key=lambda record: record.place)

    def attributes(self, entry: dict[str, object]) -> dict[str, object]:
        """What an entry says, in the names of the vocabulary, before typing."""
        request = _object(entry.get("request"))
        response = _object(entry.get("response"))
        found: dict[str, object] = {}
        if _text(request.get("method")):
            found["http.request.method"] = request["method"]
        url = _text(request.get("url"))
        if url:
            parts, count = address_attributes(url)
            found.update(parts)
            self.reading.counts["secret-in-url"] += count
        version = http_version(_text(request.get("httpVersion")))
        if version is not None:
            found["http.version"] = version
        self.headers(request, found)
        status = _whole(response.get("status"))
        if status:
            found["http.response.status_code"] = status
        for name, side in (("request", request), ("response", response)):
            size = _whole(side.get("bodySize"))
            if size is not None:
                found[f"http.{name}.bytes"] = size
        mime_type = _text(_object(response.get("content")).get("mimeType"))
        if mime_type:
            found["http.response.mime_type"] = mime_type
        micros = _micros(entry.get("time"))
        if micros is not None:
            found["http.duration"] = _seconds(micros)
        server = canonical_address(_text(entry.get("serverIPAddress")).strip("[]"))
        if server is not None:
            found["server.ip"] = server
        return found

    def headers(self, request: dict[str, object], found: dict[str, object]) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in _pairs(request.get("headers")):
            headers.setdefault(name.lower(), []).append(value)
        if "referer" in headers:
            found["http.request.referrer"], count = redact(headers["referer"][0])
            self.reading.counts["secret-in-url"] += count
        if "user-agent" in headers:
            found["user_agent.original"] = headers["user-agent"][0]
        self.secret(
            "http.request.authorization", ", ".join(headers.get("authorization", ())), found
        )
        cookies = headers.get("cookie") or [
            f"{name}={value}" for name, value in _pairs(request.get("cookies"))
        ]
        self.secret("http.request.cookie", "; ".join(cookies), found)

    def secret(self, name: str, value: str, found: dict[str, object]) -> None:
        """Keeps a secret only where the vocabulary will treat it as one."""
        if not value:
            return
        if name in self.form.secret:
            found[name] = value
        else:
            self.reading.counts["secret-left-out"] += 1


def _public(said: dict[str, object], start: object) -> str:
    """The hash of what is read of an entry, its secrets left out: of cookies, bodies and headers
    a hash would let anybody try passwords and tokens against it."""
    open_ = {name: str(value) for name, value in sorted(said.items()) if name not in _SECRET}
    text = json.dumps([str(start), open_])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _object(value: object) -> dict[str, object]:
    return value if type(value) is dict else {}


def _text(value: object) -> str:
    return value if type(value) is str else ""


def _pairs(value: object) -> list[tuple[str, str]]:
    """The `{name, value}` objects of a list of headers or cookies."""
    if type(value) is not list:
        return []
    return [
        (part["name"], part["value"])
        for part in value
        if type(part) is dict and type(part.get("name")) is str and type(part.get("value")) is str
    ]


def _micros(value: object) -> int | None:
    """Microseconds of a number of milliseconds with any number of digits, cut; None where the
    writer did not know (-1) or it is longer than 30,000 years."""
    if type(value) is int:
        return value * 1000 if 0 <= value < 10**15 else None
    match = _MILLISECONDS.fullmatch(value) if type(value) is Numeral else None
    return int(match[1] + (match[2] or "")[:3].ljust(3, "0")) if match is not None else None


def _seconds(micros: int) -> int | Fraction:
    seconds = Fraction(micros, 1_000_000)
    return int(seconds) if seconds.denominator == 1 else seconds


def _whole(value: object) -> int | None:
    """A whole number that is not negative, or None where the writer did not know."""
    number: int | Fraction | None = None
    if type(value) is int:
        number = value
    elif type(value) is Numeral:
        try:
            number = exact(value)
        except ValueError:
            return None
    return number if isinstance(number, int) and number >= 0 else None
