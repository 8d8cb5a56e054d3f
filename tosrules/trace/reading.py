"""One file while it is read: the records found so far, and what is wrong with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from tosrules.record import replace
from tosrules.trace.event import Value
from tosrules.trace.instants import epoch_mend
from tosrules.trace.problems import Refused, TraceProblem, nearest, quoted
from tosrules.trace.values import Typing, ValueFault

Locate = Callable[[str], tuple[int | None, int | None]]
"""Flattened name of an attribute → its line and column; empty name: the record's own."""

VERSION = "tosrules-trace/1"
HEADER = ("trace", "title", "observed")


class Record(NamedTuple):
    """One event before it has its place among all events."""

    time: int
    file: str
    place: int
    """Position in the file; the first three fields are the total order."""
    id: str
    type: str
    attributes: dict[str, Value]
    time_text: str
    line: int | None
    entry: int | None
    """0-based position in the file's list of records."""
    own: str = ""
    """Of a format without ids: what tells the record from others whose `id`, a hash taken
    without secrets, is the same. Never leaves the reading: it tells of secrets."""


class Reading:
    """What comes of one file."""

    def __init__(self, name: str, typing: Typing, max_record: int) -> None:
        self.name = name
        self.typing = typing
        self.max_record = max_record
        self.records: list[Record] = []
        self.problems: list[TraceProblem] = []
        self.counts: Counter[str] = Counter()
        """Code of a note → how many records it is about."""
        self.title = ""
        self.observed: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last instant of the records; None if there are none."""
        times = [record.time for record in self.records]
        return (min(times), max(times)) if times else None

    def refuse(self, fault: ValueFault, event_type: str, locate: Locate, index: int | None) -> None:
        """Notes that a record is invalid because of one of its values."""
        line, column = locate(fault.name)
        self.problems.append(
            TraceProblem(
                fault.code,
                fault.message(event_type),
                fault.help,
                self.name,
                line,
                column,
                index,
                scope="record",
            )
        )

    def passed(self, refused: Refused, index: int | None) -> None:
        """Notes a record that could not be decoded, or raises again if reading cannot go on."""
        problem = replace(refused.problem, index=index)
        if problem.scope != "record":
            raise Refused(problem)
        self.problems.append(problem)

    def take(self, decoded: object, line: int | None, index: int | None, locate: Locate) -> None:
        """Adds the event of a decoded native record, or its problem."""
        event_type = ""
        try:
            if type(decoded) is not dict:
                raise plain("trace-ill-typed", f"an event must be an object, not {kind(decoded)}")
            identifier = _head(decoded, "id")
            time_text = _head(decoded, "time")
            event_type = _head(decoded, "type")
            try:
                time = self.typing.instant(time_text)
            except ValueFault as fault:
                fault.name = "time"
                event_type = ""
                raise
            attributes = self.typing.form(event_type).attributes(decoded)
        except ValueFault as fault:
            self.refuse(fault, event_type, locate, index)
            return
        self.records.append(
            Record(
                time,
                self.name,
                len(self.records),
                identifier,
                event_type,
                attributes,
                time_text,
                line,
                index,
            )
        )

    def header(self, name: str, value: object, locate: Locate) -> None:
        """Takes one name of the header of a native trace. Raises Refused."""
        try:
            if name == "trace":
                _version(value)
            elif name == "title":
                if type(value) is not str:
                    raise plain("trace-ill-typed", f"`title` must be text, not {kind(value)}")
                self.title = value
            elif name == "observed":
                self.observed = self._period(value)
            else:
                raise unknown_name(name)
        except ValueFault as fault:
            raise self.unusable(fault, locate(name)) from None

    def unusable(self, fault: ValueFault, place: tuple[int | None, int | None]) -> Refused:
        """The problem that the whole file cannot be used."""
        return Refused(TraceProblem(fault.code, fault.message(""), fault.help, self.name, *place))

    def _period(self, value: object) -> tuple[int, int]:
        shape = 'write `{"from": "2020-03-01T00:00:00Z", "to": "2020-06-18T00:00:00Z"}`'
        if type(value) is not dict or set(value) != {"from", "to"}:
            raise plain(
                "trace-bad-observed", "`observed` must be an object with `from` and `to`", shape
            )
        ends = []
        for end in ("from", "to"):
            if type(value[end]) is not str:
                raise plain(
                    "trace-bad-observed",
                    f"`{end}` of `observed` must be a time as text, not {kind(value[end])}",
                    shape,
                )
            try:
                ends.append(self.typing.instant(value[end]))
            except ValueFault as fault:
                fault.name = f"observed.{end}"
                raise
        if ends[0] > ends[1]:
            raise plain("trace-bad-observed", "`observed` ends before it begins")
        return ends[0], ends[1]


class _Plain(ValueFault):
    """A fault whose whole sentence is known where it is found."""

    def message(self, event_type: str) -> str:  # noqa: ARG002
        return self.predicate


def plain(code: str, message: str, help: str = "") -> ValueFault:
    return _Plain(message, help, code)


def unknown_name(name: str) -> ValueFault:
    near = nearest(name, (*HEADER, "events"))
    return plain(
        "trace-unknown-key",
        f"unknown name {quoted(name)} in the header of the trace",
        f"did you mean `{near}`?" if near else "it may hold `trace`, `title`, `observed`, `events`",
    )


def no_version() -> ValueFault:
    return plain(
        "trace-version", "the trace does not say its version", f'add `"trace": "{VERSION}"`'
    )


def no_events() -> ValueFault:
    return plain("trace-no-events", "the trace has no `events`", 'add `"events": [ … ]`')


def not_har(message: str) -> ValueFault:
    return plain("trace-not-har", message, "a HAR file holds `log.entries`, a list of requests")


def repeated(name: str) -> ValueFault:
    return plain(
        "trace-duplicate-key",
        f"the name {quoted(name)} stands twice in one object",
        "remove one of the two",
    )


def kind(value: object) -> str:
    """What a decoded JSON value is called in a message."""
    if value is None:
        return "`null`"
    if type(value) is bool:
        return f"`{str(value).lower()}`"
    if type(value) is dict:
        return "an object"
    if type(value) is list:
        return "a list"
    return "text" if type(value) is str else "a number"


def _version(value: object) -> None:
    if value == VERSION:
        return
    if type(value) is not str:
        raise plain("trace-version", f"`trace` must be `{VERSION}`, not {kind(value)}")
    raise plain(
        "trace-version",
        f"{quoted(value)} is not a version of the trace format that can be read",
        f"this tosrules reads `{VERSION}`",
    )


def _head(decoded: dict[str, object], name: str) -> str:
    """Takes `id`, `time` or `type` out of a record."""
    value = decoded.pop(name, None)
    if type(value) is str and value:
        return value
    if value is None or value == "":
        raise plain(
            f"trace-no-{name}",
            f"the event has no `{name}`"
            if value is None
            else f"the `{name}` of the event is empty",
            "every event has `id`, `time` and `type`",
        )
    help = ""
    if type(value) is int:
        help = epoch_mend(str(value)) if name == "time" else f'write `"{value}"`'
    raise _named_plain(name, f"`{name}` must be text, not {kind(value)}", help)


def _named_plain(name: str, message: str, help: str) -> ValueFault:
    fault = plain("trace-ill-typed", message, help)
    fault.name = name
    return fault
