"""Regular expressions: RE2 syntax, with what could mean different things elsewhere left out.

RE2 decides `matches` in every engine (semantics C6): no back-references, no look-around, time
linear in the text.
"""

from __future__ import annotations

import re

from tosrules.language.reporting import Report
from tosrules.span import Span

_INLINE_FLAGS = re.compile(r"\(\?[a-zA-Z^-]+[:)]")
_LOOK_AROUND = re.compile(r"\(\?(=|!|<=|<!)")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
MAX_PATTERN = 1_000


def check_pattern(pattern: str, ignore_case: bool, span: Span, report: Report) -> bool:
    """Whether `pattern` is one that every engine reads alike; says what is wrong if not."""
    if len(pattern) > MAX_PATTERN:
        report.error(
            "regex-too-long",
            f"this regular expression has {len(pattern)} characters; at most {MAX_PATTERN} are "
            "read",
            span,
            help="write a list and use `in`, `starts with` or `ends with`",
        )
        return False
    if _LOOK_AROUND.search(pattern):
        report.error(
            "regex-look-around",
            "look-ahead and look-behind are not part of this regular expression language",
            span,
            help="split the condition: `… matches /a/ and … does not match /b/`",
        )
        return False
    if _INLINE_FLAGS.search(pattern):
        report.error(
            "regex-flags",
            "flags are not written inside a regular expression",
            span,
            help="the only flag is `i`, after the closing `/`",
        )
        return False
    if _BACK_REFERENCE.search(pattern):
        report.error(
            "regex-back-reference",
            "a regular expression cannot refer back to what it matched",
            span,
            help="write the repeated part out",
        )
        return False
    import re2

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        if isinstance(reason, bytes):
            reason = reason.decode("utf-8", "replace")
        what, mend = _in_words(reason)
        report.error("bad-regex", f"in this regular expression {what}", span, help=mend)
        return False
    return True


_REASONS = {
    "missing )": ("`(` is not closed", "add `)`; a parenthesis in the text itself is `\\(`"),
    "unexpected )": ("`)` closes nothing", "a parenthesis in the text itself is `\\)`"),
    "missing ]": ("`[` is not closed", "add `]`; a bracket in the text itself is `\\[`"),
    "no argument for repetition operator": (
        "`{}` repeats nothing", "a sign that stands for itself has a `\\` before it: `\\{}`"),
    "bad repetition operator": ("`{}` repeats a repetition", "keep one of the signs"),
    "invalid repetition size": (
        "`{}` repeats too often", "at most 1000 times, and the smaller number first"),
    "invalid escape sequence": ("`{}` means nothing", "leave the `\\` out"),
    "invalid character class range": (
        "`{}` is no range", "write the smaller character first, as in `[a-z]`"),
}  # fmt: skip


def _in_words(reason: str) -> tuple[str, str]:
    """What RE2 says, in the words of somebody who does not know it, with the mend."""
    known, _, where = reason.partition(": ")
    found = _REASONS.get(known)
    if found is None:
        return f"something is wrong: {reason}", "see the page on regular expressions"
    return found[0].replace("{}", where), found[1].replace("{}", where)
