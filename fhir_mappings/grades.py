"""Muscle power in words: grades from 0 to 5 of the Medical Research Council's scale, and the sides they are of."""

from __future__ import annotations

import re

from cards.guidance.findings import Side
from fhir_mappings.sites import side_of, together

_SIDE_OF_GRADE = r"left|right|both|bilat\w*|lt|rt|lle|rle|ble|l|r"
_GRADES = re.compile(
    rf"(?:\b({_SIDE_OF_GRADE})(?: legs?)?[ :=-]*)?\b([0-5])[+-]?/5\b(?: ?(?:(?:on|in|of|the) )*({_SIDE_OF_GRADE})\b(?! ?[:=]| (?:legs? )?[0-5][+-]?/))?"
)
_OUT_OF = re.compile(r"(?<=\d) ?out of (?=5\b)")
_MRC = re.compile(r"(?<![\d./])([0-5])(?=[+-]?\s*(?:/\s*5\b|[+-]?\s*$))|^([0-5])(?=[+-]? ?[-–:=(] ?[a-z])")
"""Grades as written: '2/5', '4+/5', a number alone at the end, or before what it means, '3 - against gravity'."""


def weakest(written: str, asked: Side) -> tuple[Side, float | None]:
    """The lowest of the grades in short lower-case text, or of those of the side asked about, and which sides are short of full power."""
    written = _OUT_OF.sub("/", written)
    graded = [(side_of(before or behind), float(grade)) for before, grade, behind in _GRADES.findall(written)]
    graded = [each for each in graded if each[0] is asked] or graded
    if not graded:
        return Side.UNSTATED, min((float(first or second) for first, second in _MRC.findall(written)), default=None)
    weak = together([side for side, grade in graded if grade < 5])
    return weak or (side_of(written) if graded[0][1] < 5 and len(graded) == 1 else Side.UNSTATED), min(grade for _, grade in graded)
