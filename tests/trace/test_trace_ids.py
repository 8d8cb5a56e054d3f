"""Ids of formats without ids: they tell records apart, and tell nothing of secrets."""

from __future__ import annotations

import json

import pytest

from tosrules.language.load import load
from tosrules.trace.read import read_traces


@pytest.fixture(scope="module")
def vocabulary():
    return load([]).policy.vocabulary


def line(target: str, more: str = "") -> str:
    when = "06/Feb/2024:05:30:00 +0000"
    return f'192.0.2.1 - - [{when}] "GET {target} HTTP/1.1" 200 5 "-" "x"{more}\n'


def har(*cookies: str) -> str:
    entries = [
        {
            "startedDateTime": "2024-02-06T05:30:00Z",
            "request": {
                "method": "POST",
                "url": "https://shop.example/login",
                "headers": [{"name": "Cookie", "value": f"sid={cookie}"}],
                "postData": {"text": f"password={cookie}"},
            },
            "response": {"status": 200, "content": {"text": f"welcome {cookie}"}},
        }
        for cookie in cookies
    ]
    return json.dumps({"log": {"entries": entries}})


def ids(tmp_path, vocabulary, **files: str) -> list[str]:
    folder = tmp_path / f"t{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return [e.id for e in read_traces([str(folder)], vocabulary).events]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a_har": har("hunter2")}, {"a_har": har("hunter3")}),
        ({"a_log": line("/r?token=abc")}, {"a_log": line("/r?token=abd")}),
        ({"a_log": line("/r", ' "sid=abc"')}, {"a_log": line("/r", ' "sid=abd"')}),
        (
            {"a_log": line("https://u:abc@shop.example/")},
            {"a_log": line("https://u:abd@shop.example/")},
        ),
    ],
)
def test_an_id_tells_nothing_of_a_secret(tmp_path, vocabulary, one, other):
    assert ids(tmp_path, vocabulary, **one) == ids(tmp_path, vocabulary, **other)


def test_an_id_tells_all_else(tmp_path, vocabulary):
    one = ids(tmp_path, vocabulary, a_log=line("/r?page=1"))
    assert one != ids(tmp_path, vocabulary, a_log=line("/r?page=2"))
    two = ids(tmp_path, vocabulary, a_har=har("x"))
    assert two != ids(tmp_path, vocabulary, a_har=har("x").replace("05:30", "05:31"))


@pytest.mark.parametrize(
    "files",
    [
        {"a_har": har("x", "y")},
        {"a_har": har("x"), "b_har": har("y")},
        {"a_log": line("/r?token=abc") + line("/r?token=abd")},
        {"a_log": line("/r?token=abc"), "b_log": line("/r?token=abd")},
        {"a_log": line("/r") * 2},
    ],
)
def test_records_that_differ_are_two_events(tmp_path, vocabulary, files):
    first, second = ids(tmp_path, vocabulary, **files)
    assert first.partition("-")[0] == second.partition("-")[0]
    assert (first[-2:], second[-2:]) == ("-1", "-2")


@pytest.mark.parametrize("text", [{"har": har("x")}, {"log": line("/r?token=abc")}])
def test_the_same_record_in_two_files_is_one_event(tmp_path, vocabulary, text):
    ((ending, said),) = text.items()
    files = {f"{name}_{ending}": said for name in ("a", "b")}
    assert len(ids(tmp_path, vocabulary, **files)) == 1
