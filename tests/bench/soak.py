"""`make soak`: the service at 70 % of what it can do, for MINUTES. Fails when memory or file descriptors grow, or any call does."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.__main__ import service  # noqa: E402
from bench.bodies import body  # noqa: E402
from bench.load import measured, memory_mib, request  # noqa: E402
from bench.machine import machine  # noqa: E402
from bench.plots import draw  # noqa: E402

SHARE = 0.7
MIX = {"315 B": 60, "50 KB": 25, "121 KB": 10, "500 KB": 4, "5 MB": 1}
"""Of a hundred calls; one in ten of each size has a critical card."""
CARDS = 0.1
CONNECTIONS = 32
SAMPLES = 12
"""At the least; they are at most 15 seconds apart."""
MORE_MIB, MORE_DESCRIPTORS = 32, 8
"""What the last third of a run may take beyond the first: the allocator's play with bodies of 5 MB, and threads that come late."""
SETTLED_SECONDS = 0.3
PAGE = ROOT / "docs" / "performance-soak.md"


@dataclass(frozen=True)
class Sample:
    """One stretch: seconds since the beginning, MiB, descriptors, calls a second, and the times they took in milliseconds."""

    at: float
    memory: float
    descriptors: int
    per_second: float
    p50: float
    p99: float


def drawn(seed: int) -> Iterator[bytes]:
    draw_ = random.Random(seed)
    sent = {(size, cards): request(body(size, cards=cards)) for size in MIX for cards in (False, True)}
    while True:
        size = draw_.choices(list(MIX), list(MIX.values()))[0]
        yield sent[size, draw_.random() < CARDS]


def capacity(port: int, pid: int, seconds: float) -> float:
    """Calls a second of the mix when every connection asks as soon as it is answered."""
    calls = drawn(1)
    return measured(port, pid, [next(calls) for _ in range(100_000)], seconds, 8).per_second


async def held(port: int, per_second: float, seconds: float, calls: Iterator[bytes]) -> list[float]:
    """The times of calls that begin by the clock, whatever became of those before; one that has to wait for a connection waits in its time."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))
    began, times = time.perf_counter(), []

    async def one(due: float, sent: bytes) -> None:
        connection = await free.get()
        reader, writer = connection
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")))
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(head[:300])
        times.append(time.perf_counter() - due)
        free.put_nowait(connection)

    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(due, next(calls)))
    while not free.empty():
        free.get_nowait()[1].close()
    return sorted(times)


def sampled(port: int, pid: int, per_second: float, minutes: float) -> Iterator[Sample]:
    stretch = min(15.0, minutes * 60 / SAMPLES)
    calls, began = drawn(2), time.perf_counter()
    while time.perf_counter() - began < minutes * 60:
        times = asyncio.run(held(port, per_second, stretch, calls))
        time.sleep(SETTLED_SECONDS)  # until the connections of this stretch are closed on the other side too
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        middle, late = times[len(times) // 2], times[len(times) * 99 // 100]
        yield Sample(time.perf_counter() - began, memory_mib(pid), descriptors, len(times) / stretch, middle * 1000, late * 1000)


def grew(samples: Sequence[Sample]) -> list[str]:
    """What the last third took more of than the first, in words. The first sixth is warming up."""
    warm = samples[len(samples) // 6 :]
    third = max(1, len(warm) // 3)
    first, last = warm[:third], warm[-third:]
    memory = [statistics.median(each.memory for each in part) for part in (first, last)]
    descriptors = [max(each.descriptors for each in part) for part in (first, last)]
    found = []
    if memory[1] > memory[0] + MORE_MIB:
        found.append(f"Memory grew from {memory[0]:.0f} to {memory[1]:.0f} MiB.")
    if descriptors[1] > descriptors[0] + MORE_DESCRIPTORS:
        found.append(f"Open file descriptors grew from {descriptors[0]} to {descriptors[1]}.")
    return found


def page(samples: Sequence[Sample], able: float, minutes: float) -> Iterator[str]:
    calls = sum(each.per_second for each in samples) * minutes * 60 / len(samples)
    mix = ", ".join(f"{share} % of {size}" for size, share in MIX.items())
    yield from (
        "# The service under load for long",
        "",
        f"Written by `make soak MINUTES={minutes:g}`; do not edit by hand.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. About {calls:,.0f} calls, none failed: {SHARE:.0%} of the {able:.0f} a second that one worker answered of",
        f"the same mix, begun by the clock ({mix}; one in ten with a critical card). Rules and audit on, SQLite.",
        "",
        "![Memory](performance/soak-memory.svg)",
        "",
        "![Time to answer](performance/soak-times.svg)",
        "",
        "| minutes | memory MiB | descriptors | calls a second | p50 ms | p99 ms |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for each in samples[:: max(1, len(samples) // 20)]:
        yield f"| {each.at / 60:.1f} | {each.memory:.0f} | {each.descriptors} | {each.per_second:.0f} | {each.p50:.1f} | {each.p99:.1f} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--write", action="store_true", help="write docs/performance-soak.md and its plots")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, service("ours", Path(folder) / "ours") as ours:
        able = capacity(ours.port, ours.pid, min(10.0, chosen.minutes * 6))
        samples = []
        for each in sampled(ours.port, ours.pid, able * SHARE, chosen.minutes):
            samples.append(each)
            sys.stderr.write(
                f"{each.at:6.0f} s {each.memory:5.0f} MiB {each.descriptors:3} descriptors {each.per_second:5.0f}/s p50 {each.p50:.1f} p99 {each.p99:.1f} ms\n"
            )
    text = "\n".join(page(samples, able, chosen.minutes)) + "\n"
    sys.stdout.write(text)
    if chosen.write:
        PAGE.write_text(text)
        minutes = [each.at / 60 for each in samples]
        draw("soak-memory", "Memory", "minutes", "MiB", {"MiB": list(zip(minutes, (each.memory for each in samples), strict=True))}, log=False)
        times = {name: list(zip(minutes, (getattr(each, name) for each in samples), strict=True)) for name in ("p50", "p99")}
        draw("soak-times", "Time to answer", "minutes", "ms", times, log=False)
    problems = grew(samples)
    sys.stderr.writelines(f"{each}\n" for each in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
