"""Where the configuration is found, what it may say, and how its mistakes are told."""

from __future__ import annotations

import pytest

from tosrules.cli.config import find, read
from tosrules.cli.exits import Unusable


def test_upwards_from_the_trace_then_from_the_working_folder(tmp_path, monkeypatch):
    case = tmp_path / "cases" / "one"
    case.mkdir(parents=True)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    assert find(str(case / "trace.json")).file is None
    (work / "tosrules.toml").write_text('rules = ["work"]\n')
    assert find(str(case / "trace.json")).rules == ("work",)
    (tmp_path / "cases" / "tosrules.toml").write_text('rules = ["cases"]\n')
    assert find(str(case / "trace.json")).rules == ("cases",)
    assert find(str(case / "*.json")).rules == ("cases",)
    assert find("-").rules == ("work",)


def test_a_project_without_a_table_is_passed_over(tmp_path, monkeypatch):
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    (inner / "pyproject.toml").write_text('[project]\nname = "tool.tosrules"\n')
    (tmp_path / "pyproject.toml").write_text('[tool.tosrules]\nfail-on = "high"\n')
    assert find(None).fail_on == "high"


def test_everything_it_may_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tosrules.toml").write_text(
        'rules = ["core", "house.tos", "more/"]\nselect = "no-*"\nignore = []\n'
        'jurisdiction = ["US"]\nset = { burst = 120, grace = "30 days" }\n'
        'fail-on = "never"\nfail-on-undetermined = true\nzone = "Europe/Madrid"\n'
        'observed = "2020-01-01/2020-02-01"\nskip-invalid = true\nallow-empty = false\n'
        'trace-format = "har"\nformat = "json"\n'
    )
    found = find(None)
    assert found.rules == ("core", "house.tos", "more")
    assert found.select == ("no-*",)
    assert dict(found.set) == {"burst": "120", "grace": "30 days"}
    assert found.fail_on == "never"
    assert found.skip_invalid is True
    assert found.allow_empty is False


def test_rules_are_relative_to_the_file(tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (tmp_path / "tosrules.toml").write_text('rules = ["house.tos", "core"]\n')
    assert find(None).rules == ("../house.tos", "core")


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ('rulez = ["core"]', "tosrules.toml:1: unknown key `rulez`", "did you mean `rules`?"),
        ('\nfail_on = "low"', "tosrules.toml:2: unknown key `fail_on`", "did you mean `fail-on`?"),
        ("rules = 3", "tosrules.toml:1: `rules` must be a list of texts", 'write `rules = ["…"]`'),
        (
            'fail-on = "severe"',
            "tosrules.toml:1: `severe` is no severity",
            "one of low, medium, high, critical, never",
        ),
        (
            "set = { share = 0.1 }",
            "tosrules.toml:1: `share` is not held exactly as a number",
            'write it as text: `share = "0.1"`',
        ),
        ("skip-invalid = 1", "tosrules.toml:1: `skip-invalid` must be true or false", ""),
        ("zone = 1", "tosrules.toml:1: `zone` must be text", 'write `zone = "…"`'),
    ],
)
def test_mistakes(tmp_path, monkeypatch, text, message, help):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tosrules.toml").write_text(text)
    with pytest.raises(Unusable) as error:
        read(str(tmp_path / "tosrules.toml"))
    assert str(error.value) == message
    assert error.value.help == help


def test_no_toml_at_all(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tosrules.toml").write_text("rules = [")
    with pytest.raises(Unusable, match=r"tosrules\.toml: this is not TOML: Invalid value"):
        find(None)
