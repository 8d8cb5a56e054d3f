"""The file of accepted findings, read before a run and added to after it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tosrules.cli.exits import Unusable
from tosrules.trace.problems import quoted

if TYPE_CHECKING:
    from tosrules.result.baseline import Baseline
    from tosrules.result.model import Result


class Held:
    """A baseline that a run is held against."""

    def __init__(self, path: str, data: bytes | None, update: bool) -> None:
        """`data` is None where the file is yet to be made."""
        self._path = path
        self._data = data
        self._update = update
        self._baseline = None if data is None else _parsed(data, path)

    def against(self, result: Result, today: str) -> Result:
        """The result with accepted findings marked; the file with what it lacked, where an
        update was asked for. Raises Unusable."""
        from tosrules.result.baseline import BaselineError, held_against, updated

        try:
            if self._baseline is not None:
                # Before anything is written: an entry may name the wrong clause.
                marked = held_against(result, self._baseline, today)
                if not self._update:
                    return marked
            before = self._data or b""
            text = updated(before.decode(), self._baseline, result, today)
            data = text.encode()
            baseline = _parsed(data, self._path)
            marked = held_against(result, baseline, today)
        except BaselineError as error:
            raise Unusable(str(error), error.help) from None
        if data != before:
            self._write(data, len(baseline.entries))
        return marked

    def _write(self, data: bytes, entries: int) -> None:
        from tosrules.cli.console import tell
        from tosrules.cli.files import put
        from tosrules.result.values import count

        put(self._path, data)
        known = len(self._baseline.entries) if self._baseline is not None else 0
        if entries > known:
            said = count(entries - known, "finding")
            whose = "its reason and author" if entries - known == 1 else "their reasons and authors"
            tell(f"{quoted(self._path, 200)}: added {said}; fill in {whose}")


def read(path: str | None, update: bool) -> Held | None:
    """The baseline in that file; None if none is named. Raises Unusable."""
    if path is None:
        if update:
            raise Unusable(
                "--update-baseline does not know which file to update",
                "name it with --baseline FILE",
            )
        return None
    from tosrules.cli.files import writable
    from tosrules.result.baseline import MAX_FILE

    if update:
        writable(path)
        if not os.path.exists(path):
            return Held(path, None, True)
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        reason = (error.strerror or "it gives no data").lower()
        help = "--update-baseline makes it" if isinstance(error, FileNotFoundError) else ""
        raise Unusable(f"the baseline {quoted(path, 200)} cannot be read: {reason}", help) from None
    return Held(path, data, update)


def _parsed(data: bytes, path: str) -> Baseline:
    from tosrules.result.baseline import BaselineError, read_baseline

    try:
        return read_baseline(data, path)
    except BaselineError as error:
        raise Unusable(str(error), error.help) from None
