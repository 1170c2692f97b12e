"""Words from a chart made harmless: one line, no markup, no hidden direction, set apart as code."""

from __future__ import annotations

import unicodedata

MAX_WORDS = 120
_REPLACED = str.maketrans({"`": "'", "<": "‹", ">": "›", "&": "+", "|": "/", "\\": "/"})


def quoted(words: str) -> str:
    """Chart text as a markdown code span, where neither HTML, links nor emphasis can arise. Angle brackets and backquotes are replaced."""
    return f"`{plain(words) or '(nothing legible)'}`"


def plain(words: str) -> str:
    """Chart text on one line without control, format or private characters, at most MAX_WORDS long."""
    shown = words[: 4 * MAX_WORDS]
    visible = shown if shown.isprintable() else "".join(map(_visible, shown))
    line = " ".join(visible.translate(_REPLACED).split())
    return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1].rstrip() + "…"


def _visible(character: str) -> str:
    """Everything that is not shown, or changes how the rest is shown, becomes a space."""
    return " " if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else character
