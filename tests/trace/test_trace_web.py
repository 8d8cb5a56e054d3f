"""HAR files and access logs: requests and nothing more."""

from fractions import Fraction
from pathlib import Path

import pytest

from tosrules.trace import read_traces
from tosrules.trace.access_log import is_access_line
from tosrules.trace.redact import is_secret_name, redact
from tosrules.vocabulary import Vocabulary

FIXTURES = Path(__file__).parent.parent / "fixtures" / "trace"
SHARED = Path("/work/shared/data")


def test_har(vocabulary):
    trace = read_traces([str(FIXTURES / "small.har")], vocabulary)
    page, first, aborted = trace.events
    assert [one.type for one in trace.events] == ["http.request"] * 3
    assert [str(one.origin) for one in trace.events] == [
        "small.har[2]",
        "small.har[0]",
        "small.har[1]",
    ]
    assert dict(first.attributes) == {
        "http.request.method": "GET",
        "url.full": "https://secret@Shop.Example:8443/a/b?page=2&api_key=secret&author=ana"
        "#access_token=secret",
        "url.domain": "shop.example",
        "url.path": "/a/b",
        "url.query": "page=2&api_key=secret&author=ana",
        "http.version": "2",
        "http.request.referrer": "https://shop.example/?session_id=secret",
        "user_agent.original": "curl/8",
        "http.request.authorization": "Bearer s3cret",
        "http.request.cookie": "sid=s3cret",
        "http.request.bytes": 0,
        "http.response.bytes": 1234,
        "http.response.status_code": 200,
        "http.response.mime_type": "text/html",
        "http.duration": 12_345,
        "server.ip": "2001:db8::1",
    }
    assert first.time_text == "2020-01-01T11:00:00.7221474+01:00"
    assert first.time == 1_577_872_800_722_147
    assert dict(aborted.attributes) == {
        "http.request.method": "GET",
        "url.full": "https://shop.example",
        "url.domain": "shop.example",
        "http.request.cookie": "a=b",
    }
    assert page.time_text == "2020-01-01T10:00:00.000Z"
    assert page.attributes["http.response.status_code"] == 101
    assert [note.text for note in trace.notes] == [
        "1 record stood after a later one and was sorted by time.",
        "4 values in web addresses, parameters whose names say that they are secret or user "
        "names and passwords, were replaced by `secret`.",
        "1 HAR entry without a time of its own took the start of its page.",
    ]


def test_cookies_are_left_out_where_nothing_declares_them_secret():
    trace = read_traces([str(FIXTURES / "small.har")], Vocabulary())
    assert "s3cret" not in repr([one.attributes for one in trace.events])
    assert trace.events[1].attributes["http.duration"] == Fraction(12_345, 10**6)
    assert "note-secret-left-out" in [note.code for note in trace.notes]


HAR_CASES = {
    "not JSON": (
        '{"log": {"creator": {}\n xxx}}',
        "t.json:2:2: error[trace-bad-json]: expected `,` or `}`, found `x`",
    ),
    "no entries": (
        '{"log": {"version": "1.2"}}',
        "t.json:1:9: error[trace-not-har]: `log` has no `entries`"
        "\n  help: a HAR file holds `log.entries`, a list of requests",
    ),
    "log is a list": (
        '{"log": []}',
        "t.json:1:9: error[trace-not-har]: `log` is not an object"
        "\n  help: a HAR file holds `log.entries`, a list of requests",
    ),
    "entries are no list": (
        '{"log": {"entries": {}}}',
        "t.json:1:21: error[trace-not-har]: `log.entries` is not a list"
        "\n  help: a HAR file holds `log.entries`, a list of requests",
    ),
    "bad entries": (
        '{"log": {"entries": [1, {}, {"request": {}, "startedDateTime": 5},\n'
        '{"request": {}, "startedDateTime": "x"}, {"request": {}}]}}',
        "t.json:1:22: error[trace-ill-typed]: an entry must be an object, not a number\n"
        "t.json:1:25: error[trace-ill-typed]: the entry has no `request` object\n"
        "t.json:1:64: error[trace-ill-typed]: `startedDateTime` must be text, not a number\n"
        "t.json:2:36: error[trace-bad-time]: `startedDateTime` is not a time such as "
        "`2020-04-03T09:00:00Z`: `x`\n"
        "t.json:2:42: error[trace-no-time]: the entry has no `startedDateTime`, and no page that "
        "tells its time",
    ),
    "cut": (
        '{"log": {"entries": [{"request": {"url": "',
        "t.json:1:43: error[trace-truncated]: the file ends within a text in quotation marks"
        "\n  help: get the whole file",
    ),
}


@pytest.mark.parametrize("name", HAR_CASES)
def test_har_message(name, refused):
    content, message = HAR_CASES[name]
    assert refused(content) == message


def test_numbers_that_nobody_reads_may_be_long(read):
    text = (
        '{"log": {"x": [1e999, 0.12345678901234567890, NaN], "entries": [{"request": {}, '
        '"startedDateTime": "2020-01-01T00:00:00Z", "t": 123456789012345678901234567890}]}}'
    )
    assert len(read(text).events) == 1


def test_two_pages_tell_no_time(refused):
    text = (
        '{"log": {"entries": [{"request": {}}], "pages": [{"id": "a", "startedDateTime": '
        '"2020-01-01T00:00:00Z"}, {"id": "b", "startedDateTime": "2020-01-01T00:00:00Z"}]}}'
    )
    assert "error[trace-no-time]" in refused(text)


def test_access_log(vocabulary):
    trace = read_traces([str(FIXTURES / "access.log")], vocabulary)
    assert trace.files[0].format == "access-log"
    assert [dict(one.attributes) for one in trace.events] == [
        {
            "source.ip": "192.0.2.1",
            "http.request.method": "GET",
            "http.version": "1.1",
            "url.path": "/a",
            "url.query": "q=1&token=secret",
            "http.response.status_code": 200,
            "http.response.bytes": 512,
            "http.request.referrer": "https://shop.example/",
            "user_agent.original": 'Mozilla/5.0 "odd" é',
        },
        {
            "source.ip": "2001:db8::1",
            "http.request.remote_user": "ana maria",
            "http.request.method": "POST",
            "http.version": "2",
            "url.full": "http://shop.example/b",
            "url.domain": "shop.example",
            "url.path": "/b",
            "http.response.status_code": 302,
        },
        {
            "source.domain": "host.example",
            "http.request.line": "-",
            "http.response.status_code": 408,
        },
        {
            "source.ip": "192.0.2.1",
            "http.request.line": "\x16\x03\x01",
            "http.response.status_code": 400,
            "http.response.bytes": 226,
        },
        *[
            {
                "source.ip": "192.0.2.1",
                "http.request.method": "HEAD",
                "http.version": "1.0",
                "url.path": "/",
                "http.response.bytes": 0,
            }
        ]
        * 2,
        {
            "source.ip": "192.0.2.1",
            "http.request.method": "CONNECT",
            "http.version": "1.1",
            "url.domain": "mail.example",
            "http.response.status_code": 405,
            "http.response.bytes": 0,
        },
    ]
    assert [one.origin.line for one in trace.events] == [1, 2, 3, 4, 5, 7, 8]
    assert trace.events[1].time_text == "17/May/2015:12:05:04 +0200"
    assert trace.events[1].time - trace.events[0].time == 1_000_000


def test_identical_lines_are_so_many_requests(vocabulary):
    import hashlib

    trace = read_traces([str(FIXTURES / "access.log")], vocabulary)
    line = (FIXTURES / "access.log").read_bytes().split(b"\n")[4]
    digest = hashlib.sha256(line).hexdigest()[:16]
    assert [one.id for one in trace.events[4:6]] == [f"{digest}-1", f"{digest}-2"]


def test_access_log_problems(refused):
    good = '192.0.2.1 - - [17/May/2015:10:05:06 +0000] "HEAD / HTTP/1.0" 200 0'
    text = "\n".join([good, "nonsense", good.replace("17/May", "32/May"), "\0" * 9, good])
    assert refused(text) == (
        "t.json:2:1: error[trace-not-a-log-line]: this is not a line of an access log\n"
        "  help: a line begins with the address, two names, the time in brackets and the request "
        "in quotation marks\n"
        "t.json:3:1: error[trace-bad-time]: the time of the line names a day that no calendar "
        "has\n"
        "t.json:4:1: error[trace-not-a-log-line]: the line holds NUL bytes only\n"
        "  help: the log was damaged here"
    )


def test_bytes_that_are_no_text(read):
    line = b'192.0.2.1 - - [17/May/2015:10:05:06 +0000] "GET /\xff\\\\ HTTP/1.1" 200 0\n'
    assert read(line).events[0].attributes["url.path"] == "/\\xff\\"


def test_a_hostile_line_takes_no_time():
    assert not is_access_line(b"1 - " + b" [17/May/2015:10:05:06 +0000] " * 20_000)
    assert not is_access_line(b'1 - - [17/May/2015:10:05:06 +0000] "' + b'\\"' * 500_000 + b"x")


@pytest.mark.parametrize(
    "name",
    [
        *("token", "access_token", "api_key", "apiKey", "X-Amz-Signature", "client_secret"),
        *("code", "sessionid", "PHPSESSID", "%74oken", "auth", "oauth_verifier", "jwt", "pwd"),
        *("sid", "userPassword"),
    ],
)
def test_secret_names(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["page", "author", "keyword", "country_code", "monkey", "design", "q", "id", "tokyo"],
)
def test_open_names(name):
    assert not is_secret_name(name)


def test_redaction_leaves_the_rest():
    assert redact("https://u:p@ss@h/a@b?x=1&token=a b&y=#code=2") == (
        "https://secret@h/a@b?x=1&token=secret&y=#code=secret",
        3,
    )
    assert redact("/a?token=&b=2") == ("/a?token=&b=2", 0)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded data is not on this machine")
def test_recorded_data(vocabulary):
    log = read_traces([str(SHARED / "logs")], vocabulary)
    assert len(log.events) == 10_000
    assert sum(not one.id.endswith("-1") for one in log.events) == 19
    har = {
        file.name: file.events
        for path in sorted((SHARED / "har").glob("*.har"))
        if "not-" not in path.name
        for file in read_traces([str(path)], vocabulary).files
    }
    assert sum(har.values()) == 230
