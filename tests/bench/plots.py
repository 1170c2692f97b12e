"""Figures of a bench drawn for the documents: SVG files that say everything in ink, without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10
from pathlib import Path

import pygal
from pygal.style import Style

Points = Sequence[tuple[float, float]]
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "performance"
LOOK = Style(background="white", plot_background="white", font_family="sans-serif", label_font_size=13, major_label_font_size=13, legend_font_size=14)


def draw(name: str, title: str, x: str, y: str, curves: Mapping[str, Points], *, log: bool = True) -> None:
    """Curves over one axis into docs/performance/`name`.svg; with `log` what grows in proportion is a straight line upwards."""
    chart = pygal.XY(
        title=title,
        x_title=x,
        y_title=y,
        style=LOOK,
        width=820,
        height=420,
        js=[],
        logarithmic=log,
        dots_size=3,
        legend_at_bottom=True,
        truncate_legend=-1,
        truncate_label=-1,
        include_x_axis=not log,
        x_value_formatter=lambda value: f"{value:,.10g}",
        value_formatter=lambda value: f"{value:,.4g}",
    )
    if log:
        across, up = ([point[axis] for points in curves.values() for point in points] for axis in (0, 1))
        chart.x_labels, chart.y_labels = _ticks(across, (1, 3)), _ticks(up, (1, 2, 5))
    for label, points in curves.items():
        chart.add(label, list(points))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(chart.render(is_unicode=True) + "\n")


def _ticks(values: Sequence[float], steps: Sequence[int]) -> list[float]:
    """Of each power of ten these multiples, as far as the values reach."""
    powers = range(floor(log10(min(values))), floor(log10(max(values))) + 2)
    every = [step * 10.0**power for power in powers for step in steps]
    low, high = max(each for each in every if each <= min(values)), min(each for each in every if each >= max(values))
    return [each for each in every if low <= each <= high]
