"""How the time to judge grows: with events, with clauses, and where one key holds every event.

    python benchmarks/growth.py [--events N] [--rounds N]

Events lie in the engine's table already, put there by DuckDB straight from the generator, so
that only judging is measured: medians of seconds of processors, each in a process of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from generate import rows
from measuring import SIX, in_child, machine, median, rounds, tell, timed

DAY = 86_400


def judged(events: str, hot: str, span: str, rules: str, keys: str = "") -> None:
    """Child: makes the events and judges them; with `keys`, as many actors have equal shares."""
    from tosrules.cli.main import collect_rarely
    from tosrules.engines.columns import ColumnTrace
    from tosrules.engines.duckdb.columns import narrow_types, table_definition
    from tosrules.engines.duckdb.emit import column_type, quoted
    from tosrules.engines.duckdb.evaluate import judge
    from tosrules.engines.duckdb.session import Session
    from tosrules.language.load import load
    from tosrules.plan.planner import needed_columns
    from tosrules.result.run import EVIDENCE
    from tosrules.trace.event import Event, Origin

    collect_rarely()  # as the command does
    policy = load([rules], shipped_tests=False).policy
    assert policy is not None
    scan = needed_columns(policy, policy.judged())
    made = rows(int(events), 1, float(hot), int(span), int(keys) if keys else None)
    spelled = {"user_agent.original": "agent", "client.attested": "attested"}
    with Session(threads=2) as session:
        connection = session.connection
        connection.execute(table_definition(scan))
        connection.execute(f"CREATE TABLE given AS {made}")
        known = {r[0] for r in connection.execute("DESCRIBE given").fetchall()}
        columns = []
        for column in scan.columns:
            name = spelled.get(column.attribute, column.attribute)
            value = quoted(name) if name in known else "NULL"
            columns.append(f"{value}::{column_type(column)}")
        connection.execute(f"INSERT INTO ev SELECT rowid, t, type, {', '.join(columns)} FROM given")
        types = {r[0] for r in connection.execute("SELECT DISTINCT type FROM ev").fetchall()}
        narrow_types(connection, "ev", types)
        first = connection.execute("SELECT min(t), max(t) FROM ev").fetchone()
        connection.execute("DROP TABLE given")

        def fetch(positions: Iterable[int]) -> dict[int, Event]:
            origin = Origin("made", 1)
            return {p: Event(str(p), 0, "", {}, origin, position=p) for p in positions}

        trace = ColumnTrace(int(events), frozenset(types), fetch, {}, first)
        with timed() as taken:
            outcome = judge(session, policy, trace, policy.judged(), EVIDENCE)
    tell(cpu=taken.cpu, seconds=taken.seconds, matches=sum(c.matches for c in outcome.clauses))


def rule_files(folder: Path) -> dict[int, Path]:
    """Files of 1, 2, 19 and 20 clauses: rates of a type each, each with a threshold of its own."""
    types = ("profile.read", "engagement.like", "api.call", "message.send", "content.publish")
    found = {}
    for number in (1, 2, 19, 20):
        text = 'pack many "Many clauses"\nsource terms { title "Terms" }\n'
        for n in range(number):
            text += (
                f'clause c{n} "Clause {n}" {{\n  cite terms\n  severity low\n'
                f"  forbid more than {200 + n} {types[n % 5]} per actor within 10 minutes\n}}\n"
            )
        found[number] = folder / f"many{number}.tos"
        found[number].write_text(text, encoding="utf-8")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["--child"]:
        judged(*given[1:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(given)

    def case(events: int, hot: float, span: int, rules: Path) -> Callable[[], dict[str, Any]]:
        given = (str(events), str(hot), str(span), str(rules))
        return lambda: in_child(Path(__file__), *given)

    def taken(*cases: Callable[[], dict[str, Any]]) -> list[float]:
        """Of each the seconds of processors, measured in turn."""
        return [median(found, "cpu") for found in rounds(asked.rounds, *cases)]

    print(f"seconds of processors, medians of {asked.rounds}; {machine()}\n")
    parts = [asked.events // part for part in (8, 4, 2, 1)]
    spread = taken(*(case(events, 10, events // 10, SIX) for events in parts))
    for events, spent in zip(parts, spread, strict=True):
        print(f"six clauses, {events:>11,} events{spent:8.2f}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        files = rule_files(Path(temporary))
        rates = [case(asked.events, 10, asked.events // 10, file) for file in files.values()]
        each = dict(zip(files, taken(*rates), strict=True))
    for number, spent in each.items():
        print(f"{number:>3} rates,   {asked.events:>11,} events{spent:8.2f}", flush=True)
    print(f"the first clause {each[1]:.2f}, the twentieth {each[20] - each[19]:.2f}")
    usual, dense = taken(*(case(asked.events, hot, DAY, SIX) for hot in (10, 100)))
    print(f"\na day, one key with  10 % of the events{usual:8.2f}")
    print(f"a day, one key with 100 % of the events{dense:8.2f}  {dense / usual:.1f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main())
