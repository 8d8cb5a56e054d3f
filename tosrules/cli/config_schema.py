"""The JSON Schema of a configuration, from what `tosrules.cli.config` reads."""

from __future__ import annotations

from typing import Any

from tosrules.cli.config import FLAGS, KEYS, LISTS, REDACTABLE, TRACE_FORMATS
from tosrules.reports import FORMATS
from tosrules.result.status import SEVERITIES

_CHOICES = {
    "fail-on": SEVERITIES,
    "format": tuple(FORMATS),
    "trace-format": TRACE_FORMATS,
}
_SAID = {
    "rules": "Packs, and files or folders relative to this file.",
    "select": "Only these clauses, by name or glob.",
    "ignore": "Not these clauses.",
    "jurisdiction": "Name the laws of these places only.",
    "set": "Parameters; what is no whole number is written as text.",
    "fail-on": "Least severity that makes the exit status 1.",
    "fail-on-undetermined": "Exit status 3 if not everything could be judged.",
    "skip-invalid": "Go on past unreadable records.",
    "allow-empty": "A trace may have no events.",
    "zone": "Zone of times without an offset.",
    "observed": "The observed period, FROM/TO.",
    "trace-format": "Format of the traces.",
    "format": "Format of the report.",
    "baseline": "File of accepted findings, relative to this file.",
    "redact": "What is replaced by pseudonyms.",
}


def config_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of the table that a `tosrules.toml` is."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://tosrules.invalid/schema/tosrules-config/1",
        "title": "tosrules-config/1",
        "description": "tosrules.toml, or [tool.tosrules] of pyproject.toml, as data.",
        "type": "object",
        "properties": {key: {**_of(key), "description": _SAID[key]} for key in KEYS},
        "additionalProperties": False,
    }


def _of(key: str) -> dict[str, Any]:
    if key in LISTS:
        one: dict[str, Any] = {"enum": list(REDACTABLE)} if key == "redact" else {"type": "string"}
        return {"anyOf": [one, {"type": "array", "items": one}]}
    if key in FLAGS:
        return {"type": "boolean"}
    if key == "set":
        return {
            "type": "object",
            "additionalProperties": {"type": ["string", "integer", "boolean"]},
        }
    if key in _CHOICES:
        return {"enum": list(_CHOICES[key])}
    return {"type": "string"}
