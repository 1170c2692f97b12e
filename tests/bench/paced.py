"""Calls that begin by the clock, whatever became of those before: a service that falls behind is seen to, and a call that waits waits in its time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

PATIENCE_SECONDS = 60.0
"""A call that has no answer by then has failed."""
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Paced:
    """Calls to a port of loopback over so many connections, a second so many. `times` are in seconds from when each was due; `failed` have none."""

    port: int
    connections: int
    per_second: float
    times: list[float] = field(default_factory=list)
    failed: int = 0

    async def run(self, calls: Iterator[bytes], seconds: float) -> None:
        free: asyncio.Queue[Connection | None] = asyncio.Queue()
        for _ in range(self.connections):
            free.put_nowait(None)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(self.per_second * seconds)):
                due = began + number / self.per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(self._call(free, due, next(calls)))
        for kept in (free.get_nowait() for _ in range(self.connections)):
            if kept:
                kept[1].close()

    async def _call(self, free: asyncio.Queue[Connection | None], due: float, sent: bytes) -> None:
        """A connection on which a call failed is not used again."""
        kept = await free.get()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                kept = kept or await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
                await _answered(kept, sent)
            self.times.append(time.perf_counter() - due)
        except (OSError, EOFError, ValueError):
            self.failed += 1
            if kept:
                kept[1].close()
            kept = None
        finally:
            free.put_nowait(kept)


async def _answered(connection: Connection, sent: bytes) -> None:
    """Raises ValueError for an answer that is none."""
    reader, writer = connection
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    lengths = (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    await reader.readexactly(next(lengths, -1))
    if not head.startswith(b"http/1.1 200"):
        raise ValueError(head[:300].decode())
