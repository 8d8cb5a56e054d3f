"""The bytes of one input: hashed untouched, unpacked as a stream, never held whole."""

from __future__ import annotations

import hashlib
import io
import sys
from typing import Any, BinaryIO, Protocol

from tosrules.trace.problems import Refused, TraceProblem

HEAD = 64 * 1024
"""Bytes that are looked at to tell the format."""
CHUNK = 64 * 1024

_BOM = b"\xef\xbb\xbf"


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes | None: ...


class Source:
    """A binary stream with the first bytes known beforehand.

    `head` are the first bytes after unpacking and without a byte-order mark; `stream` gives
    them again and then the rest. Reading raises Refused for a damaged or unreadable file.
    """

    def __init__(self, raw: BinaryIO, name: str) -> None:
        self.name = name
        self._hashing = _Hashing(raw, name)
        packed: io.BufferedReader[Any] = io.BufferedReader(self._hashing, CHUNK)
        first = packed.peek(4)[:4]
        # A pipe may give one byte at first; nothing that short is a trace, so read on.
        if len(first) < 4:
            start = packed.read(4)
            packed = io.BufferedReader(_Chain(start, packed), CHUNK)
            first = start
        self.packed = packing(first)
        """`gzip`, `zstd` or empty."""
        unpacked: io.RawIOBase = (
            _Unpacked(packed, name, self.packed) if self.packed else _Chain(b"", packed)
        )
        head = bytearray()
        while len(head) < HEAD:
            chunk = unpacked.read(HEAD - len(head))
            if not chunk:
                break
            head += chunk
        self.head = bytes(head)
        if self.head.startswith(_BOM):
            self.head = self.head[len(_BOM) :]
        self.stream = io.BufferedReader(_Chain(self.head, unpacked), CHUNK)

    def finish(self) -> tuple[str, int]:
        """SHA-256 in hexadecimal and number of the untouched bytes; reads what is left."""
        while self._hashing.read(CHUNK):
            pass
        return self._hashing.digest.hexdigest(), self._hashing.size


class _Hashing(io.RawIOBase):
    """The untouched bytes on their way, hashed and counted."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        super().__init__()
        self._raw = raw
        self._name = name
        self.digest = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._raw.read(len(buffer))
        except OSError as error:
            reason = (error.strerror or "it gives no data").lower()
            raise Refused(
                TraceProblem(
                    "trace-unreadable", f"the file cannot be read: {reason}", file=self._name
                )
            ) from None
        chunk = chunk or b""
        self.digest.update(chunk)
        self.size += len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Chain(io.RawIOBase):
    """Some bytes, then a stream."""

    def __init__(self, first: bytes, then: Readable) -> None:
        super().__init__()
        self._first = memoryview(first)
        self._then = then

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._first:
            size = min(len(buffer), len(self._first))
            buffer[:size] = self._first[:size]
            self._first = self._first[size:]
            return size
        chunk = self._then.read(len(buffer)) or b""
        buffer[: len(chunk)] = chunk
        return len(chunk)


def packing(first: bytes) -> str:
    """How a file that begins so is compressed."""
    if first.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zstd" if first == b"\x28\xb5\x2f\xfd" else ""


def _opened(packed: io.BufferedReader[Any], how: str) -> tuple[Any, type[Exception]]:
    """(the unpacked stream, what it raises for damaged data)"""
    if how == "gzip":
        import gzip
        import zlib

        return gzip.GzipFile(fileobj=packed), zlib.error
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdFile(packed), zstd.ZstdError


class _Unpacked(io.RawIOBase):
    """A stream unpacked piece by piece, so that a bomb costs time but no memory."""

    def __init__(self, packed: io.BufferedReader[Any], name: str, how: str) -> None:
        super().__init__()
        self._file, self._damaged = _opened(packed, how)
        self._how = how
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._file.read1(len(buffer))
        except EOFError:
            raise self._refused("trace-truncated", f"the {self._how} file ends too early") from None
        except (OSError, self._damaged):
            raise self._refused(
                f"trace-bad-{self._how}", f"the {self._how} file is damaged"
            ) from None
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _refused(self, code: str, message: str) -> Refused:
        return Refused(TraceProblem(code, message, "get the whole file", self._name, scope="rest"))
