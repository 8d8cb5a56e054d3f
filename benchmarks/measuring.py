"""What the benchmarks of the columnar engine share: measurements, each in a process of its own.

A measurement is a module and arguments; the process prints one line of JSON. Beside what it
says of itself stands what the system says of it: `seconds` by the clock, `cpu` of all its
threads, `peak` bytes of memory.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
SIX = ROOT / "benchmarks" / "rules" / "six.tos"
T = TypeVar("T")


def in_child(script: Path, *arguments: str, python: str = sys.executable) -> dict[str, Any]:
    """Runs `script` with `--child` and these arguments; what it printed, its `peak`, and `whole`:
    seconds of processors from its start to its end, its own children's among them."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before = _children()
    done = subprocess.run(
        [python, str(script), "--child", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "whole": _children() - before}


def _children() -> float:
    """Seconds of processors of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tell(**values: object) -> None:
    """What a child has to say, its peak memory beside it."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**values, "peak": peak}))


class Timed:
    """Seconds by the clock and of processors."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cpu = 0.0


@contextmanager
def timed() -> Any:
    found = Timed()
    clock, cpu = time.perf_counter(), time.process_time()
    yield found
    found.seconds = time.perf_counter() - clock
    found.cpu = time.process_time() - cpu


def floor_query(connection: Any, file: str, scan: Any) -> str:
    """DuckDB's full scan of a trace, the floor of reading it: whole values, a hash of each.

    Of Parquet every column that the scan of the rules reads or that a look alone can check (the
    addresses); of JSON Lines and CSV all attributes, which have to be parsed in any case.
    """
    if file.endswith(".parquet"):
        source = f"read_parquet('{file}')"
        asked = {"id", "time", "type", "source.ip", *(c.attribute for c in scan.columns)}
    elif file.endswith(".csv"):
        source, asked = f"read_csv('{file}', header = true, all_varchar = true)", set()
    else:
        source, asked = f"read_json('{file}', format = 'newline_delimited')", set()
    there = [row[0] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()]
    names = [name for name in there if name in asked or not asked]
    looked = ", ".join(f'bit_xor(hash("{name}"))' for name in names)
    return f"SELECT count(*), {looked} FROM {source}"


def median(rows: Sequence[Mapping[str, Any]], name: str) -> float:
    return float(statistics.median(row[name] for row in rows))


def rounds(number: int, *measurements: Callable[[], T]) -> list[list[T]]:
    """Each measured `number` times, in turn, so that what else the machine does falls on all."""
    found: list[list[T]] = [[] for _ in measurements]
    for _ in range(number):
        for place, measure in enumerate(measurements):
            found[place].append(measure())
    return found


def machine() -> str:
    """What the figures were measured on, and how busy it was meanwhile."""
    import duckdb

    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return (
        f"{len(os.sched_getaffinity(0))} processors, load {load}; "
        f"Python {sys.version.split()[0]}, DuckDB {duckdb.__version__}"
    )
