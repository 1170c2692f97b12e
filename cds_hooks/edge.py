"""The outermost layer: a correlation id on every answer, tidy paths, and no exception that leaves as anything but an OperationOutcome."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cds_hooks.errors import Refusal, operation_outcome
from cds_hooks.logs import logger, where
from cds_hooks.wire import FHIR_JSON, encode

CORRELATION_HEADER = "X-Correlation-Id"
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
)
"""On every answer, unless it says otherwise itself, as a page does."""
log = logger()


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
        outgoing = Outgoing(send, correlation_id)
        try:
            await self.app(scope, receive, outgoing)
        except Exception as failure:  # noqa: BLE001 - the one edge where any failure becomes an OperationOutcome
            _tell(failure, correlation_id)
            if not outgoing.started:
                answer = refusal_response(Refusal("internal-error", "The service failed."), correlation_id, self.canonical_base)
                await answer(scope, receive, outgoing)
        if outgoing.withheld:
            answer = refusal_response(Refusal("invalid-request", "The request was not understood."), correlation_id, self.canonical_base)
            await answer(scope, receive, outgoing)

    def malformed(self) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Headers and body of the answer to what never became a request."""
        correlation_id = self.new_id()
        answer = refusal_response(Refusal("malformed-request", "This is no request in HTTP."), correlation_id, self.canonical_base)
        return [*answer.raw_headers, (CORRELATION_HEADER.lower().encode(), correlation_id.encode()), *SECURITY_HEADERS], bytes(answer.body)


class Outgoing:
    """The way out of one call: each answer gets the correlation id, and a library's refusal in words of its own is withheld."""

    def __init__(self, send: Send, correlation_id: str) -> None:
        self.send = send
        self.header = (CORRELATION_HEADER.lower().encode(), correlation_id.encode())
        self.started = False
        self.withheld = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.withheld = _is_foreign_refusal(message)
            self.started = not self.withheld
            said = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], self.header, *(each for each in SECURITY_HEADERS if each[0] not in said)]
        if not self.withheld:
            await self.send(message)


def _tell(bug: Exception, correlation_id: str) -> None:
    """Only its type and place: a message or a traceback may hold words of the chart."""
    log.error("call failed", failure=type(bug).__name__, where=where(bug.__traceback__), correlation_id=correlation_id)


def _is_foreign_refusal(start: Message) -> bool:
    """A refusal by a library below us, in words of its own."""
    return start["status"] >= 400 and (b"content-type", FHIR_JSON.encode()) not in start["headers"]


class Door:
    """Turns away requests that came by the wrong name or over a way that others can listen to."""

    def __init__(self, app: ASGIApp, refusal: Callable[[Scope], Refusal | None], answer: Callable[[Refusal, Scope], Awaitable[Response]]) -> None:
        self.app = app
        self.refusal = refusal
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self.refusal(scope) if scope["type"] == "http" else None
        if refusal:
            await (await self.answer(refusal, scope))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Straight:
    """Calls go straight to what answers them: layers and routing of the framework cost 0.15 ms, which no call has use for."""

    def __init__(
        self, app: ASGIApp, prefix: str, invoke: Callable[[Request], Awaitable[Response]], refused: Callable[[Exception, Scope], Awaitable[Response]]
    ) -> None:
        self.app = app
        self.prefix = prefix
        self.invoke = invoke
        self.refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before, _, service_id = scope["path"].rpartition("/") if scope["type"] == "http" and scope["method"] == "POST" else ("", "", "")
        if before != self.prefix:
            await self.app(scope, receive, send)
            return
        scope["path_params"] = {"service_id": service_id}
        try:
            response = await self.invoke(Request(scope, receive, send))
        except Exception as failure:  # noqa: BLE001 - recorded and answered: a refusal as it is, anything else as a bug
            if not isinstance(failure, Refusal):
                _tell(failure, scope["state"]["correlation_id"])
            response = await self.refused(failure, scope)
        await response(scope, receive, send)


def tidy(path: str) -> str:
    """Extra slashes are passed over, never redirected: a redirect would lose the body of a POST."""
    return re.sub(r"/{2,}", "/", path).rstrip("/") or "/"


def template(routes: Iterable[BaseRoute], scope: Scope) -> str:
    """The path of the route that takes a request, with nothing of the request in it; empty where there is none."""
    known = (each.path for each in routes if isinstance(each, Route) and each.path_regex.match(scope["path"]))
    return next(known, "/cds-services" if scope["path"].startswith("/cds-services") else "")


def correlation_id(request: Request) -> str:
    return str(request.state.correlation_id)


def refusal_response(refusal: Refusal, correlation: str, canonical_base: str) -> Response:
    body: dict[str, Any] = operation_outcome(refusal, correlation, canonical_base)
    return Response(encode(body), refusal.kind.status, dict(refusal.headers), FHIR_JSON)
