"""Is this R4? Told by members that R4 never had."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

import msgspec

from fhir_mappings.resources import Resource

_NEVER_IN_R4 = {"Condition": ("assertedDate", "context", "patient"), "Observation": ("context", "comment", "related")}
_GLANCED = {resource_type: attrgetter(*members) for resource_type, members in _NEVER_IN_R4.items()}
_NONE_OF_THEM = (msgspec.UNSET, msgspec.UNSET, msgspec.UNSET)
_OPENS: dict[type, bytes] = {str: b'"', dict: b"{"}


def is_other_version(resources: Iterable[Resource]) -> bool:
    """True when resources carry the marks of an older version and none of them carries R4's own."""
    judged = [each for each in resources if each.type in _NEVER_IN_R4]
    older = [_is_older(each) for each in judged]
    return any(older) and not any(_is_r4(each) for each, is_older in zip(judged, older, strict=True) if not is_older)


def _is_older(resource: Resource) -> bool:
    """Members R4 never had; for a Condition also a status that is a bare word or a category that is no list."""
    if resource.glance and _GLANCED[resource.type](resource.glance) != _NONE_OF_THEM:
        return True
    if resource.glance is None and any(member in resource.body for member in _NEVER_IN_R4[resource.type]):
        return True
    return resource.type == "Condition" and (_is(resource, "clinicalStatus", str) or _is(resource, "category", dict))


def _is_r4(resource: Resource) -> bool:
    if resource.type == "Observation":
        return b'"encounter"' in resource.raw
    return b'"recordedDate"' in resource.raw or _is(resource, "clinicalStatus", dict)


def _is(resource: Resource, member: str, kind: type) -> bool:
    """Is this member a text or an object?"""
    if resource.glance is None:
        return isinstance(resource.body.get(member), kind)
    stated = getattr(resource.glance, member)
    return stated is not msgspec.UNSET and bytes(stated).startswith(_OPENS[kind])
