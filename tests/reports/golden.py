"""The text reports of the examples as they are held word by word: `<example>-<width>.txt`, and
`<example>-<width>-colour.txt` with the escape sequences in them.

`python -m tests.reports.golden` writes them anew. Read the difference before you keep it: these
are what people read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from functools import cache
from pathlib import Path

import tosrules
from tosrules.reports import Options
from tosrules.reports.text import render
from tosrules.result.model import Result

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = Path(__file__).parents[2] / "examples"
WIDTHS = (80, 200)
NAMES = sorted(p.parent.name for p in EXAMPLES.glob("*/tosrules.toml"))


@cache
def judged(name: str) -> Result:
    """The example as `tosrules check .` judges it in its own folder."""
    with chdir(EXAMPLES / name):
        rules = "rules.tos" if Path("rules.tos").exists() else "core"
        return tosrules.check(".", rules)


def report(name: str, width: int, color: bool) -> str:
    return render(judged(name), Options(width=width, color=color))


def file_of(name: str, width: int, color: bool) -> Path:
    return GOLDEN / f"{name}-{width}{'-colour' if color else ''}.txt"


def every() -> Iterator[tuple[str, int, bool]]:
    for name in NAMES:
        for width in WIDTHS:
            for color in (False, True):
                yield name, width, color


if __name__ == "__main__":
    for each in every():
        file_of(*each).write_text(report(*each), encoding="utf-8", newline="\n")
