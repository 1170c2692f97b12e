"""Where audit entries go: when `append` returns, the entry is on disk, chained to the one before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Protocol

import msgspec

from cds_hooks.audit.database import PATIENCE_SECONDS, Database, Unavailable
from cds_hooks.audit.identifiers import Identifiers
from cds_hooks.audit.issued import Issued, IssuedCards
from cds_hooks.audit.record import Entry
from cds_hooks.audit.signing import Signer
from cds_hooks.audit.writer import Writer, sign
from cds_hooks.audit.writing import Also, Writing
from cds_hooks.errors import Refusal

encode = msgspec.json.Encoder().encode


class AuditLog(Protocol):
    """What an answer waits for: when `append` returns, the entry outlives a power cut. `issued` are the cards it was told were sent."""

    @property
    def issued(self) -> IssuedCards: ...

    @property
    def identifiers(self) -> Identifiers: ...

    @property
    def database(self) -> Database:
        """Where reviewers read the entries."""

    @property
    def failing(self) -> bool:
        """Did the last attempt to write fail, or does it hang?"""

    async def append(self, entry: Entry, *also: Also) -> int:
        """Commit the entry, and what else belongs to it. Returns its sequence.

        Raises Refusal 'audit-unavailable' when it could not be made durable in time. It is then not written, or another one says that nothing was sent.
        """

    async def sign(self) -> None:
        """A checkpoint over the newest entry, now. One that cannot be made is left to the next that is due."""

    async def close(self) -> None: ...


class ChainedLog:
    """The log in a database, written by one thread, so that a slow disk never stops other calls from being read."""

    def __init__(self, database: Database, signer: Signer, folder: Path, identifiers: Identifiers, told: Callable[[float], None] = lambda _: None) -> None:
        self.told = told
        self.identifiers = identifiers
        self.database = database
        self._writer = Writer(database, signer, folder)
        self._start: dict[str, str] = {}
        self._gathered: list[Writing] = []
        self.issued = Issued(database, self._writer.doubt)

    @property
    def failing(self) -> bool:
        return self._writer.failing

    async def append(self, entry: Entry, *also: Also) -> int:
        begun, entry = perf_counter(), {**entry, **self._start}
        told = writing(self.identifiers.hide(entry), *also)
        if entry["kind"] == "start":  # later entries name it: it holds the host and the settings that they were written under
            self._start = {"start": entry["correlationId"]}
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.wrap_future(self._gather(told).done)
        except Unavailable:
            if not told.settle() and not told.done.exception(PATIENCE_SECONDS):  # written in the very moment in which it was to be given up
                return told.done.result()
            raise Refusal("audit-unavailable", "The call could not be recorded, so it was not answered.", {"Retry-After": "5"}) from None
        finally:
            self.told(perf_counter() - begun)

    async def sign(self) -> None:
        with suppress(*Unavailable):
            await asyncio.to_thread(sign, self.database, self._writer.signer, self._writer.folder)

    def _gather(self, entry: Writing) -> Writing:
        """What is told in one turn of the event loop is handed over together, and so goes into one commit."""
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._gathered.append(entry)
        return entry

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        for each in gathered:
            self._writer.write(each)

    async def close(self) -> None:
        await asyncio.to_thread(self._writer.close)
        self.database.engine.dispose()


def writing(entry: Entry, *also: Also) -> Writing:
    return Writing(entry["recorded"], entry["kind"], entry["correlationId"], encode(entry), also)
