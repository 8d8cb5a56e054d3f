"""A judged case in a folder, and commands run on it in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import likes, project, tosrules, trace

__all__ = ["project", "tosrules"]

OTHER = {"id": "z1", "time": "2020-06-02T10:00:00Z", "type": "content.publish", "actor": "eva"}


@pytest.fixture
def case(project, tosrules, monkeypatch) -> Path:
    """The project with `result.json`; its trace has one event, `z1`, that nothing cites."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    (project / "trace.json").write_text(trace([*likes(4), {**OTHER, "purpose": "fun"}]))
    assert tosrules("check", "trace.json", "--report", "json=result.json").status == 1
    return project


def edit(path: Path, old: str, new: str) -> None:
    """Changes one place of a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
