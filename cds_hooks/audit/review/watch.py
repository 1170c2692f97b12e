"""Is the log whole, now? Every entry is read again and again while somebody looks at it, beside the calls and never in their way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cds_hooks.audit import index
from cds_hooks.audit.database import Database, Unavailable
from cds_hooks.audit.form import Checkpoint
from cds_hooks.audit.found import CannotRead, Found, opened, shipped
from cds_hooks.audit.index import Coverage
from cds_hooks.audit.verified import Verified, note_verified
from cds_hooks.audit.verify import Damaged, Problem, Report, Row, public_keys, verify
from cds_hooks.errors import Refusal

AGAIN_SECONDS = 10.0
"""From the end of one pass to the beginning of the next."""
LOOKED_AT_SECONDS = 180.0
"""So long after the last look the passes end; the next look begins them again."""
INDEX_PATIENCE_SECONDS = 30.0
"""How long an export waits for the search index."""
BATCH = 100
"""Entries; after each batch as long a rest as it took, so that calls come first."""


class Stopped(Exception):
    """The service ends."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last pass found, when it ended (UTC) and how long it took, and when the newest checkpoint was signed."""

    report: Report
    at: datetime
    seconds: float
    signed_at: str = ""

    @property
    def whole(self) -> bool:
        return self.report.whole


@dataclass(frozen=True, slots=True)
class Log:
    """Where the log lies, its public keys, and the checkpoints that were shipped."""

    database: Database
    where: Path | str
    key_file: Path
    checkpoint_file: Path


@dataclass(slots=True)
class Watch:
    """`verdict` is None until the first pass is over."""

    log: Log
    clock: Callable[[], datetime]
    verdict: Verdict | None = None
    _newest: tuple[int, bytes] = (0, b"")
    """The newest entry of the last pass that found all well, and its hash; the next pass must find it again."""
    _looked_at: float = 0.0
    _passes: asyncio.Task[None] | None = None
    _indexing: asyncio.Task[None] | None = None
    _first: asyncio.Event = field(default_factory=asyncio.Event)
    _ending: threading.Event = field(default_factory=threading.Event)

    async def current(self, patience: float = 1.0) -> Verdict | None:
        """The last verdict; for the first one whoever begins the watch waits a little. From now on the log is watched for some minutes."""
        self._looked_at = monotonic()
        if self._passes is None or self._passes.done():
            self._passes = asyncio.create_task(self._watch())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._first.wait(), patience)
        return self.verdict

    async def indexed(self, patience: float = 0.15) -> Coverage:
        """How far the search index reaches. What takes longer than a caller can wait goes on without him. Raises Refusal when the log cannot be reached."""
        try:
            reached = await asyncio.to_thread(index.bring_up_to_date, self.log.database, patience)
        except Unavailable:
            raise Refusal("audit-unavailable", "The log cannot be looked at now.", {"Retry-After": "5"}) from None
        if not reached.complete and (self._indexing is None or self._indexing.done()):
            self._indexing = asyncio.create_task(self._aside(lambda: index.bring_up_to_date(self.log.database, told=lambda *_: self._check_ending())))
        return reached

    async def newest(self, *, filtered: bool) -> int:
        """The newest entry. Raises Refusal when the index, in which a filter is looked up, does not get there in time: nothing is left out unsaid."""
        if not filtered:
            return (await asyncio.to_thread(index.coverage_of, self.log.database)).head
        reached = await self.indexed(INDEX_PATIENCE_SECONDS)
        if reached.complete:
            return reached.head
        raise Refusal("index-behind", f"The search index covers {reached.through} of {reached.head} entries.", {"Retry-After": "30"})

    async def _watch(self) -> None:
        while monotonic() < self._looked_at + LOOKED_AT_SECONDS:
            await self._aside(self._pass)
            self._first.set()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _aside(self, work: Callable[[], object]) -> None:
        """On another thread, which ends when the service does."""
        self._ending.clear()
        try:
            await asyncio.to_thread(work)
        except asyncio.CancelledError:
            self._ending.set()
            raise
        except (Stopped, *Unavailable):
            return

    def _pass(self) -> None:
        begun, report, signed_at = monotonic(), Report(), ""
        try:
            keys = public_keys(self.log.key_file.read_bytes())
            kept = shipped(self.log.checkpoint_file) if self.log.checkpoint_file.exists() else []
            with opened(self.log.where) as found:
                signed_at = found.checkpoints[-1].recorded if found.checkpoints else ""
                report, newest = self._verified(found, keys, kept)
        except (CannotRead, Damaged, ValueError, OSError) as wrong:
            report.problem, newest = Problem(report.last + 1, f"the log or its public key cannot be read ({type(wrong).__name__})"), (0, b"")
        if report.problem is None:
            self._newest = newest
        self.verdict = Verdict(report, self.clock().astimezone(UTC), monotonic() - begun, signed_at)
        with suppress(*Unavailable):
            note_verified(self.log.database, Verified(self.verdict.at.timestamp(), self.verdict.whole))

    def _verified(self, found: Found, keys: Sequence[Ed25519PublicKey], kept: Sequence[Checkpoint]) -> tuple[Report, tuple[int, bytes]]:
        """The report, and the newest entry with its hash."""
        seen: dict[int, bytes] = {}
        report = verify(self._gently(found.rows, seen), found.checkpoints, keys, kept, every=found.every)
        sequence, hash = self._newest
        if report.problem is None and sequence and seen.get(sequence) != hash:
            report.problem = Problem(min(sequence, report.last + 1), f"the entry {sequence} was there at the last look, and is gone or another one")
        return report, (report.last, seen.get(report.last, b""))

    def _gently(self, rows: Iterator[Row], seen: dict[int, bytes]) -> Iterator[Row]:
        """The rows, with rests; of what is seen, the newest and the newest of the last pass are remembered. Raises Stopped."""
        begun, last = monotonic(), 0
        for number, row in enumerate(rows, 1):
            if row.stored and row.hash:
                if last != self._newest[0]:
                    seen.pop(last, None)
                last = row.stored["sequence"]
                seen[last] = row.hash
            if number % BATCH == 0:
                self._check_ending()
                sleep(monotonic() - begun)
                begun = monotonic()
            yield row

    def _check_ending(self) -> None:
        if self._ending.is_set():
            raise Stopped
