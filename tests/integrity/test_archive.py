"""Archives: the same bytes for the same content, and nothing in them that could act."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile

import pytest

from tosrules.integrity.archive import ArchiveError, form_of, of_bytes, opened, write_archive

MEMBERS = {"b/two.txt": of_bytes(b"two"), "a.txt": of_bytes(b"one" * 1000)}
TRICKS = [
    "../up",
    "/abs",
    "a/../../b",
    "C:/x",
    "a\\b",
    "a//b",
    "./a",
    "a\nb",
    "a\u202eb",
    "x" * 1001,
]


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_the_same_bytes_and_the_same_content(tmp_path, form):
    one, two = tmp_path / f"one.{form}", tmp_path / f"two.{form}"
    write_archive(str(one), form, MEMBERS, 1_600_000_000)
    write_archive(str(two), form, dict(reversed(MEMBERS.items())), 1_600_000_000)
    assert one.read_bytes() == two.read_bytes()
    with opened(str(one)) as archive:
        assert archive.names == ("a.txt", "b/two.txt")
        assert archive.read("b/two.txt") == b"two"
        with archive.opener("a.txt")() as stream:
            assert stream.read(4) == b"oneo"
    assert {p.name for p in tmp_path.iterdir()} == {one.name, two.name}


def test_a_member_that_fails_leaves_nothing(tmp_path):
    def fail() -> io.BytesIO:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write_archive(str(tmp_path / "a.zip"), "zip", {"x": fail}, 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", TRICKS)
def test_names_that_lead_elsewhere_in_zip(tmp_path, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, b"x")
    with (
        pytest.raises(ArchiveError, match="the archive has a member of the name"),
        opened(str(path)),
    ):
        pass


@pytest.mark.parametrize("name", TRICKS)
def test_names_that_lead_elsewhere_in_tar(tmp_path, name):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with (
        pytest.raises(ArchiveError, match="the archive has a member of the name"),
        opened(str(path)),
    ):
        pass


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_folders_and_devices_in_tar(tmp_path, kind):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("x")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(ArchiveError, match="is a folder, a link or a device"), opened(str(path)):
        pass


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFCHR])
def test_links_folders_and_devices_in_zip(tmp_path, kind):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.external_attr = (kind | 0o644) << 16
        archive.writestr(info, b"/etc/passwd")
    with pytest.raises(ArchiveError, match="is a folder, a link or a device"), opened(str(path)):
        pass


def test_one_name_twice(tmp_path):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("x"))
        archive.addfile(tarfile.TarInfo("x"))
    with pytest.raises(ArchiveError, match="`x` is twice in the archive"), opened(str(path)):
        pass


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip", b"\x1f\x8b no gzip", b"\x1f\x8b\x08\x00"])
def test_damaged(tmp_path, data):
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="damaged"), opened(str(path)):
        pass


def test_a_byte_changed_within_a_zip_is_found(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("x", b"hello")
    path.write_bytes(path.read_bytes().replace(b"hello", b"hallo"))
    with pytest.raises(ArchiveError, match="damaged"), opened(str(path)) as archive:
        archive.read("x")


def test_forms():
    assert [form_of(n) for n in ("a.zip", "a.tar.gz", "a.tgz", "a.tar")] == [
        "zip",
        "tar.gz",
        "tar.gz",
        "",
    ]
