"""A DuckDB of our own for one run: bounded memory, no way out, nothing left behind."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
import weakref
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from tosrules.engines.duckdb.private import PrivateFolder
from tosrules.engines.duckdb.progress import QueryProgress
from tosrules.engines.progress import Progress
from tosrules.engines.signals import LastWords
from tosrules.errors import EvaluationError
from tosrules.trace.parquet import globbed
from tosrules.trace.problems import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHARE = 0.6
"""Of the machine's memory, where no limit is given."""

_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,3})? ?([KMGT]i?B|%)", re.ASCII | re.IGNORECASE)


class Exhausted(EvaluationError):
    """Memory or disk were not enough. The message says what to do."""


class Session:
    """A connection to an empty database in memory, and the private folder it may spill to.

    `threads` and `memory_limit` (such as `4GB`) bound it; None: all processors, and SHARE of the
    memory. `progress`: a terminal is told how far a long query is; `task` says of what.

    What is spilled is encrypted (AES-256-GCM) under a random key that is nowhere but in memory.
    As a context manager it turns exhaustion into Exhausted, and signals that end the run into
    KeyboardInterrupt or SystemExit at once, whatever query runs; the folder is removed in any
    case. Raises ValueError if `memory_limit` is no amount, Exhausted if there is no folder for
    temporary files.
    """

    def __init__(
        self,
        threads: int | None = None,
        memory_limit: str | None = None,
        progress: bool = False,
    ) -> None:
        if memory_limit is not None and _AMOUNT.fullmatch(memory_limit) is None:
            raise ValueError(f"{quoted(memory_limit)} is no amount of memory such as `4GB`")
        if threads is not None and threads < 1:
            raise ValueError("there must be a thread at least")
        import duckdb  # 0.2 s: only a run that needs it pays

        self._key = secrets.token_bytes(32)
        self._readable: frozenset[str] | None = None
        self._words = LastWords()
        self.memory_limit = memory_limit or _share()
        try:
            folder = PrivateFolder()
        except OSError as error:
            raise Exhausted(
                "no private folder can be made for what does not fit into memory: "
                f"{(error.strerror or 'it failed').lower()}; TMPDIR names another place"
            ) from None
        self.folder = folder.path
        """Where this session may spill to."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": os.path.join(folder.path, "spill"),
            "temp_file_encryption": True,
            # Without OpenSSL, which only an extension has, DuckDB writes nothing encrypted
            # unless told so. The cipher is the same; see SECURITY.md for what differs.
            "force_mbedtls_unsafe": True,
            "memory_limit": self.memory_limit,
            "threads": threads or _processors(),
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": True,
            # Nothing lasts, so what is in memory need not be written anew every 16 MB.
            "checkpoint_threshold": "1TB",
        }
        try:
            self.connection: DuckDBPyConnection = duckdb.connect(":memory:", config=config)
            self.connection.execute("SET GLOBAL TimeZone = 'UTC'")
            self.connection.execute("SET enable_progress_bar_print = false")
            self.connection.execute(f"SET enable_progress_bar = {str(progress).lower()}")
        except BaseException:
            folder.remove()
            raise
        self._progress = QueryProgress(self.connection) if progress else None
        self._close = weakref.finalize(self, _close, self.connection, folder, self._progress)

    @property
    def task(self) -> str:
        """What a terminal is told is being done."""
        return "" if self._progress is None else self._progress.task

    @task.setter
    def task(self, doing: str) -> None:
        if self._progress is not None:
            self._progress.task = doing

    def __enter__(self) -> Session:
        # DuckDB would notice only when the operation at hand is through, minutes later.
        self._words.heed(self.connection.interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        said = None if error is None else self._said(error)
        self.close()
        if self._words.ended not in (None, error):
            raise self._words.ended from None
        if said is not None:
            raise Exhausted(said) from None

    def close(self) -> None:
        """Ends the session and removes its folder; a second time it does nothing."""
        self._close()
        self._words.restore()

    def seal(self, files: Iterable[str] = ()) -> None:
        """From now on the database reads nothing but `files`, and nobody can change that. A second
        time it does nothing, but raises ValueError for files that were not named."""
        named = frozenset(files)
        if self._readable is not None:
            if not named <= self._readable:
                raise ValueError("the session is sealed, and reads no other files")
            return
        self._readable = named
        connection = self.connection
        # A name with `*` in it is asked for by a pattern, which has to be allowed as well.
        allowed = sorted(named | {globbed(path) for path in named})
        connection.execute("SET allowed_paths = ?", [allowed])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")

    def hashed(self, secret: str) -> str:
        """What stands in a column in place of a secret: a hash under a key that only this
        session has. Equal secrets have equal hashes; nothing else can be asked of them."""
        return hashlib.sha256(self._key + secret.encode("utf-8", "surrogatepass")).hexdigest()

    def key_hex(self) -> str:
        """The key of `hashed`, for hashing in SQL. It must go nowhere else."""
        return self._key.hex()

    def _said(self, error: BaseException) -> str | None:
        """What to tell of an error if it is one of exhaustion."""
        import duckdb

        text = str(error)
        disk = "max_temp_directory_size" in text or "No space left" in text
        if disk and isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException, OSError)):
            return (
                f"what does not fit into {self.memory_limit} of memory does not fit on the disk "
                f"of {quoted(tempfile.gettempdir(), 200)} either; name a folder with more room "
                "in TMPDIR, or raise --memory-limit"
            )
        if isinstance(error, (duckdb.OutOfMemoryException, MemoryError)):
            return (
                f"{self.memory_limit} of memory are not enough; raise --memory-limit, or lower "
                "--threads"
            )
        return None


def _close(
    connection: DuckDBPyConnection, folder: PrivateFolder, progress: Progress | None
) -> None:
    if progress is not None:
        progress.stop()
    try:
        connection.close()
    finally:
        folder.remove()


def _share() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{int(pages * size * SHARE) // 2**20}MiB"


def _processors() -> int:
    """Those that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
