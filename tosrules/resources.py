"""Where the files that come with tosrules are: the grammar, the shipped rules, and what was
prepared from them when the package was built.

In a wheel all of it lies in `tosrules/_data`. A working copy reads the grammar and the rules
from the folders of the repository, so that an edit counts at once; only prepared files are
in `tosrules/_data` there, and they are used only while their hashes still fit.
"""

from __future__ import annotations

import contextlib
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a small check does without it
    from pathlib import Path

_PACKAGE = os.path.dirname(os.path.realpath(__file__))
_DATA = os.path.join(_PACKAGE, "_data")
_REPOSITORY = os.path.dirname(_PACKAGE)

TABLES = "tables.json"
PACKS = "packs.json"
POLICIES = "policies.json"


def _root(name: str) -> str:
    """The folder `grammar` or `rules`: of the repository where there is one."""
    beside = os.path.join(_REPOSITORY, name)
    if os.path.isfile(os.path.join(_REPOSITORY, "hatch_build.py")) and os.path.isdir(beside):
        return beside
    return os.path.join(_DATA, name)


@cache
def grammar_text() -> str:
    """The text of the grammar."""
    with open(os.path.join(_root("grammar"), "tosrules.lark"), encoding="utf-8") as file:
        return file.read()


def rules_folder() -> str:
    """The folder of the shipped packs: `core/`, `vocabulary/` …"""
    return _root("rules")


def rules_root() -> Path:
    """`rules_folder`, as a path object."""
    from pathlib import Path

    return Path(rules_folder())


def prepared(name: str) -> str | None:
    """The prepared file of this name, or None where none was made."""
    data = prepared_bytes(name)
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def prepared_bytes(name: str) -> bytes | None:
    """The bytes of a prepared file, or None where none was made."""
    try:
        with open(os.path.join(_DATA, name), "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return None


def store(name: str, text: str) -> bool:
    """Keep a prepared file for the next run; False where the folder cannot be written.

    Another run may read or write the same file meanwhile: it is put in place whole.
    """
    import tempfile  # half the cost of importing this module, for one run in thousands

    try:
        os.makedirs(_DATA, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{name}.", dir=_DATA)
    except OSError:
        return False
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(partial, 0o644)
        os.replace(partial, os.path.join(_DATA, name))
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        return False
    return True
