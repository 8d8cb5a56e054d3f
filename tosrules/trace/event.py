"""One recorded event, as every engine sees it."""

from __future__ import annotations

from collections.abc import Mapping

from tosrules.record import Record, setters
from tosrules.vocabulary import Value

__all__ = ["Event", "Origin", "Value"]


class Origin(Record):
    """Where a record stands in what the user handed in."""

    file: str
    """Path relative to the inputs' common folder, `/` between parts; `-` for standard input."""
    line: int | None = None
    """1-based line the record starts on; None in formats where a line means nothing."""
    index: int | None = None
    """0-based position in the file's list of records (HAR entries, `events` of a JSON trace)."""

    def __init__(self, file: str, line: int | None = None, index: int | None = None) -> None:
        _file(self, file)
        _line(self, line)
        _index(self, index)

    def __str__(self) -> str:
        if self.line is not None:
            return f"{self.file}:{self.line}"
        return self.file if self.index is None else f"{self.file}[{self.index}]"


_file, _line, _index = setters(Origin)


class Event(Record):
    """One recorded event. Compared by identity: two events are never the same event."""

    id: str
    time: int
    """Instant, microseconds since 1970-01-01T00:00:00Z."""
    type: str
    attributes: Mapping[str, Value]
    """Flattened: `{"client": {"attested": false}}` is `client.attested`."""
    origin: Origin
    time_text: str = ""
    """The time as the record writes it, for citation (digits below a microsecond are kept)."""
    position: int = 0
    """Place in the total order of the whole input (semantics T1), 0-based."""

    def __init__(
        self,
        id: str,
        time: int,
        type: str,
        attributes: Mapping[str, Value],
        origin: Origin,
        time_text: str = "",
        position: int = 0,
    ) -> None:
        _id(self, id)
        _time(self, time)
        _type(self, type)
        _attributes(self, attributes)
        _origin(self, origin)
        _time_text(self, time_text)
        _position(self, position)

    __eq__ = object.__eq__
    __hash__ = object.__hash__


_id, _time, _type, _attributes, _origin, _time_text, _position = setters(Event)
