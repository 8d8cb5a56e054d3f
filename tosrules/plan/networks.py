"""Whether an address lies in a network, by text operations alone: addresses stand in their one
canonical spelling, so that a few parts of it tell."""

from __future__ import annotations

import ipaddress

from tosrules.plan.expr import Expr, Operation, both, case, lit, op


def inside(address: Expr, network: str) -> Expr:
    """True or false; the address is not missing. Of the same IP version only."""
    found = ipaddress.ip_network(network)
    is_v6 = op("contains", address, lit(":"))
    if isinstance(found, ipaddress.IPv4Network):
        number: Expr = lit(0)
        for place in range(4):
            number = op("+", op("*", number, lit(256)), _decimal(_part(address, ".", place + 1)))
        low, high = int(found.network_address), int(found.broadcast_address)
        return case(
            (is_v6, lit(False)),
            otherwise=both(op(">=", number, lit(low)), op("<=", number, lit(high))),
        )
    low_text, high_text = (
        a.exploded.replace(":", "") for a in (found.network_address, found.broadcast_address)
    )
    digits = _hexadecimal(address)
    return case(
        (
            is_v6,
            both(op(">=", digits, lit(low_text)), op("<=", digits, lit(high_text))),
        ),
        otherwise=lit(False),
    )


def _part(text: Expr, separator: str, place: int | Expr) -> Expr:
    return op("part", text, lit(separator), place if isinstance(place, Expr) else lit(place))


def _decimal(text: Expr) -> Expr:
    return op("integer", text)


def _hexadecimal(address: Expr) -> Expr:
    """The 32 digits of an IPv6 address, `::` filled up."""
    left, right = _part(address, "::", 1), _part(address, "::", 2)
    filled = op("contains", address, lit("::"))
    groups = []
    for place in range(1, 9):
        behind = op("-", lit(place), op("-", lit(8), _groups(right)))
        groups.append(
            case(
                (op("<=", lit(place), _groups(left)), _padded(_part(left, ":", place))),
                (
                    both(filled, op(">", behind, lit(0))),
                    _padded(_part(right, ":", op("greatest", behind, lit(1)))),
                ),
                otherwise=lit("0000"),
            )
        )
    return Operation("concat", groups)


def _groups(text: Expr) -> Expr:
    colons = op("-", op("length", text), op("length", op("remove", text, lit(":"))))
    return case((op("=", text, lit("")), lit(0)), otherwise=op("+", colons, lit(1)))


def _padded(text: Expr) -> Expr:
    return op("pad", text, lit(4), lit("0"))
