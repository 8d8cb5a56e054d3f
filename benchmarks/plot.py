"""Small multiples of line charts as SVG: one panel for each thing that is varied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

COLUMNS = 2
WIDTH, HEIGHT = 360, 240
"""Of a panel, with its margins."""
LEFT, RIGHT, TOP, BOTTOM = 46, 24, 44, 34
WIDE = 30
"""Times the least x, from which it is drawn by its logarithm."""
COLORS = ("#0b6bcb", "#c4420a")
"""Told apart by people who see few colours, and each line is named beside it."""


class Panel(NamedTuple):
    title: str
    lines: Mapping[str, Sequence[tuple[float, float, str]]]
    """By name; x, y (both from 0, but for a wide x, drawn by its logarithm), and x in words."""


def drawn(title: str, panels: Sequence[Panel]) -> str:
    """The whole picture; the same panels give the same bytes."""
    rows = math.ceil(len(panels) / COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" font-family="sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" fill="#222222">{escape(title)}</text>',
    ]
    for place, panel in enumerate(panels):
        x, y = place % COLUMNS * WIDTH, place // COLUMNS * HEIGHT + 30
        parts.append(f'<g transform="translate({x} {y})">')
        parts.extend(_panel(panel))
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> list[str]:
    points = [point for line in panel.lines.values() for point in line]
    top = _rounded(max(y for _, y, _ in points))
    wide = max(x for x, _, _ in points) > WIDE * min(x for x, _, _ in points)
    low = math.log(min(x for x, _, _ in points)) if wide else 0.0
    high = max(math.log(x) if wide else x for x, _, _ in points)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def across(x: float) -> float:
        share = ((math.log(x) if wide else x) - low) / (high - low) if high > low else 0.5
        return LEFT + share * (right - LEFT)

    def up(y: float) -> float:
        return bottom - y / top * (bottom - TOP)

    title = panel.title + (" (logarithmic)" if wide else "")
    parts = [_text(LEFT, 20, title, "start", "#222222", bold=True)]
    for step in range(5):
        value = top * step / 4
        height = up(value)
        parts.append(f'<path d="M{LEFT} {height:.1f}H{right}" stroke="#dddddd" stroke-width="1"/>')
        parts.append(_text(LEFT - 6, height + 4, f"{value:g} s", "end"))
    for x, label in {x: label for x, _, label in points}.items():
        parts.append(_text(across(x), bottom + 18, label))
    for place, (name, line) in enumerate(panel.lines.items()):
        color = COLORS[place % len(COLORS)]
        path = "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y, _ in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        for x, y, label in line:
            parts.append(
                f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3" fill="{color}">'
                f"<title>{escape(f'{name}, {label}: {y:.2f} s')}</title></circle>"
            )
        parts.append(_text(right - place * 90, 36, name, "end", color))
    return parts


def _rounded(most: float) -> float:
    """The end of the axis: 1, 2, 4 or 8 times a power of ten, so that a quarter is short."""
    power = 10.0 ** math.floor(math.log10(most)) if most > 0 else 1.0
    return next((n * power for n in (1, 2, 4, 8) if n * power >= most), 10 * power)


def _text(
    x: float, y: float, text: str, anchor: str = "middle", fill: str = "#555555", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"{weight}>'
        f"{escape(text)}</text>"
    )
