"""Spark on one machine beside DuckDB: six clauses of the six forms on the same Parquet file.

    python benchmarks/spark.py [EVENTS] [--hot PERCENT] [--masters local[1],local[2]]
                               [--rounds N] [--folder FOLDER] [--forms] [--conf NAME=VALUE]
                               [--format parquet|jsonl] [--shuffled]

In turn and by medians, each in a process of its own: DuckDB reads the trace with every check and
judges it, then Spark does on each master; the start of Spark's session stands apart. By the
clock, and by processor time, which says more on a machine that does other things. `--forms`
judges each clause by itself, too, and tells the bytes that Spark moves between its tasks.
`--reading` leaves judging out; `--shuffled` takes the events in an order without meaning, as a
cluster may have written them.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from generate import generate
from measuring import SIX, in_child, machine, median, rounds, tell

TICK = os.sysconf("SC_CLK_TCK")


class Moved:
    """What the stages of a Spark application have done so far."""

    def __init__(self, context: Any) -> None:
        self._store = context._jsc.sc().statusStore()
        self._none = context._gateway.new_array(context._jvm.double, 0)

    def so_far(self) -> dict[str, int]:
        """Bytes written for other tasks and spilled to disk, tasks, the most memory that a task
        of a stage has used, stages, and nanoseconds of processors in tasks."""
        found = dict.fromkeys(("shuffled", "spilled", "tasks", "memory", "stages", "working"), 0)
        stages = self._store.stageList(None, False, False, self._none, None)
        for number in range(stages.size()):
            stage = stages.apply(number)
            found["shuffled"] += stage.shuffleWriteBytes()
            found["spilled"] += stage.diskBytesSpilled()
            found["tasks"] += stage.numCompleteTasks()
            found["stages"] += 1
            found["working"] += stage.executorCpuTime()
            most = stage.peakExecutionMemory() // max(1, stage.numCompleteTasks())
            found["memory"] = max(found["memory"], most)
        return found


class Process:
    """Spark's own process: its processor time, and the most memory it has had."""

    def __init__(self, context: Any) -> None:
        self._pid = int(context._jvm.ProcessHandle.current().pid())
        beans = context._jvm.java.lang.management.ManagementFactory
        self._compiler = beans.getCompilationMXBean()
        self._collectors = list(beans.getGarbageCollectorMXBeans())

    def aside(self) -> dict[str, float]:
        """Seconds that went into Java itself: compiling, on all threads, and collecting garbage,
        by the clock."""
        collected = sum(bean.getCollectionTime() for bean in self._collectors)
        return {"jit": self._compiler.getTotalCompilationTime() / 1e3, "gc": collected / 1e3}

    def cpu(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK + time.process_time()

    def peak(self) -> int:
        for line in Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        return 0


def own_peak() -> int:
    """The most memory that this process has had, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def on_spark(file: str, master: str, forms: str, *conf: str) -> None:
    """Child: starts Spark, reads the trace and judges it; with `forms` each clause alone too."""
    from tosrules.cli.main import collect_rarely
    from tosrules.engines.spark.evaluate import judge
    from tosrules.engines.spark.read import read_columns
    from tosrules.engines.spark.session import Session
    from tosrules.language.load import load
    from tosrules.plan.planner import needed_columns
    from tosrules.result.run import EVIDENCE

    collect_rarely()  # as the command does
    policy = load([str(SIX)], shipped_tests=False).policy
    assert policy is not None
    clauses = policy.judged()
    settings = {"spark.ui.retainedStages": "100000", "spark.driver.memory": "4g"}
    settings |= dict(each.split("=", 1) for each in conf)
    began = time.perf_counter()
    with Session(master, settings) as session:
        session.sql("SELECT 1").collect()
        started = time.perf_counter() - began
        context = session.spark.sparkContext
        process, moved = Process(context), Moved(context)
        marks = [(time.perf_counter(), process.cpu(), moved.so_far() | process.aside())]

        def mark() -> dict[str, float]:
            marks.append((time.perf_counter(), process.cpu(), moved.so_far() | process.aside()))
            (clock, cpu, before), (later, more, after) = marks[-2:]
            changes = {n: after[n] - before[n] for n in after if n != "memory"}
            return {"seconds": later - clock, "cpu": more - cpu, "memory": after["memory"],
                    **changes}  # fmt: skip

        trace = read_columns(
            session, [file], policy.vocabulary, needed_columns(policy, clauses), small=0
        )
        reading = mark()
        matches = {}
        if forms != "reading":
            outcome = judge(session, policy, trace, clauses, EVIDENCE)
            matches = {c.clause.id: c.matches for c in outcome.clauses}
        judging = mark()
        alone = {}
        for clause in clauses if forms == "forms" else ():
            judge(session, policy, trace, [clause], EVIDENCE)
            alone[clause.name] = mark()
        tell(events=trace.count, matches=matches, started=started, reading=reading,
             judging=judging, alone=alone, java=process.peak(), python=own_peak(),
             cpu=reading["cpu"] + judging["cpu"],
             seconds=reading["seconds"] + judging["seconds"])  # fmt: skip


def on_duckdb(file: str) -> None:
    """Child: reads the trace with every check and judges it."""
    from clauses import judged

    judged(file)


CHILDREN: dict[str, Callable[..., None]] = {"duckdb": on_duckdb, "spark": on_spark}


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["--child"]:
        CHILDREN[given[1]](*given[2:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("events", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--hot", type=float, default=10.0, help="percent of one actor [10]")
    parser.add_argument("--masters", default="local[2],local[1]")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where traces are kept [a temporary one]")
    parser.add_argument("--forms", action="store_true", help="each clause by itself, too")
    parser.add_argument("--reading", action="store_true", help="only read")
    parser.add_argument("--format", choices=("parquet", "jsonl"), default="parquet")
    parser.add_argument("--shuffled", action="store_true", help="events in no order")
    parser.add_argument("--conf", action="append", default=[], metavar="NAME=VALUE")
    asked = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        order = "-shuffled" if asked.shuffled else ""
        file = folder / f"{asked.events}-{asked.hot:g}{order}.{asked.format}"
        if not file.exists():
            generate(asked.events, file, hot=asked.hot, shuffled=asked.shuffled)
        return _compare(file, asked)


def _compare(file: Path, asked: argparse.Namespace) -> int:
    here, masters = Path(__file__), asked.masters.split(",")
    forms = "reading" if asked.reading else "forms" if asked.forms else ""
    duck, *found = rounds(
        asked.rounds,
        lambda: in_child(here, "duckdb", str(file)),
        *(lambda m=m: in_child(here, "spark", str(file), m, forms, *asked.conf) for m in masters),
    )
    print(f"{asked.events:,} events, one actor has {asked.hot:g} %; medians of {asked.rounds}")
    print(f"{machine()}; {file.suffix} of {file.stat().st_size / 2**20:,.0f} MB\n")
    parts = ("read", "read_cpu") if asked.reading else ("seconds", "cpu")
    clock, cpu = median(duck, parts[0]), median(duck, parts[1])
    if not asked.reading:
        clock, cpu = clock + median(duck, "read"), cpu + median(duck, "read_cpu")
    print(f"{'':10}{'start':>8}{'read':>8}{'judge':>8}{'clock':>8}{'×':>6}{'cpu':>8}{'×':>6}"
          f"{'MB':>7}{'Python':>8}{'shuffled':>10}{'spilled':>9}")  # fmt: skip
    print(f"{'duckdb':10}{'':8}{median(duck, 'read'):7.1f}s{median(duck, 'seconds'):7.1f}s"
          f"{clock:7.1f}s{'':6}{cpu:7.1f}s{'':6}{median(duck, 'peak') / 2**20:7.0f}")  # fmt: skip
    good = True
    for master, rows in zip(masters, found, strict=True):
        row = sorted(rows, key=lambda r: r["cpu"])[len(rows) // 2]
        good &= asked.reading or row["matches"] == duck[0]["matches"]
        shuffled = row["reading"]["shuffled"] + row["judging"]["shuffled"]
        spilled = row["reading"]["spilled"] + row["judging"]["spilled"]
        print(
            f"{master:10}{row['started']:7.1f}s{row['reading']['seconds']:7.1f}s"
            f"{row['judging']['seconds']:7.1f}s{row['seconds']:7.1f}s{row['seconds'] / clock:6.1f}"
            f"{row['cpu']:7.1f}s{row['cpu'] / cpu:6.1f}{row['java'] / 2**20:7.0f}"
            f"{row['python'] / 2**20:8.0f}"
            f"{shuffled / 2**20:8.0f}MB{spilled / 2**20:7.0f}MB"
        )
        for part in ("reading", "judging"):
            of = row[part]
            print(f"  {part}: {of['stages']} stages, {of['tasks']} tasks, "
                  f"{of['shuffled'] / asked.events:.1f} bytes an event shuffled, at most "
                  f"{of['memory'] / 2**20:.1f} MB a task, {of['cpu']:.1f} s cpu: "
                  f"{of['working'] / 1e9:.1f} in tasks, {of['jit']:.1f} compiling; "
                  f"{of['gc']:.1f} s by the clock collecting garbage")  # fmt: skip
        for name, of in row["alone"].items():
            print(f"  {name:12}{of['seconds']:7.1f}s{of['cpu']:7.1f}s cpu"
                  f"{of['shuffled'] / asked.events:8.1f} bytes an event shuffled, "
                  f"{of['stages']} stages, {of['tasks']} tasks, at most "
                  f"{of['memory'] / 2**20:.1f} MB a task")  # fmt: skip
    if not good:
        print("\nthe matches differ")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
