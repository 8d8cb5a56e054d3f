"""The hostile trace through what is done with a result: rendering it again, baselines, redaction,
bundles, verification, and the columnar engine."""

from __future__ import annotations

import contextlib
import json
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.hostile.corpus import ALL
from tests.hostile.harmless import CHECKS, acting
from tests.thorough import ALL as ALL_TESTS
from tosrules.reports import FORMATS

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = {
    "SHA256SUMS",
    "custody.jsonl",
    "result.json",
    "report.txt",
    "rules/hostile/hostile.tos",
    "TRACES.sha256",
}


@pytest.fixture(autouse=True)
def folder(judged, monkeypatch):
    monkeypatch.chdir(judged.folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    return judged.folder


def quiet(ended) -> None:
    """Nothing acts on the terminal."""
    assert acting(ended.out.decode()) == set()
    assert acting(ended.err) == set()


def test_a_saved_result_is_rendered_alike(judged, harmless, command, tmp_path):
    again = [f"--report={name}={tmp_path / name}" for name in FORMATS]
    ended = command("report", "report.json", "--all", *again, "-o", str(tmp_path / "main"))
    assert ended.status == 0, ended.err
    quiet(ended)
    for name in ("json", "jsonl", "csv", "parquet"):
        assert (tmp_path / name).read_bytes() == judged.report(name)
    for name in ("github", "sarif", "junit"):
        CHECKS[name]((tmp_path / name).read_bytes(), harmless.report(name))


def test_columns_give_the_same_answer(judged, command, tmp_path):
    out = tmp_path / "r.json"
    arguments = ("--rules", "hostile.tos", "--all", "--engine", "duckdb", "-q")
    ended = command("check", "traces", *arguments, "--report", f"json={out}")
    assert ended.status == 1, ended.err
    quiet(ended)
    results = [json.loads(data) for data in (out.read_bytes(), judged.report("json"))]
    assert [r["run"].pop("engine") for r in results] == ["duckdb", "reference"]
    for result in results:
        result.pop("sha256")
    assert results[0] == results[1]


def test_verify_agrees_and_says_what_differs(judged, command, tmp_path):
    ended = command("verify", "report.json", "--trace", "traces", "--rules", "hostile.tos")
    assert ended.status == 0, ended.out
    quiet(ended)
    # Every trace another: each difference is told by the name of its file.
    changed = tmp_path / "traces"
    changed.mkdir()
    for file in (judged.folder / "traces").iterdir():
        text = file.read_text(encoding="utf-8").replace("profile.read", "profile.reads")
        (changed / file.name).write_text(text, encoding="utf-8")
    arguments = ("--trace", str(changed), "--rules", "hostile.tos", "--all")
    ended = command("verify", "report.json", *arguments)
    assert ended.status == 1
    assert ended.out.count(b"differs") > len(ALL)
    quiet(ended)
    ended = command("verify", "report.json", *arguments, "--format", "json")
    quiet(ended)
    assert json.loads(ended.out)


@pytest.mark.parametrize("kind", ["zip", "tar.gz"] if ALL_TESTS else ["zip"])
def test_bundles_have_only_the_names_that_they_should(command, tmp_path, kind):
    made = tmp_path / f"case.{kind}"
    arguments = ("--rules", "hostile.tos", "--report", "text", "--with-trace", "traces")
    who = "\x1b[31mred\u202e\nB: forged"
    ended = command("bundle", "report.json", *arguments, "--by", who, "-o", str(made))
    assert ended.status == 0, ended.err
    quiet(ended)
    names, harmful = names_of(made, kind)
    assert not harmful
    shipped = {f"rules/vocabulary/{f.name}" for f in (ROOT / "rules/vocabulary").glob("*.tos")}
    assert {n for n in names if not n.startswith("traces/")} - shipped == MEMBERS
    inner = [n for n in names if n.startswith("traces/")]
    assert len(inner) == len(set(inner)) == len(ALL) + 1
    for name in inner:
        assert ".." not in name.split("/")
        assert "\\" not in name
        assert acting(name, "") == set()
    ended = command("verify", str(made))
    assert ended.status == 0, ended.out + ended.err.encode()
    quiet(ended)
    ended = command("bundle", str(made), "--add", f"B. Clerk: {who}")
    assert ended.status == 0, ended.err
    quiet(ended)


def names_of(path, kind) -> tuple[list[str], list[str]]:
    """Names of members, and of those that are no plain files."""
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            return archive.namelist(), [i.filename for i in archive.infolist() if i.is_dir()]
    with tarfile.open(path) as archive:
        members = archive.getmembers()
    return [m.name for m in members], [m.name for m in members if not m.isfile()]


def test_a_baseline_accepts_them_all(command, harmless, tmp_path):
    file = tmp_path / "accepted.toml"
    arguments = ("check", "traces", "--rules", "hostile.tos", "--baseline", str(file))
    ended = command(*arguments, "--update-baseline", "-q")
    quiet(ended)
    text = file.read_text(encoding="utf-8")
    assert acting(text) == set()
    entries = tomllib.loads(text)["accepted"]
    assert len(entries) == len({e["finding"] for e in entries})
    # What stands in it is read back, and accepts what it was made from.
    outs = {name: tmp_path / f"out.{name}" for name in ("github", "sarif", "junit", "markdown")}
    ended = command(*arguments, "-q", *(f"--report={n}={f}" for n, f in outs.items()))
    assert ended.status == 0, ended.err
    quiet(ended)
    with contextlib.chdir(harmless.folder):
        plain = tmp_path / "plain.toml"
        command(*arguments[:-1], str(plain), "--update-baseline", "-q")
        others = {name: tmp_path / f"plain.{name}" for name in outs}
        command(
            *arguments[:-1], str(plain), "-q", *(f"--report={n}={f}" for n, f in others.items())
        )
    for name, out in outs.items():
        CHECKS[name](out.read_bytes(), others[name].read_bytes())


def test_redaction_leaves_nothing_of_who_it_was(command, tmp_path):
    outs = {name: tmp_path / f"out.{name}" for name in FORMATS}
    ended = command(
        "check", "traces", "--rules", "hostile.tos", "--redact", "personal", "-q",
        *(f"--report={n}={f}" for n, f in outs.items()),
    )  # fmt: skip
    assert ended.status == 1, ended.err
    quiet(ended)
    for name, out in outs.items():
        if name != "parquet":
            assert acting(out.read_bytes().decode(), "\r\n") == set()
    result = json.loads(outs["json"].read_bytes())
    subjects = {name for f in result["findings"] for name in (f["subject"] or {}).values()}
    assert subjects.isdisjoint(ALL)
