"""The usual laboratory result, read in one go: most records of a chart that matter are such. Anything unusual about one is left to `observations`.

Both read the same out of it; a test says so.
"""

from __future__ import annotations

from datetime import date

from msgspec import UNSET, Raw, Struct, ValidationError
from msgspec.json import Decoder

from cards.guidance.findings import Concept as Measure
from cards.guidance.findings import Evidence, Interval, Kind, Presence, Reading, Record
from cards.guidance.labs import UNITS
from fhir_mappings import meanings
from fhir_mappings.answers import COMPARATORS, UCUM, verdict
from fhir_mappings.dates import interval
from fhir_mappings.outcome import Ignored, Outcome
from fhir_mappings.remembered import Remembered
from fhir_mappings.resources import Concept, Glance, Member, Reference, Resource, plain
from fhir_mappings.targets import NOWHERE, Target, targets
from fhir_mappings.terminology import Terminology

SETTLED = frozenset({"final", "amended", "corrected"})


class Quantity(Struct, gc=False):
    value: float | None = None
    unit: str = ""
    system: str = ""
    code: str = ""
    comparator: str = ""

    @property
    def ucum(self) -> str:
        """The UCUM code, or the unit where no other system is named."""
        return "" if self.system.strip() not in {"", UCUM} else self.code.strip() or self.unit.strip()


class Range(Struct, gc=False):
    low: Quantity | None = None
    high: Quantity | None = None
    type: Member = UNSET
    appliesTo: Member = UNSET  # noqa: N815 - FHIR's name
    age: Member = UNSET

    @property
    def is_for_anybody(self) -> bool:
        return self.type is self.appliesTo is self.age is UNSET


class Result(Struct, gc=False):
    """A laboratory Observation as laboratories send them."""

    status: str
    code: Concept
    effectiveDateTime: str  # noqa: N815 - FHIR's name
    valueQuantity: Quantity  # noqa: N815 - FHIR's name
    id: str = ""
    issued: str = ""
    encounter: Reference | None = None
    specimen: Member = UNSET
    interpretation: list[Concept] = []
    referenceRange: list[Range] = []  # noqa: N815 - FHIR's name
    note: Member = UNSET
    focus: Member = UNSET
    bodySite: Member = UNSET  # noqa: N815 - FHIR's name

    @property
    def is_usual(self) -> bool:
        plain_ranges = len(self.referenceRange) <= 1 and all(each.is_for_anybody for each in self.referenceRange)
        return self.status in SETTLED and self.specimen is self.note is self.focus is self.bodySite is UNSET and plain_ranges


_result = Decoder(Result)


def read(resource: Resource, terms: Terminology, since: date) -> Outcome | None:
    """What a usual result says; None for whatever is not one. Those from before `since` are passed over."""
    glance = resource.glance
    if glance is None or glance.code is UNSET or glance.has_words or not resource.subject.startswith("Patient/"):
        return None
    named = _analytes(glance.code, terms)
    if not named:
        return None
    if _is_past(glance, since):
        return Outcome(ignored=Ignored.PAST)
    try:
        result = _result.decode(resource.raw)
    except ValidationError:
        return None
    drawn = interval(result.effectiveDateTime)
    if drawn is None or not result.is_usual:
        return None
    issued = drawn if result.issued == result.effectiveDateTime else interval(result.issued)
    record = _record(result, drawn, issued)
    measured = [_measured(concept, each, record, result) for each in named for concept in each.concepts]
    return Outcome(tuple(measured) if len(measured) == 1 else tuple(dict.fromkeys(measured)))


def _is_past(glance: Glance, since: date) -> bool:
    """Of a day before then by every date it gives, whatever else it says."""
    drawn = interval(glance.effectiveDateTime)
    if not (isinstance(glance.status, str) and glance.status in SETTLED) or glance.focus is not UNSET or drawn is None or drawn.latest >= since:
        return False
    issued = interval(glance.issued)
    return issued is None or issued.latest < since


@Remembered
def _analytes(written: Raw, terms: Terminology) -> tuple[Target, ...]:
    """What a code names, where it names nothing but what laboratories measure. A scale, a scan or a side names something of another kind."""
    named = targets(plain(bytes(written)), NOWHERE, terms)
    return named if all(each.concepts and meanings.LABORATORY.issuperset(each.concepts) for each in named) else ()


def _record(result: Result, drawn: Interval, issued: Interval | None) -> Record:
    asked = result.code.words
    return Record(
        reference=f"Observation/{result.id.strip()}" if result.id.strip() else "Observation",
        kind=Kind.OBSERVATION,
        onset=drawn,
        recorded=issued,
        label=asked,
        words=asked,
        status="" if result.status == "final" else result.status,
        encounter=result.encounter.literal if result.encounter else "",
        shown_date=result.effectiveDateTime.strip(),
    )


def _measured(concept: Measure, target: Target, record: Record, result: Result) -> Evidence:
    reading = _reading(concept, result)
    return Evidence(
        concept=concept,
        record=record,
        presence=Presence.PRESENT if reading else Presence.NOT_ASSESSED,
        side=target.side,
        severity=target.severity,
        reading=reading,
        flags=target.flags,
        coded=target.coded,
    )


def _reading(concept: Measure, result: Result) -> Reading | None:
    """The number with its unit, and the limits only where they are in that same unit."""
    quantity, limits = result.valueQuantity, result.referenceRange[0] if result.referenceRange else Range()
    value, unit = quantity.value, quantity.ucum
    if value is None or value < 0 or unit not in UNITS[concept]:
        return None
    low, high = (each.value if each and each.ucum in {unit, ""} else None for each in (limits.low, limits.high))
    flag = verdict({coding.code.strip() for each in result.interpretation for coding in each.coding or () if coding.code})
    return Reading(value, unit, flag, low, high, COMPARATORS.get(quantity.comparator.strip(), ""))
