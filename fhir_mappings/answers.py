"""What the value of an Observation or component means for the thing asked: present, absent, a number, a grade, or not assessed."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, replace
from types import MappingProxyType

from cards.guidance.findings import IN_WORDS, Concept, Flag, Presence, Reading, Score, Severity, Side
from cards.guidance.labs import UNITS
from fhir_mappings import meanings, text, text_answers
from fhir_mappings.elements import Element, codes, codings, has_value, is_yes_or_no, items, mapping, number, string, words
from fhir_mappings.grades import weakest
from fhir_mappings.scales import SCALES, scored
from fhir_mappings.sites import SITE_SETS, Region, side_of
from fhir_mappings.targets import Target
from fhir_mappings.terminology import LOINC, Terminology
from fhir_mappings.text_context import Assertion

SEVERITY_SETS = {"severity-mild": Severity.MILD, "severity-moderate": Severity.MODERATE, "severity-severe": Severity.SEVERE}
YES_SETS, NO_SETS = frozenset({"answer-yes", "answer-incontinent"}), frozenset({"answer-no", "answer-continent"})
# v3-ObservationInterpretation codes (HL7): the laboratory's own verdict.
LOW, HIGH = frozenset({"L", "LL", "LU", "<"}), frozenset({"H", "HH", "HU", ">"})
ABNORMAL, NORMAL = frozenset({"A", "AA"}), frozenset({"N"})
POSITIVE, NEGATIVE = frozenset({"POS", "DET", "positive", "detected", "present"}), frozenset({"NEG", "ND", "negative", "not detected", "absent"})
FOUND = POSITIVE | ABNORMAL | {"abnormal"}
VERDICTS = ((LOW, "low"), (HIGH, "high"), (ABNORMAL, "abnormal"), (NORMAL, "normal"))
COMPARATORS = MappingProxyType({"<": "<", ">": ">", "<=": "<", ">=": ">"})
"""'Or equal' adds nothing to a number beyond which the true value lies."""
UCUM = frozenset(f"{scheme}://unitsofmeasure.org{end}" for scheme in ("http", "https") for end in ("", "/")) | {"urn:oid:2.16.840.1.113883.6.8"}
SCORE_UNITS = frozenset({"", "1", "{score}", "/10", "{0-10}"})
PER_WEEK = {"/wk": 1.0, "/week": 1.0, "1/wk": 1.0, "/d": 7.0, "/day": 7.0, "1/d": 7.0, "/mo": 7 / 30.4375, "/month": 7 / 30.4375, "1/mo": 7 / 30.4375}
_PERIOD = re.compile(
    r"\b(?:per|a|each|every|in the (?:past|last)) (week|7 days|month|day|night)\b|/ ?(week|wk|month|day|night)\b|\b(weekly|monthly|daily|nightly)\b"
)
_PERIODS = {"week": 1.0, "wk": 1.0, "7 days": 1.0, "weekly": 1.0, "month": 7 / 30.4375, "monthly": 7 / 30.4375} | dict.fromkeys(
    ("day", "night", "daily", "nightly"), 7.0
)
_OF_TEN = re.compile(r"(\d{1,2}(?:\.\d)?)(?: ?(?:/|of|out of) ?10)?")
_HAEMOLYSIS = re.compile(r"ha?emoly")
_NO_HAEMOLYSIS = re.compile(r"\b(?:no|not|non|without|nil)(?: \w+)?[ -]ha?emoly|ha?emoly\w+:? (?:index )?(?:none|nil|absent|negative|not)")


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: whether the thing asked is present, and what else the value says."""

    presence: Presence
    side: Side = Side.UNSTATED
    severity: Severity | None = None
    reading: Reading | None = None
    score: Score | None = None
    flags: frozenset[Flag] = frozenset()


NOT_ASSESSED = Answered(Presence.NOT_ASSESSED)
TICKED = Score(IN_WORDS, 1)


def read(element: Element, target: Target, concept: Concept, terms: Terminology) -> Answered:
    """The answer an element (Observation or component) gives about one concept of its code."""
    if target.kind in SCALES:
        return _score(element, target.kind)
    if concept in meanings.LABORATORY:
        return _result(element, concept)
    if concept is Concept.MUSCLE_POWER:
        return _power(element, target.side)
    if concept is Concept.LEG_PAIN_SCORE:
        return _pain(element)
    if concept in {Concept.CRAMP_FREQUENCY, Concept.CRAMP_NIGHTS}:
        return _weekly(element)
    return _presence(element, target, terms)


def is_in_words(element: Element) -> bool:
    """Is power answered as 'weak' or 'full', or whether it is, without any grade?"""
    if isinstance(element.get("valueBoolean"), bool):
        return True
    said = string(element.get("valueString")) or words(element.get("valueCodeableConcept"))
    return said != "" and not any(map(str.isdigit, said))


def interpretation(element: Element) -> str:
    """The laboratory's verdict in our words: low, high, abnormal, normal, or nothing."""
    return verdict({code for each in items(element.get("interpretation")) for code in codes(each)})


def verdict(codes: Set[str]) -> str:
    return next((said for meant, said in VERDICTS if codes & meant), "") if codes else ""


# --- numbers
def _result(element: Element, concept: Concept) -> Answered:
    """A laboratory value: a UCUM unit we know, a finite number, and the limits only where they are in that same unit."""
    quantity = mapping(element.get("valueQuantity"))
    value, unit = number(quantity.get("value")), unit_of(quantity)
    if value is None or unit not in UNITS[concept] or value < 0:
        return NOT_ASSESSED
    flags = frozenset({Flag.HAEMOLYSED}) if _is_haemolysed(element) else frozenset[Flag]()
    low, high = _limits(element, unit)
    return Answered(Presence.PRESENT, reading=Reading(value, unit, interpretation(element), low, high, comparator_of(quantity)), flags=flags)


def comparator_of(quantity: Element) -> str:
    """'<' or '>' when the true value lies beyond the number."""
    return COMPARATORS.get(string(quantity.get("comparator")), "")


def _limits(element: Element, unit: str) -> tuple[float | None, float | None]:
    """The limits of the one range that is for anybody; of several ranges for this or that person none can be chosen."""
    ranges = [each for each in items(element.get("referenceRange")) if _is_usual(each)]
    general = [each for each in ranges if not each.get("appliesTo") and not each.get("age")]
    chosen = (general or (ranges if len(ranges) == 1 else []))[:1]
    if not chosen:
        return None, None
    sides = (mapping(chosen[0].get("low")), mapping(chosen[0].get("high")))
    low, high = (number(each.get("value")) if unit_of(each) in {unit, ""} else None for each in sides)
    return low, high


def _is_usual(reference_range: Element) -> bool:
    """The normal range, not one for treatment or for other people."""
    kinds = codes(reference_range["type"]) if "type" in reference_range else []
    return not kinds or "normal" in kinds


def _is_haemolysed(element: Element) -> bool:
    if not element.get("note"):
        return False
    notes = " ".join(string(each.get("text")) for each in items(element["note"])).casefold()
    return _HAEMOLYSIS.search(notes) is not None and _NO_HAEMOLYSIS.search(notes) is None


def unit_of(quantity: Element) -> str:
    """The UCUM code; the unit text only where no other system is named and the text is itself such a code."""
    system = string(quantity.get("system"))
    if system and system not in UCUM:
        return ""
    return string(quantity.get("code")) or string(quantity.get("unit"))


def number_of(element: Element) -> float | None:
    quantity = mapping(element.get("valueQuantity"))
    found = (number(each) for each in (quantity.get("value"), element.get("valueInteger"), element.get("valueDecimal")))
    return next((each for each in found if each is not None), None)


_COUNTS = re.compile(r"\b(?:episodes?|number of|how (?:often|many)|times|occurrences?)\b")


def _pain(element: Element) -> Answered:
    """Pain from 0 to 10, as a number without another unit or written '7/10'. Millimetres of a line are another scale."""
    quantity = mapping(element.get("valueQuantity"))
    value = number_of(element)
    written = _OF_TEN.fullmatch(string(element.get("valueString")))
    if written:
        value = number(written[1])
    if value is None or not 0 <= value <= 10 or unit_of(quantity) not in SCORE_UNITS:
        return NOT_ASSESSED
    return Answered(Presence.PRESENT, reading=Reading(value, "of 10"))


def _weekly(element: Element) -> Answered:
    """How often a week, by the unit or by the words of the question; without either it is not known."""
    quantity = mapping(element.get("valueQuantity"))
    value, unit = number_of(element), unit_of(quantity)
    said = _PERIOD.search(text.normal(words(element.get("code"))))
    factor = PER_WEEK.get(unit) or (_PERIODS[next(each for each in said.groups() if each)] if said else None)
    if value is None or factor is None or not 0 <= value * factor <= 200:
        return NOT_ASSESSED
    return Answered(Presence.PRESENT, reading=Reading(value * factor, "a week"))


def _power(element: Element, asked: Side) -> Answered:
    """Muscle power from 0 to 5, as a number or written '2/5'; 5 is full power of that muscle. Of both legs the weaker, or the one asked about."""
    side, value = Side.UNSTATED, number_of(element)
    if value is None:
        side, value = weakest(text.normal(string(element.get("valueString")) or words(element.get("valueCodeableConcept"))), asked)
    if value is None or not 0 <= value <= 5:
        return NOT_ASSESSED
    return Answered(Presence.ABSENT if value == 5 else Presence.PRESENT, side=side, reading=Reading(value, "MRC"))


def _score(element: Element, scale: str) -> Answered:
    code = next((code for system, code in codings(element.get("valueCodeableConcept")) if system == LOINC), "")
    value = number_of(element)
    if value is None and not code:
        value = number(string(element.get("valueString")) or words(element.get("valueCodeableConcept")))
    score = scored(scale, code, value)
    if score is None:
        return NOT_ASSESSED
    return Answered(Presence.ABSENT if score.grade <= SCALES[scale].best else Presence.PRESENT, score=score)


# --- yes and no
def _presence(element: Element, target: Target, terms: Terminology) -> Answered:
    found = _answer(element, target, terms)
    if not target.asks_function and is_yes_or_no(element) and (turned := text_answers.of_its_course(words(element.get("code")))):
        return replace(found, presence=turned.get(found.presence, Presence.NOT_ASSESSED))
    if target.assertion is not Assertion.DENIED or target.asks_function:
        return found
    # The question itself is a denial ("no leg cramps"): agreeing means absent; anything else is not an answer.
    return replace(found, presence=Presence.ABSENT) if found.presence is Presence.PRESENT else NOT_ASSESSED


def _answer(element: Element, target: Target, terms: Terminology) -> Answered:
    if not target.coded and (is_yes_or_no(element) or number_of(element) is not None) and text_answers.is_title(words(element.get("code"))):
        return NOT_ASSESSED
    if isinstance(element.get("valueBoolean"), bool):
        return Answered(_if(element["valueBoolean"] is not target.asks_function))
    counted = _count(element)
    if counted is not None and not target.asks_function:
        return Answered(_if(counted > 0))
    if element.get("valueCodeableConcept") is not None:
        return _coded_answer(mapping(element["valueCodeableConcept"]), target, words(element.get("code")), terms)
    if isinstance(element.get("valueString"), str):
        return _written(element["valueString"], target, words(element.get("code")))
    value = number_of(element)
    if value is not None:
        return Answered(Presence.PRESENT) if value > 0 and not target.asks_function else NOT_ASSESSED
    return _without_value(element, target)


def _count(element: Element) -> float | None:
    """The number that answers how often something happened; of nothing else does a bare number say whether it did."""
    if not _COUNTS.search(words(element.get("code")).casefold()):
        return None
    found = number_of(element)
    return number(string(element.get("valueString")) or words(element.get("valueCodeableConcept"))) if found is None else found


def _without_value(element: Element, target: Target) -> Answered:
    verdicts = items(element.get("interpretation"))
    said = {said for each in verdicts for said in (*codes(each), words(each).casefold())}
    if said & (FOUND | NEGATIVE):
        return Answered(_if(bool(said & FOUND)))
    if said & (NORMAL | {"normal"}):  # a symptom that is normal: neither there nor denied
        return Answered(Presence.ABSENT) if target.asks_function else NOT_ASSESSED
    if target.assertion is Assertion.DENIED and element.get("dataAbsentReason") is None and not has_value(element):
        return Answered(_if(not target.asks_function))
    is_question = target.asks_function or target.assertion is Assertion.ASKED or text_answers.is_question(words(element.get("code")))
    if element.get("dataAbsentReason") is not None or is_question or has_value(element):
        return NOT_ASSESSED
    return Answered(Presence.PRESENT, flags=frozenset({Flag.NO_VALUE}))


def _coded_answer(concept: Element, target: Target, asked: str, terms: Terminology) -> Answered:
    sets = [found.valueset for system, code in codings(concept) if (found := terms.find(system, code))]
    said = words(concept) or " ".join(codes(concept))
    for each in sets:
        if each in YES_SETS | NO_SETS:
            return Answered(_if((each in YES_SETS) is not (target.asks_function and each in {"answer-yes", "answer-no"})), side=side_of(said))
        if each in SEVERITY_SETS:
            return Answered(Presence.PRESENT, severity=SEVERITY_SETS[each])
        if each == "answer-not-assessable":
            return NOT_ASSESSED
        if set(meanings.FIXED.get(each, ())) & set(target.concepts) or _says_where(each, target):
            return Answered(Presence.PRESENT, side=side_of(said))
    return _written(said, target, asked) if said else NOT_ASSESSED


def _says_where(valueset: str, target: Target) -> bool:
    """To where a symptom is, a site's code is a yes."""
    return not target.asks_function and SITE_SETS.get(valueset, Region.ELSEWHERE) is not Region.ELSEWHERE


def _written(said: str, target: Target, asked: str) -> Answered:
    """A written answer: whether its words name the same symptom again, then a plain yes or no; what cannot be read is no answer."""
    plain = text_answers.answer(said, asked, asks_function=target.asks_function)
    if plain is text_answers.Answer.NOT_ASSESSED:
        return NOT_ASSESSED
    severity, course = text.course_words(said)
    score = TICKED if text_answers.is_ticked(said) and meanings.CONTINENCE.issuperset(target.concepts) else None
    present = Answered(Presence.PRESENT, side=side_of(text_answers.affected(said)), severity=severity, score=score, flags=course)
    asserted = {each.assertion for each in text.mentions(text_answers.in_full(asked, said)) if _same(each, target)}
    if asserted == {Assertion.NOT_NOW}:
        return NOT_ASSESSED
    if Assertion.AFFIRMED in asserted or plain is text_answers.Answer.YES:
        return present
    if Assertion.SUSPECTED in asserted or plain is text_answers.Answer.MAYBE:
        return replace(present, flags=present.flags | {Flag.SUSPECTED})
    if Assertion.DENIED in asserted or plain is text_answers.Answer.NO:
        return Answered(Presence.ABSENT)
    return present if severity and not asserted else NOT_ASSESSED


def _same(mention: text.Mention, target: Target) -> bool:
    """Does the answer name what was asked? Without a site of its own it speaks of the question's."""
    sited = meanings.SITED.get(mention.kind, {})
    concepts = {each for known in sited.values() for each in known} if sited and not mention.region else set(meanings.concepts(mention.kind, mention.region))
    return bool(concepts & set(target.concepts))


def _if(present: bool) -> Presence:
    return Presence.PRESENT if present else Presence.ABSENT
