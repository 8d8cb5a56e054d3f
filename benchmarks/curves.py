"""Curves of how judging grows: with events, clauses, distinct keys and the length of windows.

    python benchmarks/curves.py [--events N] [--rounds N] [--plot FILE.svg]

Events lie in the engine's table already, as in growth.py: only judging is measured, in seconds of
processors, medians, each in a process of its own. Prints tables in Markdown; `--plot` draws them.
What is varied is varied alone: ten events a second, and thresholds such that matches stay few.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from measuring import ROOT, SIX, in_child, machine, median
from plot import Panel, drawn

GROWTH = ROOT / "benchmarks" / "growth.py"
WINDOWS = (("30 seconds", 30), ("5 minutes", 300), ("1 hour", 3600), ("1 day", 86_400))
SHORT = ("30 s", "5 min", "1 h", "1 day")
PER_SECOND = 0.3
"""`profile.read` by the hot actor: 30 % of 10 % of ten events."""
HEAD = 'pack curves "Curves"\nsource terms { title "Terms" }\n'
RATES = ("profile.read", "engagement.like", "api.call", "message.send", "content.publish")


class Point(NamedTuple):
    label: str
    x: float
    cpu: float
    matches: int


class Curve(NamedTuple):
    of: str
    line: str
    points: tuple[Point, ...]


class Case(NamedTuple):
    """What is judged."""

    of: str
    line: str
    label: str
    x: float
    events: int
    rules: Path
    hot: int = 10
    keys: str = ""


def short(number: int) -> str:
    """125 k, 1 M."""
    for size, unit in ((1_000_000, " M"), (1000, " k")):
        if number >= size:
            return f"{number / size:g}{unit}"
    return str(number)


def clause(name: str, rule: str) -> str:
    return f'clause {name} "Clause" {{\n  cite terms\n  severity low\n  {rule}\n}}\n'


def written(folder: Path, name: str, *clauses: str) -> Path:
    file = folder / f"{name}.tos"
    file.write_text(HEAD + "".join(clauses), encoding="utf-8")
    return file


def cases(events: int, folder: Path) -> Iterator[Case]:
    """Every point of every curve."""
    for part in (8, 4, 2, 1):
        some = events // part
        yield Case("events", "six clauses", short(some), some, some, SIX)
    for number in (1, 2, 5, 10, 20):
        rates = [
            clause(
                f"c{n}", f"forbid more than {200 + n} {RATES[n % 5]} per actor within 10 minutes"
            )
            for n in range(number)
        ]
        rules = written(folder, f"rates-{number}", *rates)
        yield Case("clauses", "rates", str(number), number, events, rules)
    for part in (4000, 1000, 100, 10, 1):
        keys = max(1, events // part)
        yield Case("distinct keys", "six clauses", short(keys), keys, events, SIX, 0, str(keys))
    for label, (window, seconds) in zip(SHORT, WINDOWS, strict=True):
        usual = PER_SECOND * seconds
        # What the hot actor hardly ever reaches; its windows have to be counted all the same.
        most = math.ceil(usual + 4.5 * math.sqrt(usual))
        rate = clause("rate", f"forbid more than {most} profile.read per actor within {window}")
        sequence = clause(
            "sequence",
            f"forbid profile.read as a then permission.grant as b within {window} "
            "where b.actor = a.actor",
        )
        for name, rule in (("a rate", rate), ("a sequence", sequence)):
            rules = written(folder, f"{name[2:]}-{seconds}", rule)
            yield Case("window", name, label, seconds, events, rules)


def curves(events: int, rounds: int, folder: Path) -> list[Curve]:
    """Measures all of them, round by round."""
    asked = list(cases(events, folder))
    found = [
        [
            in_child(GROWTH, str(c.events), str(c.hot), str(c.events // 10), str(c.rules), c.keys)
            for c in asked
        ]
        for _ in range(rounds)
    ]
    lines: dict[tuple[str, str], list[Point]] = {}
    for case, same in zip(asked, zip(*found, strict=True), strict=True):
        point = Point(case.label, case.x, median(same, "cpu"), same[0]["matches"])
        lines.setdefault((case.of, case.line), []).append(point)
    return [Curve(*names, tuple(points)) for names, points in lines.items()]


def table(found: Sequence[Curve]) -> Iterator[str]:
    yield "| | | matches | processors |\n|---|---|---|---|"
    for curve in found:
        for point in curve.points:
            what = f"{curve.of}: {point.label}"
            yield f"| {curve.line} | {what} | {point.matches:,} | {point.cpu:.2f} s |"


def panels(found: Sequence[Curve]) -> list[Panel]:
    """One for each thing that is varied."""
    return [
        Panel(
            of,
            {
                curve.line: [(point.x, point.cpu, point.label) for point in curve.points]
                for curve in found
                if curve.of == of
            },
        )
        for of in dict.fromkeys(curve.of for curve in found)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        found = curves(asked.events, asked.rounds, Path(temporary))
    print(f"{asked.events:,} events; medians of {asked.rounds}; {machine()}\n")
    print("\n".join(table(found)))
    if asked.plot:
        title = f"Seconds of processors to judge {asked.events:,} events"
        asked.plot.write_text(drawn(title, panels(found)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
