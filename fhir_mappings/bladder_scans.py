"""Post-void residuals: a volume as a quantity or in words, in millilitres."""

from __future__ import annotations

import re

from cards.guidance.findings import Presence, Reading
from fhir_mappings.answers import NOT_ASSESSED, Answered, comparator_of, number_of, unit_of
from fhir_mappings.elements import Element, mapping, number, string, words

MILLILITRES = {
    **dict.fromkeys(("mL", "ml", "ML", "mLs", "mls", "cm3", "cc", "milliliter", "milliliters", "millilitre", "millilitres"), 1.0),
    **dict.fromkeys(("cL", "cl"), 10.0),
    **dict.fromkeys(("dL", "dl"), 100.0),
    **dict.fromkeys(("L", "l"), 1000.0),
}
"""'ML' is a millilitre where case does not count, and can be nothing else: no bladder holds a megalitre."""
MOST_MILLILITRES = 20_000.0
"""More than any bladder holds: a slip of the unit or the pen, not a volume."""
_EMPTIED = r"post[- ]?(?:void|mict)\w*"
_RESIDUAL = re.compile(
    rf"(?:bladder scan|pvrv?|residual(?: (?:urine|bladder))?(?: volume)?(?: {_EMPTIED})?|{_EMPTIED} (?:\w+ )?volume|bladder volume {_EMPTIED})"
    r"(?:\s*(?:of|was|is|shows|showed|[:=-]))?"
    r"\s*(?P<after>[<>]?\s?\d{1,4}(?:\.\d+)?)(?: ?[-–] ?\d{1,4})?(?P<unit> ?(?:mls?|cc|l)\b)?(?!\w|[./-]\d)"
    r"|(?<![\w.])(?P<before>[<>]?\s?\d{1,4}(?:\.\d+)? ?(?:mls?|cc|l)) (?:post[- ]?void\w* )?(?:residual|pvrv?)\b"
)
_VOLUME = re.compile(
    r"(?:(?:approx\w*\.?|about|around|circa|c\.?|est\w*\.?) ?|~ ?)?([<>]?) ?(\d{1,4}(?:\.\d+)?|\d{1,2},\d{3})(?: ?[-–] ?\d{1,4})?"
    r" ?(mls?|cc|cm3|l|lit(?:re|er)s?|millilit(?:re|er)s?)"
    r"(?: (?:post[- ]?void\w*|post[- ]?mict\w*|residual|pvrv?|in (?:the )?bladder|(?:of )?urine))*(?:\s*[,;(](?!.*\d ?(?:ml|l\b)).*)?"
)
_ASKED_IN_ML = re.compile(r"[(\[,] ?(?:mls?|cc|millilit(?:re|er)s?) ?[)\]]?$")


def volume(element: Element) -> Answered:
    """A post-void residual in mL: present as a measurement whatever its size; the guidance judges the size.

    A unit is never guessed: it stands beside the number, or in the question, 'Post-void residual (mL)'.
    """
    quantity = mapping(element.get("valueQuantity"))
    value, unit, comparator = number_of(element), unit_of(quantity), comparator_of(quantity)
    said = " ".join(string(element.get("valueString")).casefold().split())
    written = _VOLUME.fullmatch(said)
    if written:
        comparator, value, unit = written[1], number(written[2].replace(",", "")), "L" if written[3].startswith("l") else "mL"
    elif not (unit or quantity.get("system")) and _ASKED_IN_ML.search(words(element.get("code")).casefold()):
        value, unit = number(said) if said else value, "mL"
    factor = MILLILITRES.get(unit)
    if value is None or factor is None or not 0 <= value * factor <= MOST_MILLILITRES or comparator == "<":
        return NOT_ASSESSED
    return Answered(Presence.PRESENT, reading=Reading(value * factor, "mL", comparator=comparator))


def residual(said: str) -> Answered | None:
    """The residual that words give beside its name, 'PVR 650 ml', the lower of 'PVR 350-400 ml'; without a unit it could not be assessed."""
    written = _RESIDUAL.search(" ".join(said.casefold().split()))
    return volume({"valueString": (written["before"] or written["after"] + (written["unit"] or "")).strip()}) if written else None
