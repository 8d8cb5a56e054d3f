"""Several inputs into one trace: names, order, identical records, observed period, notes."""

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tosrules.trace import TraceError, TraceProblem, describe, read_traces
from tosrules.trace.event import Origin
from tosrules.trace.problems import printable

DAY = 86_400_000_000
HEAD = '{"trace": "tosrules-trace/1", '


def event(id, second=0, more="", of="profile.read"):
    more = f",{more}" if more else ""
    return f'{{"id":"{id}","time":"2020-01-01T00:00:{second:02d}Z","type":"{of}"{more}}}'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Writes files and makes their folder the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".json").write_text(content, encoding="utf-8")
        return tmp_path

    return write


def refusal(inputs, vocabulary, **options):
    with pytest.raises(TraceError) as caught:
        read_traces(inputs, vocabulary, **options)
    return str(caught.value)


def outcome(read, data, **options):
    """(problems, bytes read) of input that may be good or bad."""
    try:
        return (), read(data, **options).files[0].bytes
    except TraceError as error:
        return error.problems, 0


def names(trace):
    return [file.name for file in trace.files]


def test_total_order(folder, vocabulary):
    folder(b=event("b1", 1) + "\n" + event("b2", 0), a=event("a1", 1) + "\n" + event("a2", 1))
    trace = read_traces(["b.json", "a.json"], vocabulary)
    assert [(one.id, one.position) for one in trace.events] == [
        ("b2", 0),
        ("a1", 1),
        ("a2", 2),
        ("b1", 3),
    ]
    assert trace.moved == 1


def test_names_are_relative_to_the_common_folder(folder, vocabulary):
    base = folder(x__y__a=event("a"), x__b=event("b"), z__c=event("c"))
    assert names(read_traces(["x"], vocabulary)) == ["b.json", "y/a.json"]
    assert names(read_traces(["x/y/a.json"], vocabulary)) == ["a.json"]
    assert names(read_traces([str(base / "z" / "c.json"), "x"], vocabulary)) == [
        "x/b.json",
        "x/y/a.json",
        "z/c.json",
    ]
    assert names(read_traces(["x/**/*.json"], vocabulary)) == ["b.json", "y/a.json"]


def test_a_file_named_twice_is_read_once(folder, vocabulary):
    folder(a=event("a"))
    os.symlink("a.json", "b.json")
    trace = read_traces(
        ["b.json", "./a.json", "a.json", "../" + os.path.basename(os.getcwd())], vocabulary
    )
    assert names(trace) == ["a.json"]
    assert "note-same-file" in [note.code for note in trace.notes]
    assert trace.duplicates == 0


def test_a_folder_says_what_it_passes_over(folder, vocabulary):
    base = folder(d__a=event("a"))
    (base / "d" / "readme.md").write_text("x")
    (base / "d" / "notes.txt").write_text("x")
    (base / "d" / "rules.tos").write_text("x")
    (base / "d" / "tosrules.toml").write_text("x")
    (base / "d" / ".hidden.json").write_text("x")
    (base / "d" / "access.log.1.gz").write_bytes(b"")
    os.symlink("..", base / "d" / "loop")
    os.symlink("/etc/hostname", base / "d" / "link.json")
    os.mkfifo(base / "d" / "pipe.json")
    (base / "d" / "access.log.1.gz").unlink()
    trace = read_traces(["d"], vocabulary)
    assert names(trace) == ["a.json"]
    assert [note.text for note in trace.notes] == [
        "In `d` these were not read: `.hidden.json`, `link.json`, `loop`, `notes.txt`, `pipe.json`."
    ]


def test_inputs_that_are_none(folder, vocabulary):
    base = folder(a=event("a"))
    (base / "empty").mkdir()
    os.mkfifo(base / "pipe")
    os.symlink("self", base / "self")
    found = refusal(
        ["nope.json", "z*.json", "empty", "pipe", "self", "a\0b", "\ud800", ""], vocabulary
    )
    assert found.split("\n") == [
        'error[trace-no-file]: there is no `""`',
        "a\\u{0}b: error[trace-unreadable]: `a\\u{0}b` cannot be the name of a file",
        "empty: error[trace-no-file]: no trace is in the folder `empty`",
        "  help: traces end in `.json`, `.jsonl`, `.ndjson`, `.csv`, `.har` or `.log`, each also "
        "with `.gz` or `.zst`, or in `.parquet`; name a file to read it whatever its ending",
        "nope.json: error[trace-no-file]: there is no `nope.json`",
        "pipe: error[trace-not-a-file]: `pipe` is neither a file nor a folder",
        "  help: a pipe or a device is read from standard input: name it `-`",
        "self: error[trace-unreadable]: `self` cannot be read: too many levels of symbolic links",
        "z*.json: error[trace-no-file]: no file matches `z*.json`",
        "\\ud800: error[trace-unreadable]: `\\ud800` cannot be the name of a file",
    ]
    assert refusal([], vocabulary) == "error[trace-no-input]: no trace is named"


def test_names_that_are_no_text_or_act(folder, vocabulary):
    base = folder()
    (base / os.fsdecode(b"bad\xff.json")).write_text(event("a"))
    (base / "new\nline\u202e.json").write_text("{")
    assert names(read_traces([os.fsdecode(b"bad\xff.json")], vocabulary)) == ["bad\\xff.json"]
    assert refusal(["new\nline\u202e.json"], vocabulary).startswith(
        "new\\u{a}line\\u{202e}.json:1:2: error[trace-truncated]"
    )


def test_unreadable_stdin(vocabulary):
    class Broken:
        def read(self, size):  # noqa: ARG002 - as a file has it
            raise OSError(5, "Input/output error")

    assert refusal(["-"], vocabulary, stdin=Broken()) == (
        "-: error[trace-unreadable]: the file cannot be read: input/output error"
    )


@pytest.mark.parametrize(
    "same",
    [
        event("a", more='"items":1.0,"x":null'),
        event("a", more='"items":1').replace("00Z", "00.000Z"),
        event("a", more='"items":1').replace("T00:00:00Z", "T01:00:00+01:00"),
    ],
)
def test_the_same_record_counts_once(folder, vocabulary, same):
    folder(a=event("a", more='"items":1'), b=same)
    trace = read_traces(["a.json", "b.json"], vocabulary)
    assert [str(one.origin) for one in trace.events] == ["a.json:1"]
    assert trace.duplicates == 1
    assert [file.events for file in trace.files] == [1, 1]
    assert [note.text for note in trace.notes] == [
        "1 record repeated an earlier one with the same id and content, and was not counted again."
    ]


@pytest.mark.parametrize(
    ("other", "differ"),
    [
        (event("a", more='"x":true'), "`x`"),
        (event("a", more='"x":"1"'), "`x`"),
        (event("a", more='"x":[1]'), "`x`"),
        (event("a", 1, '"x":1,"y":2'), "`time`, `y`"),
        (event("a", of="notice.received"), "`type`, `x`"),
        (event("a", more='"a":1,"b":1,"c":1,"d":1'), "`a`, `b`, `c` and 2 more"),
    ],
)
def test_an_id_twice_for_two_events(folder, vocabulary, other, differ):
    folder(a=event("a", more='"x":1'), b=event("z") + "\n" + other)
    assert refusal(["a.json", "b.json"], vocabulary, skip_invalid=True) == (
        "b.json:2: error[trace-id-conflict]: two different events have the id `a`; they differ in "
        f"{differ}\n  also: a.json:1\n  help: give each event an id of its own"
    )


def test_true_in_a_list_is_not_one(folder, vocabulary):
    folder(a=event("a", more='"x":[1]'), b=event("a", more='"x":[true]'))
    assert "they differ in `x`" in refusal(["a.json", "b.json"], vocabulary)


def stated(start, end, *events):
    period = f'"observed": {{"from": "{start}", "to": "{end}"}}, '
    return HEAD + period + '"events": [' + ", ".join(events) + "]}"


def test_observed_is_first_to_last_event(read):
    trace = read(event("a", 5) + "\n" + event("b", 2))
    assert trace.observed == (1_577_836_802_000_000, 1_577_836_805_000_000)
    assert not trace.observed_stated
    assert read(HEAD + '"events": []}').observed is None


def test_observed_as_stated_and_events_outside(read):
    text = stated("2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", *map(event, "abcd", range(4)))
    trace = read(text)
    assert trace.observed_stated
    assert (len(trace.events), trace.outside) == (4, 2)
    assert [note.code for note in trace.notes] == ["note-outside"]
    wide = read(text, observed=(0, 2**60))
    assert (wide.observed, wide.outside) == ((0, 2**60), 0)


@pytest.mark.parametrize(
    ("end", "start", "meet"),
    [
        ("2020-01-01T12:00:00Z", "2020-01-01T12:00:00Z", True),
        ("2020-01-01T12:00:00Z", "2020-01-01T12:00:00.000001Z", True),
        ("2020-01-01T12:00:00Z", "2020-01-01T12:00:00.000002Z", False),
        ("2020-01-01T12:00:00Z", "2020-01-01T01:00:00Z", True),
    ],
)
def test_periods_must_meet(folder, vocabulary, end, start, meet):
    folder(
        a=stated("2020-01-01T00:00:00Z", end),
        b=stated(start, "2020-01-02T00:00:00Z"),
        c=HEAD + '"events": []}',
    )
    inputs = ["b.json", "a.json", "c.json"]
    if meet:
        trace = read_traces(inputs, vocabulary)
        assert trace.observed == (1_577_836_800_000_000, 1_577_836_800_000_000 + DAY)
        assert trace.observed_stated
    else:
        assert refusal(inputs, vocabulary) == (
            "b.json: error[trace-observed-gap]: nothing says what happened between "
            "2020-01-01T12:00:00Z, where `a.json` ends, and 2020-01-01T12:00:00.000002Z, where "
            "`b.json` begins\n  help: if the whole time was observed, say so with --observed "
            "2020-01-01T00:00:00Z/2020-01-02T00:00:00Z; otherwise check the files one by one"
        )
        assert read_traces(inputs, vocabulary, observed=(0, 1)).observed == (0, 1)


def test_options_that_make_no_sense(vocabulary):
    assert refusal(["-"], vocabulary, zone="Europe/Madird", observed=(2, 1), format="xls") == (
        "error[trace-unknown-zone]: unknown time zone `Europe/Madird`; did you mean "
        "`Europe/Madrid`?\n"
        "error[trace-bad-observed]: the observed period ends before it begins\n"
        "error[trace-unknown-format]: `xls` is no format of a trace\n"
        "  help: one of `json`, `jsonl`, `csv`, `parquet`, `har`, `access-log`"
    )


def test_what_the_vocabulary_does_not_know(read):
    lines = [
        event("a", of="profile.reed"),
        event("b", of="profile.reed"),
        event("c", of="\u202eweird"),
        event("d", of="account.create"),
    ]
    trace = read("\n".join(lines))
    assert trace.unknown_types == {"profile.reed": (2, "profile.read"), "\u202eweird": (1, None)}
    assert trace.missing_required == {("account.create", "account"): 1}
    assert [note.text for note in trace.notes] == [
        "The vocabulary does not know the event types `profile.reed` (2 events, nearest known "
        "`profile.read`); `\\u{202e}weird` (1 event).",
        "Attributes that the vocabulary requires were missing: `account` of `account.create` "
        "(1 event).",
    ]


def test_problems_of_every_file_are_told_at_once(folder, vocabulary):
    folder(a=event("a")[:-5], b="hello", c=event("c"), d=event("c", more='"x":1'))
    found = refusal(["a.json", "b.json", "c.json", "d.json"], vocabulary)
    assert [line.split(":")[0] for line in found.split("\n") if not line.startswith(" ")] == [
        "a.json",
        "b.json",
        "d.json",
    ]


LINES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=5
)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
@given(st.lists(LINES, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_inputs_changes_nothing(tmp_path, vocabulary, files, random):
    paths = []
    for number, lines in enumerate(files):
        path = tmp_path / f"{number}.jsonl"
        # Ids repeat across files, sometimes with the same content and sometimes not.
        texts = [event(f"e{a}", b, f'"items":{c}') for a, b, c in lines]
        path.write_text("\n".join(texts), encoding="utf-8")
        paths.append(str(path))

    def result(inputs):
        try:
            trace = read_traces(inputs, vocabulary, observed=(0, 1))
        except TraceError as error:
            return str(error)
        told = [(e.id, e.time, e.position, e.origin, dict(e.attributes)) for e in trace.events]
        assert [one[2] for one in told] == list(range(len(told)))
        assert told == sorted(told, key=lambda one: (one[1], one[3].file, one[3].line))
        return told, trace.files, trace.notes, trace.moved, trace.duplicates

    shuffled = paths + paths[:1]
    random.shuffle(shuffled)
    assert result(shuffled) == result(paths)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from([None, "json", "jsonl", "har", "access-log"]),
    st.booleans(),
)
def test_no_bytes_are_a_crash(read, data, form, skip):
    problems, size = outcome(read, data, format=form, skip_invalid=skip)
    assert problems or size == len(data)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200
)
@given(st.data())
def test_a_changed_byte_is_no_crash(read, data):
    text = (
        HEAD + '"events": [' + event("a", 1, '"items":1.5,"s":"\\u00e9é"') + "," + event("b") + "]}"
    ).encode()
    at = data.draw(st.integers(0, len(text) - 1))
    change = data.draw(st.binary(max_size=3))
    problems, _ = outcome(read, text[:at] + change + text[at + 1 :])
    assert all(line.isprintable() for one in problems for line in describe(one).split("\n"))


def test_describe():
    problem = TraceProblem(
        "trace-x", "it is `so`", "do this", "a\x1b.json", 3, None, 1, Origin("b\n.json", None, 4)
    )
    assert describe(problem) == (
        "a\\u{1b}.json:3: error[trace-x]: it is `so`\n  also: b\\u{a}.json[4]\n  help: do this"
    )
    assert describe(TraceProblem("trace-x", "no", file="f", index=2)) == "f[2]: error[trace-x]: no"


def test_printable():
    assert printable("a`b\x00\u2066é\ue000") == "a\\u{60}b\\u{0}\\u{2066}é\\u{e000}"
    assert printable("x" * 61) == "x" * 59 + "…"


def test_the_package_is_cheap_to_import():
    code = (
        "import sys, tosrules.trace; from tosrules.trace import read_traces; "
        "print(sorted({'pydantic', 'lark', 'zoneinfo', 'click', 're2'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    import tosrules.trace

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tosrules.trace.nothing
