"""`make bench-memory`: CALLS of 5 MB, one after the other on each of two connections. Fails when memory grows or any call fails."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.bodies import body  # noqa: E402
from bench.load import answered, request  # noqa: E402
from bench.machine import machine  # noqa: E402
from bench.plots import draw  # noqa: E402
from bench.process import memory_mib  # noqa: E402
from bench.soak import ROWS, sample  # noqa: E402
from bench.steady import HEAD, Sample, wrong  # noqa: E402
from bench.subjects import Subject, service  # noqa: E402

SAMPLES = 40
CONNECTIONS = 2
CALLS = 10_000
PAGE = ROOT / "docs" / "performance-memory.md"


def sampled(ours: Subject, calls: int) -> Iterator[Sample]:
    """One in ten has a critical card."""
    quiet, card = request(body("5 MB")), request(body("5 MB", cards=True))
    each, began = max(CONNECTIONS, calls // SAMPLES), time.perf_counter()
    for _ in range(calls // each):
        at = time.perf_counter()
        times = answered(ours.port, [card if number % 10 == 0 else quiet for number in range(each)], CONNECTIONS)
        yield sample(ours, time.perf_counter() - began, times, time.perf_counter() - at)


def page(samples: Sequence[Sample], idle: float, calls: int) -> Iterator[str]:
    yield from (
        "# Memory over many large calls",
        "",
        f"Written by `make bench-memory CALLS={calls}`; do not edit by hand. [performance.md](performance.md) says what a call costs.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. {calls:,} calls of 5 MB over {CONNECTIONS} connections, one in ten with a critical card. Rules and audit on, SQLite.",
        "",
        " ".join(wrong(samples)) or f"Flat, and no call failed: {idle:.0f} MiB before, {samples[-1].memory:.0f} MiB after.",
        "",
        "![Memory by calls](performance/memory.svg)",
        "",
        *HEAD,
        *(each.row for each in samples[:: max(1, len(samples) // ROWS)]),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-memory", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--write", action="store_true", help="write docs/performance-memory.md and its plot")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, service("service", Path(folder) / "data") as ours:
        idle, samples = memory_mib(ours.pid), []
        sys.stderr.write(f"{HEAD[0]}\n")
        for each in sampled(ours, chosen.calls):
            samples.append(each)
            sys.stderr.write(f"{each.row}\n")
    text = "\n".join(page(samples, idle, chosen.calls)) + "\n"
    if chosen.write:
        PAGE.write_text(text)
        made = chosen.calls / len(samples)
        points = [(0.0, idle), *((number * made, each.memory) for number, each in enumerate(samples, 1))]
        draw("memory", "Memory over calls of 5 MB", "calls", "MiB", {"service": points}, log=False)
    problems = wrong(samples)
    sys.stdout.write("\n".join(problems or [f"Flat, and no call failed: {idle:.0f} MiB before, {samples[-1].memory:.0f} MiB after."]) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
