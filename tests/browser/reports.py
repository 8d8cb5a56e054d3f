"""The HTML reports of the examples, each made once in a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.thorough import tried

ROOT = Path(__file__).resolve().parents[2]
FEW = ("mgp25", "missing-evidence", "web-log")
"""The tests of what one does on a report take massroot8, which is as long as mgp25."""
EXAMPLES = tried((f.parent.name for f in (ROOT / "examples").glob("*/tosrules.toml")), FEW)


def report_of(name: str, folder: Path) -> Path:
    """The report of an example, with its JSON result beside it."""
    file = folder / f"{name}.html"
    if not file.exists():
        example = ROOT / "examples" / name
        (trace,) = (*example.glob("trace.json"), *example.glob("*.log"))
        command = [sys.executable, "-m", "tosrules", "check", str(trace), "--fail-on", "never"]
        command += ["--report", f"html={file}", "-o", str(file.with_suffix(".json"))]
        done = subprocess.run(
            [*command, "--format", "json"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return file
