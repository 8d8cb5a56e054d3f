"""The same questions to tosrules and to its peers, over the same events.

    python benchmarks/peers.py [EVENTS] [--rounds N] [--folder FOLDER] [--eql PYTHON | --no-eql]

Peers are EQL from PyPI, a query written by hand for DuckDB and a loop written by hand in Python;
the questions, a filter and sequences by actor, stand in benchmarks/rules/peers.tos and
benchmarks/peer_questions.py. Processor time of whole process trees, round by round in turn and by
medians:

    lines   from JSON Lines to the matches, with starting and reading: a process a question. EQL's
            file is spelled its way (event_type, timestamp in ticks), so that it translates nothing
    memory  what judging takes where events lie in memory: EQL's `Event`s, Python's dictionaries,
            DuckDB's table, tosrules' table of the columns that the clause needs; it reads what
            a report shows again from the file, which is left out as all reading is

EQL walks through all open sequences at each event of theirs. Where that would last, it is given the
first tenth of the events, which favours it: the more events, the more sequences are open. All
counts of matches are compared; that of EQL with the loop's in the events that EQL was given.

EQL lives in an environment of its own, made in FOLDER (or in a temporary folder) and filled by pip;
`--eql` names the Python of one that exists. The exit status is 1 where counts differ or a limit
against EQL is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generate import JSON_LINES, copy, generate, rows, usual_span
from measuring import ROOT, in_child, machine, median, tell, timed
from peer_questions import Question, questions

if TYPE_CHECKING:
    from tosrules.trace.event import Event

EQL = "eql==1.0.1"
RULES = ROOT / "benchmarks" / "rules" / "peers.tos"
PARTIES = ("tosrules", "EQL", "DuckDB", "loop")
LIMITS = {
    ("filter", "lines"): 5.0,
    ("few-30s", "lines"): 5.0,
    ("dense-1d", "lines"): 40.0,
    ("filter", "memory"): 20.0,
    ("few-30s", "memory"): 20.0,
    ("dense-1d", "memory"): 20.0,
}
"""Times the events in a second of processors that EQL judges."""
LOSS = 1.25
"""How much longer than 30 seconds a window of a day may take; what is more is no noise."""
TICKS = "(t * 10 + 116444736000000000)"
"""SQL: EQL's instants, 100 nanoseconds since 1601."""
Found = dict[str, Any]


def eql_lines(events: int, file: Path) -> None:
    """The events of `generate`, spelled as EQL reads them."""
    lines = JSON_LINES
    for ours, theirs in (
        (
            "\"time\":\"' || strftime(make_timestamp(t), '%Y-%m-%dT%H:%M:%S.%fZ')",
            f'"timestamp":\' || {TICKS}',
        ),
        ('\'","type":"\' || type', "',\"event_type\":\"' || replace(type, '.', '_')"),
    ):
        assert lines.count(ours) == 1
        lines = lines.replace(ours, theirs)
    copy(lines.format(rows=rows(events, 1, 10.0, usual_span(events))), file)


def ours(name: str, file: str) -> Found:
    """Reads and judges; `cpu` is that of judging, without reading again what is cited."""
    from dataclasses import replace

    from tosrules.engines.duckdb.evaluate import judge
    from tosrules.engines.duckdb.read import read_columns
    from tosrules.engines.duckdb.session import Session
    from tosrules.language.load import load
    from tosrules.plan.planner import needed_columns
    from tosrules.result.run import EVIDENCE

    policy = load([str(RULES)], shipped_tests=False).policy
    assert policy is not None
    clauses = [c for c in policy.judged() if c.id.rpartition("/")[2] == name]
    with Session(threads=2) as session:
        trace = read_columns(session, [file], policy.vocabulary, needed_columns(policy, clauses))
        again = []

        def fetch(positions: Iterable[int]) -> dict[int, Event]:
            with timed() as taken:
                found = trace.fetch(positions)
            again.append(taken.cpu)
            return found

        with timed() as taken:
            outcome = judge(session, policy, replace(trace, fetch=fetch), clauses, EVIDENCE)
    return {"matches": outcome.clauses[0].matches, "cpu": taken.cpu - sum(again)}


def sql_lines(name: str, file: str) -> Found:
    import duckdb

    question = _named(name)
    with duckdb.connect(config={"threads": 2}) as connection:
        return {"matches": _asked(connection, question, _read_json(file, question.columns))}


def sql_memory(file: str, chosen: Sequence[str]) -> dict[str, Found]:
    import duckdb

    found = {}
    with duckdb.connect(config={"threads": 2}) as connection:
        for name in chosen:
            question = _named(name)
            source = _read_json(file, question.columns)
            connection.execute(f"CREATE OR REPLACE TABLE given AS FROM {source}")
            with timed() as taken:
                matches = _asked(connection, question, "given")
            found[name] = {"matches": matches, "cpu": taken.cpu}
    return found


def _read_json(file: str, columns: str) -> str:
    return f"read_json('{file}', format='newline_delimited', columns={columns})"


def _asked(connection: Any, question: Question, source: str) -> int:
    return len(connection.execute(question.sql.format(source=source)).fetchall())


def loop_lines(name: str, file: str, share: str) -> Found:
    """`among` are the matches in the first `share` events."""
    with open(file, encoding="utf-8") as lines:
        ids = _named(name).loop(map(json.loads, lines), datetime.fromisoformat)
    bound = f"e{int(share):09}"
    return {"matches": len(ids), "among": sum(1 for found in ids if found < bound)}


def loop_memory(file: str, chosen: Sequence[str]) -> dict[str, Found]:
    with open(file, encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    for event in events:
        event["time"] = datetime.fromisoformat(event["time"])
    found = {}
    for name in chosen:
        question = _named(name)
        with timed() as taken:
            ids = question.loop(events, lambda time: time)
        found[name] = {"matches": len(ids), "cpu": taken.cpu}
    return found


def peer_lines(name: str, file: str, events: str) -> Found:
    """With EQL's Python alone; so is `peer_memory`."""
    return {"matches": _streamed(_named(name), _stream(file, int(events)))}


def peer_memory(file: str, chosen: Sequence[str], given: Sequence[int]) -> dict[str, Found]:
    from eql import Event  # type: ignore[import-not-found]

    held = [Event.from_data(data) for data in _stream(file, max(given))]
    found = {}
    for name, events in zip(chosen, given, strict=True):
        some = held[:events]
        with timed() as taken:
            matches = _streamed(_named(name), some)
        found[name] = {"matches": matches, "cpu": taken.cpu}
    return found


def _stream(file: str, events: int) -> Iterator[Any]:
    from eql.utils import stream_file_events  # type: ignore[import-not-found]

    return islice(stream_file_events(file), events)


def _streamed(question: Question, events: Any) -> int:
    from eql import PythonEngine, parse_query

    found: list[Any] = []
    engine = PythonEngine()
    with engine.schema:
        engine.add_query(parse_query(question.eql))
    engine.add_output_hook(found.append)
    engine.stream_events(events)
    return len(found)


def _named(name: str) -> Question:
    return next(question for question in questions() if question.name == name)


SINGLE: dict[str, Callable[..., Found]] = {
    "tosrules": ours,
    "EQL": peer_lines,
    "DuckDB": sql_lines,
    "loop": loop_lines,
}
SEVERAL: dict[str, Callable[..., dict[str, Found]]] = {
    "EQL": peer_memory,
    "DuckDB": sql_memory,
    "loop": loop_memory,
}


def child(party: str, kind: str, *arguments: str) -> None:
    """One party with a question, or with several of events in memory; prints what it found."""
    if kind == "lines":
        tell(**SINGLE[party](*arguments))
        return
    file, chosen, *given = arguments
    numbers = [[int(n) for n in numbers.split(",")] for numbers in given]
    tell(**SEVERAL[party](file, chosen.split(","), *numbers))


def measured(
    chosen: Sequence[Question], parties: Sequence[str], events: int, folder: Path, python: str
) -> list[Found]:
    """One round: a row for each question and party."""
    here = Path(__file__)
    file, spelled = (str(folder / f"{events}{kind}.jsonl") for kind in ("", "-eql"))
    share = {q.name: max(1, events // 10) if q.heavy else events for q in chosen}
    names, shares = ",".join(share), ",".join(map(str, share.values()))
    extra = {"EQL": (spelled, names, shares), "DuckDB": (file, names), "loop": (file, names)}

    def run(party: str, kind: str, *arguments: str) -> Found:
        print(party, kind, *arguments[:1], file=sys.stderr, flush=True)
        program = python if party == "EQL" else sys.executable
        return in_child(here, party, kind, *arguments, python=program)

    memory = {party: run(party, "memory", *extra[party]) for party in parties if party in extra}
    found = []
    for name, some in share.items():
        for party in parties:
            given = {"EQL": (spelled, str(some)), "loop": (file, str(some))}
            said = run(party, "lines", name, *given.get(party, (file,)))
            # Of tosrules a process a question: each loads the columns that its clause needs.
            apart = memory[party][name] if party in memory else said
            assert apart["matches"] == said["matches"], (party, name)
            found.append(
                {
                    "question": name,
                    "party": party,
                    "events": some if party == "EQL" else events,
                    "lines": said["whole"],
                    "memory": apart["cpu"],
                    "matches": said["matches"],
                    "among": said.get("among"),
                }
            )
    return found


def disagreements(rows: Sequence[Found]) -> list[str]:
    """Where parties find different numbers of matches."""
    found = []
    loops = {row["question"]: row for row in rows if row["party"] == "loop"}
    for row in rows:
        loop = loops[row["question"]]
        expected = loop["among"] if row["party"] == "EQL" else loop["matches"]
        if row["matches"] != expected:
            found.append(
                f"{row['question']}: {row['party']} finds {row['matches']:,}, loop {expected:,}"
            )
    return found


def missed(rows: Sequence[Found]) -> list[str]:
    """Limits that do not hold."""
    times = {(row["question"], row["party"]): row for row in rows}
    found = []
    for (name, kind), limit in LIMITS.items():
        if (name, "EQL") in times:
            ratio = rate(times[name, "tosrules"], kind) / rate(times[name, "EQL"], kind)
            if ratio < limit:
                found.append(f"{name}, {kind}: {ratio:.1f} × EQL, limit {limit:.0f} ×")
    for name in ("few", "dense"):
        if not all((f"{name}-{window}", "tosrules") in times for window in ("30s", "1d")):
            continue
        for kind in ("lines", "memory"):
            shortest, longest = (times[f"{name}-{w}", "tosrules"][kind] for w in ("30s", "1d"))
            if longest > LOSS * shortest:
                found.append(f"{name}, {kind}: a day takes {longest / shortest:.2f} × 30 seconds")
    return found


def rate(row: Found, kind: str) -> float:
    """Events in a second of processors."""
    return float(row["events"] / max(row[kind], 1e-6))


def table(rows: Sequence[Found], parties: Sequence[str]) -> Iterator[str]:
    """In Markdown: thousands of events in a second of processors, and times EQL's."""
    with_eql = "EQL" in parties
    yield "| question | matches | " + " | ".join(parties) + (" | × EQL |" if with_eql else " |")
    yield "|---|" + "---|" * (len(parties) + 1 + with_eql)
    for kind in ("lines", "memory"):
        names = dict.fromkeys(row["question"] for row in rows)
        for name in names:
            of = {row["party"]: row for row in rows if row["question"] == name}
            cells = [f"{name}, {kind}", f"{of['tosrules']['matches']:,}"]
            cells += [f"{rate(of[party], kind) / 1000:,.0f} k" for party in parties]
            if with_eql:
                cells.append(f"{rate(of['tosrules'], kind) / rate(of['EQL'], kind):,.1f}")
            yield "| " + " | ".join(cells) + " |"


def medians(rounds: Sequence[Sequence[Found]]) -> list[Found]:
    """The rows of one round, with the medians of all."""
    return [
        {**same[0], **{kind: median(same, kind) for kind in ("lines", "memory")}}
        for same in zip(*rounds, strict=True)
    ]


def eql_python(folder: Path) -> str:
    """The Python of an environment with EQL, made in `folder` if it is not there."""
    place = folder / "eql"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", EQL]
        subprocess.run(install, check=True)
    return str(python)


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["--child"]:
        child(*given[1:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("events", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where traces are kept [a temporary one]")
    parser.add_argument("--eql", metavar="PYTHON", help="the Python of an environment with EQL")
    parser.add_argument("--no-eql", action="store_true", help="without EQL")
    parser.add_argument("--question", action="append", help="only this one; several times")
    asked = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        parties = [p for p in PARTIES if p != "EQL" or not asked.no_eql]
        python = "" if asked.no_eql else asked.eql or eql_python(folder)
        chosen = [q for q in questions() if not asked.question or q.name in asked.question]
        return _compare(asked.events, asked.rounds, chosen, parties, folder, python)


def _compare(
    events: int,
    times: int,
    chosen: Sequence[Question],
    parties: Sequence[str],
    folder: Path,
    python: str,
) -> int:
    file, spelled = folder / f"{events}.jsonl", folder / f"{events}-eql.jsonl"
    if not file.exists():
        generate(events, file)
    if python and not spelled.exists():
        eql_lines(events, spelled)
    rounds = [measured(chosen, parties, events, folder, python) for _ in range(times)]
    found = medians(rounds)
    print(f"{events:,} events; medians of {times}; {machine()}")
    print("Thousands of events in a second of processors.\n")
    print("\n".join(table(found, parties)))
    tenth = [row["question"] for row in found if row["party"] == "EQL" and row["events"] < events]
    if tenth:
        print(f"\nEQL was given the first tenth of the events in {', '.join(tenth)}.")
    wrong = disagreements(found)
    print("\n" + ("\n".join(wrong) or "All counts of matches agree."))
    late = missed(found)
    for line in late:
        print(f"NOT MET  {line}")
    return int(bool(wrong or late))


if __name__ == "__main__":
    sys.exit(main())
