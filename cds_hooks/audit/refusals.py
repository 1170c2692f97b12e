"""Refusals in the audit log: one by one up to a rate, then counted per cause and minute, so that a flood cannot fill the disk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cds_hooks.audit import record
from cds_hooks.audit.log import AuditLog
from cds_hooks.errors import Refusal
from cds_hooks.protocol import HookCall
from cds_hooks.trust.verify import Caller

ONE_BY_ONE = 60
"""A minute, in each worker process; the others of that minute are counted."""
COUNTED = frozenset(
    {
        "wrong-host",
        "insecure-transport",
        "unauthorized",
        "sign-in-needed",
        "not-permitted",
        "unknown-path",
        "method-not-allowed",
        "wrong-media-type",
        "body-too-slow",
        "body-too-large",
        "too-many-calls",
        "overloaded",
        "keys-unavailable",
        "replay-store-unavailable",
    }
)
"""Refusals that cost a stranger nothing to provoke. Those of a call that was let in are always written one by one."""
SECONDS = 60.0


@dataclass(slots=True)
class Refusals:
    audit: AuditLog
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    alone: Counter[datetime] = field(default_factory=Counter)
    counted: Counter[tuple[datetime, str, str, str | None]] = field(default_factory=Counter)
    told: Callable[[Refusal], None] = lambda _: None
    """Whoever counts refusals hears of each once."""

    async def note(
        self,
        wrong: Refusal,
        *,
        correlation_id: str,
        at: datetime | None = None,
        latency_ms: float = 0.0,
        call: HookCall | None = None,
        caller: Caller | None = None,
        path: str | None = None,
        who: Mapping[str, Any] | None = None,
    ) -> None:
        """Has the refusal in the log, or counted, before it is told. Raises Refusal 'audit-unavailable'.

        `path` says which route was asked for, None for a call or feedback; `who` names a reviewer.
        """
        if wrong.audited:
            return
        wrong.audited = True
        self.told(wrong)
        if wrong.code == "audit-unavailable":
            return
        at = at or self.clock()
        minute = at.replace(second=0, microsecond=0)
        if wrong.code in COUNTED and self.alone[minute] >= ONE_BY_ONE:
            self.counted[minute, wrong.code, wrong.cause, path] += 1
            return
        self.alone[minute] += wrong.code in COUNTED
        entry = record.refused(wrong, correlation_id=correlation_id, at=at, latency_ms=latency_ms, call=call, caller=caller, path=path)
        await self.audit.append({**entry, **(who or {})})

    async def flush(self) -> None:
        """One entry for each cause, route and minute counted so far. Raises Refusal when the log is down; what is not written stays counted."""
        this_minute = self.clock().replace(second=0, microsecond=0)
        self.alone = Counter({minute: count for minute, count in self.alone.items() if minute >= this_minute})
        while self.counted:
            (minute, code, cause, path), count = self.counted.popitem()
            entry = record.refused_many(code, cause, count, minute, correlation_id=self.new_id(), at=self.clock(), path=path)
            try:
                await self.audit.append(entry)
            except Refusal:
                self.counted[minute, code, cause, path] += count
                raise

    async def flush_each_minute(self) -> None:
        """Runs until cancelled. A log that is down for a moment keeps the counts for the next minute."""
        while True:
            await asyncio.sleep(SECONDS)
            with suppress(Refusal):
                await self.flush()
