"""`make soak`: the service at 70 % of what it can do, for MINUTES. Fails when memory or file descriptors grow, or any call does."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bench.bodies import body  # noqa: E402
from bench.load import measured, request  # noqa: E402
from bench.machine import machine  # noqa: E402
from bench.paced import Paced  # noqa: E402
from bench.plots import draw  # noqa: E402
from bench.process import descriptors, memory_mib, threads  # noqa: E402
from bench.steady import HEAD, Sample, wrong  # noqa: E402
from bench.subjects import Subject, service  # noqa: E402

SHARE = 0.7
MIX = {"315 B": 60, "50 KB": 25, "121 KB": 10, "500 KB": 4, "5 MB": 1}
"""Of a hundred calls; one in ten of each size has a critical card."""
CARDS = 0.1
CONNECTIONS = 32
STRETCH_SECONDS, SAMPLES = 15.0, 12
"""A sample each, or more often where the run would have fewer."""
SETTLED_SECONDS = 0.3
"""Until the connections of a stretch are closed on the other side too."""
WARM_UP_SECONDS = 3
ROWS = 20
PAGE = ROOT / "docs" / "performance-soak.md"


def mixed(seed: int) -> Iterator[bytes]:
    lot = random.Random(seed)
    sent = {(size, cards): request(body(size, cards=cards)) for size in MIX for cards in (False, True)}
    while True:
        size = lot.choices(list(MIX), list(MIX.values()))[0]
        yield sent[size, lot.random() < CARDS]


def warm_up(ours: Subject) -> None:
    """As many at once as ever will be, so that the threads, what each keeps for its work, and the connections to the store are there before anybody looks."""
    for size, connections in (("5 MB", CONNECTIONS // 2), ("50 KB", CONNECTIONS)):
        measured(ours.port, ours.pid, [request(body(size, cards=True))], WARM_UP_SECONDS, connections)


def capacity(ours: Subject, seconds: float) -> float:
    """Calls a second of the mix when every connection asks as soon as it is answered."""
    return measured(ours.port, ours.pid, [*islice(mixed(1), 100_000)], seconds, 8).per_second


def sampled(ours: Subject, per_second: float, minutes: float) -> Iterator[Sample]:
    stretch = min(STRETCH_SECONDS, minutes * 60 / SAMPLES)
    calls, began = mixed(2), time.perf_counter()
    while (at := time.perf_counter() - began) < minutes * 60:
        paced = Paced(ours.port, CONNECTIONS, per_second)
        asyncio.run(paced.run(calls, stretch))
        took = time.perf_counter() - began - at
        time.sleep(SETTLED_SECONDS)
        yield sample(ours, time.perf_counter() - began, paced.times, took, paced.failed)


def sample(ours: Subject, at: float, times: Sequence[float], took: float, failed: int = 0) -> Sample:
    """What is seen of the service now, after calls that were answered within these seconds each, and `took` seconds together."""
    times = sorted(times) or [0.0]
    middle, late = times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
    return Sample(at, memory_mib(ours.pid), descriptors(ours.pid), threads(ours.pid), len(times) / took, middle, late, failed)


def page(samples: Sequence[Sample], able: float, minutes: float) -> Iterator[str]:
    mix = ", ".join(f"{share} % of {size}" for size, share in MIX.items())
    yield from (
        "# The service under load for long",
        "",
        f"Written by `make soak MINUTES={minutes:g}`; do not edit by hand. [performance.md](performance.md) says what a call costs.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}.",
        "",
        f"{SHARE:.0%} of the {able:.0f} calls a second that one worker answered of the same mix, begun by the clock ({mix}; one in ten with a critical card). Rules and",
        "audit on, SQLite. A call's time counts from when it was due. The run fails when the last third takes over 10 % more memory or 8 descriptors more than",
        "the first, after warming up, or when any call fails.",
        "",
        " ".join(wrong(samples)) or "Nothing grew, and no call failed.",
        "",
        "![Memory, descriptors and threads](performance/soak.svg)",
        "",
        "![Time to answer](performance/soak-times.svg)",
        "",
        *HEAD,
        *(each.row for each in samples[:: max(1, len(samples) // ROWS)]),
    )


def plot(samples: Sequence[Sample]) -> None:
    minutes = [each.at / 60 for each in samples]
    held = {
        "memory, MiB": [each.memory for each in samples],
        "descriptors": [each.descriptors for each in samples],
        "threads": [each.threads for each in samples],
    }
    times = {"p50": [each.p50 for each in samples], "p99": [each.p99 for each in samples]}
    for name, title, y, lines in (("soak", "What the service holds", "MiB, number", held), ("soak-times", "Time to answer", "ms", times)):
        draw(name, title, "minutes", y, {label: list(zip(minutes, values, strict=True)) for label, values in lines.items()}, log=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--write", action="store_true", help="write docs/performance-soak.md and its plots")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, service("service", Path(folder) / "data") as ours:
        warm_up(ours)
        able = capacity(ours, min(20.0, chosen.minutes * 8))
        sys.stderr.write(f"able to {able:.0f} calls a second\n{HEAD[0]}\n")
        samples = []
        for each in sampled(ours, able * SHARE, chosen.minutes):
            samples.append(each)
            sys.stderr.write(f"{each.row}\n")
    text = "\n".join(page(samples, able, chosen.minutes)) + "\n"
    if chosen.write:
        PAGE.write_text(text)
        plot(samples)
    problems = wrong(samples)
    sys.stdout.write("\n".join(problems or ["Nothing grew, and no call failed."]) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
