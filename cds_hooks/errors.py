"""Every refusal the service can give: its status, its stable code, and words that say what, why and what to do. Nothing of the request is repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of refusal: HTTP status, FHIR issue type, and the cause and remedy documented for it."""

    code: str
    status: int
    issue: str
    cause: str
    remedy: str


KINDS = {
    each.code: each
    for each in (
        Kind(
            "malformed-request",
            400,
            "structure",
            "What came is no HTTP/1.1, or its request line and headers are too large.",
            "Send HTTP/1.1, through the proxy where there is one, with less than 64 KiB of headers.",
        ),
        Kind(
            "malformed-json",
            400,
            "structure",
            "The body is not strict JSON, is nested too deep, holds more values than a chart can, or says a member twice that decides whose chart it is.",
            "Send one JSON object in UTF-8 without NaN, infinite numbers or lone surrogates, nested at most 64 levels deep, "
            "and above 256 KiB with no more than one value in 8 bytes.",
        ),
        Kind(
            "invalid-request",
            400,
            "invalid",
            "A member is missing, empty or of another type.",
            "Send the members that CDS Hooks 2.0.1 requires for patient-view, with the types it names.",
        ),
        Kind("wrong-hook", 400, "invalid", "The call is for another hook.", "Send the hook that discovery names for this service id."),
        Kind(
            "wrong-host",
            400,
            "forbidden",
            "The sandbox was addressed by a name other than this machine's own.",
            "Address the sandbox as 127.0.0.1 or localhost; it answers no other name.",
        ),
        Kind(
            "insecure-transport",
            400,
            "security",
            "The call came over plain http to the production profile.",
            "Call over https, through the proxy that the operator trusts.",
        ),
        Kind(
            "unauthorized",
            401,
            "login",
            "There is no token, or something is wrong with it; the answer is the same whatever it is.",
            "Send Authorization: Bearer with a fresh JWT of a registered client; the operator can see the cause in the audit log.",
        ),
        Kind(
            "sign-in-needed",
            401,
            "login",
            "Somebody who is not signed in, or whose token is not known, asked for a page of the audit log.",
            "Sign in at /audit/sign-in, or send Authorization: Bearer with a reviewer's token.",
        ),
        Kind(
            "not-permitted",
            403,
            "forbidden",
            "A page or an export of the audit log was asked for by a reviewer without the role for it, or another site asked for what our own pages may.",
            "Ask the operator for the role, or open the page itself.",
        ),
        Kind("unknown-path", 404, "not-found", "There is no such service.", "Use a service id that GET /cds-services lists, without anything after it."),
        Kind("method-not-allowed", 405, "not-supported", "The path does not take this method.", "Use one of the methods in the Allow header."),
        Kind(
            "body-too-slow",
            408,
            "timeout",
            "The body was not there in time.",
            "Send the whole body at once, or ask the operator to raise limits.body_deadline_s.",
        ),
        Kind(
            "data-missing",
            412,
            "required",
            "Neither Conditions nor Observations came, or too little of them to say anything.",
            "Send the prefetch keys named here, as discovery describes them.",
        ),
        Kind(
            "body-too-large",
            413,
            "too-costly",
            "The body is larger than max_body_bytes.",
            "Send less prefetch data, or ask the operator to raise max_body_bytes.",
        ),
        Kind(
            "wrong-media-type",
            415,
            "not-supported",
            "The body is announced as something other than plain JSON in UTF-8.",
            "Send Content-Type: application/json without a Content-Encoding.",
        ),
        Kind(
            "too-many-calls",
            429,
            "throttled",
            "One client or address called more often than `[limits]` allows.",
            "Wait as long as Retry-After says, or ask the operator to raise the limit.",
        ),
        Kind(
            "overloaded",
            503,
            "throttled",
            "The service has as many calls in hand as it takes at once.",
            "Wait as long as Retry-After says and send the same call again; its token was not used up.",
        ),
        Kind("not-ready", 503, "transient", "The process was told to stop.", "Send calls elsewhere; this process is about to stop."),
        Kind(
            "keys-unavailable",
            503,
            "transient",
            "The client's keys were never fetched so far, and its address does not answer.",
            "Try again shortly; the operator should check the client's jwks_url.",
        ),
        Kind(
            "replay-store-unavailable",
            503,
            "transient",
            "Whether the token was used before could not be looked up.",
            "Try again shortly with a new token; the operator should check the disk of the data directory, or the database.",
        ),
        Kind(
            "audit-unavailable",
            503,
            "transient",
            "The audit entry could not be written to disk.",
            "Try again shortly; the operator should check the audit store's disk.",
        ),
        Kind(
            "index-behind",
            503,
            "transient",
            "The search index does not reach the newest entries yet.",
            "Try again shortly, or export without a filter, which needs no index.",
        ),
        Kind("internal-error", 500, "exception", "Something failed that never should.", "This is a bug: report it with the correlation id."),
    )
}


@dataclass(slots=True)
class Refusal(Exception):
    """A call that gets no cards. `reason` is ours alone; `headers` go out with the answer.

    `cause`, and the client that an unproven token names (`claimed`), are told to the audit log only; `audited` says that they were.
    """

    code: str
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""
    claimed: str = ""
    audited: bool = False

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]


def operation_outcome(refusal: Refusal, correlation_id: str, canonical_base: str) -> dict[str, Any]:
    """The refusal as a FHIR OperationOutcome whose id is the correlation id."""
    kind = refusal.kind
    coding = {"system": f"{canonical_base}/CodeSystem/error", "code": kind.code}
    issue = {"severity": "error", "code": kind.issue, "details": {"coding": [coding], "text": f"{refusal.reason} {kind.remedy}"}}
    return {"resourceType": "OperationOutcome", "id": correlation_id, "issue": [issue]}
