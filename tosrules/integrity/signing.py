"""Detached signatures in the format of `ssh-keygen -Y`, by calling that program."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

NAMESPACE = "tosrules"
"""What a signature is for: one made for another purpose does not count here."""
_PATIENCE = 120
"""Seconds, so that a passphrase can be typed."""


class SigningError(Exception):
    """It cannot be signed, or the signature is not good; the message is safe to print."""


def sign(data: bytes, key: str) -> bytes:
    """The signature of `data` with the private key in the file `key`. Raises SigningError."""
    if not os.path.isfile(key):
        raise SigningError("there is no such key file")
    done = _run(["-Y", "sign", "-f", key, "-n", NAMESPACE], data)
    if done.returncode != 0 or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise SigningError(f"ssh-keygen does not sign: {_said(done)}")
    return done.stdout


def signer(data: bytes, signature: bytes, allowed: str) -> str:
    """Who signed `data`, by the names in the file `allowed`. Raises SigningError."""
    if not os.path.isfile(allowed):
        raise SigningError("there is no such file of allowed signers")
    with tempfile.NamedTemporaryFile(suffix=".sig") as file:
        file.write(signature)
        file.flush()
        found = _run(["-Y", "find-principals", "-s", file.name, "-f", allowed], b"")
        names = found.stdout.decode("utf-8", "replace").splitlines()
        if found.returncode != 0 or not names:
            raise SigningError("the key that signed it is none of those that are allowed")
        check = ["-Y", "verify", "-f", allowed, "-I", names[0], "-n", NAMESPACE, "-s", file.name]
        done = _run(check, data)
    if done.returncode != 0:
        raise SigningError(f"the signature does not hold: {_said(done)}")
    return names[0]


def _run(arguments: list[str], data: bytes) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise SigningError("there is no ssh-keygen here; it comes with OpenSSH, 8.0 or later")
    try:
        return subprocess.run(
            [program, *arguments], input=data, capture_output=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise SigningError("ssh-keygen does not answer") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    from tosrules.trace.problems import printable

    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return printable(lines[-1], 200) if lines else "it says nothing"
