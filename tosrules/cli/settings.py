"""Options of the command line and keys of the configuration, made into one request."""

from __future__ import annotations

from collections.abc import Sequence

from tosrules.cli.config import Configuration
from tosrules.cli.exits import Unusable
from tosrules.reports import FORMATS
from tosrules.trace.instants import InstantError, parse_instant
from tosrules.trace.problems import nearest, quoted

_DAY = 86_400_000_000


def assignments(given: Sequence[str], configuration: Configuration) -> dict[str, str]:
    """`name=value` texts over the configuration's own. Raises Unusable."""
    found = dict(configuration.set)
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise Unusable(f"--set {quoted(text)} sets nothing", "write --set burst=120")
        found[name.strip()] = value.strip()
    return found


def period(text: str | None) -> tuple[int, int] | None:
    """FROM/TO in microseconds, both included; a day stands for all of it. Raises Unusable."""
    if text is None:
        return None
    start, slash, end = text.partition("/")
    if not slash:
        raise Unusable(
            f"{quoted(text)} is no period", "write --observed 2020-03-01/2020-06-18, or with times"
        )
    return _instant(start.strip(), False), _instant(end.strip(), True)


def _instant(text: str, last: bool) -> int:
    whole_day = len(text) == 10
    try:
        micros = parse_instant(f"{text}T00:00:00Z" if whole_day else text)
    except InstantError as error:
        raise Unusable(f"--observed: {quoted(text)} {error}", error.mend) from None
    return micros + _DAY - 1 if whole_day and last else micros


def reports(given: Sequence[str]) -> list[tuple[str, str]]:
    """(format, file) of each `--report FORMAT=FILE`. Raises Unusable."""
    found = []
    for text in given:
        name, equals, file = text.partition("=")
        if not equals or not file:
            raise Unusable(f"--report {quoted(text)} names no file", "write --report json=out.json")
        found.append((format_of(name), file))
    files = [file for _, file in found]
    for file in files:
        if files.count(file) > 1:
            raise Unusable(f"--report: {quoted(file)} is named twice")
    return found


def format_of(name: str) -> str:
    """The report format of that name. Raises Unusable."""
    if name in FORMATS:
        return name
    near = nearest(name, FORMATS)
    raise Unusable(
        f"there is no report format {quoted(name)}",
        f"did you mean `{near}`?" if near else f"there are {', '.join(FORMATS)}",
    )
