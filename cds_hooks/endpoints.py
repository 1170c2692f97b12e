"""Discovery, invocation and feedback: each a story of a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cards.guidance.decide import Decision
from cards.guidance.rule import Urgency
from cards.model import Card
from cds_hooks import services
from cds_hooks.aside import worked
from cds_hooks.audit import record
from cds_hooks.audit.issued import answer, issue
from cds_hooks.audit.log import AuditLog
from cds_hooks.audit.refusals import Refusals
from cds_hooks.audit.writing import Also
from cds_hooks.chart.prefetch import answers
from cds_hooks.chart.reads import Completed, Reads, weight
from cds_hooks.edge import correlation_id
from cds_hooks.errors import Refusal
from cds_hooks.evaluation import Arrived, Evaluation, Policy, chart_of, concluded, decided, refusal
from cds_hooks.feedback import all_taken, read_feedback
from cds_hooks.logs import logger, where
from cds_hooks.metrics import Counted, Metrics, counted
from cds_hooks.protocol import HookCall, read_call
from cds_hooks.quiet import Quieted, Scope, Shown, fingerprint, quieted
from cds_hooks.trust.gate import Gate
from cds_hooks.trust.verify import Caller
from cds_hooks.wire import json_response

log = logger()
T = TypeVar("T")


class Arrives(Protocol):
    """A call on its way in: first who calls, None for nobody in particular, then its body. Both raise Refusal. It leaves once it is answered."""

    async def caller(self) -> Caller | None: ...

    async def body(self) -> bytes: ...

    def leave(self) -> None: ...


@dataclass(slots=True)
class Visit:
    """What is known so far of one request that came in at `at`, when `seconds` showed `begun`."""

    at: datetime
    seconds: Callable[[], float]
    begun: float
    caller: Caller | None = None
    body: bytes = b""
    call: HookCall | None = None

    @property
    def latency_ms(self) -> float:
        return (self.seconds() - self.begun) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedOut(Generic[T]):
    """What becomes of a call once its entry is on disk: the answer, or the refusal where the chart is `missing`. Holds nothing of the chart."""

    answer: T
    missing: Refusal | None
    entry: record.Entry
    also: Sequence[Also]
    counted: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a call needs from outside: the clock, seconds that pass, new ids, the policy in force, the gate, the EHRs' FHIR servers, and where entries go.

    `base_url` is the public address that tokens are meant for; `reads` are those of a caller whom no client vouches for.
    """

    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    new_id: Callable[[], str]
    policy: Policy
    gate: Gate
    reads: Reads
    reads_for: Mapping[str, Reads]
    quiet_info_days: int
    audit: AuditLog
    refusals: Refusals
    base_url: str
    metrics: Metrics
    discovery_requires_auth: bool = False

    async def discover(self, request: Request) -> Response:
        if self.discovery_requires_auth:
            self.gate.check_room(request)
            await self.gate.use_up(await self.gate.identified(request, (f"{self.base_url}/cds-services",)))
        return json_response(services.discovery())

    async def invoke(self, request: Request) -> Response:
        _check_service(request.path_params["service_id"])
        arrival = self.gate.arrival(request, (f"{self.base_url}/cds-services/{services.SERVICE_ID}",))
        return await self.answer(arrival, correlation_id(request), _response)

    async def feedback(self, request: Request) -> Response:
        _check_service(request.path_params["service_id"])
        own = f"{self.base_url}/cds-services/{services.SERVICE_ID}"
        await self.take(self.gate.arrival(request, (f"{own}/feedback", own)), correlation_id(request))
        return json_response({})

    async def answer(self, arrival: Arrives, correlation: str, said: Callable[[Evaluation], T]) -> T:
        """Answer one patient-view call with what `said` makes of its evaluation. Nothing is answered, and no Refusal raised, before its audit entry is on disk.

        While the answer waits for the disk nothing is kept of the chart: its memory, still warm, is where the next call is worked on.
        """
        async with self._accounted(arrival, correlation) as visit:
            worked_out = await self._worked_out(visit, correlation, said)
            await self.audit.append(worked_out.entry, *worked_out.also)
            self.metrics.called(worked_out.counted, visit.latency_ms / 1000, visit.at.timestamp())
        if worked_out.missing:
            worked_out.missing.audited = True
            raise worked_out.missing
        return worked_out.answer

    async def _worked_out(self, visit: Visit, correlation: str, said: Callable[[Evaluation], T]) -> WorkedOut[T]:
        body, visit.body = visit.body, b""
        call = await worked(len(body), lambda: read_call(body, services.HOOK))
        visit.call = call.without_chart()
        await self.gate.use_up(visit.caller)
        evaluation = await self._evaluate(call, visit, correlation)
        return WorkedOut(
            answer=said(evaluation),
            missing=refusal(evaluation),
            entry=record.called(call, evaluation, correlation_id=correlation, at=visit.at, latency_ms=visit.latency_ms, caller=visit.caller),
            also=self._issue(call, evaluation, visit),
            counted=counted(evaluation),
        )

    async def take(self, arrival: Arrives, correlation: str) -> None:
        """Take what clinicians did with cards. Who was sent a card may quiet its like; of every other answer there is only the entry."""
        async with self._accounted(arrival, correlation) as visit:
            told = read_feedback(visit.body)
            await self.gate.use_up(visit.caller)
            known = await self.audit.issued.known({each.card for each in told})
            takes = all_taken(told, known, _holder(visit.caller), self.policy.canonical_base, visit.at)
            entry = record.fed_back(takes, correlation_id=correlation, at=visit.at, latency_ms=visit.latency_ms, caller=visit.caller)
            await self.audit.append(entry, *(answer(each.feedback.card, each.reason, each.since, each.until) for each in takes if each.since and each.until))
            self.metrics.answered(takes)

    @asynccontextmanager
    async def _accounted(self, arrival: Arrives, correlation: str) -> AsyncIterator[Visit]:
        """One visit from the gate to its answer: let in, its body read, given a place; a Refusal on the way has its entry before it is told."""
        visit = Visit(self.clock(), self.seconds, self.seconds())
        try:
            visit.caller = await arrival.caller()
            visit.body = await arrival.body()
            with self.gate.place():
                yield visit
        except Refusal as wrong:
            await self.refusals.note(wrong, correlation_id=correlation, at=visit.at, latency_ms=visit.latency_ms, call=visit.call, caller=visit.caller)
            raise
        finally:
            arrival.leave()

    def _reads_of(self, caller: Caller | None) -> Reads:
        return self.reads_for[caller.client.name] if caller else self.reads

    async def _evaluate(self, call: HookCall, visit: Visit, correlation: str) -> Evaluation:
        """From the call to its evaluation: what was sent, what could be read in time, what the rules make of it, and what was answered before."""
        at, reads = visit.at, self._reads_of(visit.caller)
        try:
            sent = await worked(_size(call.prefetch), lambda: answers(call.prefetch))
            came = await reads.complete(call, sent, at.date(), reads.until(visit.begun))
            arrived, decision = await worked(weight(came.answers), lambda: self._decided(call, came, at))
            quieted = await self._quieted(decision, call, visit)
            return concluded(arrived, decision, quieted, call.patient_id, at, self.policy, self.new_id)
        except Refusal:
            raise
        except Exception as failure:  # noqa: BLE001 - audited as a refusal before anything is answered; its words may be the patient's
            log.error("evaluation failed", failure=type(failure).__name__, where=where(failure.__traceback__), correlation_id=correlation)  # noqa: TRY400
            raise Refusal("internal-error", "The service failed.") from None

    def _decided(self, call: HookCall, came: Completed, at: datetime) -> tuple[Arrived, Decision | None]:
        arrived = chart_of(came, call.patient_id, at.date())
        return arrived, decided(arrived, at, self.policy)

    async def _quieted(self, decision: Decision | None, call: HookCall, visit: Visit) -> Mapping[str, Quieted]:
        """The advice that was answered or shown before. Looked up only where there is any."""
        if decision is None or not decision.advice:
            return {}
        since = visit.at - timedelta(days=self.quiet_info_days)
        earlier = await self.audit.issued.to(self._scope(call, visit.caller), [each.rule.id for each in decision.advice], visit.at, since)
        return quieted(decision, earlier, self._user(call), self.quiet_info_days, visit.at)

    def _issue(self, call: HookCall, evaluation: Evaluation, visit: Visit) -> list[Also]:
        """Keeps the cards that are about to be sent, so that they can be answered."""
        if not evaluation.cards:
            return []
        scope, client, user = self._scope(call, visit.caller), _holder(visit.caller), self._user(call)
        return [issue([_shown(card, evaluation, scope=scope, client=client, user=user, at=visit.at) for card in evaluation.cards])]

    def _scope(self, call: HookCall, caller: Caller | None) -> bytes:
        return Scope(_holder(caller), call.fhirServer or "", self.audit.identifiers.token(f"Patient/{call.patient_id}")).digest()

    def _user(self, call: HookCall) -> str:
        """PostgreSQL holds no NUL in text: one in a name must not fail the entries of others in its transaction."""
        return self.audit.identifiers.token(call.context.userId.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def _shown(card: Card, evaluation: Evaluation, *, scope: bytes, client: str, user: str, at: datetime) -> Shown:
    """What is sent, on which evidence. A card that rests on no advice can be answered too, and never quiets anything."""
    advice = next((advice for each, advice in evaluation.advised if each is card), None)
    return Shown(
        card=card.uuid,
        client=client,
        scope=scope,
        rule=advice.rule.id if advice else card.source.topic.code,
        urgency=advice.rule.urgency if advice else Urgency.ROUTINE,
        user=user,
        evidence=fingerprint(evaluation.decision, advice) if advice and evaluation.decision else Counter(),
        at=at,
    )


def _response(evaluation: Evaluation) -> Response:
    return json_response({"cards": [card.on_the_wire() for card in evaluation.cards]})


def _holder(caller: Caller | None) -> str:
    """To whom a card was sent: a client, and the one of its tenants."""
    return f"{caller.client.name}/{caller.tenant or ''}" if caller else ""


def _size(prefetch: Mapping[str, msgspec.Raw] | None) -> int:
    return sum(len(memoryview(each)) for each in (prefetch or {}).values())


def _check_service(service_id: str) -> None:
    if service_id != services.SERVICE_ID:
        raise Refusal("unknown-path", "There is no such service.")
