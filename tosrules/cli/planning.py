"""`tosrules check --explain-plan`: what the columnar engine would do, without doing it."""

from __future__ import annotations

from tosrules.cli.judging import Request, chosen, columnar_session, load_rules, read_columnar


def told(request: Request) -> str:
    """The plan for these rules on this trace."""
    from tosrules.engines.duckdb.evaluate import planned
    from tosrules.plan.planner import needed_columns
    from tosrules.plan.printing import printed

    policy = load_rules(request.rules, request.settings, quiet=request.quiet, tests=False)
    clauses = chosen(policy, request.select, request.ignore)
    scan = needed_columns(policy, clauses)
    with columnar_session(request) as session:
        trace = read_columnar(request, session, policy, scan)
        planner, _ = planned(session, policy, trace, clauses)
    columns = ", ".join(column.name for column in scan.columns)
    head = f"ev: the events, of {len(scan.types)} types\n  scan pos, t, type, {columns}\n"
    return head + printed(planner.steps)
