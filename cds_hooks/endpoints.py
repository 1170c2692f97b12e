"""Discovery and invocation: each a story of a few lines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from traceback import extract_tb
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cds_hooks import services
from cds_hooks.aside import worked
from cds_hooks.audit import record
from cds_hooks.audit.log import AuditLog
from cds_hooks.audit.refusals import Refusals
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed, Reads
from cds_hooks.edge import correlation_id
from cds_hooks.errors import Refusal
from cds_hooks.evaluation import Evaluation, Policy, chart_of, evaluate, refusal
from cds_hooks.protocol import HookCall, read_call
from cds_hooks.trust.gate import Gate
from cds_hooks.trust.verify import Caller
from cds_hooks.wire import json_response

log = logging.getLogger("cds_hooks")


class Arrives(Protocol):
    """A call on its way in: first who calls, None for nobody in particular, then its body. Both raise Refusal. It leaves once it is answered."""

    async def caller(self) -> Caller | None: ...

    async def body(self) -> bytes: ...

    def leave(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a call needs from outside: the clock, new ids, the policy in force, the gate, the EHRs' FHIR servers, and where entries go.

    `base_url` is the public address that tokens are meant for; `reads` are those of a caller whom no client vouches for.
    """

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    policy: Policy
    gate: Gate
    reads: Reads
    reads_for: Mapping[str, Reads]
    audit: AuditLog
    refusals: Refusals
    base_url: str
    discovery_requires_auth: bool = False

    async def discover(self, request: Request) -> Response:
        if self.discovery_requires_auth:
            self.gate.check_room(request)
            await self.gate.use_up(await self.gate.identified(request, (f"{self.base_url}/cds-services",)))
        return json_response(services.discovery())

    async def invoke(self, request: Request) -> Response:
        _check_service(request.path_params["service_id"])
        arrival = self.gate.arrival(request, (f"{self.base_url}/cds-services/{services.SERVICE_ID}",))
        evaluation = await self.answer(arrival, correlation_id(request))
        return json_response({"cards": [card.on_the_wire() for card in evaluation.cards]})

    async def answer(self, arrival: Arrives, correlation: str) -> Evaluation:
        """Answer one patient-view call. Nothing is answered, and no Refusal raised, before its audit entry is on disk."""
        begun, at = perf_counter(), self.clock()
        caller: Caller | None = None
        call: HookCall | None = None
        try:
            caller = await arrival.caller()
            body = await arrival.body()
            with self.gate.place():
                call = await worked(len(body), lambda: read_call(body, services.HOOK))
                await self.gate.use_up(caller)
                evaluation = await self._evaluate(call, at, begun, self._reads_of(caller), correlation)
                await self.audit.append(record.called(call, evaluation, correlation_id=correlation, at=at, latency_ms=_since(begun), caller=caller))
        except Refusal as wrong:
            await self.refusals.note(wrong, correlation_id=correlation, at=at, latency_ms=_since(begun), call=call, caller=caller)
            raise
        finally:
            arrival.leave()
        missing = refusal(evaluation)
        if missing:
            missing.audited = True
            raise missing
        return evaluation

    def _reads_of(self, caller: Caller | None) -> Reads:
        return self.reads_for[caller.client.name] if caller else self.reads

    async def _evaluate(self, call: HookCall, at: datetime, begun: float, reads: Reads, correlation: str) -> Evaluation:
        """From the call to its evaluation: what was sent, what could be read in time, and what the rules make of it."""
        try:
            sent = await worked(_size(call.prefetch), lambda: answers(call.prefetch))
            came = await reads.complete(call, sent, at.date(), reads.until(begun))
            return await worked(_weight(came), lambda: self._concluded(call, came, at))
        except Exception as failure:  # noqa: BLE001 - audited as a refusal before anything is answered; its words may be the patient's
            where = extract_tb(failure.__traceback__)[-1]
            log.error("evaluation failed (%s): %s at %s line %s", correlation, type(failure).__name__, where.name, where.lineno)  # noqa: TRY400
            raise Refusal("internal-error", "The service failed.") from None

    def _concluded(self, call: HookCall, came: Completed, at: datetime) -> Evaluation:
        return evaluate(chart_of(came, call.patient_id, at.date()), call.patient_id, at, self.policy, self.new_id)


def _size(prefetch: Mapping[str, msgspec.Raw] | None) -> int:
    return sum(len(memoryview(each)) for each in (prefetch or {}).values())


def _weight(came: Completed) -> int:
    return sum(len(each.raw) for answer in came.answers.values() for each in answer.resources)


def _check_service(service_id: str) -> None:
    if service_id != services.SERVICE_ID:
        raise Refusal("unknown-path", "There is no such service.")


def _since(begun: float) -> float:
    return (perf_counter() - begun) * 1000
