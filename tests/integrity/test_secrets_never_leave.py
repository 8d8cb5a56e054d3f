"""Secrets planted in traces of every format, looked for in all that every command leaves behind.

Loops over what there is (formats, engines, commands), so that what is added later is held to the
same.
"""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

import click
import pytest

from tests.cli.conftest import project, tosrules
from tests.engines.spark.conftest import missing
from tosrules.cli import check as check_command
from tosrules.integrity.archive import opened
from tosrules.reports import FORMATS

__all__ = ["project", "tosrules"]

PLANTED = {
    "password": "correct-horse-battery-7",
    "token": "tok_5f0eA9d17c33",
    "cookie": "c00kieZk39fjW0q1",
    "authorization": "QWxhZGRpbjpvcGVu5",
    "in a URL": "urltok_88bb21aa",
    "of a user": "userpw_31337xy",
    "body": "b0dy_secret_4242",
}
ENGINES = next(p for p in check_command.command.params if p.name == "engine").type
assert isinstance(ENGINES, click.Choice)
TRIED = [
    pytest.param(name, marks=pytest.mark.skipif(bool(missing()), reason=f"no Spark: {missing()}"))
    if name == "spark"
    else name
    for name in ENGINES.choices
]
RULES = """pack leaky "Leaky" version "1"
source terms { title "Terms" version "1" }
clause no-credentials "No credentials" {
  cite terms severity high
  forbid credential.submit where password is present
}
clause no-tokens "No tokens" {
  cite terms severity high
  forbid more than 0 token.obtain per token within 1 hour
}
clause no-replay "No replay" {
  cite terms severity high
  forbid credential.submit as ask then session.logon as use later where use.account = ask.account
}
clause no-request "No request" {
  cite terms severity low
  forbid http.request where http.request.cookie is present or url.path is present
}
"""


def native() -> str:
    p = PLANTED
    at = "2020-06-01T10:0{}:00Z"
    events = [
        {
            "id": "e1",
            "type": "credential.submit",
            "actor": "bot",
            "account": "a",
            "password": p["password"],
            "site": f"x.example/?p={p['password']}",
        },
        {"id": "e2", "type": "session.logon", "actor": f"bot {p['password']}", "account": "a"},
        {"id": f"e3-{p['token']}", "type": "token.obtain", "actor": "bot", "token": p["token"]},
        {
            "id": "e4",
            "type": "token.obtain",
            "actor": "bot",
            "purpose": p["token"],
            "token": "x" * 9,
        },
        {"id": "e5", "type": "misplaced.type", "password": p["password"]},
        {
            "id": "e6",
            "type": "http.request",
            "http.request.cookie": f"sid={p['cookie']}; theme=dark",
            "http.request.authorization": f"Basic {p['authorization']}",
            "url.path": f"/{p['cookie']}/{p['authorization']}",
        },
    ]
    timed = [{**e, "time": at.format(n)} for n, e in enumerate(events)]
    return json.dumps({"trace": "tosrules-trace/1", "events": timed}, indent=1)


def har() -> str:
    p = PLANTED
    request = {
        "method": "POST",
        "url": f"https://u:{p['of a user']}@shop.example/a?token={p['in a URL']}",
        "headers": [
            {"name": "Cookie", "value": f"sid={p['cookie']}"},
            {"name": "Authorization", "value": f"Bearer {p['authorization']}"},
            {"name": "Referer", "value": f"https://shop.example/?session={p['in a URL']}"},
        ],
        "postData": {"text": p["body"]},
    }
    response = {"status": 200, "content": {"text": p["body"]}}
    entry = {"startedDateTime": "2020-06-01T10:00:00Z", "request": request, "response": response}
    return json.dumps({"log": {"entries": [entry]}})


def log() -> str:
    p = PLANTED
    return (
        '192.0.2.1 - - [06/Feb/2024:05:30:00 +0000] "GET https://u:'
        f'{p["of a user"]}@shop.example/?token={p["in a URL"]} HTTP/1.1" 200 5 '
        f'"https://shop.example/?sid={p["cookie"]}" "x" "{p["body"]}"\n'
    )


def broken() -> str:
    """Records that cannot be read, with secrets beside what is wrong."""
    p = PLANTED
    lines = [
        f'{{"id": "b1", "type": "credential.submit", "password": "{p["password"]}"}}',
        f'{{"id": "b2", "time": 7, "type": "token.obtain", "token": "{p["token"]}"}}',
        f'{{"id": "b3", "time": "2020-06-01T10:00:00Z", "type": "token.obtain", '
        f'"token": ["{p["token"]}"]}}',
        f'{{"id": "b4", "time": "2020-06-01T10:00:00Z", "type": "credential.submit", '
        f'"password": {{"old": "{p["password"]}"}}}}',
        f'{{"id": "b5", "time": "2020-06-01T10:00:00Z", "type": "token.obtain", '
        f'"token": "{p["token"]}", "token": "{p["token"]}"}}',
        f'{{"id": "b6", "time": "2020-06-01T10:00:00Z", "type": "x", "password": "{p["password"]}',
    ]
    return "\n".join(lines) + "\n"


TRACES = {"t.json": native, "t.har": har, "t.log": log, "t.jsonl": broken}


@pytest.fixture
def planted(project, tmp_path, monkeypatch) -> Path:
    (project / "leaky.tos").write_text(RULES)
    (project / "tosrules.toml").write_text('rules = ["leaky.tos"]\n')
    for name, make in TRACES.items():
        (project / name).write_text(make())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    return project


def leaks(text: str | bytes) -> list[str]:
    """Names of planted secrets in a text, plain or in a usual coding."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    found = []
    for name, secret in PLANTED.items():
        forms = {secret, quote(secret, safe=""), secret.encode().hex(), secret[::-1]}
        forms |= {base64.b64encode(secret.encode()).decode().rstrip("=")}
        found += [name for form in forms if form.encode() in data]
    return found


def left_behind(project: Path) -> list[str]:
    """Files beside the traces that hold a secret."""
    return [
        str(path)
        for path in project.rglob("*")
        if path.is_file() and path.name not in TRACES and leaks(path.read_bytes())
    ]


@pytest.mark.parametrize("engine", TRIED)
@pytest.mark.parametrize("trace", [t for t in TRACES if t != "t.jsonl"])
def test_every_report(planted, tosrules, trace, engine):
    arguments = [f"--report={name}={name}.out" for name in FORMATS]
    ended = tosrules("check", trace, "--all", "--engine", engine, *arguments)
    assert ended.status == 1, ended.err
    assert all((planted / f"{name}.out").stat().st_size for name in FORMATS)
    assert leaks(ended.out) == []
    assert leaks(ended.err) == []
    assert left_behind(planted) == []


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize(
    "arguments",
    [
        ("--all",),
        ("--quiet",),
        ("--skip-invalid", "--allow-empty"),
        ("--zone", "Europe/Madrid"),
        ("--redact", "personal", "--all"),
        ("--baseline", "b.toml", "--update-baseline"),
        ("--trace-format", "har"),
        ("--trace-format", "jsonl"),
        ("--trace-format", "access-log"),
        ("--observed", "2020-06-01/2020-06-02"),
    ],
    ids=" ".join,
)
def test_every_way_to_check(planted, tosrules, trace, arguments):
    ended = tosrules("check", trace, *arguments)
    assert ended.status in (0, 1, 2, 3)
    assert leaks(ended.out) == []
    assert leaks(ended.err) == []
    assert left_behind(planted) == []


def test_two_events_of_one_id(planted, tosrules):
    event = {"id": "e", "time": "2020-06-01T10:00:00Z", "type": "credential.submit"}
    events = [{**event, "password": PLANTED["password"]}, {**event, "password": PLANTED["token"]}]
    (planted / "t.json").write_text(json.dumps({"trace": "tosrules-trace/1", "events": events}))
    ended = tosrules("check", "t.json")
    assert ended.status == 2
    assert "differ in `password`" in ended.err
    assert leaks(ended.err) == []


def test_a_changed_password_is_not_told_by_verify(planted, tosrules):
    tosrules("check", "t.json", "--report", "json=r.json")
    path = planted / "t.json"
    path.write_text(path.read_text().replace(PLANTED["password"], PLANTED["password"] + "x"))
    ended = tosrules("verify", "r.json", "--trace", "t.json", "--rules", "leaky.tos", "--all")
    assert ended.status == 1
    assert "differs   t.json: its bytes" in ended.out
    assert leaks(ended.out + ended.err) == []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_bundles(planted, tosrules, kind, form):
    tosrules("check", "t.json", "--report", "json=r.json")
    arguments = ("--rules", "leaky.tos", "--report", form, "-o", f"c.{kind}")
    ended = tosrules("bundle", "r.json", *arguments)
    assert ended.status == 0, ended.err
    with opened(str(planted / f"c.{kind}")) as archive:
        assert [n for n in archive.names if leaks(archive.read(n))] == []
    came = tosrules("verify", f"c.{kind}", "--trace", "t.json", "--all")
    assert came.status == 0, came.out
    assert leaks(ended.out + ended.err + came.out + came.err) == []


def test_what_other_commands_say_of_a_result(planted, tosrules):
    tosrules("check", "t.json", "--report", "json=r.json")
    for form in FORMATS:
        ended = tosrules("report", "r.json", "--format", form, "--all", "-o", f"{form}.again")
        assert ended.status == 0
        assert leaks(ended.out + ended.err) == []
    assert left_behind(planted) == []


def test_nothing_is_left_in_temporary_folders(planted, tosrules, tmp_path):
    tosrules("check", "t.json", "--report", "json=r.json")
    tosrules("bundle", "r.json", "--rules", "leaky.tos", "-o", "c.zip", "--with-trace", "t.json")
    assert tosrules("verify", "c.zip").status == 0
    assert list((tmp_path / "scratch").iterdir()) == []
    assert planted.is_dir()


def test_a_defect_tells_nothing(planted, tosrules, monkeypatch):
    assert planted.is_dir()

    def fail(*_: object) -> None:
        raise RuntimeError(PLANTED["password"])

    monkeypatch.setattr("tosrules.cli.judging.assemble", fail)
    ended = tosrules("check", "t.json")
    assert ended.status == 70
    assert leaks(ended.out + ended.err) == []


def test_what_is_planted_is_there(planted):
    """The test would pass for nothing if the traces had lost their secrets."""
    together = "".join((planted / name).read_text() for name in TRACES)
    assert set(leaks(together)) == set(PLANTED)
    assert re.search("password", together)
    assert os.environ["TMPDIR"]
