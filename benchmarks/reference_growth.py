"""How the time of the reference evaluator grows with the trace, form by form.

    PYTHONPATH=. python benchmarks/reference_growth.py [--sizes 10000 20000 40000 80000] [NAME …]

Each form of rule is judged over traces that are hard in a way of their own: one key for all
events, all events at one instant, many missing attributes, windows as long as the trace. A line
gives the seconds per size and the exponent of growth between the first and the last size: 1 is
linear; more than LIMIT is marked, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tosrules.engines.reference import evaluate
from tosrules.language.load import load
from tosrules.policy.model import Policy
from tosrules.trace.event import Event, Origin, Value
from tosrules.trace.trace import Trace

LIMIT = 1.35
"""n·log n from 10,000 to 80,000 events has an exponent of about 1.1; the rest is for caches."""
MINUTE = 60_000_000

PRELUDE = """pack growth "Growth" version "1"
source s { title "The text" }
common {
  may have k text
  may have j text
  may have n number
  may have ok boolean
  may have to party
}
event a "A"
event b "B"
event c "C"
event d "D"
event x "X"
status held {
  begins on x where ok = true for to
  ends on d where ok = true for to
  expires after 60 minutes
}
link acts_for { begins on x from actor to to ends on d from actor to to }
link kit { begins on x between account and device }
signal many = at least 3 a per k within 60 minutes
signal pair = a as one then b as two within 60 minutes where two.k = one.k carrying k = two.k
clause c "C" {
  cite s
  severity low
  RULE
}
"""
RULES = {
    "event": "forbid a where n = 1",
    "rate": "forbid at least 3 a per k within 60 minutes",
    "rate, distinct": "forbid at least 3 distinct j in a per k within 60 minutes",
    "rate, spread of gaps": "forbid a per k within 60 minutes with stddev(gap) < 2 seconds",
    "rate, least": "forbid a per k within 60 minutes with min(n) >= 1 and max(n) <= 5",
    "rate, long window": "forbid at least 3 a or b per k within 3000 days",
    "rate of pairs": "forbid at least 3 pair per k within 60 minutes",
    "quota": 'forbid at least 3 a per k each day in "Europe/Madrid"',
    "quota in total": "forbid a per k in total with sum(n) >= 3",
    "sequence": "forbid a as one then b as two within 60 minutes where two.k = one.k",
    "sequence, !=": "forbid a as one then b as two later where two.k = one.k "
    "and two.actor != one.actor",
    "sequence, != of tuples": "forbid a as one then b as two later where two.k = one.k "
    "and (two.actor, two.j) != (one.actor, one.j)",
    "sequence, without": "forbid a as one then b as two within 60 minutes where two.k = one.k "
    "without x as no where no.k = two.k and no.ok = true",
    "sequence, three steps": "forbid a as one then b as two later where two.k = one.k "
    "then c as three later where three.j = two.j",
    "sequence with a signal": "forbid b as one then many as two later where two.k = one.k",
    "sequence through a link": "forbid a as one then b as two later "
    "where one.to in acts_for(two.actor)",
    "status": "forbid a where held(actor)",
    "status, unknown": "forbid a where not held(actor) held for at least 10 minutes",
    "any of a link": "forbid a where held(any of acts_for(actor))",
    "group": "forbid at least 3 a per kit(device) within 60 minutes",
    "each of a link": "binds each of acts_for(actor)\n  forbid a",
    "obligation": "after a as ask require b as done within 60 minutes where done.k = ask.k",
    "obligation, !=": "after a as ask require b as done within 60 minutes "
    "where done.k = ask.k and done.actor != ask.actor",
    "obligation, unknown": "after a as ask require b as done within 3000 days "
    "where done.k = ask.k and done.ok = true and (done.j, done.actor) != (ask.j, ask.actor)",
    "obligation, no tie": "after a as ask require b as done within 60 minutes where done.ok = true",
    "obligation through a link": "after a as ask require b as done within 60 minutes "
    "where ask.to in acts_for(done.actor)",
    "signal": "forbid many",
}
Make = Callable[[random.Random, int, int], tuple[int, dict[str, Value]]]


def ordinary(r: random.Random, n: int, size: int) -> tuple[int, dict[str, Value]]:
    return n * MINUTE // 6, values(r, keys=max(size // 50, 1))


def one_key(r: random.Random, n: int, _size: int) -> tuple[int, dict[str, Value]]:
    return n * MINUTE // 6, {**values(r, keys=1), "actor": "u", "to": "v"}


def one_instant(r: random.Random, _n: int, _size: int) -> tuple[int, dict[str, Value]]:
    return 0, values(r, keys=5)


def unknowns(r: random.Random, n: int, _size: int) -> tuple[int, dict[str, Value]]:
    made = values(r, keys=3)
    return n * MINUTE // 6, {k: v for k, v in made.items() if r.random() < 0.5}


def same_differences(r: random.Random, n: int, _size: int) -> tuple[int, dict[str, Value]]:
    """What `!=` reads differs in vain: one part is always missing, the other always the same."""
    made = {**values(r, keys=1), "actor": "u", "j": f"j{n}"}
    del made["j" if n % 2 else "ok"]
    return n * MINUTE // 6, made


TRACES: dict[str, Make] = {
    "ordinary": ordinary,
    "one key": one_key,
    "one instant": one_instant,
    "unknowns": unknowns,
    "same differences": same_differences,
}


def values(r: random.Random, keys: int) -> dict[str, Value]:
    party = r.randrange(keys + 5)
    return {
        "k": f"k{r.randrange(keys)}",
        "j": f"j{r.randrange(20)}",
        "n": r.randrange(6),
        "ok": r.random() < 0.5,
        "actor": f"u{party}",
        # Links reach few: what `any of` a set costs grows with the set.
        "to": f"u{party // 4 * 4}",
        "account": f"acc{r.randrange(keys + 5)}",
        "device": f"dev{r.randrange(keys + 5)}",
    }


def trace_of(make: Make, size: int) -> Trace:
    r = random.Random(size)
    # Few links and status changes, many of what asks them, as in life.
    types = "aaaaaaaaaabbbbbbbbbbccccccccccx" + "d"
    made = sorted(((*make(r, n, size), r.choice(types)) for n in range(size)), key=lambda m: m[0])
    events = tuple(
        Event(f"e{n}", time, kind, attributes, Origin("t", n + 1), "", n)
        for n, (time, attributes, kind) in enumerate(made)
    )
    return Trace(events=events, observed=(events[0].time, events[-1].time))


def policy_of(rule: str) -> Policy:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.tos")
        path.write_text(PRELUDE.replace("RULE", rule), encoding="utf-8")
        policy = load([str(path)]).policy
    assert policy is not None, f"the rule does not load: {rule}"
    return policy


def seconds(policy: Policy, trace: Trace) -> float:
    """Processor seconds: other programs on the machine do not count."""
    start = time.process_time()
    evaluate(policy, trace)
    return time.process_time() - start


def lines(names: list[str], sizes: list[int]) -> Iterator[tuple[str, list[float], float]]:
    for kind, make in TRACES.items():
        traces = [trace_of(make, size) for size in sizes]
        for name, rule in RULES.items():
            if names and name not in names and kind not in names:
                continue
            policy = policy_of(rule)
            taken = [seconds(policy, trace) for trace in traces]
            growth = math.log(taken[-1] / taken[0]) / math.log(sizes[-1] / sizes[0])
            yield f"{kind}: {name}", taken, growth


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 20_000, 40_000, 80_000])
    parser.add_argument("names", nargs="*", help="a rule or a kind of trace; all without")
    given = parser.parse_args()
    failed = False
    print(f"{'':48}" + "".join(f"{size:>10,}" for size in given.sizes) + "    growth")
    for name, taken, growth in lines(given.names, given.sizes):
        much = growth > LIMIT and taken[-1] > 0.5
        failed = failed or much
        mark = "  too much" if much else ""
        print(
            f"{name:48}" + "".join(f"{t:10.3f}" for t in taken) + f"{growth:10.2f}{mark}",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
