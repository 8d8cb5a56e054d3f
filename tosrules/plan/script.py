"""One clause as a script: its plan on any trace, down to a few tables that people can read.

A plan is otherwise made for one trace. A script is made without one: for all event types that
the clause reads, for events without links (a program resolves those, and the script stops where
there are any), and with what depends on the time that is observed only where that is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from tosrules.plan import calendars
from tosrules.plan.clauses import ClausePlan, clause_plans
from tosrules.plan.expr import Constant, Expr, case, col, eq, lit, null
from tosrules.plan.planner import (
    FOREVER,
    NEVER,
    Facts,
    Make,
    Planner,
    Rows,
    needed_columns,
)
from tosrules.plan.relation import (
    Explode,
    Filter,
    Group,
    Join,
    Project,
    Relation,
    Table,
    Union,
    union,
)
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.plan.slimming import slim
from tosrules.policy import expressions as p
from tosrules.policy.deadlines import deadline, local_day
from tosrules.policy.model import Clause, ObligationRule, Policy
from tosrules.record import Record
from tosrules.zones import load_zone

OUTPUTS = ("matches", "evidence", "pending", "undetermined", "counts")
"""Tables that a script may have in the end."""
LARGE = 10**9
"""Events that a script is planned for."""
_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()


class NotAlone(Exception):
    """The clause cannot be judged by a script. The message says why; `mend` what to do."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


class Days(Record):
    """A table of deadlines by local day, for every day that the script is for."""

    table: str
    columns: tuple[tuple[str, str], ...]
    """Name and kind."""
    rows: tuple[tuple[int, int | None], ...]
    why: str


class Unlinked(Record):
    """A table that a program works out from `source`, and which is empty where that is."""

    table: str
    columns: tuple[tuple[str, str], ...]
    """Name and kind."""
    source: str
    link: str
    """As the rules name it."""
    why: str


Step = Make | Days | Unlinked


class Script(Record):
    """Tables made one after another from `ev`; the last ones are its outputs."""

    clause: Clause
    steps: tuple[Step, ...]
    columns: tuple[ScanColumn, ...]
    """Of `ev`, beside `pos`, `t` and `type`: those that the script reads."""
    types: tuple[str, ...]
    """Event types that the script reads; rows of others do no harm."""
    outputs: tuple[str, ...]
    """Tables to read, of `OUTPUTS`."""

    @property
    def links(self) -> tuple[str, ...]:
        """Links that there must not be in a trace for the script to judge it."""
        return tuple(dict.fromkeys(s.link for s in self.steps if isinstance(s, Unlinked)))


class _Timeless(Planner):
    """A planner that knows no trace, and of time only what is said."""

    def __init__(self, policy: Policy, scan: Scan, observed: tuple[int, int] | None) -> None:
        start, end = observed or (NEVER, FOREVER)
        super().__init__(policy, Facts(LARGE, observed, scan.types, start, end), scan)
        self.period = observed
        self.outside: dict[str, Days | Unlinked] = {}
        """Tables that no step makes."""

    def zone(self, name: str) -> calendars.Zone:
        if name in ("UTC", "Etc/UTC"):
            return calendars.Zone(0, ())
        if self.period is None:
            raise _no_period(f"it counts by local time in {name}")
        return super().zone(name)

    def resolve(
        self,
        source: Relation,
        hint: str,
        columns: Sequence[tuple[str, str]],
        function: Callable[[Rows], Rows],  # noqa: ARG002
        why: str,
    ) -> Table:
        link = hint.rpartition("_")[0]
        opened = self.make(source.where(col("begins")), "opened", f"openings of `{link}`")
        self.kept.append(opened)
        table = self.fresh(hint)
        self.outside[table] = Unlinked(table, tuple(columns), opened.name, link, why)
        return Table(table, tuple(name for name, _ in columns))

    def deadline(self, relation: Relation, time: Expr, period: Any, into: str) -> Relation:
        """As of a trace, but for every day of the period there may be events in."""
        if isinstance(period, p.FixedPeriod):
            return super().deadline(relation, time, period, into)
        if self.period is None:
            raise _no_period("its deadlines are those of a calendar")
        calendar = isinstance(period, p.CalendarPeriod)
        name = period.zone if calendar else self.policy.calendars[period.calendar].zone
        zone = load_zone(name)
        due: dict[int, int] = {}
        for noon in range(self.period[0] - _DAY, self.period[1] + 2 * _DAY, _DAY // 4):
            day = local_day(noon, zone).toordinal() - _EPOCH
            if day not in due:
                due[day] = deadline(noon, period, self.policy.calendars)
        table, columns = self.fresh("deadlines"), (("day", "integer"), (into, "integer"))
        why = f"the end of {period.text} by the calendar, for each day"
        self.outside[table] = Days(table, columns, tuple(due.items()), why)
        today = calendars.day(calendars.local(time, self.zone(name)))
        dated = relation.extend({f"{into}.day": today})
        days = Table(table, tuple(n for n, _ in columns))
        joined = dated.join(days, [(col(f"{into}.day"), col("day"))], how="left", small=True)
        return joined.project(*(n for n in joined.columns if n not in (f"{into}.day", "day")))


def script(policy: Policy, clause: Clause, observed: tuple[int, int] | None) -> Script:
    """The script of a clause. `observed`: first and last instant of the events, microseconds.

    Raises NotAlone where there can be none."""
    if observed is None and any(isinstance(b.rule, ObligationRule) for b in clause.rules):
        raise _no_period("what is still pending depends on when the observation ended")
    scan = needed_columns(policy, [clause])
    planner = _Timeless(policy, scan, observed)
    (plan,) = clause_plans(planner, [clause], None)
    outputs = _outputs(planner, plan)
    steps: list[Step] = []
    read: set[str] = set()
    for step in slim(planner.steps, [*outputs, *planner.kept]):
        assert isinstance(step, Make), "nothing is resolved"
        for table in _tables(step.relation):
            if table.name == planner.scan.name:
                read.update(table.has)
            if table.name in planner.outside:
                steps.append(planner.outside.pop(table.name))
        steps.append(step)
    return Script(
        clause,
        tuple(steps),
        tuple(c for c in scan.columns if c.name in read),
        tuple(sorted(scan.types)),
        tuple(t.name for t in outputs),
    )


def _no_period(why: str) -> NotAlone:
    return NotAlone(
        f"it needs to know when the events were: {why}", "say so with --observed FROM/TO"
    )


# ---- outputs -------------------------------------------------------------------------------


def _outputs(planner: Planner, plan: ClausePlan) -> list[Table]:
    """Makes the tables that are read in the end, with words in place of numbers."""
    matches: list[Relation] = []
    evidence: list[Relation] = []
    pending: list[Relation] = []
    for found in plan.findings:
        rule = lit(found.rule.bound.ordinal + 1)
        graded = [s.level for s in found.rule.bound.severities]
        due: Expr = col("due") if "due" in found.matches.columns else null("integer")
        matches.append(
            found.matches.project(
                rule=rule,
                finding=col("fid"),
                match=col("nth"),
                pos=col("pos"),
                first_pos=col("fpos"),
                subject_kind=col("skind"),
                subject=col("sid"),
                severity=_named("sev", graded),
                ties=col("tied"),
                due=due,
            )
        )
        evidence.append(
            found.evidence.project(
                rule=rule, finding=col("fid"), pos=col("pos"), role=_named("role", found.roles)
            )
        )
    pending += [
        table.project(pos=col("pos"), due=col("due"), subject_kind=col("skind"), subject=col("sid"))
        for table in plan.pending
    ]
    reasons = sorted(planner.reasons.items(), key=lambda pair: pair[1])
    numbered = [(lit(n), reason) for reason, n in reasons]
    unsure = plan.examples.project(
        pos=col("pos"),
        reason=_said("reason", [(n, r.reason) for n, r in numbered]),
        attribute=_said("reason", [(n, r.attribute) for n, r in numbered]),
    )
    counts = union(
        *(
            table.project(what=lit(what), events=col("n"))
            for what, table in (
                ("relevant", plan.relevant),
                ("undetermined", plan.undetermined),
                ("waived", plan.waived),
            )
        )
    )
    made: list[tuple[str, Relation, str]] = []
    if matches:
        made.append(("matches", union(*matches), "every match, by finding"))
        made.append(("evidence", union(*evidence), "the events of each finding"))
    if pending:
        made.append(("pending", union(*pending), "duties that are not due yet"))
    made.append(("undetermined", unsure, "events that could not be judged, and why"))
    made.append(("counts", counts, "how many events the clause is about"))
    planner.steps += [Make(name, relation, why) for name, relation, why in made]
    return [Table(name, relation.columns) for name, relation, _ in made]


def _named(column: str, names: Sequence[str]) -> Expr:
    return _said(column, [(lit(n), name) for n, name in enumerate(names)])


def _said(column: str, pairs: Sequence[tuple[Constant, str]]) -> Expr:
    if not pairs:
        return null("text")
    if len(pairs) == 1:
        return lit(pairs[0][1])
    branches = [(eq(col(column), number), lit(said)) for number, said in pairs]
    return case(*branches, otherwise=null("text"))


def _tables(relation: Relation) -> list[Table]:
    match relation:
        case Table():
            return [relation]
        case Union(sources=sources):
            return [t for s in sources for t in _tables(s)]
        case Join(left=left, right=right):
            return [*_tables(left), *_tables(right)]
        case Filter() | Project() | Group() | Explode():
            return _tables(relation.source)
    raise TypeError(f"no relation: {relation!r}")
