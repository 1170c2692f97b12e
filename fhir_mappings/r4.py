"""The one door to fhir.resources: R4B models check the records that become evidence and every resource we emit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

CHECKED = ("Condition", "Observation", "ServiceRequest", "Procedure", "ImagingStudy", "Task", "OperationOutcome", "Bundle", "Patient", "ValueSet", "AuditEvent")


def is_valid(resource: Mapping[str, Any]) -> bool:
    """True when R4B accepts the resource. Hostile content may make the models raise anything; that is not valid either."""
    try:
        _model(str(resource.get("resourceType"))).model_validate(dict(resource))
    except (ValueError, TypeError, KeyError, AttributeError, LookupError, RecursionError, AssertionError, ArithmeticError):
        return False
    return True


def warm_up() -> None:
    """Import the models before the first call needs them."""
    for name in CHECKED:
        _model(name)


@cache
def _model(name: str) -> Any:
    if name not in CHECKED:
        raise LookupError("not a resource type we check")
    return get_fhir_model_class(name)
