"""The outermost layer: a correlation id on every answer, tidy paths, and no exception that leaves as anything but an OperationOutcome."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cds_hooks.errors import Refusal, operation_outcome
from cds_hooks.wire import FHIR_JSON, encode

CORRELATION_HEADER = "X-Correlation-Id"
log = logging.getLogger("cds_hooks")


class Edge:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, new_id: Callable[[], str], canonical_base: str) -> None:
        self.app = app
        self.new_id = new_id
        self.canonical_base = canonical_base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        correlation_id = self.new_id()
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        scope["path"] = tidy(scope["path"])
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], (CORRELATION_HEADER.lower().encode(), correlation_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as failure:  # noqa: BLE001 - the one edge where any failure becomes an OperationOutcome
            # Only the type: a message or a traceback may hold words of the chart.
            log.error("call failed: %s, correlation id %s", type(failure).__name__, correlation_id)  # noqa: TRY400
            if not started:
                answer = refusal_response(Refusal("internal-error", "The service failed."), correlation_id, self.canonical_base)
                await answer(scope, receive, send_with_id)


class LoopbackOnly:
    """Answers only calls that name this machine by a loopback address, so that no page of the web can reach it under the page's own name."""

    def __init__(self, app: ASGIApp, canonical_base: str) -> None:
        self.app = app
        self.canonical_base = canonical_base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _names_loopback(scope):
            refusal = Refusal("wrong-host", "The Host header names no loopback address.")
            await refusal_response(refusal, scope["state"]["correlation_id"], self.canonical_base)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _names_loopback(scope: Scope) -> bool:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    try:
        return bool(hosts) and all(is_loopback(urlsplit(f"//{host}").hostname or "") for host in hosts)
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def tidy(path: str) -> str:
    """Extra slashes are passed over, never redirected: a redirect would lose the body of a POST."""
    return re.sub(r"/{2,}", "/", path).rstrip("/") or "/"


def correlation_id(request: Request) -> str:
    return str(request.state.correlation_id)


def refusal_response(refusal: Refusal, correlation: str, canonical_base: str) -> Response:
    body: dict[str, Any] = operation_outcome(refusal, correlation, canonical_base)
    return Response(encode(body), refusal.kind.status, dict(refusal.headers), FHIR_JSON)
