"""The named searches a chart is read with: published as prefetch templates, and asked by ourselves for what was not sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fhir_mappings.terminology import LOINC, SNOMED, terminology

MAX_TEMPLATE = 1000
"""Longer query strings break clients."""

SYMPTOM_LOOK_BACK_DAYS = 90
CONTINENCE_LOOK_BACK_DAYS = 400
LAB_LOOK_BACK_DAYS = 30
"""How far back each kind of record matters; older history is what Conditions are for."""
RESULTS_READ_DAYS = LAB_LOOK_BACK_DAYS + 10
"""Results older than this are passed over: an albumin may be drawn some days before the calcium it corrects."""


@dataclass(frozen=True, slots=True)
class Query:
    """One search. `carries_symptoms` when its answer can hold symptom or continence records; `look_back_days` None when all history matters."""

    key: str
    resource_type: str
    template: str
    carries_symptoms: bool = False
    look_back_days: int | None = None
    needed_for: str = ""


_PATIENT = "patient={{context.patientId}}"


def _category(key: str, category: str, needed_for: str) -> Query:
    template = f"Observation?{_PATIENT}&category={category}&_sort=-date&_count=200"
    return Query(key, "Observation", template, carries_symptoms=True, look_back_days=CONTINENCE_LOOK_BACK_DAYS, needed_for=needed_for)


def _by_code(key: str, codes: list[str], look_back_days: int, needed_for: str, *, symptoms: bool = True) -> Query:
    template = f"Observation?{_PATIENT}&code={','.join(codes)}&_sort=-date&_count=200"
    return Query(key, "Observation", template, carries_symptoms=symptoms, look_back_days=look_back_days, needed_for=needed_for)


LEG_SETS = (
    "leg-spasm",
    "sleep-leg-cramp",
    "unsited-spasm",
    "leg-numbness",
    "unsited-numbness",
    "leg-tingling",
    "unsited-tingling",
    "leg-weakness",
    "foot-drop",
    "radicular-pain",
    "pain-score",
)
CONTINENCE_SETS = (
    "mds-urinary-continence",
    "mds-bowel-continence",
    "oasis-urinary-continence",
    "oasis-bowel-continence",
    "three-day-bladder-continence",
    "three-day-bowel-continence",
    "mds2-bladder-continence",
    "barthel-bladder",
    "barthel-bowel",
    "bladder-scan",
    "urinary-incontinence",
    "urinary-retention",
    "voiding-difficulty",
    "bowel-incontinence",
    "saddle-numbness",
)
LAB_SETS = ("potassium", "sodium", "magnesium", "calcium-total", "calcium-ionised", "albumin", "urea", "creatinine", "osmolality")


def _codes(*valuesets: str) -> list[str]:
    terms = terminology()
    return [*terms.codes(*valuesets, system=SNOMED), *terms.codes(*valuesets, system=LOINC)]


def _queries() -> tuple[Query, ...]:
    return (
        Query("patient", "Patient", "Patient/{{context.patientId}}", needed_for="age and identity"),
        Query(
            "conditions",
            "Condition",
            f"Condition?{_PATIENT}&_sort=-recorded-date&_count=500",
            carries_symptoms=True,
            needed_for="all rules; every status, for a long-standing problem must not look new",
        ),
        _category("exam", "exam", "examination findings"),
        _category("survey", "survey", "continence items, symptom questionnaires"),
        _category("socialHistory", "social-history", "symptoms and activity noted as social history"),
        _category("activity", "activity", "overuse, limited activity"),
        _category("therapy", "therapy", "therapists' assessments"),
        _by_code("legSymptoms", _codes(*LEG_SETS), SYMPTOM_LOOK_BACK_DAYS, "leg symptoms filed without a category"),
        _by_code("continence", _codes(*CONTINENCE_SETS), CONTINENCE_LOOK_BACK_DAYS, "continence records filed without a category"),
        _by_code("labs", _codes(*LAB_SETS), LAB_LOOK_BACK_DAYS, "potassium, magnesium, calcium, dehydration", symptoms=False),
        Query("orders", "ServiceRequest", f"ServiceRequest?{_PATIENT}&_sort=-authored&_count=100", needed_for="work-up under way"),
        Query("procedures", "Procedure", f"Procedure?{_PATIENT}&_sort=-date&_count=100", needed_for="imaging done, prostate operations"),
        Query("imaging", "ImagingStudy", f"ImagingStudy?{_PATIENT}&_sort=-started&_count=50", needed_for="imaging done"),
    )


QUERIES: Mapping[str, Query] = MappingProxyType({each.key: each for each in _queries()})
"""By prefetch key, in the order of discovery."""

REQUIRED = ("Condition", "Observation")
"""The resource types without which nothing can be evaluated."""
