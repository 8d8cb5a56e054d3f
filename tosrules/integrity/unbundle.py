"""Verifying a bundle: its own sums, custody log and signature first, then the result in it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tosrules.integrity import bundle, custody
from tosrules.integrity.archive import Archive, ArchiveError, opened
from tosrules.integrity.differences import Difference, Verification
from tosrules.integrity.signing import SigningError, signer
from tosrules.integrity.verify import Given, verify
from tosrules.record import replace
from tosrules.result.values import count
from tosrules.trace.inputs import InputFile

_RULES = "rules/"
_TRACES = "traces/"


def verify_bundle(path: str, given: Given, signers: str | None) -> Verification:
    """Holds the bundle in that file to itself, and its result to its rules, to the traces in it
    and to what is given. `signers`: a file of allowed signers.

    Raises ArchiveError, ResultError and OSError.
    """
    with opened(path) as archive:
        found = bundle.archive_differences(archive)
        if bundle.RESULT not in archive.names:
            raise ArchiveError("there is no result.json in the archive")
        inner = _inner(archive, given)
        confirmed, unchecked, impossible = [], [], []
        if not found:
            files = count(len(archive.names), "file")
            confirmed.append(f"the bundle holds together: {files}, each as it was put in")
            log = custody.told(archive.read(bundle.CUSTODY))
            confirmed += [f"custody: {time} {who}: {what}" for time, who, what in log]
        signed = bundle.SIGNATURE in archive.names and bundle.SUMS in archive.names
        if signed and signers is not None:
            sums, signature = archive.read(bundle.SUMS), archive.read(bundle.SIGNATURE)
            try:
                confirmed.append(f"signed by {signer(sums, signature, signers)}")
            except SigningError as error:
                found.append(
                    Difference("bundle", f"{bundle.SIGNATURE}: the signature", "holds", str(error))
                )
        elif signers is not None:
            impossible.append("the bundle is not signed")
        elif signed:
            unchecked.append("the bundle is signed; --allowed-signers FILE says who may have")
    return Verification(
        (*found, *inner.differences),
        (*confirmed, *inner.confirmed),
        (*unchecked, *inner.unchecked),
        (*impossible, *inner.impossible),
        inner.other_version,
    )


def _inner(archive: Archive, given: Given) -> Verification:
    """The result of the bundle, held to the rules in it unless others are given. Rules are
    unpacked into a folder that is gone afterwards; traces never are."""
    traces = [
        InputFile(name, name.removeprefix(_TRACES), archive.opener(name))
        for name in archive.names
        if name.startswith(_TRACES)
    ]
    given = replace(given, traces=(*traces, *given.traces))
    data = archive.read(bundle.RESULT)
    if given.rules:
        return verify(data, given)
    with tempfile.TemporaryDirectory(prefix="tosrules-") as folder:
        root = Path(folder)
        for name in archive.names:
            if name.startswith(_RULES):
                file = root / name.removeprefix(_RULES)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.read(name))
        return verify(data, replace(given, rule_path=(root,)))
