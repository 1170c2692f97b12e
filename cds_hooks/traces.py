"""Spans for OpenTelemetry, with the extra `otel`: how long a call, its reads and its entry took. No address, no header, no word of a call."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cds_hooks.services import SERVICE_ID

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ATTRIBUTES = frozenset({"http.request.method", "http.route", "http.response.status_code", "pncds.correlation_id", "pncds.read_result"})
"""All that a span may tell."""
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS"})
ROUTES = tuple(
    (re.compile(pattern), route)
    for pattern, route in (
        ("/cds-services", "/cds-services"),
        (f"/cds-services/{SERVICE_ID}", "/cds-services/{id}"),
        (f"/cds-services/{SERVICE_ID}/feedback", "/cds-services/{id}/feedback"),
        ("/audit(/.*)?", "/audit"),
    )
)
UNTRACED = frozenset({"/livez", "/readyz", "/startupz", "/metrics"})
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Traces:
    """Spans of one worker, to whoever `provider` sends them. Each call begins a trace of its own: what a caller says of his is not taken over."""

    provider: TracerProvider
    now: Callable[[], int] = field(default=time.time_ns)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with one span for each request."""
        tracer = self.provider.get_tracer("cds_hooks")

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] in UNTRACED:
                await app(scope, receive, send)
                return
            method, route = scope["method"] if scope["method"] in METHODS else "other", route_of(scope["path"])
            said = {"http.request.method": method, "http.route": route, "pncds.correlation_id": scope["state"]["correlation_id"]}
            # What a failure says may be the patient's: neither its words nor its traceback go into the span.
            with tracer.start_as_current_span(f"{method} {route}", attributes=said, record_exception=False, set_status_on_exception=False) as span:

                async def sending(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        span.set_attribute("http.response.status_code", message["status"])
                    await send(message)

                await app(scope, receive, sending)

        return traced

    def read(self, result: str, seconds: float) -> None:
        """A read from a FHIR server that has just ended."""
        self._ended("fhir read", seconds, {"pncds.read_result": result})

    def appended(self, seconds: float) -> None:
        """An entry that has just been committed, or could not be."""
        self._ended("audit append", seconds, {})

    def _ended(self, name: str, seconds: float, said: dict[str, str]) -> None:
        now = self.now()
        self.provider.get_tracer("cds_hooks").start_span(name, attributes=said, start_time=now - int(seconds * SECOND)).end(now)

    def close(self) -> None:
        """Send what waits, as far as somebody listens."""
        self.provider.shutdown()


def traces(endpoint: str, version: str) -> Traces:
    """Spans go to `endpoint` (OTLP over HTTP) in the background. Raises ImportError without the extra."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource({"service.name": "pinched-nerve-cds", "service.version": version}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return Traces(provider)


def tracing_is_installed() -> bool:
    try:
        return bool(find_spec("opentelemetry.sdk.trace") and find_spec("opentelemetry.exporter.otlp.proto.http"))
    except ImportError:
        return False


def route_of(path: str) -> str:
    """Which of our paths it is, without anything the caller may have put into it."""
    return next((route for pattern, route in ROUTES if pattern.fullmatch(path)), "other")
