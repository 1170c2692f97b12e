"""The chart becomes evidence: whose each record is, which records matter, and what was set aside and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec import UNSET, Raw, ValidationError
from msgspec.json import Decoder

from cards.guidance.chart import Person
from cards.guidance.findings import Evidence, Flag, Interval
from fhir_mappings import conditions, observations, orders, results, text
from fhir_mappings.dates import interval, moment
from fhir_mappings.elements import Element, items, mapping, spoken, string
from fhir_mappings.outcome import Ignored, Outcome
from fhir_mappings.remembered import Remembered
from fhir_mappings.resources import Answers, Concept, Resource, tidy
from fhir_mappings.sites import MAX_LENGTH
from fhir_mappings.terminology import Terminology

ALWAYS_READ = frozenset({"ServiceRequest", "Procedure", "ImagingStudy"})
CLINICAL = ALWAYS_READ | {"Condition", "Observation"}
_code = Decoder(Concept | None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the chart said: the evidence, the person, and an account of the records that said nothing.

    `of_others` are the records that say they are somebody else's; with a single one nothing else is read.
    """

    evidence: tuple[Evidence, ...] = ()
    person: Person = field(default_factory=Person)
    ignored: Mapping[Ignored, int] = field(default_factory=dict)
    unmapped: int = 0
    of_others: tuple[Resource, ...] = ()

    @property
    def wrong_patient(self) -> bool:
        return bool(self.of_others)

    @property
    def unreadable(self) -> int:
        return self.ignored.get(Ignored.UNREADABLE, 0)


def read(resources: Iterable[Resource], patient_id: str, terms: Terminology, results_since: date = date.min) -> Reading:
    """Read every resource once. A record about somebody else stops the reading: nothing of such a chart can be trusted.

    Laboratory results from before `results_since` are counted and passed over.
    """
    unique = _unique(resources)
    patients = [each for each in unique if each.type == "Patient"]
    his = [each for each in patients if _is_his(each, patient_id)]
    names = _names(his, patient_id)
    clinical = [each for each in unique if each.type in CLINICAL]
    others = {each for each in {each.stated for each in clinical} if _is_somebody_else(tidy(each), names)}
    of_others = [*(each for each in patients if not _is_his(each, patient_id)), *(each for each in clinical if each.stated in others)]
    if of_others:
        return Reading(of_others=tuple(of_others))
    person = _person(patients, patient_id)
    evidence: list[Evidence] = []
    ignored: Counter[Ignored] = Counter()
    unmapped = 0
    matters, usual = Glancing(terms), results.Results(terms, results_since)
    for resource in clinical:
        if not matters(resource):
            unmapped += 1
            continue
        outcome = usual(resource) or _read_one(resource, terms, person.born, results_since)
        evidence += outcome.evidence
        if outcome.ignored is not None:
            ignored[outcome.ignored] += 1
    return Reading(tuple(evidence), person, dict(ignored), unmapped)


# --- whose
def _unique(resources: Iterable[Resource]) -> list[Resource]:
    """Each record once, however many routes brought it; of two dated versions the later. Records that share an id and nothing else all stay."""
    resources = list(resources)
    if len({each.identity for each in resources}) == len(resources):
        return resources
    kept: dict[tuple[str, object], list[Resource]] = {}
    for resource in resources:
        same = kept.setdefault(resource.identity, [])
        if not any(each.raw == resource.raw for each in same):
            same.append(resource)
    return [each for same in kept.values() for each in (same if len(same) == 1 else _latest(same))]


def _latest(same: list[Resource]) -> list[Resource]:
    """The last of several versions from one server, where each says when it was made; in a fixed order, so that theirs decides nothing."""
    made = [moment(mapping(each.body.get("meta")).get("lastUpdated")) for each in same]
    known = [each for each in made if each]
    servers = {each.full_url.rpartition(f"/{each.type}/")[0] for each in same} - {""}
    if len(known) == len(same) and len(servers) <= 1:
        same = [each for each, when in zip(same, made, strict=True) if when == max(known)]
    return sorted(same, key=lambda each: each.raw)


def _is_his(patient: Resource, patient_id: str) -> bool:
    """Is this the Patient in context, or one that says it is joined with him?"""
    return not patient.id or patient.id == patient_id or patient_id in _linked(patient)


def _linked(patient: Resource) -> set[str]:
    return {_tail(string(mapping(each.get("other")).get("reference"))) for each in items(patient.body.get("link"))}


def _names(his: list[Resource], patient_id: str) -> frozenset[str]:
    """The references that mean the patient in context."""
    names = {patient_id, f"Patient/{patient_id}", f"urn:uuid:{patient_id}"}
    for patient in his:
        names |= {f"Patient/{patient.id}", patient.full_url}
        names |= {f"Patient/{each}" for each in _linked(patient) if each}
    return frozenset(names)


def _is_somebody_else(subject: str, names: frozenset[str]) -> bool:
    """A subject that is stated and is neither the patient nor a contained or missing one."""
    if not subject or subject.startswith("#") or subject in names:
        return False
    parts = subject.split("/")
    if len(parts) >= 2 and parts[-2] != "Patient":
        return False  # a group, a device, a place: not about this patient, and said to be nobody else's
    return f"Patient/{_tail(subject)}" not in names


def _tail(reference: str) -> str:
    return reference.split("/_history/", maxsplit=1)[0].rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _person(patients: list[Resource], patient_id: str) -> Person:
    """The Patient in context; a linked duplicate only where there is no other."""
    body: Element = next((each.body for each in patients if each.id == patient_id), patients[0].body if patients else {})
    return Person(interval(body.get("birthDate")), body.get("deceasedBoolean") is True, interval(body.get("deceasedDateTime")))


# --- which
@dataclass(frozen=True, slots=True)
class Glancing:
    """Which resources of one chart may matter: all but those of which a glance shows that neither their codes nor their words are among ours."""

    terms: Terminology
    known: dict[bytes, bool] = field(default_factory=dict)
    """Of each code as it is written, whether it is worth reading."""

    def __call__(self, resource: Resource) -> bool:
        glance = resource.glance
        if glance is None or glance.code is UNSET or resource.type in ALWAYS_READ:
            return True
        written = bytes(glance.code)
        worth = self.known.get(written)
        if worth is None:
            worth = self.known[written] = _is_worth_reading(glance.code, self.terms)
        # As `has_words` says, but for the call of a function: most records of a chart come this way and go no further.
        if worth or glance.component is glance.valueString is glance.valueCodeableConcept is UNSET:
            return worth
        return _may_answer(resource.answers, self.terms)


def _may_answer(answers: Answers | None, terms: Terminology) -> bool:
    """Do the answers, or components and theirs, name anything of ours? A record that is malformed may."""
    if answers is None:
        return True
    parts = answers.component or ()
    concepts = [answers.valueCodeableConcept, *(each.code for each in parts), *(each.valueCodeableConcept for each in parts)]
    said = (answers.valueString, *(each.valueString for each in parts))
    return any(_is_ours(each, terms) for each in concepts if each) or any(text.may_name_something(each) or text.is_unread_note(each) for each in said if each)


@Remembered
def _is_worth_reading(written: Raw, terms: Terminology) -> bool:
    """Is this code among ours, or must it be counted as unread?"""
    try:
        code = _code.decode(written)
    except ValidationError:
        return True
    return code is None or _names_nothing(code) or _is_ours(code, terms)


def _names_nothing(code: Concept) -> bool:
    """Without a code, or with one too long to read, the record has to be counted as unread."""
    said = _said(code)
    return any(len(each) > MAX_LENGTH for each in said) or not (said or any(each.code for each in code.coding or ()))


def _is_ours(concept: Concept, terms: Terminology) -> bool:
    return any(terms.find(each.system, each.code) for each in concept.coding or ()) or any(text.may_name_something(each) for each in _said(concept))


def _said(concept: Concept) -> list[str]:
    """The text and every display: whichever names a symptom counts; without any, the codes that are themselves words."""
    stated = concept.coding or ()
    return [each for each in (concept.text, *(each.display for each in stated)) if each] or [said for each in stated if (said := spoken(each.code or ""))]


# --- what
def _read_one(resource: Resource, terms: Terminology, born: Interval | None, results_since: date) -> Outcome:
    subject = resource.subject
    if subject and not subject.startswith("#") and "/" in subject and subject.rsplit("/", 2)[-2] != "Patient":
        return Outcome(ignored=Ignored.ABOUT_SOMEONE_ELSE)
    if resource.has_unreadable_subject:
        return Outcome(ignored=Ignored.UNREADABLE)
    flags = {Flag.SUBJECT_ASSUMED} if not subject or subject.startswith("#") else set()
    if resource.is_malformed:
        flags.add(Flag.MALFORMED)
    try:
        if resource.type == "Observation":
            return observations.read(resource.body, terms, frozenset(flags), results_since)
        if resource.type == "Condition":
            return conditions.read(resource.body, terms, born, frozenset(flags))
        return orders.read(resource.body, terms, frozenset(flags))
    except Exception:  # noqa: BLE001 - the record is counted and the card says that it could not be read
        return Outcome(ignored=Ignored.UNREADABLE)
