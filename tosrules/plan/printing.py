"""A plan as text: each table with what it is for, and what it is made of, inputs below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from tosrules.plan.expr import Aggregate, Column, Constant, Expr, Lambda, Operation, Over
from tosrules.plan.planner import Make, Resolve
from tosrules.plan.relation import (
    Explode,
    Filter,
    Group,
    Join,
    Project,
    Relation,
    Table,
    Union,
)

_INFIX = frozenset(
    {"and", "or", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "mod", "floor div", "trunc div"}
)


def printed(steps: Sequence[Make | Resolve]) -> str:
    """Every step of a plan, in order."""
    lines: list[str] = []
    for step in steps:
        if isinstance(step, Resolve):
            columns = ", ".join(f"{name} {kind}" for name, kind in step.columns)
            lines.append(f"{step.table}: {step.why} (resolved outside: {columns})")
            lines += [f"  {line}" for line in _relation(step.source)]
        else:
            lines.append(f"{step.table}: {step.why}")
            lines += [f"  {line}" for line in _relation(step.relation)]
    return "\n".join(lines) + "\n"


def _relation(relation: Relation) -> Iterator[str]:
    match relation:
        case Table(name=name):
            yield f"table {name}"
            return
        case Filter():
            yield f"filter {_expr(relation.condition)}"
            below: tuple[Relation, ...] = (relation.source,)
        case Project():
            made = ", ".join(
                name if expr == Column(name) else f"{name} = {_expr(expr)}"
                for name, expr in relation.items
            )
            yield f"project {made}"
            below = (relation.source,)
        case Union():
            yield "union"
            below = relation.sources
        case Join():
            on = " and ".join(f"{_expr(a)} = {_expr(b)}" for a, b in relation.on) or "everything"
            residual = relation.residual
            more = "" if residual == Constant(True, "boolean") else f", where {_expr(residual)}"
            small = ", small" if relation.small else ""
            yield f"{relation.how} join on {on}{more}{small}"
            below = (relation.left, relation.right)
        case Group():
            made = ", ".join(f"{name} = {_expr(expr)}" for name, expr in relation.items)
            yield f"group by {', '.join(relation.by) or 'nothing'}{': ' if made else ''}{made}"
            below = (relation.source,)
        case Explode():
            yield f"explode {_expr(relation.list)} as {relation.name}"
            below = (relation.source,)
        case _:
            raise TypeError(f"no relation: {relation!r}")
    for each in below:
        for line in _relation(each):
            yield f"  {line}"


def _expr(expr: Expr) -> str:
    match expr:
        case Column(name=name):
            return name
        case Constant(value=value):
            return _constant(value)
        case Lambda(name=name, body=body):
            return f"some {name}: {_expr(body)}"
        case Aggregate(function=function, args=args):
            return f"{function}({', '.join(map(_expr, args))})"
        case Over():
            return _over(expr)
        case Operation(op="case", args=args):
            pairs = "".join(
                f"when {_expr(args[n])} then {_expr(args[n + 1])} "
                for n in range(0, len(args) - 1, 2)
            )
            return f"case {pairs}else {_expr(args[-1])} end"
        case Operation(op=op, args=args):
            said = [_expr(a) for a in args]
            if op in _INFIX and len(said) > 1:
                return f"({f' {op} '.join(said)})"
            return f"{op}({', '.join(said)})"
    raise TypeError(f"no scalar: {expr!r}")


def _constant(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, Fraction):
        from tosrules.trace.numbers import decimal_text

        return decimal_text(value)
    return str(value)


def _over(expr: Over) -> str:
    said = f"{expr.function}({', '.join(map(_expr, expr.args))})"
    by = ", ".join(map(_expr, expr.partition))
    order = ", ".join(f"{_expr(e)}{' backwards' if down else ''}" for e, down in expr.order)
    parts = [f"per {by}" if by else "", f"by {order}" if order else ""]
    if expr.frame is not None:
        of = expr.frame
        parts.append(f"{of.preceding} back" if of.kind == "range" else of.kind)
    return f"{said} over ({', '.join(p for p in parts if p)})"
