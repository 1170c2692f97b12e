"""The calls that are measured: US-Core-shaped records of an ordinary chart, in bodies of five sizes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

PATIENT = "patient-1"
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"
# code, name, value, unit, low, high. Every fourth is of an analyte that the rules look at, as in a metabolic panel.
MEASURED = (
    ("8867-4", "Heart rate", 72, "/min", 60, 100),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", 4.2, "mmol/L", 3.5, 5.1),
    ("9279-1", "Respiratory rate", 16, "/min", 12, 20),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", 13.9, "g/dL", 12, 16),
    ("8310-5", "Body temperature", 36.8, "Cel", 36, 38),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", 0.9, "mg/dL", 0.6, 1.2),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", 7.1, "10*3/uL", 4, 11),
    ("29463-7", "Body weight", 71, "kg", 40, 150),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", 240, "10*3/uL", 150, 400),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", 139, "mmol/L", 136, 145),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", 5.6, "%", 4, 5.7),
    ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", 98, "%", 94, 100),
)
PROBLEMS = (
    ("38341003", "I10", "Hypertension"),
    ("44054006", "E11.9", "Type 2 diabetes mellitus"),
    ("55822004", "E78.5", "Hyperlipidemia"),
    ("195967001", "J45.909", "Asthma"),
    ("235595009", "K21.9", "Gastroesophageal reflux disease"),
)


def _id(number: int) -> str:
    return str(UUID(int=0x5EED << 96 | number * 0x9E3779B97F4A7C15F39CC060 % (1 << 96)))


def _ago(days: int, now: datetime) -> str:
    return (now - timedelta(days=days)).isoformat(timespec="seconds")


def observation(number: int, now: datetime, *, whole: bool = True) -> dict[str, Any]:
    code, name, value, unit, low, high = MEASURED[number % len(MEASURED)]
    at = _ago(2 + number % 3_000 // 3, now)
    lean: dict[str, Any] = {
        "resourceType": "Observation",
        "id": _id(number),
        "meta": {"versionId": "1", "lastUpdated": at, "source": f"urn:lab:{number:06}"},
        "status": "final",
        "category": [{"coding": [{"system": f"{HL7}/observation-category", "code": "laboratory", "display": "Laboratory"}]}],
        "code": {"coding": [{"system": LOINC, "code": code, "display": name}], "text": name},
        "subject": {"reference": f"Patient/{PATIENT}"},
        "encounter": {"reference": f"Encounter/{_id(number + 500_000)}"},
        "effectiveDateTime": at,
        "issued": at,
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }
    if not whole:
        return lean
    limits = {side: {"value": each, "unit": unit, "system": UCUM, "code": unit} for side, each in (("low", low), ("high", high))}
    return {
        **lean,
        "meta": {**lean["meta"], "profile": [f"{US_CORE}/us-core-observation-lab"]},
        "performer": [{"reference": f"Organization/{_id(7)}", "display": "General Hospital Laboratory"}],
        "interpretation": [{"coding": [{"system": f"{HL7}/v3-ObservationInterpretation", "code": "N", "display": "Normal"}]}],
        "referenceRange": [{**limits, "text": f"{low} - {high} {unit}"}],
    }


def condition(number: int, now: datetime) -> dict[str, Any]:
    snomed, icd, name = PROBLEMS[number % len(PROBLEMS)]
    return {
        "resourceType": "Condition",
        "id": _id(number + 100_000),
        "clinicalStatus": {"coding": [{"system": f"{HL7}/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{HL7}/condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{HL7}/condition-category", "code": "problem-list-item", "display": "Problem List Item"}]}],
        "code": {
            "coding": [{"system": SNOMED, "code": snomed, "display": name}, {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd, "display": name}],
            "text": name,
        },
        "subject": {"reference": f"Patient/{PATIENT}"},
        "onsetDateTime": _ago(900 + number % 1_000, now),
        "recordedDate": _ago(890 + number % 1_000, now),
    }


def alarming(now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Leg cramps and new incontinence: what makes a critical card."""
    cramps = {
        **observation(900_001, now),
        "code": {"coding": [{"system": SNOMED, "code": "449918009"}], "text": "Leg cramps"},
        "valueQuantity": None,
        "valueBoolean": True,
        "effectiveDateTime": _ago(4, now),
    }
    incontinence = {
        **condition(900_002, now),
        "code": {"coding": [{"system": SNOMED, "code": "165232002"}], "text": "Urinary incontinence"},
        "onsetDateTime": _ago(2, now),
        "recordedDate": _ago(2, now),
    }
    return {name: value for name, value in cramps.items() if value is not None}, incontinence


def _bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    entries = [{"fullUrl": f"https://ehr.example/fhir/{each['resourceType']}/{each['id']}", "resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


def _call(prefetch: dict[str, Any]) -> bytes:
    context = {"userId": "Practitioner/1", "patientId": PATIENT}
    body = {"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context, "prefetch": prefetch}
    return json.dumps(body, separators=(",", ":")).encode()


SIZES = {"315 B": (0, 0, False), "50 KB": (10, 28, True), "121 KB": (30, 104, False), "500 KB": (10, 335, True), "5 MB": (10, 3_400, True)}
"""Conditions, Observations, and whether with everything that US Core adds to them."""


@cache
def body(size: str, *, cards: bool = False, now: datetime | None = None) -> bytes:
    """A call of about that size; with `cards` the chart holds what makes a critical one."""
    conditions, observations, whole = SIZES[size]
    now = now or datetime.now(UTC)
    measured = [observation(each, now, whole=whole) for each in range(observations)]
    cramps, incontinence = alarming(now)
    return call_with([*problems(conditions, now), *([incontinence] if cards else [])], [*measured, *([cramps] if cards else [])])


def problems(count: int, now: datetime) -> list[dict[str, Any]]:
    return [condition(each, now) for each in range(count)]


def call_with(conditions: list[dict[str, Any]], observations: list[dict[str, Any]]) -> bytes:
    patient = {"resourceType": "Patient", "id": PATIENT, "name": [{"family": "Example"}], "gender": "female", "birthDate": "1970-05-05"}
    listed = {"conditions": conditions, "exam": observations}
    return _call({"patient": patient, **{key: _bundle(found) if found else None for key, found in listed.items()}})
