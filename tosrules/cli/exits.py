"""Exit statuses, and the exceptions that end a command with one."""

from __future__ import annotations

DONE = 0
"""Ran to the end; nothing at or above `--fail-on`."""
FOUND = 1
"""Ran to the end; violations, failed tests, files to lay out."""
UNUSABLE = 2
"""Could not judge: command line, configuration, rules or trace."""
NOT_JUDGED = 3
"""Nothing was judged, or with `--fail-on-undetermined` not everything."""
DEFECT = 70
INTERRUPTED = 130


class Unusable(Exception):
    """What was asked cannot be done. The message is for the user; it is printed as it is, so
    what it quotes must be harmless (`tosrules.trace.problems.quoted`)."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class Told(Exception):
    """Status UNUSABLE; what is wrong has been printed already."""
