"""What the published OpenAPI says of the endpoints: the call as it is decoded, and every way it can be answered."""

from __future__ import annotations

from typing import Any

import msgspec

from cds_hooks.errors import KINDS
from cds_hooks.feedback import MOST_ITEMS
from cds_hooks.protocol import MAX_ID, CdsResponse, HookCall
from cds_hooks.services import HOOK, SERVICE_ID
from cds_hooks.wire import FHIR_JSON

_NOT_BLANK = {"type": "string", "pattern": r"\S"}
_OUTCOME = {
    "type": "object",
    "required": ["resourceType", "id", "issue"],
    "properties": {"resourceType": {"const": "OperationOutcome"}, "id": {"type": "string"}, "issue": {"type": "array", "minItems": 1}},
}


def call() -> dict[str, Any]:
    """Further members of the operation: its body, by the very type it is decoded into, and the ids there are."""
    (_, schemas) = msgspec.json.schema_components([HookCall], schema_hook=lambda _: {"type": "string"}, ref_template="#/components/schemas/{name}")
    schema = _inlined(schemas["HookCall"], schemas)
    schema["properties"] |= {"hook": {"const": HOOK}, "hookInstance": _NOT_BLANK}
    patient = {"type": "string", "pattern": f"^(Patient/)?[A-Za-z0-9._~:-]{{1,{MAX_ID}}}$"}
    schema["properties"]["context"]["properties"] |= {"userId": _NOT_BLANK, "patientId": patient}
    return _operation(schema)


def feedback() -> dict[str, Any]:
    """The same for feedback. What an answer must hold is a card; the rest is read as far as it is there."""
    item = {"type": "object", "required": ["card"], "properties": {"card": _NOT_BLANK}}
    schema = {"type": "object", "required": ["feedback"], "properties": {"feedback": {"type": "array", "items": item, "maxItems": MOST_ITEMS}}}
    return _operation(schema)


def _operation(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "parameters": [{"name": "service_id", "in": "path", "required": True, "schema": {"type": "string", "enum": [SERVICE_ID]}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "security": [{}, {"token": []}],
    }


def taken() -> dict[int | str, dict[str, Any]]:
    """An empty object, or one of our refusals."""
    empty = {"type": "object", "maxProperties": 0}
    return {200: {"description": "Taken and recorded", "content": {"application/json": {"schema": empty}}}, **refusals()}


def answers() -> dict[int | str, dict[str, Any]]:
    """Cards, or one of our refusals."""
    return {200: {"model": CdsResponse, "description": "Cards"}, **refusals()}


def refusals() -> dict[int | str, dict[str, Any]]:
    """Every status we refuse with, as an OperationOutcome."""
    codes: dict[int, list[str]] = {}
    for kind in KINDS.values():
        codes.setdefault(kind.status, []).append(kind.code)
    return {status: {"description": ", ".join(names), "content": {FHIR_JSON: {"schema": _OUTCOME}}} for status, names in sorted(codes.items())}


def _inlined(schema: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
        return {key: _inlined(value, schemas) for key, value in schema.items()}
    return [_inlined(each, schemas) for each in schema] if isinstance(schema, list) else schema
