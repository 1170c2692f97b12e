"""Where in the body: leg, saddle, buttock, lumbar region or elsewhere, and which side; from codes first, from words second."""

from __future__ import annotations

import re
from enum import StrEnum

from cards.guidance.findings import Side


class Region(StrEnum):
    LEG = "leg"
    SADDLE = "saddle area"
    BUTTOCK = "buttock"
    LUMBAR = "lumbar region"
    BACK = "back"
    ELSEWHERE = "elsewhere"
    UNSTATED = ""


SITE_SETS = {
    "site-leg": Region.LEG,
    "site-saddle": Region.SADDLE,
    "site-buttock": Region.BUTTOCK,
    "site-lumbar": Region.LUMBAR,
    "site-back": Region.BACK,
    "site-elsewhere": Region.ELSEWHERE,
}
SIDE_SETS = {"side-left": Side.LEFT, "side-right": Side.RIGHT, "side-both": Side.BOTH}

REGION_WORDS = (
    (
        Region.SADDLE,
        r"saddle|perine\w+|perianal|peri-anal|genital\w*|vulva\w*|scrot\w+|penis|penile|between (?:the|my|his|her) legs|anal area|anus|groin and genital\w*",
    ),
    (
        Region.LEG,
        r"legs?|cal(?:f|ves)|thighs?|foot|feet|toes?|big toe|ankles?|shins?|knees?|hamstrings?|quadriceps|quads|lower limbs?|lower extremit\w+|hallucis|dorsiflexion|plantarflexion|plantar flexion|hip flexion|tibialis",
    ),
    (Region.BUTTOCK, r"buttocks?|gluteal\w*|gluteus"),
    (Region.BACK, r"back|trunk"),
    (Region.LUMBAR, r"lumbar|lumbosacral|sacral|low(?:er)? back|l[1-5](?:[-/]?(?:l?[1-5]|s1))?|s1"),
    (
        Region.ELSEWHERE,
        (
            r"arms?|forearms?|hands?|fingers?|wrists?|elbows?|shoulders?|upper limbs?|upper extremit\w+|neck|cervical|thoracic|chest|abdom\w+|stomach|tummy|belly|menstrua\w+|periods|period (?=pain|cramp)|uter\w+|"
            r"pelvi\w+|face|facial|tongue|lips?|eye\w*|eyelids?|jaw|mouth|scalp|bladder(?= spasm| cramp)|colon|rectal|oesophag\w+|esophag\w+|writer'?s|coronary|bronch\w+|laryng\w+|infantile|hemifacial|carpopedal"
        ),
    ),
)
_REGIONS = tuple((region, re.compile(rf"\b(?:{words})\b")) for region, words in REGION_WORDS)
_SIDES = (
    (Side.BOTH, re.compile(r"\b(?:both|bilateral\w*|bil|b/l)\b|\blegs\b.*\b(?:left and right|right and left)\b|\b(?:left and right|right and left)\b")),
    (Side.LEFT, re.compile(r"\b(?:left|lt|l)\b(?![-/]?\d)")),
    (Side.RIGHT, re.compile(r"\b(?:right|rt|r)\b")),
)


def regions_in(text: str) -> list[tuple[int, int, Region]]:
    """Every site named in lower-case text, with its place; a longer name wins over one it contains."""
    hits = [(match.start(), match.end(), region) for region, pattern in _REGIONS for match in pattern.finditer(text)]
    return sorted(each for each in hits if not any(_inside(each, other) for other in hits))


def _inside(one: tuple[int, int, Region], other: tuple[int, int, Region]) -> bool:
    return other is not one and other[0] <= one[0] and one[1] <= other[1] and (other[1] - other[0]) > (one[1] - one[0])


def region_of(text: str) -> Region:
    """The first site named in a body-site text."""
    hits = regions_in(text.casefold())
    return hits[0][2] if hits else Region.UNSTATED


def side_of(text: str) -> Side:
    """The side named in text; left and right together are both."""
    lower = text.casefold()
    named = {side for side, pattern in _SIDES if pattern.search(lower)}
    if Side.BOTH in named or {Side.LEFT, Side.RIGHT} <= named:
        return Side.BOTH
    return next(iter(named), Side.UNSTATED)


def together(sides: list[Side]) -> Side:
    """The side that several statements of one record add up to."""
    named = set(sides) - {Side.UNSTATED}
    if len(named) > 1 or Side.BOTH in named:
        return Side.BOTH
    return next(iter(named), Side.UNSTATED)
