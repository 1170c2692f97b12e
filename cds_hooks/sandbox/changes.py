"""Small named changes of a chart and of how it is sent: applied to a copy, and undone by no longer asking for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import msgspec

from cds_hooks.sandbox.given import Call
from fhir_mappings.elements import mapping, string, words
from fhir_mappings.queries import QUERIES

Resource = dict[str, Any]
Wishes = Mapping[str, str]
"""The fields of a form: `day:Condition/1`, `state:Condition/1`, `key:conditions`, `all`."""
MOST_FACTS = 40

_HL7 = "http://terminology.hl7.org/CodeSystem"
_DAYS = {
    "Condition": ("onsetDateTime", "recordedDate"),
    "Observation": ("effectiveDateTime", "issued"),
    "ServiceRequest": ("authoredOn",),
    "Procedure": ("performedDateTime",),
    "ImagingStudy": ("started",),
}
"""The members that say when, the first that is there counting."""


def _verified_as(code: str) -> Resource:
    return {"verificationStatus": {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": code}]}}


_DELETED: Resource = {"resourceType": None}
STATES: Mapping[str, Mapping[str, tuple[str, Resource]]] = MappingProxyType(
    {
        "Condition": {
            "refuted": ("refuted", _verified_as("refuted")),
            "unconfirmed": ("not confirmed", _verified_as("unconfirmed")),
            "resolved": ("resolved", {"clinicalStatus": {"coding": [{"system": f"{_HL7}/condition-clinical", "code": "resolved"}]}}),
            "error": ("entered in error", {**_verified_as("entered-in-error"), "clinicalStatus": None}),
            "deleted": ("not in the chart", _DELETED),
        },
        "Observation": {"error": ("entered in error", {"status": "entered-in-error"}), "deleted": ("not in the chart", _DELETED)},
        "ServiceRequest": {"revoked": ("revoked", {"status": "revoked"}), "deleted": ("not in the chart", _DELETED)},
        "Procedure": {"not-done": ("not done", {"status": "not-done"}), "deleted": ("not in the chart", _DELETED)},
        "ImagingStudy": {"cancelled": ("cancelled", {"status": "cancelled"}), "deleted": ("not in the chart", _DELETED)},
    }
)
"""What can be made of a record: the words for it, and the members that change. None takes a member away."""


def _cut_short(value: Any) -> Any:
    bundle = value if mapping(value).get("resourceType") == "Bundle" else {"resourceType": "Bundle", "type": "searchset", "entry": []}
    return {**bundle, "link": [{"relation": "next", "url": "https://ehr.example/fhir?page=2"}]}


_FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception", "diagnostics": "The search failed."}]}
WAYS: Mapping[str, tuple[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "absent": ("left out", lambda _: ...),
        "null": ("null: nothing found", lambda _: None),
        "failed": ("failed: OperationOutcome", lambda _: _FAILED),
        "cut": ("cut short: more pages", _cut_short),
    }
)
"""What the EHR sends for one prefetch key instead."""
SERVERS: Mapping[str, str] = MappingProxyType({"failed": "every search fails", "absent": "sends no prefetch at all"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One record that can be changed: as it is recorded, and as the visitor wants it."""

    reference: str
    title: str
    type: str
    recorded: str
    day: str
    state: str
    states: Mapping[str, tuple[str, Resource]]

    @property
    def changed(self) -> bool:
        return bool(self.state) or self.day != self.recorded


def facts(call: Call, labels: Mapping[str, str], wishes: Wishes) -> list[Fact]:
    """The records of these references, each once, as the wishes would have them. Where the chart has no words for one, the label counts."""
    found: dict[str, Fact] = {}
    for reference, resource in records(call):
        if reference in labels and reference not in found and len(found) < MOST_FACTS:
            recorded = day_of(resource)
            states = STATES.get(reference.partition("/")[0], {})
            state = wishes.get(f"state:{reference}", "")
            found[reference] = Fact(
                reference=reference,
                title=words(resource.get("code")) or labels[reference],
                type=reference.partition("/")[0],
                recorded=recorded,
                day=_as_day(wishes.get(f"day:{reference}", "")) or recorded,
                state=state if state in states else "",
                states=states,
            )
    return list(found.values())


def changed(call: Call, wishes: Wishes) -> Call:
    """A copy of the call whose chart is as the wishes would have it."""
    copy: Call = msgspec.json.decode(msgspec.json.encode(call))
    for reference, resource in records(copy):
        _change(reference, resource, wishes)
    return {**copy, "prefetch": {key: _without_deleted(value) for key, value in mapping(copy.get("prefetch")).items()}}


def sent(call: Call, wishes: Wishes) -> Call:
    """The call as the EHR sends it, of which the wishes may drop, break or shorten a part."""
    values = {key: _sent(key, value, wishes) for key, value in mapping(call.get("prefetch")).items()}
    return {**call, "prefetch": {key: value for key, value in values.items() if value is not ...}}


def with_drafts(call: Call, drafts: Sequence[Resource]) -> Call:
    """The call of an EHR in which the orders among these drafts were kept."""
    orders = [each for each in drafts if each.get("resourceType") == "ServiceRequest"]
    if not orders:
        return call
    prefetch = mapping(call.get("prefetch"))
    sent = mapping(prefetch.get("orders"))
    before = sent.get("entry") if isinstance(sent.get("entry"), list) else []
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [*(before or []), *({"resource": each} for each in orders)]}
    return {**call, "prefetch": {**prefetch, "orders": bundle}}


def records(call: Call) -> Iterator[tuple[str, Resource]]:
    """Every record of the prefetch by its reference, as often as it was sent."""
    for value in mapping(call.get("prefetch")).values():
        entries = mapping(value).get("entry")
        stated = [mapping(each).get("resource") for each in entries] if isinstance(entries, list) else [value]
        for resource in stated:
            if isinstance(resource, dict) and string(resource.get("resourceType")) not in {"", "Bundle", "OperationOutcome"}:
                yield f"{string(resource['resourceType'])}/{string(resource.get('id'))}", resource


def day_of(resource: Mapping[str, Any]) -> str:
    """The day it speaks of, where that is written as a whole date."""
    return _as_day(string(resource.get(_day_member(resource)))[:10])


def _day_member(resource: Mapping[str, Any]) -> str:
    members = _DAYS.get(string(resource.get("resourceType")), ("",))
    return next((each for each in members if string(resource.get(each))), members[0])


def _as_day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat() if len(written) == 10 else ""
    except ValueError:
        return ""


def _change(reference: str, resource: Resource, wishes: Wishes) -> None:
    day, before, member = _as_day(wishes.get(f"day:{reference}", "")), day_of(resource), _day_member(resource)
    if day and day != before and member:
        resource[member] = day + (string(resource.get(member))[10:] if before else "")
    _, members = STATES.get(reference.partition("/")[0], {}).get(wishes.get(f"state:{reference}", ""), ("", {}))
    for name, value in members.items():
        resource[name] = value
        if value is None:
            del resource[name]


def _without_deleted(value: Any) -> Any:
    """A record that was taken out of the chart is one that has lost its type."""
    entries = mapping(value).get("entry")
    if not isinstance(entries, list):
        return value
    return {**value, "entry": [each for each in entries if not isinstance(mapping(each).get("resource"), dict) or "resourceType" in each["resource"]]}


def _sent(key: str, value: Any, wishes: Wishes) -> Any:
    way = wishes.get(f"key:{key}", "")
    everything = wishes.get("all", "")
    chosen = everything if everything in SERVERS else way
    return WAYS[chosen][1](value) if chosen in WAYS else value


def keys(call: Call) -> list[str]:
    """The prefetch keys that can be sent otherwise: those of ours that the call has."""
    return [key for key in QUERIES if key in mapping(call.get("prefetch"))]
