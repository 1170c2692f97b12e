"""A FHIR Bundle as a whole chart: turned into the call an EHR would have made with it."""

from __future__ import annotations

from typing import Any

from cds_hooks.services import HOOK
from fhir_mappings.elements import items, mapping, string
from fhir_mappings.queries import QUERIES


class NotAChart(ValueError):
    """A Bundle that is no chart of one patient; the message is one sentence."""


KEYS = {"Condition": "conditions", "Observation": "exam", "ServiceRequest": "orders", "Procedure": "procedures", "ImagingStudy": "imaging"}
"""Where each type goes; all Observations travel under one key."""


def call_for(bundle: dict[str, Any], hook_instance: str) -> dict[str, Any]:
    """A patient-view call whose prefetch is the Bundle's content; what the Bundle does not hold is sent as null. Raises NotAChart."""
    entries = [each for each in items(bundle.get("entry")) if mapping(each.get("resource"))]
    patients = [mapping(each.get("resource")) for each in entries if mapping(each.get("resource")).get("resourceType") == "Patient"]
    if len(patients) != 1 or not string(patients[0].get("id")):
        raise NotAChart(f"The Bundle must hold exactly one Patient with an id; it holds {len(patients)}.")
    prefetch: dict[str, Any] = dict.fromkeys(QUERIES)
    prefetch["patient"] = patients[0]
    for resource_type, key in KEYS.items():
        found = [each for each in entries if mapping(each["resource"]).get("resourceType") == resource_type]
        prefetch[key] = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": found} if found else None
    context = {"userId": "Practitioner/example", "patientId": string(patients[0].get("id"))}
    return {"hook": HOOK, "hookInstance": hook_instance, "context": context, "prefetch": prefetch}
