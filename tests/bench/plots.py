"""Figures of a bench drawn for the documents: SVG files that say everything in ink, without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

Points = Sequence[tuple[float, float]]
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "performance"
SMALL, GUIDE = 13, "#cccccc"
LOOK = Style(
    background="white",
    plot_background="white",
    font_family="sans-serif",
    label_font_size=SMALL,
    major_label_font_size=SMALL,
    legend_font_size=SMALL + 1,
    title_font_size=SMALL + 2,
    guide_stroke_color=GUIDE,
    major_guide_stroke_color=GUIDE,
    guide_stroke_dasharray="1,0",
    major_guide_stroke_dasharray="1,0",
    colors=("#c62828", "#1565c0", "#00796b", "#ef8f00", "#6a1b9a", "#37474f", "#8d6e63"),
)
FEW = 8


def draw(name: str, title: str, x: str, y: str, curves: Mapping[str, Points], *, log: bool = True) -> None:
    """Curves over one axis into docs/performance/`name`.svg; with `log` what grows in proportion is a straight line upwards, and none is drawn as one."""
    if log:
        curves = {label: [(across or 1, up) for across, up in points] for label, points in curves.items()}
    chart = pygal.XY(
        title=title,
        x_title=x,
        y_title=y,
        style=LOOK,
        width=820,
        height=420,
        js=[],
        no_prefix=True,
        logarithmic=log,
        dots_size=3,
        stroke_style={"width": 2},
        margin_right=50,
        legend_at_bottom=True,
        truncate_legend=-1,
        truncate_label=-1,
        include_x_axis=not log,
        x_value_formatter=lambda value: f"{value:,.10g}",
        value_formatter=lambda value: f"{value:,.4g}",
    )
    across, up = ([point[axis] for points in curves.values() for point in points] for axis in (0, 1))
    if log:
        chart.x_labels, chart.y_labels = _ticks(across, (1, 3) if max(across) < 10_000 * min(across) else (1,)), _ticks(up, (1, 2, 5))
    elif len(set(across)) <= FEW:
        chart.x_labels = sorted(set(across))
    for label, points in curves.items():
        chart.add(label, list(points))
    chart.add_xml_filter(_plain)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(chart.render(is_unicode=True) + "\n")


def _plain(root: Any) -> Any:
    """Without what only a script would use."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {"script", "desc"} or child.get("class") == "plot tooltip-overlay":
                parent.remove(child)
    return root


def _ticks(values: Sequence[float], steps: Sequence[int]) -> list[float]:
    """Of each power of ten these multiples, as far as the values reach."""
    powers = range(floor(log10(min(values))), floor(log10(max(values))) + 2)
    every = [step * 10.0**power for power in powers for step in steps]
    low, high = max(each for each in every if each <= min(values)), min(each for each in every if each >= max(values))
    return [each for each in every if low <= each <= high]
