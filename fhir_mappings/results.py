"""The usual laboratory result, read from a glance: most records of a chart that matter are such. Anything unusual about one is left to `observations`.

Both read the same out of it; a test says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from msgspec import UNSET, Raw, Struct, ValidationError
from msgspec.json import Decoder

from cards.guidance.findings import Concept as Measure
from cards.guidance.findings import Evidence, Interval, Kind, Presence, Reading, Record
from cards.guidance.labs import UNITS
from fhir_mappings import meanings
from fhir_mappings.answers import COMPARATORS, UCUM, verdict
from fhir_mappings.dates import interval, is_before
from fhir_mappings.outcome import Ignored, Outcome
from fhir_mappings.remembered import Remembered
from fhir_mappings.resources import Concept, Glance, Member, Reference, Resource, plain
from fhir_mappings.targets import NOWHERE, Target, targets
from fhir_mappings.terminology import Terminology

PAST = Outcome(ignored=Ignored.PAST)
SETTLED = frozenset({"final", "amended", "corrected"})


class Quantity(Struct, gc=False):
    value: float | None = None
    comparator: str = ""
    unit: str = ""
    system: str = ""
    code: str = ""

    @property
    def ucum(self) -> str:
        """The UCUM code, or the unit where no other system is named."""
        return "" if (named := self.system.strip()) and named not in UCUM else self.code.strip() or self.unit.strip()


class Range(Struct, gc=False):
    low: Quantity | None = None
    high: Quantity | None = None
    type: Member = UNSET
    appliesTo: Member = UNSET  # noqa: N815 - FHIR's name
    age: Member = UNSET

    @property
    def is_for_anybody(self) -> bool:
        return self.type is self.appliesTo is self.age is UNSET


@dataclass(frozen=True, slots=True)
class Asked:
    """What a laboratory was asked: the targets of the code, none where it names anything else, and its words."""

    targets: tuple[Target, ...]
    words: str


_quantity, _concept, _concepts, _ranges = Decoder(Quantity), Decoder(Concept), Decoder(list[Concept]), Decoder(list[Range])
_encounter = Decoder(Reference | None)


@dataclass(frozen=True, slots=True)
class Results:
    """Reads the results of one chart. Those from before `since` are passed over."""

    terms: Terminology
    since: date
    known: dict[bytes, Asked] = field(default_factory=dict)
    """Of each code as it is written."""

    def __call__(self, resource: Resource) -> Outcome | None:
        """What a usual result says; None for whatever is not one."""
        glance = resource.glance
        if glance is None or glance.code is UNSET or glance.has_words or not resource.stated.startswith("Patient/"):
            return None
        try:
            asked = self._asked(glance.code)
            if not asked.targets or glance.focus is not UNSET or not (isinstance(glance.status, str) and glance.status in SETTLED):
                return None
            if glance.issued == glance.effectiveDateTime and is_before(glance.issued, self.since):
                return PAST
            drawn = interval(glance.effectiveDateTime)
            issued = drawn if glance.issued == glance.effectiveDateTime else interval(glance.issued)
            if drawn is None:
                return None
            if drawn.latest < self.since and (issued is None or issued.latest < self.since):
                return PAST
            return _usual(glance, asked, drawn, issued)
        except ValidationError:
            return None

    def _asked(self, written: Raw) -> Asked:
        key = bytes(written)
        asked = self.known.get(key)
        if asked is None:
            named = _analytes(written, self.terms)
            asked = self.known[key] = Asked(named, _concept.decode(written).words if named else "")
        return asked


@Remembered
def _analytes(written: Raw, terms: Terminology) -> tuple[Target, ...]:
    """What a code names, where it names nothing but what laboratories measure. A scale, a scan or a side names something of another kind."""
    named = targets(plain(bytes(written)), NOWHERE, terms)
    return named if all(each.concepts and meanings.LABORATORY.issuperset(each.concepts) for each in named) else ()


def _usual(glance: Glance, asked: Asked, drawn: Interval, issued: Interval | None) -> Outcome | None:
    """What a recent result says. Raises ValidationError where a member is not what laboratories send."""
    if glance.valueQuantity is UNSET or not (glance.specimen is glance.note is glance.bodySite is UNSET):
        return None
    ranges = _ranges.decode(glance.referenceRange) if glance.referenceRange else ()
    if len(ranges) > 1 or not all(each.is_for_anybody for each in ranges):
        return None
    verdicts = _concepts.decode(glance.interpretation) if glance.interpretation else ()
    quantity, limits = _quantity.decode(glance.valueQuantity), ranges[0] if ranges else Range()
    record = _record(glance, asked.words, drawn, issued)
    measured = [_measured(concept, each, record, _reading(concept, quantity, limits, verdicts)) for each in asked.targets for concept in each.concepts]
    return Outcome(tuple(measured) if len(measured) == 1 else tuple(dict.fromkeys(measured)))


def _record(glance: Glance, asked: str, drawn: Interval, issued: Interval | None) -> Record:
    id = (glance.id or "").strip()
    encounter = _encounter.decode(glance.encounter) if glance.encounter else None
    return Record(
        reference=f"Observation/{id}" if id else "Observation",
        kind=Kind.OBSERVATION,
        onset=drawn,
        recorded=issued,
        label=asked,
        words=asked,
        status="" if glance.status == "final" else glance.status,
        encounter=encounter.literal if encounter else "",
        shown_date=glance.effectiveDateTime.strip(),
    )


def _measured(concept: Measure, target: Target, record: Record, reading: Reading | None) -> Evidence:
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


def _reading(concept: Measure, quantity: Quantity, limits: Range, verdicts: Sequence[Concept]) -> Reading | None:
    """The number with its unit, and the limits only where they are in that same unit."""
    value, unit = quantity.value, quantity.ucum
    if value is None or value < 0 or unit not in UNITS[concept]:
        return None
    low, high = (each.value if each and each.ucum in {unit, ""} else None for each in (limits.low, limits.high))
    flag = verdict({coding.code.strip() for each in verdicts for coding in each.coding or () if coding.code})
    return Reading(value, unit, flag, low, high, COMPARATORS.get(quantity.comparator.strip(), ""))
