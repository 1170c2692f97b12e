"""Figures of a bench drawn for the documents: SVG files that say everything in ink, without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pygal
from pygal.style import Style

Points = Sequence[tuple[float, float]]
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "performance"
LOOK = Style(background="white", plot_background="white", font_family="sans-serif", label_font_size=13, major_label_font_size=13, legend_font_size=14)


def draw(name: str, title: str, x: str, y: str, curves: Mapping[str, Points], *, log: bool = True, ticks: Sequence[float] = ()) -> None:
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
        xrange=None,
        dots_size=3,
        legend_at_bottom=True,
        truncate_legend=-1,
        show_x_guides=False,
        include_x_axis=not log,
        x_value_formatter=lambda value: f"{value:,.4g}",
        value_formatter=lambda value: f"{value:,.4g}",
    )
    if ticks:
        chart.x_labels = list(ticks)
    for label, points in curves.items():
        chart.add(label, [(each, found) for each, found in points])
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(chart.render(is_unicode=True) + "\n")
