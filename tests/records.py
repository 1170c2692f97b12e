"""How records may be written, and what is read of each: the rows of `docs/connecting/records.md`, every one a test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from charts import CM, HL7, LOINC, PATIENT, SCT, SITES, UCUM, day

from cards.guidance.findings import Course, Evidence, Flag, Interval, Kind
from fhir_mappings import reader
from fhir_mappings.resources import Resource
from fhir_mappings.terminology import terminology

Members = dict[str, Any]
TOLD = (
    Flag.FROM_TEXT,
    Flag.NO_VALUE,
    Flag.PRELIMINARY,
    Flag.SUBJECT_ASSUMED,
    Flag.MALFORMED,
    Flag.HAEMOLYSED,
    Flag.WORSENING,
    Flag.CHRONIC,
    Flag.UNCONFIRMED,
    Flag.COVERING_ORDER,
    Flag.COMPLETED,
)


@dataclass(frozen=True)
class Record:
    """One way to write something: the members that matter here, and what is read of the record that has them."""

    members: Members
    read: str


@dataclass(frozen=True)
class Group:
    """Records that differ in one respect only: `base` are the members they share."""

    title: str
    intro: str
    base: Members
    records: tuple[Record, ...]

    def resource(self, record: Record) -> Members:
        whole = {"subject": {"reference": f"Patient/{PATIENT}"}, **self.base, **record.members}
        return {name: value for name, value in whole.items() if value is not None}


def said(resource: Members) -> str:
    """What the service reads of this one record."""
    found = reader.read([Resource.of(resource)], PATIENT, terminology())
    if found.wrong_patient:
        return "another patient's: the evaluation stops"
    told = [_told(each) for each in found.evidence] + [f"set aside: {each.value}" for each in found.ignored]
    return "; ".join(dict.fromkeys(told)) or ("not among our codes and words: counted" if found.unmapped else "nothing")


def written(record: Record) -> str:
    """The members of a record, with codes as `system#code "display"` and quantities as `value 'unit'`, as in FHIR Shorthand."""
    return ", ".join(f"{name} {_short(value)}" if value is not None else f"no {name}" for name, value in record.members.items()) or "nothing more"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(_short, value))
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if "coding" in value or "text" in value:
        return " ".join([*map(_code, value.get("coding", ())), *([f'"{value["text"]}"'] if "text" in value else []), *map(_short, value.get("extension", ()))])
    if "valueCodeableConcept" in value and "url" in value:
        return f"with an extension {_short(value['valueCodeableConcept'])}"
    if "value" in value:
        return f"{value['value']:g}" + (f" '{value['code']}'" if "code" in value else "")
    if ("code" in value and "modality" not in value and "coding" in value["code"]) or "valueBoolean" in value:
        return ", ".join(f"{name} {_short(each)}" for name, each in value.items())
    return json.dumps(value, ensure_ascii=False)


def _code(coding: Members) -> str:
    return f"{coding['system']}#{coding['code']}" + (f' "{coding["display"]}"' if "display" in coding else "")


def _told(evidence: Evidence) -> str:
    record, reading = evidence.record, evidence.reading
    is_course = record.kind is Kind.CONDITION and record.course is not Course.ACTIVE
    return ", ".join(
        filter(
            None,
            (
                evidence.concept.value,
                evidence.presence.value if record.kind in {Kind.CONDITION, Kind.OBSERVATION} else "",
                f"{reading.value:g} {reading.unit}" if reading else "",
                f"grade {evidence.score.grade}" if evidence.score else "",
                evidence.side.value,
                evidence.severity.value if evidence.severity else "",
                record.course.value if is_course else "",
                *(flag.value for flag in TOLD if evidence.has(flag) and not evidence.has(Flag.SUSPECTED)),
                ("from text, suspected" if evidence.has(Flag.FROM_TEXT) else "suspected") if evidence.has(Flag.SUSPECTED) else "",
            ),
        )
    )


def _dated(span: Interval | None) -> str:
    if span is None:
        return "no date"
    return span.latest.isoformat() if span.earliest == span.latest else f"{span.earliest} to {span.latest}"


def days(resource: Members) -> str:
    """When the one fact of this record began, was recorded and ended, as read."""
    (evidence,) = reader.read([Resource.of(resource)], PATIENT, terminology()).evidence
    record = evidence.record
    parts = {"began": record.onset, "recorded": record.recorded, "ended": record.ended}
    return ", ".join(f"{name} {_dated(span)}" for name, span in parts.items() if span) or "undated"


def _coded(system: str, code: str, **more: str) -> Members:
    return {"coding": [{"system": system, "code": code, **more}]}


CONDITION = {"resourceType": "Condition", "id": "c1", "clinicalStatus": _coded(f"{HL7}/condition-clinical", "active"), "onsetDateTime": day(3)}
OBSERVATION = {"resourceType": "Observation", "id": "o1", "status": "final", "effectiveDateTime": day(3)}
LEAK = _coded(SCT, "165232002")
NUMB = _coded(SCT, "44077006")
PVR = {"text": "Post-void residual"}
MRI = _coded(LOINC, "30679-5")


def _rows(*pairs: tuple[Members, str]) -> tuple[Record, ...]:
    return tuple(Record(members, read) for members, read in pairs)


GROUPS = (
    Group(
        "What a code may look like",
        "An active Condition that began three days ago. A recognised code decides, its words may add something else or doubt it; without one, text and displays are read, up to 280 characters.",
        CONDITION,
        _rows(
            ({"code": _coded(SCT, "165232002")}, "urinary incontinence, present"),
            ({"code": _coded("https://snomed.info/sct/731000124108", "165232002")}, "urinary incontinence, present"),
            ({"code": _coded("urn:oid:2.16.840.1.113883.6.96", "165232002 |Urinary incontinence|")}, "urinary incontinence, present"),
            ({"code": _coded(CM, "r32")}, "urinary incontinence, present"),
            ({"code": _coded(CM, "M54.32")}, "radicular leg pain, present, left"),
            ({"code": _coded("urn:local", "17", display="Loss of bladder control")}, "urinary incontinence, present, from text"),
            ({"code": {"text": "?CES"}}, "cauda equina syndrome, present, from text, suspected"),
            ({"code": {"text": "Denies leg cramps"}}, "leg spasm, recorded absent, from text"),
            ({"code": {"text": "[ ] saddle numbness [x] leg cramps"}}, "leg spasm, present, from text"),
            ({"code": {"text": "Saddle numbness (Y/N): n"}}, "saddle numbness, recorded absent, from text"),
            ({"code": _coded("urn:local", "LEG_CRAMPS")}, "leg spasm, present, from text"),
            ({"code": {**LEAK, "text": "Hypertension"}}, "urinary incontinence, present"),
            ({"code": {**LEAK, "text": "Rule out urinary incontinence"}}, "urinary incontinence, present, suspected"),
            ({"code": {**_coded(CM, "M54.50"), "text": "Low back pain with saddle numbness"}}, "low back pain, present; saddle numbness, present, from text"),
            ({"code": {**_coded(CM, "M54.50"), "text": "Low back pain, no saddle numbness"}}, "low back pain, present"),
            ({"code": {**_coded(CM, "M54.31"), "text": "Bilateral sciatica"}}, "radicular leg pain, present, both sides"),
            ({"code": {"text": "Mother has urinary incontinence"}}, "nothing"),
            ({"code": {"text": "History of urinary incontinence"}}, "nothing"),
            ({"code": _coded(SCT, "195967001", display="Asthma")}, "not among our codes and words: counted"),
            ({"code": None}, "set aside: could not be read"),
        ),
    ),
    Group(
        "What a Condition says",
        "A Condition with the SNOMED CT code of urinary incontinence.",
        {**CONDITION, "code": LEAK},
        _rows(
            ({"verificationStatus": _coded(f"{HL7}/condition-ver-status", "confirmed")}, "urinary incontinence, present"),
            ({"verificationStatus": _coded(f"{HL7}/condition-ver-status", "provisional")}, "urinary incontinence, present, not confirmed"),
            ({"verificationStatus": _coded(f"{HL7}/condition-ver-status", "refuted")}, "set aside: refuted"),
            ({"verificationStatus": _coded("urn:local", "9", display="Entered in Error")}, "set aside: entered in error"),
            ({"clinicalStatus": None}, "urinary incontinence, present"),
            ({"clinicalStatus": _coded(f"{HL7}/condition-clinical", "recurrence")}, "urinary incontinence, present, recurred"),
            ({"clinicalStatus": _coded(f"{HL7}/condition-clinical", "resolved")}, "urinary incontinence, present, ended"),
            ({"clinicalStatus": {"text": "Inactive"}}, "urinary incontinence, present, inactive"),
            ({"category": [{"text": "Past medical history"}]}, "set aside: history, not current"),
            ({"category": [{"text": "History of present illness"}]}, "urinary incontinence, present"),
            ({"severity": _coded(SCT, "24484000")}, "urinary incontinence, present, severe"),
            ({"subject": None}, "urinary incontinence, present, patient not stated on the record"),
            ({"subject": {"reference": "Patient/other"}}, "another patient's: the evaluation stops"),
            ({"subject": {"reference": "Group/7"}}, "set aside: about someone else"),
        ),
    ),
    Group(
        "Where and which side",
        "A Condition with the SNOMED CT code of numbness, which names no site by itself.",
        {**CONDITION, "code": NUMB},
        _rows(
            ({"bodySite": [_coded(SCT, SITES["perineum"])]}, "saddle numbness, present"),
            ({"bodySite": [{"text": "left calf"}]}, "leg numbness, present, left"),
            ({"bodySite": [_coded(SCT, "32153003"), _coded(SCT, "62175007")]}, "leg numbness, present, both sides"),
            (
                {"bodySite": [{**_coded(SCT, SITES["leg"]), "extension": [{"url": "…/laterality", "valueCodeableConcept": _coded(SCT, "24028007")}]}]},
                "leg numbness, present, right",
            ),
            ({"code": {**NUMB, "text": "Numbness of both feet"}}, "leg numbness, present, both sides"),
            ({"bodySite": [{"text": "right hand"}]}, "nothing"),
            ({}, "nothing"),
        ),
    ),
    Group(
        "What an answer means",
        "A final Observation with the SNOMED CT code of urinary incontinence.",
        {**OBSERVATION, "code": LEAK},
        _rows(
            ({"valueBoolean": True}, "urinary incontinence, present"),
            ({"valueBoolean": False}, "urinary incontinence, recorded absent"),
            ({"valueString": "Yes - twice a day"}, "urinary incontinence, present"),
            ({"valueString": "denies"}, "urinary incontinence, recorded absent"),
            ({"valueCodeableConcept": _coded(SCT, "373066001")}, "urinary incontinence, present"),
            ({"valueCodeableConcept": _coded(LOINC, "LA32-8")}, "urinary incontinence, recorded absent"),
            ({"valueCodeableConcept": _coded(f"{HL7}/v2-0136", "Y")}, "urinary incontinence, present"),
            ({"valueCodeableConcept": _coded("urn:local", "3", display="Not present")}, "urinary incontinence, recorded absent"),
            ({"valueInteger": 2}, "urinary incontinence, present"),
            ({"valueInteger": 0}, "urinary incontinence, could not be assessed"),
            ({"interpretation": [_coded(f"{HL7}/v3-ObservationInterpretation", "NEG")]}, "urinary incontinence, recorded absent"),
            ({}, "urinary incontinence, present, recorded without a value"),
            ({"dataAbsentReason": {"text": "not asked"}}, "urinary incontinence, could not be assessed"),
            ({"valueString": "see letter"}, "urinary incontinence, could not be assessed"),
            ({"status": "preliminary", "valueBoolean": True}, "urinary incontinence, present, preliminary result"),
            ({"status": "entered-in-error", "valueBoolean": True}, "set aside: entered in error"),
            ({"focus": [{"reference": "Patient/newborn"}], "valueBoolean": True}, "set aside: about someone else"),
        ),
    ),
    Group(
        "Questions in words",
        "A final Observation without any code, as flowsheets and forms are often sent. A question about a function is answered the other way round.",
        OBSERVATION,
        _rows(
            ({"code": {"text": "Bladder control"}, "valueString": "normal"}, "urinary incontinence, recorded absent, from text"),
            ({"code": {"text": "Bladder control"}, "valueString": "lost"}, "urinary incontinence, present, from text"),
            ({"code": {"text": "Saddle sensation"}, "valueString": "reduced"}, "saddle numbness, present, from text"),
            ({"code": {"text": "Numbness"}, "valueString": "perineum"}, "saddle numbness, present, from text"),
            ({"code": {"text": "Numbness"}, "valueString": "left leg; perineum normal"}, "leg numbness, present, left, from text"),
            ({"code": {"text": "Symptoms"}, "valueString": "leg cramps at night"}, "leg spasm, present, from text"),
            ({"code": {"text": "Saddle numbness Y/N"}, "valueString": "☐ Yes ☑ No"}, "saddle numbness, recorded absent, from text"),
            ({"code": {"text": "Sensation RLE"}, "valueString": "decreased"}, "leg numbness, present, right, from text"),
            ({"code": {"text": "Bladder continence"}, "valueString": "WDL"}, "urinary incontinence, recorded absent, from text"),
            ({"code": {"text": "Able to void"}, "valueString": "No"}, "urinary retention, present, from text"),
            ({"code": {"text": "Strength LLE"}, "valueString": "weak"}, "leg weakness, present, left, from text"),
            ({"code": {"text": "Leg power"}, "valueString": "L 5/5, R 2/5"}, "leg muscle power, present, 2 MRC, right, from text"),
            ({"code": {"text": "Family history"}, "valueString": "leg cramps"}, "nothing"),
            (
                {"code": {"text": "Neurology"}, "component": [{"code": {"text": "Leg numbness"}, "valueBoolean": False}, {"code": LEAK, "valueBoolean": True}]},
                "leg numbness, recorded absent, from text; urinary incontinence, present",
            ),
        ),
    ),
    Group(
        "Numbers",
        "A final Observation. A unit is never guessed.",
        OBSERVATION,
        _rows(
            ({"code": PVR, "valueQuantity": {"value": 0.32, "system": UCUM, "code": "L"}}, "post-void residual, present, 320 mL, from text"),
            ({"code": {"text": "Bladder scan volume (mL)"}, "valueQuantity": {"value": 320}}, "post-void residual, present, 320 mL, from text"),
            ({"code": PVR, "valueString": "320 mL"}, "post-void residual, present, 320 mL, from text"),
            ({"code": PVR, "valueQuantity": {"value": 320}}, "post-void residual, could not be assessed, from text"),
            ({"code": _coded(LOINC, "2823-3"), "valueQuantity": {"value": 3.1, "system": UCUM, "code": "mmol/L"}}, "potassium, present, 3.1 mmol/L"),
            ({"code": _coded(LOINC, "2823-3"), "valueQuantity": {"value": 3.1}}, "potassium, could not be assessed"),
            ({"code": _coded(LOINC, "2823-3"), "valueQuantity": {"value": 6.2, "code": "mmol/L"}, "note": [{"text": "haemolysed"}]}, "potassium, present, 6.2 mmol/L, haemolysis noted, unreliable"),
            ({"code": _coded(LOINC, "72514-3"), "bodySite": {"text": "left calf"}, "valueInteger": 8}, "leg pain score, present, 8 of 10, left"),
            ({"code": _coded(LOINC, "54770-3"), "valueCodeableConcept": _coded(LOINC, "LA11045-4")}, "urinary incontinence, present, grade 3"),
        ),
    ),
    Group(
        "Orders, procedures and studies",
        "",
        {"id": "p1"},
        _rows(
            ({"resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "stat", "code": MRI, "authoredOn": day(0)}, "lumbar MRI, active, stat, asap or urgent"),
            ({"resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "routine", "code": MRI, "authoredOn": day(0)}, "lumbar MRI"),
            ({"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "code": MRI, "authoredOn": day(0)}, "set aside: not done or not ordered"),
            ({"resourceType": "Procedure", "status": "completed", "code": MRI, "performedDateTime": day(0)}, "lumbar MRI, completed"),
            ({"resourceType": "Procedure", "status": "completed", "code": {"text": "MRI lumbar spine, patient declined"}, "performedDateTime": day(0)}, "set aside: not done or not ordered"),
            ({"resourceType": "ImagingStudy", "status": "available", "started": day(0), "series": [{"modality": {"code": "MR"}, "bodySite": {"display": "Lumbar spine"}}]}, "lumbar MRI, from text, completed"),
        ),
    ),
)  # fmt: skip

DATES = Group(
    "Dates",
    "A Condition with the SNOMED CT code of urinary incontinence. The day is taken as it is written, whatever its time zone.",
    {**CONDITION, "code": LEAK, "onsetDateTime": None},
    _rows(
        ({"onsetDateTime": "2026-03-12T23:30:00-08:00", "recordedDate": "2026-03-14"}, "began 2026-03-12, recorded 2026-03-14"),
        ({"onsetPeriod": {"start": "2026-03-01"}}, "began 2026-03-01"),
        ({"onsetDateTime": "2026-02"}, "began 2026-02-01 to 2026-02-28"),
        ({"recordedDate": "2026-03-14"}, "recorded 2026-03-14"),
        ({"onsetString": "last week"}, "undated"),
        ({"onsetDateTime": "1900-01-01"}, "undated"),
        ({"onsetDateTime": "2026-02-30"}, "undated"),
        ({"onsetDateTime": "2026-01-01", "abatementDateTime": "2026-02-01"}, "began 2026-01-01, ended 2026-02-01"),
        ({"onsetDateTime": "2026-01-01", "meta": {"lastUpdated": "2026-03-14T10:00:00Z"}}, "began 2026-01-01"),
    ),
)


def page() -> Iterator[str]:
    yield from (
        "# What is read of a record",
        "",
        "Printed by `make docs`; do not edit by hand. Each line of the tables is a test.",
        "",
        (
            'How Conditions, Observations and orders may be written, and what the rules then get to see. Codes stand as `system#code "display"`, '
            "quantities as `value 'unit'`. What was read of a chart of yours is printed by `check`, in full with `--json`, and stands in its audit entry; [the rules](../rules.md) tell what becomes of it."
        ),
    )
    for group in GROUPS:
        yield from ("", f"## {group.title}", "", *([group.intro, ""] if group.intro else []), "| Written | Read as |", "| --- | --- |")
        yield from (f"| {_cell(written(each))} | {each.read} |" for each in group.records)
    yield from ("", f"## {DATES.title}", "", DATES.intro, "", "| Written | Read as |", "| --- | --- |")
    yield from (f"| {_cell(written(each))} | {each.read} |" for each in DATES.records)


def _cell(said: str) -> str:
    return f"`{said}`".replace("|", "\\|")
