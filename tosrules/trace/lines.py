"""Lines of a stream, each bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from tosrules.trace.problems import Refused, TraceProblem
from tosrules.trace.reading import Reading


def lines(stream: BinaryIO, reading: Reading) -> Iterator[tuple[int, bytes, bool]]:
    """(1-based number, bytes, whether a line break ends it) of every line.

    A line of more than `reading.max_record` bytes becomes a problem of `reading` and is passed
    over without being held. Raises Refused where the stream cannot be read further.
    """
    limit = reading.max_record
    number = 0
    while True:
        number += 1
        try:
            data = stream.readline(limit + 2)
            if not data:
                return
            if len(data) > limit and len(data.rstrip(b"\r\n")) > limit:
                while data and not data.endswith(b"\n"):
                    data = stream.readline(64 * 1024)
                reading.problems.append(too_large(reading, number))
                continue
        except Refused as refused:
            raise refused.at(number) from None
        yield number, data, data.endswith(b"\n")


def too_large(reading: Reading, number: int) -> TraceProblem:
    """The problem that a line is longer than the reading takes."""
    return TraceProblem(
        "trace-record-too-large",
        f"one record is larger than {reading.max_record:,} bytes",
        file=reading.name,
        line=number,
        column=1,
        scope="record",
    )
