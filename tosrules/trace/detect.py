"""The format of an input, by its first bytes and never by its name."""

from __future__ import annotations

import re

from tosrules.trace.problems import Refused, TraceProblem

FORMATS = ("json", "jsonl", "csv", "parquet", "har", "access-log")

_LINES = 20
"""First lines of which one must look like an access log's."""
# A text that is cut off goes to the end: else each quotation mark in it would be tried.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"(\s*:)?|\\?\Z)|[{}\[\],]', re.DOTALL)
_OTHERS = (
    (b"\x28\xb5\x2f\xfd", "compressed with zstd twice"),
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x1f\x8b", "compressed with gzip twice"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "an image"),
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def detect(head: bytes, whole: bool, file: str) -> str:
    """One of FORMATS. `head` are the first bytes; `whole` says that there are no more.

    Raises Refused if it is none of them.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, said in _OTHERS:
        if head.startswith(magic):
            raise _refused(file, "trace-unknown-format", f"the file is {said}", "unpack it first")
    if head[:2] in _WIDE or (len(head) > 3 and head[:4].count(0) >= 2 and head.strip(b"\x00")):
        raise _refused(file, "trace-not-utf8", "the file is UTF-16", "save it as UTF-8")
    text = head.decode("utf-8", "replace").lstrip(" \t\r\n")
    if not text:
        if whole:
            raise _refused(file, "trace-empty", "the file is empty")
        raise _unknown(file)
    if text[0] == "{":
        return _object(text, whole, file)
    if text[0] == "[":
        raise _refused(
            file,
            "trace-unknown-format",
            "the file is a bare JSON list, which does not say that it is a trace",
            'write `{"trace": "tosrules-trace/1", "events": [ … ]}` around it',
        )
    from tosrules.trace.access_log import is_access_line

    seen = [line for line in head.split(b"\n") if line.strip()][:_LINES]
    if any(is_access_line(line.rstrip(b"\r")) for line in seen):
        return "access-log"
    if b"," in head and _is_csv(head):
        return "csv"
    raise _unknown(file)


def _is_csv(head: bytes) -> bool:
    from tosrules.trace.csv_table import is_csv_header

    return is_csv_header(head.split(b"\n", 1)[0])


def _object(text: str, whole: bool, file: str) -> str:
    """Which format an object begins, by the names that stand directly in it."""
    depth = 0
    names: list[str] = []
    end = None
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in ("{", "["):
            depth += 1
        elif token in ("}", "]"):
            depth -= 1
            if depth == 0:
                end = match.end()
                break
        elif depth == 1 and match[1] is not None:
            name = token[1 : token.rindex('"')]
            if name in ("id", "time", "type"):
                return "jsonl"
            if name == "events":
                return "json"
            if name == "log" and text[match.end() :].lstrip()[:1] in ("{", "[", ""):
                return "har"
            names.append(name)
    if "trace" in names:
        # A header by itself: the first line of JSON Lines if it stands on one line.
        return "json" if end is None or "\n" in text[:end] else "jsonl"
    if end is None:
        return "jsonl"
    if "result" in names:
        raise _refused(
            file, "trace-unknown-format", "the file is a result of tosrules, not a trace"
        )
    if "\n" not in text[end:].rstrip() and whole:
        raise _refused(
            file,
            "trace-unknown-format",
            "the JSON object is no event and no trace",
            "an event has `id`, `time` and `type`; a trace has `trace` and `events`, a HAR file "
            "`log`",
        )
    return "jsonl"


def _unknown(file: str) -> Refused:
    return _refused(
        file,
        "trace-unknown-format",
        "this is not a trace that can be read",
        "a trace is JSON, JSON Lines, CSV, Parquet, HAR or an access log",
    )


def _refused(file: str, code: str, message: str, help: str = "") -> Refused:
    return Refused(TraceProblem(code, message, help, file))
