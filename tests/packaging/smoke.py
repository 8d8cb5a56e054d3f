"""What an installed tosrules must do, wherever it was installed from; .ci/run calls it.

    PYTHON tests/packaging/smoke.py     PYTHON is one into which tosrules was installed

It works in a folder of its own, outside the repository, and holds that a run reads the
prepared parse tables and packs: it goes through with Lark and the table builder made
impossible to import, and shipped packs need not even be parsed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

NO_TABLES = ("lark",)
NO_PARSING = ("lark", "tosrules.language.build", "tosrules.language.machine")
_RUN = "import sys\nfor name in {blocked!r}:\n    sys.modules[name] = None\n" + (
    "from tosrules.cli.main import main\nmain()\n"
)
OWN = """pack own "A pack that nobody has seen" version "1"
source terms { title "Terms" }
clause no-likes "No likes by program" {
  cite terms
  severity low
  forbid more than 60 engagement.like per actor within 1 hour where automated = true
}
test "many likes" {
  given 61 engagement.like every 1 second from 2020-06-01T10:00:00Z { actor: "b", automated: true }
  expect no-likes violated by "b"
}
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tosrules-smoke-") as name:
        folder = Path(name)
        script = str(Path(sys.executable).with_name("tosrules"))
        (folder / "own.tos").write_text(OWN, encoding="utf-8")

        data = Path(_said(folder, [sys.executable, "-c", _WHERE]).strip())
        _hold(data.is_dir(), f"there is no {data}")
        for file in ("tables.json", "packs.json", "grammar/tosrules.lark", "rules/core/core.tos"):
            _hold((data / file).is_file(), f"the package lacks {file}")
        for file in sorted(data.parent.rglob("*")):
            _hold(file.suffix not in (".pkl", ".pickle"), f"{file} is a pickle")
        before = _state(data)

        shown = _said(folder, [script, "demo"])
        for word in ("no-activity-after-notice", "section 3", "trace.json:"):
            _hold(word in shown, f"`tosrules demo` says nothing of {word}")
        trace = str(data / "examples" / "massroot8" / "trace.json")
        _said(folder, [script, "check", trace], status=1)
        _said(folder, [script, "check", trace, "--rules", "own.tos"], status=3)
        _hold("core" in _said(folder, [script, "rules"]), "`tosrules rules` does not list core")
        _said(folder, [script, "rules", "core"])
        _said(folder, [script, "fmt", "--check", str(data / "rules")])
        _said(folder, [script, "test", "own.tos"])

        shipped = _blocked(NO_PARSING)
        _said(folder, [*shipped, "check", trace, "--rules", "core"], status=1)
        _said(folder, [*_blocked(NO_TABLES), "check", trace, "--rules", "own.tos"], status=3)
        _said(folder, [*_blocked(NO_TABLES), "test", "own.tos"])
        _hold(_state(data) == before, f"a run wrote into {data}")
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"installed tosrules works on Python {version}; no run built a parse table")
    return 0


_WHERE = "import tosrules, pathlib; print(pathlib.Path(tosrules.__file__).parent / '_data')"


def _blocked(modules: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-c", _RUN.format(blocked=modules)]


def _said(folder: Path, command: list[str], status: int = 0) -> str:
    """Standard output of the command, which must end with that status."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    _hold(
        done.returncode == status,
        f"{' '.join(command)}\nended with {done.returncode}, not {status}:\n{done.stderr}",
    )
    return done.stdout


def _state(folder: Path) -> list[tuple[str, int, int]]:
    return sorted(
        (str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in folder.rglob("*") if f.is_file()
    )


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(f"smoke: {otherwise}")


if __name__ == "__main__":
    sys.exit(main())
