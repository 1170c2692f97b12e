"""What a visitor gives becomes a call: a sample patient, or a FHIR Bundle or CDS Hooks request that was pasted or dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from cds_hooks.chart.bundle import NotAChart, call_for
from cds_hooks.errors import Refusal
from cds_hooks.protocol import read_call
from cds_hooks.sandbox.samples import Sample
from cds_hooks.services import HOOK
from cds_hooks.strict_json import decode
from cds_hooks.wire import encode
from fhir_mappings.elements import mapping, string

Call = dict[str, Any]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ASK_FOR = "Paste a FHIR R4 Bundle of one patient as JSON, such as a FHIR server's answer to Patient/ID/$everything, or a CDS Hooks request."


class Unusable(ValueError):
    """What was given is no chart. The message says what is wrong and what to do, and repeats nothing of it."""


def from_sample(sample: Sample, day: date, new_id: Callable[[], str]) -> Call:
    """The sample as a patient whom nobody has seen before: answers that others gave to the cards of earlier ones keep nothing quiet."""
    visit = new_id()
    bundle = sample.as_of(day)
    patient = string(mapping(bundle["entry"][0]["resource"]).get("id"))
    renamed = json.dumps(bundle).replace(f'{patient}"', f'{patient}-{visit[:8]}"')
    return call_for(json.loads(renamed), visit)


def from_text(text: bytes, new_id: Callable[[], str]) -> Call:
    """The call that a Bundle stands for, or the request itself. Raises Unusable."""
    given = text.strip().removeprefix(BYTE_ORDER_MARK)
    if not given:
        raise Unusable(f"Nothing was given. {ASK_FOR}")
    if given.startswith(b"<"):
        raise Unusable("This is XML or HTML; only JSON is read. Ask the FHIR server for application/fhir+json, or add ?_format=json to the address.")
    try:
        document = decode(given, dict[str, Any])
    except Refusal as wrong:
        raise Unusable(_no_json(given, wrong)) from None
    return _as_call(document, new_id)


def of_form(text: str) -> Call:
    """A call that one of our own pages brings back. Raises Unusable when it is none of ours any more."""
    try:
        call = decode(text.encode(), dict[str, Any])
        read_call(encode(call), HOOK)
    except (Refusal, UnicodeError):
        raise Unusable("The chart was lost on the way. Open it again from the start page.") from None
    return call


def _as_call(document: Call, new_id: Callable[[], str]) -> Call:
    try:
        if document.get("resourceType") == "Bundle":
            return call_for(document, new_id())
        if "resourceType" in document:
            raise Unusable(f"This is a single FHIR resource, and a chart is a Bundle of many. {ASK_FOR}")
        if "hook" not in document:
            raise Unusable(f"This is JSON, but neither a FHIR Bundle (it has no resourceType) nor a CDS Hooks request (it has no hook). {ASK_FOR}")
        read_call(msgspec.json.encode(document), HOOK)
    except NotAChart as wrong:
        raise Unusable(str(wrong)) from None
    except Refusal as wrong:
        raise Unusable(f"This is no patient-view call. {wrong.reason} {wrong.kind.remedy}") from None
    return document


def _no_json(given: bytes, wrong: Refusal) -> str:
    """Where it stops being JSON, as far as that can be said."""
    try:
        json.loads(given)
    except json.JSONDecodeError as there:
        where = f"line {there.lineno}, column {there.colno}"
        if there.msg == "Extra data":
            return f"The JSON ends before the text does: more follows at {where}. One Bundle is needed; put lines of NDJSON into its entry list."
        told = f"{where}: {there.msg[0].lower()}{there.msg[1:]}"
        return f"This is not valid JSON. It stops making sense at {told}. Often the end was cut off in copying, or a comma is missing."
    except (ValueError, RecursionError):
        pass
    return f"{wrong.reason} {wrong.kind.remedy}"
