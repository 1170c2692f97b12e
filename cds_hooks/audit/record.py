"""One audit entry: a pure account of a call. References and decisions, never tokens and never whole resources of the chart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import cards
import fhir_mappings
from cards.guidance.findings import Evidence, Found
from cards.guidance.rules import VERSION
from cards.render import INDICATOR
from cds_hooks import version
from cds_hooks.errors import Refusal
from cds_hooks.evaluation import Evaluation
from cds_hooks.feedback import Taken
from cds_hooks.protocol import HookCall
from cds_hooks.services import SERVICE_ID
from cds_hooks.trust.verify import Caller
from fhir_mappings.queries import QUERIES
from fhir_mappings.terminology import terminology

Entry = dict[str, Any]
MAX_RECORDS = 50
"""Of one finding; more are only counted."""
MAX_NAME = 256
"""Longer ids are cut in the log: nobody's real id is that long."""


def called(call: HookCall, evaluation: Evaluation, *, correlation_id: str, at: datetime, latency_ms: float, caller: Caller | None = None) -> Entry:
    """The entry of an answered call."""
    reading = evaluation.arrived.reading
    return {
        **_head("call", correlation_id, at),
        **_client(caller),
        **_who(call),
        "service": SERVICE_ID,
        "sources": _sources(evaluation),
        **_reads(evaluation),
        "recordsIgnored": {str(reason): count for reason, count in reading.ignored.items()},
        "recordsOutsideVocabulary": reading.unmapped,
        "findings": _findings(evaluation),
        "rules": _rules(evaluation),
        "cards": [card.on_the_wire() for card in evaluation.cards],
        **_answerable(evaluation),
        **({"cardsWithheld": [card.on_the_wire() for card in evaluation.withheld]} if evaluation.withheld else {}),
        "outcome": str(evaluation.outcome),
        "latencyMs": round(latency_ms, 3),
    }


def refused(
    refusal: Refusal,
    *,
    correlation_id: str,
    at: datetime,
    latency_ms: float,
    call: HookCall | None = None,
    caller: Caller | None = None,
    path: str | None = None,
) -> Entry:
    """The entry of a request that got no answer, with as much of it as could be read. `path` is that of its route, None for a call or feedback."""
    return {
        **_head("refused", correlation_id, at),
        **_client(caller),
        **(_who(call) if call else {}),
        **_asked_for(path),
        "outcome": refusal.code,
        "reason": refusal.reason,
        **({"cause": refusal.cause} if refusal.cause else {}),
        **({"claimedClient": refusal.claimed} if refusal.claimed else {}),
        "latencyMs": round(latency_ms, 3),
    }


def fed_back(takes: Sequence[Taken], *, correlation_id: str, at: datetime, latency_ms: float, caller: Caller | None = None) -> Entry:
    """The entry of what clinicians did with cards, as it was told, and what became of it."""
    return {
        **_head("feedback", correlation_id, at),
        **_client(caller),
        "service": SERVICE_ID,
        "feedback": [_taken(each) for each in takes],
        "outcome": "feedback taken",
        "latencyMs": round(latency_ms, 3),
    }


def _taken(each: Taken) -> Entry:
    told = {**each.feedback.as_said(), "known": each.shown is not None}
    if each.shown is None:
        return {**told, **({"ofAnotherClient": True} if each.of_another_client else {})}
    card = {"call": each.shown.sequence, "rule": each.shown.rule, "indicator": INDICATOR[each.shown.urgency]}
    quiet = {"quietUntil": each.until.isoformat(timespec="seconds"), "quietSeal": each.shown.seal} if each.until else {}
    data_quality = {"dataQuality": True} if "record-wrong" in each.reasons else {}
    made_up = each.feedback.made_up(each.shown.offered)
    odd = {**({"notOffered": made_up} if made_up else {}), **({"repeat": True} if each.repeated else {})}
    return {**told, **card, **each.shown.whose, **quiet, **data_quality, **odd}


def refused_many(code: str, cause: str, count: int, minute: datetime, *, correlation_id: str, at: datetime, path: str | None = None) -> Entry:
    """The entry of refusals that were only counted: how many of one cause in the minute that began then."""
    counted = {"count": count, "minute": minute.isoformat(timespec="minutes"), **({"cause": cause} if cause else {})}
    return {**_head("refused", correlation_id, at), **_asked_for(path), "outcome": code, **counted}


def _asked_for(path: str | None) -> Entry:
    """The service, unless another part of us was asked."""
    ours = {"service": SERVICE_ID} if path is None or path.startswith("/cds-services") else {}
    return {**ours, **({"path": path} if path else {})}


def started(at: datetime, correlation_id: str, settings: Mapping[str, Any]) -> Entry:
    return {**_head("start", correlation_id, at), "settings": dict(settings), "outcome": "started"}


def kept(kind: str, at: datetime, correlation_id: str, said: Mapping[str, Any]) -> Entry:
    """The entry of something done to the log itself."""
    return {**_head(kind, correlation_id, at), **said}


@cache
def rules_hash() -> str:
    """Of everything that reads a chart, judges it and words a card: changes whenever what is advised may change, but for value sets and settings."""
    sources = [path for package in (cards, fhir_mappings) for path in sorted(Path(package.__file__ or "").parent.rglob("*.py"))]
    return hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()[:16]


def _head(kind: str, correlation_id: str, at: datetime) -> Entry:
    return {
        "recorded": at.isoformat(timespec="milliseconds"),
        "kind": kind,
        "correlationId": correlation_id,
        "versions": {"software": version(), "rules": VERSION, "rulesHash": rules_hash(), "valueSets": terminology().version},
    }


def _client(caller: Caller | None) -> Entry:
    """Who called, where a token proved it."""
    if caller is None:
        return {}
    return {"client": caller.client.name, "jti": caller.jti, **({"tenant": caller.tenant} if caller.tenant else {})}


def _who(call: HookCall) -> Entry:
    known = {"hookInstance": call.hookInstance, "user": call.context.userId, "patient": f"Patient/{call.patient_id}", "encounter": call.context.encounterId}
    return {key: value[:MAX_NAME] for key, value in known.items() if value}


def _sources(evaluation: Evaluation) -> Entry:
    """The state of each key of ours; of keys the client made up only how many there were."""
    states = {key: str(answer.state) for key, answer in evaluation.arrived.answers.items() if key in QUERIES}
    others = len(evaluation.arrived.answers) - len(states)
    return {**states, **({"otherKeys": others} if others else {})}


def _reads(evaluation: Evaluation) -> Entry:
    """Which keys were read from the EHR's FHIR server, what failed and why, and how many records of others came with them."""
    arrived = evaluation.arrived
    reasons = {key: answer.reason for key, answer in arrived.answers.items() if answer.reason and key in QUERIES}
    others = sum(answer.passed_over for answer in arrived.answers.values())
    said = {"keysRead": list(arrived.read), "sourceReasons": reasons, "notRead": arrived.why_not, "recordsOfOthersPassedOver": others}
    return {name: value for name, value in said.items() if value}


def _findings(evaluation: Evaluation) -> list[Entry]:
    if evaluation.decision is None:
        return []
    return [_finding(found) for found in evaluation.decision.findings.looked_at().values() if found.evidence or found.present]


def _finding(found: Found) -> Entry:
    cited = [fact(each) for each in found.evidence[:MAX_RECORDS]]
    more = len(found.evidence) - len(cited)
    return {"finding": str(found.finding), "status": str(found.status), "records": cited, **({"moreRecords": more} if more else {})}


def fact(evidence: Evidence) -> Entry:
    """Where a fact stands and how it was read; not the words of the chart."""
    said = {"record": evidence.record.reference[:MAX_NAME], "concept": str(evidence.concept), "presence": str(evidence.presence), "code": evidence.coded}
    return {**{key: value for key, value in said.items() if value}, **({"flags": sorted(map(str, evidence.flags))} if evidence.flags else {})}


def _answerable(evaluation: Evaluation) -> Entry:
    """Which card is of which rule and rests on which evidence, and which were kept quiet by an earlier answer."""
    shown = [{"card": card.uuid, "rule": advice.rule.id} for card, advice in evaluation.advised]
    return {**({"shown": shown} if shown else {}), **({"quieted": [each.as_said() for each in evaluation.quieted]} if evaluation.quieted else {})}


def _rules(evaluation: Evaluation) -> list[Entry]:
    if evaluation.decision is None:
        return []
    verdicts = evaluation.decision.verdicts
    return [{"rule": each.rule, "outcome": each.outcome, **({"reason": each.reason} if each.reason else {})} for each in verdicts]
