"""Where in the body: leg, saddle, buttock, lumbar region or elsewhere, and which side; from codes first, from words second."""

from __future__ import annotations

import re
from enum import StrEnum

from cards.guidance.findings import Side

MAX_LENGTH = 280
"""Longer text is a note, not a coding, and is not read."""


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
        (
            r"saddle|s[3-5](?:\s?[-/]\s?s?[3-5])?(?: dermatom\w+)?|s2\s?[-/]\s?s?[3-5]|perine\w+|perianal|peri-anal|genital\w*|labia[ls]?|vulva\w*|vagina\w*|scrot\w+|testic\w+|penis|penile|between (?:(?:the|my|your|his|her|their) )?legs|where (?:i|you|s?he) sits?|anal(?= (?:area|sensation|numbness))|anus|"
            r"bum|bottom(?! of\b)|backside|back passage|private (?:parts?|areas?)|privates|down below|down there|front passage|fanny|crotch|arse|rectum|willy|undercarriage|clitor\w+|(?<=my )bits|(?<=his )bits|groin and genital\w*"
        ),
    ),
    (
        Region.LEG,
        (
            r"(?:df|pf)(?= (?:is )?(?:weak|down|absent))|(?<=weak )(?:df|pf)|(?:df|pf|ta|gastroc\w*|l[2-5]|s1)(?=:? [0-5][+-]?/5)|(?<=power l )ta|(?<=power r )ta|(?<=/5 )(?:(?:l|r|left|right) )?(?:ta|df|pf|gastroc\w*)|waist(?: downwards?| down)|below (?:(?:the|his|her|my) )?waist|legs?|cal(?:f|ves)|thighs?|foot|feet|toes?|big toe|soles|sole(?= (?:of|numb))|heels?|(?:(?<=sensation )|(?<=sensation at )|(?<=sensation in )|(?<=pinprick )|(?<=pin prick )|(?<=touch )|(?<=power ))(?:l[2-5]|s1)(?:[-/](?:l?[2-5]|s?1))?|tip-?toes?|ankles?|shins?|knees?|hamstrings?|quadriceps|quads|lower limbs?|lower[ -]ext(?:s|remit\w+)?|(?<=/5 )les?|(?<=/5 in )les?|l/?es?(?= (?:weak|numb|pain|cramp|spasm|tingl|pares|strength|power|sensation|sensory|motor))|"
            r"(?<=bilateral )(?:les?|lls?)|ll(?= (?:power|strength|weak))|(?<=throughout )lls?|(?<=b/l )(?:les?|lls?)|(?<=left )ll|(?<=right )ll|(?<=both )lls?|quad(?= weak)|(?:l[2-5]|s[12])(?:[-/](?:l?[3-5]|s?[12]))? (?:dermatom\w+|distribution|myotom\w+)|parapar\w+|parapleg\w+|ehl|fhl|(?<=left )le|(?<=right )le|(?<=both )les|lle|rle|bles?|hallucis|dorsiflexion|plantarflexion|plantar flexion|hip (?:flex\w+|extens\w+|abduct\w+|adduct\w+)|tibialis|gastrocnemius|soleus"
        ),
    ),
    (Region.BUTTOCK, r"buttocks?|gluteal\w*|gluteus"),
    (Region.BACK, r"back(?! passage)|trunk|paraspinal|paravertebral"),
    (Region.LUMBAR, r"lumbar|lumbosacral|thoracolumbar|sacral|low(?:er)? back|l[1-5](?:[-/]?(?:l?[1-5]|s1))?|s1"),
    (
        Region.ELSEWHERE,
        (
            r"arms?|forearms?|hands?|fingers?|thumbs?|wrists?|carpal|elbows?|shoulders?|upper limbs?|upper[ -]ext(?:s|remit\w+)?|[rlb]?ues?|biceps|triceps|deltoid|neck|trapezius|cervical|c[1-8](?:[-/]?c?[1-8])?|thoracic|t(?:1[0-2]|[1-9])|"
            r"chest|ribs?|intercostal|abdom\w+|stomach|tummy|belly|bowel(?= cramp| spasm)|gastric|g\.?i\.?|gastrointestinal|intestin\w+|diarrh\w+|bili\w+|renal|ureter\w*|detrusor|levator(?: ani)?|anal(?= spasm)|sphincter(?= spasm)|"
            r"menstrua\w+|dysmenorrh\w+|periods|period (?=pain|cramp)|uter\w+|"
            r"pelvi\w+|face|facial|tongue|lips?|eye\w*|eyelids?|accommodation|gaze|(?:vascular|vessel)(?= spasm)|chin|perioral|coughing(?= spasm)|epilep\w+|oddi|cervico\w+|occipit\w+|jaw|mouth|scalp|bladder(?= spasm| cramp)|colon|rectal|oesophag\w+|esophag\w+|writer'?s|coronary|bronch\w+|laryng\w+|infantile|hemifacial|carpopedal"
        ),
    ),
)
_REGIONS = tuple((region, re.compile(rf"\b(?:{words})\b")) for region, words in REGION_WORDS)
_SIDES = (
    (
        Side.BOTH,
        re.compile(
            r"\b(?:both(?! \w+ (?:pain )?and\b)|either(?= (?:\w+ )?(?:legs?|foot|side))|bilat\w*|bil|b/l|bles?|parapar\w+|parapleg\w+|l ?= ?r|r ?= ?l)\b|\blegs\b.*\b(?:left and right|right and left)\b|\b(?:left and right|right and left)\b"
        ),
    ),
    (Side.LEFT, re.compile(r"\b(?:left|left-sided|lt|(?<!\d )l|lle)\b(?![-/]?\d)(?!/e\b)(?![- ]?spine)")),
    (Side.RIGHT, re.compile(r"\b(?:right|right-sided|rt|(?<!ces-)(?<!ces )r|rle)\b(?!/o\b)")),
)
_BESIDE_PLACES = re.compile(
    r"\b(?:in|on|at|of|the|and|or|to|my|his|her|their|around|over|along|down|areas?|regions?|skin|sides?|sided|both|left|right|lt|rt|bilat\w*|b/l|upper|lower|inner|outer|"
    r"back|front|whole|entire|only|mainly|mostly|also|night|l|r)\b|[-/&+()]"
)


def regions_in(text: str) -> list[tuple[int, int, Region]]:
    """Every site named in short lower-case text, with its place; a longer name wins over one it contains, of two regions of one name the first."""
    if len(text) > MAX_LENGTH:
        return []
    named = {match.span(): region for region, pattern in reversed(_REGIONS) for match in pattern.finditer(text)}
    hits = [(start, end, region) for (start, end), region in named.items()]
    return sorted(each for each in hits if not any(_inside(each, other) for other in hits))


def is_only_places(text: str) -> bool:
    """Does short lower-case text name sites, one of them our concern, and nothing else, as the answer to 'where?' does?"""
    hits = regions_in(text)
    if all(region is Region.ELSEWHERE for _, _, region in hits):
        return False
    rest = list(text)
    for start, end, _ in hits:
        rest[start:end] = " " * (end - start)
    return not _BESIDE_PLACES.sub(" ", "".join(rest)).strip()


def _inside(one: tuple[int, int, Region], other: tuple[int, int, Region]) -> bool:
    return other is not one and other[0] <= one[0] and one[1] <= other[1] and (other[1] - other[0]) > (one[1] - one[0])


def side_of(text: str) -> Side:
    """The side named in short text; left and right together are both."""
    named = {side for _, side in sides_in(text.casefold())}
    if Side.BOTH in named or {Side.LEFT, Side.RIGHT} <= named:
        return Side.BOTH
    return next(iter(named), Side.UNSTATED)


def sides_in(text: str) -> list[tuple[tuple[int, int], Side]]:
    """Every side named in short lower-case text, with its place; a single letter counts only where no side is spelt out."""
    if len(text) > MAX_LENGTH:
        return []
    named = sorted(((match.start(), match.end()), side) for side, pattern in _SIDES for match in pattern.finditer(text))
    return [each for each in named if each[0][1] - each[0][0] > 1] or named


def together(sides: list[Side]) -> Side:
    """The side that several statements of one record add up to."""
    named = set(sides) - {Side.UNSTATED}
    if len(named) > 1 or Side.BOTH in named:
        return Side.BOTH
    return next(iter(named), Side.UNSTATED)
