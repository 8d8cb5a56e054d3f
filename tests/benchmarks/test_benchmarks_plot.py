"""Plots are well-formed and draw every point where its value is."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SVG = "{http://www.w3.org/2000/svg}"


def test_points_lie_in_proportion(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from plot import Panel, drawn

    line = [(1.0, 1.0, "one"), (2.0, 2.0, "two"), (4.0, 4.0, "<four>")]
    wide = [(1.0, 1.0, "1"), (10.0, 1.0, "10"), (100.0, 1.0, "100")]
    tree = ET.fromstring(drawn("A & B", [Panel("even", {"x": line}), Panel("wide", {"x": wide})]))
    dots = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in tree.iter(f"{SVG}circle")]
    even, logarithmic = dots[:3], dots[3:]
    assert round(even[2][0] - even[1][0], 1) == round(2 * (even[1][0] - even[0][0]), 1)
    assert round(even[1][1] - even[2][1], 1) == round(2 * (even[0][1] - even[1][1]), 1)
    assert logarithmic[1][0] - logarithmic[0][0] == logarithmic[2][0] - logarithmic[1][0]
    assert "<four>" in {text.text for text in tree.iter(f"{SVG}text")}
