"""What the wheel and the source distribution hold, and what they never do."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PROJECT["project"]["version"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both distributions, the wheel made from the source distribution."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (file,) = built.glob("*.whl")
    return zipfile.ZipFile(file)


@pytest.fixture(scope="module")
def sdist(built: Path) -> list[str]:
    (file,) = built.glob("*.tar.gz")
    with tarfile.open(file) as archive:
        return [name.split("/", 1)[1] for name in archive.getnames()]


def test_the_wheel_holds_what_a_run_reads(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    rules = {f"tosrules/_data/{_below(f)}" for f in (ROOT / "rules").rglob("*") if f.is_file()}
    assert rules <= names
    assert {
        "tosrules/py.typed",
        "tosrules/reports/html/templates/report.html",
        "tosrules/reports/html/assets/report.css",
        "tosrules/reports/html/assets/report.js",
        "tosrules/_data/tables.json",
        "tosrules/_data/packs.json",
        "tosrules/_data/policies.json",
        "tosrules/_data/grammar/tosrules.lark",
        "tosrules/_data/examples/massroot8/trace.json",
        "tosrules/_data/examples/massroot8/README.md",
        f"tosrules-{VERSION}.dist-info/licenses/LICENSE",
    } <= names


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/", 1)[0] for name in wheel.namelist()}
    assert tops == {"tosrules", f"tosrules-{VERSION}.dist-info"}
    suffixes = {Path(n).suffix for n in wheel.namelist() if not n.endswith("/")}
    assert suffixes.isdisjoint({".pkl", ".pickle", ".pyc"})
    assert not [n for n in wheel.namelist() if "/examples/make/" in n]


def test_every_shipped_rule_file_comes_parsed(wheel: zipfile.ZipFile) -> None:
    import hashlib

    lines = wheel.read("tosrules/_data/packs.json").decode().splitlines()
    prepared = {line[:64] for line in lines[1:]}
    for file in (ROOT / "rules").rglob("*.tos"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() in prepared, file
    json.loads(wheel.read("tosrules/_data/tables.json"))


def test_a_small_check_needs_neither_parser_nor_checker(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    """Whoever checks a small trace by shipped packs waits for imports most of all."""
    wheel.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(ROOT / "examples" / "mgp25" / "trace.json")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.stderr == ""
    assert done.stdout == f"1 {tmp_path}\n"


CHECK = """
import io, os, sys
import tosrules
from tosrules.cli.main import run
out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO())
status = run(["check", sys.argv[1], "--rules", "core", "--rules", "meta"])
sys.stdout = out
unwanted = {
    "duckdb", "jinja2", "lark", "pydantic", "re2",
    "tosrules.engines.duckdb", "tosrules.language.check", "tosrules.language.packs",
    "tosrules.language.syntax", "tosrules.trace.access_log", "tosrules.trace.har",
}
for name in sorted(unwanted & set(sys.modules)):
    print("imported:", name, file=sys.stderr)
print(status, os.path.dirname(os.path.dirname(tosrules.__file__)))
"""


def test_the_source_distribution_builds_and_tests_alone(sdist: list[str]) -> None:
    names = set(sdist)
    assert {"hatch_build.py", "LICENSE", "README.md", "tests/conftest.py"} <= names
    assert {"grammar/tosrules.lark", "rules/core/core.tos"} <= names
    assert "examples/massroot8/trace.json" in names
    assert not [n for n in names if n.startswith("tosrules/_data")]


def test_the_metadata_is_what_an_index_shows(wheel: zipfile.ZipFile) -> None:
    text = wheel.read(f"tosrules-{VERSION}.dist-info/METADATA").decode()
    assert "License-Expression: Apache-2.0" in text
    assert "Requires-Python: >=3.11" in text
    assert "Description-Content-Type: text/markdown" in text
    entry = wheel.read(f"tosrules-{VERSION}.dist-info/entry_points.txt").decode()
    assert "tosrules = tosrules.cli.main:main" in entry


def test_the_version_is_said_once() -> None:
    import tosrules

    assert tosrules.__version__ == VERSION
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {VERSION}" in changes


def test_nothing_is_unpickled() -> None:
    """A pickle runs what it holds; prepared files are data."""
    for file in (ROOT / "tosrules").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {node.module or ""}
            else:
                continue
            assert names.isdisjoint({"pickle", "marshal", "shelve", "dill"}), file


def test_the_licence_is_the_whole_licence() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for section in range(1, 10):
        assert f"\n   {section}. " in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert "APPENDIX: How to apply the Apache License to your work." in text


def _below(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
