"""Configuration: `tosrules.toml`, or `[tool.tosrules]` of `pyproject.toml`.

Looked for upwards from the first trace, then from the working folder; the first that is found
holds. Paths in it are relative to its folder. What the command line says goes before it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tosrules.cli.exits import Unusable
from tosrules.record import Record
from tosrules.result.model import InputFile
from tosrules.result.status import SEVERITIES
from tosrules.trace.problems import nearest, printable, quoted

FILE = "tosrules.toml"
REDACTABLE = ("personal",)
"""What `--redact` may say."""


class Configuration(Record):
    """What a configuration file says; None or empty: nothing."""

    file: str | None = None
    rules: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    set: Mapping[str, str] = {}
    fail_on: str | None = None
    fail_on_undetermined: bool | None = None
    zone: str | None = None
    observed: str | None = None
    skip_invalid: bool | None = None
    allow_empty: bool | None = None
    trace_format: str | None = None
    format: str | None = None
    baseline: str | None = None
    redact: tuple[str, ...] = ()
    data: bytes = b""
    """The untouched bytes of the file."""

    @property
    def input(self) -> InputFile | None:
        """The file, as the result names it."""
        if self.file is None:
            return None
        import hashlib

        name = os.path.basename(self.file)
        return InputFile(name, hashlib.sha256(self.data).hexdigest(), len(self.data))


LISTS = ("rules", "select", "ignore", "jurisdiction", "redact")
FLAGS = ("fail-on-undetermined", "skip-invalid", "allow-empty")
TEXTS = ("fail-on", "zone", "observed", "trace-format", "format", "baseline")
TRACE_FORMATS = ("json", "jsonl", "csv", "parquet", "har", "access-log")
KEYS = (*LISTS, "set", *FLAGS, *TEXTS)


def find(first_trace: str | None) -> Configuration:
    """The configuration that holds for a run. Raises Unusable."""
    starts = []
    if first_trace is not None and first_trace != "-":
        named = re.split(r"[*?\[]", first_trace, maxsplit=1)[0]
        path = os.path.abspath(named)
        starts.append(path if os.path.isdir(path) else os.path.dirname(path))
    starts.append(os.getcwd())
    for start in starts:
        for folder in _upwards(start):
            found = _in(folder)
            if found is not None:
                return found
    return Configuration()


def _upwards(folder: str) -> Iterator[str]:
    """The folder and all that it lies in."""
    above = os.path.dirname(folder)
    yield folder
    while above != folder:
        yield above
        folder, above = above, os.path.dirname(above)


def _in(folder: str) -> Configuration | None:
    own = os.path.join(folder, FILE)
    if os.path.isfile(own):
        return read(own)
    project = os.path.join(folder, "pyproject.toml")
    if os.path.isfile(project) and "tool.tosrules" in _text(project):
        return read(project)
    return None


def read(path: str) -> Configuration | None:
    """The configuration in that file; None if a `pyproject.toml` has none. Raises Unusable."""
    import tomllib

    text = _text(path)
    try:
        data = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"{_name(path)}: this is not TOML: {printable(str(error), 200)}") from None
    if os.path.basename(path) != FILE:
        table = data.get("tool", {}).get("tosrules")
        if table is None:
            return None
    else:
        table = data
    return _configuration(path, text, table)


def _configuration(path: str, text: str, table: object) -> Configuration:
    if not isinstance(table, dict):
        raise Unusable(f"{_name(path)}: `tosrules` must be a table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        place = _place(path, text, key)
        if key not in KEYS:
            near = nearest(key, KEYS)
            raise Unusable(
                f"{place}: unknown key {quoted(key)}",
                f"did you mean `{near}`?" if near else f"the keys are {', '.join(KEYS)}",
            )
        values[key.replace("-", "_")] = _value(place, key, value, os.path.dirname(path))
    return Configuration(file=path, data=text.encode(), **values)


def _value(place: str, key: str, value: object, folder: str) -> object:
    if key in LISTS:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(v, str) for v in listed):
            raise Unusable(f"{place}: `{key}` must be a list of texts", f'write `{key} = ["…"]`')
        if key == "redact":
            return tuple(redactable(v, f"{place}: ") for v in listed)
        return tuple(_rules(v, folder) for v in listed) if key == "rules" else tuple(listed)
    if key in FLAGS:
        if not isinstance(value, bool):
            raise Unusable(f"{place}: `{key}` must be true or false")
        return value
    if key == "set":
        if not isinstance(value, dict):
            raise Unusable(f"{place}: `set` must be a table", 'write `set = { burst = "120" }`')
        return {name: _setting(place, name, v) for name, v in value.items()}
    if not isinstance(value, str):
        raise Unusable(f"{place}: `{key}` must be text", f'write `{key} = "…"`')
    if key == "baseline":
        return os.path.relpath(os.path.join(folder, value))
    if key == "fail-on" and value not in SEVERITIES:
        raise Unusable(
            f"{place}: {quoted(value)} is no severity", f"one of {', '.join(SEVERITIES)}"
        )
    return value


def redactable(what: str, place: str = "") -> str:
    """What redaction knows. Raises Unusable."""
    if what in REDACTABLE:
        return what
    raise Unusable(
        f"{place}{quoted(what)} is nothing that can be redacted",
        f"there is {', '.join(REDACTABLE)}; secrets are never shown",
    )


def _setting(place: str, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, float):
        raise Unusable(
            f"{place}: `{printable(name)}` is not held exactly as a number",
            f'write it as text: `{printable(name)} = "{value}"`',
        )
    raise Unusable(f"{place}: `{printable(name)}` must be a number or text")


def _rules(name: str, folder: str) -> str:
    """A pack id as it is; a path from the folder of the configuration."""
    path = os.path.join(folder, name)
    if name.endswith(".tos") or "/" in name or name in (".", ".."):
        return os.path.relpath(path)
    return name


def _place(path: str, text: str, key: str) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line) or re.match(
            rf"\s*\[(tool\.tosrules\.)?{re.escape(key)}\]", line
        ):
            return f"{_name(path)}:{number}"
    return _name(path)


def _name(path: str) -> str:
    return printable(os.path.relpath(path), 200)


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Unusable(f"{_name(path)} cannot be read: {(reason or '').lower()}") from None
