"""The examples' records are what their makers write, byte for byte."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MAKERS = sorted(p for p in (EXAMPLES / "make").glob("*.py") if p.name != "writing.py")


@pytest.mark.parametrize("maker", MAKERS, ids=lambda path: path.stem)
def test_a_maker_writes_the_committed_bytes(
    maker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(maker.parent))
    monkeypatch.delitem(sys.modules, "writing", raising=False)
    spec = importlib.util.spec_from_file_location("maker_of_an_example", maker)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    writing = sys.modules["writing"]
    monkeypatch.setattr(writing, "EXAMPLES", tmp_path)
    if hasattr(module, "EXAMPLES"):
        monkeypatch.setattr(module, "EXAMPLES", tmp_path)

    module.main()

    written = sorted((tmp_path / maker.stem).iterdir())
    assert written
    for file in written:
        assert file.read_bytes() == (EXAMPLES / maker.stem / file.name).read_bytes()


def test_every_example_says_what_is_invented() -> None:
    for folder in sorted(p for p in EXAMPLES.iterdir() if p.is_dir() and p.name != "make"):
        text = (folder / "README.md").read_text(encoding="utf-8")
        assert "invented" in text, folder.name
        assert (folder / "tosrules.toml").is_file(), folder.name
