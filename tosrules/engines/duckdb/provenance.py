"""Lines of a text file: how many, where, and some of them again."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from threading import Thread
from typing import BinaryIO

from tosrules.trace.inputs import InputFile
from tosrules.trace.lines import lines, too_large
from tosrules.trace.problems import Refused
from tosrules.trace.reading import Reading
from tosrules.trace.source import Source

_STEP = 2**18
"""Bytes that are hashed, and whose lines are counted, at once."""
_HELD = 8 * _STEP
"""Bytes between two known beginnings of lines that are held: more only where a line is long."""


class Lines:
    """The lines of one file, after unpacking. Counting them hashes the file too."""

    def __init__(self, file: InputFile) -> None:
        self.file = file
        self.count = 0
        self.sha256 = ""
        self.bytes = 0
        self.packed = ""
        self._starts: list[int] = [0]
        """Offsets at which some line begins, a step apart,"""
        self._numbers: list[int] = [1]
        """and its number."""
        self._bom = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """They are counted while something else is done. Raises Refused, OSError at its end."""
        failed: list[BaseException] = []

        def count() -> None:
            try:
                self.run()
            except (Refused, OSError) as error:
                failed.append(error)

        thread = Thread(target=count)
        thread.start()  # hashing lets go of the interpreter, and the database works beside it
        try:
            yield
        finally:
            thread.join()
        if failed:
            raise failed[0]

    def run(self) -> None:
        """Reads the file once. Raises Refused, OSError."""
        with open(self.file.path, "rb") as raw:
            source = Source(raw, self.file.name)
            self.packed = source.packed
            if self.packed:
                self._count(iter(lambda: source.stream.read(_STEP), b""))
                self.sha256, self.bytes = source.finish()
                return
            raw.seek(0)
            digest = hashlib.sha256()
            self._count(self._hashed(raw, digest))
            self.sha256 = digest.hexdigest()

    def _hashed(self, raw: BinaryIO, digest: hashlib._Hash) -> Iterator[bytes]:
        """The bytes of the file but for a byte-order mark, each hashed."""
        while chunk := raw.read(_STEP):
            digest.update(chunk)
            if not self.bytes and chunk.startswith(BOM_UTF8):
                self._bom = len(BOM_UTF8)
            self.bytes += len(chunk)
            yield chunk if self.bytes > len(chunk) else chunk[self._bom :]

    def _count(self, chunks: Iterator[bytes]) -> None:
        offset, breaks, last = 0, 0, b""
        for chunk in chunks:
            first = chunk.find(b"\n")
            if first >= 0 and offset:
                self._starts.append(offset + first + 1)
                self._numbers.append(breaks + 2)
            breaks += chunk.count(b"\n")
            offset += len(chunk)
            last = chunk[-1:]
        self.count = breaks + (last not in (b"", b"\n"))

    def take(
        self, numbers: Set[int], reading: Reading, every: bool
    ) -> Iterator[tuple[int, bytes, bool]]:
        """(number, bytes, whether a line break ends it) of the lines of these numbers. `every`:
        all lines are gone through, and those that are too large become problems of `reading`."""
        if not numbers:
            return
        with open(self.file.path, "rb") as raw:
            if every or self.packed:
                source = Source(raw, self.file.name)
                for number, data, ended in lines(source.stream, reading):
                    if number in numbers:
                        yield number, data, ended
                return
            for place, part in self._parts(numbers):
                yield from self._inside(raw, place, part, reading)

    def _parts(self, numbers: Set[int]) -> Iterator[tuple[int, list[int]]]:
        """The numbers, those of one step together, with the place of the step."""
        steps = ((bisect_right(self._numbers, number) - 1, number) for number in sorted(numbers))
        for place, some in groupby(steps, key=itemgetter(0)):
            yield place, [number for _, number in some]

    def _inside(
        self, raw: BinaryIO, place: int, wanted: Sequence[int], reading: Reading
    ) -> Iterator[tuple[int, bytes, bool]]:
        """Those lines that lie in one step; what is too large becomes a problem of `reading`."""
        first, start = self._numbers[place], self._starts[place]
        last = place + 1 == len(self._starts)
        end = self.bytes - self._bom if last else self._starts[place + 1]
        raw.seek(start + self._bom)
        if end - start > _HELD:
            yield from self._after(raw, first, wanted, reading)
            return
        found = raw.read(end - start).split(b"\n")
        for number in wanted:
            data = found[number - first]
            if len(data) > reading.max_record and len(data.rstrip(b"\r")) > reading.max_record:
                reading.problems.append(too_large(reading, number))
                continue
            ended = number - first < len(found) - 1
            yield number, data + b"\n" if ended else data, ended

    @staticmethod
    def _after(
        raw: BinaryIO, first: int, wanted: Sequence[int], reading: Reading
    ) -> Iterator[tuple[int, bytes, bool]]:
        """Those of the lines from here on, of which `first` is the number."""
        numbers = frozenset(wanted)
        aside = Reading(reading.name, reading.typing, reading.max_record)
        for number, data, ended in lines(raw, aside):
            if number + first - 1 in numbers:
                yield number + first - 1, data, ended
            if number + first > wanted[-1]:
                break
        large = {(problem.line or 0) + first - 1 for problem in aside.problems}
        reading.problems += [too_large(reading, number) for number in sorted(large & numbers)]
