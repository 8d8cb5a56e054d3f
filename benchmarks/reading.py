"""What reading with every check costs, beside a bare scan of the same columns by DuckDB.

    python benchmarks/reading.py FILE [--rules FILE] [--rounds N] [--threads N]
        [--memory-limit SIZE]

FILE is one that `benchmarks/generate.py` made. The floor of a Parquet file is DuckDB's scan of
every column that the rules read or that a check must look at, whole values (a hash of each); that
of JSON Lines and CSV is DuckDB's parse of every attribute. Each measurement is a process of its
own; the rounds alternate. Prints medians: seconds of clock and processors, the largest resident
memory, and the ratio of reading to the floor. Ends with 1 if that of processors is above the limit
for the format.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from measuring import ROOT, SIX, floor_query, machine

LIMITS = {".parquet": 4.0, ".jsonl": 3.0}
"""Times the floor that reading may take."""


def floor(path: Path, rules: Path, threads: int | None, limit: str | None) -> int:
    """Scans the columns; how many rows there are."""
    from tosrules.engines.duckdb.session import Session

    _, scan = _needed(rules)
    with Session(threads, limit) as session:
        query = floor_query(session.connection, str(path), scan)
        row = session.connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def reading(path: Path, rules: Path, threads: int | None, limit: str | None) -> int:
    """Reads the trace; how many events it has."""
    from tosrules.engines.duckdb.read import read_columns
    from tosrules.engines.duckdb.session import Session

    policy, scan = _needed(rules)
    with Session(threads, limit) as session:
        return read_columns(session, [str(path)], policy.vocabulary, scan).count


def _needed(rules: Path):  # type: ignore[no-untyped-def]
    from tosrules.language.load import load
    from tosrules.plan.planner import needed_columns

    policy = load([str(rules)], shipped_tests=False).policy
    assert policy is not None
    return policy, needed_columns(policy, tuple(policy.judged()))


def _one(what: str, path: Path, rules: Path, threads: int | None, limit: str | None) -> None:
    """One measurement, in this process."""
    import resource

    import duckdb  # noqa: F401 - what starting costs is not what is measured

    _needed(rules)
    run = floor if what == "floor" else reading
    clock, processor = perf_counter(), process_time()
    events = run(path, rules, threads, limit)
    took = perf_counter() - clock, process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([*took, peak / 1024, events]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--rules", type=Path, default=SIX)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--memory-limit")
    parser.add_argument("--one", choices=("floor", "reading"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        _one(asked.one, asked.file, asked.rules, asked.threads, asked.memory_limit)
        return 0
    given = list(sys.argv[1:] if arguments is None else arguments)
    found: dict[str, list[list[float]]] = {"floor": [], "reading": []}
    for _ in range(asked.rounds):
        for what, rounds in found.items():
            said = subprocess.run(
                [sys.executable, str(Path(__file__).resolve()), *given, "--one", what],
                capture_output=True,
                check=True,
                text=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            rounds.append(json.loads(said.stdout))
    medians = {
        what: [median(column) for column in zip(*rounds, strict=True)]
        for what, rounds in found.items()
    }
    print(f"medians of {asked.rounds}; {machine()}")
    for what, (clock, processor, peak, events) in medians.items():
        print(
            f"{what:<8} {clock:7.2f} s clock {processor:7.2f} s processors {peak:7,.0f} MB "
            f"{events:12,.0f} events"
        )
    ratio = [a / b for a, b in zip(medians["reading"], medians["floor"], strict=True)]
    print(f"ratio    {ratio[0]:7.2f}   clock {ratio[1]:7.2f}   processors")
    limit = LIMITS.get(asked.file.suffix)
    return int(limit is not None and ratio[1] > limit)


if __name__ == "__main__":
    sys.exit(main())
