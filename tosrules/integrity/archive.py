"""Archives, zip or tar with gzip: the same bytes for the same content, and read with suspicion."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, BinaryIO

Opener = Callable[[], BinaryIO]
"""Gives the bytes of a member, each time anew."""

MOST = 20_000
"""Members that an archive may have."""
SMALL = 256 * 2**20
"""Bytes of a member that is read whole."""
LONGEST = 1_000
"""Characters of a name."""
_EARLIEST = 315_532_800
"""1980, before which zip has no dates."""


class ArchiveError(ValueError):
    """The file is no archive that can be trusted; the message is safe to print."""


def of_bytes(data: bytes) -> Opener:
    return lambda: io.BytesIO(data)


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is a zip or a gzip file."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"))


def form_of(path: str) -> str:
    """`zip` or `tar.gz`, by the name; empty for any other."""
    if path.endswith(".zip"):
        return "zip"
    return "tar.gz" if path.endswith((".tar.gz", ".tgz")) else ""


# ---- writing -------------------------------------------------------------------------------


def write_archive(path: str, form: str, members: Mapping[str, Opener], epoch: int) -> None:
    """Writes the archive whole or not at all, members in the order of their names, each with the
    time `epoch` (seconds since 1970). Raises OSError."""
    handle, partial = tempfile.mkstemp(
        prefix=".tosrules-", dir=os.path.dirname(os.path.abspath(path))
    )
    try:
        with os.fdopen(handle, "wb") as file:
            epoch = max(_EARLIEST, epoch)
            (_write_zip if form == "zip" else _write_tar)(file, members, epoch)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(partial, 0o666 & ~mask)
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise


def _write_zip(file: BinaryIO, members: Mapping[str, Opener], epoch: int) -> None:
    when = datetime.fromtimestamp(epoch, UTC)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, when.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            with archive.open(info, "w", force_zip64=True) as to, members[name]() as source:
                _copy(source, to)


def _write_tar(file: BinaryIO, members: Mapping[str, Opener], epoch: int) -> None:
    with (
        gzip.GzipFile("", "wb", 9, file, epoch) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted(members):
            info = tarfile.TarInfo(name)
            info.mtime, info.mode = epoch, 0o644
            with members[name]() as source:
                info.size = _size(source)
                archive.addfile(info, source)


def _size(source: BinaryIO) -> int:
    """Bytes of a stream from its beginning, where it is left."""
    source.seek(0, io.SEEK_END)
    size = source.tell()
    source.seek(0)
    return size


def _copy(source: BinaryIO, to: IO[bytes]) -> None:
    while chunk := source.read(1 << 20):
        to.write(chunk)


# ---- reading -------------------------------------------------------------------------------


class Archive:
    """The members of an archive, all of them plain files under harmless names."""

    def __init__(self, openers: Mapping[str, Callable[[], IO[bytes]]]) -> None:
        self._openers = openers
        self.names = tuple(sorted(openers))

    def opener(self, name: str) -> Opener:
        """Gives the member as a stream that can be sought."""
        return lambda: self._openers[name]()  # type: ignore[return-value]

    def read(self, name: str) -> bytes:
        """The whole of a small member. Raises ArchiveError."""
        with self._openers[name]() as stream:
            data = stream.read(SMALL + 1)
        if len(data) > SMALL:
            raise ArchiveError(f"`{name}` in the archive is larger than {SMALL >> 20} MB")
        return data


@contextmanager
def opened(path: str) -> Iterator[Archive]:
    """The archive in that file. Raises ArchiveError, also while members are read, and OSError."""
    try:
        with open(path, "rb") as file:
            head = file.read(4)
            file.seek(0)
            if head.startswith(b"PK"):
                with zipfile.ZipFile(file) as zipped:
                    yield Archive(_of_zip(zipped))
            else:
                with tarfile.open(fileobj=file, mode="r:gz") as tarred:
                    yield Archive(_of_tar(tarred))
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
        raise ArchiveError("the archive is damaged, or no archive at all") from None
    except (NotImplementedError, RuntimeError):
        raise ArchiveError("the archive is encrypted or packed in an unusual way") from None


def _of_zip(archive: zipfile.ZipFile) -> dict[str, Callable[[], IO[bytes]]]:
    found: dict[str, Callable[[], IO[bytes]]] = {}
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        _harmless(info.orig_filename, kind in (0, stat.S_IFREG) and not info.is_dir(), found)
        found[info.filename] = lambda info=info: archive.open(info)  # type: ignore[misc]
    return found


def _of_tar(archive: tarfile.TarFile) -> dict[str, Callable[[], IO[bytes]]]:
    found: dict[str, Callable[[], IO[bytes]]] = {}
    for info in archive:
        _harmless(info.name, info.isreg() and not info.issparse(), found)
        found[info.name] = lambda info=info: _member(archive, info)  # type: ignore[misc]
    return found


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    assert stream is not None, "only regular files are kept"
    return stream


def _harmless(name: str, plain: bool, known: Mapping[str, object]) -> None:
    """Raises ArchiveError for a member that could act where it is unpacked, or pass for another."""
    from tosrules.trace.problems import quoted

    if not is_harmless(name):
        raise ArchiveError(f"the archive has a member of the name {quoted(name, 200)}")
    if not plain:
        raise ArchiveError(f"{quoted(name, 200)} in the archive is a folder, a link or a device")
    if name in known:
        raise ArchiveError(f"{quoted(name, 200)} is twice in the archive")
    if len(known) >= MOST:
        raise ArchiveError(f"the archive has more than {MOST:,} members")


def is_harmless(name: str) -> bool:
    """A relative path that stays in its folder on every system."""
    parts = name.split("/")
    return (
        name.isprintable()
        and len(name) <= LONGEST
        and "\\" not in name
        and ":" not in name
        and all(part not in ("", ".", "..") for part in parts)
    )
