"""Results that all formats are tested on: one of every form, and one full of hostile text."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.result import cases
from tosrules.record import Record, replace
from tosrules.result.assemble import assemble
from tosrules.result.baseline import BASELINE, held_against, read_baseline
from tosrules.result.model import Result
from tosrules.result.run import RunFacts

HOSTILE = (
    "\x1b[31mred\x1b]8;;https://evil.example\x07link",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![i](https://evil.example/p.png) <https://evil.example>",
    "https://evil.example www.evil.example mailto:a@evil.example a@evil.example",
    "@everyone #1 org/repo#2 GH-3 :tada: $x$ ${{ github.token }}",
    '=HYPERLINK("https://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3;=1+1",
    "\t=1+1",
    "ok\n::error::forged\n::set-output name=a::b",
    "::stop-commands::x",
    "##[error]forged",
    "%0A::error::forged,file=x:y",
    "``` \n# heading\n| a | b |\n|---|---|\n`````",
    "a|b\\|c\\",
    "]]><!-- --><!ENTITY x '&y;'>&amp;",
    "{0} {1} [a](1)",
    "\u202eevil\u2066",
    "null\x00byte \ufffe",
    "\ud800 half \udfff",
    "漢字 עברית 🎉",
    "'; DROP TABLE evidence; --",
    "    indented code",
    "1. list\n- item\n> quote",
    '"quoted","cells"\r\nnew,row',
    "x" * 5000,
)


@cache
def whole(time: str = "2026-11-22T12:00:00Z") -> Result:
    """Findings of an event, a rate, a sequence and a duty; a pending duty, an undetermined and
    a silent clause."""
    facts = RunFacts(time=time)
    return assemble(cases.policy(), cases.whole_trace(), cases.outcome(), facts)


@cache
def accepted() -> Result:
    """The same, its first finding accepted by a baseline."""
    text = f'baseline = "{BASELINE}"\n[[accepted]]\nfinding = "{whole().findings[0].id}"\n'
    baseline = read_baseline(f'{text}reason = "settled"\n'.encode(), "accepted.toml")
    return held_against(whole(), baseline, "2026-11-22")


def hostile(text: str) -> Result:
    """`whole` with `text` in every place where a trace or a stranger's rules can put it."""
    return _put(whole(), text)


_FIXED = {
    "id", "clause", "clauses_of", "pack", "severity", "verdict", "form", "result", "version",
    "sha256", "digest", "first", "last", "due", "start", "end", "engine", "format", "role",
    "added", "expires", "type_name",
}  # fmt: skip


def _put(value: Any, text: str, name: str = "") -> Any:
    if isinstance(value, Record):
        return replace(
            value,
            **{n: _put(getattr(value, n), text, _name(value, n)) for n in value.field_names},
        )
    if isinstance(value, tuple):
        return tuple(_put(part, text, name) for part in value)
    if isinstance(value, dict):
        return {text if n == "target" else n: _put(v, text, name) for n, v in value.items()}
    if isinstance(value, str) and name not in _FIXED:
        return text
    return value


def _name(record: Record, field: str) -> str:
    """Some fields mean text in one record and an instant or an id in another."""
    kind = type(record).__name__
    if field == "time" or (kind == "ClauseResult" and field == "findings"):
        return "id"
    if kind == "Occurrence" and field in ("first", "completing", "chain"):
        return "text"
    return field
