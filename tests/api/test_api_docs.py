"""What docs/python.md shows is what happens."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tosrules

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python.md"
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
_TOS = re.compile(r"<!-- file: (\S+) -->\n```tos\n(.*?)^```$", re.M | re.S)
_TEXT = re.compile(r"^```text\n(.*?)^```$", re.M | re.S)


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = PAGE.read_text(encoding="utf-8")
    blank = re.sub(r"[^\n]+", "", text)  # lines keep their numbers
    lines = blank.split("\n")
    for block in _PYTHON.finditer(text):
        start = text.count("\n", 0, block.start(1))
        for offset, line in enumerate(block[1].split("\n")[:-1]):
            lines[start + offset] = line.replace("…", "...")
    examples = doctest.DocTestParser().get_doctest("\n".join(lines), {}, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 20
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    said: list[str] = []
    runner.run(examples, out=said.append)
    assert not runner.failures, "".join(said)


def test_the_failure_of_pytest_is_the_one_shown(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    file = _TOS.search(text)
    shown = _TEXT.search(text)
    assert file is not None
    assert shown is not None
    raised = file[2].replace("param pace = 2", "param pace = 3")
    (tmp_path / file[1]).write_text(raised, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    for line in filter(None, shown[1].splitlines()):
        assert line.rstrip("…").rstrip() in done.stdout, done.stdout + done.stderr


_RUN = """
import sys, pytest
from importlib.metadata import entry_points
known = any(e.value == "tosrules.pytest_plugin" for e in entry_points(group="pytest11"))
sys.exit(pytest.main([] if known else ["-p", "tosrules.pytest_plugin"]))
"""


def test_the_page_names_every_public_name_that_does_something() -> None:
    text = PAGE.read_text(encoding="utf-8")
    data = {"__version__", "Diagnostic", "Failure", "Policy", "Tested", "Trace", "TraceProblem"}
    for name in set(tosrules.__all__) - data:
        assert f"`{name}" in text, name
