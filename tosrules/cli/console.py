"""Where a command writes: results to standard output, everything else to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tosrules.cli.exits import Unusable
from tosrules.reports.safe import visible

WIDEST = 120
"""Columns of a text report at most: longer lines are hard to read."""
NARROWEST = 60
PATIENCE = 1.0
"""Seconds after which a terminal is told what is being done."""


def write(data: bytes | str) -> None:
    """To standard output. Whoever closed the pipe has read enough: that is no error."""
    stream = sys.stdout.buffer
    try:
        stream.write(data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data)
        stream.flush()
    except BrokenPipeError:
        # Else the interpreter would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        reason = (error.strerror or "it takes no data").lower()
        raise Unusable(f"standard output cannot be written: {reason}") from None


def tell(text: str) -> None:
    """Lines to standard error. What a rule file or a trace says in them cannot act."""
    text = "\n".join(visible(line) for line in text.split("\n"))
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except (BrokenPipeError, ValueError):
        pass
    except UnicodeEncodeError:
        sys.stderr.write(text.encode("ascii", "backslashreplace").decode() + "\n")


def width() -> int:
    """Columns for a text report: the terminal's within bounds, else 80."""
    # As `shutil.get_terminal_size`, which takes longer to import than a report to write.
    try:
        wide = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        wide = 0
    if wide <= 0:
        try:
            wide = os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]
        except (AttributeError, ValueError, OSError):  # it is closed, or no terminal
            wide = 0
    return max(NARROWEST, min(WIDEST, wide or 80))


def colored(wish: str) -> bool:
    """Whether standard output gets colour; `wish` is `auto`, `always` or `never`."""
    if wish != "auto":
        return wish == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


@contextmanager
def busy(doing: str) -> Iterator[None]:
    """Tells a terminal what takes so long, and wipes it away when it is done."""
    if not sys.stderr.isatty():
        yield
        return
    import threading

    shown = threading.Event()

    def show() -> None:
        shown.set()
        sys.stderr.write(f"{doing} …")
        sys.stderr.flush()

    timer = threading.Timer(PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if shown.is_set():
            sys.stderr.write("\r" + " " * (len(doing) + 2) + "\r")
            sys.stderr.flush()
