"""Charts in a few words: FHIR resources dated in days before AS_OF, each able to say what it is in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from fhir_mappings.queries import QUERIES

AS_OF = date(2026, 3, 15)
PATIENT = "pt-1"

SCT, CM, ICD, LOINC, UCUM = (
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://hl7.org/fhir/sid/icd-10",
    "http://loinc.org",
    "http://unitsofmeasure.org",
)
HL7 = "http://terminology.hl7.org/CodeSystem"

CODES: dict[str, tuple[tuple[str, str], ...]] = {
    "leg cramps": ((SCT, "449918009"),),
    "leg cramps (ICD-10-CM)": ((CM, "M62.831"),),
    "rest cramps": ((SCT, "102549009"),),
    "sleep-related leg cramps": ((CM, "G47.62"),),
    "spasm": ((SCT, "45352006"),),
    "cramp": ((SCT, "55300003"),),
    "cramp and spasm": ((CM, "R25.2"),),
    "back muscle spasm": ((SCT, "203095000"),),
    "leg numbness": ((SCT, "309537005"),),
    "foot numbness": ((SCT, "309538000"),),
    "numbness": ((SCT, "44077006"),),
    "leg tingling": ((SCT, "429783005"),),
    "pins and needles": ((SCT, "62507009"),),
    "leg weakness": ((SCT, "102568007"),),
    "left leg weakness": ((SCT, "16018391000119104"),),
    "right leg weakness": ((SCT, "16018431000119109"),),
    "muscle weakness": ((SCT, "26544005"),),
    "foot drop": ((SCT, "6077001"),),
    "paraplegia": ((CM, "G82.20"),),
    "left foot drop": ((CM, "M21.372"),),
    "foot or wrist drop": ((ICD, "M21.3"),),
    "leg pain": ((SCT, "10601006"),),
    "left leg pain": ((CM, "M79.605"),),
    "right leg pain": ((CM, "M79.604"),),
    "sciatica": ((SCT, "23056005"),),
    "sciatica (two codes)": ((SCT, "23056005"), (CM, "M54.30")),
    "left sciatica": ((CM, "M54.32"),),
    "right sciatica": ((CM, "M54.31"),),
    "bilateral sciatica": ((SCT, "15633361000119103"),),
    "lumbago with sciatica": ((CM, "M54.40"),),
    "lumbar radiculopathy": ((SCT, "128196005"), (CM, "M54.16")),
    "radiculopathy, level unknown": ((CM, "M54.10"),),
    "lumbar stenosis": ((SCT, "18347007"),),
    "lumbar disc prolapse": ((SCT, "202708005"),),
    "disc disorder with radiculopathy": ((CM, "M51.16"),),
    "low back pain": ((SCT, "279039007"),),
    "cauda equina syndrome": ((SCT, "192970008"),),
    "cauda equina syndrome (ICD)": ((CM, "G83.4"),),
    "urinary incontinence": ((SCT, "165232002"),),
    "urinary incontinence (ICD)": ((CM, "R32"),),
    "stress incontinence": ((SCT, "60241006"), (CM, "N39.3")),
    "overactive bladder": ((CM, "N32.81"),),
    "urinary retention": ((SCT, "267064002"),),
    "drug-induced urinary retention": ((CM, "R33.0"),),
    "absent bladder sensation": ((SCT, "236641002"),),
    "incomplete bladder emptying": ((SCT, "249288007"),),
    "urinary hesitancy": ((CM, "R39.11"),),
    "neurogenic bladder": ((SCT, "398064005"),),
    "bowel incontinence": ((SCT, "72042002"),),
    "faecal smearing": ((CM, "R15.1"),),
    "neurogenic bowel": ((SCT, "425671009"),),
    "saddle numbness": ((SCT, "449813001"),),
    "reduced anal tone": (("http://human-phenotype-ontology.org", "HP:0034917"),),
    "erectile dysfunction": ((SCT, "860914002"),),
    "psychogenic erectile dysfunction": ((SCT, "860918004"),),
    "insomnia": ((SCT, "193462001"),),
    "walking disability": ((SCT, "228158008"),),
    "dehydration": ((SCT, "34095006"),),
    "hypokalaemia": ((CM, "E87.6"),),
    "hypomagnesaemia": ((CM, "E83.42"),),
    "overexertion": ((SCT, "218218000"),),
    "prolonged awkward posture": ((CM, "X50.1XXA"),),
    "pregnancy": ((CM, "Z33.1"),),
    "multiple sclerosis": ((SCT, "24700007"),),
    "polyneuropathy": ((CM, "G62.9"),),
    "prostatic hyperplasia": ((SCT, "266569009"),),
    "hypertension": ((SCT, "38341003"),),
    "history of nervous system disease": ((CM, "Z86.69"),),
    "MDS urinary continence": ((LOINC, "54770-3"),),
    "MDS bowel continence": ((LOINC, "54771-1"),),
    "OASIS urinary incontinence": ((LOINC, "46553-4"),),
    "OASIS bowel incontinence": ((LOINC, "46587-2"),),
    "3-day bladder continence": ((LOINC, "83238-6"),),
    "Barthel bladder": ((LOINC, "96760-4"),),
    "Barthel bowel": ((LOINC, "96759-6"),),
    "pain score": ((LOINC, "72514-3"),),
    "pain disturbs sleep": ((LOINC, "54831-3"),),
    "pain limits activity": ((LOINC, "54832-1"),),
    "potassium": ((LOINC, "2823-3"),),
    "potassium in urine": ((LOINC, "2828-2"),),
    "magnesium": ((LOINC, "19123-9"),),
    "magnesium (molar)": ((LOINC, "2601-3"),),
    "calcium": ((LOINC, "17861-6"),),
    "ionised calcium": ((LOINC, "1995-0"),),
    "albumin": ((LOINC, "1751-7"),),
    "sodium": ((LOINC, "2951-2"),),
    "osmolality": ((LOINC, "2692-2"),),
    "urea nitrogen": ((LOINC, "3094-0"),),
    "creatinine": ((LOINC, "2160-0"),),
    "lumbar MRI": ((LOINC, "30679-5"),),
    "bladder scan": ((LOINC, "69388-7"),),
    "prostatectomy": ((SCT, "90470006"),),
}
SITES = {
    "leg": "61685007",
    "calf": "53840002",
    "thigh": "68367000",
    "foot": "56459004",
    "forearm": "14975008",
    "perineum": "38864007",
    "buttock": "46862004",
    "back": "77568009",
    "lumbar region": "52612000",
}
SIDES = {"left": "7771000", "right": "24028007", "both": "51440002"}
SEVERITIES = {"mild": "255604002", "moderate": "6736007", "severe": "24484000"}
ANSWERS = {"yes": (SCT, "373066001"), "no": (SCT, "373067005"), "present": (SCT, "52101004"), "absent": (SCT, "2667000")}

_ids = count(1)


@dataclass(frozen=True)
class Fact:
    """A resource, and the words a person would use for it."""

    resource: dict[str, Any]
    words: str

    def __hash__(self) -> int:
        return id(self)


def day(ago: int) -> str:
    return (AS_OF - timedelta(days=ago)).isoformat()


def when(ago: int | str | None) -> str | None:
    """Days ago, or a date as written."""
    return day(ago) if isinstance(ago, int) else ago


def concept(what: str, said: str | None = None) -> dict[str, Any]:
    """A coded concept of CODES, or plain text for anything else."""
    if what not in CODES:
        return {"text": what}
    codings = [{"system": system, "code": code} for system, code in CODES[what]]
    return {"coding": codings, **({"text": said} if said else {})}


def problem(
    what: str,
    onset: int | str | None = None,
    *,
    recorded: int | str | None = None,
    status: str | None = "active",
    verified: str | None = "confirmed",
    ended: int | str | None = None,
    site: str | None = None,
    side: str | None = None,
    severity: str | None = None,
    said: str | None = None,
    **extra: Any,
) -> Fact:
    """A Condition. Ages in days before AS_OF; a string is a date as written."""
    resource: dict[str, Any] = {"resourceType": "Condition", "id": f"c{next(_ids)}"}
    if status:
        resource["clinicalStatus"] = {"coding": [{"system": f"{HL7}/condition-clinical", "code": status}]}
    if verified:
        resource["verificationStatus"] = {"coding": [{"system": f"{HL7}/condition-ver-status", "code": verified}]}
    if severity:
        resource["severity"] = {"coding": [{"system": SCT, "code": SEVERITIES[severity]}]}
    resource |= {"code": concept(what, said), **_site(site, side, many=True), "subject": {"reference": f"Patient/{PATIENT}"}}
    dated = {"onsetDateTime": when(onset), "recordedDate": when(recorded), "abatementDateTime": when(ended)}
    resource |= {name: value for name, value in dated.items() if value}
    return Fact(resource | extra, _sentence("problem", what, onset, recorded, status, verified, ended, site, side, severity, said, extra))


def seen(
    what: str,
    ago: int | str | None = 0,
    value: Any = "yes",
    *,
    unit: str | None = None,
    site: str | None = None,
    side: str | None = None,
    status: str = "final",
    category: str = "exam",
    said: str | None = None,
    parts: tuple[dict[str, Any], ...] = (),
    **extra: Any,
) -> Fact:
    """An Observation. `value`: 'yes', 'no', a bool, a number with `unit`, a LOINC answer 'LA…', text, or None for none."""
    resource: dict[str, Any] = {"resourceType": "Observation", "id": f"o{next(_ids)}", "status": status}
    if category:
        resource["category"] = [{"coding": [{"system": f"{HL7}/observation-category", "code": category}]}]
    resource |= {"code": concept(what, said), "subject": {"reference": f"Patient/{PATIENT}"}, **_site(site, side, many=False), **_value(value, unit)}
    if ago is not None:
        resource["effectiveDateTime"] = when(ago)
    if parts:
        resource["component"] = list(parts)
    shown = f"{value:g} {unit}" if unit and isinstance(value, int | float) else str(value)
    words = ", ".join(filter(None, (f"{what}: {shown}", _ago(ago, "undated"), site, side, None if status == "final" else status, *_extras(extra))))
    return Fact(resource | extra, f"observation {words}")


def part(what: str, value: Any, unit: str | None = None) -> dict[str, Any]:
    """One component."""
    return {"code": concept(what), **_value(value, unit)}


def lab(what: str, value: float, unit: str, ago: int = 1, *, flag: str | None = None, limits: tuple[float, float] | None = None, **extra: Any) -> Fact:
    fact = seen(what, ago, value, unit=unit, category="laboratory", **extra)
    if flag:
        fact.resource["interpretation"] = [{"coding": [{"system": f"{HL7}/v3-ObservationInterpretation", "code": flag}]}]
    if limits:
        low, high = ({"value": each, "unit": unit, "system": UCUM, "code": unit} for each in limits)
        fact.resource["referenceRange"] = [{"low": low, "high": high}]
    marks = ", ".join(filter(None, (f"flagged {flag}" if flag else "", f"range {limits[0]:g} to {limits[1]:g}" if limits else "")))
    return Fact(fact.resource, fact.words + (f", {marks}" if marks else ""))


def order(what: str, ago: int | None = 0, *, priority: str | None = "stat", status: str = "active", intent: str = "order", **extra: Any) -> Fact:
    resource = {
        "resourceType": "ServiceRequest",
        "id": f"s{next(_ids)}",
        "status": status,
        "intent": intent,
        "code": concept(what),
        "subject": {"reference": f"Patient/{PATIENT}"},
    }
    resource |= {name: value for name, value in (("priority", priority), ("authoredOn", when(ago))) if value}
    return Fact(resource | extra, f"{intent} {what}, {priority or 'no priority'}, {status}, {_ago(ago, 'undated')}")


def done(what: str, ago: int | None = 0, *, status: str = "completed", kind: str = "Procedure") -> Fact:
    resource = {"resourceType": kind, "id": f"p{next(_ids)}", "status": status, "subject": {"reference": f"Patient/{PATIENT}"}}
    if kind == "ImagingStudy":
        resource |= {"procedureCode": [concept(what)], "started": when(ago)}
    else:
        resource |= {"code": concept(what), "performedDateTime": when(ago)}
    return Fact({key: value for key, value in resource.items() if value}, f"{what} {status}, {_ago(ago, 'undated')}")


def person(born: str | None = "1970-05-05", **extra: Any) -> Fact:
    resource = {"resourceType": "Patient", "id": PATIENT, **({"birthDate": born} if born else {}), **extra}
    return Fact(resource, f"born {born}" if born else "birth date not recorded")


@dataclass(frozen=True)
class Chart:
    """Everything known of one patient on AS_OF, and in which state each resource type came."""

    facts: tuple[Fact, ...]
    sources: dict[str, str] = field(default_factory=dict)

    def resources(self) -> list[dict[str, Any]]:
        given = [each.resource for each in self.facts]
        return given if any(each["resourceType"] == "Patient" for each in given) else [person().resource, *given]

    def prefetch(self) -> dict[str, Any]:
        return prefetch(self.resources(), self.sources)


def bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "total": len(resources), "entry": [{"resource": each} for each in resources]}


KEYS = {"Condition": "conditions", "Observation": "exam", "ServiceRequest": "orders", "Procedure": "procedures", "ImagingStudy": "imaging"}


def prefetch(resources: list[dict[str, Any]], sources: dict[str, str] | None = None) -> dict[str, Any]:
    """The prefetch an EHR would send: every key, in the state `sources` gives its type ('error', 'absent', 'null')."""
    states = sources or {}
    sent: dict[str, Any] = {}
    for key, query in QUERIES.items():
        state = states.get(query.resource_type)
        if state == "absent":
            continue
        if state == "error":
            sent[key] = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
            continue
        found = [each for each in resources if each.get("resourceType") == query.resource_type]
        if key == "patient":
            sent[key] = found[0] if found else None
        else:
            mine = found if KEYS.get(query.resource_type) == key and state != "null" else []
            sent[key] = bundle(mine) if mine else None
    return sent


# --- wording
def _site(site: str | None, side: str | None, *, many: bool) -> dict[str, Any]:
    if not site and not side:
        return {}
    codings = [{"system": SCT, "code": code} for code in (SITES.get(site or ""), SIDES.get(side or "")) if code]
    element = {"coding": codings} if codings else {"text": f"{side or ''} {site or ''}".strip()}
    return {"bodySite": [element] if many else element}


def _value(value: Any, unit: str | None) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float):
        if unit is None:
            return {"valueInteger": value}
        return {"valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}
    if value in ANSWERS:
        system, code = ANSWERS[value]
        return {"valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}
    if str(value).startswith("LA"):
        return {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": value}]}}
    return {"valueString": value}


def _ago(ago: int | str | None, none: str) -> str:
    if ago is None:
        return none
    return str(ago) if isinstance(ago, str) else "today" if ago == 0 else f"{ago} d ago"


def _sentence(
    kind: str,
    what: str,
    onset: Any,
    recorded: Any,
    status: Any,
    verified: Any,
    ended: Any,
    site: Any,
    side: Any,
    severity: Any,
    said: Any,
    extra: dict[str, Any],
) -> str:
    parts = [
        f"{kind} {what}" + (f" ('{said}')" if said else ""),
        f"onset {_ago(onset, '')}" if onset is not None else "no onset",
        f"recorded {_ago(recorded, '')}" if recorded is not None else "",
        "" if status == "active" else str(status or "no clinical status"),
        "" if verified == "confirmed" else str(verified or "no verification status"),
        f"ended {_ago(ended, '')}" if ended is not None else "",
        site or "",
        side or "",
        severity or "",
        *_extras(extra),
    ]
    return ", ".join(filter(None, parts))


def _extras(extra: dict[str, Any]) -> list[str]:
    return [f"with {name}" for name in extra if name not in {"encounter", "note"}] + [f"{name} noted" for name in extra if name in {"encounter", "note"}]
