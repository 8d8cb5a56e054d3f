"""How long a small check takes as a whole process, beside the libraries everybody knows.

    python benchmarks/startup.py [--rounds N] [--events N] [--json]

In one run, round by round in turn, and by medians:

    bare       python -c pass
    imports    python -c "import click, lark, pydantic": the yardstick
    shipped    tosrules check of a 200-event trace, by the core pack as without --rules
    all packs  the same by every pack that comes with tosrules
    new rules  the same by a rule file that this machine has never seen: new names every round

Each by the clock and, in brackets, by processor time, which says more on a machine that does
other things meanwhile.

It holds three limits, by the clock: shipped and all packs ≤ 1.5 × imports + 0.1 s, new rules
≤ 2.5 × imports; the exit status is 1 where one is passed. None may build the parse tables,
which a run never does where tosrules was installed; where it runs from a working copy they
are made once, before. There shipped packs are checked by every run: install it, if only with
`pip install -e .`, to measure what a user has.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
YARDSTICK = "import click, lark, pydantic"
LIMITS = {"shipped": (1.5, 0.1), "all packs": (1.5, 0.1), "new rules": (2.5, 0.0)}
"""Times the yardstick, plus seconds."""
PACKS = ("core", "meta")
CLOSING = b"Exit status"
"""What a check that came to its end prints."""


def trace(events: int, seed: int = 1) -> str:
    """A day on a platform: people and programs like, read, publish and log on."""
    chance = random.Random(seed)
    kinds = ("engagement.like", "profile.read", "session.logon", "content.publish", "api.call")
    made: list[dict[str, object]] = []
    for n in range(events):
        actor = f"party-{chance.randrange(12)}"
        event: dict[str, object] = {
            "id": f"e-{n + 1}",
            "time": f"2020-06-01T{n * 86_399 // events // 3600:02}:{n % 60:02}:{n % 59:02}Z",
            "type": chance.choice(kinds),
            "actor": actor,
            "account": f"a-{actor}",
            "device": f"d-{chance.randrange(8)}",
            "automated": chance.random() < 0.3,
        }
        if event["type"] == "engagement.like":
            event["target"] = f"party-{chance.randrange(12)}"
        made.append(event)
    made.sort(key=lambda e: str(e["time"]))
    return json.dumps({"trace": "tosrules-trace/1", "events": made}, indent=1)


def rules(chance: random.Random) -> str:
    """A pack of its own of eight clauses, in all rule forms, with names nobody used before."""

    def name() -> str:
        return "n-" + "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=12))

    terms, busy, link, status = (name().replace("-", "_") for _ in range(4))
    parts = [
        f'pack {name()} "Rules of one run" version "1"',
        f'source {terms} {{ title "Terms {name()}" url "https://terms.example/{name()}" }}',
        f'param {busy} = {chance.randrange(20, 90)} chosen because "a number of this run"',
        f"status {status} {{ begins on notice.received where kind = "
        f'"cease_and_desist" for target }}',
        f"link {link} {{ begins on agency.declare from agent to principal }}",
    ]
    forms = (
        f"forbid session.logon where {status}(any of {link}(actor))",
        f"forbid more than {busy} engagement.* per actor within 1 hour where automated = true",
        'forbid more than 500 profile.read per actor each day in "Europe/Madrid"',
        "forbid more than 9 distinct account in session.logon per device within 10 minutes",
        "forbid credential.submit as ask then session.logon as use within 10 minutes "
        "where use.account = ask.account and use.actor != ask.actor",
        'after notice.received as ask where ask.kind = "deletion_request" '
        "require data.delete as done within 30 days where done.subject = ask.subject",
        "forbid engagement.* per actor within 1 hour with count >= 20 and stddev(gap) < 2 seconds",
        "forbid content.publish where user_agent.original matches /curl|okhttp/i",
    )
    for form in forms:
        parts.append(
            f'clause {name()} "Clause {name()}" {{\n'
            f'  cite {terms} section "{chance.randrange(1, 20)}"\n'
            f"  severity medium\n  {form}\n}}"
        )
    return "\n\n".join(parts) + "\n"


class Time(NamedTuple):
    """Seconds of a whole process."""

    clock: float
    processor: float


def timed(command: Sequence[str], folder: Path, closing: bytes = b"") -> Time:
    """How long a process takes, which must print `closing` (a check that broke down is
    quick). Raises SystemExit otherwise."""
    used, started = _used(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    took = Time(time.perf_counter() - started, _used() - used)
    if closing not in done.stdout or (not closing and done.returncode):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr.decode()}")
    return took


def _used() -> float:
    """Processor time of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(rounds: int, events: int, tosrules: Sequence[str]) -> dict[str, Time]:
    """Medians, by what was run."""
    chance = random.Random()  # the point is that no run has seen these rules
    times: dict[str, list[Time]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "trace.json").write_text(trace(events), encoding="utf-8")
        check = [*tosrules, "check", "trace.json"]
        packs = [word for pack in PACKS for word in ("--rules", pack)]
        for number in range(rounds + 1):
            fresh = f"fresh-{number}.tos"
            (folder / fresh).write_text(rules(chance), encoding="utf-8")
            round_times = {
                "bare": timed([sys.executable, "-c", "pass"], folder),
                "imports": timed([sys.executable, "-c", YARDSTICK], folder),
                "shipped": timed(check, folder, CLOSING),
                "all packs": timed([*check, *packs], folder, CLOSING),
                "new rules": timed([*check, "--rules", fresh], folder, CLOSING),
            }
            if number:  # the first round warms the disk's cache and compiles the modules
                for what, took in round_times.items():
                    times.setdefault(what, []).append(took)
    return {
        what: Time(*map(statistics.median, zip(*taken, strict=True)))
        for what, taken in times.items()
    }


def judged(medians: dict[str, Time]) -> list[tuple[str, float, float]]:
    """What is limited, its time, and its limit in seconds."""
    yardstick = medians["imports"].clock
    return [
        (what, medians[what].clock, times * yardstick + plus)
        for what, (times, plus) in LIMITS.items()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=11, help="rounds that count [11]")
    parser.add_argument("--events", type=int, default=200, help="events of the trace [200]")
    parser.add_argument("--json", action="store_true", help="the medians as JSON")
    asked = parser.parse_args()
    os.environ.pop("TOSRULES_DEBUG", None)
    # The installed program: its start-up is part of what a user waits for.
    script = Path(sys.executable).with_name("tosrules")
    tosrules = [str(script)] if script.is_file() else [sys.executable, "-m", "tosrules"]
    os.environ.setdefault("PYTHONPATH", "" if script.is_file() else str(ROOT))
    medians = measure(asked.rounds, asked.events, tosrules)
    if asked.json:
        print(json.dumps({what: took._asdict() for what, took in medians.items()}, indent=2))
    else:
        clock, processor = medians["imports"]
        for what, took in medians.items():
            print(
                f"{what:<10} {took.clock * 1000:7.0f} ms {took.clock / clock:5.2f} × imports"
                f"   ({took.processor * 1000:5.0f} ms {took.processor / processor:5.2f} ×)"
            )
    missed = False
    for what, lasted, limit in judged(medians):
        holds = lasted <= limit
        missed |= not holds
        if not asked.json:
            word = "holds" if holds else "DOES NOT HOLD"
            print(f"{what}: {lasted * 1000:.0f} ms of at most {limit * 1000:.0f} ms: {word}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
