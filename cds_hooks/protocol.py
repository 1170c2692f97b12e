"""CDS Hooks 2.0.1 on the wire: the call as we read it and the response as we send it. Names are the specification's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic import BaseModel

from cards.model import Card
from cds_hooks.errors import Refusal
from cds_hooks.strict_json import Once, decode

MAX_ID = 256
_PREFETCH = b'"prefetch"'
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
_ID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:")


class Hook(Once):
    member = "hook"


class PatientId(Once):
    member = "patientId, or context around it,"


class Context(msgspec.Struct, frozen=True):
    """The patient-view context. Unknown members are ignored."""

    userId: str  # noqa: N815 - the specification's name
    patientId: PatientId  # noqa: N815 - the specification's name
    encounterId: str | None = None  # noqa: N815 - the specification's name


class HookCall(msgspec.Struct, frozen=True):
    """One call. Each prefetch value is kept as bytes until its key is read; unknown members are ignored."""

    hook: Hook
    hookInstance: str  # noqa: N815 - the specification's name
    context: Context
    fhirServer: str | None = None  # noqa: N815 - the specification's name
    fhirAuthorization: dict[str, Any] | None = None  # noqa: N815 - the specification's name
    prefetch: dict[str, msgspec.Raw] | None = None

    def __repr__(self) -> str:
        """Nothing of the token or the chart."""
        return f"HookCall(hook={self.hook!r})"

    def without_chart(self) -> HookCall:
        """Who calls about whom; its bytes are no longer held."""
        return msgspec.structs.replace(self, fhirAuthorization=None, prefetch=None)

    @property
    def patient_id(self) -> str:
        return bare_id(self.context.patientId, "Patient")


class CdsResponse(BaseModel):
    """What a successful call answers. An empty list means: the rules ran and none fired."""

    cards: list[Card]


def read_call(body: bytes, hook: str) -> HookCall:
    """The call in `body`, checked for `hook`. Raises Refusal, which repeats nothing of the body."""
    call = decode(body, HookCall)
    beside = _beside(body, call.prefetch)
    if beside.count(_PREFETCH) > 1 or _ESCAPED_LETTER.search(beside):
        _refuse_two_charts(body)
    if call.hook != hook:
        raise Refusal("wrong-hook", f"This service answers the hook {hook}.")
    for name, value in (("hookInstance", call.hookInstance), ("context.userId", call.context.userId)):
        if not value.strip():
            raise Refusal("invalid-request", f"The member {name} is empty.")
    bare_id(call.context.patientId, "Patient")
    return call


def _beside(body: bytes, prefetch: Mapping[str, msgspec.Raw] | None) -> bytes:
    """The beginning and the end of the body, each as long as all that is none of these values: whatever stands before or behind them is within."""
    rest = len(body) - sum(map(len, (prefetch or {}).values()))
    return body if 2 * rest >= len(body) else body[:rest] + body[-rest:]


def _refuse_two_charts(body: bytes) -> None:
    """`prefetch` twice would let two readers see two charts."""
    top = json.loads(body, object_pairs_hook=list)
    if [name for name, _ in top].count("prefetch") > 1:
        raise Refusal("malformed-json", "The member prefetch is given twice.")


def bare_id(value: str, resource_type: str) -> str:
    """An id given alone or as `Type/id`. Raises Refusal when it names another type or is no id."""
    prefix, slash, rest = value.strip().rpartition("/")
    if slash and prefix != resource_type:
        raise Refusal("invalid-request", f"context.patientId must be a {resource_type} id.")
    if not rest or len(rest) > MAX_ID or not _ID_CHARACTERS.issuperset(rest.replace("_", "-")):
        raise Refusal("invalid-request", "context.patientId is not an id.")
    return rest
