"""The ways a command may end, help, and what is imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tosrules import __version__
from tosrules.cli import judging
from tosrules.cli.main import COMMANDS

pytestmark = pytest.mark.usefixtures("project")


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tosrules", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
        **options,  # type: ignore[call-overload]
    )


def test_version(tosrules):
    assert tosrules("--version") == (0, f"tosrules {__version__}\n", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(tosrules, name):
    ended = tosrules(name, "--help")
    assert ended.status == 0
    assert "Examples:" in ended.out
    assert f"tosrules {name}" in ended.out


def test_help_names_every_command(tosrules):
    ended = tosrules("--help")
    assert ended.status == 0
    assert all(name in ended.out for name in COMMANDS)


def test_an_unknown_command(tosrules):
    ended = tosrules("chek")
    assert ended.status == 2
    assert "there is no command `chek`; did you mean `check`?" in ended.err


def test_a_defect_says_what_to_send_and_nothing_else(tosrules, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise KeyError("a value of the trace: hunter22")

    monkeypatch.delenv("TOSRULES_DEBUG", raising=False)
    monkeypatch.setattr(judging, "assemble", broken)
    ended = tosrules("check", "trace.json")
    assert ended.status == 70
    assert "This is a defect of tosrules" in ended.err
    assert "KeyError" in ended.err
    assert "hunter22" not in ended.err
    assert ended.out == ""


def test_interrupted(tosrules, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(judging, "assemble", interrupted)
    assert tosrules("check", "trace.json").status == 130


# ---- as real processes ---------------------------------------------------------------------


def test_a_process(project):
    ended = process("check", "trace.json", cwd=project)
    assert ended.returncode == 1
    assert ended.stdout.startswith("1 clause is violated")
    assert ended.stderr == ""


def test_a_closed_pipe_is_quiet(project):
    command = f"{sys.executable} -m tosrules check trace.json --all | true"
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
    )
    assert ended.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_signal(project):
    running = subprocess.Popen(
        [sys.executable, "-m", "tosrules", "check", "-"],
        cwd=project,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
    )
    time.sleep(2)  # it waits for its standard input by then
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert b"Traceback" not in err


def test_a_check_imports_neither_lark_nor_pydantic(project):
    script = (
        "import sys\n"
        "from tosrules.cli.main import run\n"
        "run(['check', 'trace.json', '--rules', 'core', '--allow-empty'])\n"
        "heavy = {'lark', 'pydantic', 'difflib', 'tomllib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    (project / "tosrules.toml").unlink()
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
    )
    assert ended.stderr.strip() == "[]"
