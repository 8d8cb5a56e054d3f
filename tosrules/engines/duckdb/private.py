"""Private folders that leave nothing behind: neither at the end of a run, nor after a kill."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile

try:
    import fcntl
except ImportError:  # no locks of this kind: leftovers cannot be told from folders in use
    fcntl = None  # type: ignore[assignment]

PREFIX = "tosrules-spill-"
"""How the names of the folders begin."""


class PrivateFolder:
    """A new folder in the system's folder for temporary files (TMPDIR), mode 0700.

    It is locked as long as its process lives, and the kernel lets go of the lock however the
    process ends: so the next run knows which folders nobody will remove any more, and does.
    Raises OSError where no folder can be made.
    """

    def __init__(self) -> None:
        remove_leftovers()
        while True:
            self.path = tempfile.mkdtemp(prefix=PREFIX)
            # Another run may have taken it for a leftover before the lock was held.
            try:
                self._lock = _locked(self.path)
            except FileNotFoundError:
                continue
            if self._lock is None or _same(self._lock, self.path):
                return
            os.close(self._lock)

    def remove(self) -> None:
        """Removes the folder with all that is in it; a second time it does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def remove_leftovers() -> None:
    """Removes the folders of this user's runs that were killed."""
    if fcntl is None:
        return
    place = tempfile.gettempdir()
    try:
        names = [name for name in os.listdir(place) if name.startswith(PREFIX)]
    except OSError:
        return
    for name in names:
        path = os.path.join(place, name)
        # A folder that is gone, another user's or in use is none of ours.
        with contextlib.suppress(OSError):
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid():
                _remove_unless_locked(path)


def _remove_unless_locked(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(handle)


def _locked(path: str) -> int | None:
    """The folder, open and locked; None where there are no locks. It is removed if that fails."""
    if fcntl is None:
        return None
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    with contextlib.suppress(OSError):
        # Held by nobody but a run that removes it at this moment; `_same` then sees that.
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def _same(handle: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
