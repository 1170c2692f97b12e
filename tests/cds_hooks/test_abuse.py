"""Slow and idle connections by the hundred, and being told to stop in the middle of the work."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx2
import pytest
from calls import SERVICE, call
from charts import Chart, seen
from keeping import entries
from serving import Running, serving

CONNECTIONS = 500
DEADLINE = 2.0
CALL = json.dumps(call(Chart((seen("leg cramps", 3),)))).encode()


def test_good_traffic_among_slow_and_idle_connections(tmp_path) -> None:
    config = tmp_path / "service.toml"
    config.write_text(f"limits = {{in_flight = 8, body_deadline_s = {DEADLINE}}}\n")

    async def slow(port: int, begun: list[float]) -> tuple[bytes, float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"POST {SERVICE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n".encode())
            begun.append(time.monotonic())
            drip = asyncio.create_task(dripping(writer))
            line = await reader.readline()
            drip.cancel()
            return line, time.monotonic()
        finally:
            writer.close()

    async def dripping(writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.2)

    async def good(base: str) -> list[int]:
        async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
            return [(await client.post(f"{base}{SERVICE}", content=CALL, headers={"content-type": "application/json"})).status_code for _ in range(40)]

    async def story(running: Running) -> None:
        port, begun = int(running.base.rpartition(":")[2]), []
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS // 2)]
        waiting = [asyncio.create_task(slow(port, begun)) for _ in range(CONNECTIONS // 2)]
        while len(begun) < CONNECTIONS // 2:
            await asyncio.sleep(0.01)
        assert await good(running.base) == [200] * 40
        answers = await asyncio.gather(*waiting)
        assert Counter(line.split()[1] for line, _ in answers) == {b"408": CONNECTIONS // 2}
        assert max(at for _, at in answers) - min(begun) < DEADLINE + 8
        for _, writer in idle:
            writer.close()

    with serving(tmp_path, "--config", str(config)) as running:
        asyncio.run(story(running))


@dataclass
class Load:
    """Clients that call until nobody answers, each call on a connection of its own."""

    base: str
    acknowledged: list[str] = field(default_factory=list)
    ready: list[int] = field(default_factory=list)
    sent_away: Counter[str] = field(default_factory=Counter)
    stop: bool = False

    async def run(self, process) -> None:
        async with httpx2.AsyncClient(trust_env=False, timeout=20, headers={"connection": "close"}) as client:
            callers = [asyncio.create_task(self._call(client)) for _ in range(8)]
            watcher = asyncio.create_task(self._watch(client))
            while len(self.acknowledged) < 30:
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            await asyncio.gather(watcher, *callers)

    async def _call(self, client: httpx2.AsyncClient) -> None:
        while True:
            try:
                answer = await client.post(f"{self.base}{SERVICE}", content=CALL, headers={"content-type": "application/json"})
            except (httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError) as gone:
                self.sent_away[type(gone).__name__] += 1
                return
            assert answer.status_code == 200
            self.acknowledged.append(answer.headers["x-correlation-id"])

    async def _watch(self, client: httpx2.AsyncClient) -> None:
        while True:
            try:
                self.ready.append((await client.get(f"{self.base}/readyz")).status_code)
            except httpx2.HTTPError:
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("time", [1, *(pytest.param(each, marks=pytest.mark.heavy) for each in range(2, 11))])
def test_told_to_stop_under_load(tmp_path, workers, time) -> None:
    """Readiness goes first, calls in hand are answered, no acknowledged call is missing from the log, and it ends with success."""
    config = tmp_path / "service.toml"
    config.write_text(f"limits = {{drain_s = {2 if workers == '1' else 0.2}}}\n")  # long enough to be seen on a busy machine, where it is looked at
    with serving(tmp_path, "--workers", workers, "--config", str(config)) as running:
        load = Load(running.base)
        asyncio.run(load.run(running.process))
        assert running.process.wait(timeout=30) == 0
    kept = {entry["correlationId"] for _, entry in entries(running.data_dir) if entry["kind"] == "call"}
    assert set(load.acknowledged) == kept
    assert len(load.acknowledged) >= 30
    assert load.ready[0] == 200
    assert workers != "1" or load.ready[-1] == 503
