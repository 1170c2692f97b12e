"""What is seen of a service that runs for long, sample by sample, and whether it takes more and more."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MORE_MEMORY = 0.1
MORE_DESCRIPTORS = 8
"""What the last third of a run may take beyond the first: of memory this part, and so many descriptors."""
WARMING_UP = 6
"""The first sixth of a run is not looked at."""


@dataclass(frozen=True)
class Sample:
    """One stretch: seconds since the beginning, MiB, descriptors, threads, calls a second, the times they took in milliseconds, and how many failed."""

    at: float
    memory: float
    descriptors: int
    threads: int
    per_second: float
    p50: float
    p99: float
    failed: int = 0

    @property
    def row(self) -> str:
        held = f"{self.at / 60:.1f} | {self.memory:.0f} | {self.descriptors} | {self.threads}"
        return f"| {held} | {self.per_second:.0f} | {self.p50:.1f} | {self.p99:.1f} | {self.failed} |"


HEAD = (
    "| minutes | memory MiB | descriptors | threads | calls a second | p50 ms | p99 ms | failed |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)


def wrong(samples: Sequence[Sample]) -> list[str]:
    """In words: calls that failed, and what the last third took more of than the first. How long calls took is told, and judged by nobody."""
    warm = samples[len(samples) // WARMING_UP :]
    third = max(1, len(warm) // 3)
    first, last = warm[:third], warm[-third:]
    memory = [statistics.median(each.memory for each in part) for part in (first, last)]
    descriptors = [statistics.median_high(each.descriptors for each in part) for part in (first, last)]
    failed, found = sum(each.failed for each in samples), []
    if failed:
        found.append(f"{failed} calls failed.")
    if memory[1] > memory[0] * (1 + MORE_MEMORY):
        found.append(f"Memory grew from {memory[0]:.0f} to {memory[1]:.0f} MiB.")
    if descriptors[1] > descriptors[0] + MORE_DESCRIPTORS:
        found.append(f"Open file descriptors grew from {descriptors[0]} to {descriptors[1]}.")
    return found
