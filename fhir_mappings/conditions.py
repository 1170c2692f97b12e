"""One Condition becomes evidence: verification first, then where it stands, then what it names and since when."""

from __future__ import annotations

from dataclasses import replace

from cards.guidance.findings import Concept, Course, Evidence, Flag, Interval, Kind, Presence, Record, Severity
from fhir_mappings import text
from fhir_mappings.answers import SEVERITY_SETS
from fhir_mappings.dates import at_age, interval, period
from fhir_mappings.elements import Element, code_in, codings, items, mapping, reference, string, words
from fhir_mappings.outcome import Ignored, Outcome
from fhir_mappings.targets import Target, site, targets
from fhir_mappings.terminology import Terminology

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


def read(condition: Element, terms: Terminology, born: Interval | None, flags: frozenset[Flag] = frozenset()) -> Outcome:
    """Everything this Condition says. `born` turns an onset age into a date; `flags` are doubts about the whole resource."""
    verification = code_in(condition.get("verificationStatus"), VERIFICATION)
    if verification in DROPPED:
        return Outcome(ignored=DROPPED[verification])
    if not mapping(condition.get("code")) or _has_unreadable_status(condition):
        return Outcome(ignored=Ignored.UNREADABLE)
    if _is_history(condition):
        return Outcome(ignored=Ignored.HISTORY)
    record = _record(condition, verification, born)
    named = targets(condition.get("code"), site(condition.get("bodySite"), terms), terms)
    flags |= _verified(verification)
    return Outcome(tuple(_evidence(concept, each, condition, record, flags, terms) for each in named if _says(each) for concept in each.concepts))


def _says(target: Target) -> bool:
    return target.assertion not in {text.Assertion.NOT_NOW, text.Assertion.ASKED} and target.kind not in {"power", "leg-pain-score", "cramp-frequency"}


def _has_unreadable_status(condition: Element) -> bool:
    """A clinical status that is there but neither an object nor a word. A bare word is an older version's, and is read."""
    status = condition.get("clinicalStatus")
    return status is not None and not isinstance(status, dict | str)


def _is_history(condition: Element) -> bool:
    """Filed as history, or coded with nothing but history codes: neither present nor assessed."""
    categories = " ".join(words(each) for each in items(condition.get("category"))).casefold()
    return "history" in categories


def _course(condition: Element) -> Course:
    """Missing is active; an end on record wins over 'active', which breaks FHIR's con-4."""
    ended = any(name.startswith("abatement") and condition[name] not in (None, "", {}) for name in condition)
    return Course.ENDED if ended else COURSES.get(_clinical(condition), Course.ACTIVE)


def _clinical(condition: Element) -> str:
    """The clinical status as one of FHIR's words, also where it came as a bare word; nothing for any other."""
    status = condition.get("clinicalStatus")
    said = status.casefold() if isinstance(status, str) else code_in(status, frozenset(COURSES))
    return said if said in COURSES else ""


def _record(condition: Element, verification: str, born: Interval | None) -> Record:
    shown = next((string(condition.get(name)) for name in ("onsetDateTime", "recordedDate") if string(condition.get(name))), "")
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


def _onset(condition: Element, born: Interval | None) -> Interval | None:
    """onsetDateTime, then the start of onsetPeriod, then onsetAge; the recorded date is kept apart."""
    start = interval(mapping(condition.get("onsetPeriod")).get("start"))
    return interval(condition.get("onsetDateTime")) or start or at_age(condition.get("onsetAge"), born)


def _ended(condition: Element, born: Interval | None) -> Interval | None:
    return interval(condition.get("abatementDateTime")) or period(condition.get("abatementPeriod")) or at_age(condition.get("abatementAge"), born)


def _verified(verification: str) -> frozenset[Flag]:
    if verification in DOUBTED:
        return frozenset({Flag.UNCONFIRMED})
    return frozenset({Flag.CONFIRMED})


def _evidence(concept: Concept, target: Target, condition: Element, record: Record, flags: frozenset[Flag], terms: Terminology) -> Evidence:
    return Evidence(
        concept=concept,
        record=replace(record, coded=target.coded),
        presence=Presence.ABSENT if target.assertion is text.Assertion.DENIED else Presence.PRESENT,
        side=target.side,
        severity=_severity(condition, terms),
        flags=flags | target.flags,
    )


def _severity(condition: Element, terms: Terminology) -> Severity | None:
    recorded = condition.get("severity")
    sets = [found.valueset for system, code in codings(recorded) if (found := terms.find(system, code))]
    graded = next((SEVERITY_SETS[each] for each in sets if each in SEVERITY_SETS), None)
    return graded or text.severity(words(recorded)) or text.severity(words(condition.get("code")))
