"""The files that a result names, beside those that are there now."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tosrules.integrity.differences import Difference
from tosrules.result import model
from tosrules.trace.inputs import InputFile


class Found(NamedTuple):
    """A file that is there now."""

    file: InputFile
    sha256: str
    bytes: int


class Paired(NamedTuple):
    """The traces of a result with the files that stand for them."""

    files: tuple[InputFile, ...]
    """Under the names that the result has for them."""
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]
    """Names of traces for which there is no file."""
    extra: tuple[str, ...]
    """Files that are no trace of the result."""


def hashed(file: InputFile) -> Found:
    """The file with the SHA-256 of its untouched bytes. Raises OSError."""
    with opened(file) as stream:
        digest, size = sha256_of(stream)
    return Found(file, digest, size)


def opened(file: InputFile) -> BinaryIO:
    return open(file.path, "rb") if file.opened is None else file.opened()


def sha256_of(stream: BinaryIO) -> tuple[str, int]:
    """SHA-256 in hexadecimal and number of the bytes that are left in a stream."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def paired(said: Sequence[model.TraceInput], found: Sequence[Found]) -> Paired:
    """Which file is which trace: by its bytes, whatever it is called now; else by its name; and
    the last one by there being no other."""
    left = list(found)
    pairs: list[tuple[model.TraceInput, Found]] = []
    missing = list(said)

    def take(trace: model.TraceInput, fits: list[Found]) -> None:
        if fits:
            first = fits[0]
            left.remove(first)
            missing.remove(trace)
            pairs.append((trace, first))

    for trace in said:
        # Of several with the same bytes the one of that name.
        same = [f for f in left if f.sha256 == trace.sha256]
        take(trace, sorted(same, key=lambda f: f.file.name != trace.name))
    for trace in list(missing):
        take(trace, [f for f in left if f.file.name == trace.name])
    for trace in list(missing):
        base = os.path.basename(trace.name)
        take(trace, [f for f in left if os.path.basename(f.file.name) == base])
    if len(missing) == len(left) == 1:
        take(missing[0], left)
    differences = [
        Difference(
            "trace",
            f"{trace.name}: its bytes are not those that were judged",
            f"sha256 {trace.sha256}, {trace.bytes:,} bytes",
            f"sha256 {now.sha256}, {now.bytes:,} bytes",
        )
        for trace, now in pairs
        if (now.sha256, now.bytes) != (trace.sha256, trace.bytes)
    ]
    return Paired(
        tuple(InputFile(now.file.path, trace.name, now.file.opened) for trace, now in pairs),
        tuple(differences),
        tuple(t.name for t in missing),
        tuple(f.file.name for f in left),
    )


def pack_differences(
    said: Sequence[model.Pack], now: Sequence[model.Pack]
) -> tuple[Difference, ...]:
    """Packs and their files that are not those of the result."""
    by_id = {p.id: p for p in now}
    found = []
    for pack in said:
        here = by_id.pop(pack.id, None)
        if here is None:
            found.append(Difference("rules", f"pack {pack.id}", _pack(pack), "is not there"))
            continue
        if pack.version != here.version:
            found.append(
                Difference("rules", f"version of pack {pack.id}", pack.version, here.version)
            )
        files = file_differences(pack, {f.name: f.sha256 for f in here.files})
        found += files
        if pack.sha256 != here.sha256 and not files:
            found.append(
                Difference(
                    "rules", f"pack {pack.id}", f"sha256 {pack.sha256}", f"sha256 {here.sha256}"
                )
            )
        if pack.title != here.title or pack.judged != here.judged:
            found.append(Difference("rules", f"pack {pack.id}", _pack(pack), _pack(here)))
    found += [
        Difference("rules", f"pack {p.id}", "was not there", _pack(p)) for p in by_id.values()
    ]
    return tuple(found)


def file_differences(pack: model.Pack, now: dict[str, str]) -> list[Difference]:
    """Files of one pack that are not those of the result; `now` is name → SHA-256."""
    found = []
    left = dict(now)
    for file in pack.files:
        here = left.pop(file.name, None)
        if here != file.sha256:
            found.append(
                Difference(
                    "rules",
                    f"{file.name} of pack {pack.id}: its bytes are not those that were used",
                    f"sha256 {file.sha256}",
                    f"sha256 {here}" if here is not None else "the file is not there",
                )
            )
    for name, sha256 in left.items():
        found.append(
            Difference("rules", f"{name} of pack {pack.id}", "was not there", f"sha256 {sha256}")
        )
    return found


def rule_files(paths: Sequence[str]) -> dict[str, str]:
    """Name → SHA-256 of each file below the paths that exist: for rules that do not load."""
    found = {}
    for path in map(Path, paths):
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files[:10_000]:
            found[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def _pack(of: model.Pack) -> str:
    judged = "" if of.judged else ", not judged by"
    return f"{of.title!r} {of.version}, sha256 {of.sha256}{judged}"
