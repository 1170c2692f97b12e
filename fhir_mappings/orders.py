"""Orders, procedures and imaging studies: lumbar MRI and bladder scans done or asked for, and operations on the prostate."""

from __future__ import annotations

import re

from cards.guidance.findings import Concept, Evidence, Flag, Interval, Kind, Record
from fhir_mappings.dates import interval, period
from fhir_mappings.elements import Element, all_words, items, mapping, string, words
from fhir_mappings.outcome import Ignored, Outcome
from fhir_mappings.targets import Site, Target, targets
from fhir_mappings.terminology import Terminology
from fhir_mappings.text_context import Assertion

ORDERED = frozenset({"order", "original-order", "filler-order", "instance-order", "reflex-order"})
URGENT = frozenset({"stat", "asap", "urgent"})
WANTED = frozenset({Concept.LUMBAR_MRI, Concept.BLADDER_SCAN, Concept.PROSTATE_CAUSE})
ENTERED_IN_ERROR = "entered-in-error"
_NOT_DONE = re.compile(
    r"\b(?:declin|refus|cancel|postpon|reschedul|defer|abandon|contraindicat|awaiting|plan(?:ned)?\b|did not attend|dna\b|unable|incomplete\b"
    r"|not (?:done|performed|attended|completed|possible|indicated|needed|required|available)|failed mri|if |review\b|discuss|authori[sz]|safety"
    r"|screening|sedation|plexus|denied|rejected|waiting list|transport|physio|without images|(?:reported|done|from|of) (?:19|20)\d\d)"
)
"""Words beside the name of a work-up by which it was not done, or is another thing: whoever trusted it would lower an alarm."""
_FAILED = re.compile(r"\b(?:unsuccess|fail|not success|incomplete|abandon)")


def read(resource: Element, terms: Terminology, flags: frozenset[Flag] = frozenset()) -> Outcome:
    """Everything a ServiceRequest, Procedure or ImagingStudy says."""
    status = string(resource.get("status"))
    if status == ENTERED_IN_ERROR:
        return Outcome(ignored=Ignored.ENTERED_IN_ERROR)
    state = _STATES[string(resource.get("resourceType"))](resource, status)
    if state is None:
        return Outcome(ignored=Ignored.NOT_DONE)
    record = _record(resource)
    named = [each for code in _codes(resource) for each in targets(code, Site(), terms)]
    found = tuple(_evidence(concept, each, record, flags | state) for each in named for concept in each.concepts if _counts(concept, each))
    is_in_doubt = found and _NOT_DONE.search(" ".join(words(each) for each in _codes(resource)).casefold())
    return Outcome(ignored=Ignored.NOT_DONE) if is_in_doubt else Outcome(found)


def _counts(concept: Concept, target: Target) -> bool:
    return concept in WANTED and target.assertion is Assertion.AFFIRMED


def _order(request: Element, status: str) -> frozenset[Flag] | None:
    """An active or completed order that asks for something to be done; a draft, a plan or a proposal is none."""
    if string(request.get("intent")) not in ORDERED or request.get("doNotPerform") in (True, "true"):
        return None
    if status == "completed":
        return frozenset({Flag.COMPLETED})
    if status != "active":
        return None
    return frozenset({Flag.COVERING_ORDER}) if string(request.get("priority")) in URGENT else frozenset()


def _procedure(procedure: Element, status: str) -> frozenset[Flag] | None:
    """What was completed, unless its outcome says that it failed."""
    if _FAILED.search(" ".join(all_words(procedure.get("outcome"))).casefold()):
        return None
    return frozenset({Flag.COMPLETED}) if status == "completed" else None


def _study(_: Element, status: str) -> frozenset[Flag] | None:
    return frozenset({Flag.COMPLETED}) if status == "available" else None


_STATES = {"ServiceRequest": _order, "Procedure": _procedure, "ImagingStudy": _study}


def _codes(resource: Element) -> list[Element]:
    """What was asked for or done; an imaging study may also tell it by its description or by modality and site."""
    if string(resource.get("resourceType")) != "ImagingStudy":
        return [mapping(resource.get("code"))]
    series = items(resource.get("series"))
    parts = [f"{_shown(each.get('modality'))} {_shown(each.get('bodySite'))} {string(each.get('description'))}" for each in series]
    return [*items(resource.get("procedureCode")), *({"text": said} for said in (string(resource.get("description")), *parts) if said.strip())]


def _shown(coding: object) -> str:
    element = mapping(coding)
    return string(element.get("display")) or string(element.get("code"))


def _record(resource: Element) -> Record:
    kind = Kind(string(resource.get("resourceType")))
    when, shown = _when(resource)
    identity = string(resource.get("id"))
    return Record(
        reference=f"{kind.value}/{identity}" if identity else kind.value,
        kind=kind,
        onset=when,
        words=words(resource.get("code")) or string(resource.get("description")),
        status=_standing(resource) if kind is Kind.ORDER else "",
        shown_date=shown,
    )


def _standing(request: Element) -> str:
    """Of an order that it is one, its priority, and for when it is planned."""
    priority, planned = string(request.get("priority")), interval(request.get("occurrenceDateTime"))
    asked = [priority] if priority in {*URGENT, "routine"} else []
    return ", ".join((f"{string(request.get('status'))} order", *asked, *([f"planned for {planned.earliest}"] if planned else [])))


def _when(resource: Element) -> tuple[Interval | None, str]:
    """When it was done, or for an order when it was written."""
    for name in ("performedDateTime", "started", "authoredOn", "occurrenceDateTime"):
        found = interval(resource.get(name))
        if found:
            return found, string(resource.get(name))
    return period(resource.get("performedPeriod")) or period(resource.get("occurrencePeriod")), ""


def _evidence(concept: Concept, target: Target, record: Record, flags: frozenset[Flag]) -> Evidence:
    return Evidence(concept=concept, record=record, side=target.side, flags=flags | target.flags, coded=target.coded)
