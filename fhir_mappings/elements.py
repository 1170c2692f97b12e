"""Reading FHIR JSON that may be wrong: every accessor gives a usable value or nothing, and never raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

Element = Mapping[str, Any]
NOTHING: Element = {}
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{3,}(?![A-Za-z0-9])")


def mapping(value: object) -> Element:
    return value if isinstance(value, dict) else NOTHING


def items(value: object) -> list[Element]:
    """A list of objects, whether one, several or none were sent; anything else in it is passed over."""
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """A finite number, also where it was sent as a string of digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if isfinite(result) else None


def codings(concept: object) -> list[tuple[str, str]]:
    """(system, code) of each coding that has both."""
    found = [(string(each.get("system")), _code(each.get("code"))) for each in items(mapping(concept).get("coding"))]
    return [(system, code) for system, code in found if system and code]


def codes(concept: object) -> list[str]:
    """The code of each coding, whatever its system."""
    return [code for each in items(mapping(concept).get("coding")) if (code := _code(each.get("code")))]


def words(concept: object) -> str:
    """The text of a CodeableConcept, or the display of its first coding that has one, or a code that is itself words."""
    element = mapping(concept)
    said = string(element.get("text")) or next((said for each in items(element.get("coding")) if (said := string(each.get("display")))), "")
    return said or next((said for each in codes(element) if (said := spoken(each))), "")


def all_words(concept: object) -> list[str]:
    """The text and every display of a CodeableConcept, each once; without any, the codes that are themselves words."""
    element = mapping(concept)
    said = [string(element.get("text")), *(string(each.get("display")) for each in items(element.get("coding")))]
    return list(dict.fromkeys(each for each in said if each)) or [coded for each in codes(element) if (coded := spoken(each))]


def spoken(code: str) -> str:
    """A code made of words, as some senders write their own ('LEG_CRAMPS', 'R32 - Urinary incontinence'); nothing for any other."""
    return code.replace("_", " ").replace("-", " ") if _WORD.search(code.replace("_", " ")) else ""


def code_in(concept: object, allowed: frozenset[str]) -> str:
    """The first code of a CodeableConcept (or its text or display) that is one of `allowed`, however its words are joined and capitalised."""
    element = mapping(concept)
    stated = items(element.get("coding"))
    coded = [_code(each.get("code")) for each in stated]
    usual = next((each for each in coded if each in allowed), "")
    if usual:
        return usual
    said = (*coded, string(element.get("text")), *(string(each.get("display")) for each in stated))
    return next((tidy for each in said if (tidy := "-".join(each.casefold().replace("_", " ").split())) in allowed), "")


def has_value(element: Element) -> bool:
    """Is anything answered, were it only the reason why nothing is?"""
    return any(name.startswith(("value", "_value")) for name in element)


_LONGEST_PLAIN = 10
"""Characters of an answer that is only yes or no, with a stop."""


def is_yes_or_no(element: Element) -> bool:
    """Is the answer a plain yes or no, however it is written?"""
    return _plainly(element) in {"true", "false", "yes", "no", "y", "n"}


def is_yes(element: Element) -> bool:
    return _plainly(element) in {"true", "yes", "y"}


def _plainly(element: Element) -> str:
    said = string(element.get("valueString")) or words(element.get("valueCodeableConcept")) or str(element.get("valueBoolean"))
    return said.strip(" .").casefold() if len(said) <= _LONGEST_PLAIN else ""


def reference(value: object) -> str:
    """The literal reference without a version, or nothing."""
    return string(mapping(value).get("reference")).split("/_history/")[0]


def _code(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else string(value)
