"""Malformed native traces: the exact words that a person reads."""

import pytest

EVENT = '{"id":"e1","time":"2020-01-01T00:00:00Z","type":"%s"%s}'


def event(more="", of="profile.read"):
    return EVENT % (of, "," + more if more else "")


def document(*events, head=""):
    return '{"trace":"tosrules-trace/1",' + head + '"events":[\n' + ",\n".join(events) + "\n]}"


def with_(more, of="profile.read"):
    return document(event(more, of))


EVERY = "\n  help: every event has `id`, `time` and `type`"
EXACT = "\n  help: round it, or write it as text in quotation marks if it only names something"
WHOLE = "\n  help: get the whole file"

CASES = {
    "empty": ("", "t.json: error[trace-empty]: the file is empty"),
    "blank": (" \n\n", "t.json: error[trace-empty]: the file is empty"),
    "truncated text": (
        document(event())[:55],
        "t.json:2:17: error[trace-truncated]: the file ends within a text in quotation marks"
        + WHOLE,
    ),
    "truncated after an event": (
        document(event())[:-3],
        "t.json:2:64: error[trace-truncated]: the file ends where it should have `,` or `]` "
        "after an event" + WHOLE,
    ),
    "trailing garbage": (
        document(event()) + "x",
        "t.json:3:3: error[trace-bad-json]: expected nothing after the end of the trace, found `x`",
    ),
    "duplicate name": (
        with_('"a":1,"a":2'),
        "t.json:2:70: error[trace-duplicate-key]: the name `a` stands twice in one object"
        "\n  help: remove one of the two",
    ),
    "duplicate name by flattening": (
        with_('"a.b":1,"a":{"b":2}'),
        "t.json:2:81: error[trace-duplicate-key]: `a.b` of `profile.read` stands twice, once "
        "nested and once with dots\n  help: remove one of the two",
    ),
    "NaN": (
        with_('"a":NaN'),
        "t.json:2:68: error[trace-not-a-number]: `NaN` is not a number that JSON has"
        "\n  help: leave the value out, or write `null`",
    ),
    "1e400": (
        with_('"a":1e400'),
        "t.json:2:68: error[trace-number-too-large]: the number of `a` has more than 18 digits, "
        "and would not be held exactly" + EXACT,
    ),
    "23 digits": (
        with_('"a":{"b":[1,12345678901234567890123]}'),
        "t.json:2:76: error[trace-number-too-large]: the number of `a.b` has more than 18 "
        "digits, and would not be held exactly" + EXACT,
    ),
    "7 places": (
        with_('"items":0.1234567'),
        "t.json:2:72: error[trace-number-too-fine]: the number of `items` has more than 6 digits "
        "after the point, and would not be held exactly" + EXACT,
    ),
    "half a character": (
        with_('"a":"\\ud800x"'),
        "t.json:2:69: error[trace-lone-surrogate]: `\\ud800` is half a character"
        "\n  help: write both halves, or leave it out",
    ),
    "other half": (
        with_('"a":"x\\udc00"'),
        "t.json:2:70: error[trace-lone-surrogate]: `\\udc00` is half a character"
        "\n  help: write both halves, or leave it out",
    ),
    "not UTF-8": (
        with_('"a":"é?"').encode().replace(b"?", b"\xff"),
        "t.json:2:70: error[trace-not-utf8]: the byte 0xFF is not UTF-8"
        "\n  help: save the file as UTF-8",
    ),
    "UTF-16": (
        document().encode("utf-16"),
        "t.json: error[trace-not-utf8]: the file is UTF-16\n  help: save it as UTF-8",
    ),
    "UTF-16 without a mark": (
        document().encode("utf-16-be"),
        "t.json: error[trace-not-utf8]: the file is UTF-16\n  help: save it as UTF-8",
    ),
    "NUL": (
        document(event()).replace("[\n", "[\x00"),
        "t.json:1:39: error[trace-bad-json]: the file holds a NUL byte"
        "\n  help: the file may be damaged, or not be UTF-8",
    ),
    "NUL in a text": (
        with_('"a":"\x00"'),
        "t.json:2:69: error[trace-bad-json]: a text holds the control character U+0000"
        "\n  help: the file may be damaged",
    ),
    "too deep": (
        with_('"a":' + "[" * 70 + "]" * 70),
        "t.json:2:131: error[trace-too-deep]: objects and lists are nested more than 64 deep",
    ),
    "a million brackets": (
        with_('"a":' + "[" * 10**6),
        "t.json:2:131: error[trace-too-deep]: objects and lists are nested more than 64 deep",
    ),
    "naive time": (
        document(event().replace("Z", "")),
        "t.json:2:19: error[trace-naive-time]: `time` has no offset from UTC: "
        "`2020-01-01T00:00:00`\n  help: write it with its offset, such as `2020-01-01T00:00:00Z` "
        "in UTC, or name the zone it was written in with --zone",
    ),
    "epoch": (
        document(event().replace('"2020-01-01T00:00:00Z"', "1585904400")),
        "t.json:2:19: error[trace-ill-typed]: `time` must be text, not a number"
        '\n  help: if it counts seconds since 1970, write `"2020-04-03T09:00:00Z"`',
    ),
    "leap second": (
        document(event().replace("00:00:00Z", "23:59:60Z")),
        "t.json:2:19: error[trace-bad-time]: `time` is a leap second, which this order of time "
        "does not have: `2020-01-01T23:59:60Z`"
        "\n  help: write the last microsecond before it, `…:59.999999`",
    ),
    "no id": (
        document(event().replace('"id":"e1",', "")),
        "t.json:2:1: error[trace-no-id]: the event has no `id`" + EVERY,
    ),
    "empty id": (
        document(event().replace("e1", "")),
        "t.json:2:1: error[trace-no-id]: the `id` of the event is empty" + EVERY,
    ),
    "no time": (
        document('{"id":"e1","type":"x"}'),
        "t.json:2:1: error[trace-no-time]: the event has no `time`" + EVERY,
    ),
    "null type": (
        document(event().replace('"profile.read"', "null")),
        "t.json:2:1: error[trace-no-type]: the event has no `type`" + EVERY,
    ),
    "number as id": (
        document(event().replace('"e1"', "5")),
        't.json:2:7: error[trace-ill-typed]: `id` must be text, not a number\n  help: write `"5"`',
    ),
    "event that is no object": (
        document("5"),
        "t.json:2:1: error[trace-ill-typed]: an event must be an object, not a number",
    ),
    "number as reference": (
        with_('"actor":5'),
        "t.json:2:72: error[trace-ill-typed]: `actor` of `profile.read` must be the identifier "
        'of a party as text, not a number\n  help: write `"5"`',
    ),
    "empty reference": (
        with_('"actor":""'),
        "t.json:2:72: error[trace-ill-typed]: `actor` of `profile.read` must identify a party, "
        "and is empty\n  help: leave it out, or write `null`, if it is not known",
    ),
    "object as reference": (
        with_('"actor":{"id":"x"}'),
        "t.json:2:72: error[trace-ill-typed]: `actor` of `profile.read` must be the identifier "
        "of a party as text, not an object",
    ),
    "text as number": (
        with_('"items":"5"'),
        "t.json:2:72: error[trace-ill-typed]: `items` of `profile.read` must be a number, not "
        "text\n  help: write `5` without quotation marks",
    ),
    "text as boolean": (
        with_('"client":{"attested":"True"}'),
        "t.json:2:85: error[trace-ill-typed]: `client.attested` of `profile.read` must be true "
        "or false, not text\n  help: write `true` without quotation marks",
    ),
    "bad address": (
        with_('"source.ip":"999.1.1.1"'),
        "t.json:2:76: error[trace-ill-typed]: `source.ip` of `profile.read` is not an IP "
        "address: `999.1.1.1`",
    ),
    "month as duration": (
        with_('"wait":"2 months"'),
        "t.json:2:71: error[trace-ill-typed]: `wait` of `profile.read` is in months or years, "
        "which have no fixed length: `2 months`",
    ),
    "number as time": (
        with_('"deadline":1585904400', "notice.received"),
        "t.json:2:78: error[trace-ill-typed]: `deadline` of `notice.received` must be a time, "
        "not a number"
        '\n  help: if it counts seconds since 1970, write `"2020-04-03T09:00:00Z"`',
    ),
    "null in a list": (
        with_('"tags":["a",null]'),
        "t.json:2:71: error[trace-ill-typed]: `tags` of `profile.read` is a list of text that "
        "holds `null`\n  help: leave that element out",
    ),
    "text as list": (
        with_('"tags":"a"'),
        "t.json:2:71: error[trace-ill-typed]: `tags` of `profile.read` must be a list of text, "
        "not text\n  help: write it in brackets, `[ … ]`",
    ),
    "comma too many": (
        with_('"a":1,'),
        "t.json:2:70: error[trace-bad-json]: a comma stands before `}`\n  help: remove the comma",
    ),
    "comma missing": (
        with_('"a":1 "b":2'),
        't.json:2:70: error[trace-bad-json]: expected `,` or `}` after the value of `a`, found `"`',
    ),
    "comment": (
        with_('// no\n"a":1'),
        "t.json:2:64: error[trace-bad-json]: expected a name in double quotation marks, "
        "found `/`\n  help: JSON has no comments",
    ),
    "Python": (
        with_('"a":True'),
        "t.json:2:68: error[trace-bad-json]: `True` is not JSON\n  help: write `true`",
    ),
    "text over two lines": (
        with_('"a":"x\ny"'),
        "t.json:2:68: error[trace-bad-json]: a text in quotation marks does not end on its line"
        "\n  help: close it, or write a line break within it as `\\n`",
    ),
    "bad escape": (
        with_('"a":"\\q"'),
        "t.json:2:69: error[trace-bad-json]: a backslash stands before a character that it "
        "cannot escape\n  help: write a backslash as `\\\\`",
    ),
    "leading zero": (
        with_('"a":01'),
        "t.json:2:68: error[trace-bad-json]: this is not a number as JSON writes it",
    ),
    "acting characters": (
        with_('"\u202e\\u001b[31m`":1,"\u202e\\u001b[31m`":2'),
        "t.json:2:81: error[trace-duplicate-key]: the name `\\u{202e}\\u{1b}[31m\\u{60}` stands "
        "twice in one object\n  help: remove one of the two",
    ),
    "long name": (
        with_('"' + "x" * 99 + '":1,"' + "x" * 99 + '":2'),
        f"t.json:2:168: error[trace-duplicate-key]: the name `{'x' * 59}…` stands twice in one "
        "object\n  help: remove one of the two",
    ),
    "other version": (
        '{"trace": "tosrules-trace/2", "events": []}',
        "t.json:1:11: error[trace-version]: `tosrules-trace/2` is not a version of the trace "
        "format that can be read\n  help: this tosrules reads `tosrules-trace/1`",
    ),
    "no version": (
        '{"events": []}',
        "t.json:1:1: error[trace-version]: the trace does not say its version"
        '\n  help: add `"trace": "tosrules-trace/1"`',
    ),
    "no events": (
        '{\n"trace": "tosrules-trace/1"}',
        't.json:1:1: error[trace-no-events]: the trace has no `events`\n  help: add `"events": '
        "[ … ]`",
    ),
    "unknown name in the header": (
        '{"trace": "tosrules-trace/1",\n "titel": "x", "events": []}',
        "t.json:2:2: error[trace-unknown-key]: unknown name `titel` in the header of the trace"
        "\n  help: did you mean `title`?",
    ),
    "events that are no list": (
        '{"trace": "tosrules-trace/1", "events": {}}',
        "t.json:1:41: error[trace-bad-json]: expected a list of events, found `{`",
    ),
    "observed backwards": (
        document(head='"observed":{"from":"2021-01-01T00:00:00Z","to":"2020-01-01T00:00:00Z"},'),
        "t.json:1:40: error[trace-bad-observed]: `observed` ends before it begins",
    ),
    "observed by half": (
        document(head='"observed":{"from":"2021-01-01T00:00:00Z"},'),
        "t.json:1:40: error[trace-bad-observed]: `observed` must be an object with `from` and "
        '`to`\n  help: write `{"from": "2020-03-01T00:00:00Z", "to": "2020-06-18T00:00:00Z"}`',
    ),
    "bare list": (
        "[]",
        "t.json: error[trace-unknown-format]: the file is a bare JSON list, which does not say "
        'that it is a trace\n  help: write `{"trace": "tosrules-trace/1", "events": [ … ]}` '
        "around it",
    ),
    "a result": (
        '{"result": "tosrules-result/1"}',
        "t.json: error[trace-unknown-format]: the file is a result of tosrules, not a trace",
    ),
    "something else": (
        "hello",
        "t.json: error[trace-unknown-format]: this is not a trace that can be read"
        "\n  help: a trace is JSON, JSON Lines, CSV, Parquet, HAR or an access log",
    ),
    "zstd": (
        b"\x28\xb5\x2f\xfd\x00",
        "t.json: error[trace-truncated]: the zstd file ends too early" + WHOLE,
    ),
    "JSON Lines over several lines": (
        '{\n "id": "e1"\n}',
        "t.json:1:1: error[trace-bad-json]: the first event does not end on its line"
        "\n  help: JSON Lines has one whole event a line; events over several lines stand in "
        '`{"trace": "tosrules-trace/1", "events": [ … ]}`',
    ),
    "JSON Lines with commas": (
        event() + ",\n" + event(),
        "t.json:1:64: error[trace-bad-json]: something follows the event on its line"
        "\n  help: JSON Lines has one event a line, with no commas between",
    ),
    "JSON Lines cut": (
        event() + "\n" + event()[:-5],
        "t.json:2:59: error[trace-truncated]: the file ends within a text in quotation marks"
        + WHOLE,
    ),
    "JSON Lines cut within": (
        event() + "\n" + event()[:-5] + "\n" + event(),
        "t.json:2:59: error[trace-bad-json]: the line ends within a text in quotation marks"
        "\n  help: JSON Lines has one whole event a line",
    ),
    "JSON Lines not UTF-8": (
        event('"a":"é?"').encode().replace(b"?", b"\xc3"),
        "t.json:1:70: error[trace-not-utf8]: the byte 0xC3 is not UTF-8"
        "\n  help: save the file as UTF-8",
    ),
    "JSON Lines header": (
        '{"trace":"tosrules-trace/1","events2":[]}\n',
        "t.json:1:39: error[trace-unknown-key]: unknown name `events2` in the header of the "
        "trace\n  help: did you mean `events`?",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name, refused):
    content, message = CASES[name]
    assert refused(content) == message


@pytest.mark.parametrize("name", CASES)
def test_message_in_small_pieces(name, refused, monkeypatch):
    """What is read at once makes no difference."""
    from tosrules.trace import cursor

    monkeypatch.setattr(cursor, "CHUNK", 3)
    content, message = CASES[name]
    if len(content) < 10_000:  # one character at a time would take long for a million
        assert refused(content) == message
    else:
        assert name == "a million brackets"


SECRETS = {
    "ill typed": ('"password":7777777', "must be text, not a number"),
    "pin as text": ('"pin":"7777777"', "must be a number, not text"),
    "pin too large": ('"pin":77777777777777777777', "has more than 18 digits"),
    "time": ('"until":"7777777 o\'clock"', "is not a time such as"),
    "naive": ('"until":"7777-07-07T07:07:07"', "has no offset from UTC"),
    "epoch": ('"until":7777777777', "must be a time, not a number"),
    "unquoted": ('"password":x7777777', "expected a value, found `x`"),
    "cut": ('"password":"7777777', "does not end on its line"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_never_shown(name, refused):
    more, said = SECRETS[name]
    message = refused(with_(more, "credential.submit"))
    assert said in message
    assert "777" not in message


def test_all_problems_are_collected_and_the_first_twenty_kept(read):
    from tosrules.trace import TraceError

    with pytest.raises(TraceError) as caught:
        read(document(*(["5"] * 30)))
    assert len(caught.value.problems) == 20
    assert caught.value.more == 10
    assert [problem.index for problem in caught.value.problems] == list(range(20))
    assert str(caught.value).endswith("\n… and 10 more")
