"""Native traces: what their records become."""

import gzip
import io
from fractions import Fraction

import pytest

from tosrules.trace import TraceError, read_traces
from tosrules.trace.event import Origin

HEAD = '{"trace": "tosrules-trace/1", '


def event(id="e1", more="", time="2020-01-01T00:00:00Z", of="profile.read"):
    return f'{{"id":"{id}","time":"{time}","type":"{of}"{"," if more else ""}{more}}}'


def document(*events, head=""):
    return HEAD + head + '"events": [' + ", ".join(events) + "]}"


def attributes(trace):
    return [dict(one.attributes) for one in trace.events]


def test_an_event(read):
    trace = read(
        document(
            event(
                more='"actor":"svc","client":{"attested":false,"app":{"v":1.50}},"items":1e2,'
                '"wait":"PT2S","tags":["a",""],"source":{"ip":"::ffff:192.0.2.1"},"x":null,"y":""',
                time="2020-01-01T01:00:00.1234567+01:00",
            )
        )
    )
    (one,) = trace.events
    assert (one.id, one.type, one.position) == ("e1", "profile.read", 0)
    assert one.time == 1_577_836_800_123_456
    assert one.time_text == "2020-01-01T01:00:00.1234567+01:00"
    assert one.origin == Origin("t.json", 1, 0)
    assert dict(one.attributes) == {
        "actor": "svc",
        "client.attested": False,
        "client.app.v": Fraction(3, 2),
        "items": 100,
        "wait": 2_000_000,
        "tags": ("a", ""),
        "source.ip": "192.0.2.1",
        "y": "",
    }


def test_attributes_that_nobody_declared(read):
    trace = read(
        document(event(more='"a":[1,"x",true],"b":[{"k":1.50,"é":null}],"c":[null],"d":{},"e":[]'))
    )
    assert attributes(trace) == [
        {"a": (1, "x", True), "b": '[{"k":1.5,"é":null}]', "c": "[null]", "e": ()}
    ]


def test_each_event_has_its_own_line_and_index(read):
    text = HEAD + '"events": [\n' + event("a") + ",\n\n  " + event("b") + ", " + event("c") + "]}"
    origins = {one.id: one.origin for one in read(text).events}
    assert origins == {
        "a": Origin("t.json", 2, 0),
        "b": Origin("t.json", 4, 1),
        "c": Origin("t.json", 4, 2),
    }


def test_lines_and_columns_across_chunks(refused):
    padding = ",\n".join(event(f"e{n}", f'"x":"{"é" * 500}"') for n in range(300))
    text = HEAD + '"events": [\n' + padding + ",\n  5]}"
    assert refused(text) == (
        "t.json:302:3: error[trace-ill-typed]: an event must be an object, not a number"
    )


def test_json_lines(read):
    text = "\n".join(
        [
            '{"trace": "tosrules-trace/1", "title": "T"}\r',
            event("a") + "\r",
            "",
            "  " + event("b", '"x":"\\ud83d\\ude00"') + " ",
        ]
    )
    trace = read("\ufeff" + text)
    assert trace.title == "T"
    assert [(one.id, one.origin.line, one.origin.index) for one in trace.events] == [
        ("a", 2, None),
        ("b", 4, None),
    ]
    assert trace.events[1].attributes["x"] == "\U0001f600"
    assert trace.files[0].format == "jsonl"


def test_header_after_the_events(read):
    trace = read(
        '{"events": [' + event() + '], "observed": {"from": "2019-01-01T00:00:00Z", '
        '"to": "2021-01-01T00:00:00Z"}, "title": "T", "trace": "tosrules-trace/1"}'
    )
    assert trace.title == "T"
    assert trace.observed == (1_546_300_800_000_000, 1_609_459_200_000_000)
    assert trace.observed_stated


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_gzip_and_hash_of_the_untouched_bytes(read, form):
    import hashlib

    plain = document(event()) if form == "json" else event()
    packed = gzip.compress(plain.encode())
    trace = read(packed, "t.bin")
    (file,) = trace.files
    assert (file.sha256, file.bytes) == (hashlib.sha256(packed).hexdigest(), len(packed))
    assert (file.name, file.format, file.events, file.skipped) == ("t.bin", form, 1, 0)


def test_truncated_gzip(refused):
    packed = gzip.compress("\n".join(event(f"e{n}") for n in range(5000)).encode())
    message = refused(packed[: len(packed) // 2], "t.gz")
    assert "error[trace-truncated]: the gzip file ends too early" in message
    assert message.endswith("help: get the whole file")


def test_damaged_gzip(refused):
    packed = gzip.compress(event().encode())
    damaged = packed[:-8] + b"????" + packed[-4:]
    assert "error[trace-bad-gzip]: the gzip file is damaged" in refused(damaged)


@pytest.mark.parametrize("start", [HEAD + '"events": [{"a": "', event() + "\n"])
def test_a_gzip_bomb_is_never_held(refused, start):
    import tracemalloc

    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        stream.write(start.encode())
        for _ in range(64):
            stream.write(b"x" * 2**20)
    tracemalloc.start()
    message = refused(packed.getvalue(), max_record=2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "error[trace-record-too-large]: one record is larger than 1,048,576 bytes" in message
    assert peak < 24 * 2**20


@pytest.mark.parametrize(("form", "place"), [("json", "t.json:1:42"), ("jsonl", "t.json:1:1")])
def test_a_large_record_is_passed_over(read, form, place):
    from tosrules.trace import describe

    large, small = event("a", '"x":"[\\"{' + "é" * 600 + '"'), event("b")
    text = document(large, small) if form == "json" else f"{large}\n{small}\n"
    trace = read(text, max_record=1000, skip_invalid=True)
    assert [one.id for one in trace.events] == ["b"]
    assert [describe(problem) for problem in trace.skipped] == [
        f"{place}: error[trace-record-too-large]: one record is larger than 1,000 bytes"
    ]


def test_a_record_of_just_the_limit(read):
    record = event("a", '"x":"éé"')
    size = len(record.encode())
    for text in (document(record), record):
        assert len(read(text, max_record=size).events) == 1
        with pytest.raises(TraceError, match="one record is larger"):
            read(text, max_record=size - 1)


@pytest.mark.parametrize(
    "bad",
    ['{"a": 1, "a": 2}', "NaN", "1e999", '["\\ud800"]', "[" * 99 + "]" * 99, '"\\ud800"', "5"],
)
def test_skipping_goes_on_after_the_record(read, bad):
    trace = read(document(event("a"), bad, event("b")), skip_invalid=True)
    assert [one.id for one in trace.events] == ["a", "b"]
    assert [problem.index for problem in trace.skipped] == [1]
    assert trace.files[0].skipped == 1
    assert [note.code for note in trace.notes] == ["note-skipped"]


def test_skipping_keeps_what_precedes_a_cut(read):
    trace = read(document(event("a"), event("b"))[:-20], skip_invalid=True)
    assert [one.id for one in trace.events] == ["a"]
    assert [problem.code for problem in trace.skipped] == ["trace-truncated"]


def test_skipping_never_skips_the_header(read):
    with pytest.raises(TraceError):
        read(document(event()).replace("trace/1", "trace/9"), skip_invalid=True)


def test_naive_times_in_a_zone(read):
    trace = read(document(event(time="2020-07-01T12:00:00")), zone="Europe/Madrid")
    assert trace.events[0].time == 1_593_597_600_000_000
    assert [note.text for note in trace.notes] == [
        "1 time without an offset from UTC was read in `Europe/Madrid`."
    ]


def test_deep_but_not_too_deep(read):
    trace = read(document(event(more='"a":' + "[" * 63 + "1" + "]" * 63)))
    assert attributes(trace) == [{"a": "[" * 63 + "1" + "]" * 63}]


def test_standard_input(vocabulary):
    stream = io.BytesIO(event().encode())
    trace = read_traces(["-", "-"], vocabulary, stdin=stream)
    assert [str(one.origin) for one in trace.events] == ["-:1"]


def test_format_is_not_told_by_the_name(read):
    assert read(event(), "t.har").files[0].format == "jsonl"
    assert read(document(), "t.log").files[0].format == "json"


def test_format_can_be_said(refused):
    assert refused(event(), format="xls") == (
        "error[trace-unknown-format]: `xls` is no format of a trace\n"
        "  help: one of `json`, `jsonl`, `csv`, `parquet`, `har`, `access-log`"
    )
    assert "expected the object of a trace, found `[`" in refused("[]", format="json")
