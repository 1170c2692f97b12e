"""Readiness, and leaving in good order: readiness goes away first, then the server stops listening, and calls in hand are answered."""

from __future__ import annotations

import asyncio
import signal
import threading
from dataclasses import dataclass
from types import FrameType

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cds_hooks.audit.log import AuditLog
from cds_hooks.errors import Refusal


@dataclass(slots=True)
class Leaving:
    """`seconds`: how long calls are still taken after readiness is gone, for whoever balances the load to notice."""

    seconds: float
    log: AuditLog
    begun: bool = False
    started: bool = False

    async def ready(self, request: Request) -> Response:
        if self.begun:
            raise Refusal("not-ready", "The service is stopping.", {"Retry-After": "5"})
        if self.log.failing:
            raise Refusal("audit-unavailable", "The audit log cannot be written.", {"Retry-After": "5"})
        return PlainTextResponse("ok\n")

    async def startup(self, request: Request) -> Response:
        """Has the service begun? Says so ever after, whatever becomes of it."""
        if not self.started:
            raise Refusal("not-ready", "The service is starting.", {"Retry-After": "1"})
        return PlainTextResponse("ok\n")

    def watch(self) -> None:
        """Stands before the server's own handler of SIGTERM. Elsewhere than on the main thread no signals arrive, and nothing is done."""
        self.started = True
        stop = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(stop):
            return
        loop = asyncio.get_running_loop()

        def leave(number: int, frame: FrameType | None) -> None:
            self.begun = True
            loop.call_soon_threadsafe(loop.call_later, self.seconds, stop, number, frame)

        signal.signal(signal.SIGTERM, leave)
