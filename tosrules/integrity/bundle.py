"""A bundle: one archive with all that it takes to read a result and to hold it to its sources.

result.json      the result, untouched
report.html      the same for people
rules/core/…     every rule file that was read, by pack
TRACES.sha256    the hashes of the traces
traces/…         the traces themselves, where that was asked for
SHA256SUMS       the hashes of all files above: `sha256sum -c SHA256SUMS`
SHA256SUMS.sig   a signature of SHA256SUMS, where that was asked for
custody.jsonl    who did what when (`tosrules.integrity.custody`)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tosrules import resources
from tosrules.integrity import custody
from tosrules.integrity.archive import Archive, Opener, is_harmless, of_bytes
from tosrules.integrity.differences import Difference
from tosrules.integrity.inputs import sha256_of
from tosrules.result import model
from tosrules.trace.inputs import InputFile

RESULT = "result.json"
SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
CUSTODY = "custody.jsonl"
TRACES = "TRACES.sha256"
BESIDE = (SUMS, SIGNATURE, CUSTODY)
"""Members that SHA256SUMS does not list: it cannot list itself, and the log grows."""


class BundleError(Exception):
    """The bundle cannot be made; the message is for the user and safe to print."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def rule_members(run: model.Run, paths: Sequence[str]) -> dict[str, Opener]:
    """The rule files of a run, found by their hashes among shipped packs and in `paths`.

    Raises BundleError for one that is not there.
    """
    wanted = {f.sha256 for p in run.packs for f in p.files}
    found: dict[str, bytes] = {}
    for path in _candidates(run, paths):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest in wanted:
            found[digest] = data
    members: dict[str, Opener] = {}
    for pack in run.packs:
        for file in pack.files:
            if file.sha256 not in found:
                raise BundleError(
                    f"{file.name} of pack {pack.id}, as the run read it, is not there",
                    "name the rules that were judged by with --rules",
                )
            name = f"rules/{pack.id}/{file.name}"
            if not is_harmless(name):
                raise BundleError(f"{file.name!a} of pack {pack.id} is no name for an archive")
            members[name] = of_bytes(found[file.sha256])
    return members


def _candidates(run: model.Run, paths: Sequence[str]) -> Iterator[Path]:
    roots = [resources.rules_root() / p.id for p in run.packs]
    for given in map(Path, paths):
        roots.append(given if given.is_dir() else given.parent)
    names = {Path(f.name).name for p in run.packs for f in p.files}
    for root in roots:
        if root.is_dir():
            yield from (p for p in sorted(root.rglob("*")) if p.name in names and p.is_file())


def trace_members(files: Sequence[InputFile]) -> dict[str, Opener]:
    """The traces under their names in the result."""
    members: dict[str, Opener] = {}
    for place, file in enumerate(files, 1):
        name = f"traces/{file.name}" if is_harmless(file.name) else f"traces/trace-{place}"
        members[name] = _file(file.path)
    return members


def _file(path: str) -> Opener:
    return lambda: open(path, "rb")


def trace_sums(run: model.Run) -> bytes:
    """The hashes of the traces, for `sha256sum -c` where they lie."""
    return _listed({t.name: t.sha256 for t in run.traces})


def sums_of(members: Mapping[str, Opener]) -> bytes:
    """SHA256SUMS over the members."""
    digests = {}
    for name, opener in members.items():
        if name not in BESIDE:
            with opener() as stream:
                digests[name] = sha256_of(stream)[0]
    return _listed(digests)


def _listed(digests: Mapping[str, str]) -> bytes:
    lines = []
    for name, digest in sorted(digests.items()):
        plain = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        lines.append(f"{'' if plain == name else chr(92)}{digest}  {plain}\n")
    return "".join(lines).encode("utf-8", "backslashreplace")


# ---- checking ------------------------------------------------------------------------------


def archive_differences(archive: Archive) -> list[Difference]:
    """Members that SHA256SUMS says otherwise of, and breaks of the custody log."""
    found: list[Difference] = []
    for name in (RESULT, SUMS, CUSTODY):
        if name not in archive.names:
            found.append(Difference("bundle", f"{name} of the bundle", "is there", "is missing"))
    if SUMS not in archive.names:
        return found
    sums = archive.read(SUMS)
    said = _read_sums(sums, found)
    for name in archive.names:
        if name in BESIDE:
            continue
        with archive.opener(name)() as stream:
            digest = sha256_of(stream)[0]
        if name not in said:
            found.append(
                Difference("bundle", f"{name} of the bundle", "is not listed", f"sha256 {digest}")
            )
        elif said[name] != digest:
            found.append(
                Difference(
                    "bundle",
                    f"{name} of the bundle: its bytes are not those that were put in",
                    f"sha256 {said[name]}",
                    f"sha256 {digest}",
                )
            )
    for name in said:
        if name not in archive.names:
            found.append(Difference("bundle", f"{name} of the bundle", "is there", "is missing"))
    if CUSTODY in archive.names:
        log = archive.read(CUSTODY)
        for line, what, should, there in custody.broken(log, sums):
            found.append(Difference("bundle", f"{CUSTODY}:{line}: {what}", should, there))
    return found


def _read_sums(sums: bytes, found: list[Difference]) -> dict[str, str]:
    said: dict[str, str] = {}
    for number, line in enumerate(sums.decode("utf-8", "replace").splitlines(), 1):
        digest, _, name = line.partition("  ")
        hexadecimal = len(digest) == 64 and all(c in "0123456789abcdef" for c in digest)
        if not hexadecimal or not is_harmless(name) or name in said:
            found.append(
                Difference(
                    "bundle", f"{SUMS}:{number}", "a hash and the name of a file", line[:200]
                )
            )
            continue
        said[name] = digest
    return said
