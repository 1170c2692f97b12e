"""What the components of an Observation say about the symptom of the whole: its side, its severity, how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.guidance.findings import Evidence, Severity, Side
from fhir_mappings import text
from fhir_mappings.answers import SEVERITY_SETS
from fhir_mappings.dates import duration_days
from fhir_mappings.elements import Element, codings, words
from fhir_mappings.sites import SIDE_SETS, together
from fhir_mappings.targets import NOWHERE, targets
from fhir_mappings.terminology import Terminology


@dataclass(frozen=True, slots=True)
class Details:
    """Side, severity and duration, each as far as a component tells it."""

    side: Side = Side.UNSTATED
    severity: Severity | None = None
    duration_days: float | None = None

    def added_to(self, evidence: Evidence) -> Evidence:
        return replace(evidence, side=evidence.side or self.side, severity=evidence.severity or self.severity, duration_days=self.duration_days)


def of(parts: list[Element], terms: Terminology) -> Details:
    sides = [SIDE_SETS[each] for part in parts for each in _answer_sets(part, terms) if each in SIDE_SETS]
    grades = [SEVERITY_SETS[each] for part in parts if not _names_a_symptom(part, terms) for each in _answer_sets(part, terms) if each in SEVERITY_SETS]
    lasting = [duration_days(each.get("valueQuantity")) for each in parts if "duration" in text.normal(words(each.get("code")))]
    return Details(together(sides), next(iter(grades), None), next((each for each in lasting if each is not None), None))


def _answer_sets(component: Element, terms: Terminology) -> list[str]:
    return [found.valueset for system, code in codings(component.get("valueCodeableConcept")) if (found := terms.find(system, code))]


def _names_a_symptom(component: Element, terms: Terminology) -> bool:
    """'Back pain: severe' inside an Observation about cramps says nothing about the cramps."""
    said = text.normal(words(component.get("code")))
    return "pain" in said or "ache" in said or bool(targets(component.get("code"), NOWHERE, terms))
