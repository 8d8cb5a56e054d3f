"""Build hook: what a run must not compute is made here and carried by the wheel.

A wheel holds `grammar/`, `rules/` and `examples/` under `tosrules/_data`, and beside them the
parse tables, the parsed packs and their checked policies. An editable install reads grammar and
rules from the repository; only the prepared files are written, into `tosrules/_data`, which git
ignores.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = "tosrules/_data"


class PrepareHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from tosrules.language import prepared
        finally:
            sys.path.remove(str(root))
        data = root / DATA
        data.mkdir(exist_ok=True)
        for name, text in prepared.prepare():
            (data / name).write_text(text, encoding="utf-8")
        if version != "editable":
            include = build_data["force_include"]
            for name in prepared.FILES:
                include[str(data / name)] = f"{DATA}/{name}"
            for folder in ("grammar", "rules", *_examples(root)):
                include[str(root / folder)] = f"{DATA}/{folder}"


def _examples(root: Path) -> list[str]:
    """The folders that `tosrules demo` shows; not the scripts that made their traces."""
    return [f"examples/{file.parent.name}" for file in root.glob("examples/*/tosrules.toml")]
