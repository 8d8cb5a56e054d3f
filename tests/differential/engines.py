"""The engines that are compared, and copies of the reference evaluator with a fault in them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tosrules.engines.reference as reference
from tests.differential.case import Engine
from tosrules.engines.outcome import Outcome
from tosrules.policy.model import Policy
from tosrules.trace.trace import Trace

if TYPE_CHECKING:
    from tosrules.engines.duckdb.session import Session

FOLDER = Path(reference.__file__).parent


def by_reference(policy: Policy, trace: Trace) -> Outcome:
    return reference.evaluate(policy, trace)


@contextmanager
def faulty(folder: Path, module: str, right: str, wrong: str) -> Iterator[Engine]:
    """A copy of the reference evaluator in which `right`, which stands in `module` exactly once,
    is `wrong`."""
    name = "faulty_evaluator"
    copy = folder / name
    copy.mkdir()
    for path in FOLDER.glob("*.py"):
        text = path.read_text(encoding="utf-8").replace("tosrules.engines.reference", name)
        if path.stem == module:
            assert text.count(right) == 1, f"`{right}` stands {text.count(right)} times in {module}"
            text = text.replace(right, wrong)
        (copy / path.name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        yield importlib.import_module(name).evaluate
    finally:
        sys.path.remove(str(folder))
        for known in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[known]


@cache
def _session() -> Session:
    """One for all cases, on one thread: opening it takes longer than a case."""
    from tosrules.engines.duckdb.session import Session

    return Session(threads=1)


def by_duckdb(policy: Policy, trace: Trace) -> Outcome:
    from tosrules.engines.duckdb.evaluate import judge, needed_columns
    from tosrules.engines.duckdb.memory import load_events

    session, clauses = _session(), policy.judged()
    left = session.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    for (name,) in left:
        session.connection.execute(f'DROP TABLE "{name}"')
    columns = load_events(session, trace, needed_columns(policy, clauses), policy.vocabulary)
    return judge(session, policy, columns, clauses)


def others() -> dict[str, Engine]:
    """By name, all that is compared with the reference evaluator."""
    return {"duckdb": by_duckdb}


@cache
def _cluster() -> Any:
    from tosrules.engines.spark.session import Session

    return Session("local[2]", {"spark.driver.memory": "2g"})


def by_spark(policy: Policy, trace: Trace) -> Outcome:
    from tests.engines.spark.judging import judged

    return judged(_cluster())(policy, trace)
