"""The one door to fhir.resources: R4B models check the records that become evidence and every resource we emit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import msgspec
from fhir.resources.R4B import get_fhir_model_class

_REFERENCE = re.compile(rb'"reference":"[A-Za-z]+/[A-Za-z0-9.-]{1,64}"')
_written = msgspec.json.Encoder().encode
CHECKED = ("Condition", "Observation", "ServiceRequest", "Procedure", "ImagingStudy", "Task", "OperationOutcome", "Bundle", "Patient", "ValueSet", "AuditEvent")


def is_valid(resource: Mapping[str, Any]) -> bool:
    """True when R4B accepts the resource. Hostile content may make the models raise anything; that is not valid either."""
    try:
        _model(str(resource.get("resourceType"))).model_validate(dict(resource))
    except (ValueError, TypeError, KeyError, AttributeError, LookupError, RecursionError, AssertionError, ArithmeticError):
        return False
    return True


def is_valid_draft(resource: Mapping[str, Any]) -> bool:
    """As `is_valid`, worked out once for all drafts that differ only in which records they refer to. Nothing of those is remembered."""
    form, references = _REFERENCE.subn(rb'"reference":"Type/id"', _written(resource))
    return _is_valid_form(form) if references == form.count(b'"reference":') else is_valid(resource)


@lru_cache(maxsize=256)
def _is_valid_form(form: bytes) -> bool:
    return is_valid(msgspec.json.decode(form))


def warm_up() -> None:
    """Import the models before the first call needs them."""
    for name in CHECKED:
        _model(name)


@cache
def _model(name: str) -> Any:
    if name not in CHECKED:
        raise LookupError("not a resource type we check")
    return get_fhir_model_class(name)
