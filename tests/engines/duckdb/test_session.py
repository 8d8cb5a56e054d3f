"""The session: bounded, shut off, encrypted where it spills, and gone when it ends."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tosrules.engines.duckdb.private import PREFIX, PrivateFolder
from tosrules.engines.duckdb.session import Exhausted, Session
from tosrules.errors import EvaluationError

ROOT = Path(__file__).resolve().parents[3]
MARKER = "marker-in-the-open-"
ROWS = f"CREATE TABLE t AS SELECT i, '{MARKER}' || md5(i::VARCHAR) AS s FROM range({{}}) r(i)"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder for temporary files of one test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def spilled(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file() and path.stat().st_size]


def test_the_folder_is_private_and_goes(place):
    with Session(threads=1) as session:
        (folder,) = place.iterdir()
        assert str(folder) == session.folder
        assert folder.name.startswith(PREFIX)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(place.iterdir()) == []


def test_what_is_spilled_is_encrypted_and_right():
    with Session(threads=2, memory_limit="60MB") as session:
        session.connection.execute(ROWS.format(1_200_000))
        files = spilled(session.folder)
        assert sum(path.stat().st_size for path in files) > 5_000_000
        assert not any(MARKER.encode() in path.read_bytes() for path in files)
        told = session.connection.execute(
            f"SELECT count(*), bool_and(s = '{MARKER}' || md5(i::VARCHAR)) FROM t"
        ).fetchone()
        assert told == (1_200_000, True)


def test_the_marker_would_be_found_in_the_open():
    """Without the setting the test above would fail."""
    with Session(threads=2, memory_limit="60MB") as session:
        session.connection.execute("SET temp_file_encryption = false")
        session.connection.execute(ROWS.format(1_200_000))
        assert any(MARKER.encode() in path.read_bytes() for path in spilled(session.folder))


def run(query, **limits):
    with Session(threads=2, memory_limit="60MB") as session:
        for name, value in limits.items():
            session.connection.execute(f"SET {name} = '{value}'")
        session.connection.execute(query)
        assert session.folder == ""


def test_an_exception_leaves_nothing(place):
    with pytest.raises(AssertionError):
        run(ROWS.format(1_000_000))
    assert list(place.iterdir()) == []


def test_a_full_disk_is_one_clear_error(place):
    with pytest.raises(Exhausted, match="name a folder with more room in TMPDIR") as caught:
        run(ROWS.format(3_000_000), max_temp_directory_size="10MB")
    assert isinstance(caught.value, EvaluationError)
    assert list(place.iterdir()) == []


def test_too_little_memory_is_one_clear_error(place):
    with pytest.raises(Exhausted, match="60MB of memory are not enough; raise --memory-limit"):
        run("SELECT list(md5(i::VARCHAR)) FROM range(5_000_000) r(i)")
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("amount", ["lots", "-1GB", "4GB'; --", "", "4"])
def test_an_amount_that_is_none(amount, place):
    with pytest.raises(ValueError, match="is no amount of memory such as `4GB`"):
        Session(memory_limit=amount)
    assert list(place.iterdir()) == []


def test_no_folder_for_temporary_files(monkeypatch, place):
    monkeypatch.setattr(tempfile, "tempdir", str(place / "nowhere"))
    with pytest.raises(Exhausted, match="TMPDIR names another place"):
        Session(threads=1)


def test_sealed_it_reads_only_what_was_named(place):
    import duckdb

    for name in ("a.txt", "b.txt"):
        (place / name).write_text(name)
    with Session(threads=1) as session:
        session.seal([str(place / "a.txt")])
        read = "SELECT content FROM read_text(?)"
        assert session.connection.execute(read, [str(place / "a.txt")]).fetchall() == [("a.txt",)]
        with pytest.raises(duckdb.PermissionException):
            session.connection.execute(read, [str(place / "b.txt")])
        with pytest.raises(duckdb.Error):
            session.connection.execute("SET enable_external_access = true")
        with pytest.raises(duckdb.Error):
            session.connection.execute("INSTALL httpfs")


def test_a_session_needs_no_file_from_outside_to_spill():
    with Session(threads=2, memory_limit="60MB") as session:
        session.seal()
        session.connection.execute(ROWS.format(1_000_000))
        assert spilled(session.folder)


# ---- ends of the process -------------------------------------------------------------------

CHILD = f"""
import sys
from tosrules.engines.duckdb.session import Session

with Session(threads=2, memory_limit="60MB") as session:
    session.connection.execute("{ROWS.format(1_000_000)}")
    print(session.folder, flush=True)
    session.connection.execute(
        "CREATE TABLE u AS SELECT md5(i::VARCHAR) AS a FROM range(2_000_000_000) r(i) ORDER BY a"
    )
"""


def child():
    """A process in the middle of a long query that spills, and its folder."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().decode().strip())


def test_what_a_kill_leaves_is_unreadable_and_the_next_run_removes_it(place):
    process, folder = child()
    process.kill()
    process.communicate()
    assert spilled(folder)
    assert not any(MARKER.encode() in path.read_bytes() for path in spilled(folder))
    with Session(threads=1) as session:
        assert [str(path) for path in place.iterdir()] == [session.folder]


def test_a_live_run_is_left_alone():
    process, folder = child()
    try:
        with Session(threads=1):
            assert spilled(folder)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_signals_interrupt_the_query_and_clean_up(number, status, place):
    process, folder = child()
    assert spilled(folder)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    # Python itself ends by SIGINT where nobody takes the KeyboardInterrupt; the program does.
    assert process.returncode == status
    assert (b"KeyboardInterrupt" in said) == (number == signal.SIGINT)
    assert list(place.iterdir()) == []


def test_handlers_are_as_before():
    before = signal.getsignal(signal.SIGTERM)
    with Session(threads=1):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


class Enough(Exception):
    """Raised by a handler of the caller."""


def interrupted() -> None:
    with Session(threads=1):
        try:
            signal.raise_signal(signal.SIGTERM)
        except Enough:
            raise RuntimeError("Query interrupted") from None  # as DuckDB does


def test_a_handler_of_the_caller_is_heeded():
    """What it raises ends the session, whatever was made of it."""

    def stop(*_):
        raise Enough

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Enough):
            interrupted()
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)


def test_folders_of_others_are_left_alone(place):
    (place / f"{PREFIX}link").symlink_to("/etc")
    (place / f"{PREFIX}file").write_text("x")
    (place / "tosrules-other").mkdir()
    folder = PrivateFolder()
    folder.remove()
    folder.remove()
    assert len(list(place.iterdir())) == 3


@pytest.mark.parametrize("when", ["made", "opened"])
def test_a_folder_that_another_run_takes_for_a_leftover_is_made_anew(when, monkeypatch, tmp_path):
    """Between making the folder and holding its lock, another run may remove it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lost = []

    def losing(act):
        def take(*given, **named):
            found = act(*given, **named)
            if not lost:
                (folder,) = tmp_path.iterdir()
                lost.append(folder)
                folder.rmdir()
            return found

        return take

    owner, name = (tempfile, "mkdtemp") if when == "made" else (os, "open")
    monkeypatch.setattr(owner, name, losing(getattr(owner, name)))
    folder = PrivateFolder()
    monkeypatch.undo()
    assert folder.path != str(lost[0])
    assert os.path.isdir(folder.path)
    folder.remove()
