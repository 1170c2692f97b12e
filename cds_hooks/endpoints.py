"""Discovery and invocation: each a story of a few lines."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from traceback import extract_tb

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cds_hooks import services
from cds_hooks.aside import worked
from cds_hooks.audit import record
from cds_hooks.audit.log import AuditLog
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed, Reads
from cds_hooks.edge import correlation_id
from cds_hooks.errors import Refusal
from cds_hooks.evaluation import Evaluation, Policy, chart_of, evaluate, refusal
from cds_hooks.protocol import HookCall, read_call
from cds_hooks.wire import check_media_type, json_response, read_body

log = logging.getLogger("cds_hooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a call needs from outside: the clock, new ids, the policy in force, the cap on a body, the EHR's FHIR server, and where entries go."""

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    policy: Policy
    max_body_bytes: int
    reads: Reads
    audit: AuditLog

    async def discover(self, request: Request) -> Response:
        return json_response(services.discovery())

    async def invoke(self, request: Request) -> Response:
        async def body() -> bytes:
            _check_service(request.path_params["service_id"])
            check_media_type(request)
            return await read_body(request, self.max_body_bytes)

        evaluation = await self.answer(body, correlation_id(request))
        return json_response({"cards": [card.on_the_wire() for card in evaluation.cards]})

    async def answer(self, body: Callable[[], Awaitable[bytes]], correlation: str) -> Evaluation:
        """Answer one patient-view call. Nothing is answered, and no Refusal raised, before its audit entry is on disk."""
        begun, at = perf_counter(), self.clock()
        call: HookCall | None = None
        try:
            read = await body()
            call = await worked(len(read), lambda: read_call(read, services.HOOK))
            evaluation = await self._evaluate(call, at, self.reads.until(begun), correlation)
        except Refusal as wrong:
            await self.audit.append(record.refused(wrong, correlation_id=correlation, at=at, latency_ms=_since(begun), call=call))
            raise
        await self.audit.append(record.called(call, evaluation, correlation_id=correlation, at=at, latency_ms=_since(begun)))
        missing = refusal(evaluation)
        if missing:
            raise missing
        return evaluation

    async def _evaluate(self, call: HookCall, at: datetime, until: float, correlation: str) -> Evaluation:
        """From the call to its evaluation: what was sent, what could be read by `until`, and what the rules make of it."""
        try:
            sent = await worked(_size(call.prefetch), lambda: answers(call.prefetch))
            came = await self.reads.complete(call, sent, at.date(), until)
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
