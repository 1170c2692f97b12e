"""Is this R4? Told by members that R4 never had."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_mappings.resources import Resource

_NEVER_IN_R4 = {
    resource_type: tuple((name, f'"{name}"'.encode()) for name in names)
    for resource_type, names in {"Condition": ("assertedDate", "context", "patient"), "Observation": ("context", "comment", "related")}.items()
}
"""Each as it is called, and as its bytes are."""


def is_other_version(resources: Iterable[Resource]) -> bool:
    """True when resources carry the marks of an older version and none of them carries R4's own."""
    judged = [each for each in resources if each.type in _NEVER_IN_R4]
    older = [each for each in judged if _is_older(each)]
    return bool(older) and not any(_is_r4(each) for each in judged if each not in older)


def _is_older(resource: Resource) -> bool:
    """Members R4 never had; for a Condition also a status that is a bare word or a category that is no list."""
    if any(written in resource.raw and name in resource.body for name, written in _NEVER_IN_R4[resource.type]):
        return True
    return resource.type == "Condition" and (_starts(resource, "clinicalStatus", b'"') or _starts(resource, "category", b"{"))


def _is_r4(resource: Resource) -> bool:
    if resource.type == "Observation":
        return b'"encounter"' in resource.raw
    return _starts(resource, "clinicalStatus", b"{") or b'"recordedDate"' in resource.raw


def _starts(resource: Resource, member: str, first: bytes) -> bool:
    """Does this member's value begin with that byte? Found in the bytes, and confirmed in the body only where it may be."""
    name = f'"{member}"'.encode()
    place = resource.raw.find(name)
    if place < 0:
        return False
    value = resource.raw[place + len(name) :].lstrip(b" \t\r\n:")
    kinds = {b'"': str, b"{": dict}
    return value.startswith(first) and isinstance(resource.body.get(member), kinds[first])
