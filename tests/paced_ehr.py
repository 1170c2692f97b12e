"""A FHIR server without a network: each search is answered at its own pace, in the service's own time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx2
from charts import Chart
from fhir_server import FHIR, Asked, FhirServer, outcome

BASE = "http://127.0.0.1:9/fhir"
NEVER = 3600.0


@dataclass(frozen=True)
class Pace:
    """Seconds until the headers, and from these to the last byte; a status other than 200 comes once or always, asking to be left alone for a while."""

    headers: float = 0.0
    body: float = 0.0
    status: int = 200
    retry_after: str = "0"
    once: bool = False


@dataclass
class PacedEhr(httpx2.AsyncBaseTransport):
    """What the transport is to the network: one pool for one server. `pace` by key, `*` for all others."""

    chart: Chart
    pace: dict[str, Pace] = field(default_factory=dict)
    page: int | None = None
    padding: int = 0

    def __post_init__(self) -> None:
        self.fhir = FhirServer(self.chart.resources(), BASE, page=self.page)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = Asked(request.url.raw_path.decode(), dict(request.headers))
        self.fhir.asked.append(asked)
        pace = self.pace.get(asked.key) or self.pace.get("*") or Pace()
        await asyncio.sleep(pace.headers)
        if pace.status != 200 and not (pace.once and self.fhir.times(asked.key) > 1):
            return self._said(pace.status, outcome("error"), pace)
        return self._said(200, self.fhir.found(asked), pace)

    def _said(self, status: int, body: object, pace: Pace) -> httpx2.Response:
        headers = {"Content-Type": FHIR, "Retry-After": pace.retry_after}
        return httpx2.Response(status, headers=headers, stream=Slowly(json.dumps(body).encode() + b" " * self.padding, pace.body))


@dataclass
class Slowly(httpx2.AsyncByteStream):
    """A body in two halves."""

    body: bytes
    seconds: float

    async def __aiter__(self) -> AsyncIterator[bytes]:
        half = len(self.body) // 2
        yield self.body[:half]
        await asyncio.sleep(self.seconds)
        yield self.body[half:]
