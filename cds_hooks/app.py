"""The composition root: everything is wired here and nowhere else."""

from __future__ import annotations

import gc
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cds_hooks import services, version
from cds_hooks.audit import record
from cds_hooks.audit.log import AuditLog, SqliteAuditLog
from cds_hooks.chart.reads import Reads
from cds_hooks.chart.transport import Transport, certificates
from cds_hooks.edge import Edge, LoopbackOnly, correlation_id, refusal_response
from cds_hooks.endpoints import Service
from cds_hooks.errors import Refusal
from cds_hooks.protocol import CdsResponse, HookCall
from cds_hooks.sandbox.pages import sandbox_routes
from cds_hooks.settings import Settings, config_file, load
from fhir_mappings import r4
from fhir_mappings.terminology import terminology

GC_THRESHOLDS = (50_000, 20, 1_000)
"""Python's cyclic collector made most of the tail: 18 times on p99 in the measurements this follows."""


def new_uuid() -> str:
    return str(uuid.uuid4())


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now, new_id: Callable[[], str] = new_uuid, audit: AuditLog | None = None) -> Edge:
    """The whole service as an ASGI application."""
    log = audit or SqliteAuditLog(settings.data_dir)
    reads = Reads(transport=Transport(perf_counter), reach=settings.reach(), budget_seconds=settings.time_budget_ms / 1000)
    service = Service(clock=clock, new_id=new_id, policy=settings.policy(), max_body_bytes=settings.max_body_bytes, reads=reads, audit=log)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        terminology()
        r4.warm_up()
        certificates()
        await log.append(
            record.started(clock(), new_id(), {"profile": settings.profile, "mode": settings.mode, "numbersChanged": settings.numbers().overridden()})
        )
        settle_memory()
        yield
        await reads.transport.close()
        await log.close()

    app = FastAPI(title=services.TITLE, version=version(), lifespan=lifespan, redirect_slashes=False, docs_url=None, redoc_url=None)
    app.add_exception_handler(Refusal, _refused(settings))
    app.add_exception_handler(HTTPException, _refused(settings))
    app.add_exception_handler(Exception, _refused(settings))
    _add_routes(app, service)
    if settings.profile == "sandbox":
        _open_to_this_machine(app, service, settings)
    return Edge(app, new_id, settings.canonical_base)


def _add_routes(app: FastAPI, service: Service) -> None:
    app.add_api_route("/cds-services", service.discover, methods=["GET"], summary="Discovery", response_model=None)
    app.add_api_route(
        "/cds-services/{service_id}",
        service.invoke,
        methods=["POST"],
        summary="Call the service",
        responses={200: {"model": CdsResponse}},
        response_model=None,
        openapi_extra=_request_schema(),
    )
    app.add_api_route("/livez", _alive, methods=["GET"], include_in_schema=False)
    app.add_api_route("/readyz", _alive, methods=["GET"], include_in_schema=False)


def _open_to_this_machine(app: FastAPI, service: Service, settings: Settings) -> None:
    """The sandbox: sample patients and pages, any browser, only by a loopback name."""
    app.router.routes.extend(sandbox_routes(service, settings))
    app.add_middleware(LoopbackOnly, settings.canonical_base)
    # A preflight never fails here: the sandbox takes no credentials, and what a path does not take is refused when it is called.
    # Pages of the public web may call this machine, which is how the official CDS Hooks sandbox reaches a service under development.
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=["X-Correlation-Id"], allow_private_network=True
    )


def from_environment() -> Edge:
    """For worker processes: the settings come from the environment that `serve` prepared."""
    return create_app(load(config_file()))


def settle_memory() -> None:
    """After start-up nothing loaded so far is garbage, and collections of what calls leave behind can wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _refused(settings: Settings) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, failure: Exception) -> Response:
        return refusal_response(_as_refusal(failure), correlation_id(request), settings.canonical_base)

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


def _request_schema() -> dict[str, Any]:
    """The call's JSON schema for OpenAPI, made from the very type the body is decoded into."""
    (_, schemas) = msgspec.json.schema_components([HookCall], ref_template="#/components/schemas/{name}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _inlined(schemas["HookCall"], schemas)}}}}


def _inlined(schema: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
        return {key: _inlined(value, schemas) for key, value in schema.items()}
    return [_inlined(each, schemas) for each in schema] if isinstance(schema, list) else schema
