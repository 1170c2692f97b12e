"""Is this R4? Told by members that R4 never had."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_mappings.resources import Resource

_NEVER_IN_R4 = {"Condition": ("assertedDate", "context", "patient"), "Observation": ("context", "comment", "related")}


def is_other_version(resources: Iterable[Resource]) -> bool:
    """True when resources carry the marks of an older version and none of them carries R4's own."""
    judged = [each for each in resources if each.type in _NEVER_IN_R4]
    older = [each for each in judged if _is_older(each)]
    return bool(older) and not any(_is_r4(each) for each in judged if each not in older)


def _is_older(resource: Resource) -> bool:
    """Members R4 never had; for a Condition also a status that is a bare word or a category that is no list."""
    if any(resource.starts(member) for member in _NEVER_IN_R4[resource.type]):
        return True
    return resource.type == "Condition" and (resource.starts("clinicalStatus") == b'"' or resource.starts("category") == b"{")


def _is_r4(resource: Resource) -> bool:
    if resource.type == "Observation":
        return b'"encounter"' in resource.raw
    return resource.starts("clinicalStatus") == b"{" or b'"recordedDate"' in resource.raw
