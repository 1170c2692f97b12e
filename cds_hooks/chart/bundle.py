"""A FHIR Bundle as a whole chart: turned into the call an EHR would have made with it."""

from __future__ import annotations

from typing import Any

from cds_hooks.services import HOOK
from fhir_mappings.elements import items, mapping, string
from fhir_mappings.queries import QUERIES


class NotAChart(ValueError):
    """A Bundle that is no chart of one patient; the message is one sentence."""


def _type(entry: object) -> str:
    return string(mapping(mapping(entry).get("resource")).get("resourceType"))


def _whole(entry: Any) -> Any:
    """The entry as a part of the chart: how it got into the Bundle is no matter, and a record known by a urn:uuid has that as id."""
    if not isinstance(entry, dict):
        return entry
    kept = {key: value for key, value in entry.items() if key != "search"}
    urn = string(entry.get("fullUrl"))
    if _type(entry) and not string(entry["resource"].get("id")) and urn.startswith("urn:uuid:"):
        kept["resource"] = {**entry["resource"], "id": urn.removeprefix("urn:uuid:")}
    return kept


def _is_cut_short(bundle: dict[str, Any], entries: int) -> bool:
    """Further pages, or more matches than entries."""
    total = bundle.get("total")
    further = any(string(each.get("relation")) == "next" for each in items(bundle.get("link")))
    return further or (isinstance(total, int) and total > entries)


def _bundle(entries: list[Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


KEYS = {"Condition": "conditions", "Observation": "exam", "ServiceRequest": "orders", "Procedure": "procedures", "ImagingStudy": "imaging"}
"""Where each type goes; all Observations travel under one key."""


def call_for(bundle: dict[str, Any], hook_instance: str) -> dict[str, Any]:
    """A patient-view call whose prefetch is the Bundle's content; what the Bundle does not hold is sent as null. Raises NotAChart."""
    stated = bundle.get("entry")
    entries = [_whole(each) for each in (stated if isinstance(stated, list) else [])]
    patients = [each for each in entries if _type(each) == "Patient"]
    if len(patients) != 1:
        raise NotAChart(f"The Bundle must hold exactly one Patient; it holds {len(patients)}. Give the chart of one patient.")
    if not string(mapping(patients[0]["resource"]).get("id")):
        raise NotAChart("The Patient has neither an id nor a urn:uuid fullUrl, so that no record can be told to be his or hers. Give it an id.")
    prefetch: dict[str, Any] = dict.fromkeys(QUERIES)
    prefetch["patient"] = _bundle(patients)
    for resource_type, key in KEYS.items():
        found = [each for each in entries if _type(each) == resource_type]
        prefetch[key] = _bundle(found) if found else None
    # Entries that are no record of ours by type (failures, broken ones) are counted once, with the Conditions.
    odd = [each for each in entries if _type(each) in {"", "OperationOutcome", "Bundle"}]
    conditions = [each for each in entries if _type(each) == "Condition"]
    prefetch["conditions"] = _bundle([*conditions, *odd]) if conditions or odd else None
    if _is_cut_short(bundle, len(entries)):
        for key in ("conditions", "exam"):
            prefetch[key] = {**(prefetch[key] or _bundle([])), "link": [{"relation": "next"}]}
    context = {"userId": "Practitioner/example", "patientId": string(mapping(patients[0]["resource"]).get("id"))}
    return {"hook": HOOK, "hookInstance": hook_instance, "context": context, "prefetch": prefetch}
