"""Faults that the harness must find: in a copy of the reference evaluator, one text for another.

`python -m tests.differential.faults` looks for the first seed that finds each, and writes it to
fault_seeds.json: to be run when what is drawn has changed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

SEEDS = Path(__file__).with_name("fault_seeds.json")


class Fault(NamedTuple):
    theme: str
    """Of the seeds that may find it."""
    module: str
    right: str
    """Stands in the module once."""
    wrong: str


FAULTS = {
    "a window that is open at its start": Fault(
        "rates",
        "rates",
        "instant - within:",
        "instant - within + 1:",
    ),
    "an episode that opens at every judgement": Fault(
        "signals",
        "rates",
        "if here.holds and not same:",
        "if here.holds:",
    ),
    "weeks from Sunday": Fault(
        "quotas",
        "rates",
        "timedelta(days=midnight.weekday())",
        "timedelta(days=midnight.isoweekday() % 7)",
    ),
    "a repeated hour that is one window": Fault(
        "quotas",
        "rates",
        "return wall.replace(minute=0), offset",
        "return wall.replace(minute=0), None",
    ),
    "a quota that is completed by its last event": Fault(
        "quotas",
        "rates",
        "elif completing is None:",
        "else:",
    ),
    "an expiry that is open": Fault(
        "statuses",
        "statuses",
        "sure, possible = holding.sure_until >= now",
        "sure, possible = holding.sure_until > now",
    ),
    "beginnings before ends at one event": Fault(
        "statuses",
        "statuses",
        "key=lambda c: (c.order, c.begins, c.sure)",
        "key=lambda c: (c.order, not c.begins, c.sure)",
    ),
    "a possible end that is taken for none": Fault(
        "statuses",
        "statuses",
        "return replace(self, sure_until=NEVER, sure_since=FOREVER)",
        "return self",
    ),
    "a status as it is after the asking event": Fault(
        "statuses",
        "statuses",
        "place = bisect_left(orders, asking.order)",
        "place = bisect_left(orders, asking.order + 1)",
    ),
    "a new beginning that restarts how long it was held": Fault(
        "statuses",
        "statuses",
        "sure_since=by.time if self.sure_until < by.time else self.sure_since",
        "sure_since=by.time",
    ),
    "a remembered attribute behind a doubt": Fault(
        "statuses",
        "statuses",
        "holding.sure_until < asking.time or holding.doubtful",
        "holding.sure_until < asking.time",
    ),
    "a link that is open to its opening event": Fault(
        "links",
        "links",
        "place = bisect_left(self.orders, order)\n        if not place:",
        "place = bisect_left(self.orders, order + 1)\n        if not place:",
    ),
    "possible links that are taken for none": Fault(
        "links",
        "links",
        "if surely if sure else possibly:",
        "if surely:",
    ),
    "a step at the instant before it ends": Fault(
        "sequences",
        "chains",
        "here.time - chain.last.time <= self.world",
        "here.time - chain.last.time < self.world",
    ),
    "an unwanted event that is taken for unknown": Fault(
        "sequences",
        "chains",
        "table = found.sure if met is True else found.doubtful",
        "table = found.doubtful",
    ),
    "an unwanted event at its step": Fault(
        "sequences",
        "chains",
        "    place = bisect_left(orders, before)\n"
        "    return orders[place - 1] if place > bisect_right(orders, after)",
        "    place = bisect_right(orders, before)\n"
        "    return orders[place - 1] if place > bisect_right(orders, after)",
    ),
    "a deadline that is open": Fault(
        "duties",
        "duties",
        "next_one is not None and next_one.time <= due",
        "next_one is not None and next_one.time < due",
    ),
    "an unknown fulfilment before a pending one": Fault(
        "duties",
        "duties",
        "if observed is None or due > observed[1]:",
        "if observed is None or due >= observed[1]:",
    ),
    "a trigger before observation that is broken": Fault(
        "duties",
        "duties",
        "trigger.time < observed[0]:",
        "trigger.time <= observed[0]:",
    ),
    "a tuple of which only the first part is told apart": Fault(
        "sequences",
        "ties",
        "found = [c.last(before, v) for c, v in self._asked(parts)]",
        "found = [c.last(before, v) for c, v in self._asked(parts)[:1]]",
    ),
    "an empty text that is missing": Fault(
        "conditions",
        "expressions",
        "if left is None or right is None:\n        return None\n    if type(left) is Spread",
        "if left in (None, '') or right is None:\n        return None\n    if type(left) is Spread",
    ),
    "a spread that is compared unsquared": Fault(
        "aggregates",
        "expressions",
        "_COMPARISONS[comparison](spread.variance, Fraction(other) ** 2)",
        "_COMPARISONS[comparison](spread.variance, Fraction(other))",
    ),
    "lower letters beyond A to Z": Fault(
        "conditions",
        "functions",
        "return text.translate(_LOWER)",
        "return text.lower()",
    ),
    "Sunday as the first day": Fault(
        "conditions",
        "functions",
        "isoweekday()",
        "isoweekday() % 7 + 1",
    ),
    "a spread of the population": Fault(
        "aggregates",
        "windows",
        "/ (n * (n - 1))",
        "/ (n * n)",
    ),
    "gaps that stay when their first event has gone": Fault(
        "aggregates",
        "windows",
        "gap = self.events[0].time - first.time if self.events else None",
        "gap = None",
    ),
}
"""By what is wrong."""


def seeds() -> dict[str, int]:
    """A seed that finds each."""
    found: dict[str, int] = json.loads(SEEDS.read_text(encoding="utf-8"))
    return found


def main() -> int:
    from tests.differential.engines import faulty
    from tests.differential.harness import Tried, differing
    from tests.differential.themes import THEMES

    found: dict[str, int] = {}
    for what, fault in FAULTS.items():
        first = list(THEMES).index(fault.theme)
        with (
            tempfile.TemporaryDirectory() as folder,
            faulty(Path(folder), fault.module, fault.right, fault.wrong) as engine,
        ):
            for seed in range(first, 200 * len(THEMES), len(THEMES)):
                if any(differing({"faulty": engine}, seed, Tried())):
                    found[what] = seed
                    break
        print(f"{what}: {found.get(what, 'not found')}", flush=True)
    SEEDS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if len(found) == len(FAULTS) else 1


if __name__ == "__main__":
    sys.exit(main())
