"""What the value of an Observation or component means for the thing asked: present, absent, a number, a grade, or not assessed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.guidance.findings import Concept, Flag, Presence, Reading, Score, Severity, Side
from cards.guidance.labs import UNITS
from fhir_mappings import meanings, text
from fhir_mappings.elements import Element, codings, items, mapping, number, string, words
from fhir_mappings.scales import SCALES, scored
from fhir_mappings.sites import side_of
from fhir_mappings.targets import Target
from fhir_mappings.terminology import LOINC, Terminology

SEVERITY_SETS = {"severity-mild": Severity.MILD, "severity-moderate": Severity.MODERATE, "severity-severe": Severity.SEVERE}
YES_SETS, NO_SETS = frozenset({"answer-yes", "answer-incontinent"}), frozenset({"answer-no", "answer-continent"})
# v3-ObservationInterpretation codes (HL7): the laboratory's own verdict.
LOW, HIGH = frozenset({"L", "LL", "LU", "<"}), frozenset({"H", "HH", "HU", ">"})
ABNORMAL, NORMAL, POSITIVE, NEGATIVE = frozenset({"A", "AA"}), frozenset({"N"}), frozenset({"POS", "DET"}), frozenset({"NEG", "ND"})
UNITS_READ = frozenset({"mL", "ml", "L", "/wk", "/week", "{score}", "1"})
MILLILITRES = {"mL": 1.0, "ml": 1.0, "L": 1000.0}


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: whether the thing asked is present, and what else the value says."""

    presence: Presence
    concept: Concept | None = None
    side: Side = Side.UNSTATED
    severity: Severity | None = None
    reading: Reading | None = None
    score: Score | None = None
    flags: frozenset[Flag] = frozenset()


NOT_ASSESSED = Answered(Presence.NOT_ASSESSED)


def read(element: Element, target: Target, concept: Concept, terms: Terminology) -> Answered:
    """The answer an element (Observation or component) gives about one concept of its code."""
    if target.kind in SCALES:
        return _score(element, target.kind)
    if concept in meanings.LABORATORY:
        return _result(element, concept)
    if concept is Concept.MUSCLE_POWER:
        return _power(element)
    if concept in {Concept.LEG_PAIN_SCORE, Concept.CRAMP_FREQUENCY, Concept.CRAMP_NIGHTS}:
        return _count(element)
    return _presence(element, target, terms)


def volume(element: Element) -> Answered:
    """A post-void residual in mL: present as a measurement whatever its size; the guidance judges the size."""
    quantity = mapping(element.get("valueQuantity"))
    value, factor = number(quantity.get("value")), MILLILITRES.get(_unit(quantity))
    if value is None or factor is None or value < 0 or string(quantity.get("comparator")) in {"<", "<="}:
        return NOT_ASSESSED
    return Answered(Presence.PRESENT, reading=Reading(value * factor, "mL"))


def has_number(element: Element) -> bool:
    return _number(element) is not None


def interpretation(element: Element) -> str:
    """The laboratory's verdict in our words: low, high, abnormal, normal, or nothing."""
    said = {code for each in items(element.get("interpretation")) for code in _interpretation_codes(each)}
    for codes, verdict in ((LOW, "low"), (HIGH, "high"), (ABNORMAL, "abnormal"), (NORMAL, "normal")):
        if said & codes:
            return verdict
    return ""


def _interpretation_codes(concept: Element) -> set[str]:
    return {*(code for _, code in codings(concept)), *(string(each.get("code")) for each in items(concept.get("coding")))}


# --- numbers
def _result(element: Element, concept: Concept) -> Answered:
    """A laboratory value: a UCUM unit we know, a finite number, and the limits only where they are in that same unit."""
    quantity = mapping(element.get("valueQuantity"))
    value, unit = number(quantity.get("value")), _unit(quantity)
    if value is None or unit not in UNITS[concept] or value < 0:
        return NOT_ASSESSED
    flags = frozenset({Flag.HAEMOLYSED}) if _is_haemolysed(element) else frozenset[Flag]()
    low, high = _limits(element, unit)
    return Answered(Presence.PRESENT, reading=Reading(value, unit, interpretation(element), low, high), flags=flags)


def _limits(element: Element, unit: str) -> tuple[float | None, float | None]:
    ranges = [each for each in items(element.get("referenceRange")) if _is_usual(each)]
    if not ranges:
        return None, None
    sides = (mapping(ranges[0].get("low")), mapping(ranges[0].get("high")))
    low, high = (number(each.get("value")) if _unit(each) in {unit, ""} else None for each in sides)
    return low, high


def _is_usual(reference_range: Element) -> bool:
    """The normal range, not one for treatment or for other people."""
    codes = [code for _, code in codings(reference_range.get("type"))]
    return not codes or "normal" in codes


def _is_haemolysed(element: Element) -> bool:
    notes = " ".join(string(each.get("text")) for each in items(element.get("note"))).casefold()
    return "hemoly" in notes or "haemoly" in notes


def _unit(quantity: Element) -> str:
    """The UCUM code; the unit text only where no other system is named and the text is itself such a code."""
    system = string(quantity.get("system"))
    if system and system != "http://unitsofmeasure.org":
        return ""
    return string(quantity.get("code")) or string(quantity.get("unit"))


def _number(element: Element) -> float | None:
    quantity = mapping(element.get("valueQuantity"))
    found = (number(each) for each in (quantity.get("value"), element.get("valueInteger"), element.get("valueDecimal")))
    return next((each for each in found if each is not None), None)


def _count(element: Element) -> Answered:
    """A score from 0 to 10, or a count a week; 0 is an answer too, but none that a rule counts."""
    value = _number(element)
    if value is None or value < 0 or value > 200:
        return NOT_ASSESSED
    unit = _unit(mapping(element.get("valueQuantity")))
    return Answered(Presence.PRESENT, reading=Reading(value, unit if unit in UNITS_READ else ""))


def _power(element: Element) -> Answered:
    """Muscle power from 0 to 5, as a number or written '2/5'; 5 is full power of that muscle."""
    written = string(element.get("valueString")) or words(element.get("valueCodeableConcept"))
    value = _number(element)
    if value is None and written:
        head = written.split("/")[0].strip()
        value = number(head.rstrip("+-"))
    if value is None or not 0 <= value <= 5:
        return NOT_ASSESSED
    return Answered(Presence.ABSENT if value == 5 else Presence.PRESENT, reading=Reading(value, "MRC"))


def _score(element: Element, scale: str) -> Answered:
    code = next((code for system, code in codings(element.get("valueCodeableConcept")) if system == LOINC), "")
    value = _number(element)
    if value is None and not code:
        value = number(string(element.get("valueString")) or words(element.get("valueCodeableConcept")))
    score = scored(scale, code, value)
    if score is None:
        return NOT_ASSESSED
    return Answered(Presence.ABSENT if score.grade <= SCALES[scale].best else Presence.PRESENT, score=score)


# --- yes and no
def _presence(element: Element, target: Target, terms: Terminology) -> Answered:
    found = _answer(element, target, terms)
    if target.assertion is not text.Assertion.DENIED:
        return found
    # The question itself is a denial ("no leg cramps"): agreeing means absent; anything else is not an answer.
    return replace(found, presence=Presence.ABSENT) if found.presence is Presence.PRESENT else NOT_ASSESSED


def _answer(element: Element, target: Target, terms: Terminology) -> Answered:
    if isinstance(element.get("valueBoolean"), bool):
        return Answered(_if(element["valueBoolean"] is not target.asks_function))
    if element.get("valueCodeableConcept") is not None:
        return _coded_answer(mapping(element["valueCodeableConcept"]), target, terms)
    if isinstance(element.get("valueString"), str):
        return _written(element["valueString"], target)
    value = _number(element)
    if value is not None:
        return Answered(Presence.PRESENT) if value > 0 and not target.asks_function else NOT_ASSESSED
    return _without_value(element, target)


def _without_value(element: Element, target: Target) -> Answered:
    said = {code for each in items(element.get("interpretation")) for code in _interpretation_codes(each)}
    if said & (POSITIVE | NEGATIVE):
        return Answered(_if(bool(said & POSITIVE)))
    if element.get("dataAbsentReason") is not None or target.asks_function or any(name.startswith("value") for name in element):
        return NOT_ASSESSED
    return Answered(Presence.PRESENT, flags=frozenset({Flag.NO_VALUE}))


def _coded_answer(concept: Element, target: Target, terms: Terminology) -> Answered:
    sets = [found.valueset for system, code in codings(concept) if (found := terms.find(system, code))]
    said = words(concept)
    for each in sets:
        if each in YES_SETS | NO_SETS:
            return Answered(_if((each in YES_SETS) is not (target.asks_function and each in {"answer-yes", "answer-no"})), side=side_of(said))
        if each in SEVERITY_SETS:
            return Answered(Presence.PRESENT, severity=SEVERITY_SETS[each])
        if each == "answer-not-assessable":
            return NOT_ASSESSED
        if set(meanings.FIXED.get(each, ())) & set(target.concepts):
            return Answered(Presence.PRESENT)
    return _written(said, target) if said else NOT_ASSESSED


def _written(said: str, target: Target) -> Answered:
    """A written answer: a plain yes or no first, then whether the words name the same symptom again."""
    plain = text.answer(said, asks_function=target.asks_function)
    extra = Answered(Presence.PRESENT, side=side_of(said), severity=text.severity(said), flags=text.qualifiers(said))
    if plain is text.Answer.YES:
        return extra
    if plain is not None:
        return Answered(Presence.ABSENT) if plain is text.Answer.NO else NOT_ASSESSED
    named = [each for each in text.mentions(said) if set(meanings.concepts(each.kind, each.region)) & set(target.concepts)]
    asserted = {each.assertion for each in named}
    if text.Assertion.AFFIRMED in asserted or (extra.severity and not asserted):
        return extra
    if text.Assertion.SUSPECTED in asserted:
        return replace(extra, flags=extra.flags | {Flag.SUSPECTED})
    return Answered(Presence.ABSENT) if text.Assertion.DENIED in asserted else NOT_ASSESSED


def _if(present: bool) -> Presence:
    return Presence.PRESENT if present else Presence.ABSENT
