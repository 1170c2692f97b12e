"""How a rule fared over time, drawn as SVG on this side: no script, and colours from the style sheet, so that they follow light and dark."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pygal
from markupsafe import Markup

from cards.render import OVERRIDE_REASONS
from cds_hooks.audit.tally import Tally
from cds_hooks.audit.visible import visible

sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != "pygal"]
"""Its finder of plug-ins, of which we use none, is of a form that Python 3.11 warns of whenever any module is not found."""

SIZE = {"width": 900, "height": 320}
MOST_LABELS = 10
WORDS = dict(OVERRIDE_REASONS)

Stretches = Mapping[datetime, Tally]


def answers(stretches: Stretches) -> Markup:
    """What became of the cards of each stretch: accepted, overridden by reason, without an answer."""
    reasons = sorted({reason for each in stretches.values() for reason in each.overridden})
    series = {
        "Accepted": [each.accepted for each in stretches.values()],
        **{f"Overridden: {WORDS.get(reason, visible(reason))}": [each.overridden[reason] for each in stretches.values()] for reason in reasons},
        "Answered without saying which": [each.not_stated for each in stretches.values()],
        "No answer": [each.unanswered for each in stretches.values()],
    }
    kept = {name: values for name, values in series.items() if any(values) or name in {"Accepted", "No answer"}}
    return _drawn(pygal.StackedBar, "Answers to the cards shown", stretches, kept)


def shown_again(stretches: Stretches) -> Markup:
    """All cards, and those of patients who had been shown the same within 24 hours before."""
    tallies = stretches.values()
    series = {"Shown": [each.shown for each in tallies], "Shown again within 24 hours for the same patient": [each.repeats for each in tallies]}
    return _drawn(pygal.Line, "Cards shown", stretches, series)


def latency(stretches: Stretches) -> Markup:
    """In ms, where there were calls."""
    tallies = stretches.values()
    medians, slowest = ([each.latency(share) if each.latencies else None for each in tallies] for share in (0.5, 0.95))
    return _drawn(pygal.Line, "Time to answer, in ms", stretches, {"Median": medians, "95 % within": slowest})


def _drawn(kind: type[Any], title: str, stretches: Stretches, series: Mapping[str, Sequence[float | None]]) -> Markup:
    chart = kind(
        **SIZE,
        js=[],
        css=[],
        no_prefix=True,
        disable_xml_declaration=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        truncate_legend=-1,
        truncate_label=-1,
        include_x_axis=True,
        min_scale=2,
        max_scale=8,
        x_label_rotation=0,
        show_minor_x_labels=False,
    )
    labels = [f"{each:%Y-%m-%d}" for each in stretches]
    chart.x_labels = labels
    chart.x_labels_major = labels[:: max(1, -(-len(labels) // MOST_LABELS))]
    for name, values in series.items():
        chart.add(name, values)
    chart.add_xml_filter(lambda root: _plain(root, title))
    return Markup(chart.render(is_unicode=True))  # noqa: S704 - built as a tree, every text in it escaped


def _plain(root: Any, title: str) -> Any:
    """Without script, inline style and the parts that only a script would show; with a name for those who cannot see it."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {"defs", "style", "script"} or child.get("class") == "plot tooltip-overlay":
                parent.remove(child)
    for each in root.iter("title"):
        each.text = each.text if each.text != "Pygal" else title
    root.attrib.pop("id", None)
    for each in root.iter("g"):
        each.attrib.pop("id", None)
        _tell_on_hover(each)
    root.set("role", "img")
    root.set("aria-label", title)
    return root


def _tell_on_hover(group: Any) -> None:
    """What the library leaves for its script becomes the title of the bar or the dot."""
    told = {str(each.get("class")): each for each in group.findall("desc")}
    if "value" not in told:
        return
    label = told["x_label"].text if "x_label" in told else ""
    for each in told.values():
        group.remove(each)
    title = group.makeelement("title", {})
    title.text = f"{label}: {told['value'].text}"
    group.insert(0, title)
