"""A DuckDB of our own for one run: bounded memory, no way out, nothing left behind."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREFIX = "tosrules-spill-"
"""How the names of the private folders begin."""
SHARE = 0.6
"""Of the machine's memory, where no limit is given."""


class Session:
    """A connection to an empty database in memory, and the private folder it may spill to.

    `threads` and `memory_limit` (such as `4GB`) bound it; None: all processors, and SHARE of the
    memory. `progress`: long queries show on a terminal how far they are.
    """

    def __init__(
        self,
        threads: int | None = None,
        memory_limit: str | None = None,
        progress: bool = False,
    ) -> None:
        import duckdb  # 0.2 s: only a run that needs it pays

        self._key = secrets.token_bytes(32)
        self._folder = tempfile.mkdtemp(prefix=PREFIX)
        config: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": os.path.join(self._folder, "spill"),
            "memory_limit": memory_limit or _share(),
            "threads": threads or len(os.sched_getaffinity(0)),
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": True,
        }
        try:
            self.connection: DuckDBPyConnection = duckdb.connect(":memory:", config=config)
            self.connection.execute("SET TimeZone = 'UTC'")
            self.connection.execute(f"SET enable_progress_bar = {str(progress).lower()}")
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session and removes its folder; a second time it does nothing."""
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def seal(self) -> None:
        """Shuts the database off from all files but those that the readers have named."""
        self.connection.execute("SET enable_external_access = false")

    def hashed(self, secret: str) -> str:
        """What stands in a column in place of a secret: a hash under a key that only this
        session has. Equal secrets have equal hashes; nothing else can be asked of them."""
        return hashlib.sha256(self._key + secret.encode("utf-8", "surrogatepass")).hexdigest()


def _share() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{int(pages * size * SHARE) // 2**20}MiB"
