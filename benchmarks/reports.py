"""How long each format takes to render a large result, beside the evaluation that made it.

Twenty thousand events, five hundred findings that together cite every one of them: the largest
report that shows each event by itself. Prints the time of processors and the ratio for each
format; ends with 1 if one takes more than LIMIT times the evaluation.

Run: `python benchmarks/reports.py [FORMAT…]`.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from time import process_time

from tosrules.engines.reference import evaluate
from tosrules.language.load import load
from tosrules.reports import FORMATS, Options, rendered
from tosrules.result.assemble import assemble
from tosrules.result.model import Result
from tosrules.trace.trace import Trace

PARTIES, READS = 500, 39
LIMIT = 1.5
"""A format may take so many times as long as the evaluation."""
SIZES = {"html": 3_000_000}
"""Bytes that a format may have."""
CLAUSE = "core/no-activity-after-notice"


def records(parties: int = PARTIES, reads: int = READS) -> list[dict[str, object]]:
    """A letter to each party, and what each reads after it, all of them at once."""
    start = datetime(2020, 4, 1, tzinfo=UTC)
    made: list[dict[str, object]] = []

    def add(at: datetime, type_: str, **more: object) -> None:
        time = at.isoformat().replace("+00:00", "Z")
        made.append({"id": f"e{len(made):05d}", "time": time, "type": type_, **more})

    for party in range(parties):
        at = start + timedelta(minutes=party)
        add(at, "notice.received", kind="cease_and_desist", target=f"party-{party:03d}")
    for read in range(reads):
        for party in range(parties):
            at = start + timedelta(days=1 + read, seconds=37 * party)
            target = f"member-{(party * 31 + read) % 997:03d}"
            add(at, "profile.read", actor=f"party-{party:03d}", target=target, automated=True)
    return made


def judged(parties: int = PARTIES, reads: int = READS) -> tuple[Result, float]:
    """The result, and the seconds of processors that judging took, reading left out."""
    import json
    import tempfile
    from pathlib import Path

    from tosrules.trace.read import read_traces

    policy = load(["core"], shipped_tests=False).policy
    assert policy is not None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trace.jsonl"
        lines = (json.dumps(record) for record in records(parties, reads))
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        trace: Trace = read_traces([str(file)], policy.vocabulary)
    clauses = tuple(c for c in policy.judged() if c.id == CLAUSE)
    started = process_time()
    outcome = evaluate(policy, trace, clauses)
    evaluated = process_time() - started
    return assemble(policy, trace, outcome), evaluated


def main() -> int:
    result, evaluated = judged()
    print(f"{result.run.events:,} events, {len(result.findings):,} findings")
    print(f"evaluation  {evaluated:6.2f} s")
    slow, large = [], []
    for format in sys.argv[1:] or list(FORMATS):
        started = process_time()
        made = rendered(format, result, Options())
        took = process_time() - started
        ratio = took / evaluated
        print(f"{format:10}  {took:6.2f} s  {ratio:5.2f} ×  {len(made) / 1e6:6.2f} MB")
        slow += [format] if ratio > LIMIT else []
        large += [format] if len(made) > SIZES.get(format, len(made)) else []
    if slow:
        print(f"more than {LIMIT} × the evaluation: {', '.join(slow)}")
    if large:
        print(f"larger than it may be: {', '.join(large)}")
    return 1 if slow or large else 0


if __name__ == "__main__":
    sys.exit(main())
