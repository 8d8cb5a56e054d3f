"""`make drt`: random rules on random traces, the engines compared, for as long as told.

    python -m tests.differential.run --seconds 600 [--seed 0] [--write FOLDER] [--engine spark]

Seeds count up from `--seed`, so that a run can be gone on with and a failure repeated: `--seed N
--seeds 1`. Exit status 1 if an engine differs from the reference evaluator.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import count
from pathlib import Path

from tests.differential import features
from tests.differential.case import Unusable
from tests.differential.engines import by_spark, others
from tests.differential.harness import Failure, Tried, differing, smaller, write


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.differential.run", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--seeds", type=int, help="how many at most")
    parser.add_argument("--engine", action="append", help="duckdb or spark; duckdb if none is")
    parser.add_argument("--write", type=Path, help="a folder for shrunk failures")
    parser.add_argument("--failures", type=int, default=10, help="stop after so many kinds")
    asked = parser.parse_args(arguments)

    end = time.monotonic() + asked.seconds
    known = others() | ({"spark": by_spark} if "spark" in (asked.engine or ()) else {})
    engines = {n: e for n, e in known.items() if not asked.engine or n in asked.engine}
    tried, failed, refused = Tried(), 0, 0
    kinds: dict[tuple[str, str], Failure] = {}
    seed = asked.seed
    for seed in count(asked.seed):
        if time.monotonic() > end or len(kinds) >= asked.failures:
            break
        if asked.seeds is not None and seed >= asked.seed + asked.seeds:
            break
        try:
            failures = list(differing(engines, seed, tried))
        except Unusable as error:
            print(f"seed {seed} draws rules that the checker refuses:\n{error}", flush=True)
            refused += 1
            continue
        for failure in failures:
            failed += 1
            kind = (failure.engine, failure.difference.kind)
            if kind in kinds:
                continue
            print(failure, flush=True)
            kinds[kind] = failure
            if asked.write is not None:
                less = smaller(failure, engines[failure.engine])
                write(less, asked.write / f"drt-{failure.case.name}")
                print(
                    f"  shrunk: {asked.write / ('drt-' + failure.case.name)}\n  {less}", flush=True
                )

    print(features.table(tried.features))
    verdicts = ", ".join(f"{n} {v}" for v, n in tried.verdicts.most_common())
    print(
        f"\nseeds {asked.seed} to {seed - 1}: {tried.cases} cases of the reference and "
        f"{', '.join(engines) or 'no other engine'}; {failed} differ, in {len(kinds)} kinds\n"
        f"clauses: {verdicts}; {tried.stopped} runs stop at a number that cannot be held, "
        f"{refused} packs are refused"
    )
    return 1 if failed or refused else 0


if __name__ == "__main__":
    sys.exit(main())
