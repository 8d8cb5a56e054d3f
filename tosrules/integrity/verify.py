"""A stranger's check: does a result follow from these traces and these rules, and still?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from tosrules import __version__
from tosrules.authoring.selecting import NoSuchClause
from tosrules.errors import EvaluationError
from tosrules.integrity.compare import result_differences
from tosrules.integrity.differences import Difference, Verification
from tosrules.integrity.events import cited, event_differences, from_result, from_trace
from tosrules.integrity.inputs import (
    file_differences,
    hashed,
    pack_differences,
    paired,
    rule_files,
)
from tosrules.integrity.rejudge import (
    accepted_alike,
    judged_again,
    packs_of,
    read_again,
    settings_of,
)
from tosrules.language.diagnostics import render
from tosrules.language.load import Loaded, load
from tosrules.policy.model import Policy
from tosrules.record import Record, replace
from tosrules.result import model
from tosrules.result.baseline import BaselineError, held_against, read_baseline
from tosrules.result.encode import SEAL, to_json
from tosrules.result.run import RunFacts, run_of
from tosrules.result.schema import ResultError, read_result
from tosrules.result.values import count
from tosrules.trace.inputs import InputFile
from tosrules.trace.problems import TraceError, describe
from tosrules.trace.trace import Trace


class Given(Record):
    """What a result is held to."""

    traces: tuple[InputFile, ...]
    rules: tuple[str, ...] = ()
    """Packs and paths; none: the packs that the result names, as they are shipped."""
    rule_path: tuple[Path, ...] = ()
    """Folders in which packs are looked for by their ids, before the shipped ones."""
    configuration: tuple[str, bytes] | None = None
    """Name and bytes of the configuration file, where it is at hand."""
    baseline: tuple[str, bytes] | None = None


def verify(data: bytes, given: Given) -> Verification:
    """Holds the result, the bytes of whose JSON are `data`, to what is given.

    Raises ResultError for bytes that are no result, and OSError for a trace that cannot be read.
    """
    try:
        said = read_result(data, consistent=False)
    except ResultError as error:
        written, digest = _seals(data)
        if not written or written == digest:
            raise
        return Verification((_changed(written, digest),), (), (), (str(error),))
    return _Check(data, said, given).done()


def _seals(data: bytes) -> tuple[str, str]:
    """The hash that the last line of a result has, and the hash of all lines before it; empty
    where there is no such line."""
    place = data.rfind(b"\n" + SEAL.encode()) + 1
    if not place:
        return "", ""
    line = data[place + len(SEAL) : place + len(SEAL) + 64]
    return line.decode("ascii", "replace"), hashlib.sha256(data[:place]).hexdigest()


def _changed(written: str, digest: str) -> Difference:
    return Difference(
        "text",
        "the text of the result: it was changed after it was written",
        f"sha256 {written or '(none)'} of the lines before its last",
        f"sha256 {digest or '(none)'}",
    )


class _Check:
    def __init__(self, data: bytes, said: model.Result, given: Given) -> None:
        self.said = said
        self.given = given
        self.differences: list[Difference] = []
        self.confirmed: list[str] = []
        self.unchecked: list[str] = []
        self.impossible: list[str] = []
        self.believed = False
        """What the baseline accepted is taken from the result."""
        self.text(data)
        self.files = paired(said.run.traces, [hashed(f) for f in given.traces])

    def done(self) -> Verification:
        self.traces()
        self.configuration()
        policy = self.rules()
        if policy is not None and not self.files.missing:
            self.judge(policy)
        other = self.said.run.version != __version__
        if other:
            self.unchecked.append(
                f"the result was made by tosrules {self.said.run.version}, and this is "
                f"{__version__}; where findings, clauses or the run differ, that may be why"
            )
        return Verification(
            tuple(self.differences),
            tuple(self.confirmed),
            tuple(self.unchecked),
            tuple(self.impossible),
            other,
        )

    # ---- the text of the result ------------------------------------------------------------

    def text(self, data: bytes) -> None:
        """The seal: shows a change of any byte, also of the time of the run."""
        written, digest = _seals(data)
        expected = to_json(self.said).encode()
        if data == expected:
            self.confirmed.append("no byte of the result was changed since it was written")
        elif written and written == _seals(expected)[0]:
            number = _first_line(data, expected)
            self.differ(
                "text",
                f"line {number} of the result: it says the same, in other bytes than were written",
                _line(expected, number),
                _line(data, number),
            )
        else:
            self.differences.append(_changed(written, digest))

    # ---- files -----------------------------------------------------------------------------

    def traces(self) -> None:
        self.differences += self.files.differences
        for name in self.files.missing:
            self.impossible.append(f"the trace {name} is needed: name it with --trace")
        for name in self.files.extra:
            self.unchecked.append(f"{name} is no trace of this result, and was not read")
        same = len(self.files.files) - len(self.files.differences)
        if same and not self.files.differences:
            self.confirmed.append(f"{_these(same, 'trace')} the bytes that were judged")

    def configuration(self) -> None:
        said, now = self.said.run.configuration, self.given.configuration
        if said is None:
            return
        if now is None:
            self.unchecked.append(
                f"the configuration {said.name} is not at hand; what it told the run is in the "
                "result, and was used"
            )
            return
        digest = hashlib.sha256(now[1]).hexdigest()
        if digest == said.sha256:
            self.confirmed.append("the configuration has the bytes that were used")
        else:
            self.differ(
                "configuration",
                f"{now[0]}: its bytes are not those that were used",
                f"sha256 {said.sha256}, {said.bytes:,} bytes",
                f"sha256 {digest}, {len(now[1]):,} bytes",
            )

    def rules(self) -> Policy | None:
        names = self.given.rules or packs_of(self.said.run)
        loaded = load(
            names,
            settings=settings_of(self.said.run),
            rule_path=self.given.rule_path,
            shipped_tests=False,
        )
        if loaded.policy is None:
            self._unusable(loaded, names)
            return None
        now = run_of(loaded.policy, Trace(), {}, RunFacts()).packs
        found = pack_differences(self.said.run.packs, now)
        self.differences += found
        if not found:
            files = sum(len(p.files) for p in now)
            self.confirmed.append(f"{_these(files, 'rule file')} the bytes that were judged by")
        return loaded.policy

    def _unusable(self, loaded: Loaded, names: Sequence[str]) -> None:
        here = rule_files(names)
        for pack in self.said.run.packs if here else ():
            bases = {f.name: Path(f.name).name for f in pack.files}
            mine = {name: here[base] for name, base in bases.items() if base in here}
            if mine:
                self.differences += file_differences(pack, mine)
        errors = [d for d in loaded.diagnostics if not d.warning]
        self.impossible.append(
            "the rules cannot be used:\n"
            + "\n".join(render(d, loaded.texts) for d in errors[:5])
            + ("" if self.given.rules else "\nname the rules with --rules")
        )

    # ---- judging again ---------------------------------------------------------------------

    def judge(self, policy: Policy) -> None:
        try:
            trace = read_again(self.said.run, policy, self.files.files)
        except TraceError as error:
            said = "\n".join(describe(p) for p in error.problems[:5])
            self.impossible.append(f"the traces cannot be read:\n{said}")
            return
        now: model.Result | None = None
        try:
            now = judged_again(self.said, policy, trace, self.held)
        except EvaluationError as error:
            self.impossible.append(f"the rules cannot be judged on this trace: {error}")
        except NoSuchClause as error:
            self.differ("rules", "the clauses that were judged", error.pattern, "no such clause")
        redacted = self.said.run.redaction is not None
        if not redacted or now is not None:
            shown = from_result(now) if now is not None else None
            look = from_trace(trace, policy.vocabulary, shown) if not redacted else shown
            assert look is not None
            changed = list(event_differences(self.said, look))
            self.differences += changed
            events = len(cited(self.said))
            if not changed and events:
                what = "event still says" if events == 1 else "events still say"
                self.confirmed.append(f"{events:,} cited {what} what the result says")
        if now is None:
            return
        if self.believed:
            now = accepted_alike(self.said, now)
        found = list(result_differences(self.said, now))
        self.differences += found
        if not found:
            findings = count(len(now.findings), "finding")
            self.confirmed.append(f"judged again, the same comes out: {findings}")

    def held(self, now: model.Result) -> model.Result:
        use = self.said.run.baseline
        if use is None:
            return now
        if self.given.baseline is None:
            self.unchecked.append(
                f"the baseline {use.file.name} is not at hand (--baseline FILE); what it accepted "
                "was taken from the result"
            )
            self.believed = True
            return now
        name, data = self.given.baseline
        digest = hashlib.sha256(data).hexdigest()
        if digest != use.file.sha256:
            self.differ(
                "baseline",
                f"{name}: its bytes are not those that were used",
                f"sha256 {use.file.sha256}, {use.file.bytes:,} bytes",
                f"sha256 {digest}, {len(data):,} bytes",
            )
        else:
            self.confirmed.append("the baseline has the bytes that were used")
        try:
            baseline = read_baseline(data, name)
            file = replace(baseline.file, name=use.file.name, sha256=use.file.sha256)
            file = replace(file, bytes=use.file.bytes)
            return held_against(now, replace(baseline, file=file), self.said.run.time[:10])
        except BaselineError as error:
            self.impossible.append(f"the baseline cannot be used: {error}")
            self.believed = True
            return now

    def differ(self, kind: str, where: str, said: str, now: str) -> None:
        self.differences.append(Difference(kind, where, said, now))


def _these(number: int, noun: str) -> str:
    return f"{count(number, noun)} {'has' if number == 1 else 'have'}"


def _first_line(one: bytes, other: bytes) -> int:
    """The number of the first line in which two texts differ, from 1."""
    lines = zip(one.split(b"\n"), other.split(b"\n"), strict=False)
    return next((n for n, (a, b) in enumerate(lines, 1) if a != b), one.count(b"\n") + 1)


def _line(data: bytes, number: int) -> str:
    lines = data.split(b"\n")
    text = lines[number - 1].decode("utf-8", "replace") if number <= len(lines) else ""
    return text if len(text) <= 120 else text[:119] + "…"
