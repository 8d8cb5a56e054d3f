"""Ten texts through everything that tosrules says of rules, traces and command lines."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.conftest import Ended
from tests.hostile.corpus import TEN
from tests.hostile.harmless import acting
from tosrules.language.diagnostics import Diagnostic, Related, render
from tosrules.language.load import load
from tosrules.language.span import Span
from tosrules.trace import TraceError, describe, read_traces
from tosrules.vocabulary import NUMBER, TEXT, TIME, Attribute, EventType, Vocabulary, reference

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
LINE = re.compile(r"^\S+:\d+:\d+: (?:error|warning)\[([a-z0-9-]+)\]: (.*)$", re.M)
NUMBERS = range(len(TEN))
FORGED = ("::", "No violation was found", "over")


def harmless(said: str, longest: int = 2_000) -> None:
    assert acting(said) == set()
    for line in said.split("\n"):
        assert not line.startswith(FORGED)
        assert len(line) <= longest


# Rules


def rule_codes() -> dict[str, str]:
    """Each code that the page of errors lists → a message of it, where a fixture has one."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    messages = dict.fromkeys(re.findall(r"^### (\S+)$", page, flags=re.M), "`x` is wrong")
    for path in sorted(FIXTURES.glob("**/*.txt")):
        messages |= dict(LINE.findall(path.read_bytes().decode("utf-8", "replace")))
    return messages


@pytest.mark.parametrize("number", NUMBERS)
def test_no_rule_diagnostic_acts(number: int) -> None:
    """Whatever stands between backticks, on the line, under it, in the help, in the file's name
    or in a second place: the one function that prints diagnostics makes it harmless."""
    text = TEN[number]
    short = text[:300]  # what quotes in a message cuts; the line of the file is not cut before
    codes = rule_codes()
    assert len(codes) >= 190
    for code, message in codes.items():
        said = re.sub(r"`[^`]*`", lambda _: f"`{short}`", message)
        file = f"{short}.tos"
        lines = f'pack x "{text}"\n# {text}'
        place = Span(file, 1, 6, 1, 12)
        found = Diagnostic(
            code, said, place, f"write `{short}`", short, (Related(place, f"`{short}`"),)
        )
        shown = render(found, {file: lines})
        assert f"[{code}]" in shown
        harmless(shown)
        assert shown.count("\n") == 8, "text has become a line"


RULES = {
    "unknown-event": 'clause c "{t}" {{ cite s section "{t}" severity low forbid x.y }} # {c}',
    "unknown-source": 'clause c "{t}" {{ cite q section "{t}" forbid api.call }} # {c}',
    "unknown-word": 'clause c "{t}" {{ severty "{t}" }} # {c}',
    "unclosed-text": 'clause c "{t} # {c}',
    "unexpected": '"{t}" # {c}',
    "any": "{c}",
    "number": 'clause c "{t}" {{ forbid api.call where count = "{t}" }} # {c}',
    "regex": 'clause c "{t}" {{ forbid api.call where kind matches /({c}/ }} # {c}',
}


def test_no_rule_file_acts(tmp_path: Path) -> None:
    """As they are read: in texts (escaped as the language has it), comments, and bare."""
    files = []
    for number, text in enumerate(TEN):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        for name, rule in RULES.items():
            path = tmp_path / f"{name}{number}.tos"
            body = rule.format(t=escaped, c=text)
            path.write_bytes(f'pack p{number} "P" version "1"\n{body}\n'.encode())
            files.append(str(path))
    found = load(files)
    assert {d.span.file for d in found.diagnostics} == set(files)
    for diagnostic in found.diagnostics:
        harmless(render(diagnostic, found.texts))


# Traces

WORDS = {
    "purpose": Attribute("purpose", TEXT),
    "actor": Attribute("actor", reference("party")),
    "items": Attribute("items", NUMBER),
    "until": Attribute("until", TIME),
}
VOCABULARY = Vocabulary({"a.b": EventType("a.b", "", WORDS)}, WORDS)
EVENT = '{"id":%s,"time":"2020-01-01T00:00:00Z","type":%s,"purpose":%s%s}'


def event(t: str, more: str = "") -> str:
    """`t` is JSON text: it is id, type and value."""
    return EVENT % (t, t, t, "," + more if more else "")


def document(t: str, *events: str, head: str = "") -> str:
    return '{"trace":"tosrules-trace/1","title":%s,%s"events":[%s]}' % (  # noqa: UP031
        t, head, ",".join(events),
    )  # fmt: skip


def one(t: str, more: str) -> str:
    return document(t, event(t, more))


Make = Callable[[str], "str | bytes"]
TRACES: dict[str, tuple[str, Make]] = {
    "trace-bad-json": ("t.json", lambda t: one(t, f"{t}:1 {t}")),
    "trace-truncated": ("t.json", lambda t: one(t, f"{t}:1")[:-9]),
    "trace-duplicate-key": ("t.json", lambda t: one(t, f"{t}:1,{t}:2")),
    "trace-not-a-number": ("t.json", lambda t: one(t, f"{t}:NaN")),
    "trace-number-too-large": ("t.json", lambda t: one(t, f"{t}:1e400")),
    "trace-number-too-fine": ("t.json", lambda t: one(t, f"{t}:0.1234567")),
    "trace-lone-surrogate": ("t.json", lambda t: one(t, f'{t}:"\\ud800"')),
    "trace-not-utf8": ("t.json", lambda t: one(t, f'{t}:"?"').encode().replace(b'"?"', b'"\xff"')),
    "trace-too-deep": ("t.json", lambda t: one(t, f"{t}:{'[' * 70}{']' * 70}")),
    "trace-naive-time": (
        "t.json", lambda t: document(t, event(t).replace("Z", "").replace('"a.b"', t)),
    ),
    "trace-bad-time": (
        "t.json", lambda t: document(t, f'{{"id":{t},"type":{t},"time":{t}}}'),
    ),
    "trace-ill-typed": (
        "t.json", lambda t: document(t, EVENT % (t, '"a.b"', t, f',"items":{t},"until":{t}')),
    ),
    "trace-no-id": ("t.json", lambda t: document(t, f'{{{t}:{t}}}')),
    "trace-no-time": ("t.json", lambda t: document(t, f'{{"id":{t},"type":{t}}}')),
    "trace-no-type": (
        "t.json", lambda t: document(t, f'{{"id":{t},"time":"2020-01-01T00:00:00Z"}}'),
    ),
    "trace-version": ("t.json", lambda t: f'{{"trace":{t},"events":[]}}'),
    "trace-no-events": ("t.json", lambda t: f'{{\n"trace":"tosrules-trace/1","title":{t}}}'),
    "trace-unknown-key": ("t.json", lambda t: document(t, head=f"{t}:{t},")),
    "trace-bad-observed": (
        "t.json", lambda t: document(t, head=f'"observed":{{{t}:{t}}},'),
    ),
    "trace-unknown-format": ("t.json", lambda t: f"[{t}]"),
    "trace-empty": ("t.json", lambda t: ""),  # noqa: ARG005
    "trace-id-conflict": (
        "t.json", lambda t: document(t, event(t, '"x":1'), event(t, f'{t}:2,"x":2')),
    ),
    "trace-bad-csv": ("t.csv", lambda t: f"id,time,type,{t}\n{t},{t}\n"),
    "trace-no-header": ("t.csv", lambda t: f"id,time,type,{t},\n{t}\n"),
    "trace-bad-parquet": ("t.parquet", lambda t: f"PAR1{t}PAR1"),
    "trace-not-har": ("t.json", lambda t: f'{{"log":{{{t}:{t}}}}}'),
    "trace-not-a-log-line": (
        "t.log",
        lambda t: '192.0.2.1 - - [01/Jan/2020:00:00:00 +0000] "GET / HTTP/1.1" 200 1\n' + t,
    ),
    "trace-record-too-large": (
        "t.jsonl", lambda t: event(t, f'{t}:"{"x" * 2_000}"'),
    ),
}  # fmt: skip
"""Code → a file that is refused by it, with the text wherever a file may hold it."""

ELSEWHERE = {
    "trace-no-file": "names are given: `test_no_name_of_a_trace_acts`",
    "trace-unreadable": "the same; and what the system says of a file",
    "trace-not-a-file": "quotes a name as `trace-no-file` does; a fifo of such a name here",
    "trace-observed-gap": "quotes two names of files: `test_no_gap_acts`",
    "trace-unknown-zone": "on the command line: `test_no_command_line_acts`",
    "trace-no-input": "quotes nothing",
    "trace-format": "the name of an option, no code",
}
"""Code → why no file's text comes into it, and what does."""


def told(inputs: list[str], **more: object) -> tuple[set[str], str]:
    with pytest.raises(TraceError) as caught:
        read_traces(inputs, VOCABULARY, **more)  # type: ignore[arg-type]
    found = caught.value.problems
    return {p.code for p in found}, "\n".join(describe(p) for p in found)


def test_every_trace_code_is_here() -> None:
    known: set[str] = set()
    for path in (ROOT / "tosrules" / "trace").glob("*.py"):
        known |= set(re.findall(r'"(trace-[a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert (
        known | {"trace-format", "trace-no-id", "trace-no-type"} == TRACES.keys() | ELSEWHERE.keys()
    )


@pytest.mark.parametrize("code", TRACES)
def test_no_trace_problem_acts(code: str, tmp_path: Path) -> None:
    name, make = TRACES[code]
    for text in TEN:
        json_text = '"' + re.sub(r'[\x00-\x1f"\\]', lambda m: f"\\u{ord(m[0]):04x}", text) + '"'
        plain = name.endswith((".csv", ".log", ".parquet"))
        content = make(text.replace("\n", " ").replace("\r", " ") if plain else json_text)
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        most = {"max_record": 1_000} if code == "trace-record-too-large" else {}
        codes, said = told([str(path)], **most)
        assert code in codes, said[:500]
        harmless(said)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_name_of_a_trace_acts(number: int, tmp_path: Path) -> None:
    text = TEN[number]
    for given in (text, f"{text}*", f"{tmp_path}/{text}"):
        codes, said = told([given])
        assert codes <= {"trace-no-file", "trace-unreadable"}
        harmless(said)
    name = text[:80].replace("/", "∕")
    os.mkfifo(tmp_path / name)
    codes, said = told([str(tmp_path / name)])
    assert codes == {"trace-not-a-file"}
    harmless(said)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_gap_acts(number: int, tmp_path: Path) -> None:
    for year in (2020, 2022):
        head = f'"observed":{{"from":"{year}-01-01T00:00:00Z","to":"{year}-02-01T00:00:00Z"}},'
        name = f"n{TEN[number][:80].replace('/', '∕')}{year}.json"
        (tmp_path / name).write_text(document('"x"', head=head), encoding="utf-8")
    codes, said = told([str(tmp_path)])
    assert codes == {"trace-observed-gap"}
    harmless(said)


# Command lines

COMMANDS: dict[str, tuple[str, ...]] = {
    "command": ("{}",),
    "option": ("check", "t.json", "--{}"),
    "value of a choice": ("check", "t.json", "--fail-on", "{}"),
    "engine": ("check", "t.json", "--engine", "{}"),
    "format": ("check", "t.json", "--format", "{}"),
    "report": ("check", "t.json", "--report", "{}"),
    "format of a report": ("check", "t.json", "--report", "{}=x"),
    "zone": ("check", "t.json", "--zone", "{}"),
    "observed": ("check", "t.json", "--observed", "{}"),
    "memory": ("check", "t.json", "--engine", "duckdb", "--memory-limit", "{}"),
    "threads": ("check", "t.json", "--threads", "{}"),
    "redact": ("check", "t.json", "--redact", "{}"),
    "baseline": ("check", "t.json", "--baseline", "{}"),
    "trace": ("check", "{}"),
    "pack": ("check", "t.json", "--rules", "{}"),
    "parameter": ("check", "t.json", "--set", "{}=1"),
    "no parameter": ("check", "t.json", "--set", "{}"),
    "clause": ("explain", "{}"),
    "rules": ("rules", "{}"),
    "result": ("report", "{}"),
    "schema": ("schema", "{}"),
    "demo": ("demo", "{}"),
    "fmt": ("fmt", "{}"),
    "test": ("test", "{}"),
    "verify": ("verify", "{}", "t.json"),
}
SLOW = {"parameter": (0, 1), "clause": (0, 1), "trace": (0, 9), "zone": (0, 1), "memory": (0, 1)}
"""Those for which packs are read, which takes long: two of the texts."""


def refused(ended: Ended) -> None:
    assert ended.status == 2, ended.err[-2_000:]
    assert "Traceback" not in ended.err
    assert ended.err.startswith(("error: ", "--")) or "error[" in ended.err
    harmless(ended.err, 110_000)  # what is asked for may be repeated, however long


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "t.json").write_text(document('"x"', EVENT % ('"e"', '"a.b"', '"x"', "")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("what", COMMANDS)
def test_no_command_line_acts(what: str, place: Path, command: Callable[..., Ended]) -> None:
    for number in SLOW.get(what, NUMBERS):
        refused(command(*(part.replace("{}", TEN[number]) for part in COMMANDS[what])))
    assert [p.name for p in place.iterdir()] == ["t.json"]


@pytest.mark.parametrize("number", NUMBERS)
def test_no_configuration_acts(number: int, place: Path, command: Callable[..., Ended]) -> None:
    text = "".join(c if c.isalnum() else f"\\U{ord(c):08x}" for c in TEN[number])
    for line in (f'"{text}" = 1', f'fail-on = "{text}"', f'format = "{text}"', TEN[number]):
        (place / "tosrules.toml").write_text(line, encoding="utf-8")
        refused(command("check", "t.json"))
    (place / "tosrules.toml").unlink()
    for line in (f'"{text}" = 1', f'[[accepted]]\n"{text}" = "{text}"', TEN[number]):
        (place / "b.toml").write_text(line, encoding="utf-8")
        refused(command("check", "t.json", "--baseline", "b.toml"))
