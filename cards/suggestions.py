"""The drafts a card may offer: what each asks for, as a proposal that nobody has ordered yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

LOINC = "http://loinc.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`code` (system, code, display) where one was verified; otherwise the label is the code's text."""

    label: str
    description: str
    kind: str
    priority: str
    code: tuple[str, str, str] | None = None


# Codes: VSAC imaging value set X-Ray Study, OID 2.16.840.1.113883.3.464.1003.198.12.1034 (eCQM content).
_MRI_LUMBAR = (LOINC, "30679-5", "MR Lumbar spine WO contrast")
_MRI_WHOLE = (LOINC, "30854-4", "MR Cervical and thoracic and lumbar spine WO contrast")
_BLADDER_SCAN = (LOINC, "69388-7", "US Urinary bladder post void")


def _task(label: str, description: str, priority: str) -> Draft:
    return Draft(kind="Task", label=label, description=description, priority=priority)


def _request(label: str, description: str, priority: str, code: tuple[str, str, str] | None = None) -> Draft:
    return Draft(kind="ServiceRequest", label=label, description=description, priority=priority, code=code)


DRAFTS: Mapping[str, Draft] = MappingProxyType(
    {
        "examine-cauda-equina": _task(
            "Examine legs and saddle area, ask about bladder and bowel",
            "Draft task: examine leg power on both sides, perianal and perineal sensation; take a bladder and bowel history",
            "stat",
        ),
        "examine-neurology": _task(
            "Neurological examination of the legs and continence questions",
            "Draft task: examine power, sensation and reflexes of both legs; ask about bladder, bowel and saddle sensation",
            "urgent",
        ),
        "ask-five-items": _task(
            "Ask and record the five red-flag questions, check leg power",
            "Draft task: ask about urine control, urine sensation or hesitancy, bowel control, saddle sensation and sexual function; check power of both legs",
            "urgent",
        ),
        "ask-continence": _task(
            "Ask about and record bladder, bowel and saddle sensation",
            "Draft task: ask about and record bladder control, bowel control and saddle sensation",
            "routine",
        ),
        "review-medicines": _task("Review medicines that can cause cramps", "Draft task: review medicines associated with leg cramps", "routine"),
        "review-result": _task("Assess the patient and check the result", "Draft task: assess the patient and check the laboratory result", "urgent"),
        "mri-lumbosacral-stat": _request(
            "MRI of lumbosacral spine, stat", "Draft order: MRI of the lumbosacral spine without contrast, stat", "stat", _MRI_LUMBAR
        ),
        "mri-lumbosacral-urgent": _request(
            "MRI of lumbosacral spine, urgent", "Draft order: MRI of the lumbosacral spine without contrast, urgent", "urgent", _MRI_LUMBAR
        ),
        "mri-whole-spine-stat": _request("MRI of whole spine, stat", "Draft order: MRI of the whole spine without contrast, stat", "stat", _MRI_WHOLE),
        "bladder-scan-stat": _request(
            "Bladder scan for post-void residual, stat", "Draft order: post-void residual by bladder scan, stat; must not delay MRI", "stat", _BLADDER_SCAN
        ),
        "bladder-scan-urgent": _request(
            "Bladder scan for post-void residual, urgent", "Draft order: post-void residual by bladder scan, urgent", "urgent", _BLADDER_SCAN
        ),
        "refer-spinal-emergency": _request(
            "Emergency spinal surgery or emergency department referral", "Draft referral: spinal surgery or emergency department, emergency", "stat"
        ),
        "refer-emergency": _request("Same-day emergency referral", "Draft referral: emergency assessment on the same day", "stat"),
        "refer-spinal-urgent": _request("Urgent spinal or neurological referral", "Draft referral: spinal surgery or neurology, urgent", "urgent"),
        "refer-spinal-routine": _request(
            "Neurology or spinal referral", "Draft referral: neurology or spinal services, routine unless examination says otherwise", "routine"
        ),
        "metabolic-panel": _request(
            "Panel: sodium, potassium, magnesium, calcium with albumin, urea, creatinine, glucose",
            "Draft order: sodium, potassium, magnesium, calcium with albumin, urea nitrogen, creatinine, glucose",
            "routine",
        ),
    }
)


def resource(draft: Draft, patient: str, reasons: Sequence[str]) -> dict[str, Any]:
    """The draft as a FHIR R4 resource: status draft, intent proposal, about `patient`, because of the records in `reasons`."""
    body: dict[str, Any]
    if draft.kind == "Task":
        body = {"description": draft.description, "for": {"reference": patient}, "code": {"text": draft.label}}
        if reasons:
            body["reasonReference"] = {"reference": reasons[0]}
    else:
        body = {"subject": {"reference": patient}, "code": _code(draft)}
        if reasons:
            body["reasonReference"] = [{"reference": each} for each in reasons]
    return {"resourceType": draft.kind, "status": "draft", "intent": "proposal", "priority": draft.priority, **body}


def _code(draft: Draft) -> dict[str, Any]:
    if draft.code is None:
        return {"text": draft.label}
    system, code, display = draft.code
    return {"coding": [{"system": system, "code": code, "display": display}], "text": draft.label}
