"""Whoever watches over the service: what is counted always, spans where they are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp

from cds_hooks.metrics import Metrics
from cds_hooks.traces import Traces


@dataclass(frozen=True, slots=True)
class Observed:
    metrics: Metrics
    traces: Traces | None = None

    def around(self, app: ASGIApp) -> ASGIApp:
        return self.traces.around(app) if self.traces else app

    def read(self, result: str, seconds: float) -> None:
        """A read from a FHIR server has ended."""
        self.metrics.read(result, seconds)
        if self.traces:
            self.traces.read(result, seconds)

    def appended(self, seconds: float) -> None:
        """An entry has been committed, or could not be."""
        self.metrics.appended(seconds)
        if self.traces:
            self.traces.appended(seconds)

    def close(self) -> None:
        """Tell what waits to be told."""
        self.metrics.settle()
        if self.traces:
            self.traces.close()
