"""Time zones: their rules come from the `tzdata` package alone, never from the system, so that
every machine and every engine has the same ones.
"""

from __future__ import annotations

import os
from datetime import tzinfo
from functools import lru_cache
from importlib import import_module
from typing import Any


@lru_cache(maxsize=64)
def load_zone(name: str) -> tzinfo:
    """The zone of that IANA name, from the `tzdata` package.

    Raises ValueError, whose message names the nearest zone.
    """
    from io import BytesIO
    from zoneinfo import ZoneInfo

    if name not in _zone_names():
        from tosrules.quoting import quoted

        near = _nearest_zone(name)
        hint = f"; did you mean `{near}`?" if near else ""
        raise ValueError(f"unknown time zone {quoted(name)}{hint}")
    return ZoneInfo.from_file(BytesIO(_tzdata("zoneinfo", *name.split("/"))), key=name)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(_tzdata("zones").decode("utf-8").split())


def _tzdata(*parts: str) -> bytes:
    """A file of the `tzdata` package, as `importlib.resources` gives it, which takes longer to
    import than all that a zone is needed for."""
    tzdata = import_module("tzdata")
    loader: Any = tzdata.__loader__
    return bytes(loader.get_data(os.path.join(*tzdata.__path__[:1], *parts)))


def _nearest_zone(name: str) -> str | None:
    import difflib

    lowered = {zone.lower(): zone for zone in sorted(_zone_names())}
    by_city = {zone.rpartition("/")[2]: zone for zone in lowered}
    wanted = name.lower().replace(" ", "_")
    # The city tells, wherever it is looked for: `Europe/` alone makes no two zones alike.
    city = wanted.rpartition("/")[2]
    near = [city] if city in by_city else difflib.get_close_matches(city[:80], by_city, 1, 0.75)
    return lowered[by_city[near[0]]] if near else None
