"""Addresses of the web, taken apart by one written regular expression (RFC 3986, appendix B)."""

from __future__ import annotations

import re

from tosrules.trace.redact import redact

_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.DOTALL,
)
_PATH = re.compile(
    r"(?P<scheme>(?!))?(?P<authority>(?!))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.DOTALL,
)
_PORT = re.compile(r":\d*\Z", re.ASCII)
_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def address_attributes(address: str, absolute: bool = True) -> tuple[dict[str, object], int]:
    """Attributes of an address or the target of a request, and the secrets replaced in it.

    `url.full` and `url.domain` (A–Z in lower case) only if it is absolute, `url.path` if there
    is one, `url.query` if there is one. With `absolute` false it is a path whatever it holds.
    """
    address, count = redact(address)
    match = (_URL if absolute else _PATH).fullmatch(address)
    found: dict[str, object] = {}
    if match is None:  # cannot be: the expression takes any text
        return found, count
    authority, path = match["authority"], match["path"]
    if match["scheme"] is not None and (authority is not None or not path.startswith("/")):
        found["url.full"] = address
    if match["scheme"] is not None and authority:
        domain = _PORT.sub("", authority.rpartition("@")[2]).translate(_UPPER)
        if domain:
            found["url.domain"] = domain
    if path and (authority is not None or match["scheme"] is None):
        found["url.path"] = path
    if match["query"]:
        found["url.query"] = match["query"]
    return found, count


def http_version(text: str) -> str | None:
    """`1.1` of `HTTP/1.1`, `2` of `h2`, `3` of `HTTP/3`; None if the record does not know."""
    version = text.strip().lower().removeprefix("http/")
    if version in ("h2", "h2c", "2.0"):
        return "2"
    if version in ("h3", "3.0"):
        return "3"
    return version if version in ("0.9", "1.0", "1.1", "2", "3") else None
