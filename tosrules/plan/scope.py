"""What an expression of the rules reads: which columns stand for which events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tosrules.plan.expr import Column, Expr, col
from tosrules.plan.values import Ratio, Spread, Typed, kind_of
from tosrules.policy import expressions as p
from tosrules.policy.model import Param
from tosrules.vocabulary import Type

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner


def column_name(attribute: str, type: Type) -> str:
    """The column that holds an attribute of one declared type: `client.attested|boolean`."""
    return f"{attribute}|{type}"


class Answer:
    """What asking a status or a link of each row gave."""

    __slots__ = ("extra", "value")

    def __init__(self, value: Any, extra: Mapping[str, Expr] | None = None) -> None:
        self.value = value
        """Truth of a question, or a typed value."""
        self.extra = extra or {}
        """What reports want to know of it: `begun` the position of the beginning, and so on."""


class Scope:
    """Roles by the prefix of their columns, the asking event, and what was asked before."""

    def __init__(
        self,
        planner: Planner,
        roles: Mapping[str, str],
        asking: str,
        settings: Mapping[str, Param],
    ) -> None:
        self.planner = planner
        self.roles = dict(roles)
        self.prefix = asking
        self.settings = settings
        self.answers: dict[p.Expression, Answer] = {}
        self.aggregates: dict[p.Aggregate, Typed | Ratio | Spread | None] = {}

    @property
    def order(self) -> Column:
        return col(f"{self.prefix}ord")

    @property
    def position(self) -> Column:
        return col(f"{self.prefix}pos")

    @property
    def time(self) -> Column:
        return col(f"{self.prefix}t")

    def read(self, role: str, name: str, type: Type) -> Typed:
        prefix = self.roles[role]
        if name == "time":
            return Typed(col(f"{prefix}t"), "integer")
        if name == "type":
            return Typed(col(f"{prefix}type"), "text")
        return Typed(col(prefix + column_name(name, type)), kind_of(type))

    def param(self, name: str) -> Any:
        param = self.settings.get(name)
        return (self.planner.policy.params[name] if param is None else param).value

    def period(self, period: p.PeriodValue) -> Any:
        """The fixed, calendar or business period, parameters looked up."""
        return self.param(period.name) if isinstance(period, p.ParamValue) else period
