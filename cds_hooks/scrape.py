"""`/metrics`: what the workers counted, and how the audit log stands at this moment. Only for who watches over the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import Connection, desc, func, select
from starlette.requests import Request
from starlette.responses import Response

from cds_hooks.audit.database import Unavailable
from cds_hooks.audit.log import AuditLog
from cds_hooks.audit.tables import checkpoints, entries
from cds_hooks.audit.verified import last_verified
from cds_hooks.errors import Refusal
from cds_hooks.metrics import Metrics
from cds_hooks.trust.channel import Channel

NEWEST = select(func.max(entries.c.sequence))
SIGNED = select(checkpoints.c.sequence).order_by(desc(checkpoints.c.sequence)).limit(1)


@dataclass(frozen=True, slots=True)
class Scrape:
    """`channel` knows who may look."""

    metrics: Metrics
    log: AuditLog
    channel: Channel
    clock: Callable[[], datetime]

    async def answer(self, request: Request) -> Response:
        if not self.channel.comes_straight(request.scope):
            raise Refusal("unknown-path", "There is nothing at this path.")
        self.metrics.settle()
        return Response(await asyncio.to_thread(self._told), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _told(self) -> bytes:
        registry = CollectorRegistry()
        registry.register(self.metrics.all_workers())
        registry.register(Standing(self.log, self.clock().timestamp()))
        return generate_latest(registry)


@dataclass(frozen=True, slots=True)
class Standing(Collector):
    """How the audit log stands, looked up now. What cannot be looked up is left out."""

    log: AuditLog
    now: float

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("pncds_audit_writable", "Could this worker write its last entry?", 0 if self.log.failing else 1)
        try:
            with self.log.database.reading() as connection:
                newest, signed, age = self._signed(connection)
                found = last_verified(connection)
        except Unavailable:
            return
        yield GaugeMetricFamily("pncds_audit_entries", "Sequence of the newest entry.", newest)
        yield GaugeMetricFamily("pncds_audit_unsigned_entries", "Entries that no checkpoint covers yet.", newest - signed)
        yield GaugeMetricFamily("pncds_audit_checkpoint_age_seconds", "Age of the oldest entry that no checkpoint covers yet; 0: there is none.", age)
        if found:
            yield GaugeMetricFamily("pncds_audit_verified_timestamp_seconds", "When the log was last verified, from whichever host.", found.at)
            yield GaugeMetricFamily("pncds_audit_whole", "Was the log whole when it was last verified? 0: it was tampered with.", 1 if found.whole else 0)

    def _signed(self, connection: Connection) -> tuple[int, int, float]:
        newest, signed = (int(connection.execute(each).scalar() or 0) for each in (NEWEST, SIGNED))
        oldest = select(entries.c.recorded).where(entries.c.sequence > signed).order_by(entries.c.sequence).limit(1)
        recorded = connection.execute(oldest).scalar()
        return newest, signed, max(0.0, self.now - datetime.fromisoformat(recorded).timestamp()) if recorded else 0.0
