"""Each token is good once on all hosts: written down in their one PostgreSQL, the tokens that wait together in one transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from cds_hooks.audit.database import Database, Unavailable
from cds_hooks.audit.tables import used_tokens
from cds_hooks.trust.replay import KEEP_SECONDS, PURGE_SECONDS, WAIT_SECONDS, digest, unavailable
from cds_hooks.trust.verify import Caller

MOST_AT_ONCE = 500
INSERT = insert(used_tokens).on_conflict_do_nothing().returning(used_tokens.c.digest)
"""Returns what was not there before."""


@dataclass(frozen=True, slots=True)
class Use:
    """A token that waits to be written down; `first` tells whether it was not there."""

    digest: bytes
    expires: int
    first: Future[bool] = field(default_factory=Future)


class SharedReplays:
    """One connection on one thread, as the audit log has it. Durable before it says so."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self.database = database
        self.now = now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="replay")
        self._waiting: deque[Use] = deque()
        self._connection: Connection | None = None
        self._purged = 0.0

    async def is_first_use(self, caller: Caller) -> bool:
        use = Use(digest(caller), caller.expires)
        self._waiting.append(use)
        self._thread.submit(self._write)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await asyncio.wrap_future(use.first)
        except Unavailable:
            raise unavailable() from None

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown()

    def _write(self) -> None:
        """Whatever waits by now; a later turn of the thread may find nothing left. Whatever happens, everybody who waits is told."""
        batch = self._gathered()
        try:
            if batch:
                new = self._commit(batch)
                for each in batch:
                    each.first.set_result(each.digest in new)
                    new.discard(each.digest)
        except Unavailable:
            self._drop()
        finally:
            for each in batch:
                if not each.first.done():
                    each.first.set_exception(OSError("the token could not be written down"))

    def _gathered(self) -> list[Use]:
        """Those whose callers still wait."""
        batch: list[Use] = []
        while self._waiting and len(batch) < MOST_AT_ONCE:
            use = self._waiting.popleft()
            if use.first.set_running_or_notify_cancel():
                batch.append(use)
        return batch

    def _commit(self, batch: Sequence[Use]) -> set[bytes]:
        """In one order everywhere, so that no two hosts wait for each other. Returns the digests that were new."""
        rows = [{"digest": each.digest, "expires": each.expires} for each in sorted(batch, key=lambda each: each.digest)]
        connection = self._open()
        with connection.begin():
            self._purge(connection)
            return {bytes(each) for each in connection.execute(INSERT, rows).scalars()}

    def _purge(self, connection: Connection) -> None:
        """Forget tokens that are refused for their age by now, once in a while."""
        now = self.now().timestamp()
        if now - self._purged >= PURGE_SECONDS:
            connection.execute(delete(used_tokens).where(used_tokens.c.expires < int(now) - KEEP_SECONDS))
            self._purged = now

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self.database.ready()
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
