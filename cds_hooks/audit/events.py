"""Audit entries as FHIR R4 AuditEvents, in the manner of IHE's Basic Audit Log Patterns: who, when, about whom; no words of the chart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from cds_hooks.audit.marks import looked_at, whose
from cds_hooks.errors import KINDS

Entry = Mapping[str, Any]
Event = dict[str, Any]

DCM = "http://dicom.nema.org/resources/ontology/DCM"
ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
BALP_ENTITY = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
REST = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest", "display": "RESTful Operation"}
OPERATION = {"system": "http://hl7.org/fhir/restful-interaction", "code": "operation", "display": "operation"}
OBSERVER = {"type": [{"system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4", "display": "Application Server"}]}
SOURCE = {"system": DCM, "code": "110153", "display": "Source Role ID"}
DESTINATION = {"system": DCM, "code": "110152", "display": "Destination Role ID"}
RECIPIENT = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP", "display": "information recipient"}
SERVICE = "pinched-nerve-cds"

KEEPING = {
    "start": ("110100", "Application Activity", "110120", "Application Start", "E"),
    "review": ("110101", "Audit Log Used", "", "", "R"),
    "export": ("110101", "Audit Log Used", "", "", "R"),
    "purge": ("110101", "Audit Log Used", "", "", "D"),
    "rotate-key": ("110113", "Security Alert", "110129", "Security Configuration", "U"),
    "refused": ("110113", "Security Alert", "", "", "E"),
}
OTHER = ("110100", "Application Activity", "", "", "E")
_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_NO_CONTROLS = dict.fromkeys((each for each in range(32) if chr(each) not in "\t\r\n"), "\N{REPLACEMENT CHARACTER}")


def audit_event(entry: Entry, hash: bytes, canonical_base: str) -> Event:
    """The AuditEvent of one entry. Each says at least the time, what was done, by whom, and where in the chain the entry stands."""
    return {
        "resourceType": "AuditEvent",
        "id": str(entry.get("sequence")),
        **_what(entry, canonical_base),
        "recorded": entry.get("recorded"),
        "outcome": _outcome(entry),
        "outcomeDesc": str(entry.get("outcome") or "done"),
        "agent": list(_agents(entry)),
        "source": {**OBSERVER, "observer": {"display": SERVICE}},
        "entity": list(_entities(entry, hash)),
    }


def _what(entry: Entry, canonical_base: str) -> Event:
    kind = str(entry.get("kind"))
    if kind in {"call", "feedback"}:
        ours = {"system": f"{canonical_base}/CodeSystem/audit-event", "code": "cds-invocation" if kind == "call" else "cds-feedback"}
        return {"type": REST, "subtype": [OPERATION, ours], "action": "E"}
    code, display, detail, words, action = KEEPING.get(kind, OTHER)
    narrower = {"subtype": [{"system": DCM, "code": detail, "display": words}]} if detail else {}
    return {"type": {"system": DCM, "code": code, "display": display}, **narrower, "action": action}


def _outcome(entry: Entry) -> str:
    """0 success, 4 a failure of the caller's, 8 one of ours."""
    known = KINDS.get(str(entry.get("outcome")))
    if entry.get("kind") != "refused":
        return "0"
    return "8" if known and known.status >= 500 else "4"


def _agents(entry: Entry) -> Iterator[Event]:
    reviewer = entry.get("reviewer")
    if isinstance(reviewer, Mapping):
        yield {"who": _who(reviewer.get("name")), "role": [{"text": str(reviewer.get("role"))}], "requestor": True}
        return
    jti = entry.get("jti")
    proof = {"policy": [f"urn:ietf:params:oauth:jti:{quote(str(jti), safe='')}"]} if jti else {}
    for user in whose(entry, "user"):  # an answer tells nobody's name: it is theirs who was shown the card
        asked = user == entry.get("user")
        yield {"type": {"coding": [RECIPIENT]}, "who": _who(user), "requestor": asked, **(proof if asked else {})}
    if entry.get("client") or entry.get("claimedClient"):
        yield {"type": {"coding": [SOURCE]}, "who": _who(entry.get("client") or f"unproven: {entry['claimedClient']}"), "requestor": not entry.get("user")}
    yield {"type": {"coding": [DESTINATION]}, "who": {"display": SERVICE}, "requestor": False}


def _entities(entry: Entry, hash: bytes) -> Iterator[Event]:
    for patient in whose(entry, "patient") or looked_at(entry):
        yield _entity("1", "Person", {"what": _who(patient), "role": {"system": ROLE, "code": "1", "display": "Patient"}})
    if entry.get("hookInstance"):
        request = {"system": BALP_ENTITY, "code": "XrequestId"}
        yield {"what": {"identifier": {"value": _text(entry["hookInstance"])}}, "type": request}
    for card in entry.get("cards") or ():
        yield _object("3", "Report", "card", card.get("uuid"), {"indicator": card.get("indicator"), "topic": card["source"]["topic"]["code"]})
    for rule in entry.get("rules") or ():
        fate = "withheld: silent mode" if entry.get("cardsWithheld") and rule.get("outcome") == "shown" else rule.get("outcome")
        yield _object("13", "Security Resource", "rule", rule.get("rule"), {"outcome": fate})
    for answer in entry.get("feedback") or ():
        reason = (answer.get("reason") or {}).get("code")
        yield _object("3", "Report", "card", answer.get("card"), {"answer": answer.get("outcome"), "reason": reason, "rule": answer.get("rule")})
    if entry.get("viewed"):
        yield _object("13", "Security Resource", "audit entry viewed", entry["viewed"], {})
    yield _object("13", "Security Resource", "audit entry", entry.get("sequence"), {"hash": hash.hex(), "kind": entry.get("kind"), **_asked(entry)})


def _asked(entry: Entry) -> Event:
    return {f"asked {name}": said for name, said in (entry.get("asked") or {}).items()}


def _object(role: str, display: str, name: str, value: Any, details: Mapping[str, Any]) -> Event:
    said = [{"type": key, "valueString": _text(each)} for key, each in details.items() if each]
    what = {"what": {"identifier": {"value": _text(value)}}, "name": name, "role": {"system": ROLE, "code": role, "display": display}}
    return _entity("2", "System Object", {**what, **({"detail": said} if said else {})})


def _entity(code: str, display: str, rest: Event) -> Event:
    return {**rest, "type": {"system": ENTITY_TYPE, "code": code, "display": display}}


def _who(reference: Any) -> Event:
    """A reference where it is one; otherwise, as for keyed tokens, an identifier."""
    said = _text(reference)
    return {"reference": said} if _REFERENCE.fullmatch(said) else {"identifier": {"value": said}}


def _text(said: Any) -> str:
    """As FHIR's strings may be: without control characters, which callers put where they like."""
    return str(said).translate(_NO_CONTROLS)
