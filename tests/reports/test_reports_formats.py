"""What holds for every format: the same bytes, UTF-8, and nothing imported that is not used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reports.samples import hostile, whole
from tests.result import cases
from tosrules.engines.outcome import Outcome
from tosrules.record import replace
from tosrules.reports import BINARY, FORMATS, Options, rendered
from tosrules.result.assemble import assemble
from tosrules.result.encode import to_json
from tosrules.result.schema import read_result
from tosrules.trace.trace import Trace

ROOT = Path(__file__).parents[2]
TEXTS = [format for format in FORMATS if format not in BINARY]


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """Every format of one run, in two processes whose hashes of texts differ."""
    folders = []
    for seed in ("1", "2"):
        folder = tmp_path_factory.mktemp(f"seed-{seed}")
        reports = [f"--report={name}={folder / name}" for name in FORMATS]
        done = subprocess.run(
            [sys.executable, "-m", "tosrules", "check", "examples/massroot8", *reports],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1577836800"},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        folders.append(folder)
    return folders


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_bytes_from_run_to_run(twice, format):
    first, second = ((folder / format).read_bytes() for folder in twice)
    assert first == second
    assert first


def test_the_time_of_the_run_is_the_one_asked_for(twice):
    for format in ("json", "markdown", "sarif", "junit"):
        assert b"2020-01-01T00:00:00Z" in (twice[0] / format).read_bytes()


@pytest.mark.parametrize("format", [f for f in FORMATS if f != "html"])  # it shows its own hash
def test_only_the_time_of_the_run_differs(format):
    one = rendered(format, whole("2026-11-22T12:00:00Z"), Options())
    other = rendered(format, whole("2027-01-01T00:00:00Z"), Options())
    if format == "json":  # its last line but one is the hash of the others
        one, other = (b"".join(data.splitlines()[:-2]) for data in (one, other))
    assert one.replace(b"2026-11-22T12:00:00Z", b"2027-01-01T00:00:00Z") == other


@pytest.mark.parametrize("format", TEXTS)
@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc80\ud800"])
def test_half_a_pair_is_written_as_utf_8(format, text):
    said = rendered(format, hostile(text), Options(all=True)).decode("utf-8")
    if format not in ("html",):
        assert f"{ord(text.strip('ab')[0]):x}" in said


def test_a_result_with_half_a_pair_is_read_back():
    text = to_json(hostile("a\ud800"))
    assert to_json(read_result(text.encode("utf-8"))) == text
    assert read_result(text).run.title == "a\\ud800"


@pytest.mark.parametrize("format", FORMATS)
def test_a_result_without_anything(format):
    """A library may judge nothing: no clause, no trace, no finding."""

    empty = assemble(cases.policy(), Trace(events=(), observed=None), Outcome((), {}))
    assert isinstance(rendered(format, empty, Options()), bytes)


@pytest.mark.parametrize("format", FORMATS)
def test_an_event_without_a_line(format):
    """Of a HAR file a record has its index alone."""

    def without(evidence):
        return replace(evidence, source=replace(evidence.source, line=None))

    findings = [
        replace(
            f,
            evidence=tuple(without(e) for e in f.evidence),
            context=tuple(without(e) for e in f.context),
        )
        for f in whole().findings
    ]
    assert rendered(format, replace(whole(), findings=tuple(findings)), Options())


def test_a_check_imports_no_format_but_its_own():
    code = (
        "import sys; from tosrules.cli.main import run; run(['check', 'examples/massroot8']);"
        "print([m for m in sys.modules if m in ('duckdb', 'pydantic', 'csv', 'xml') or "
        "m.startswith('tosrules.reports.sarif')], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == "[]"
