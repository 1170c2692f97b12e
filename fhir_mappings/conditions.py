"""One Condition becomes evidence: verification first, then where it stands, then what it names and since when."""

from __future__ import annotations

import re
from dataclasses import replace

from cards.guidance.findings import Concept, Course, Evidence, Flag, Interval, Kind, Presence, Record, Severity
from fhir_mappings import bladder_scans, text
from fhir_mappings.answers import SEVERITY_SETS, Answered
from fhir_mappings.dates import at_age, interval
from fhir_mappings.elements import Element, code_in, codings, items, mapping, number, reference, string, words
from fhir_mappings.outcome import Ignored, Outcome
from fhir_mappings.targets import Target, is_readable, site, with_words
from fhir_mappings.terminology import Terminology
from fhir_mappings.text_context import Assertion

DROPPED = {"refuted": Ignored.REFUTED, "entered-in-error": Ignored.ENTERED_IN_ERROR}
VERIFICATION = frozenset({"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"})
DOUBTED = frozenset({"unconfirmed", "provisional", "differential"})
COURSES = {
    "active": Course.ACTIVE,
    "recurrence": Course.RECURRED,
    "relapse": Course.RECURRED,
    "inactive": Course.INACTIVE,
    "remission": Course.ENDED,
    "resolved": Course.ENDED,
}


_COURSES = frozenset(COURSES)
_PRESENT_HISTORY = re.compile(r"history of present|presenting|\bhpi\b|history (?:and|&) (?:physical|exam)|h ?& ?p\b")
"""The part of a record that tells of now, although its name says history."""
_STATUS_FORMS = (("clinicalStatus", dict | str), ("verificationStatus", dict | str | list))
_OVER = re.compile(r"\b(?:resolved|ended|over|gone|recovered|settled|cleared|abated|yes|\d{4})\b")
_ONGOING = re.compile(r"\b(?:not|no|ongoing|un\w+|still|never)\b")


def read(condition: Element, terms: Terminology, born: Interval | None, flags: frozenset[Flag] = frozenset()) -> Outcome:
    """Everything this Condition says. `born` turns an onset age into a date; `flags` are doubts about the whole resource."""
    verification = _verification(condition.get("verificationStatus"))
    if verification in DROPPED:
        return Outcome(ignored=DROPPED[verification])
    if not is_readable(condition.get("code"), terms) or _has_unreadable_status(condition):
        return Outcome(ignored=Ignored.UNREADABLE)
    if _is_history(condition):
        return Outcome(ignored=Ignored.HISTORY)
    named = with_words(condition.get("code"), site(condition.get("bodySite"), terms), terms)
    if not named:
        return Outcome()
    record = _record(condition, verification, born)
    flags |= _verified(verification)
    said = [each for target in named if _says(target) for each in _statements(target, condition, record, flags, terms)]
    return Outcome(tuple(dict.fromkeys(said)))


def _statements(target: Target, condition: Element, record: Record, flags: frozenset[Flag], terms: Terminology) -> list[Evidence]:
    """A problem that names a bladder scan, 'PVR 650 ml', says what was measured, and not that one was done or is wanted."""
    if target.kind != "bladder-scan":
        return [_evidence(concept, target, condition, record, flags, terms) for concept in target.concepts]
    found = bladder_scans.residual(words(condition.get("code")))
    return [_residual(target, found, condition, record, flags, terms)] if found else []


def _says(target: Target) -> bool:
    return target.assertion not in {Assertion.NOT_NOW, Assertion.ASKED} and target.kind not in {"power", "leg-pain-score", "cramp-frequency"}


def _verification(status: object) -> str:
    """One of FHIR's words, also where it came bare, in a list, or only as text."""
    for each in items(status) or [{"text": status}]:
        said = code_in(each, VERIFICATION)
        if said:
            return said
    return ""


def _has_unreadable_status(condition: Element) -> bool:
    """A status that is there but neither an object nor a word. A bare word is an older version's, and is read."""
    return any(condition.get(name) is not None and not isinstance(condition[name], kinds) for name, kinds in _STATUS_FORMS)


def _is_history(condition: Element) -> bool:
    """Filed as history, or coded with nothing but history codes: neither present nor assessed."""
    categories = " ".join(words(each) for each in items(condition.get("category"))).casefold()
    return "history" in categories and not _PRESENT_HISTORY.search(categories)


def _course(condition: Element) -> Course:
    """Missing is active, unless an end is on record without a date. A dated end is judged by its day."""
    stated = _clinical(condition)
    return COURSES[stated] if stated else Course.ENDED if _is_said_to_be_over(condition) else Course.ACTIVE


def _is_said_to_be_over(condition: Element) -> bool:
    said = text.normal(string(condition.get("abatementString")))
    return condition.get("abatementBoolean") is True or bool(condition.get("abatementRange")) or bool(said and _OVER.search(said) and not _ONGOING.search(said))


def _clinical(condition: Element) -> str:
    """The clinical status as one of FHIR's words, also where it came as a bare word; nothing for any other."""
    status = condition.get("clinicalStatus")
    return code_in({"text": status} if isinstance(status, str) else status, _COURSES)


def _record(condition: Element, verification: str, born: Interval | None) -> Record:
    shown = next((string(condition.get(name)) for name in ("onsetDateTime", "recordedDate") if string(condition.get(name))), _shown_age(condition))
    return Record(
        reference=f"Condition/{string(condition.get('id'))}" if string(condition.get("id")) else "Condition",
        kind=Kind.CONDITION,
        course=_course(condition),
        onset=_onset(condition, born),
        recorded=interval(condition.get("recordedDate")),
        ended=_ended(condition, born),
        words=words(condition.get("code")),
        status=", ".join(filter(None, (_clinical(condition), verification if verification != "confirmed" else ""))),
        encounter=reference(condition.get("encounter")),
        shown_date=shown,
    )


def _shown_age(condition: Element) -> str:
    age = number(mapping(condition.get("onsetAge")).get("value"))
    return f"age {age:g}" if age is not None else ""


def _onset(condition: Element, born: Interval | None) -> Interval | None:
    """onsetDateTime, then the start of onsetPeriod, then onsetAge; the recorded date is kept apart."""
    start = interval(mapping(condition.get("onsetPeriod")).get("start"))
    return interval(condition.get("onsetDateTime")) or start or at_age(condition.get("onsetAge"), born)


def _ended(condition: Element, born: Interval | None) -> Interval | None:
    span = mapping(condition.get("abatementPeriod"))
    last = interval(span.get("end")) or interval(span.get("start"))
    return interval(condition.get("abatementDateTime")) or last or at_age(condition.get("abatementAge"), born)


def _verified(verification: str) -> frozenset[Flag]:
    if verification in DOUBTED:
        return frozenset({Flag.UNCONFIRMED})
    return frozenset({Flag.CONFIRMED})


def _evidence(concept: Concept, target: Target, condition: Element, record: Record, flags: frozenset[Flag], terms: Terminology) -> Evidence:
    return Evidence(
        concept=concept,
        record=record,
        presence=Presence.ABSENT if target.assertion is Assertion.DENIED else Presence.PRESENT,
        side=target.side,
        severity=_severity(condition, terms) or target.severity,
        flags=(flags - {Flag.CONFIRMED} | {Flag.UNCONFIRMED} if Flag.SUSPECTED in target.flags else flags) | target.flags,
        coded=target.coded,
    )


def _residual(target: Target, found: Answered, condition: Element, record: Record, flags: frozenset[Flag], terms: Terminology) -> Evidence:
    stated = _evidence(Concept.POST_VOID_RESIDUAL, target, condition, record, flags, terms)
    return replace(stated, presence=found.presence, reading=found.reading)


def _severity(condition: Element, terms: Terminology) -> Severity | None:
    recorded = condition.get("severity")
    sets = [found.valueset for system, code in codings(recorded) if (found := terms.find(system, code))]
    graded = next((SEVERITY_SETS[each] for each in sets if each in SEVERITY_SETS), None)
    return graded or text.course_words(words(recorded))[0]
