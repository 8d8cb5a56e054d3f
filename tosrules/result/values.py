"""Values as a result writes them, and as a sentence says them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from tosrules.result.model import Plain, Run
from tosrules.trace.event import Value
from tosrules.trace.instants import format_instant
from tosrules.vocabulary import Type

_UNITS = (
    ("day", 86_400_000_000),
    ("hour", 3_600_000_000),
    ("minute", 60_000_000),
    ("second", 1_000_000),
    ("millisecond", 1_000),
    ("microsecond", 1),
)
_EXACT = 2**53


def plain(value: Value, of: Type | str | None) -> Plain:
    """`value` as JSON has it; `of` is its type, or the type's name, where it is known."""
    name = of.name if isinstance(of, Type) else of or ""
    if isinstance(value, tuple):
        element = of.of if isinstance(of, Type) else None
        parts = (plain(part, element) for part in value)
        return tuple(part for part in parts if not isinstance(part, tuple))
    if isinstance(value, bool | str):
        return value
    if name == "time" and isinstance(value, int):
        return format_instant(value)
    if name == "duration":
        return duration_text(value)
    if isinstance(value, int):
        return value if abs(value) < _EXACT else str(value)
    return _fraction(value)


def _fraction(value: Fraction) -> float | str:
    text = number_text(value)
    digits = text.strip("-").replace(".", "").lstrip("0")
    # Fifteen digits survive the way through a double; more would be another number.
    exact = "…" not in text and len(digits) <= 15
    return float(text) if exact else text.rstrip("…")


def number_text(value: int | Fraction, grouped: bool = False) -> str:
    """`1200000` or `1,200,000`, `0.5`; a number without end is cut after six digits: `0.333333…`"""
    if isinstance(value, int) or value.denominator == 1:
        return f"{int(value):,}" if grouped else str(int(value))
    sign = "-" if value < 0 else ""
    scaled = abs(value) * 10**6
    whole, places = divmod(int(scaled), 10**6)
    text = f"{whole:,}" if grouped else str(whole)
    tail = f"{places:06d}".rstrip("0")
    return f"{sign}{text}{'.' if tail else ''}{tail}{'' if scaled.denominator == 1 else '…'}"


def duration_text(micros: int | Fraction) -> str:
    """`90 minutes`: a whole number of the largest unit that fits, so that it reads back."""
    if micros == 0:
        return "0 seconds"
    for unit, size in _UNITS:
        if micros % size == 0:
            return count(int(micros // size), unit)
    seconds = number_text(Fraction(micros) / 1_000_000)
    return f"{seconds} seconds"


def about(micros: int) -> str:
    """How long that is, for a reader: `2 days and 3 hours`; at most two units."""
    if micros < 0:
        return about(-micros)
    parts = []
    left = micros
    for unit, size in _UNITS:
        amount, left = divmod(left, size)
        if amount:
            parts.append(count(amount, unit))
        if parts and (len(parts) == 2 or not amount):
            break
    return " and ".join(parts) if parts else "no time"


def cut(text: str, limit: int = 60) -> str:
    """`text`, or its first code points and `…`, at most `limit` in all."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 event`, `1,204 events`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {plural or noun + 's'}"


def skipped_words(run: Run) -> str:
    """`3 records and the rest of log.json from line 9 on`: what was passed over as unreadable;
    empty for nothing. How many records the rest of a file has, nobody knows."""
    rests = [r.place for r in run.skipped_records if r.rest]
    alone = run.skipped - len(rests)
    said = [count(alone, "record")] if alone else []
    for at in rests[:3]:
        line = f" from line {at.line:,} on" if at.line is not None else ""
        said.append(f"the rest of {cut(at.file)}{line}")
    if len(rests) > 3:
        said.append(f"the rest of {count(len(rests) - 3, 'other file')}")
    return listed(said)


def listed(words: list[str] | tuple[str, ...], last: str = "and", limit: int = 0) -> str:
    """`a`, `a and b`, `a, b and c`; beyond `limit`: `a, b and 4 others`."""
    if limit and len(words) > limit:
        rest = len(words) - limit
        words = [*words[:limit], f"{rest:,} other{'' if rest == 1 else 's'}"]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def value_words(value: Plain | None) -> str:
    """A value in a sentence: text in quotation marks, `true`, 1,200."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(value_words(part) for part in value) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    text = repr(value)
    return number_text(Fraction(text)) if "e" in text else text


def typed_words(value: Plain | None, type_name: str) -> str:
    """As `value_words`, but times and durations, which are text in JSON, without quotation."""
    if type_name in ("time", "duration") and isinstance(value, str):
        return moment(value) if type_name == "time" else value
    return value_words(value)


def plural(noun: str) -> str:
    """Of a plain word; a dotted or joined name stays as it is."""
    return f"{noun}s" if noun.isalpha() and not noun.endswith("s") else noun


def moment(time: str) -> str:
    """An instant as a reader reads it: `2020-04-03 09:00:00Z`."""
    return time.replace("T", " ", 1)


def moment_of(micros: int) -> str:
    return moment(format_instant(micros))


def day(time: str) -> str:
    """The date of an instant."""
    return time[:10]


def subject_words(subject: Mapping[str, str] | None) -> str:
    """Who that is: `svc`, `account a-1`, `unknown party`."""
    if subject is None:
        return "unknown party"
    ((kind, id),) = subject.items()
    return id if kind in ("actor", "name") else f"{kind} {id}"
