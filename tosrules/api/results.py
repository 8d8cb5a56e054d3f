"""The result for Python: the published result, with what programs ask of it first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tosrules.result import model
from tosrules.result.status import status_of


class Result(model.Result):
    """What came of a check. The fields are those of the JSON, `tosrules-result/1`.

    `findings` are the violations found, gravest first; `clauses` every clause that was judged,
    with its verdict; `summary` the numbers of both; `run` what was read, and by which rules.
    Times are texts in UTC. `print(result)` shows the text report.
    """

    @property
    def verdicts(self) -> Mapping[str, str]:
        """Verdict of each judged clause by its id (`core/no-account-farm`): `violated`,
        `undetermined`, `pending`, `clean` or `not exercised`. Of several dated versions of one
        clause, the verdict that weighs most, in this order."""
        from tosrules.engines.outcome import VERDICTS

        found: dict[str, str] = {}
        for clause in self.clauses:
            so_far = found.get(clause.id, clause.verdict)
            found[clause.id] = min(so_far, clause.verdict, key=VERDICTS.index)
        return found

    @property
    def violations(self) -> tuple[str, ...]:
        """Ids of the clauses that were violated, each once. Empty does not mean that all was
        judged: see `verdicts` and `exit_status`."""
        return tuple(id for id, verdict in self.verdicts.items() if verdict == "violated")

    @property
    def exit_status(self) -> int:
        """As of `tosrules check`: 0 no violation, 1 violations, 3 nothing was judged."""
        return status_of(self, "low", False)[0]

    def to_json(self) -> str:
        """The result as JSON text, `tosrules-result/1`; the same text for the same result."""
        from tosrules.result.encode import to_json

        return to_json(self)

    def to_text(
        self, *, width: int = 100, color: bool = False, all: bool = False, quiet: bool = False
    ) -> str:
        """The report that people read, in lines of at most `width` columns. `color`: with
        escape sequences for a terminal. `all`: every event of evidence. `quiet`: the verdict
        and a line for each finding."""
        from tosrules.reports import Options
        from tosrules.reports.text import render

        return render(self, Options(width=width, color=color, all=all, quiet=quiet))

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        from tosrules.result.values import count

        summary = self.summary
        findings = count(summary.findings, "finding")
        return f"<Result: {summary.violated} of {len(self.clauses)} clauses violated, {findings}>"


def as_result(result: model.Result) -> Result:
    """The public form of a result."""
    values: dict[str, Any] = {name: getattr(result, name) for name in result.field_names}
    return Result(**values)
