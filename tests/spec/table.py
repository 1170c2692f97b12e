"""The whole specification, in the order docs/rules.md prints it."""

from __future__ import annotations

from spec import general, red_flags
from spec.rows import Row, Section

SECTIONS: tuple[Section, ...] = (
    red_flags.RED_FLAGS,
    red_flags.NO_RED_FLAG,
    red_flags.ASK_NOW,
    red_flags.NOT_ASKED,
    red_flags.WEAK_LEGS,
    red_flags.WORKUP,
    general.NEUROLOGICAL,
    general.COURSE,
    general.IMPACT,
    general.METABOLIC,
    general.LINK,
    general.GAP,
)
ROWS: tuple[Row, ...] = tuple(row for section in SECTIONS for row in section.rows)
