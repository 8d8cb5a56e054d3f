"""Exit statuses, and the exceptions that end a command with one."""

from __future__ import annotations

from tosrules.result.status import DONE, FOUND, NOT_JUDGED

UNUSABLE = 2
"""Could not judge: command line, configuration, rules or trace."""
DEFECT = 70
INTERRUPTED = 130

__all__ = ["DEFECT", "DONE", "FOUND", "INTERRUPTED", "NOT_JUDGED", "UNUSABLE", "Told", "Unusable"]


class Unusable(Exception):
    """What was asked cannot be done. The message is for the user; it is printed as it is, so
    what it quotes must be harmless (`tosrules.trace.problems.quoted`)."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class Told(Exception):
    """Status UNUSABLE; what is wrong has been printed already."""
