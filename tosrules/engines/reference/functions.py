"""The functions of the language, and its text and network tests (semantics C6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tosrules.late import pattern
from tosrules.policy.deadlines import local_time

_LOWER = {ord("A") + n: ord("a") + n for n in range(26)}
_URL = pattern(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#]*)[^/?#]*([^?#]*)"
)
"""What `host` and `path` read of a URL: group 1 the host, group 2 the path."""
_PATH = pattern(r"(/[^?#]*)")


def lower(text: str) -> str:
    """A to Z in lower case; every other letter as it is."""
    return text.translate(_LOWER)


def length(value: str | tuple[object, ...]) -> int:
    """Code points of a text, elements of a list."""
    return len(value)


def host(url: str) -> str | None:
    """The host of an absolute URL, A to Z in lower case; missing if there is none."""
    found = _URL.match(url)
    return lower(found.group(1)) or None if found is not None else None


def path(url: str) -> str | None:
    """The path of a URL or of a request target; missing if there is none."""
    found = _URL.match(url)
    if found is not None:
        return found.group(2) or "/"
    target = _PATH.match(url)
    return target.group(1) if target is not None else None


@lru_cache(maxsize=64)
def _zone(name: str) -> Any:
    from tosrules.trace.instants import load_zone

    return load_zone(name)


def hour(time: int, zone: str = "UTC") -> int:
    """The hour of the local clock, 0 to 23."""
    return local_time(time, _zone(zone)).hour


def weekday(time: int, zone: str = "UTC") -> int:
    """The local day of the week, Monday 1 to Sunday 7."""
    return local_time(time, _zone(zone)).isoweekday()


def date(time: int, zone: str = "UTC") -> str:
    """The local date, `YYYY-MM-DD`."""
    return local_time(time, _zone(zone)).date().isoformat()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "lower": lower,
    "length": length,
    "host": host,
    "path": path,
    "hour": hour,
    "weekday": weekday,
    "date": date,
}


@lru_cache(maxsize=1024)
def search(pattern: str, ignore_case: bool) -> Callable[[str], bool]:
    """A test whether RE2 finds `pattern` anywhere in a text."""
    import re2

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    options.max_mem = 1 << 20
    compiled = re2.compile(pattern, options)
    return lambda text: compiled.search(text) is not None


@lru_cache(maxsize=256)
def _networks(texts: tuple[str, ...]) -> tuple[Any, ...]:
    import ipaddress

    return tuple(ipaddress.ip_network(text) for text in texts)


def in_networks(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the networks; of the same IP version only."""
    import ipaddress

    found = ipaddress.ip_address(address)
    return any(found in network for network in _networks(networks))
