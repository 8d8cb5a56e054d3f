"""Where things are, as SARIF says it: trace files as artifacts, events as locations in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from tosrules.reports.sarif_text import message
from tosrules.result.model import Evidence, Place, TraceInput

STANDARD_INPUT = "-"
_MIME = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "har": "application/json",
    "access-log": "text/plain",
}


class Places:
    """The artifacts of a run, and locations in them; what many findings cite is made once."""

    def __init__(self, traces: Sequence[TraceInput], base: str) -> None:
        self._traces = traces
        self._base = base
        self._artifacts: dict[str, dict[str, Any]] = {}
        for index, trace in enumerate(traces):
            self._artifacts[trace.name] = {"uri": self._uri(trace.name), "index": index}
        self._ready: dict[int, tuple[Evidence, dict[str, Any]]] = {}

    def artifacts(self) -> list[dict[str, Any]]:
        return [self._artifact(trace) for trace in self._traces]

    def _artifact(self, trace: TraceInput) -> dict[str, Any]:
        roles = ["analysisTarget"]
        if trace.name == STANDARD_INPUT:
            roles.append("standardStream")
        return {
            "location": {"uri": self._uri(trace.name)},
            "length": trace.bytes,
            "roles": roles,
            **({"mimeType": _MIME[trace.format]} if trace.format in _MIME else {}),
            "hashes": {"sha-256": trace.sha256},
            "properties": {"format": trace.format, "events": trace.events},
        }

    def whole(self) -> list[dict[str, Any]]:
        """The first trace as a whole: viewers refuse a file whose results have no location."""
        if not self._traces:
            return []
        return [{"physicalLocation": {"artifactLocation": self._in(self._traces[0].name)}}]

    def place(self, of: Place) -> dict[str, Any]:
        """A record of a trace. Where lines mean nothing, its index is its logical location."""
        at: dict[str, Any] = {"artifactLocation": self._in(of.file)}
        if of.line is not None:
            at["region"] = {"startLine": of.line}
            return {"physicalLocation": at}
        found: dict[str, Any] = {"physicalLocation": at}
        if of.index is not None:
            found["logicalLocations"] = [{"index": -1, "fullyQualifiedName": f"[{of.index}]"}]
        return found

    def event(self, of: Evidence) -> dict[str, Any]:
        """The event of a finding, with what it is in it."""
        ready = self._ready.get(id(of))
        if ready is None:
            role = f"begins {of.note}" if of.role == "begins" else of.role
            found = self.place(of.source)
            found["message"] = message(f"{of.time} {of.type} {of.event}: {role}")
            found["properties"] = {
                "event": of.event,
                "type": of.type,
                "time": of.time,
                "role": of.role,
                "digest": of.digest,
            }
            ready = self._ready[id(of)] = of, found
        return ready[1]

    def _in(self, file: str) -> dict[str, Any]:
        return self._artifacts.get(file) or {"uri": self._uri(file)}

    def _uri(self, name: str) -> str:
        """A relative reference; `./` before a name whose colon would make it a scheme."""
        if name == STANDARD_INPUT:
            return "stdin"
        whole = f"{self._base}/{name}" if self._base else name
        path = quote(whole.encode("utf-8", "backslashreplace"), safe="/~!$&'()*+,;=:@")
        return f"./{path}" if ":" in path.split("/", 1)[0] else path
