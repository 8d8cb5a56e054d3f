"""Signals that end a run, as exceptions: whatever was made for it is let go of before it ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_LAST_WORDS = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))


class LastWords:
    """Heeds these signals from `heed` until `restore`, on the main thread, unless they are ignored.

    What is raised is what the handler of before raises; where there is none KeyboardInterrupt or,
    with 128 and the number of the signal, SystemExit."""

    def __init__(self) -> None:
        self.ended: BaseException | None = None
        """What was raised. Code that was interrupted may have made another error of it."""
        self._interrupt: Callable[[], None] | None = None
        self._before: dict[int, Any] = {}

    def heed(self, interrupt: Callable[[], None] | None = None) -> None:
        """`interrupt` is called before a signal is raised."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._interrupt = interrupt
        for number in _LAST_WORDS:
            present = signal.getsignal(number)
            if present is signal.SIG_DFL or callable(present):
                self._before[number] = present
                signal.signal(number, self._end)

    def _end(self, number: int, frame: FrameType | None) -> None:
        before = self._before[number]
        try:
            if callable(before) and before is not signal.default_int_handler:
                before(number, frame)
                return
            raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
        except BaseException as error:
            if self._interrupt is not None:
                self._interrupt()
            self.ended = error
            raise

    def restore(self) -> None:
        """Leaves the signals to whom they were before; a second time it does nothing."""
        for number, present in self._before.items():
            signal.signal(number, present)
        self._before.clear()
