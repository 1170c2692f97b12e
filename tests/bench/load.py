"""Calls over kept connections of loopback, and what they cost the process that answers: its CPU, its memory, and the time each call took."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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


# --- the process and its children
def cpu_seconds(pid: int) -> float:
    return sum(int(path.read_text().split()[0]) for each in _tree(pid) for path in Path(f"/proc/{each}/task").glob("*/schedstat")) / 1e9


def audit_seconds(pid: int) -> float:
    """CPU of the thread that writes the audit log: the oldest beside the main one."""
    oldest = min(each for each in map(int, os.listdir(f"/proc/{pid}/task")) if each != pid)
    return int(Path(f"/proc/{pid}/task/{oldest}/schedstat").read_text().split()[0]) / 1e9


def memory_mib(pid: int) -> float:
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in _tree(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]
