"""Files that a command writes: whole, or not at all."""

from __future__ import annotations

import contextlib
import os

from tosrules.cli.console import write
from tosrules.cli.exits import Unusable
from tosrules.trace.problems import quoted


def writable(path: str) -> None:
    """Says before a long run that its result could not be written. Raises Unusable."""
    if path == "-":
        return
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise Unusable(f"{quoted(path, 200)} is a folder, not a file")
    if not os.path.isdir(folder):
        raise Unusable(f"there is no folder {quoted(os.path.dirname(path), 200)} to write into")


def put(path: str, data: bytes) -> None:
    """Writes the file; `-` is standard output. A run that is cut off leaves what was there."""
    if path == "-":
        write(data)
        return
    import tempfile

    folder = os.path.dirname(os.path.abspath(path))
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as device:  # /dev/stderr, a named pipe
                device.write(data)
            return
        handle, partial = tempfile.mkstemp(prefix=".tosrules-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(partial, _mode(path))
            os.replace(partial, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial)
            raise
    except OSError as error:
        reason = (error.strerror or "it takes no data").lower()
        raise Unusable(f"{quoted(path, 200)} cannot be written: {reason}") from None


def _mode(path: str) -> int:
    """Permissions of the file that is replaced, else what a new file would get."""
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
