"""The hostile trace and a harmless one of the same events, each judged once in a run."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.hostile.corpus import ALL
from tests.hostile.trace import write_folder
from tosrules.cli.main import run
from tosrules.reports import FORMATS


class Ended(NamedTuple):
    status: int
    out: bytes
    err: str


def tosrules(*arguments: str, stdin: bytes = b"") -> Ended:
    """Runs a command as the script does, in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(arguments)
    finally:
        sys.stdin = before
    out.flush()
    return Ended(status, out.buffer.getvalue(), err.getvalue())  # type: ignore[attr-defined]


class Case(NamedTuple):
    folder: Path
    ended: Ended

    def report(self, format: str) -> bytes:
        return (self.folder / f"report.{format}").read_bytes()


def _judged(folder: Path, **texts: Any) -> Case:
    write_folder(folder, **texts)
    reports = [f"--report={name}=report.{name}" for name in FORMATS]
    with contextlib.chdir(folder):
        ended = tosrules("check", "traces", "--rules", "hostile.tos", "--all", *reports)
    return Case(folder, ended)


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Every text in every place, judged, and written in every format."""
    with _stamped():
        yield _judged(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """The same with a word in place of each text."""
    words = [*(f"word{n}word" for n in range(len(ALL))), ""]
    with _stamped():
        yield _judged(tmp_path_factory.mktemp("harmless"), texts=words)


@contextlib.contextmanager
def _stamped() -> Iterator[None]:
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = "1600000000"
    try:
        yield
    finally:
        os.environ.pop("SOURCE_DATE_EPOCH")
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before


@pytest.fixture
def command() -> Callable[..., Ended]:
    return tosrules
