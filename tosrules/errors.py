"""What stops a run that its rules and its traces allow."""

from __future__ import annotations


class EvaluationError(Exception):
    """The rules cannot be evaluated on this trace: a sum beyond 38 digits, a link with too
    many pairs. The message is for the reader."""
