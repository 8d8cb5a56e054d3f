"""`tosrules bundle`, and `verify` of what it makes."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.integrity.conftest import edit

pytestmark = pytest.mark.usefixtures("case")
MAKE = ("bundle", "result.json", "--rules", "house.tos", "--by", "A. Analyst")


def rewritten(path: Path, **changes: bytes | None) -> None:
    """A zip with some members changed, added, or taken out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, data in changes.items():
        if data is None:
            del members[name]
        else:
            members[name] = data
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def member(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


@pytest.mark.parametrize("name", ["case.zip", "case.tar.gz"])
def test_made_unpacked_and_verified(case, tosrules, name):
    made = tosrules(*MAKE, "-o", name, "--with-trace", "trace.json")
    assert (made.status, made.out, made.err) == (0, "", "")
    ended = tosrules("verify", name)
    assert ended.status == 0, ended.out
    assert "custody: 2020-09-13T12:26:40Z A. Analyst: made the bundle" in ended.out
    folder = case / "unpacked"
    if name.endswith(".zip"):
        with zipfile.ZipFile(case / name) as archive:
            archive.extractall(folder)
    else:
        with tarfile.open(case / name) as archive:
            archive.extractall(folder, filter="data")
    assert {p.name for p in folder.iterdir()} >= {"result.json", "rules", "traces", "SHA256SUMS"}
    assert any(p.name.startswith("report.") for p in folder.iterdir())
    assert (folder / "result.json").read_bytes() == (case / "result.json").read_bytes()
    program = shutil.which("sha256sum")
    assert program is not None, "coreutils are needed to hold SHA256SUMS to their format"
    for sums, place in (("SHA256SUMS", folder), ("../TRACES.sha256", folder / "traces")):
        done = subprocess.run([program, "-c", sums], cwd=place, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_same_twice(case, tosrules):
    tosrules(*MAKE, "-o", "one.zip")
    tosrules(*MAKE, "-o", "two.zip")
    assert (case / "one.zip").read_bytes() == (case / "two.zip").read_bytes()


def test_the_log_grows(case, tosrules):
    tosrules(*MAKE, "-o", "case.zip", "--report", "text")
    assert tosrules("bundle", "case.zip", "--add", "B. Clerk: received: by courier").status == 0
    ended = tosrules("verify", "case.zip", "--trace", "trace.json")
    assert ended.status == 0, ended.out
    assert "B. Clerk: received: by courier" in ended.out
    lines = member(case / "case.zip", "custody.jsonl").splitlines()
    assert [json.loads(line)["who"] for line in lines] == ["A. Analyst", "B. Clerk"]


def test_without_its_traces_they_must_be_named(tosrules):
    tosrules(*MAKE, "-o", "case.zip")
    assert tosrules("verify", "case.zip").status == 2
    assert tosrules("verify", "case.zip", "--trace", "trace.json").status == 0


def test_a_report_that_was_changed(case, tosrules):
    tosrules(*MAKE, "-o", "case.zip", "--report", "text")
    text = member(case / "case.zip", "report.txt")
    rewritten(case / "case.zip", **{"report.txt": text.replace(b"bot", b"bat")})
    ended = tosrules("verify", "case.zip", "--trace", "trace.json")
    assert ended.status == 1
    assert "report.txt of the bundle: its bytes are not those that were put in" in ended.out


def test_files_more_and_less(case, tosrules):
    tosrules(*MAKE, "-o", "case.zip")
    rewritten(case / "case.zip", **{"extra.txt": b"x", "TRACES.sha256": None})
    ended = tosrules("verify", "case.zip", "--trace", "trace.json")
    assert ended.status == 1
    assert "differs   extra.txt of the bundle\n  said    is not listed\n" in ended.out
    assert "differs   TRACES.sha256 of the bundle\n  said    is there\n" in ended.out


def test_a_rule_that_was_changed_with_its_sum(case, tosrules):
    tosrules(*MAKE, "-o", "case.zip")
    rules = member(case / "case.zip", "rules/house/house.tos").replace(b"burst = 3", b"burst = 2")
    rewritten(case / "case.zip", **{"rules/house/house.tos": rules})
    ended = tosrules("verify", "case.zip", "--trace", "trace.json")
    assert "differs   rules/house/house.tos of the bundle: its bytes" in ended.out
    assert "differs   house.tos of pack house: its bytes" in ended.out


def test_a_log_that_was_changed(case, tosrules):
    tosrules(*MAKE, "-o", "case.zip")
    tosrules("bundle", "case.zip", "--add", "B: had it")
    log = member(case / "case.zip", "custody.jsonl").replace(b"A. Analyst", b"Z. Analyst")
    rewritten(case / "case.zip", **{"custody.jsonl": log})
    ended = tosrules("verify", "case.zip", "--trace", "trace.json")
    assert ended.status == 1
    assert "differs   custody.jsonl:2: `previous`" in ended.out
    assert tosrules("bundle", "case.zip", "--add", "C: had it").status == 2


def test_signed(case, tosrules):
    program = shutil.which("ssh-keygen")
    assert program is not None, "OpenSSH is needed to hold signatures to its format"
    for name in ("key", "other"):
        made = [program, "-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", name]
        subprocess.run(made, cwd=case, check=True)
        public = " ".join((case / f"{name}.pub").read_text().split()[:2])
        (case / f"{name}.allowed").write_text(f"ana@example.org {public}\n")
    assert tosrules(*MAKE, "-o", "case.zip", "--sign", "key").status == 0
    verify = ("verify", "case.zip", "--trace", "trace.json")
    assert "unchecked the bundle is signed;" in tosrules(*verify).out
    ended = tosrules(*verify, "--allowed-signers", "key.allowed")
    assert ended.status == 0, ended.out
    assert "same      signed by ana@example.org\n" in ended.out
    ended = tosrules(*verify, "--allowed-signers", "other.allowed")
    assert ended.status == 1
    assert "the key that signed it is none of those that are allowed" in ended.out
    tosrules("bundle", "case.zip", "--add", "B: had it")
    assert tosrules(*verify, "--allowed-signers", "key.allowed").status == 0
    sums = member(case / "case.zip", "SHA256SUMS")
    rewritten(case / "case.zip", SHA256SUMS=sums + b"0" * 64 + b"  more\n")
    ended = tosrules(*verify, "--allowed-signers", "key.allowed")
    assert ended.status == 1
    assert "differs   SHA256SUMS.sig: the signature\n  said    holds\n" in ended.out


def test_not_signed(tosrules):
    tosrules(*MAKE, "-o", "case.zip")
    ended = tosrules("verify", "case.zip", "--trace", "trace.json", "--allowed-signers", "x")
    assert ended.status == 2
    assert "cannot    the bundle is not signed\n" in ended.out


def test_without_ssh_keygen(tosrules, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    ended = tosrules(*MAKE, "-o", "case.zip", "--sign", "house.tos")
    assert ended.status == 2
    assert "error: --sign `house.tos`: there is no ssh-keygen here" in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("result.json",), "the archive has no name"),
        (("result.json", "-o", "case.rar"), "`case.rar` names no kind of archive"),
        (("result.json", "-o", "case.zip"), "house.tos of pack house, as the run read it, is not"),
        (("result.json", "-o", "c.zip", "--report", "htm"), "there is no report format `htm`"),
        (("trace.json", "-o", "case.zip"), "`trace.json`: the file is no result of tosrules"),
        (("none.json", "-o", "case.zip"), "`none.json` cannot be read"),
        ((*MAKE[1:], "-o", "c.zip", "--sign", "none"), "--sign `none`: there is no such key file"),
        ((*MAKE[1:], "-o", "c.zip", "--with-trace", "house.tos"), "trace.json: its bytes are"),
        (("result.json", "--add", "A: b"), "`result.json`"),
        (("case.zip", "--add", "nothing"), "--add `nothing` does not say who did what"),
        (("case.zip", "--add", "A: b", "--by", "C"), "--add goes with a bundle alone"),
    ],
)
def test_mistakes(case, tosrules, arguments, message):
    ended = tosrules("bundle", *arguments)
    assert ended.status == 2
    assert message in ended.err
    assert not [p for p in case.iterdir() if p.suffix == ".zip"]


def test_a_result_that_was_changed_is_not_bundled(case, tosrules):
    edit(case / "result.json", '"engine": ', '"engine":  ')
    ended = tosrules(*MAKE, "-o", "case.zip")
    assert ended.status == 2
    assert "`result.json` was changed after it was written" in ended.err


def test_a_trace_with_other_bytes_is_not_bundled(case, tosrules):
    edit(case / "trace.json", '"fun"', '"fan"')
    ended = tosrules(*MAKE, "-o", "case.zip", "--with-trace", "trace.json")
    assert ended.status == 2
    assert "trace.json: its bytes are not those that were judged" in ended.err


def test_a_redacted_result_goes_without_its_traces(tosrules):
    tosrules("check", "trace.json", "--redact", "personal", "--report", "json=result.json")
    assert tosrules(*MAKE, "-o", "case.zip", "--with-trace", "trace.json").status == 2
    assert tosrules(*MAKE, "-o", "case.zip").status == 0
    assert tosrules("verify", "case.zip", "--trace", "trace.json").status == 0
