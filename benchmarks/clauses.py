"""Six clauses of the six forms on a large trace, beside DuckDB's own scan of the same columns.

    python benchmarks/clauses.py [EVENTS] [--format parquet|jsonl] [--rounds N] [--folder FOLDER]

In one process tree, round by round in turn and by medians, each in a process of its own:

    floor    DuckDB reads the columns that the rules name, the ids and the addresses, of all events;
             of JSON Lines its full parse of every attribute
    read     the engine reads the trace with every check
    clauses  and judges it by the six clauses of benchmarks/rules/six.tos, evidence cut as the
             command does

By the clock and by processor time, which says more on a machine that does other things. The
limits are those of processor time: of Parquet `read` ≤ 4 × floor and `clauses` ≤ 5.5 ×, of JSON
Lines 3 × and 2 ×, and less than 2 GB; the exit status is 1 where one is passed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generate import generate
from measuring import SIX, floor_query, in_child, machine, median, rounds, tell, timed

LIMITS = {"parquet": (4.0, 5.5), "jsonl": (3.0, 2.0)}
MEMORY = 2 * 10**9


def floor(file: str) -> None:
    """Child: DuckDB's scan of what the rules read."""
    import duckdb

    from tosrules.language.load import load
    from tosrules.plan.planner import needed_columns

    policy = load([str(SIX)], shipped_tests=False).policy
    assert policy is not None
    scan = needed_columns(policy, policy.judged())
    with duckdb.connect(config={"threads": 2}) as connection:
        query = floor_query(connection, file, scan)
        with timed() as taken:
            connection.execute(query).fetchall()
    tell(seconds=taken.seconds, cpu=taken.cpu)


def judged(file: str, rules: str = str(SIX), memory: str = "") -> None:
    """Child: reads the trace and judges it."""
    from tosrules.cli.main import collect_rarely
    from tosrules.engines.duckdb.evaluate import judge
    from tosrules.engines.duckdb.read import read_columns
    from tosrules.engines.duckdb.session import Session
    from tosrules.language.load import load
    from tosrules.plan.planner import needed_columns
    from tosrules.result.run import EVIDENCE

    collect_rarely()  # as the command does
    policy = load([rules], shipped_tests=False).policy
    assert policy is not None
    clauses = policy.judged()
    with Session(threads=2, memory_limit=memory or None) as session:
        with timed() as reading:
            scan = needed_columns(policy, clauses)
            trace = read_columns(session, [file], policy.vocabulary, scan)
        with timed() as judging:
            outcome = judge(session, policy, trace, clauses, EVIDENCE)
    tell(
        events=trace.count,
        matches={c.clause.id: c.matches for c in outcome.clauses},
        read=reading.seconds,
        read_cpu=reading.cpu,
        seconds=judging.seconds,
        cpu=judging.cpu,
    )


CHILDREN = {"floor": floor, "judged": judged}


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["--child"]:
        CHILDREN[given[1]](*given[2:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("events", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--format", choices=tuple(LIMITS), default="parquet")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where traces are kept [a temporary one]")
    asked = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        return _compare(asked.events, asked.format, asked.rounds, folder)


def _compare(events: int, kind: str, times: int, folder: Path) -> int:
    file = folder / f"{events}.{kind}"
    if not file.exists():
        generate(events, file)
    here = Path(__file__)
    floors, found = rounds(
        times,
        lambda: in_child(here, "floor", str(file)),
        lambda: in_child(here, "judged", str(file)),
    )
    print(f"{events:,} events, {kind}; medians of {times}; {machine()}")
    by = ", ".join(f"{name} {n:,}" for name, n in found[0]["matches"].items())
    print(f"matches: {by}\n")
    base, base_cpu = median(floors, "seconds"), median(floors, "cpu")
    read, clauses = LIMITS[kind]
    print(f"{'':8}{'clock':>9}{'× floor':>9}{'processor':>11}{'× floor':>9}{'limit':>7}")
    print(f"{'floor':8}{base:8.2f}s{'':9}{base_cpu:10.2f}s")
    good = True
    rows = (
        ("read", median(found, "read"), median(found, "read_cpu"), read),
        ("clauses", median(found, "seconds"), median(found, "cpu"), clauses),
    )
    for name, seconds, cpu, limit in rows:
        good &= cpu <= limit * base_cpu
        print(
            f"{name:8}{seconds:8.2f}s{seconds / base:9.2f}{cpu:10.2f}s{cpu / base_cpu:9.2f}"
            f"{limit:7.1f}"
        )
    peak = median(found, "peak")
    good &= peak < MEMORY
    print(f"\npeak memory {peak / 10**6:,.0f} MB, limit {MEMORY / 10**6:,.0f} MB")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
