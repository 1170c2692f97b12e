"""Calls over kept connections of loopback, what they cost the process that answers, and the time each took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.process import cpu_seconds

PATH = "/cds-services/pinched-nerve-patient-view"


@dataclass(frozen=True)
class Measured:
    """One stretch of calls: CPU of the answering process in milliseconds a call, calls a second, and the times they took in milliseconds."""

    cpu_ms: float
    per_second: float
    p50_ms: float
    p99_ms: float


def request(body: bytes, authorization: str = "", path: str = PATH) -> bytes:
    said = f"Authorization: {authorization}\r\n" if authorization else ""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{said}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def measured(port: int, pid: int, requests: Sequence[bytes], seconds: float, connections: int) -> Measured:
    """As many calls as fit into the time, or as there are where each may be sent only once."""
    began, used = time.perf_counter(), cpu_seconds(pid)
    times = asyncio.run(_load(port, requests, seconds, connections))
    passed, used = time.perf_counter() - began, cpu_seconds(pid) - used
    times.sort()
    return Measured(used / len(times) * 1000, len(times) / passed, times[len(times) // 2] * 1000, times[min(len(times) - 1, len(times) * 99 // 100)] * 1000)


def answered(port: int, requests: Sequence[bytes], connections: int) -> list[float]:
    """How long each call took, in seconds, when all are sent, however long that takes."""
    return asyncio.run(_load(port, requests, float("inf"), connections))


async def _load(port: int, requests: Sequence[bytes], seconds: float, connections: int) -> list[float]:
    until, waiting = time.perf_counter() + seconds, _sent(requests)
    return [each for found in await asyncio.gather(*(_caller(port, waiting, until) for _ in range(connections))) for each in found]


def _sent(requests: Sequence[bytes]) -> Iterator[bytes]:
    """One request again and again, or each of several once."""
    while len(requests) == 1:
        yield requests[0]
    yield from requests


async def _caller(port: int, waiting: Iterator[bytes], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    times: list[float] = []
    try:
        while (not times or time.perf_counter() < until) and (request := next(waiting, None)):
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            answer = await reader.readexactly(length)
            times.append(time.perf_counter() - began)
            if not head.startswith(b"HTTP/1.1 200"):
                raise AssertionError((head + answer)[:500])
    finally:
        writer.close()
    return times
