"""The composition root: everything is wired here and nowhere else."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from time import perf_counter
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Scope

from cards.guidance.rules import VERSION as RULE_SET
from cds_hooks import openapi, services, version
from cds_hooks.about.pages import about_routes
from cds_hooks.audit import record
from cds_hooks.audit.log import AuditLog
from cds_hooks.audit.refusals import Refusals
from cds_hooks.audit.review.pages import review_routes
from cds_hooks.audit.store import open_log
from cds_hooks.chart.reads import Reads
from cds_hooks.chart.transport import Transport, certificates
from cds_hooks.edge import CORRELATION_HEADER, Door, Edge, Straight, refusal_response, template
from cds_hooks.endpoints import Service
from cds_hooks.errors import Refusal
from cds_hooks.leaving import Leaving
from cds_hooks.logs import logger, set_up
from cds_hooks.memory import settle_memory
from cds_hooks.metrics import FOLDER, Metrics, share
from cds_hooks.observed import Observed
from cds_hooks.sandbox.pages import sandbox_routes
from cds_hooks.scrape import Scrape
from cds_hooks.settings import Settings, config_file, load
from cds_hooks.traces import traces
from cds_hooks.trust.channel import Channel
from cds_hooks.trust.clients import Client
from cds_hooks.trust.gate import Gate
from cds_hooks.trust.keysets import key_set
from cds_hooks.trust.limits import Buckets, Room
from cds_hooks.trust.replay import SqliteReplays
from cds_hooks.trust.shared_replay import SharedReplays
from cds_hooks.trust.verify import Verifier
from fhir_mappings import r4
from fhir_mappings.terminology import terminology

log = logger()

EXPOSED = (CORRELATION_HEADER, "Retry-After")


def new_uuid() -> str:
    return str(uuid.uuid4())


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = new_uuid,
    audit: AuditLog | None = None,
    seconds: Callable[[], float] = perf_counter,
    transport: Transport | None = None,
) -> Edge:
    """The whole service as an ASGI application. `clock` tells the time of day, `seconds` how much of it has passed; `transport` reads FHIR servers."""
    metrics = Metrics(version(), RULE_SET, [each.name for each in settings.clients], settings.disabled_rules)
    observed = Observed(metrics, traces(settings.traces_endpoint, version()) if settings.traces_endpoint else None)
    kept = audit or open_log(settings, clock, observed.appended)
    refusals = Refusals(kept, clock, new_id, told=metrics.refused)
    service = _service(settings, kept, refusals, clock, new_id, seconds, transport or Transport(seconds, told=observed.read), metrics)
    leaving, sandbox = Leaving(settings.limits.drain_s, kept), settings.profile == "sandbox"
    app = FastAPI(
        title=services.TITLE,
        version=version(),
        lifespan=_lifespan(service, settings, leaving, observed),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if sandbox else None,
    )
    answer = _refused(refusals, settings.canonical_base, app.routes)

    async def refused(failure: Exception, scope: Scope) -> Response:
        return await answer(_as_refusal(failure), scope)

    async def handled(request: Request, failure: Exception) -> Response:
        return await refused(failure, request.scope)

    for kind in (Refusal, HTTPException, Exception):
        app.add_exception_handler(kind, handled)
    _add_routes(app, service, leaving, Scrape(metrics, kept, Channel(settings.profile, settings.metrics_from), clock))
    app.router.routes.extend(about_routes(service.gate, settings, clock))
    app.router.routes.extend(review_routes(service, settings))
    if sandbox:
        app.router.routes.extend(sandbox_routes(service, settings))
    door = Door(Straight(app, "/cds-services", service.invoke, refused), service.gate.channel.refusal, answer)
    return Edge(observed.around(_across_origins(door, settings)), new_id, settings.canonical_base)


def _lifespan(service: Service, settings: Settings, leaving: Leaving, observed: Observed) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What is done before the first call and after the last."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        terminology()
        r4.warm_up()
        certificates()
        await service.audit.append(record.started(service.clock(), service.new_id(), _as_started(settings)))
        await service.audit.sign()
        counting = [asyncio.create_task(each) for each in (service.refusals.flush_each_minute(), service.metrics.settle_each_second())]
        settle_memory()
        leaving.watch()
        log.info("started", profile=settings.profile, version=version())
        yield
        for each in counting:
            each.cancel()
        with suppress(Refusal):
            await service.refusals.flush()
        await service.reads.transport.close()
        await service.gate.replays.close()
        await service.audit.close()
        await asyncio.to_thread(observed.close)
        log.info("stopped")

    return lifespan


def _service(
    settings: Settings,
    log: AuditLog,
    refusals: Refusals,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    seconds: Callable[[], float],
    transport: Transport,
    metrics: Metrics,
) -> Service:
    reads = Reads(transport=transport, reach=settings.reach(), budget_seconds=settings.time_budget_ms / 1000)
    return Service(
        clock=clock,
        seconds=seconds,
        new_id=new_id,
        policy=settings.policy(),
        gate=_gate(settings, log, clock, seconds, metrics),
        reads=reads,
        reads_for={each.name: _reads_of(each, reads, settings) for each in settings.clients},
        quiet_info_days=settings.quiet_days(),
        audit=log,
        refusals=refusals,
        base_url=settings.public_base_url,
        metrics=metrics,
        discovery_requires_auth=settings.discovery_requires_auth and settings.profile == "production",
    )


def _gate(settings: Settings, log: AuditLog, clock: Callable[[], datetime], seconds: Callable[[], float], metrics: Metrics) -> Gate:
    limits = settings.limits
    keys = {each.issuer: key_set(each, settings.profile, seconds) for each in settings.clients}
    return Gate(
        verifier=Verifier({each.issuer: each for each in settings.clients}, keys, clock),
        replays=SharedReplays(log.database, clock) if settings.shares_its_store() else SqliteReplays(settings.data_dir, clock),
        channel=Channel(settings.profile, settings.trusted_proxies),
        token_required=settings.profile == "production",
        addresses=Buckets(limits.per_minute(limits.per_address_per_minute, settings.profile), seconds),
        clients=Buckets(limits.per_minute(limits.per_client_per_minute, settings.profile), seconds),
        arriving=Room(limits.arriving),
        working=Room(limits.in_flight),
        held=Room(limits.held_bytes),
        max_body_bytes=settings.max_body_bytes,
        body_deadline_s=limits.body_deadline_s,
        accepted=metrics.accepted,
    )


def _reads_of(client: Client, reads: Reads, settings: Settings) -> Reads:
    """Reads for one client: its own servers, within its own time, over the same connections."""
    budget = client.time_budget_ms or settings.time_budget_ms
    return replace(reads, reach=client.reach(settings.profile), budget_seconds=budget / 1000)


def _as_started(settings: Settings) -> dict[str, Any]:
    """What governance chose, by name, a fingerprint of everything that was set, and where."""
    return {
        "host": gethostname(),
        "profile": settings.profile,
        "mode": settings.mode,
        "disabledRules": sorted(settings.disabled_rules),
        "criticalIndicator": settings.critical_indicator,
        "quietInfoDays": settings.quiet_days(),
        "identifiers": settings.identifiers,
        "numbersChanged": settings.numbers().overridden(),
        "clients": [each.name for each in settings.clients],
        "fingerprint": settings.fingerprint(),
    }


def _add_routes(app: FastAPI, service: Service, leaving: Leaving, scrape: Scrape) -> None:
    app.add_api_route("/cds-services", service.discover, methods=["GET"], summary="Discovery", response_model=None, responses=openapi.refusals())
    app.add_api_route(
        "/cds-services/{service_id}",
        service.invoke,
        methods=["POST"],
        summary="Call the service",
        responses=openapi.answers(),
        response_model=None,
        openapi_extra=openapi.call(),
    )
    app.add_api_route(
        "/cds-services/{service_id}/feedback",
        service.feedback,
        methods=["POST"],
        summary="What was done with cards",
        responses=openapi.taken(),
        response_model=None,
        openapi_extra=openapi.feedback(),
    )
    for path, probe in (("/livez", _alive), ("/readyz", leaving.ready), ("/startupz", leaving.startup), ("/metrics", scrape.answer)):
        app.add_api_route(path, probe, methods=["GET"], include_in_schema=False)


def _across_origins(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Which pages of the web may call from a browser; outermost, so that every refusal can be read by them too. Never with credentials.

    In the sandbox any page may, and a preflight never fails: what a path does not take is refused when it is called. That is how the
    official CDS Hooks sandbox reaches a service under development.
    """
    if settings.profile == "sandbox":
        return CORSMiddleware(app, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=EXPOSED, allow_private_network=True)
    listed, headers = list(settings.cors_origins), ["Authorization", "Content-Type"]
    return CORSMiddleware(app, allow_origins=listed, allow_methods=["GET", "POST"], allow_headers=headers, expose_headers=EXPOSED)


def from_environment() -> Edge:
    """For worker processes: the settings come from the environment that `serve` prepared."""
    if FOLDER in os.environ:
        share(Path(os.environ[FOLDER]))
    settings = load(config_file())
    set_up(settings.profile)
    return create_app(settings)


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _refused(refusals: Refusals, canonical_base: str, routes: Sequence[BaseRoute]) -> Callable[[Refusal, Scope], Awaitable[Response]]:
    """Answers with a refusal once the log has it; a page that is not there is nobody's call."""

    async def answer(refusal: Refusal, scope: Scope) -> Response:
        correlation = scope["state"]["correlation_id"]
        try:
            if scope["path"].startswith("/cds-services") or refusal.code in {"wrong-host", "insecure-transport"}:
                await refusals.note(refusal, correlation_id=correlation, path=template(routes, scope))
        except Refusal as unrecorded:
            await refusals.note(unrecorded, correlation_id=correlation)
            refusal = unrecorded
        return refusal_response(refusal, correlation, canonical_base)

    return answer


def _as_refusal(failure: Exception) -> Refusal:
    """Ours as it is; Starlette's routing failures by status; anything else is a bug."""
    if isinstance(failure, Refusal):
        return failure
    if not isinstance(failure, HTTPException):
        return Refusal("internal-error", "The service failed.")
    if failure.status_code == 405:
        return Refusal("method-not-allowed", "This path does not take that method.", dict(failure.headers or {}))
    return Refusal("unknown-path", "There is nothing at this path.")
