"""Shipped packs as checked data: the same as checking, for the very same files only."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from language_files import RULES

from tosrules import resources
from tosrules.language import checked, packs, prepared
from tosrules.language import syntax as s
from tosrules.language.load import Loaded, load
from tosrules.language.packs import load_afresh
from tosrules.language.parser import parse
from tosrules.policy.expressions import Expression
from tosrules.policy.model import Clause, Policy
from tosrules.record import Record, replace

CHOICES = (["core"], ["meta"], ["core", "meta"], ["meta", "core"], ["core", "core"])
HOUSE = """pack house "House" version "1"
import core
overlay core/no-account-farm because "a test" { severity low }
"""
CONFORMANCE = [
    path
    for path in sorted((Path(__file__).parents[1] / "conformance").glob("*/rules.tos"))[::12]
    if "rules_error" not in path.with_name("expected.json").read_text(encoding="utf-8")
]


@pytest.fixture(scope="module")
def made() -> bytes:
    """What a wheel carries."""
    return checked.pack(prepared.shipped_policies()).encode()


@pytest.fixture(autouse=True)
def stored(made: bytes, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The prepared files of this test alone."""
    own = {resources.POLICIES: made}
    monkeypatch.setattr(resources, "prepared_bytes", own.get)
    return own


@pytest.fixture
def afresh(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """What was checked anew in this test."""
    calls: list[Sequence[str]] = []

    def counted(names: Sequence[str], **asked: Any) -> Loaded:
        calls.append(names)
        return load_afresh(names, **asked)

    monkeypatch.setattr(packs, "load_afresh", counted)
    return calls


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped rules that the test may change."""
    copy = tmp_path / "rules"
    shutil.copytree(resources.rules_root(), copy)
    monkeypatch.setattr(resources, "rules_folder", lambda: str(copy))
    return copy


def everything(value: Any) -> Any:
    """A policy with all it holds, hidden or not, and the type of each part; but for the spans
    of expressions, which only the checker speaks of."""
    if isinstance(value, Record):
        names = list(value.field_names)
        names += [] if isinstance(value, Expression) else value._unseen
        return [type(value).__name__, *((n, everything(getattr(value, n))) for n in names)]
    if isinstance(value, Mapping):
        return {k: everything(v) for k, v in value.items()}
    if isinstance(value, tuple):
        return [type(value).__name__, *map(everything, value)]
    return type(value).__name__, value


def in_one_order(policy: Policy) -> Policy:
    """Without the order in which packs were named, which no meaning depends on."""
    for place, name in enumerate(policy.order):
        declared = policy.statuses.get(name) or policy.links.get(name) or policy.signals[name]
        assert not [n for n in policy.order[place:] if f"{n!r}" in repr(declared) and n != name]
    return replace(policy, order=tuple(sorted(policy.order)))


@pytest.mark.parametrize("names", CHOICES, ids=" ".join)
def test_what_is_read_is_what_was_checked(names: list[str]) -> None:
    found = checked.find(names)
    afresh = load_afresh(names, shipped_tests=False)
    assert found is not None
    assert afresh.policy is not None
    assert everything(in_one_order(found[0])) == everything(in_one_order(afresh.policy))
    assert found[0].judged() == afresh.policy.judged()
    repr(found[0])
    loaded = load(names, shipped_tests=False)
    assert loaded.policy == found[0]
    assert (loaded.diagnostics, dict(loaded.texts)) == ((), dict(afresh.texts))


@pytest.mark.parametrize("path", CONFORMANCE, ids=lambda p: p.parent.name)
def test_any_policy_survives(path: Path) -> None:
    policy = load_afresh([str(path)]).policy
    assert policy is not None
    first, *lines = checked.pack({"all of it": policy}).encode().split(b"\n")
    header = json.loads(first)
    again = checked._Reader(header, [first, *lines]).policy(header["policies"]["all of it"])
    assert everything(again) == everything(policy)


def test_rules_are_read_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = checked.find(["core"])
    assert found is not None
    clause = found[0].clauses[0]
    monkeypatch.setattr(checked.json, "loads", _never)
    assert clause.title
    with pytest.raises(AssertionError, match="read now"):
        assert clause.rules
    monkeypatch.undo()
    assert clause.rules is clause.rules
    changed = replace(clause, title="Another")
    assert isinstance(changed, Clause)
    assert changed.rules is clause.rules
    assert pickle.loads(pickle.dumps(clause)) == clause  # records travel between processes
    with pytest.raises(AttributeError, match="nothing"):
        clause.nothing  # type: ignore[attr-defined]  # noqa: B018


def _never(_: object) -> None:
    raise AssertionError("read now")


def test_prepared_packs_are_not_checked(afresh: list[Sequence[str]]) -> None:
    for names in CHOICES:
        assert load(names, shipped_tests=False).policy is not None
    assert afresh == []


@pytest.mark.parametrize(
    "asked",
    [{"settings": {"burst": "7"}}, {"shipped_tests": True}, {"rule_path": [Path("nowhere")]}],
    ids=str,
)
def test_other_questions_are_checked(afresh: list[Sequence[str]], asked: dict[str, Any]) -> None:
    given = load(["core"], **{"shipped_tests": False} | asked)
    assert given.policy is not None
    assert afresh == [["core"]]
    assert [p.value for p in given.policy.params.values() if p.set_by == "--set"] == (
        [7] if "settings" in asked else []
    )


def test_an_overlay_is_checked(afresh: list[Sequence[str]], tmp_path: Path) -> None:
    (tmp_path / "house.tos").write_text(HOUSE, encoding="utf-8")
    names = ["core", str(tmp_path / "house.tos")]
    given = load(names, shipped_tests=False)
    assert given.policy is not None
    assert afresh == [names]
    assert [c.name for c in given.policy.clauses if c.overlays] == ["no-account-farm"]


def test_a_folder_of_that_name_comes_first(
    afresh: list[Sequence[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "own.tos").write_text(
        'pack own "Own" version "1"\n'
        'source s { title "S" version "2020-01-01" }\n'
        'clause c "C" { cite s severity low forbid account.create }\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    given = load(["core"], shipped_tests=False)
    assert given.policy is not None, given.diagnostics
    assert [c.id for c in given.policy.judged()] == ["own/c"]
    assert afresh == [["core"]]


def test_names_are_not_run_together(afresh: list[Sequence[str]]) -> None:
    assert load(["core meta"], shipped_tests=False).policy is None
    assert load([], shipped_tests=False).policy is not None
    assert len(afresh) == 2


@pytest.mark.parametrize(
    "change",
    ["core/core.tos", "vocabulary/app.tos", "core/lists/us-federal-holidays.txt"],
)
def test_an_edited_file_is_checked(afresh: list[Sequence[str]], rules: Path, change: str) -> None:
    assert load(["core"], shipped_tests=False).policy is not None
    assert afresh == []
    with (rules / change).open("a", encoding="utf-8") as file:
        file.write("# a comment\n")
    assert load(["core"], shipped_tests=False).policy is not None
    assert afresh == [["core"]]


def test_a_file_more_or_less_is_checked(afresh: list[Sequence[str]], rules: Path) -> None:
    (rules / "core" / "more.tos").write_text("pack core\n", encoding="utf-8")
    assert load(["core"], shipped_tests=False).policy is not None
    (rules / "core" / "more.tos").unlink()
    (rules / "core" / "consent.tos").unlink()
    load(["core"], shipped_tests=False)
    assert len(afresh) == 2
    (rules / "core" / "lists" / "us-federal-holidays.txt").unlink()
    assert load(["core"], shipped_tests=False).policy is None


def test_what_other_code_made_is_not_used(
    afresh: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked, "_digest", lambda: "another")
    assert load(["core"], shipped_tests=False).policy is not None
    assert afresh == [["core"]]


@pytest.mark.parametrize("damage", ["none", "empty", "cut", "changed", "header", "other"])
def test_a_damaged_store_is_as_good_as_none(
    made: bytes, stored: dict[str, bytes], afresh: list[Sequence[str]], damage: str
) -> None:
    given = load_afresh(["core"], shipped_tests=False)
    first = made.index(b"\n")
    if damage == "none":
        del stored[resources.POLICIES]
    else:
        stored[resources.POLICIES] = {
            "empty": b"",
            "cut": made[:-1],
            "changed": made[:first] + made[first:].replace(b"forbid", b"permit"),
            "header": made[:first].replace(b"[", b"[99,") + made[first:],
            "other": b'{"policies": []}\n',
        }[damage]
    assert load(["core"], shipped_tests=False).policy == given.policy
    assert afresh == [["core"]]


MADE_BY = """
import sys
from tosrules.language.packs import load_afresh
assert load_afresh(sys.argv[1:]).policy is not None
for name, module in sys.modules.items():
    if name.partition(".")[0] == "tosrules":
        print(module.__file__)
"""


def test_all_that_makes_a_policy_is_in_its_digest() -> None:
    """A policy that other code would make differently must not be used. Where files are, and
    the version, make no difference."""
    root = resources._PACKAGE
    ran = subprocess.run(
        [sys.executable, "-c", MADE_BY, "core", "meta"],
        capture_output=True,
        text=True,
        check=True,
        cwd=resources._REPOSITORY,
    )
    loaded = {Path(file).relative_to(root) for file in ran.stdout.split()}
    assert len(loaded) > 40
    digested = {Path(name) for name in checked._MAKERS}
    left = {file for file in loaded if not {file, *file.parents} & digested}
    assert left == {Path("__init__.py"), Path("resources.py")}


def test_no_shipped_pack_is_in_force_by_a_zone() -> None:
    """Prepared policies hold instants; a zone's would change with the data of zones."""
    for path in RULES:
        file = parse(path.read_bytes(), path.name).file
        for node in file.declarations:
            for item in (*getattr(node, "items", ()), *getattr(node, "fields", ())):
                assert not (isinstance(item, s.Effective) and item.zone is not None), path


DETERMINISM = """
import hashlib
from tosrules.language import checked, prepared
print(hashlib.sha256(checked.pack(prepared.policies_of([["core"]])).encode()).hexdigest())
"""


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", DETERMINISM],
            capture_output=True,
            text=True,
            check=True,
            cwd=resources._REPOSITORY,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("0", "77")
    }
    assert len(said) == 1
